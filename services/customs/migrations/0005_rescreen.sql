-- A list came after the declaration was ready: its parties are compared again.
alter table {svc}.declaration add column rescreen bool not null default false;
create index declaration_rescreen on {svc}.declaration (ord) where rescreen;
