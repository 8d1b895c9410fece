-- Lists go by purchase, which does not change: a parcel that moved on between two pages was missed.
-- An update that only moves a parcel on leaves this index alone.
drop index {svc}.parcel_changed;
drop index {svc}.parcel_headline;
create index parcel_purchased on {svc}.parcel (tenant_id, purchased_at desc, parcel_id desc);
create index parcel_headline on {svc}.parcel (tenant_id, headline, purchased_at desc, parcel_id desc);
