//! All SQL of the vault. Nothing in clear passes through here.

mod access;
mod accounts;
mod documents;
mod keys;
mod records;

pub use access::{
    Access, Act, Entry, JournalRow, bucket, charge, journal, journal_of, note_act, open_bucket,
    total_persons,
};
pub use accounts::{CredentialRow, credential, insert_credential, update_credential};
pub use documents::{DocumentRow, NewDocuments, content_marks, document, insert_documents};
pub use keys::{DekRow, deks, insert_dek, insert_kek, insert_tenant_secret, kek, tenant_secret};
pub use records::{
    Known, MarkRow, NewRecords, Revision, SealedRow, insert, known, matches, matches_of, revise,
    sealed,
};
