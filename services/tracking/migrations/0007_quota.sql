-- Questions that an account has asked on a day, where its carrier answers so many a day and no more.
-- Kept over restarts, and shared by all processes.
create table {svc}.quota (
  account_id uuid primary key,
  tenant_id  uuid not null,
  day        date not null,              -- UTC, business time
  used       int4 not null,
  due_at     timestamptz not null);      -- business time: the next question of an even day
