-- Counts the changes of everything a tenant's choices depend on. Choices share-lock the row,
-- changes lock it first and raise it by trigger: parsed tariffs cannot be stale, and a shipment
-- cannot slip into the waiting list unseen by the change that would have released it.
create table {svc}.generation (
  tenant_id uuid primary key,
  generation int8 not null default 0);

-- Every version that was ever activated; never changed or deleted, because explanations name them.
create table {svc}.tariff (
  tenant_id uuid not null,
  tariff_id text not null,
  version int8 not null check (version between 1 and 4294967295),
  carrier text not null,
  service text not null,
  valid_from date not null,
  valid_to date not null,
  active bool not null,              -- false: a later version covers all of its days
  toml text not null,
  activated_at timestamptz not null,
  primary key (tenant_id, tariff_id, version));

-- What accounts said about carrier accounts, without credentials.
create table {svc}.account (
  account_id uuid primary key,
  tenant_id uuid not null,
  version int8 not null,             -- of the account; an older one never replaces a newer one
  code text not null,
  carrier text not null,
  origin_countries text[] not null,  -- empty: all of the carrier's
  disabled bool not null);
create index account_tenant on {svc}.account (tenant_id);

-- What a tenant wants from a choice, as `SelectionRules` in JSON. No row: the configured default.
create table {svc}.rules (
  tenant_id uuid primary key,
  rules jsonb not null);

-- Exchange rates for all tenants, put in by hand for now. The last day counts while it is usable;
-- without a row prices in different currencies are not compared.
create table {svc}.fx (
  day date primary key,
  base text not null check (base ~ '^[A-Z]{3}$'),
  usable_days int4 not null check (usable_days between 0 and 65535),
  rates jsonb not null);             -- {"USD": "1.08"}: units for one unit of base, as text

-- The latest decision of each shipment. Those in state `waiting` are the waiting list.
create table {svc}.offer (
  shipment_id uuid primary key,
  tenant_id uuid not null,
  order_id uuid not null,
  version int8 not null,             -- of the order it was decided for
  state text not null check (state in ('chosen', 'waiting', 'refused', 'cancelled')),
  generation int8 not null,          -- of the tenant's tariffs, accounts and rules
  decided_at timestamptz not null,
  reasons text[] not null default '{}',  -- public codes; empty when chosen
  offer_id uuid,
  carrier text,
  service text,
  account_id uuid,
  amount_minor int8,
  currency text,
  promised_earliest date,
  promised_latest date,
  late bool,
  record bytea,                      -- JSON of the decision; tariffs by name and version
  ask bytea,                         -- FulfilmentRequested while waiting, to decide again
  retry_at timestamptz,              -- while waiting
  check (state <> 'chosen' or (offer_id is not null and carrier is not null
     and service is not null and account_id is not null and amount_minor is not null
     and currency is not null and late is not null and record is not null)),
  check ((state = 'waiting') = (ask is not null and retry_at is not null)));
create index offer_waiting on {svc}.offer (tenant_id, generation) where state = 'waiting';
create index offer_retry on {svc}.offer (retry_at) where state = 'waiting';

create function {svc}.changed() returns trigger language plpgsql set search_path = '' as $$
declare
  whose uuid;
begin
  if tg_op = 'DELETE' then whose := old.tenant_id; else whose := new.tenant_id; end if;
  insert into {svc}.generation as g (tenant_id, generation) values (whose, 1)
    on conflict (tenant_id) do update set generation = g.generation + 1;
  return null;
end $$;
create trigger changed after insert or update or delete on {svc}.tariff
  for each row execute function {svc}.changed();
create trigger changed after insert or update or delete on {svc}.account
  for each row execute function {svc}.changed();
create trigger changed after insert or update or delete on {svc}.rules
  for each row execute function {svc}.changed();

create function {svc}.rates_changed() returns trigger language plpgsql set search_path = '' as $$
begin
  -- In the order in which choices lock them.
  perform 1 from {svc}.generation order by tenant_id for update;
  update {svc}.generation set generation = generation + 1;
  return null;
end $$;
create trigger changed after insert or update or delete on {svc}.fx
  for each statement execute function {svc}.rates_changed();
