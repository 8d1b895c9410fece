//! What an order says besides the person: everything that is kept in the open.

use colibri_events::{
    orders::v1 as pb,
    types::v1::{Date as PbDate, Money as PbMoney, Parcel as PbParcel},
};
use colibri_types::{Country, Currency, OrderId, ShipmentId, SiteId, TenantId};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// Namespace of order and shipment ids, fixed for ever: changing it would take every order in a
/// second time.
const NAMESPACE: Uuid = Uuid::from_u128(0x3d2a_8c41_77f5_5e0b_9a16_52c8_0f4e_61d7);

/// The id that an order always gets.
#[must_use]
pub fn order_id(tenant: TenantId, channel: &str, external_id: &str) -> OrderId {
    let name = format!("order\0{tenant}\0{channel}\0{external_id}");
    OrderId::derived(&NAMESPACE, name.as_bytes())
}

/// The id of its shipment; there is one per order.
#[must_use]
pub fn shipment_id(order: OrderId) -> ShipmentId {
    ShipmentId::derived(&NAMESPACE, format!("shipment\0{order}").as_bytes())
}

/// Life of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Passed, and asked to be fulfilled.
    Accepted,
    /// Waits for somebody.
    Held,
    /// Off for ever.
    Cancelled,
}

impl State {
    /// Each with its name in the database.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Accepted, "accepted"), (Self::Held, "held"), (Self::Cancelled, "cancelled")];

    /// Name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
        }
    }

    /// From the name in the database.
    #[must_use]
    pub fn from_name(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(state, _)| *state)
    }

    /// As callers see it.
    #[must_use]
    pub const fn to_proto(self) -> pb::OrderState {
        match self {
            Self::Accepted => pb::OrderState::Accepted,
            Self::Held => pb::OrderState::Held,
            Self::Cancelled => pb::OrderState::Cancelled,
        }
    }
}

/// One sold line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Article.
    pub sku: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Units.
    pub quantity: u32,
    /// Price of one, in minor units of the order's currency.
    pub price_minor: i64,
    /// Weight of one in grams; `None`: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_g: Option<u32>,
    /// 6 to 10 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hs: Option<String>,
    /// Where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Country>,
}

impl Line {
    /// As callers see it.
    #[must_use]
    pub fn to_proto(&self, currency: Currency) -> pb::Line {
        pb::Line {
            sku: self.sku.clone(),
            name: self.name.clone(),
            quantity: self.quantity,
            unit_price: Some(money(self.price_minor, currency)),
            unit_weight_g: self.weight_g.unwrap_or_default(),
            hs_code: self.hs.clone().unwrap_or_default(),
            origin_country: self.origin.map(|c| c.to_string()).unwrap_or_default(),
        }
    }
}

/// One box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// Gross, in grams.
    pub weight_g: u32,
    /// Length, width and height in millimetres; `None`: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_mm: Option<[u32; 3]>,
}

impl Parcel {
    /// As events carry it.
    #[must_use]
    pub fn to_proto(self) -> PbParcel {
        let [length_mm, width_mm, height_mm] = self.size_mm.unwrap_or_default();
        PbParcel { weight_g: self.weight_g, length_mm, width_mm, height_mm }
    }
}

/// A carrier's pickup point, as its buyer chose it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The carrier's id.
    pub id: String,
    /// Name of the shop; empty: not told, as the rest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Street lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Postcode.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postcode: String,
    /// City.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub city: String,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub country: String,
}

impl Point {
    /// As others see it.
    #[must_use]
    pub fn to_proto(&self) -> colibri_events::types::v1::ServicePoint {
        let Self { id, name, lines, postcode, city, country } = self.clone();
        colibri_events::types::v1::ServicePoint { id, name, lines, postcode, city, country }
    }
}

/// What an order says besides the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Where it goes; `None`: nobody said.
    pub country: Option<Country>,
    /// Postcode zone there; empty where the country has none, or the postcode is no postcode.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// No company in the address.
    pub residential: bool,
    /// Of every amount.
    pub currency: Currency,
    /// Of the lines, in minor units.
    pub total_minor: i64,
    /// Sold lines.
    pub lines: Vec<Line>,
    /// Boxes as told; empty: one of the lines' weight.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parcels: Vec<Parcel>,
    /// Paid for shipping, in minor units; `None`: unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_minor: Option<i64>,
    /// Day the buyer wants it; `None`: no wish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted_by: Option<Date>,
    /// When the buyer ordered, if told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<OffsetDateTime>,
    /// Site asked for; empty: by rule.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site_code: String,
    /// The channel's word for the payment; empty: not told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub payment: String,
    /// Made to try the shop out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// Extra services asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// What `insurance` covers, in minor units; `None`: the lines' value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_minor: Option<i64>,
    /// What `cash_on_delivery` collects, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect_minor: Option<i64>,
    /// Where `service_point` sends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_point: Option<Point>,
    /// Reasons for holding that the channel itself gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channel_holds: Vec<String>,
}

/// A place parcels leave from, as far as orders needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Id.
    pub site_id: SiteId,
    /// The tenant's own word for it.
    pub code: String,
    /// Country.
    pub country: String,
    /// Postcode zone; empty: the country has none.
    pub zone: String,
}

/// Why an order is held, as it is kept: without words, which may quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A word of `docs/holds.md`, or an ADR code.
    pub code: String,
    /// Field; empty for the whole order.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
}

impl Reason {
    /// A reason about a field.
    pub fn new(code: impl Into<String>, field: impl Into<String>) -> Self {
        Self { code: code.into(), field: field.into() }
    }
}

/// Money on the wire.
#[must_use]
pub fn money(amount_minor: i64, currency: Currency) -> PbMoney {
    PbMoney { amount_minor, currency: currency.to_string() }
}

/// A day on the wire.
#[must_use]
pub fn date(date: Date) -> PbDate {
    PbDate {
        year: date.year(),
        month: u32::from(u8::from(date.month())),
        day: u32::from(date.day()),
    }
}

/// An instant on the wire.
#[must_use]
pub fn timestamp(at: OffsetDateTime) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_the_order_key_and_from_nothing_else() {
        let (a, b) = (TenantId::generate(), TenantId::generate());
        assert_eq!(order_id(a, "shopify", "1"), order_id(a, "shopify", "1"));
        let others =
            [order_id(b, "shopify", "1"), order_id(a, "shopif", "y1"), order_id(a, "csv", "1")];
        assert!(others.iter().all(|other| *other != order_id(a, "shopify", "1")));
        let order = order_id(a, "shopify", "1");
        assert_eq!(shipment_id(order), shipment_id(order));
        assert_ne!(shipment_id(order).to_uuid(), order.to_uuid());
    }

    #[test]
    fn states_are_read_back() {
        for (state, name) in State::ALL {
            assert_eq!((State::from_name(name), state.as_str()), (Some(state), name));
        }
        assert_eq!(State::from_name("lost"), None);
    }
}
