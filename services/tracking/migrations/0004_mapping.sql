-- Which table gave a scan its meaning: a fingerprint of the carrier's table of that release, and
-- whether the code alone decided (words, direction and neighbours may, too). Null: told before this
-- was noted; such a scan is given a new meaning only when it had none.
alter table {svc}.scan add column mapping_version int8;
alter table {svc}.scan add column by_code bool;
