//! Restricted goods: a person's decision.

use std::collections::BTreeSet;

use colibri_events::customs::v1::*;
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{ShipmentId, TenantId};

use super::{declarations, screening::graphic};
use crate::{
    Customs,
    domain::restricted::{Decision, Restricted},
    error::{self, request as refuse},
    settle,
    store::{declarations as rows, restricted, tenants},
};

/// Rules of a decision: an article is under a handful at most.
const RULES_MAX: usize = 40;
/// Characters of a licence's number: what the forms have room for.
const DOCUMENT_MAX: usize = 35;

fn check(request: &DecideRestrictionRequest) -> Result<(), Fault> {
    if request.outcome() == ScreeningOutcome::Unspecified {
        return Err(refuse("outcome", "is cleared or confirmed"));
    }
    let not_allowed = request.reason() == RestrictionReason::NotAllowed;
    let confirmed = request.outcome() == ScreeningOutcome::Confirmed;
    if request.reason() == RestrictionReason::Unspecified || not_allowed != confirmed {
        return Err(refuse("reason", "is told, and not_allowed of a confirmed one only"));
    }
    let document = request.reason() == RestrictionReason::Document;
    let number = &request.document_number;
    if document != graphic(number, DOCUMENT_MAX) || (!document && !number.is_empty()) {
        return Err(refuse("document_number", "is 1 to 35 characters, with the reason document"));
    }
    if !graphic(&request.case_number, 64) {
        return Err(refuse("case_number", "is 1 to 64 printable ASCII characters"));
    }
    if request.rules.is_empty() || request.rules.len() > RULES_MAX {
        return Err(error::limit("rules", RULES_MAX));
    }
    Ok(())
}

/// Records a person's decision and has the declarations of the article looked at again.
///
/// # Errors
/// `CUS0001` when one of the rules does not hold the article in this shipment: nothing is recorded
/// then. `CUS0002`, `CUS0003`.
pub async fn decide(
    shell: &Shell<Customs>,
    tenant: TenantId,
    actor: &str,
    request: DecideRestrictionRequest,
) -> Result<Declaration, Fault> {
    let unknown = || error::unknown("rule that holds this article");
    let id: ShipmentId = request.shipment_id.parse().map_err(|_| unknown())?;
    check(&request)?;
    let state = &shell.state;
    let book = state.books.get().await?;
    let mut cx = shell.begin(tenant).await?;
    tenants::change(cx.db(), tenant).await?;
    let mut row = rows::find(cx.db(), &[id.to_uuid()]).await?;
    row.retain(|row| row.key.tenant_id == tenant);
    let beside = settle::beside(cx.db(), &row).await?;
    let now = cx.now();
    let row = row.pop().ok_or_else(unknown)?;
    let verdict = settle::verdict(&row, &beside, state, &book, now.date()).ok_or_else(unknown)?;
    let wanted: BTreeSet<&str> = request.rules.iter().map(String::as_str).collect();
    let about: Vec<&Restricted> = verdict
        .restricted
        .iter()
        .filter(|one| one.holds() && one.sku == request.sku && wanted.contains(&*one.rule.id))
        .collect();
    if about.len() != wanted.len() {
        cx.rollback().await;
        return Err(unknown());
    }
    let decision = Decision {
        outcome: request.outcome,
        reason: request.reason,
        document_number: request.document_number,
        case_number: request.case_number,
        decided_by: actor.to_owned(),
        decided_at: now,
    };
    restricted::decide(cx.db(), tenant, &about, &decision).await?;
    settle::release(&mut cx, tenant, Some(&[request.sku])).await?;
    cx.commit().await?;
    let by = Some(get_declaration_request::By::ShipmentId(id.to_string()));
    declarations::get(shell, tenant, GetDeclarationRequest { by }).await
}
