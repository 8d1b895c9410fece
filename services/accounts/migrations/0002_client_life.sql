-- A client's secret can be changed, with an overlap, and its access taken away.
-- Real time, as tokens: whoever must get out gets out now, whatever the sandbox's clock says.
alter table accounts.client
  add column rotated_at timestamptz,
  add column previous_mac bytea,         -- of the secret before ...
  add column previous_until timestamptz, -- ... which is accepted until then
  add column revoked_at timestamptz;     -- no secret is left then
