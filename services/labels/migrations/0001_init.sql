-- Shipments and what was bought for them. No name, street, phone or tracking number: those are in
-- the vault under the subject_ref inside `request`, and under parcel ids.

create table {svc}.shipment (
  shipment_id  uuid primary key,
  ord          int8 generated always as identity,  -- age: newest first in lists
  tenant_id    uuid not null,
  order_id     uuid,                                -- null: bought without an order
  state        text not null default 'waiting'
               check (state in ('waiting', 'buying', 'bought', 'refused', 'in_doubt', 'voiding',
                                'voided', 'cancelled')),
  version      int8 not null default 0,             -- of the order, at the last attempt to buy
  voids        int4 not null default 0,             -- voids asked for so far
  cancelled    bool not null default false,         -- the order is off; final
  request      bytea,                               -- colibri.orders.v1.FulfilmentRequested
  offer        bytea,                               -- colibri.pricing.v1.OfferChosen
  account_id   uuid,                                -- of the offer
  site_id      uuid,                                -- of the request
  carrier      text,                                -- of the offer
  charge_minor int8,                                -- what the carrier said it charges
  currency     text,
  attempt_ref  text,                                -- what the carrier may be asked for
  code         text,                                -- public code of a refusal or doubt
  carrier_code text,
  field        text,                                -- field that the carrier cannot take
  buying_at    timestamptz,                         -- business clock: first day of the attempt
  doubt_at     timestamptz,                         -- business clock: a no counts only later
  doubt_since  timestamptz,                         -- real time of the same
  updated_at   timestamptz not null,                -- business clock
  check ((charge_minor is null) = (currency is null)));
create index shipment_newest on {svc}.shipment (tenant_id, ord);
create index shipment_order on {svc}.shipment (tenant_id, order_id) where order_id is not null;
create index shipment_work on {svc}.shipment (tenant_id, state, ord)
  where state in ('in_doubt', 'refused', 'voiding');

create table {svc}.parcel (
  parcel_id   uuid primary key,                     -- follows from shipment and index
  tenant_id   uuid not null,
  shipment_id uuid not null references {svc}.shipment,
  index       int2 not null check (index > 0),
  weight_g    int4 not null);
create index parcel_shipment on {svc}.parcel (shipment_id);

create table {svc}.document (
  document_id uuid primary key,                     -- sealed in the vault under this id
  tenant_id   uuid not null,
  shipment_id uuid not null references {svc}.shipment,
  parcel_id   uuid not null references {svc}.parcel,
  media_type  text not null,
  at          timestamptz not null);
create index document_parcel on {svc}.document (parcel_id);

-- What the accounts service says, so that buying does not depend on it being up.
create table {svc}.account (
  account_id uuid primary key,
  tenant_id  uuid not null,
  carrier    text not null,
  hosts      jsonb not null,                        -- {"name": "base URL"}
  disabled   bool not null,
  version    int8 not null);
create table {svc}.site (
  site_id     uuid primary key,
  tenant_id   uuid not null,
  country     text not null,
  address_ref text not null);                       -- record in the vault

-- What people decided about purchases in doubt. Never changed.
create table {svc}.decision (
  id          int8 generated always as identity primary key,
  tenant_id   uuid not null,
  shipment_id uuid not null references {svc}.shipment,
  decision    text not null check (decision in ('bought', 'not_bought', 'give_up')),
  reason      text not null check (char_length(reason) between 1 and 500),
  actor       text not null,                        -- subject of the caller's token
  at          timestamptz not null);
