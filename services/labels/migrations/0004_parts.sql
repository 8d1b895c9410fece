-- Some carriers void parcel by parcel: what is void of a shipment that is not void as a whole.
alter table {svc}.parcel add column voided_at timestamptz;  -- business clock; null: not void by itself
