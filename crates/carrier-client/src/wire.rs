//! Connectors' requests through the kit's one door to the outside.

use std::time::Duration;

use colibri_carriers::{HttpRequest, HttpResponse, Method};
use colibri_kit::egress::{EgressError, Request};

use crate::{AccountHandle, CarrierClient};

/// A login is a small thing: a carrier that needs longer is not well.
pub(crate) const TOKEN_TIMEOUT: Duration = Duration::from_secs(10);

const fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Delete => http::Method::DELETE,
    }
}

impl CarrierClient {
    /// Sends one request in the account's lane. `timeout` is for the whole exchange, in real time.
    ///
    /// # Errors
    /// [`EgressError::NotSent`] promises that no byte has left; after [`EgressError::Lost`] the
    /// carrier may have acted.
    pub async fn send(
        &self,
        handle: &AccountHandle,
        request: HttpRequest,
        timeout: Duration,
    ) -> Result<HttpResponse, EgressError> {
        let request = Request {
            method: method(request.method),
            url: request.url,
            headers: request.headers,
            body: request.body,
            timeout,
        };
        let lane = handle.account_id().to_string();
        let answer = self.0.egress.send(&lane, request).await?;
        Ok(HttpResponse { status: answer.status, headers: answer.headers, body: answer.body })
    }
}
