-- What somebody else has paid back, as it was told.
create table {svc}.paid_elsewhere (
  return_id    uuid not null references {svc}.return_case,
  request_id   text not null,
  tenant_id    uuid not null,
  line         int4 not null,                -- 0: the delivery charge
  amount_minor int8 not null,
  origin       text not null check (origin in ('shop', 'channel', 'chargeback')),
  actor        text not null,
  at           timestamptz not null,
  primary key (return_id, request_id));

-- Who graded what: statistics of our own work. Inspectors are opaque numbers.
create table {svc}.grading (
  return_id  uuid not null references {svc}.return_case,
  request_id text not null,
  tenant_id  uuid not null,
  at         timestamptz not null,
  inspector  int8 not null,
  site_id    uuid,
  category   text not null,
  units      int4 not null,
  low        bool not null,                  -- below B
  overruled  bool not null,                  -- another grade than the criteria give
  primary key (return_id, request_id));
create index grading_since on {svc}.grading (tenant_id, at);

-- What a carrier states of a scan, where it states an offset from UTC: the earliest moment, and the
-- most seconds by which one lay after the moment at which it was told.
alter table {svc}.parcel add column stated_at timestamptz, add column ahead_s int8;
