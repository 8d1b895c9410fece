-- Where it goes, for what is usual on that way. Empty: labels did not say.
alter table {svc}.parcel add column origin text not null default '';
alter table {svc}.parcel add column destination text not null default '';
alter table {svc}.parcel add column alerts int4 not null default 0;   -- open ones

-- One row per alert: raised once, cleared once.
create table {svc}.alert (
  parcel_id  uuid not null,
  kind       text not null,
  occurrence int4 not null,              -- from 1, per parcel and kind
  tenant_id  uuid not null,
  raised_at  timestamptz not null,       -- business time
  cleared_at timestamptz,                -- null: open
  primary key (parcel_id, kind, occurrence));
create index alert_open on {svc}.alert (tenant_id, raised_at desc, parcel_id desc)
  where cleared_at is null;

-- When to look at a parcel although nobody said anything. Set late rather than moved with each
-- scan: a look that comes too early only sets the next one.
create table {svc}.alert_look (
  parcel_id uuid primary key,
  tenant_id uuid not null,
  due_at    timestamptz not null);       -- business time
create index alert_look_due on {svc}.alert_look (due_at);
insert into {svc}.alert_look (parcel_id, tenant_id, due_at)
  select parcel_id, tenant_id, purchased_at from {svc}.parcel where next_poll_at is not null;

-- Gaps between news, by way and class of length; learnt from all tenants' parcels, since they tell
-- of the carrier and of nobody else.
create table {svc}.lane_gap (
  carrier     text not null,
  origin      text not null,
  destination text not null,
  headline    text not null,             -- during the gap
  hours       int4 not null,             -- upper end of the class
  gaps        int8 not null,
  primary key (carrier, origin, destination, headline, hours));
