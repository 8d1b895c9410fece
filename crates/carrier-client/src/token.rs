//! The token of one account: kept until shortly before its end, fetched once for all who wait.

use std::sync::Arc;

use colibri_carriers::{CarrierError, HttpRequest, Token};
use colibri_kit::egress::EgressError;
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use crate::{AccountHandle, CallError, CarrierClient, wire};

/// A token is fetched again this long before its end, or a tenth of its life when that is shorter:
/// it must survive the call that it was taken for.
const MARGIN: Duration = Duration::seconds(60);

#[derive(Default)]
pub(crate) struct TokenCell(Mutex<Option<Held>>);

struct Held {
    token: Arc<Token>,
    /// By the business clock, as carriers' tokens end by the sandbox's.
    until: OffsetDateTime,
}

impl Held {
    fn new(token: Token, now: OffsetDateTime) -> Self {
        let margin = MARGIN.min(token.valid_for / 10);
        let until = now.saturating_add(token.valid_for - margin);
        Self { token: Arc::new(token), until }
    }

    /// Usable now, and not the one that the carrier has just refused.
    fn serves(&self, now: OffsetDateTime, refused: Option<&Arc<Token>>) -> bool {
        now < self.until && !refused.is_some_and(|refused| Arc::ptr_eq(refused, &self.token))
    }
}

impl CarrierClient {
    /// A token for calls of this account; `None` when its carrier wants none.
    ///
    /// # Errors
    /// [`CallError::NotSent`] when none can be had now, [`CallError::Unauthorised`] when the
    /// carrier does not accept the credentials. Nothing was bought either way.
    pub async fn token(&self, handle: &AccountHandle) -> Result<Option<Arc<Token>>, CallError> {
        self.token_but(handle, None).await
    }

    /// Another token than the one that the carrier refused: the first who asks fetches it.
    ///
    /// # Errors
    /// As [`CarrierClient::token`].
    pub async fn renew(
        &self,
        handle: &AccountHandle,
        refused: &Arc<Token>,
    ) -> Result<Option<Arc<Token>>, CallError> {
        self.token_but(handle, Some(refused)).await
    }

    async fn token_but(
        &self,
        handle: &AccountHandle,
        refused: Option<&Arc<Token>>,
    ) -> Result<Option<Arc<Token>>, CallError> {
        let Some(request) = &handle.token_request else {
            return Ok(None);
        };
        let mut held = handle.token.0.lock().await;
        if let Some(held) = held.as_ref().filter(|held| held.serves(self.now(), refused)) {
            return Ok(Some(held.token.clone()));
        }
        let asked_at = self.now();
        let token = self.fetch(handle, request.clone()).await?;
        let fresh = Held::new(token, asked_at);
        let token = fresh.token.clone();
        *held = Some(fresh);
        Ok(Some(token))
    }

    async fn fetch(
        &self,
        handle: &AccountHandle,
        request: HttpRequest,
    ) -> Result<Token, CallError> {
        let not_sent = |reason: &'static str, after| CallError::NotSent { reason, after };
        let answer = match self.send(handle, request, wire::TOKEN_TIMEOUT).await {
            Ok(answer) => answer,
            Err(EgressError::NotSent { reason, after }) => return Err(not_sent(reason, after)),
            Err(EgressError::Lost { .. }) => return Err(not_sent("no answer to the login", None)),
        };
        handle.carrier.token(&answer).map_err(|error| match error {
            CarrierError::Refused { code, .. } | CarrierError::Unauthorised { code } => {
                CallError::Unauthorised { code }
            }
            CarrierError::Later { retry_after, .. } => not_sent("login put off", retry_after),
            CarrierError::Garbled { .. } => not_sent("unreadable answer to the login", None),
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use time::macros::datetime;

    use super::*;

    fn held(valid_for: Duration) -> Held {
        let value = SecretString::from("t");
        Held::new(Token { value, valid_for }, datetime!(2026-03-02 10:00 UTC))
    }

    #[test]
    fn a_token_is_used_until_shortly_before_its_end() {
        let long = held(Duration::hours(4));
        assert!(long.serves(datetime!(2026-03-02 13:58:59 UTC), None));
        assert!(!long.serves(datetime!(2026-03-02 13:59 UTC), None));
        let short = held(Duration::seconds(100));
        assert!(short.serves(datetime!(2026-03-02 10:01:29 UTC), None));
        assert!(!short.serves(datetime!(2026-03-02 10:01:30 UTC), None));
    }

    #[test]
    fn only_the_very_token_that_was_refused_is_replaced() {
        let (one, other) = (held(Duration::hours(4)), held(Duration::hours(4)));
        let now = datetime!(2026-03-02 10:01 UTC);
        assert!(!one.serves(now, Some(&one.token)));
        // Somebody renewed it meanwhile: theirs is good.
        assert!(one.serves(now, Some(&other.token)));
    }
}
