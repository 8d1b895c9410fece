//! What is shipped, and what a purchase gives.

use std::fmt;

use bytes::Bytes;
use colibri_types::{Country, Dimensions, Grams, Money};
use time::Date;

use crate::LabelFormat;

/// A name and an address in clear. `Debug` prints the country only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// Person.
    pub name: String,
    /// Company, empty for none.
    pub company: String,
    /// Street lines, one to three.
    pub lines: Vec<String>,
    /// City.
    pub city: String,
    /// Postcode as the country writes it, empty where it has none.
    pub postcode: String,
    /// ISO 3166-2 subdivision without the country (`CA`), empty where unknown.
    pub subdivision: String,
    /// Country; `None` only before validation.
    pub country: Option<Country>,
    /// Phone, empty for none.
    pub phone: String,
    /// E-mail, empty for none.
    pub email: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact(.., {:?})", self.country)
    }
}

/// One article line in a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The merchant's article number.
    pub sku: String,
    /// What it is, in plain words.
    pub description: String,
    /// Pieces.
    pub quantity: u32,
    /// Weight of one piece.
    pub weight: Grams,
    /// Value of one piece.
    pub value: Money,
    /// HS code, digits only, when known.
    pub hs_code: Option<String>,
    /// Country of origin, when known.
    pub origin: Option<Country>,
}

/// Who pays duties and taxes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incoterm {
    /// Delivered at place: the receiver pays.
    Dap,
    /// Delivered duty paid: the sender pays.
    Ddp,
}

/// Options of delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryOption {
    /// The receiver signs.
    Signature,
    /// Delivered on a Saturday where the service allows it.
    Saturday,
    /// Insured for this value.
    Insurance(Money),
    /// Collected from the receiver on delivery.
    CashOnDelivery(Money),
    /// Delivered to this pickup point of the carrier.
    ServicePoint {
        /// The carrier's id of the point.
        id: String,
        /// Its address, which some carriers want repeated.
        address: Option<Box<Contact>>,
    },
    /// Left without a signature where the receiver said, e.g. `behind the gate`.
    SafePlace(String),
}

/// An option without its value: what a carrier can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OptionKind {
    /// [`DeliveryOption::Signature`].
    Signature,
    /// [`DeliveryOption::Saturday`].
    Saturday,
    /// [`DeliveryOption::Insurance`].
    Insurance,
    /// [`DeliveryOption::CashOnDelivery`].
    CashOnDelivery,
    /// [`DeliveryOption::ServicePoint`].
    ServicePoint,
    /// [`DeliveryOption::SafePlace`].
    SafePlace,
}

impl OptionKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Signature,
        Self::Saturday,
        Self::Insurance,
        Self::CashOnDelivery,
        Self::ServicePoint,
        Self::SafePlace,
    ];

    /// The word on the wire and in configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Saturday => "saturday",
            Self::Insurance => "insurance",
            Self::CashOnDelivery => "cash_on_delivery",
            Self::ServicePoint => "service_point",
            Self::SafePlace => "safe_place",
        }
    }
}

impl DeliveryOption {
    /// The option without its value.
    #[must_use]
    pub const fn kind(&self) -> OptionKind {
        match self {
            Self::Signature => OptionKind::Signature,
            Self::Saturday => OptionKind::Saturday,
            Self::Insurance(_) => OptionKind::Insurance,
            Self::CashOnDelivery(_) => OptionKind::CashOnDelivery,
            Self::ServicePoint { .. } => OptionKind::ServicePoint,
            Self::SafePlace(_) => OptionKind::SafePlace,
        }
    }
}

/// Why goods cross a border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportReason {
    /// Sold.
    Sale,
    /// Given away.
    Gift,
    /// A sample without commercial value.
    Sample,
    /// Sent back to the seller.
    Return,
    /// To be repaired, or back from it.
    Repair,
    /// Papers only.
    Documents,
}

/// What customs must be told beside the articles of the parcels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customs {
    /// Number of the commercial invoice.
    pub invoice_number: String,
    /// Its date.
    pub invoice_date: Date,
    /// Why the goods travel.
    pub reason: ExportReason,
    /// The sender's EORI number; empty for none.
    pub sender_eori: String,
    /// The sender's VAT number; empty for none.
    pub sender_vat: String,
    /// Number of the import one-stop shop, or the like (`IM2500000017`); empty for none.
    pub ioss: String,
    /// The receiver's tax or EORI number; empty for none.
    pub recipient_tax_id: String,
    /// What the receiver paid for carriage, which customs count in.
    pub freight: Option<Money>,
    /// What goods that come back went out by, for the relief or refund of duty and tax; empty: they
    /// do not come back, or nothing is known of it.
    pub went_out_by: String,
}

/// One box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// Our id, e.g. for the label's reference line.
    pub parcel_id: String,
    /// Gross weight.
    pub weight: Grams,
    /// Outer dimensions, when known.
    pub dimensions: Option<Dimensions>,
    /// Contents.
    pub items: Vec<Item>,
}

/// What is bought in one call: parcels from one place to one address on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// Our unique reference of this purchase attempt: at most 20 characters of `[A-Z0-9]`, so that
    /// every carrier's searchable field can hold it.
    pub attempt_ref: String,
    /// The merchant's order number, for people.
    pub order_number: String,
    /// Carrier's service code, from [`crate::CarrierInfo::services`].
    pub service: String,
    /// Day the parcel is handed over, in the sender's calendar.
    pub ship_date: Date,
    /// Where it leaves.
    pub sender: Contact,
    /// Where it goes.
    pub recipient: Contact,
    /// At least one.
    pub parcels: Vec<Parcel>,
    /// Wanted format of the label.
    pub format: LabelFormat,
    /// Options.
    pub options: Vec<DeliveryOption>,
    /// Who pays duties, where a border is crossed.
    pub incoterm: Option<Incoterm>,
    /// What customs are told, where a border is crossed and the facts are known.
    pub customs: Option<Customs>,
}

/// The label of one parcel. `Debug` prints neither number nor file.
#[derive(Clone, PartialEq, Eq)]
pub struct Label {
    /// Number that the carrier tracks the parcel by.
    pub tracking_number: String,
    /// Format of `data`.
    pub format: LabelFormat,
    /// The file; empty when the carrier gave a number but no file.
    pub data: Bytes,
}

impl Label {
    /// With the file that came: it is what its bytes are, whatever was asked for or said of it.
    /// What no printer takes is no file: the number is bought all the same, and a file can be asked
    /// for again.
    pub(crate) fn of(tracking_number: String, file: Option<Bytes>, asked: LabelFormat) -> Self {
        let known = file.and_then(|file| Some((LabelFormat::of_bytes(&file)?, file)));
        let (format, data) = known.unwrap_or((asked, Bytes::new()));
        Self { tracking_number, format, data }
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Label(.., {:?}, {} bytes)", self.format, self.data.len())
    }
}

/// A bought shipment. `Debug` prints no number.
#[derive(Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Number of the whole shipment, by which it is voided; some carriers use the first parcel's.
    pub shipment_number: String,
    /// One label per parcel, in the order of [`Shipment::parcels`].
    pub labels: Vec<Label>,
    /// What the carrier says it charges, when it says so.
    pub charge: Option<Money>,
}

impl fmt::Debug for Purchase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Purchase(.., {} labels, {:?})", self.labels.len(), self.charge)
    }
}
