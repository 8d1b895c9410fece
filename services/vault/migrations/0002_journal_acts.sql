-- Every call leaves a row: what opens nothing, one for all its items.
alter table vault.journal
  add column act text not null default 'open',   -- open, put, match, put_documents, put_credentials, list
  add column items int4 not null default 1;      -- how many the call was about
