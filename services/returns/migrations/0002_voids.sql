-- Labels that nobody needs any more, and what a label cost.
alter table {svc}.label add column voided_at timestamptz;    -- at the carrier
alter table {svc}.label add column void_refused text;        -- code of labels: it stays bought
alter table {svc}.label add column cost jsonb;               -- null: no price was told
alter table {svc}.parcel add column voided_at timestamptz;
