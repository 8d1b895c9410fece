-- Parcels that count together for the export declaration: of one sender, to one consignee, on one day.
-- Who the consignee is stands nowhere: only a digest, keyed by a secret of the tenant's day that is
-- deleted some days later.

create table {svc}.export_salt (
  tenant_id uuid not null,
  day       date not null,
  salt      bytea not null,                         -- 32 random bytes
  primary key (tenant_id, day));

-- The lock of those that count together: two parcels that come at once see each other in turn.
create table {svc}.export_group (
  tenant_id uuid not null,
  day       date not null,                          -- of posting, in the business calendar
  consignee bytea not null,                         -- HMAC-SHA-256 of rule, sender, consignee, country
  joined    int8 not null,                          -- parcels that came so far, and came again
  primary key (tenant_id, day, consignee));

create table {svc}.export_member (
  shipment_id uuid primary key references {svc}.declaration,
  tenant_id   uuid not null,
  day         date not null,
  consignee   bytea not null,
  seq         int8 not null,                        -- `joined` when it came
  parcel      jsonb not null);                      -- goods and money as they leave, no person
create index export_member_group on {svc}.export_member (tenant_id, day, consignee, seq);

-- The declaration that is due for a group; a later one replaces an earlier one.
create table {svc}.export_record (
  tenant_id   uuid not null,
  day         date not null,
  consignee   bytea not null,
  seq         int8 not null,                        -- of the parcel that it was made for
  document_id uuid not null,                        -- sealed in the vault
  covers      uuid[] not null,                      -- shipments
  primary key (tenant_id, day, consignee));
