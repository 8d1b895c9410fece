-- What persons said about goods that a rule restricts. Each is kept; of an article and a rule the last
-- one counts, until rule, code or destination is another.
create table {svc}.restriction_decision (
  ord             int8 generated always as identity primary key,
  tenant_id       uuid not null,
  sku             text not null,
  rule            text not null,
  fingerprint     bytea not null,                   -- SHA-256 of rule, tariff code and destination
  outcome         int4 not null,                    -- colibri.customs.v1.ScreeningOutcome
  reason          int4 not null,                    -- colibri.customs.v1.RestrictionReason
  document_number text not null,                    -- of a licence or certificate; empty: none
  case_number     text not null,
  decided_by      text not null,                    -- subject of a token
  decided_at      timestamptz not null);
create index restriction_decision_sku on {svc}.restriction_decision (tenant_id, sku, ord);
