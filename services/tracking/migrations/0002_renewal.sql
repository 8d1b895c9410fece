-- A carrier stops calling when a subscription ends: it is asked again before.
alter table {svc}.parcel add column renew_at timestamptz;  -- business time; null: nothing to renew
create index parcel_renew on {svc}.parcel (renew_at) where renew_at is not null;
update {svc}.parcel set renew_at = pushed_until - interval '3 days' where pushed_until is not null;
