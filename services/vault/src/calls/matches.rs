//! `MatchMany`: refs by exact value, through the blind index.

use std::collections::HashMap;

use colibri_events::vault::v1::{Field, MatchManyRequest};
use colibri_kit::{auth::Caller, fault::Fault, service::Shell};
use colibri_types::TenantId;
use uuid::Uuid;

use crate::{
    Vault,
    domain::{
        index,
        policy::FieldSet,
        record::{ITEMS_MAX, Refused},
    },
    error::refused,
    store,
};

/// Refs in the order of the values; the newest where several records have the value; empty text
/// where none has.
///
/// # Errors
/// [`Fault::Reject`] `VLT0001` for a field that is not indexed, `VLT0002`.
pub async fn matches(
    shell: &Shell<Vault>,
    caller: &Caller,
    tenant: TenantId,
    request: MatchManyRequest,
) -> Result<Vec<String>, Fault> {
    if request.values.len() > ITEMS_MAX {
        return Err(refused(Refused::Size, "values"));
    }
    let field = Field::try_from(request.field).ok().filter(|field| index::indexed(*field));
    let field = field.ok_or_else(|| refused(Refused::Field, "field"))?;
    let marks = shell.state.keys.marks(shell, tenant).await?;
    let wanted: Vec<Option<Uuid>> =
        request.values.iter().map(|value| marks.of_value(field, value)).collect();
    let known: Vec<Uuid> = wanted.iter().flatten().copied().collect();
    let mut cx = shell.begin(tenant).await?;
    let act = super::act(caller, tenant, "match", request.values.len(), cx.now());
    let act = store::Act { fields: FieldSet::of(field).to_i32(), ..act };
    let found = store::matches(cx.db(), tenant.to_uuid(), &known, act).await?;
    cx.commit().await?;
    let found: HashMap<Uuid, String> = found.into_iter().collect();
    let one = |mark: &Option<Uuid>| mark.and_then(|m| found.get(&m).cloned()).unwrap_or_default();
    Ok(wanted.iter().map(one).collect())
}
