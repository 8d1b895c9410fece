//! The canonical order: what every channel and file is mapped to.
//!
//! Owns the shape and its invariants of form. Holds personal data in memory (`ship_to`, `note`,
//! `gift_message`, customisation), so its `Debug` shows none; serialising is for the vault and the
//! operator's own screen. Does not validate addresses and decides nothing about the order.

use std::fmt;

use colibri_types::{CivilTime, Country, Currency, Grams, Money, Pii};
use serde::{Deserialize, Serialize};

use crate::personal;

/// What a channel sold, in one vocabulary. Absent facts are absent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanonicalOrder {
    /// `shopify`, `woocommerce`, `csv` or `api`.
    pub channel: String,
    /// Stable id at the channel, exact also beyond 2^53; with the account it names the order.
    pub external_id: String,
    /// Order number people type; not unique.
    pub number: String,
    /// When the buyer ordered, with the channel's offset when stated or derivable.
    pub placed_at: Option<CivilTime>,
    /// Last change at the channel; orders revisions.
    pub updated_at: Option<CivilTime>,
    /// Currency of every amount below: the shop's books, not the buyer's screen.
    pub currency: Currency,
    /// Currency shown to the buyer, when it differs.
    pub presentment_currency: Option<Currency>,
    /// Whether unit prices, line amounts and shipping include tax. Unknown for some files.
    pub taxes_included: Option<bool>,
    /// Sold lines; a line removed later stays, with quantity 0.
    pub lines: Vec<Line>,
    /// Where it goes; absent for digital goods, pick-up and withheld data.
    pub ship_to: Option<Party>,
    /// Why nothing can be sent to an address, when that is so.
    pub no_delivery: Option<NoDelivery>,
    /// Country of the billing address; nothing else of it is needed here.
    pub bill_to_country: Option<Country>,
    /// What the buyer chose and paid for shipping.
    pub shipping: Shipping,
    /// Sums as the channel states them, or as they follow from the lines.
    pub totals: Totals,
    /// State of the payment.
    pub financial_status: FinancialStatus,
    /// State of the order at the channel.
    pub state: OrderState,
    /// The channel's own status word, when it is a plain word.
    pub channel_status: Option<String>,
    /// When it was cancelled, if the channel says when.
    pub cancelled_at: Option<CivilTime>,
    /// Tags set by the shop's people.
    pub tags: Vec<String>,
    /// The buyer's note.
    #[serde(with = "personal::optional")]
    pub note: Option<Pii<String>>,
    /// Text to be printed for the receiver of a gift.
    #[serde(with = "personal::optional")]
    pub gift_message: Option<Pii<String>>,
    /// Day the buyer wants it delivered.
    pub wanted_delivery: Option<CivilTime>,
    /// Pick-up point chosen at the checkout, in the carrier's numbering.
    pub service_point_ref: Option<String>,
    /// Terms that follow from the sale: DDP when duties were collected at the checkout.
    pub incoterm: Option<Incoterm>,
    /// Made to try the shop out: must never ship.
    pub test: bool,
    /// What was repaired or looks wrong; nothing here stopped the mapping.
    pub warnings: Vec<Warning>,
}

/// One sold line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Stable id of the line at the channel.
    pub line_id: String,
    /// The channel has no line id: this one is a hash of SKU, name, price and place among equals.
    pub line_id_derived: bool,
    /// The shop's article code.
    pub sku: Option<String>,
    /// The channel's id of the variant, for shops without SKUs.
    pub variant_ref: Option<String>,
    /// Name of the article as sold.
    pub name: String,
    /// Units still sold, after edits and refunds.
    pub quantity: u32,
    /// Units that remain to be shipped by us; 0 for lines that do not ship.
    pub fulfillable_quantity: u32,
    /// Price of one unit before discount, in the order's tax mode; rounded where the channel
    /// states only the line.
    pub unit_price: Money,
    /// Discount on the whole line.
    pub discount: Money,
    /// Amount of the whole line after discount, in the order's tax mode.
    pub total: Money,
    /// Tax of the whole line, when stated.
    pub tax: Option<Money>,
    /// Weight of one unit, when stated and not zero.
    pub unit_weight: Option<Grams>,
    /// A physical thing that must be sent.
    pub requires_shipping: bool,
    /// Harmonised System code, 6 to 10 digits.
    pub hs_code: Option<String>,
    /// Country of origin of the goods.
    pub origin: Option<Country>,
    /// GTIN, digits only.
    pub gtin: Option<String>,
    /// Line this one is a part of, when the channel sells bundles.
    pub bundle_parent: Option<String>,
    /// Text or choices given by the buyer for this article.
    #[serde(with = "personal::optional")]
    pub customisation: Option<Pii<String>>,
}

impl Line {
    /// The SKU, or the channel's variant where the shop keeps no SKU.
    #[must_use]
    pub fn article(&self) -> Option<&str> {
        self.sku.as_deref().or(self.variant_ref.as_deref())
    }
}

/// A person or company and a postal address, as stated: neither checked nor corrected here.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Full name; never split.
    pub name: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Street and complements, in order, without empty ones.
    pub lines: Vec<String>,
    /// City.
    pub city: Option<String>,
    /// Postcode as written.
    pub postcode: Option<String>,
    /// State, province or region: the part after the country of its ISO 3166-2 code where the
    /// channel uses those, else as written.
    pub subdivision: Option<String>,
    /// Country.
    pub country: Option<Country>,
    /// What was written for the country, when it was not understood.
    pub country_text: Option<String>,
    /// Phone as written.
    pub phone: Option<String>,
    /// E-mail as written.
    pub email: Option<String>,
}

