//! Whose a number may be that somebody typed.

use colibri_events::tracking::v1::{NumberCandidate, RedetectRequest, RedetectResponse};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_numbers::{Check, Hints, detect};
use colibri_types::TenantId;

use crate::{Tracking, store::accounts};

/// Carriers the number may belong to, likeliest first: those the tenant has accounts at before
/// others of the same likelihood. Nothing is asked and nothing kept.
///
/// # Errors
/// [`Fault`] of the database.
pub async fn redetect(
    shell: &Shell<Tracking>,
    tenant: TenantId,
    asked: &RedetectRequest,
) -> Result<RedetectResponse, Fault> {
    let mut cx = shell.begin(tenant).await?;
    let contracts = accounts::carriers(cx.db(), tenant.to_uuid()).await?;
    cx.rollback().await;
    let carriers: Vec<&str> = contracts.iter().map(String::as_str).collect();
    let country = Some(asked.country.as_str()).filter(|country| !country.is_empty());
    let found = detect(&asked.number, Hints { carriers: &carriers, country });
    let candidates = found.into_iter().map(|candidate| {
        let check = match candidate.check {
            Check::Passed => "passed",
            Check::Failed => "failed",
            Check::None => "none",
        };
        let carrier = candidate.carrier.unwrap_or_default();
        NumberCandidate {
            contracted: carriers.contains(&carrier),
            carrier: carrier.to_owned(),
            courier: candidate.courier,
            format: candidate.format,
            check: check.to_owned(),
        }
    });
    Ok(RedetectResponse { candidates: candidates.collect() })
}
