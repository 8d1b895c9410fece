//! Unified push 1.2.5: DHL calls us with the news of a shipment.
//!
//! No signature is described; DHL sends a header and a token that the subscription chose. A body is
//! a hint: every division has its own, and the poll stays the record. A subscription is dormant
//! until it is activated with its id and a secret that is told once: in the answer to the
//! subscription ([`Subscriptions::confirm`]) or in a first push ([`validation`]).

use serde::Serialize;
use time::Duration;

use super::{
    DhlExpress,
    common::{self, Stake},
    tracking, unified,
    wire::Ship,
};
use crate::{
    Account, Call, CarrierError, HttpRequest, HttpResponse, Method, ParcelTrack, Push,
    Subscriptions,
};

/// Shipments of one subscription.
const SHIPMENTS_MAX: usize = 10;
/// Not documented. DHL drops numbers after about 90 days; a parcel's way is shorter than this.
const LASTS: Duration = Duration::days(60);
/// Header that we ask DHL to prove itself with. One that the gateway lets through.
const PROOF_HEADER: &str = "x-api-key";
const EVENTS: [&str; 5] = ["Pre-Transit", "Transit", "Delivered", "Failure", "Unknown"];

impl Push for DhlExpress {
    fn verify(&self, account: &Account, headers: &[(String, String)], _body: &[u8]) -> bool {
        let Some(secret) = account.field("webhook_secret") else {
            return false;
        };
        // Every header is compared, whether an earlier one fits or not.
        headers.iter().fold(false, |fits, (name, value)| {
            let proof = name == PROOF_HEADER || name == "x-hook-key";
            fits | (proof && common::equal(secret.as_bytes(), value.trim().as_bytes()))
        })
    }

    fn parse(&self, body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
        tracking::read(&common::text(body))
    }

    fn subscriptions(&self) -> Option<&dyn Subscriptions> {
        Some(self)
    }
}

#[derive(Serialize)]
struct Authentication<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    header: &'static str,
    token: &'a str,
}

#[derive(Serialize)]
struct Hook<'a> {
    uri: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authentication: Option<Authentication<'a>>,
}

#[derive(Serialize)]
struct Subscribe<'a> {
    hook: Hook<'a>,
    format: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    service: &'static str,
    events: [&'static str; 5],
    #[serde(rename = "shipmentIDs")]
    shipment_ids: &'a [String],
}

impl Subscriptions for DhlExpress {
    fn numbers_max(&self) -> usize {
        SHIPMENTS_MAX
    }

    fn lasts(&self) -> Duration {
        LASTS
    }

    fn request(&self, call: &Call<'_>, numbers: &[String], destination_url: &str) -> HttpRequest {
        let token = call.account.field("webhook_secret");
        let authentication = token.map(|token| Authentication {
            kind: "ApiKeyAuthentication",
            header: PROOF_HEADER,
            token,
        });
        let body = Subscribe {
            hook: Hook { uri: destination_url, authentication },
            format: "Default",
            kind: "Shipment",
            service: unified::EXPRESS,
            events: EVENTS,
            shipment_ids: numbers.get(..SHIPMENTS_MAX).unwrap_or(numbers),
        };
        let request = common::unified(call, Method::Post, "/tracking/push/v1/subscription");
        common::body(request, &body)
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<String>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        // The answer to an activation may be empty; DHL takes all numbers of a call or none.
        Ok(Vec::new())
    }

    fn confirm(&self, call: &Call<'_>, response: &HttpResponse) -> Option<HttpRequest> {
        // 204 or 200 answer the activation itself.
        let (id, secret) = validation(&response.body).filter(|_| response.status != 200)?;
        common::is_success(response).then(|| activate(call, &id, &secret))
    }
}

/// The second step: a subscription sleeps until its secret is sent back.
#[must_use]
pub(super) fn activate(call: &Call<'_>, subscription_id: &str, secret: &str) -> HttpRequest {
    let id = common::escape(subscription_id);
    let path = format!("/tracking/push/v1/subscription/{id}");
    common::unified(call, Method::Post, &path).header("dhl-api-hook-secret", secret)
}

/// Id and secret of a new subscription, from the answer to it or from DHL's first push.
#[must_use]
pub(super) fn validation(body: &[u8]) -> Option<(String, String)> {
    let text = common::text(body);
    let notice: Ship<'_> = common::json(&text).ok()?;
    let last = |url: &str| url.trim_end_matches('/').rsplit('/').next().map(str::to_owned);
    let id = notice.subscription_id.owned().or_else(|| notice.id.owned());
    let id = id.or_else(|| notice.own_url.get().and_then(last));
    id.filter(|id| !id.is_empty()).zip(notice.secret.owned())
}
