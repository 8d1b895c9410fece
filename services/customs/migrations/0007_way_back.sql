-- What was told of a declaration that is ready: goods that come back are declared as they went out, whatever
-- became of their articles since. And which paper is of which way back.
alter table {svc}.declaration
  add told bytea;                                   -- colibri.customs.v1.DeclarationReady; null: not ready yet, or before this was kept
alter table {svc}.paper
  add way_back uuid unique;                         -- shipment that it travels with; null: the way out
