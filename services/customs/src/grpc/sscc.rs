//! Numbers of logistic units.

use colibri_customs_rules::identifiers::SsccIssuer;
use colibri_events::customs::v1::*;
use colibri_kit::{crash_point, fault::Fault, service::Shell};
use colibri_types::TenantId;

use crate::{
    Customs, error,
    store::sscc::{self, Issue},
};

/// Numbers of a call: a pallet has some hundred parcels.
const COUNT_MAX: u32 = 1_000;
/// Digits between the extension digit and the check digit.
const BODY_DIGITS: u32 = 16;

/// Issues numbers.
///
/// # Errors
/// `CUS0002`, `CUS0003`, `CUS0004`, `CUS0010`, `CUS0011`; no number is issued then.
pub async fn issue(
    shell: &Shell<Customs>,
    tenant: TenantId,
    request: IssueSsccRequest,
) -> Result<IssueSsccResponse, Fault> {
    let id = request.request_id.as_str();
    if !(1..=100).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(error::request("request_id", "is 1 to 100 printable ASCII characters"));
    }
    if !(1..=COUNT_MAX).contains(&request.count) {
        return Err(error::limit("count", 1_000));
    }
    let issuer = SsccIssuer::new(request.extension, &request.company_prefix);
    let issuer = issuer.map_err(|cause| error::request("company_prefix", &cause.to_string()))?;
    let wanted = Issue {
        prefix: request.company_prefix.clone(),
        extension: i32::try_from(request.extension).unwrap_or_default(),
        first: 0,
        count: i32::try_from(request.count).unwrap_or_default(),
    };
    let digits = BODY_DIGITS.saturating_sub(u32::try_from(wanted.prefix.len()).unwrap_or(0));
    let capacity = 10_i64.saturating_pow(digits);
    let mut cx = shell.begin(tenant).await?;
    let now = cx.now();
    if let Some(known) = sscc::issued(cx.db(), tenant, id).await? {
        cx.rollback().await;
        return again(&issuer, &known, &wanted);
    }
    if !sscc::own(cx.db(), tenant, &wanted.prefix).await? {
        cx.rollback().await;
        let text = "the company prefix numbers somebody else's units";
        return Err(Fault::failed_precondition(error::PREFIX_TAKEN, text));
    }
    let Some(first) = sscc::take(cx.db(), tenant, &wanted, capacity).await? else {
        cx.rollback().await;
        let text = "so many numbers are not left of this prefix and extension digit";
        return Err(Fault::resource_exhausted(error::NUMBERS_USED_UP, text));
    };
    let issue = Issue { first, ..wanted.clone() };
    if !sscc::keep(cx.db(), tenant, id, &issue, now).await? {
        // The same request ran beside this one and was faster: its numbers are the ones.
        cx.rollback().await;
        let mut cx = shell.begin(tenant).await?;
        let known = sscc::issued(cx.db(), tenant, id).await?;
        cx.rollback().await;
        let known = known.ok_or_else(|| Fault::bug("numbers are kept and not found"))?;
        return again(&issuer, &known, &wanted);
    }
    crash_point!("customs.sscc_taken");
    cx.commit().await?;
    Ok(IssueSsccResponse { numbers: numbers(&issuer, &issue)?, known_request: false })
}

fn again(issuer: &SsccIssuer, known: &Issue, wanted: &Issue) -> Result<IssueSsccResponse, Fault> {
    if (Issue { first: 0, ..known.clone() }) != *wanted {
        let reason = "the request id was used for another question";
        return Err(Fault::already_exists(error::REQUEST_REUSED, reason));
    }
    Ok(IssueSsccResponse { numbers: numbers(issuer, known)?, known_request: true })
}

fn numbers(issuer: &SsccIssuer, issue: &Issue) -> Result<Vec<String>, Fault> {
    let serials = issue.first..issue.first.saturating_add(i64::from(issue.count));
    serials.map(|serial| issuer.number(serial.unsigned_abs()).map_err(Fault::bug)).collect()
}
