//! A whole conversation: token, request, answer, further steps.

use std::{sync::Arc, time::Duration};

use colibri_carriers::{Call, CarrierError, HttpRequest, HttpResponse, Rejection, Step, Token};
use colibri_kit::egress::EgressError;
use uuid::Uuid;

use crate::{AccountHandle, CallError, CarrierClient};

/// Requests of one conversation: a connector that wants more than these is going in circles.
const STEPS_MAX: usize = 8;

/// A first request that was built already, with the token that is in it.
#[derive(Debug, Clone)]
pub struct First {
    /// The request.
    pub request: HttpRequest,
    /// Its token, where the carrier has any.
    pub token: Option<Arc<Token>>,
}

impl CarrierClient {
    /// Builds the first request of a conversation. Nothing but a login is sent.
    ///
    /// # Errors
    /// [`CallError::Rejected`], and those of [`CarrierClient::token`].
    pub async fn first<B>(&self, handle: &AccountHandle, build: B) -> Result<First, CallError>
    where
        B: Fn(&Call<'_>) -> Result<HttpRequest, Rejection> + Send + Sync,
    {
        let token = self.token(handle).await?;
        let request = self.build(handle, token.as_deref(), &build)?;
        Ok(First { request, token })
    }

    /// Asks until there is a result. `build` makes the first request (again, when a token was
    /// refused), `read` reads each answer. Every request gets `timeout`.
    ///
    /// A refused token is replaced once, and the request repeated: carriers turn a caller away
    /// before they act, so nothing can have happened. Nothing else is ever repeated here.
    ///
    /// # Errors
    /// [`CallError`]. After the first answer everything that is no result is
    /// [`CallError::Unclear`]: what the first request asked for may have happened.
    pub async fn ask<T, B, R>(
        &self,
        handle: &AccountHandle,
        first: First,
        build: B,
        read: R,
        timeout: Duration,
    ) -> Result<T, CallError>
    where
        B: Fn(&Call<'_>) -> Result<HttpRequest, Rejection> + Send + Sync,
        R: Fn(&Call<'_>, &HttpResponse) -> Result<Step<T>, CarrierError> + Send + Sync,
    {
        let First { mut request, mut token } = first;
        let mut renewed = false;
        for step in 0..STEPS_MAX {
            let mut outcome = self.exchange(handle, &token, request, &read, timeout).await;
            if let (0, false, Err(CallError::Unauthorised { .. }), Some(refused)) =
                (step, renewed, &outcome, &token)
            {
                renewed = true;
                token = self.renew(handle, refused).await?;
                let again = self.build(handle, token.as_deref(), &build)?;
                outcome = self.exchange(handle, &token, again, &read, timeout).await;
            }
            match outcome {
                Ok(Step::Done(result)) => return Ok(result),
                Ok(Step::Next(next)) => request = next,
                Err(error) if step == 0 => return Err(error),
                Err(error) => {
                    return Err(CallError::Unclear { reason: format!("step {step}: {error}") });
                }
            }
        }
        Err(CallError::Unclear { reason: format!("no result after {STEPS_MAX} requests") })
    }

    async fn exchange<T, R>(
        &self,
        handle: &AccountHandle,
        token: &Option<Arc<Token>>,
        request: HttpRequest,
        read: &R,
        timeout: Duration,
    ) -> Result<Step<T>, CallError>
    where
        R: Fn(&Call<'_>, &HttpResponse) -> Result<Step<T>, CarrierError> + Send + Sync,
    {
        let answer = match self.send(handle, request, timeout).await {
            Ok(answer) => answer,
            Err(EgressError::NotSent { reason, after }) => {
                return Err(CallError::NotSent { reason, after });
            }
            Err(EgressError::Lost { reason }) => {
                return Err(CallError::Unclear { reason: format!("answer lost: {reason}") });
            }
        };
        let id = call_id();
        let call = handle.call(token.as_deref(), self.now(), &id);
        read(&call, &answer).map_err(classify)
    }

    fn build<B>(
        &self,
        handle: &AccountHandle,
        token: Option<&Token>,
        build: &B,
    ) -> Result<HttpRequest, CallError>
    where
        B: Fn(&Call<'_>) -> Result<HttpRequest, Rejection>,
    {
        let id = call_id();
        Ok(build(&handle.call(token, self.now(), &id))?)
    }
}

/// Unique per call, 32 characters: what carriers that want one accept.
fn call_id() -> String {
    Uuid::now_v7().simple().to_string()
}

/// What a connector's reading of the first answer means. The carrier's words stay behind: they may
/// quote an address.
fn classify(error: CarrierError) -> CallError {
    match error {
        CarrierError::Refused { code, .. } => CallError::Refused { code },
        CarrierError::Later { code, retry_after } => CallError::Later { code, after: retry_after },
        CarrierError::Unauthorised { code } => CallError::Unauthorised { code },
        CarrierError::Garbled { reason } => CallError::Unclear { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_garbled_answer_leaves_a_doubt_and_no_words_of_the_carrier_pass() {
        let code = || "120100".to_owned();
        let message = "unknown street Rue du Canari 3".to_owned();
        let refused = classify(CarrierError::Refused { code: code(), message });
        assert_eq!(refused, CallError::Refused { code: code() });
        assert!(!format!("{refused:?} {refused}").contains("Canari"));
        let wait = Some(Duration::from_secs(30));
        let later = CarrierError::Later { code: code(), retry_after: wait };
        assert_eq!(classify(later), CallError::Later { code: code(), after: wait });
        let garbled = classify(CarrierError::garbled("no JSON"));
        assert_eq!(garbled, CallError::Unclear { reason: "no JSON".to_owned() });
    }

    #[test]
    fn a_call_id_fits_carriers_log_fields() {
        assert_eq!(call_id().len(), 32);
        assert_ne!(call_id(), call_id());
    }
}
