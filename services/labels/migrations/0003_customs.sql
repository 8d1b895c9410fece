-- What customs said last about goods that cross a border: at most one of the two.
alter table {svc}.shipment
  add column declared   bytea,                      -- colibri.customs.v1.DeclarationReady
  add column undeclared bytea,                      -- colibri.customs.v1.DeclarationIncomplete
  add constraint shipment_declared check (declared is null or undeclared is null);
