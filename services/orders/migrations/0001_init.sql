-- Orders, the sites they may leave from, deliveries of channels, and imports. No personal data:
-- names, addresses, notes and order numbers are in the vault, behind `subject_ref`.

create table {svc}.orders (
  order_id          uuid primary key,        -- derived from tenant, channel and external id
  tenant_id         uuid not null,
  channel           text not null,
  external_id       text not null,
  state             text not null check (state in ('accepted', 'held', 'cancelled')),
  version           int8 not null check (version > 0),
  reasons           jsonb not null,          -- [{"code", "field"}]: why it is held
  overruled         text[] not null default '{}',  -- codes that a person took responsibility for
  facts             jsonb,                   -- null: only its cancellation is known
  subject_ref       uuid,                    -- addressee in the vault; null: nothing personal came
  former_refs       uuid[] not null default '{}',  -- earlier records of the same order, for erasure
  site_id           uuid,
  shipment_id       uuid,                    -- null until fulfilment was requested
  fingerprint       bytea not null,          -- HMAC of what the channel told last
  source_updated_at timestamptz,             -- the channel's own version
  received_at       timestamptz not null,
  changed_at        timestamptz not null,
  labelled_at       timestamptz,             -- a label is bought and not void
  check (state <> 'accepted' or (facts is not null and shipment_id is not null)));
create index orders_newest on {svc}.orders (tenant_id, received_at, order_id);
create index orders_held on {svc}.orders (tenant_id, received_at, order_id) where state = 'held';

create table {svc}.site (
  site_id       uuid primary key,
  tenant_id     uuid not null,
  heard_at      timestamptz,                 -- first event: the first heard of is the default
  ord           int8 generated always as identity,   -- among those only asked for
  code          text not null,
  country       text not null,
  postcode_zone text not null);
create index site_tenant on {svc}.site (tenant_id, heard_at, ord);

-- Which account's orders bear the plain name of the channel: the first that delivered. Those of
-- further accounts bear `channel:code`, since shops number their orders alike.
create table {svc}.channel_name (
  tenant_id  uuid not null,
  channel    text not null,
  account_id uuid not null,
  primary key (tenant_id, channel));

create table {svc}.delivery (
  tenant_id   uuid not null,
  account_id  uuid not null,
  body        bytea not null,                -- HMAC: it is the body that the channel signs
  delivery_id text,                          -- as the headers say, unsigned
  order_id    uuid,
  at          timestamptz not null,
  primary key (account_id, body));
create index delivery_age on {svc}.delivery (at);

create table {svc}.import (
  tenant_id   uuid not null,
  request_id  text not null,
  import_id   uuid not null,
  fingerprint bytea not null,                -- HMAC of the file
  report      bytea not null,                -- the answer, which quotes nothing of the file
  at          timestamptz not null,
  primary key (tenant_id, request_id));
