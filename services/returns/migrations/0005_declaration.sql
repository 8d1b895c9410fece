-- What a shipment was declared as on its way out: a return names it to get duty and tax back. It may be
-- told before the order is.
create table {svc}.declaration (
  shipment_id    uuid primary key,
  tenant_id      uuid not null,
  declaration_id uuid not null);
