-- Who uses Colibri, and with whom they have accounts. No personal data and no credentials: both
-- are in the vault, under refs and ids.

create table accounts.tenant (
  tenant_id uuid primary key,
  name text not null,                -- a company
  created_at timestamptz not null);

create table accounts.site (
  tenant_id uuid not null,
  site_id uuid not null,
  code text not null,
  country text not null,
  postcode_zone text,                -- null: the country has none
  address_ref text not null,         -- record in the vault
  version int8 not null,
  changed_at timestamptz not null,
  primary key (tenant_id, site_id),
  unique (tenant_id, code));

create table accounts.client (
  tenant_id uuid not null,
  client_id uuid not null unique,    -- across tenants: a client asks for a token before it is known
  name text not null,
  scopes text[] not null,
  secret_mac bytea not null,         -- keyed with the pepper, which is not in the database
  created_at timestamptz not null,
  primary key (tenant_id, client_id));

create table accounts.carrier_account (
  tenant_id uuid not null,
  account_id uuid not null unique,   -- across tenants: a webhook names the account only
  code text not null,
  carrier text not null,
  host_names text[] not null,
  host_urls text[] not null,
  origin_countries text[] not null,
  disabled boolean not null,
  version int8 not null,
  changed_at timestamptz not null,
  primary key (tenant_id, account_id),
  unique (tenant_id, code));

create table accounts.channel_account (
  tenant_id uuid not null,
  account_id uuid not null unique,
  code text not null,
  channel text not null,
  site_code text not null,           -- empty: by country
  default_unit_weight_g int4 not null check (default_unit_weight_g >= 0),   -- 0: none
  version int8 not null,
  changed_at timestamptz not null,
  primary key (tenant_id, account_id),
  unique (tenant_id, code));
