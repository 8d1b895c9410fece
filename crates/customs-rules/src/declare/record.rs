//! The record sent ahead: its shape, as JSON.

use colibri_types::Country;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use time::Date;

use super::facts::{Amount, Category, PersonKind, TaxId};
use crate::consignment::ProductIds;

/// A postal address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostalAddress {
    /// Street lines.
    pub lines: Vec<String>,
    /// Postcode; absent where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postcode: String,
    /// Town.
    pub city: String,
    /// Province or state.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Country.
    pub country: Country,
}

/// Sender or addressee.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceParty {
    /// Person, or the firm.
    pub name: String,
    /// Firm, beside a person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub business: String,
    /// Natural or legal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_type: Option<PersonKind>,
    /// Address.
    pub address: PostalAddress,
    /// E-mail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Telephone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// EORI number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub eori: String,
    /// VAT and other numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_ids: Vec<TaxId>,
    /// Number of the importer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub importer_reference: String,
}

impl std::fmt::Debug for AdvanceParty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdvanceParty").finish_non_exhaustive()
    }
}

/// Who pays what, and under which scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceScheme {
    /// Name of the scheme; absent: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scheme: String,
    /// Number under it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub scheme_id: String,
    /// Tax taken at the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_paid: Option<Amount>,
    /// Incoterm 2020.
    pub incoterm: String,
    /// `sender` or `receiver`.
    pub payer: String,
}

/// A tariff code with its depth.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TariffRef {
    /// Digits.
    pub code: String,
    /// How many.
    pub level: usize,
    /// Of which nomenclature.
    pub version: String,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceLine {
    /// Its number.
    pub no: u32,
    /// In Latin letters.
    pub description: String,
    /// As the seller wrote it, where that is something else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description_original: String,
    /// How many.
    pub quantity: Decimal,
    /// Of what; `PCE` is pieces.
    pub unit: String,
    /// Net, of the line.
    pub net_mass_kg: Decimal,
    /// Of the line.
    pub value: Amount,
    /// Tariff code; absent on gifts without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hs: Option<TariffRef>,
    /// Where it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Country>,
    /// Identifiers.
    #[serde(default)]
    pub product_ids: AdvanceIds,
    /// Number of a licence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub licence: String,
    /// Number of a certificate.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub certificate: String,
    /// UN number of dangerous goods.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dangerous_un: String,
}

/// Identifiers of a product; absent ones are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdvanceIds {
    /// The merchant's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub merchant: String,
    /// The manufacturer's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub manufacturer: String,
    /// GTIN.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub gtin: String,
}

impl From<&ProductIds> for AdvanceIds {
    fn from(ids: &ProductIds) -> Self {
        let ids = ids.clone();
        Self { merchant: ids.merchant, manufacturer: ids.manufacturer, gtin: ids.gtin }
    }
}

/// Sums: the same as on the papers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceTotals {
    /// Goods.
    pub value: Amount,
    /// Net.
    pub net_mass_kg: Decimal,
    /// Carriage that the buyer pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport_cost: Option<Amount>,
    /// Insurance that the buyer pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insurance_cost: Option<Amount>,
}

/// A paper that goes with the parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceDocument {
    /// `invoice`, `licence`, `certificate`, or the kind of an earlier declaration.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Its day.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "crate::day::option")]
    pub date: Option<Date>,
}

/// One parcel, as it is told ahead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceRecord {
    /// S10 or house waybill.
    pub item_id: String,
    /// Of the way out, on a return.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub previous_item_id: String,
    /// As the carrier names it.
    pub service: String,
    /// Day of posting.
    #[serde(with = "crate::day")]
    pub posting_date: Date,
    /// Where it was posted.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub office_of_origin: String,
    /// Category.
    pub category: Category,
    /// In words, with category `Other`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explanation: String,
    /// With the packing.
    pub gross_mass_kg: Decimal,
    /// Packages.
    pub pieces: u32,
    /// What the carriage costs the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postage: Option<Amount>,
    /// For how much it is insured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub insured_value: Option<Amount>,
    /// Sender.
    pub sender: AdvanceParty,
    /// Addressee.
    pub addressee: AdvanceParty,
    /// Who pays what.
    pub scheme: AdvanceScheme,
    /// Goods.
    pub lines: Vec<AdvanceLine>,
    /// Sums.
    pub totals: AdvanceTotals,
    /// Papers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<AdvanceDocument>,
}