impl Party {
    /// No postal fact at all: neither street, city, postcode nor country.
    #[must_use]
    pub fn has_no_address(&self) -> bool {
        self.lines.is_empty()
            && self.city.is_none()
            && self.postcode.is_none()
            && self.country.is_none()
            && self.country_text.is_none()
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Party").field("country", &self.country).finish_non_exhaustive()
    }
}

/// What the buyer chose and paid for shipping.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipping {
    /// Paid after discounts, in the order's tax mode.
    pub paid: Option<Money>,
    /// Method as shown to the buyer.
    pub title: Option<String>,
    /// The channel's code of the method, to map on a service.
    pub code: Option<String>,
}

/// Sums of the order. `grand = items − discount + shipping + other`, plus `tax` when prices do not
/// include it; a difference above one minor unit per line is a `totals_mismatch` warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Sum of the lines before discount, in the order's tax mode.
    pub items: Money,
    /// Sum of the discounts on lines.
    pub discount: Money,
    /// Shipping paid, in the order's tax mode.
    pub shipping: Option<Money>,
    /// Tips, duties and fees; negative when a fee is really a discount.
    pub other: Option<Money>,
    /// All tax, when stated.
    pub tax: Option<Money>,
    /// What the buyer owes or paid, as stated.
    pub grand: Option<Money>,
}

/// State of the payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinancialStatus {
    /// Nothing received yet.
    Pending,
    /// Reserved on the buyer's account, not taken.
    Authorized,
    /// A part was received.
    PartiallyPaid,
    /// Received in full.
    Paid,
    /// A part was given back.
    PartiallyRefunded,
    /// All was given back.
    Refunded,
    /// The payment was called off.
    Voided,
    /// The carrier shall collect it.
    CashOnDelivery,
    /// The channel's word is not in our table, or it says nothing.
    Unknown,
}

/// State of the order at the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// To be shipped, once paid.
    Open,
    /// The shop holds it back.
    OnHold,
    /// Shipped, or settled without shipping.
    Closed,
    /// Cancelled.
    Cancelled,
    /// Thrown away at the channel.
    Deleted,
    /// A status word that is not in our table: a person must map it.
    Unmapped,
}

/// Why an order has no address to send to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoDelivery {
    /// No line needs shipping: gift cards, downloads, services.
    Digital,
    /// The buyer collects it.
    Pickup,
    /// Sold over the counter.
    PointOfSale,
    /// Every line was removed or refunded.
    NothingLeft,
    /// Goods need shipping but the channel gave no address: not entered, or withheld from us.
    AddressMissing,
}

/// Incoterms 2020 that parcels use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Incoterm {
    /// Ex works.
    Exw,
    /// Free carrier.
    Fca,
    /// Carriage paid to.
    Cpt,
    /// Carriage and insurance paid to.
    Cip,
    /// Delivered at place: the receiver pays duties and taxes.
    Dap,
    /// Delivered at place unloaded.
    Dpu,
    /// Delivered duty paid.
    Ddp,
}

impl Incoterm {
    /// Reads the three letters, in any case.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        Some(match text.to_ascii_uppercase().as_str() {
            "EXW" => Self::Exw,
            "FCA" => Self::Fca,
            "CPT" => Self::Cpt,
            "CIP" => Self::Cip,
            "DAP" => Self::Dap,
            "DPU" => Self::Dpu,
            "DDP" => Self::Ddp,
            _ => return None,
        })
    }
}

/// Something repaired or suspicious, at a place of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What.
    pub code: WarningCode,
    /// JSON Pointer, or `row 7, column <field>` in files.
    pub place: String,
}

/// What was repaired or looks wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// Another JSON type than documented, with the same meaning.
    TypeRepaired,
    /// An optional field could not be read and is absent.
    FieldUnreadable,
    /// An amount had more decimals than its currency and was rounded.
    AmountRounded,
    /// Two statements of one amount differ; the shop's books won.
    AmountConflict,
    /// The sums do not add up.
    TotalsMismatch,
    /// A status word that is not in our table.
    StatusUnmapped,
    /// The country is not understood.
    CountryUnknown,
    /// The country was given by an alias or a word.
    CountryRepaired,
    /// No shipping address: the billing address is used.
    ShipToFromBilling,
    /// Discount and tax of a partly removed line were shared by quantity.
    SharedByQuantity,
    /// More units to ship than are sold; the lower number is used.
    QuantityReduced,
    /// Something was refunded, but this document does not say which lines.
    RefundLinesUnknown,
    /// A code came as a number: leading zeros may be lost.
    CodeFromNumber,
    /// The encoding is not declared: Windows-1252 was assumed.
    EncodingAssumed,
}

impl fmt::Debug for CanonicalOrder {
    /// Business facts only. Tags are free text of the shop's people, so only their number shows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CanonicalOrder")
            .field("channel", &self.channel)
            .field("external_id", &self.external_id)
            .field("number", &self.number)
            .field("placed_at", &self.placed_at)
            .field("updated_at", &self.updated_at)
            .field("currency", &self.currency)
            .field("taxes_included", &self.taxes_included)
            .field("lines", &self.lines)
            .field("ship_to", &self.ship_to)
            .field("no_delivery", &self.no_delivery)
            .field("shipping", &self.shipping)
            .field("totals", &self.totals)
            .field("financial_status", &self.financial_status)
            .field("state", &self.state)
            .field("cancelled_at", &self.cancelled_at)
            .field("tags", &self.tags.len())
            .field("test", &self.test)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}
