-- What customs must know of articles, profiles of tenants, quotes, declarations and the ids of their
-- papers. No name, street or phone: those are in the vault, and so are the papers.

-- Whoever changes articles or the profile takes the row alone, whoever decides a declaration shares
-- it: a correction and a decision cannot miss each other.
create table {svc}.book (
  tenant_id  uuid primary key,
  generation int8 not null default 0);

create table {svc}.sku (
  tenant_id       uuid not null,
  sku             text not null,
  description     text not null,
  hs6             text not null,                    -- digits; empty: unknown, as the next two
  cn8             text not null,
  hts10           text not null,
  origin          text not null,                    -- ISO 3166-1 alpha-2; empty: unknown
  composition     text not null,
  gtin            text not null,
  manufacturer_id text not null,
  excise          bool not null,
  confirmed_by    text,                             -- subject of a token; null: nobody stands for it
  confirmed_at    timestamptz,
  nomenclature    text not null,                    -- that the codes are of
  version         int8 not null default 1,
  updated_at      timestamptz not null,
  primary key (tenant_id, sku),
  check ((confirmed_by is null) = (confirmed_at is null)));

create table {svc}.profile (
  tenant_id  uuid primary key,
  profile    bytea not null,                        -- colibri.customs.v1.Profile
  version    int8 not null default 1,
  updated_at timestamptz not null);

create table {svc}.import (
  tenant_id   uuid not null,
  request_id  text not null,
  fingerprint bytea not null,                       -- SHA-256 of format and file
  report      bytea not null,                       -- colibri.customs.v1.ImportSkusReport
  at          timestamptz not null,
  primary key (tenant_id, request_id));

-- An accepted quote never changes.
create table {svc}.quote (
  quote_id  uuid primary key,
  tenant_id uuid not null,
  asked     bytea not null,                         -- colibri.customs.v1.AssessParcel
  answered  bytea not null,                         -- colibri.customs.v1.Assessment, with its trace
  at        timestamptz not null);

-- What the accounts service says, so that papers do not depend on it being up.
create table {svc}.site (
  site_id     uuid primary key,
  tenant_id   uuid not null,
  address_ref text not null);                       -- record in the vault

create table {svc}.declaration (
  shipment_id uuid primary key,
  ord         int8 generated always as identity,    -- age: newest first in lists
  tenant_id   uuid not null,
  order_id    uuid,
  state       text not null default 'waiting'
              check (state in ('waiting', 'incomplete', 'drawing', 'ready', 'cancelled')),
  version     int8 not null default 0,              -- of the order that was decided about
  revision    int4 not null default 0,              -- of the decision
  cancelled   bool not null default false,          -- final
  request     bytea,                                -- colibri.orders.v1.FulfilmentRequested
  offer       bytea,                                -- colibri.pricing.v1.OfferChosen
  skus        text[] not null default '{}',         -- articles it depends on
  shown       bytea,                                -- colibri.customs.v1.Declaration as decided
  recheck     bool not null default false,          -- something it depends on was corrected
  updated_at  timestamptz not null);
create index declaration_newest on {svc}.declaration (tenant_id, ord);
create index declaration_order on {svc}.declaration (tenant_id, order_id)
  where order_id is not null;
create index declaration_open on {svc}.declaration (tenant_id, state, ord)
  where state in ('waiting', 'incomplete', 'drawing');
create index declaration_recheck on {svc}.declaration (ord) where recheck;
create index declaration_skus on {svc}.declaration using gin (skus)
  where state in ('incomplete', 'drawing');

create table {svc}.paper (
  document_id uuid primary key,                     -- sealed in the vault under this id
  tenant_id   uuid not null,
  shipment_id uuid not null references {svc}.declaration,
  revision    int4 not null,
  kind        text not null,
  media_type  text not null,
  at          timestamptz not null);
create index paper_shipment on {svc}.paper (shipment_id, revision);
