-- Accounts at carriers, as the accounts service told them. No credentials: the vault opens those.
create table {svc}.account (
  account_id uuid primary key,
  tenant_id  uuid not null,
  carrier    text not null,
  hosts      jsonb not null,             -- named hosts that differ from production
  disabled   bool not null,
  version    int8 not null);

-- One row per parcel ever labelled. Holds no number, name or place.
create table {svc}.parcel (
  parcel_id       uuid primary key,
  tenant_id       uuid not null,
  shipment_id     uuid not null,
  order_id        uuid,                  -- null: bought without an order
  account_id      uuid not null,
  carrier         text not null,
  subject_ref     uuid not null,         -- whose key seals the words of its scans
  purchased_at    timestamptz not null,
  promised_latest date,
  voided          bool not null default false,
  headline        text not null default 'created',
  sub_status      text,
  reopened        bool not null default false,
  attempts        int4 not null default 0,
  return_leg      bool not null default false,
  decided_code    text,                  -- of the deciding scan; null: none decided
  decided_time    text,                  -- as stated
  decided_offset  text,                  -- null: not known, and none is invented
  decided_country text,
  version         int8 not null default 1,
  changed_at      timestamptz not null,  -- business time of `version`
  state_at        timestamptz not null,  -- ... of headline and sub_status
  news_at         timestamptz not null,  -- ... of the last new fact
  next_poll_at    timestamptz,           -- business time; null: not asked for any more
  leased_until    timestamptz,           -- real time: a process is asking now
  polls           int8 not null default 0,
  misses          int4 not null default 0,   -- answers in a row that told nothing
  pushed_until    timestamptz);          -- business time until which the carrier calls us
create index parcel_due on {svc}.parcel (account_id, next_poll_at) where next_poll_at is not null;
create index parcel_changed on {svc}.parcel (tenant_id, changed_at desc, parcel_id desc);
create index parcel_headline on {svc}.parcel (tenant_id, headline, changed_at desc, parcel_id desc);
create index parcel_order on {svc}.parcel (tenant_id, order_id) where order_id is not null;
-- Rows are updated far more often than made: room on the page keeps the updates off the indexes.
alter table {svc}.parcel set (fillfactor = 80);

-- One row per fact. Words and place are tokens here and sealed in the vault under `scan_id`.
create table {svc}.scan (
  parcel_id    uuid not null,
  dedupe       bytea not null check (octet_length(dedupe) = 32),
  tenant_id    uuid not null,
  scan_id      uuid not null,
  code         text not null,
  headline     text not null,            -- a headline word, no_change or unknown
  sub_status   text,
  local_time   text,                     -- as stated and as finely; null: nothing readable
  utc_offset   text,                     -- null: not known
  utc          timestamptz,              -- exactly when utc_offset is there
  zone_source  text not null,
  country      text,
  sequence     int8 not null,            -- position in the carrier's list, oldest first
  return_leg   bool not null,
  words        text,                     -- token; null: the carrier said nothing
  city         text,                     -- token
  area         text,                     -- token of postcode and state
  future       bool not null,
  before_label bool not null,
  sealed       bool not null,            -- the vault holds words or place
  source       text not null,            -- push or poll: who told it first
  received_at  timestamptz not null,     -- ... and when
  primary key (parcel_id, dedupe));

-- Fingerprints of webhooks, so that the same call again changes nothing.
create table {svc}.webhook_seen (
  tenant_id   uuid not null,
  account_id  uuid not null,
  fingerprint bytea not null,
  received_at timestamptz not null,
  primary key (account_id, fingerprint));
create index webhook_seen_age on {svc}.webhook_seen (received_at);

-- The token key of an installation that was given none.
create table {svc}.secret (
  name  text primary key,
  value bytea not null);
