//! `ListJournal`: who did what, without values.

use colibri_events::vault::v1::{JournalEntry, ListJournalRequest};
use colibri_kit::{auth::Caller, fault::Fault, service::Shell};
use colibri_types::TenantId;
use time::format_description::well_known::Rfc3339;

use crate::{Vault, domain::policy::FieldSet, domain::record::Refused, error::refused, store};

/// Entries answered when no number is asked for: a screen or two.
const LIMIT_DEFAULT: u32 = 100;
/// Entries in one answer: some 200 KB.
const LIMIT_MAX: u32 = 1_000;

/// The newest entries.
///
/// # Errors
/// [`Fault::Reject`] `VLT0002` when more are asked for than are answered at once.
pub async fn list(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: ListJournalRequest,
) -> Result<Vec<JournalEntry>, Fault> {
    let limit = match request.limit {
        0 => LIMIT_DEFAULT,
        over if over > LIMIT_MAX => return Err(refused(Refused::Size, "limit")),
        limit => limit,
    };
    let mut cx = shell.begin(tenant).await?;
    let id = tenant.to_uuid();
    let rows = store::journal_of(cx.db(), id, &request.r#ref, i64::from(limit)).await?;
    let act = super::act(caller, tenant, "list", rows.len(), cx.now());
    store::note_act(cx.db(), act).await?;
    cx.commit().await?;
    let entry = |row: store::Entry| {
        let fields = FieldSet::from_i32(row.fields).iter().map(|field| field as i32).collect();
        Ok(JournalEntry {
            at: row.at.format(&Rfc3339).map_err(Fault::bug)?,
            actor: row.actor,
            flow: row.flow,
            r#ref: row.item,
            fields,
            denied: row.denied,
            act: row.act,
            items: u32::try_from(row.items).unwrap_or_default(),
        })
    };
    rows.into_iter().map(entry).collect()
}
