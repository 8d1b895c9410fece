-- Returns, what was sold and sent as far as they need to know it, and the rules. No personal data:
-- names and addresses, what buyers wrote and photographed, and explanations are in the vault.

-- An order that was asked to be fulfilled: its row is the lock of all its returns.
create table {svc}.sale (
  order_id       uuid primary key,
  tenant_id      uuid not null,
  shipment_id    uuid not null,
  subject_ref    uuid not null,              -- the buyer in the vault
  site_id        uuid,                       -- where it left, where it goes back
  origin_country text not null,
  country        text not null,
  version        int8 not null);
create index sale_subject on {svc}.sale (tenant_id, subject_ref);

-- Every parcel, out and back. Labels and tracking tell of it in any order.
create table {svc}.parcel (
  parcel_id    uuid primary key,
  tenant_id    uuid not null,
  order_id     uuid,                         -- null: not told yet, or bought without an order
  shipment_id  uuid,
  way_back     bool,                         -- null: only tracking has told of it
  weight_g     int4,
  delivered_at timestamptz,
  scanned_at   timestamptz,                  -- first scan of the carrier
  lost_at      timestamptz,
  return_id    uuid,                         -- of the way back
  label        int2);
create index parcel_order on {svc}.parcel (tenant_id, order_id) where not way_back;
create index parcel_shipment on {svc}.parcel (tenant_id, shipment_id);

create table {svc}.return_case (
  return_id      uuid primary key,
  ord            int8 generated always as identity,
  tenant_id      uuid not null,
  order_id       uuid not null references {svc}.sale,
  state          text not null check (state in ('waiting', 'open', 'rejected', 'closed')),
  version        int8 not null,              -- changes so far
  terms          jsonb not null,             -- what was agreed, by the rules in force at order time
  facts          jsonb not null,             -- of the order, as they were when it was asked for
  about          jsonb not null,             -- articles, reasons, wanted outcomes
  standing       jsonb not null,             -- units by line that other returns cannot have
  granted_minor  int8 not null,              -- paid back or promised
  delivery_minor int8 not null,              -- of that or to be decided: the charge for the way out
  exposure_minor int8 not null,              -- granted for goods that have not come
  attention      text[] not null,            -- why a person is waited for
  due_by         timestamptz,                -- legal date of the refund
  told           text not null default '',   -- of that date: near, missed
  next_look_at   timestamptz,                -- when time alone may change something
  decision       text,                       -- code of a rejection
  note_id        uuid,                       -- sealed: what the buyer wrote
  explanation_id uuid,                       -- sealed: what a person explained
  requested_at   timestamptz not null,
  updated_at     timestamptz not null);
create index return_newest on {svc}.return_case (tenant_id, ord);
create index return_order on {svc}.return_case (tenant_id, order_id);
create index return_attention on {svc}.return_case (tenant_id, ord) where attention <> '{}';
create index return_look on {svc}.return_case (next_look_at) where next_look_at is not null;

-- A return is the fold of these.
create table {svc}.change (
  return_id uuid not null references {svc}.return_case,
  seq       int8 not null,
  tenant_id uuid not null,
  at        timestamptz not null,
  actor     text not null,
  change    jsonb not null,
  primary key (return_id, seq));

create table {svc}.label (
  return_id   uuid not null references {svc}.return_case,
  number      int2 not null,
  tenant_id   uuid not null,
  contents    jsonb not null,                -- units by line
  parcel      jsonb,                         -- weight and size; null: as it went out
  shipment_id uuid,                          -- null: not bought yet
  carrier     text not null default '',
  refused     text,                          -- code of labels
  code        text unique,                   -- what a counter scans; opaque, 128 bits
  code_until  timestamptz,
  used_at     timestamptz,
  used_place  text,
  receipt     text,
  primary key (return_id, number));

create table {svc}.refund (
  key       text primary key,                -- under which the payment side knows it
  tenant_id uuid not null,
  return_id uuid not null references {svc}.return_case,
  line      int4 not null,                   -- 0: the delivery charge
  number    int4 not null,
  settled   jsonb);                          -- by a person: who, why

create table {svc}.signal (
  return_id uuid not null references {svc}.return_case,
  code      text not null,
  tenant_id uuid not null,
  at        timestamptz not null,
  evidence  jsonb not null,
  settled   text,                            -- explained, confirmed
  primary key (return_id, code));

create table {svc}.photo (
  document_id uuid primary key,              -- sealed in the vault under this id
  tenant_id   uuid not null,
  order_id    uuid not null,
  return_id   uuid,
  media_type  text not null,
  digest      bytea not null,                -- HMAC of the picture: the same one again is a signal
  at          timestamptz not null);
create index photo_digest on {svc}.photo (tenant_id, digest);

create table {svc}.policy (
  tenant_id uuid not null,
  version   int4 not null,
  toml      text not null,
  at        timestamptz not null,
  primary key (tenant_id, version));
