//! `ListJournal`: who opened what, without values.

use colibri_events::vault::v1::{JournalEntry, ListJournalRequest};
use colibri_kit::{fault::Fault, service::Shell};
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
    cx.commit().await?;
    let entry = |(at, actor, flow, item, fields, denied): store::Entry| {
        let fields = FieldSet::from_i32(fields).iter().map(|field| field as i32).collect();
        let at = at.format(&Rfc3339).map_err(Fault::bug)?;
        Ok(JournalEntry { at, actor, flow, r#ref: item, fields, denied })
    };
    rows.into_iter().map(entry).collect()
}
