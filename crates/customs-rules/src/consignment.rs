//! What is asked: one parcel across a border, with its goods, money and terms.

use colibri_types::{Country, Currency};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use crate::place::Place;

/// How it travels: one service of a carrier maps to exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By post, under the postal union's forms.
    Post,
    /// By an express carrier.
    Express,
    /// As freight.
    Freight,
}

/// Why it travels. Decided from who sells, who buys and the reason; never from the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// A distance sale to a consumer.
    B2c,
    /// A sale to a business.
    B2b,
    /// A gift between private persons. A sale is never a gift.
    Gift,
    /// Goods that go back.
    Return,
    /// A commercial sample.
    Sample,
    /// Papers without goods.
    Documents,
}

/// A low-value scheme that the seller is registered for and wants to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheme {
    /// European Union: import one-stop shop.
    Ioss,
    /// European Union: special arrangement, the carrier collects.
    SpecialArrangement,
    /// European Union: the standard way.
    StandardVat,
    /// Great Britain: tax at the sale.
    SupplyVat,
    /// Norway: tax at the sale.
    Voec,
    /// Australia and New Zealand: tax at the sale.
    VendorGst,
    /// Brazil: certified platform.
    RemessaConforme,
    /// Tax at the border, in the destination's ordinary way.
    Import,
}

/// Which declaration is made at the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dataset {
    /// Low value, six digits.
    H7,
    /// Postal, six digits.
    H6,
    /// Full, ten digits.
    H1,
    /// Informal entry.
    Informal,
    /// Formal entry.
    Formal,
}

/// Who pays at the border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Terms {
    /// The sender pays duties and taxes.
    Ddp,
    /// The receiver does.
    #[default]
    Dap,
}

/// Money beside the goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// Without tax.
    pub amount: Decimal,
    /// Is it a line of its own on the invoice? If not it is part of the goods' price.
    #[serde(default = "yes")]
    pub shown_separately: bool,
}

const fn yes() -> bool {
    true
}

/// Identifiers of a product, where the destination wants them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProductIds {
    /// The merchant's own; empty for none.
    pub merchant: String,
    /// The manufacturer's; empty for none.
    pub manufacturer: String,
    /// GTIN; empty for none. Never invented.
    pub gtin: String,
}

/// Goods of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// From 1, once each.
    pub no: u32,
    /// What it is.
    pub description: String,
    /// Tariff code, digits, as deep as it is known; empty when it is not.
    #[serde(default)]
    pub code: String,
    /// Where it was made; not where it leaves from.
    #[serde(default)]
    pub origin: Option<Country>,
    /// Pieces.
    pub quantity: u32,
    /// Value of the whole line without tax, in the order's currency.
    pub value: Decimal,
    /// Net weight of the whole line.
    #[serde(default)]
    pub net_kg: Option<Decimal>,
    /// Litres of the whole line, for goods that pay by volume.
    #[serde(default)]
    pub litres: Option<Decimal>,
    /// The base duty as a broker or ruling stated it, e.g. `12 %`; `None`: as the tariff says.
    #[serde(default)]
    pub duty: Option<String>,
    /// The seller claims a preference for its origin and can prove it.
    #[serde(default)]
    pub preference: bool,
    /// Excise goods are outside the low-value schemes.
    #[serde(default)]
    pub excise: bool,
    /// A reduced rate of tax that a person confirmed for these goods.
    #[serde(default)]
    pub tax_rate: Option<Decimal>,
    /// Identifiers.
    #[serde(default)]
    pub product_ids: ProductIds,
}

/// A fee of the carrier for the border, in its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarrierFee {
    /// What for.
    pub name: String,
    /// Without tax.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
}

/// One parcel across a border.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consignment {
    /// Legal day at the destination; for a quote the expected arrival.
    #[serde(with = "crate::day")]
    pub date: Date,
    /// Where it leaves.
    pub from: Place,
    /// Where it goes.
    pub to: Place,
    /// How it travels.
    pub channel: Channel,
    /// Why it travels.
    pub flow: Flow,
    /// The seller's scheme; `None`: none.
    #[serde(default)]
    pub scheme: Option<Scheme>,
    /// The declaration; `None`: what the rules of the destination make of it.
    #[serde(default)]
    pub dataset: Option<Dataset>,
    /// Who pays at the border.
    #[serde(default)]
    pub terms: Terms,
    /// The order's currency.
    pub currency: Currency,
    /// Goods.
    pub lines: Vec<Line>,
    /// Taken off the goods together.
    #[serde(default)]
    pub discount: Decimal,
    /// Carriage that the buyer pays.
    #[serde(default)]
    pub freight: Option<Extra>,
    /// Insurance that the buyer pays.
    #[serde(default)]
    pub insurance: Option<Extra>,
    /// What the carrier takes for the border.
    #[serde(default)]
    pub carrier_fees: Vec<CarrierFee>,
}
