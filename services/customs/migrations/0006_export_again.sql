-- A parcel that an export declaration covers does not leave, or leaves otherwise: from here on the
-- declaration is not true any more, until it is made anew or none is due.

alter table {svc}.export_record
  add outdated_at  timestamptz,                     -- null: it is true
  add left_by      uuid[] not null default '{}',    -- shipments that it covers and that do not leave so
  add withdrawn_at timestamptz,                     -- null: it stands, or is made anew
  add lacking      boolean not null default false;  -- withdrawn although one is due: something is missing
create index export_record_outdated on {svc}.export_record (outdated_at)
  where outdated_at is not null;
