-- What the vault keeps. Nothing here can be read without the root key, which is not here.
-- Refs, ids and marks are random or keyed; names of carriers' form fields are sealed too.
-- No foreign keys: they would cost a look per row on the busiest path, and a key is destroyed
-- before what it sealed is removed.

-- A tenant's secret, under the root: the keys of its marks are derived from it.
create table vault.tenant_secret (
  tenant_id uuid primary key,
  wrapped bytea not null,
  made_at timestamptz not null);

-- A tenant's key of one ISO week (202647), under the root.
create table vault.kek (
  tenant_id uuid not null,
  epoch int4 not null,
  wrapped bytea not null,
  made_at timestamptz not null,
  primary key (tenant_id, epoch));

-- The key of an owner (a person, an account) and retention class, under the week's key.
create table vault.dek (
  tenant_id uuid not null,
  owner text not null,
  class int2 not null,               -- 1 delivery, 2 account
  dek_id int8 not null,              -- stands in every blob sealed under it
  epoch int4 not null,
  wrapped bytea not null,
  primary key (tenant_id, owner, class));

-- Persons and what belongs to them; the present revision only.
create table vault.sealed (
  tenant_id uuid not null,
  ref text not null,
  owner text not null,               -- the ref itself for a person
  class int2 not null,
  key_mark uuid not null,            -- of the external key, which may hold an order number
  rev int4 not null check (rev > 0),
  content_mark uuid not null,        -- tells whether a repeated Put brings anything new
  blob bytea not null,
  made_at timestamptz not null,
  primary key (tenant_id, ref),
  unique (tenant_id, key_mark));
-- Sealed bytes do not shrink: trying costs time and leaves nothing for a scan to see through.
alter table vault.sealed alter column blob set storage external;
-- Room on each page for a new revision beside the old.
alter table vault.sealed set (fillfactor = 90);

create table vault.blind_index (
  tenant_id uuid not null,
  mark uuid not null,                -- keyed, of the normalised value
  ref text not null,
  version int2 not null,             -- of the normalisation
  at timestamptz not null,
  primary key (tenant_id, mark, ref));
create index blind_index_ref on vault.blind_index (tenant_id, ref);

create table vault.document (
  tenant_id uuid not null,
  document_id text not null,
  owner text not null,
  class int2 not null,
  content_mark uuid not null,
  blob bytea not null,
  made_at timestamptz not null,
  primary key (tenant_id, document_id));
alter table vault.document alter column blob set storage external;

create table vault.credential (
  tenant_id uuid not null,
  account text not null,
  rev int4 not null check (rev > 0),
  content_mark uuid not null,
  blob bytea not null,
  changed_at timestamptz not null,
  primary key (tenant_id, account));
alter table vault.credential alter column blob set storage external;

-- Persons ever put, per tenant. A row per backend: intake never waits for a shared counter.
create table vault.volume (
  tenant_id uuid not null,
  shard int2 not null,
  persons int8 not null,
  primary key (tenant_id, shard));
alter table vault.volume set (fillfactor = 50);

create table vault.budget (
  tenant_id uuid not null,
  actor text not null,
  flow text not null,
  remaining int8 not null check (remaining >= 0),
  persons int8 not null,
  refilled_at timestamptz not null,
  primary key (tenant_id, actor, flow));
alter table vault.budget set (fillfactor = 50);

-- Who opened what, and what was denied. Written with the reading, never changed.
create table vault.journal (
  tenant_id uuid not null,
  id int8 generated always as identity,
  at timestamptz not null,
  actor text not null,
  flow text not null,                -- empty: the register has no such flow
  item text not null,                -- ref, document or account; empty: it was none
  fields int4 not null,              -- bit n is field n of colibri.vault.v1.Field
  denied text not null,              -- public code; empty: opened
  primary key (tenant_id, id));
create index journal_item on vault.journal (tenant_id, item, id);

create function vault.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the journal is only ever appended to';
end $$;
create trigger append_only before update or delete on vault.journal
  for each row execute function vault.refuse_change();
