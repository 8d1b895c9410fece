//! What is known of a parcel beside its consignment: parties, papers, weights, numbers.

use std::collections::BTreeMap;

use colibri_types::{Country, Currency};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use super::form::Form;
use crate::consignment::Consignment;

/// A parcel with everything that papers ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    /// Goods, money and way.
    pub consignment: Consignment,
    /// Who sells, and sends unless a shipper is named.
    pub seller: Party,
    /// Who buys, and receives unless another place is named.
    pub buyer: Party,
    /// Who sends, when not the seller.
    #[serde(default)]
    pub shipper: Option<Party>,
    /// Where it goes, when not to the buyer.
    #[serde(default)]
    pub ship_to: Option<Party>,
    /// Importer of record, when not the buyer.
    #[serde(default)]
    pub importer: Option<Party>,
    /// The rest.
    pub facts: Facts,
}

impl Parcel {
    /// Whose name is on the parcel as the sender.
    #[must_use]
    pub fn sender(&self) -> &Party {
        self.shipper.as_ref().unwrap_or(&self.seller)
    }

    /// To whom it is addressed.
    #[must_use]
    pub fn addressee(&self) -> &Party {
        self.ship_to.as_ref().unwrap_or(&self.buyer)
    }

    /// What is known of a line.
    #[must_use]
    pub fn line_facts(&self, no: u32) -> Option<&LineFacts> {
        self.facts.lines.get(&no)
    }

    /// Category of the postal forms: as stated, else as the flow says.
    #[must_use]
    pub fn category(&self) -> Category {
        use crate::consignment::Flow;
        self.facts.category.unwrap_or(match self.consignment.flow {
            Flow::B2c | Flow::B2b => Category::SaleOfGoods,
            Flow::Gift => Category::Gift,
            Flow::Return => Category::ReturnedGoods,
            Flow::Sample => Category::CommercialSample,
            Flow::Documents => Category::Documents,
        })
    }

    /// In the course of business, sold or not.
    #[must_use]
    pub fn commercial(&self) -> bool {
        use crate::consignment::Flow;
        !matches!(self.consignment.flow, Flow::Gift | Flow::Documents)
    }
}

/// A person or a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// A human being.
    Natural,
    /// A firm or office.
    Legal,
}

/// A number of a tax or importer's register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxId {
    /// Which, e.g. `VAT`, `CPF`.
    pub kind: String,
    /// The number.
    pub number: String,
}

/// Somebody on the papers. Empty texts are unknown.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// Person, or the firm when there is no person.
    pub name: String,
    /// Firm.
    pub business: String,
    /// Natural or legal; unknown when absent.
    pub person_type: Option<PersonKind>,
    /// Street lines.
    pub lines: Vec<String>,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
    /// Province or state.
    pub region: String,
    /// ISO 3166-1 alpha-2.
    pub country: Option<Country>,
    /// In international form: `+33...`.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// EORI number.
    pub eori: String,
    /// VAT and other numbers.
    pub tax_ids: Vec<TaxId>,
    /// Number that the destination knows an importer by.
    pub importer_reference: String,
}

/// Names nobody: who sends to whom is not for logs.
impl std::fmt::Debug for Party {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Party").field("country", &self.country).finish_non_exhaustive()
    }
}

/// An amount with its currency: `{"amount": "38.00", "currency": "EUR"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// With the decimals of the currency.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: Currency,
}

impl Amount {
    /// An amount written with the decimals of its currency.
    #[must_use]
    pub fn new(amount: Decimal, currency: Currency) -> Self {
        let mut amount = super::sums::round(amount, currency.digits());
        amount.rescale(currency.digits());
        Self { amount, currency }
    }
}

/// Category of the postal forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Category {
    /// Between private persons.
    Gift,
    /// Papers without goods.
    Documents,
    /// Sold.
    SaleOfGoods,
    /// To show what could be sold.
    CommercialSample,
    /// Going back.
    ReturnedGoods,
    /// What the explanation says.
    Other,
}

