//! What a sales channel can do here, and the register of them.
//!
//! A channel verifies, describes and reads what was delivered. It never calls out, keeps nothing
//! and knows no clock: freshness and de-duplication of deliveries are its caller's.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use colibri_types::CivilTime;
use serde::{Deserialize, Serialize};

use crate::{
    error::ChannelError,
    json::{self, Node},
    order::CanonicalOrder,
};

/// A header: its name in lower case, its value.
pub type Header<'a> = (&'a str, &'a str);

/// What a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelInfo {
    /// Id in the register, in accounts and in orders.
    pub id: &'static str,
    /// Name for people.
    pub name: &'static str,
    /// Header names that can carry the signature, in lower case.
    pub signature_headers: &'static [&'static str],
    /// Topics that bring an order or its end.
    pub topics: &'static [&'static str],
}

/// What the headers say about a delivery. Nothing of it is proved until [`Channel::verify`] holds,
/// and the signature covers the body only: headers can be replayed with another body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// What happened, in the channel's words.
    pub topic: Option<String>,
    /// Id of this delivery, equal on every retry; 1 to 128 characters of `A-Z a-z 0-9 _ - :`.
    pub id: Option<String>,
    /// Shop it comes from.
    pub shop: Option<String>,
    /// Version of the payload.
    pub api_version: Option<String>,
    /// When the channel says it happened.
    pub triggered_at: Option<CivilTime>,
}

/// What a delivery means for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// A new or changed order, whole.
    Order(Box<CanonicalOrder>),
    /// The order came to its end at the channel.
    Cancelled {
        /// Id at the channel.
        external_id: String,
        /// When, if stated.
        at: Option<CivilTime>,
        /// Last change at the channel, if stated.
        updated_at: Option<CivilTime>,
        /// Why.
        reason: CancelReason,
    },
    /// Nothing to map.
    Ignored {
        /// Why.
        reason: IgnoredReason,
        /// Order it speaks of, when it names one.
        external_id: Option<String>,
    },
}

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The buyer changed their mind.
    Customer,
    /// Out of stock.
    Inventory,
    /// Fraud.
    Fraud,
    /// The payment was declined.
    Declined,
    /// Mistake of the shop.
    Staff,
    /// Thrown away at the channel.
    Deleted,
    /// Another reason, or none given.
    Other,
}

/// Why a delivery is not mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IgnoredReason {
    /// The channel tries the address out.
    Ping,
    /// It tells that the order changed, not how: fetch the order.
    FetchNeeded,
    /// A privacy request, for the vault.
    Privacy,
    /// The cart was not ordered yet.
    Draft,
    /// A topic that does not concern orders.
    OtherTopic,
}

/// A sales channel. Reads what is given; never performs I/O.
pub trait Channel: Send + Sync {
    /// Id, name, headers and topics.
    fn info(&self) -> &'static ChannelInfo;

    /// Whether exactly these bytes were signed with this secret: HMAC-SHA256 in base64, compared
    /// in constant time. A missing or doubled signature and an empty secret are refused. During a
    /// rotation, call once for each secret.
    fn verify(&self, secret: &[u8], headers: &[Header<'_>], raw_body: &[u8]) -> bool {
        let names = self.info().signature_headers;
        let mut given = headers.iter().filter(|(name, _)| names.contains(name));
        match (given.next(), given.next()) {
            (Some((_, signature)), None) => signed(secret, signature, raw_body),
            _ => false,
        }
    }

    /// What the headers say.
    fn delivery(&self, headers: &[Header<'_>]) -> Delivery;

    /// Maps a verified delivery.
    ///
    /// # Errors
    /// `CHN0001` to `CHN0018` with the place; the delivery can be replayed after a repair.
    fn parse(&self, topic: &str, raw_body: &[u8]) -> Result<Parsed, ChannelError>;

    /// Maps one order document, found at `pointer` of a larger one.
    ///
    /// # Errors
    /// `CHN0008` to `CHN0018` with the place.
    fn order(&self, node: &Node<'_>, pointer: &str) -> Result<CanonicalOrder, ChannelError>;
}

/// Base64(HMAC-SHA256(body)) with the padded standard alphabet and nothing around it.
fn signed(secret: &[u8], signature: &str, raw_body: &[u8]) -> bool {
    // Shops leave the secret empty by default; then anybody could sign.
    if secret.is_empty() {
        return false;
    }
    let Ok(tag) = STANDARD.decode(signature) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    hmac::verify(&key, raw_body, &tag).is_ok()
}

/// The only value among headers of these names; doubled ones say nothing.
pub(crate) fn single<'h>(headers: &[Header<'h>], names: &[&str]) -> Option<&'h str> {
    let mut given = headers.iter().filter(|(name, _)| names.contains(name));
    match (given.next(), given.next()) {
        (Some((_, value)), None) => Some(value.trim()).filter(|v| (1..=255).contains(&v.len())),
        _ => None,
    }
}

/// A delivery id that can be a key everywhere: no dots, spaces or control characters.
pub(crate) fn delivery_id(value: &str) -> Option<String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b':');
    ((1..=128).contains(&value.len()) && value.bytes().all(plain)).then(|| value.to_owned())
}

macro_rules! channels {
    ($($module:ident :: $channel:ident),* $(,)?) => {
        /// Every channel, in the order of the register.
        #[must_use]
        pub fn all() -> &'static [&'static dyn Channel] {
            &[$(&crate::$module::$channel),*]
        }
    };
}

channels! {
    shopify::Shopify,
    woocommerce::WooCommerce,
}

/// The channel of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static dyn Channel> {
    all().iter().copied().find(|c| c.info().id == id)
}

/// Reads a saved document of a channel: one order, `{"order": …}`, `{"orders": […]}` or a list.
/// Each order stands alone: one that cannot be read does not stop the others.
#[must_use]
pub fn read_text(channel: &str, body: &[u8]) -> Vec<Result<CanonicalOrder, ChannelError>> {
    let Some(channel) = find(channel) else {
        return vec![Err(ChannelError::at(crate::Code::ChannelUnknown, ""))];
    };
    let node = match json::parse(body, &json::Limits::PAGE) {
        Ok(node) => node,
        Err(error) => return vec![Err(error)],
    };
    let list = |items: &[Node<'_>], pointer: &str| -> Vec<_> {
        let numbered = items.iter().enumerate();
        numbered.map(|(index, item)| channel.order(item, &format!("{pointer}/{index}"))).collect()
    };
    match &node {
        Node::List(items) => list(items, ""),
        Node::Object(fields) => match wrapped(fields) {
            Some(("orders", Node::List(items))) => list(items, "/orders"),
            Some(("order", inner @ Node::Object(_))) => vec![channel.order(inner, "/order")],
            _ => vec![channel.order(&node, "")],
        },
        _ => vec![channel.order(&node, "")],
    }
}

/// The wrapper's field, when the object is a wrapper and not itself an order.
fn wrapped<'n>(fields: &'n [(String, Node<'n>)]) -> Option<(&'n str, &'n Node<'n>)> {
    if fields.iter().any(|(key, _)| key == "id") {
        return None;
    }
    let (key, node) = fields.iter().find(|(key, _)| key == "orders" || key == "order")?;
    Some((key, node))
}
