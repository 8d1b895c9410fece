//! `CheckAccount`: whether the carrier accepts an account, asked with its sealed credentials.
//!
//! A question without effect, so it is asked at once and not through an intent. Nothing is kept of
//! the answer: it is true for the moment.

use std::time::Duration;

use colibri_carrier_client::{AccountFacts, AccountHandle, CallError, OpenError};
use colibri_carriers::{Call, HttpResponse, Rejection, Step};
use colibri_events::accounts::v1::{AccountVerdict, CheckAccountRequest, CheckAccountResponse};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::{AccountId, TenantId};

use crate::{
    Accounts,
    error::{DISABLED, NO_CHECK, UNKNOWN, fault},
    store::{self, CarrierRow},
};

/// How long the carrier may take for its answer: a person waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Asks the carrier whether an account works.
///
/// # Errors
/// [`Fault::Reject`] `ACC0008`, `ACC0019`, `ACC0020`; [`Fault::Retry`] when the vault is away.
pub async fn check(
    shell: &Shell<Accounts>,
    tenant: TenantId,
    request: CheckAccountRequest,
) -> Result<CheckAccountResponse, Fault> {
    let account: AccountId = request.account_id.parse().map_err(|_| fault(UNKNOWN))?;
    let mut cx = shell.begin(tenant).await?;
    let row = store::carrier(cx.db(), account).await?;
    cx.commit().await?;
    let mine = |row: &CarrierRow| row.tenant_id == tenant.to_uuid();
    let row = row.filter(mine).ok_or_else(|| fault(UNKNOWN))?;
    if row.disabled {
        return Err(fault(DISABLED));
    }
    let carriers = &shell.state.carriers;
    // Credentials that were replaced a moment ago, and a token that is fetched anew.
    carriers.forget(tenant, account);
    let handle = match carriers.account_of(&facts(tenant, row)).await {
        Ok(handle) => handle,
        Err(OpenError::Field { source, .. }) => {
            let field = source.field.to_owned();
            let verdict = AccountVerdict::Refused.into();
            return Ok(CheckAccountResponse { verdict, field, ..Default::default() });
        }
        Err(error) if error.clears_by_itself() => return Err(Fault::retry(error)),
        Err(error) => return Err(Fault::bug(error)),
    };
    if !handle.has_tokens() && handle.carrier.account_check().is_none() {
        return Err(fault(NO_CHECK));
    }
    let mut proofs = Vec::new();
    let asked = ask(shell, &handle, &mut proofs).await;
    let answer = answer(asked, proofs);
    let word = answer.verdict().as_str_name();
    tracing::info!(%account, %tenant, verdict = word, "account {account} checked: {word}");
    Ok(answer)
}

fn facts(tenant: TenantId, row: CarrierRow) -> AccountFacts {
    AccountFacts {
        tenant_id: tenant,
        account_id: AccountId::from_uuid(row.account_id),
        carrier: row.carrier,
        hosts: row.host_names.into_iter().zip(row.host_urls).collect(),
        disabled: row.disabled,
        version: 0,
    }
}

/// The login where there is one, then the carrier's free call where it has one.
async fn ask(
    shell: &Shell<Accounts>,
    handle: &AccountHandle,
    proofs: &mut Vec<String>,
) -> Result<(), CallError> {
    let carriers = &shell.state.carriers;
    if handle.has_tokens() {
        carriers.token(handle).await?;
        proofs.push("login".to_owned());
    }
    let Some(check) = handle.carrier.account_check() else {
        return Ok(());
    };
    let build = |call: &Call<'_>| Ok(check.request(call));
    let first = carriers.first(handle, build).await?;
    let read = |_: &Call<'_>, answer: &HttpResponse| check.response(answer).map(Step::Done);
    carriers.ask(handle, first, build, read, TIMEOUT).await?;
    proofs.push("call".to_owned());
    // Carriers whose tracking has a key of its own.
    let build = |call: &Call<'_>| {
        check.second(call).ok_or_else(|| Rejection::new("account", "has no second key"))
    };
    let second = match carriers.first(handle, build).await {
        Err(CallError::Rejected(_)) => return Ok(()),
        other => other?,
    };
    let read = |_: &Call<'_>, answer: &HttpResponse| check.second_response(answer).map(Step::Done);
    carriers.ask(handle, second, build, read, TIMEOUT).await
}

fn answer(asked: Result<(), CallError>, proofs: Vec<String>) -> CheckAccountResponse {
    let (verdict, carrier_code, field) = match asked {
        Ok(()) => (AccountVerdict::Works, String::new(), String::new()),
        Err(CallError::Unauthorised { code } | CallError::Refused { code }) => {
            (AccountVerdict::Refused, code, String::new())
        }
        Err(CallError::Rejected(no)) => {
            (AccountVerdict::Refused, String::new(), no.field.to_owned())
        }
        Err(CallError::Later { code, .. }) => (AccountVerdict::Unreachable, code, String::new()),
        Err(CallError::NotSent { .. } | CallError::Unclear { .. }) => {
            (AccountVerdict::Unreachable, String::new(), String::new())
        }
    };
    CheckAccountResponse { verdict: verdict.into(), carrier_code, field, proofs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_of_a_question_has_its_verdict() {
        let code = || "250002".to_owned();
        let verdict = |error| answer(Err(error), Vec::new()).verdict();
        assert_eq!(answer(Ok(()), vec!["login".into()]).verdict(), AccountVerdict::Works);
        assert_eq!(verdict(CallError::Unauthorised { code: code() }), AccountVerdict::Refused);
        assert_eq!(verdict(CallError::Refused { code: code() }), AccountVerdict::Refused);
        let away = CallError::NotSent { reason: "no connection", after: None };
        assert_eq!(verdict(away), AccountVerdict::Unreachable);
        let later = CallError::Later { code: code(), after: None };
        assert_eq!(verdict(later), AccountVerdict::Unreachable);
        let lost = CallError::Unclear { reason: "no JSON".into() };
        assert_eq!(verdict(lost), AccountVerdict::Unreachable);
    }
}