/// Service of a post: decides between the forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostalProduct {
    /// Letter post: packets up to 2 kg.
    Letter,
    /// Post parcel.
    Parcel,
    /// Express of the posts.
    Ems,
}

/// The invoice of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceFacts {
    /// Number.
    pub number: String,
    /// Day.
    #[serde(with = "crate::day")]
    pub date: Date,
    /// Terms of payment; empty: not printed.
    #[serde(default)]
    pub payment: String,
}

/// The way out of goods that come back: without it nobody gets duty back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outbound {
    /// Number of the item of the way out: S10 or house waybill.
    pub item_id: String,
    /// Kind of its declaration, e.g. `MRN`.
    #[serde(default)]
    pub declaration_kind: String,
    /// Number of its declaration; empty when it had none.
    #[serde(default)]
    pub declaration: String,
    /// Day of acceptance.
    #[serde(default, with = "crate::day::option")]
    pub date: Option<Date>,
}

/// Who signs.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Signer {
    /// Name.
    pub name: String,
    /// Function.
    pub function: String,
    /// Place.
    pub place: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

/// What is known of a line beside the goods.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineFacts {
    /// Unit of the quantity; empty: pieces.
    pub unit: String,
    /// Value of one piece as the shop shows it: checked against the line.
    pub unit_value: Option<Decimal>,
    /// The description in Latin letters, where the original has others.
    pub latin: String,
    /// Number of a licence; empty for none.
    pub licence: String,
    /// Number of a certificate; empty for none.
    pub certificate: String,
    /// UN number of dangerous goods; empty for none.
    pub dangerous_un: String,
    /// The seller confirmed that the goods originate as the agreement asks.
    pub originating: bool,
}

/// The rest of what papers ask for. Empty texts are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// Number of the item: S10 by post, house waybill by express.
    pub item_id: String,
    /// The carrier gives the number with the label, later: papers go without it until then.
    pub item_pending: bool,
    /// Service of the carrier, as it names it.
    pub service: String,
    /// Service of the post; needed by post.
    pub product: Option<PostalProduct>,
    /// The post that issues the form, as printed.
    pub operator: String,
    /// A form that the operator's own rules ask for; a CN22 is given only where it is allowed.
    pub form: Option<Form>,
    /// Day of posting.
    #[serde(with = "crate::day::option")]
    pub posting_date: Option<Date>,
    /// Office of origin.
    pub office_of_origin: String,
    /// With the packing, in kilograms.
    pub gross_kg: Option<Decimal>,
    /// Packages; `None`: one.
    pub pieces: Option<u32>,
    /// Category, where the flow does not say it.
    pub category: Option<Category>,
    /// In words; needed with category `Other`.
    pub explanation: String,
    /// What the carriage costs the sender.
    pub postage: Option<Amount>,
    /// For how much it is insured.
    pub insured_value: Option<Amount>,
    /// The value in special drawing rights, where somebody with authority counted it.
    pub value_sdr: Option<Decimal>,
    /// The invoice.
    pub invoice: Option<InvoiceFacts>,
    /// The shop's reference of the order.
    pub order_reference: String,
    /// Number under the scheme: IOSS, VOEC, VAT, ARN, IRD.
    pub scheme_id: String,
    /// Tax taken at the sale.
    pub tax_paid: Option<Amount>,
    /// Tax that the invoice shows, in the order's currency.
    pub tax_shown: Option<Decimal>,
    /// Other charges on the invoice, in the order's currency.
    pub other_charges: Option<Decimal>,
    /// Incoterm 2020; empty: as the terms of the consignment say.
    pub incoterm: String,
    /// Its named place.
    pub incoterm_place: String,
    /// Comments for customs.
    pub comments: Vec<String>,
    /// The way out, on a return.
    pub outbound: Option<Outbound>,
    /// Who signs.
    pub signer: Signer,
    /// Sent before the goods arrive.
    pub prelodged: bool,
    /// The declarant's own reference; empty: the declarant gives it.
    pub local_reference: String,
    /// Number of the export declaration (MRN), once there is one.
    pub export_mrn: String,
    /// By number of the line.
    pub lines: BTreeMap<u32, LineFacts>,
}
