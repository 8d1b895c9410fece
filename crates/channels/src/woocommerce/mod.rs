//! WooCommerce: webhooks and saved orders of REST v3, which are identical.
//!
//! Quirks that shape this code: line amounts never include tax, whatever `prices_include_tax`
//! says; a line states totals, not a usable unit price; times come twice, local and GMT, neither
//! with an offset; the shipping address is empty when it equals the billing address; plugins add
//! statuses and metadata; names hold HTML entities; the first delivery is a ping with a form body.
//! API description: <https://woocommerce.github.io/woocommerce-rest-api-docs/>.

mod html;
mod lines;
mod order;
#[cfg(test)]
mod tests;

use crate::{
    CancelReason, CanonicalOrder, ChannelError, ChannelInfo, Delivery, Header, IgnoredReason,
    OrderState, Parsed,
    channel::{Channel, delivery_id, single},
    json::{self, Limits, Node, Notes, Obj},
};

/// The channel.
pub struct WooCommerce;

const INFO: ChannelInfo = ChannelInfo {
    id: "woocommerce",
    name: "WooCommerce",
    signature_headers: &["x-wc-webhook-signature"],
    topics: &["order.created", "order.updated", "order.restored", "order.deleted"],
};

impl Channel for WooCommerce {
    fn info(&self) -> &'static ChannelInfo {
        &INFO
    }

    fn delivery(&self, headers: &[Header<'_>]) -> Delivery {
        let owned = |name: &str| single(headers, &[name]).map(str::to_owned);
        Delivery {
            topic: owned("x-wc-webhook-topic"),
            id: single(headers, &["x-wc-webhook-delivery-id"]).and_then(delivery_id),
            shop: owned("x-wc-webhook-source"),
            api_version: None,
            triggered_at: None,
        }
    }

    fn parse(&self, topic: &str, raw_body: &[u8]) -> Result<Parsed, ChannelError> {
        let ignored = |reason| Ok(Parsed::Ignored { reason, external_id: None });
        if raw_body.starts_with(b"webhook_id=") {
            return ignored(IgnoredReason::Ping);
        }
        let topic = topic.trim();
        if !INFO.topics.contains(&topic) {
            return ignored(IgnoredReason::OtherTopic);
        }
        let node = json::parse(raw_body, &Limits::WEBHOOK)?;
        let notes = Notes::default();
        let body = Obj::new(&node, "", &notes)?;
        if topic == "order.deleted" {
            return Ok(Parsed::Cancelled {
                external_id: order::external_id(&body)?,
                at: None,
                updated_at: None,
                reason: CancelReason::Deleted,
            });
        }
        if order::is_draft(&body)? {
            return Ok(Parsed::Ignored {
                reason: IgnoredReason::Draft,
                external_id: Some(order::external_id(&body)?),
            });
        }
        let order = self.order(&node, "")?;
        let reason = match order.state {
            OrderState::Cancelled => CancelReason::Other,
            OrderState::Deleted => CancelReason::Deleted,
            _ => return Ok(Parsed::Order(Box::new(order))),
        };
        Ok(Parsed::Cancelled {
            external_id: order.external_id,
            at: order.cancelled_at,
            updated_at: order.updated_at,
            reason,
        })
    }

    fn order(&self, node: &Node<'_>, pointer: &str) -> Result<CanonicalOrder, ChannelError> {
        let notes = Notes::default();
        let mut order = order::read(&Obj::new(node, pointer, &notes)?)?;
        order.warnings = notes.into_vec();
        Ok(order)
    }
}
