//! Tokens: issued for basic credentials, text in every field, and ended after four hours.

use base64::Engine;
use serde_json::json;
use time::Duration;

use super::{Failure, UpsSim, draw, header, reply};
use crate::{HttpResponse, sim::SimRequest, ups::BASE64};

/// Seconds; UPS's own figure.
const TOKEN_SECONDS: i64 = 14_399;

impl UpsSim {
    pub(super) fn issue_token(&mut self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let wrong = || Failure::new(401, "250002", "Invalid Authentication Information.");
        let basic = header(request, "authorization").and_then(|h| h.strip_prefix("Basic "));
        let plain = basic.and_then(|basic| BASE64.decode(basic).ok());
        let plain = plain.and_then(|plain| String::from_utf8(plain).ok()).ok_or_else(wrong)?;
        let (id, secret) = plain.split_once(':').ok_or_else(wrong)?;
        if id.is_empty() || secret.is_empty() || secret.starts_with("wrong") {
            return Err(wrong());
        }
        let form = header(request, "content-type").unwrap_or_default();
        let grant = String::from_utf8_lossy(&request.body);
        if !form.starts_with("application/x-www-form-urlencoded")
            || !grant.split('&').any(|pair| pair == "grant_type=client_credentials")
        {
            return Err(Failure::new(400, "10400", "Invalid/Missing grant_type"));
        }
        let count = u64::try_from(self.tokens.len()).unwrap_or_default();
        let token = format!("sim-{count}-{:016x}", draw(self.options.seed, id, count));
        self.tokens.insert(token.clone(), request.now + Duration::seconds(TOKEN_SECONDS));
        let issued = request.now.unix_timestamp() * 1000;
        let answer = json!({
            "token_type": "Bearer",
            "issued_at": issued.to_string(),
            "client_id": id,
            "access_token": token,
            "scope": "",
            "expires_in": TOKEN_SECONDS.to_string(),
            "refresh_count": "0",
            "status": "approved",
        });
        Ok(reply(200, &answer))
    }

    pub(super) fn authorise(&self, request: &SimRequest) -> Result<(), Failure> {
        let bearer = header(request, "authorization").and_then(|h| h.strip_prefix("Bearer "));
        match bearer.and_then(|token| self.tokens.get(token)) {
            None => Err(Failure::new(401, "250002", "Invalid Authentication Information.")),
            Some(end) if *end <= request.now => {
                Err(Failure::new(401, "251004", "Bearer Token expired"))
            }
            Some(_) => Ok(()),
        }
    }
}
