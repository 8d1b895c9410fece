//! Shopify: webhooks and saved REST orders, which have one shape whatever API is polled.
//!
//! Quirks that shape this code: ids exceed 2^53; amounts are text in the shop's currency with a
//! twin `…_set.shop_money`; `current_…` fields follow edits and refunds, the others keep the first
//! state; `orders/edited`, refunds and fulfilments tell that the order changed, not what it is now.
//! API description: <https://shopify.dev/docs/api/admin-rest>.

mod lines;
mod order;
#[cfg(test)]
mod tests;

use crate::{
    CancelReason, CanonicalOrder, ChannelError, ChannelInfo, Code, Delivery, Header, IgnoredReason,
    Parsed,
    channel::{Channel, delivery_id, single},
    json::{self, Limits, Node, Notes, Obj},
    number,
    order::OrderState,
};

/// The channel.
pub struct Shopify;

const INFO: ChannelInfo = ChannelInfo {
    id: "shopify",
    name: "Shopify",
    signature_headers: &["x-shopify-hmac-sha256", "shopify-hmac-sha256"],
    topics: &[
        "orders/create",
        "orders/updated",
        "orders/paid",
        "orders/edited",
        "orders/cancelled",
        "orders/fulfilled",
        "orders/partially_fulfilled",
        "orders/delete",
        "refunds/create",
        "fulfillments/create",
        "fulfillments/update",
    ],
};

impl Channel for Shopify {
    fn info(&self) -> &'static ChannelInfo {
        &INFO
    }

    fn delivery(&self, headers: &[Header<'_>]) -> Delivery {
        let get = |with: &str, without: &str| single(headers, &[with, without]);
        let owned = |value: Option<&str>| value.map(str::to_owned);
        Delivery {
            topic: owned(get("x-shopify-topic", "shopify-topic")),
            id: get("x-shopify-webhook-id", "shopify-webhook-id").and_then(delivery_id),
            shop: owned(get("x-shopify-shop-domain", "shopify-shop-domain")),
            api_version: owned(get("x-shopify-api-version", "shopify-api-version")),
            triggered_at: get("x-shopify-triggered-at", "shopify-triggered-at")
                .and_then(number::time),
        }
    }

    fn parse(&self, topic: &str, raw_body: &[u8]) -> Result<Parsed, ChannelError> {
        let topic = topic.trim();
        if matches!(topic, "customers/data_request" | "customers/redact" | "shop/redact") {
            return Ok(ignored(IgnoredReason::Privacy, None));
        }
        if !INFO.topics.contains(&topic) {
            return Ok(ignored(IgnoredReason::OtherTopic, None));
        }
        let node = json::parse(raw_body, &Limits::WEBHOOK)?;
        let notes = Notes::default();
        let body = Obj::new(&node, "", &notes)?;
        match topic {
            "orders/delete" => Ok(Parsed::Cancelled {
                external_id: order::external_id(&body)?,
                at: None,
                updated_at: None,
                reason: CancelReason::Deleted,
            }),
            "refunds/create" | "fulfillments/create" | "fulfillments/update" => {
                Ok(ignored(IgnoredReason::FetchNeeded, named_order(&body)?))
            }
            "orders/edited" if body.has("order_edit") => {
                let edit = body.object("order_edit");
                let order = edit.map(|edit| named_order(&edit)).transpose()?.flatten();
                Ok(ignored(IgnoredReason::FetchNeeded, order))
            }
            _ => {
                let order = self.order(&node, "")?;
                match order.state {
                    OrderState::Cancelled => Ok(Parsed::Cancelled {
                        reason: order::cancel_reason(&body)?,
                        external_id: order.external_id,
                        at: order.cancelled_at,
                        updated_at: order.updated_at,
                    }),
                    _ if topic == "orders/cancelled" => {
                        // The topic promises a cancelled order: without its time it is another.
                        Err(body.error(Code::FieldMissing, "cancelled_at"))
                    }
                    _ => Ok(Parsed::Order(Box::new(order))),
                }
            }
        }
    }

    fn order(&self, node: &Node<'_>, pointer: &str) -> Result<CanonicalOrder, ChannelError> {
        let notes = Notes::default();
        let mut order = order::read(&Obj::new(node, pointer, &notes)?)?;
        order.warnings = notes.into_vec();
        Ok(order)
    }
}

fn ignored(reason: IgnoredReason, external_id: Option<String>) -> Parsed {
    Parsed::Ignored { reason, external_id }
}

fn named_order(body: &Obj<'_>) -> Result<Option<String>, ChannelError> {
    body.id("order_id")
}
