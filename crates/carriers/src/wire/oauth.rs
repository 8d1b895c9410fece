//! The answer to a request of client credentials (RFC 6749, 5.1): a token and how long it lasts.

use secrecy::SecretString;
use serde::Deserialize;
use time::Duration;

use super::{body, lenient::Text};
use crate::{CarrierError, HttpResponse, Token};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenBody<'a> {
    #[serde(borrow)]
    access_token: Text<'a>,
    /// Seconds; some send them as text.
    expires_in: Text<'a>,
}

/// Reads a token; `failure` tells what an answer means that is no success.
pub(crate) fn token(
    response: &HttpResponse,
    failure: impl FnOnce(&HttpResponse) -> CarrierError,
) -> Result<Token, CarrierError> {
    if !body::is_success(response) {
        return Err(failure(response));
    }
    let text = body::text(&response.body);
    let told: TokenBody<'_> = body::json(&text)?;
    let seconds = told.expires_in.get().and_then(|text| text.parse::<u32>().ok());
    match (told.access_token.owned(), seconds) {
        (Some(value), Some(seconds)) => Ok(Token {
            value: SecretString::from(value),
            valid_for: Duration::seconds(i64::from(seconds)),
        }),
        (None, _) => Err(CarrierError::garbled("no access_token")),
        (_, None) => Err(CarrierError::garbled("no expires_in")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use secrecy::ExposeSecret;

    use super::*;

    fn read(status: u16, body: &str) -> Result<Token, CarrierError> {
        let answer = HttpResponse { status, headers: Vec::new(), body: body.to_owned().into() };
        token(&answer, |answer| CarrierError::garbled(format!("HTTP {}", answer.status)))
    }

    #[test]
    fn a_token_comes_with_its_seconds_as_number_or_text() {
        for seconds in ["3599", "\"3599\""] {
            let body = format!(r#"{{"access_token":"abc","expires_in":{seconds}}}"#);
            let token = read(200, &body).unwrap();
            assert_eq!(token.value.expose_secret(), "abc");
            assert_eq!(token.valid_for, Duration::seconds(3_599));
        }
        assert_eq!(read(503, "{}").err(), Some(CarrierError::garbled("HTTP 503")));
        for body in ["", "{}", r#"{"access_token":"a"}"#, r#"{"expires_in":-1}"#] {
            assert!(matches!(read(200, body), Err(CarrierError::Garbled { .. })), "{body}");
        }
    }
}
