-- When the label was first asked for: what a carrier tells of a time before is of another parcel of
-- the same number. Null: not told; then it is the purchase with an allowance.
alter table {svc}.parcel add column asked_at timestamptz;
