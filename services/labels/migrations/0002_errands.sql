-- Collections and manifests, what they are about, and which shipment is the way back of which.
-- No name, no street, no tracking number: those are in the vault.

create table {svc}.errand (
  errand_id  uuid primary key,                      -- of a pickup or a manifest
  ord        int8 generated always as identity,     -- age: newest first in lists
  tenant_id  uuid not null,
  kind       text not null check (kind in ('pickup', 'manifest')),
  state      text not null
             check (state in ('asking', 'done', 'refused', 'in_doubt', 'cancelling', 'cancelled')),
  site_id    uuid not null,
  account_id uuid not null,
  carrier    text not null,
  day        date not null,                         -- that was asked for
  asked      bytea not null,                        -- colibri.labels.v1.*Request
  shown      bytea not null,                        -- colibri.labels.v1.Pickup or Manifest
  location   text not null default '',              -- more that a cancellation must repeat
  updated_at timestamptz not null);                 -- business clock
create index errand_newest on {svc}.errand (tenant_id, kind, ord);
create index errand_day on {svc}.errand (tenant_id, site_id, account_id, day)
  where kind = 'manifest';

-- A parcel is on one manifest at most.
create table {svc}.errand_parcel (
  parcel_id uuid primary key,
  tenant_id uuid not null,
  errand_id uuid not null references {svc}.errand);
create index errand_parcel_errand on {svc}.errand_parcel (errand_id);

-- Returns and the shipments that they bring back.
create table {svc}.way_back (
  shipment_id uuid primary key references {svc}.shipment,
  tenant_id   uuid not null,
  outbound_id uuid not null references {svc}.shipment);
create index way_back_outbound on {svc}.way_back (tenant_id, outbound_id);

-- Days are closed once each; a minmax index costs purchases next to nothing.
create index shipment_day on {svc}.shipment using brin (buying_at);
