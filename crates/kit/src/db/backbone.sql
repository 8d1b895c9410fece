-- The tables that every service has, whatever it does. `{svc}` is the service's schema.
-- Why each column and check is as it is: docs/backbone.md.

create table {svc}.lane (
  lane  int2 primary key,
  head  int8 not null default 0,     -- last number written to event_log
  sent  int8 not null default 0,     -- last number known to be in the stream
  gen   int4 not null default 1,     -- history id; changes only when the database lost rows
  epoch int8 not null default 0,     -- fencing token of the elected relay
  state text not null default 'run' check (state in ('run', 'halt', 'rebuild')),
  note  text);
insert into {svc}.lane (lane) values (0);

create table {svc}.outbox (
  id       int8 generated always as identity (cache 1) primary key,   -- cache 1 is part of the order proof
  event_id uuid not null,
  lane     int2 not null,
  shard    int2 not null check (shard between 0 and 63),
  key      text not null,
  subject  text not null check (subject ~ '^colibri\.{svc}\.v[0-9]+\.[a-z0-9_]+\.[0-9]+$'),
  headers  jsonb not null default '{}'
           check (octet_length(headers::text) <= 8192
              and not jsonb_path_exists(headers, '$.keyvalue() ? (@.key like_regex "^nats-" flag "i")')),
  payload  bytea not null check (octet_length(payload) <= 49152),
  at       timestamptz not null default clock_timestamp());
create index outbox_lane_id on {svc}.outbox (lane, id);
alter table {svc}.outbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

create table {svc}.event_log (
  lane int2 not null, seq int8 not null, gen int4 not null,
  event_id uuid not null, key text not null, shard int2 not null,
  subject text not null, headers jsonb not null, payload bytea not null, at timestamptz not null,
  primary key (lane, seq)) partition by range (seq);

-- Partitions are made ahead of the head by the relay, which may not create tables itself.
create function {svc}.ensure_partitions(head int8) returns void
language plpgsql security definer set search_path = '' as $$
declare
  size constant int8 := 1000000;   -- events: a partition of some 600 MB, dropped as one
  first int8;
begin
  for i in 0..2 loop
    first := (head / size + i) * size;
    if to_regclass(format('{svc}.event_log_%s', first / size)) is null then
      execute format('create table {svc}.event_log_%s partition of {svc}.event_log
                      for values from (%s) to (%s)', first / size, first, first + size);
    end if;
  end loop;
end $$;
select {svc}.ensure_partitions(0);

create table {svc}.position (
  consumer text not null,            -- the producer that is listened to
  lane int2 not null,
  seq int8 not null default 0,
  gen int4 not null default 1,
  epoch int8 not null default 0,
  at timestamptz not null default now(),
  primary key (consumer, lane));

create table {svc}.parked (
  consumer text not null, lane int2 not null, seq int8 not null, gen int4 not null,
  key text not null, code text not null, reason text not null,
  subject text not null, headers jsonb not null, payload bytea not null,   -- raw bytes, never re-encoded
  attempts int4 not null default 0, at timestamptz not null default now(),
  primary key (consumer, lane, seq));
create table {svc}.parked_key (
  consumer text not null, key text not null, since timestamptz not null default now(),
  primary key (consumer, key));

create table {svc}.intent (
  id uuid primary key,
  ord int8 generated always as identity,
  tenant_id uuid not null,
  kind text not null,
  key text not null,                 -- aggregate: one open intent per (kind, key)
  lane text not null default '',     -- whom it calls (carrier account): bulkhead and rate limit
  dedupe text not null,
  request bytea not null,
  state text not null default 'ready'
        check (state in ('ready', 'claimed', 'sent', 'done', 'failed', 'in_doubt')),
  attempt int4 not null default 0,
  not_before timestamptz not null default now(),
  lease_until timestamptz,
  token uuid,
  code text,                         -- public code of a failure or doubt
  evidence jsonb,
  updated_at timestamptz not null default now(),
  unique (tenant_id, kind, dedupe),
  check (state not in ('claimed', 'sent') or (lease_until is not null and token is not null)));
create index intent_ready on {svc}.intent (kind, not_before) where state = 'ready';
create index intent_lease on {svc}.intent (lease_until) where state in ('claimed', 'sent');
create index intent_doubt on {svc}.intent (kind, not_before) where state = 'in_doubt';
create index intent_order on {svc}.intent (kind, key, ord) where state = 'ready';
create unique index intent_one_open on {svc}.intent (kind, key)
  where state in ('claimed', 'sent', 'in_doubt');

create table {svc}.idempotency (
  tenant_id uuid not null,
  route text not null,
  key text not null check (octet_length(key) between 1 and 255),
  fingerprint bytea not null,        -- HMAC: bodies hold low-entropy personal data
  resource text not null,            -- what the first call made; the answer is rendered again
  created_at timestamptz not null default now(),
  primary key (tenant_id, route, key));
create index idempotency_age on {svc}.idempotency (created_at);
