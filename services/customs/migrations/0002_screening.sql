-- Screening and numbers of logistic units. Of a party there is its record in the vault, of an entry
-- its id at the authority: no name that was asked for stands here.

-- Lists as their authorities published them. Older versions keep their date and size.
create table {svc}.screening_list (
  tenant_id   uuid not null,
  name        text not null,
  version     int8 not null,
  format      text not null,
  published   text not null,
  entries     int4 not null,
  refused     int4 not null,
  fingerprint bytea not null,                       -- SHA-256 of the file
  data        bytea,                                -- null: replaced by a later version
  loaded_at   timestamptz not null,
  primary key (tenant_id, name, version));
create index screening_list_current on {svc}.screening_list (tenant_id) where data is not null;

-- Parts of a list that is on its way.
create table {svc}.screening_part (
  tenant_id uuid not null,
  upload_id text not null,
  part      int4 not null,
  data      bytea not null,
  at        timestamptz not null,
  primary key (tenant_id, upload_id, part));

-- What a shipment's parties were like when they were compared last.
create table {svc}.screening_hit (
  tenant_id   uuid not null,
  shipment_id uuid not null,
  party       text not null,                        -- site or ship_to
  record_ref  text not null,                        -- of the party in the vault
  list        text not null,                        -- empty: the name cannot be compared
  entry_id    text not null,
  score       int4 not null,                        -- thousandths
  fingerprint bytea not null,                       -- SHA-256 of the entry: a changed one is new
  at          timestamptz not null,
  primary key (shipment_id, party, list, entry_id));

-- Decisions, each kept; of a party and an entry the last one counts until the entry changes.
create table {svc}.screening_decision (
  ord         int8 generated always as identity primary key,
  tenant_id   uuid not null,
  record_ref  text not null,
  list        text not null,
  entry_id    text not null,
  fingerprint bytea not null,
  outcome     int4 not null,                        -- colibri.customs.v1.ScreeningOutcome
  reason      int4 not null,                        -- colibri.customs.v1.ScreeningReason
  case_number text not null,
  decided_by  text not null,                        -- subject of a token
  decided_at  timestamptz not null);
create index screening_decision_pair on {svc}.screening_decision (tenant_id, record_ref, ord);

-- The next serial of a company prefix. The prefix belongs to one tenant, whoever asks.
create table {svc}.sscc_series (
  prefix    text not null,
  extension int4 not null,
  tenant_id uuid not null,
  next      int8 not null default 0,
  primary key (prefix, extension));
create table {svc}.sscc_prefix (
  prefix    text primary key,
  tenant_id uuid not null);

-- What was issued for a request.
create table {svc}.sscc_issue (
  tenant_id  uuid not null,
  request_id text not null,
  prefix     text not null,
  extension  int4 not null,
  first      int8 not null,
  count      int4 not null,
  at         timestamptz not null,
  primary key (tenant_id, request_id));
