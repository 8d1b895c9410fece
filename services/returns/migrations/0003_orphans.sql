-- What came and belongs to no open return. Tracking and order numbers are asked of the vault and not
-- kept; what they lead to is.
create table {svc}.orphan (
  orphan_id  uuid primary key,
  ord        int8 generated always as identity,
  tenant_id  uuid not null,
  why        text not null check (why in ('unknown_parcel', 'wrong_goods', 'surplus')),
  settled    bool not null default false,    -- nothing of it is here any more
  parcel_id  uuid,                           -- by its tracking number
  order_id   uuid,                           -- by its parcel, its number, or a person
  return_id  uuid,                           -- that it was found in
  site_id    uuid,                           -- where it lies
  weight_g   int4,
  found_at   timestamptz not null,
  keep_until timestamptz not null);          -- nothing is destroyed before
create index orphan_newest on {svc}.orphan (tenant_id, ord);

create table {svc}.orphan_item (
  orphan_id uuid not null references {svc}.orphan,
  number    int2 not null,
  tenant_id uuid not null,
  sku       text not null,
  found     jsonb not null,                  -- units found, and where they went
  held      int4 not null,
  primary key (orphan_id, number));

create table {svc}.orphan_move (
  orphan_id  uuid not null references {svc}.orphan,
  request_id text not null,
  tenant_id  uuid not null,
  item       int2 not null,
  units      int4 not null,
  way        text not null,
  return_id  uuid,                           -- that counts them from then on
  line       int4,
  reason     text not null,
  actor      text not null,
  at         timestamptz not null,
  primary key (orphan_id, request_id));
