-- What was wanted instead of money. Where an exchange is, and its money, is in the changes.
create table {svc}.exchange (
  return_id uuid not null references {svc}.return_case,
  number    int4 not null,
  tenant_id uuid not null,
  sku       text not null,
  primary key (return_id, number));

-- An order replaces the units of one exchange.
create table {svc}.replacement (
  order_id  uuid not null,
  tenant_id uuid not null,
  return_id uuid not null,
  number    int4 not null,
  primary key (tenant_id, order_id),
  unique (return_id, number),
  foreign key (return_id, number) references {svc}.exchange);
