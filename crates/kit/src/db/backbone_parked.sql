-- A person may ask that a parked key is tried again, or decide that an event is never applied.

alter table {svc}.parked_key
  add column asked_at timestamptz,
  add column asked_by text;

create table {svc}.discarded (
  consumer text not null, lane int2 not null, seq int8 not null, gen int4 not null,
  key text not null, code text not null, reason text not null,
  subject text not null, headers jsonb not null, payload bytea not null,
  parked_at timestamptz not null,
  decided_by text not null check (decided_by <> ''),
  why text not null check (why <> ''),
  at timestamptz not null default now(),
  primary key (consumer, lane, seq));
