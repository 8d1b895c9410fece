//! Content of the European low-value import declaration (H7, or H6 by post): what the declarant at
//! the destination enters. The declarant's own fields are absent.

use colibri_types::{Country, Currency};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{
    advance::kilograms,
    facts::{Amount, Parcel},
    needs::Needs,
    sums::{Sums, round},
};
use crate::{
    assess::{Missing, World, intrinsic_value},
    consignment::{Channel, Dataset, Flow, ProductIds, Scheme},
    fx::FxKind,
    identifiers::{OneStopShop, one_stop_shop},
    place::Territory,
    rules::{Effect, Rule},
};

/// Numbers of the data elements by field, and whether they were read in an official text; the rest
/// are remembered by the trade.
pub const ELEMENTS: &[(&str, &str, bool)] = &[
    ("additional_declaration_type", "11 02", false),
    ("lines.no", "11 03", false),
    ("additional_procedures", "11 10", false),
    ("supporting_documents", "12 03", false),
    ("transport_document", "12 05", false),
    ("local_reference", "12 09", false),
    ("exporter", "13 01", false),
    ("importer", "13 04", false),
    ("fiscal_reference", "13 16", false),
    ("lines.postal_value", "14 12", true),
    ("lines.intrinsic_value", "14 14 000 000", true),
    ("transport_and_insurance", "14 15", false),
    ("destination", "16 03", false),
    ("gross_mass_kg", "18 04", false),
    ("lines.description", "18 05 000 000", true),
    ("packages", "18 06", false),
    ("lines.commodity_code", "18 09", false),
];

/// Who answers for tax: role and number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FiscalReference {
    /// `FR5`: seller under the import one-stop shop.
    pub role: &'static str,
    /// Number.
    pub number: String,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LowValueLine {
    /// Its number.
    pub no: u32,
    /// What it is.
    pub description: String,
    /// Six digits.
    pub commodity_code: String,
    /// Pieces.
    pub quantity: u32,
    /// In H7: the value of the goods alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intrinsic_value: Option<Amount>,
    /// In H6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_value: Option<Amount>,
    /// Where it was made.
    pub origin: Option<Country>,
    /// Identifiers.
    pub product_ids: ProductIds,
}

/// Content of the declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LowValue {
    /// H7 or H6.
    pub dataset: Dataset,
    /// `A`, or `D` when sent before arrival.
    pub additional_declaration_type: &'static str,
    /// Codes of the rules of the day.
    pub additional_procedures: Vec<String>,
    /// The rule that the codes are of.
    pub rule: String,
    /// Invoice.
    pub supporting_documents: Vec<String>,
    /// S10 or house waybill.
    pub transport_document: String,
    /// The declarant's own; empty: the declarant gives it.
    pub local_reference: String,
    /// Country of the exporter; the rest of the party is in the record sent ahead.
    pub exporter: Option<Country>,
    /// Country of the importer.
    pub importer: Option<Country>,
    /// Number of the scheme.
    pub fiscal_reference: Option<FiscalReference>,
    /// Member state.
    pub destination: Country,
    /// Carriage and insurance to the destination.
    pub transport_and_insurance: Amount,
    /// With the packing.
    pub gross_mass_kg: Decimal,
    /// Packages.
    pub packages: u32,
    /// Value that was tested, in euro.
    pub tested_eur: Decimal,
    /// Goods.
    pub lines: Vec<LowValueLine>,
}

/// The content, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LowValueOutcome {
    /// Content of the declaration.
    Record(Box<LowValue>),
    /// No such declaration is made.
    NotDue {
        /// Why.
        reason: String,
    },
}

fn not_due(reason: impl Into<String>) -> Result<LowValueOutcome, Vec<Missing>> {
    Ok(LowValueOutcome::NotDue { reason: reason.into() })
}

/// Makes the content of the low-value declaration of a parcel.
///
/// # Errors
/// Every field that is missing.
pub fn low_value(
    parcel: &Parcel,
    sums: &Sums,
    world: World<'_>,
) -> Result<LowValueOutcome, Vec<Missing>> {
    let consignment = &parcel.consignment;
    let (from, to) = (Territory::of(&consignment.from), Territory::of(&consignment.to));
    if to.customs != "EU" || !from.customs_border(&to) {
        return not_due("the goods do not enter the customs territory of the European Union");
    }
    if !matches!(consignment.flow, Flow::B2c | Flow::B2b) {
        return not_due("gifts, samples, returns and papers have procedures of their own");
    }
    let dataset = consignment.dataset.unwrap_or(Dataset::H7);
    if !matches!(dataset, Dataset::H7 | Dataset::H6) {
        return not_due("a full declaration is asked for");
    }
    if dataset == Dataset::H6 && consignment.channel != Channel::Post {
        return not_due("H6 is the declaration of posts");
    }
    let rules = world.rules.of(&to, consignment.date);
    let mut needs = Needs::default();
    let value = intrinsic_value(consignment);
    let used =
        world.fx.rate(consignment.currency, Currency::EUR, consignment.date, fx_kind(&rules));
    let Some(tested) = used.and_then(|used| value.checked_mul(used.rate)) else {
        needs.fault(None, "currency", "no exchange rate to the euro");
        return Err(needs.all());
    };
    if let Some(reason) = too_dear(parcel, &rules, tested) {
        return not_due(reason);
    }
    let (rule, codes) = codes(parcel, &rules, &mut needs);
    let lines = lines(parcel, sums, &rules, dataset, &mut needs);
    let fiscal_reference = fiscal(parcel, &mut needs);
    let facts = &parcel.facts;
    let known = facts.item_pending || !facts.item_id.trim().is_empty();
    needs.want(known, "facts.item_id", "the transport document");
    let record = LowValue {
        dataset,
        additional_declaration_type: if facts.prelodged { "D" } else { "A" },
        additional_procedures: codes,
        rule,
        supporting_documents: facts.invoice.iter().map(|i| i.number.clone()).collect(),
        transport_document: facts.item_id.clone(),
        local_reference: facts.local_reference.clone(),
        exporter: parcel.seller.country,
        importer: parcel.importer.as_ref().unwrap_or(&parcel.buyer).country,
        fiscal_reference,
        destination: consignment.to.country,
        transport_and_insurance: Amount::new(sums.freight + sums.insurance, consignment.currency),
        gross_mass_kg: kilograms(sums.gross_kg),
        packages: facts.pieces.unwrap_or(1),
        tested_eur: round(tested, 2),
        lines,
    };
    needs.finish(Some(LowValueOutcome::Record(Box::new(record))))
}

fn fx_kind(rules: &[&Rule]) -> FxKind {
    let kind = rules.iter().find_map(|rule| match rule.effect {
        Effect::Profile { fx, .. } => Some(fx),
        _ => None,
    });
    kind.unwrap_or(FxKind::Monthly)
}

/// Why the parcel is outside: above the value that the scheme's rule sets, or excise goods.
fn too_dear(parcel: &Parcel, rules: &[&Rule], tested: Decimal) -> Option<String> {
    if parcel.consignment.lines.iter().any(|line| line.excise) {
        return Some("excise goods need a full declaration".to_owned());
    }
    let limit = rules.iter().find_map(|rule| match rule.effect {
        Effect::Scheme { scheme: Scheme::Ioss, .. } => rule.when.value.as_ref(),
        _ => None,
    });
    let Some(limit) = limit else {
        return Some("no rule of the day has a low-value limit".to_owned());
    };
    (!limit.passes(tested)).then(|| {
        format!("EUR {} is above the limit: a full declaration is needed", round(tested, 2))
    })
}

/// Codes of additional procedure, and the rule they are of.
fn codes(parcel: &Parcel, rules: &[&Rule], needs: &mut Needs) -> (String, Vec<String>) {
    let table = rules.iter().find_map(|rule| match &rule.effect {
        Effect::Codes { codes } => Some((rule.id.clone(), codes)),
        _ => None,
    });
    let Some((rule, table)) = table else {
        needs.fault(None, "date", "no codes of procedure are known for the day");
        return (String::new(), Vec::new());
    };
    let consignment = &parcel.consignment;
    if consignment.flow != Flow::B2c && consignment.scheme == Some(Scheme::Ioss) {
        needs.fault(None, "scheme", "the import one-stop shop is for sales to consumers");
    }
    let meaning = match consignment.scheme {
        Some(Scheme::Ioss) => "ioss",
        Some(Scheme::SpecialArrangement) => "special_arrangement",
        Some(Scheme::StandardVat | Scheme::Import) => "standard_vat",
        _ => {
            let reason = "ioss, special_arrangement or standard_vat: it decides the code";
            needs.fault(None, "scheme", reason);
            return (rule, Vec::new());
        }
    };
    // The standard way had no code of its own before there was one.
    let codes = [table.get("relief"), table.get(meaning)];
    let codes: Vec<String> = codes.into_iter().flatten().cloned().collect();
    needs.want(!codes.is_empty(), "scheme", "no code of procedure is known for it on the day");
    (rule, codes)
}

fn lines(
    parcel: &Parcel,
    sums: &Sums,
    rules: &[&Rule],
    dataset: Dataset,
    needs: &mut Needs,
) -> Vec<LowValueLine> {
    let consignment = &parcel.consignment;
    let sold = consignment.flow == Flow::B2c;
    let ids = |rule: &&Rule| matches!(rule.effect, Effect::Needs { product_ids: true, .. });
    let ids_wanted = sold && rules.iter().any(ids);
    let each = consignment.lines.iter().map(|line| {
        let code = line.code.get(..6).unwrap_or_default();
        needs.want_of(line.no, !code.is_empty(), "code", "six digits of the tariff are needed");
        if ids_wanted {
            let known = !line.product_ids.merchant.trim().is_empty();
            let reason = "the merchant's product id is needed";
            needs.want_of(line.no, known, "product_ids.merchant", reason);
        }
        let facts = parcel.line_facts(line.no);
        let latin = facts.map(|facts| &facts.latin).filter(|latin| !latin.is_empty());
        let value = Amount::new(sums.declared(line.no), consignment.currency);
        LowValueLine {
            no: line.no,
            description: latin.unwrap_or(&line.description).clone(),
            commodity_code: code.to_owned(),
            quantity: line.quantity,
            intrinsic_value: (dataset == Dataset::H7).then_some(value),
            postal_value: (dataset == Dataset::H6).then_some(value),
            origin: line.origin,
            product_ids: line.product_ids.clone(),
        }
    });
    each.collect()
}

fn fiscal(parcel: &Parcel, needs: &mut Needs) -> Option<FiscalReference> {
    if parcel.consignment.scheme != Some(Scheme::Ioss) {
        return None;
    }
    let checked = one_stop_shop(&parcel.facts.scheme_id, OneStopShop::Import);
    if checked.is_invalid() {
        needs.fault(None, "facts.scheme_id", "is no number of the scheme");
    }
    Some(FiscalReference { role: "FR5", number: checked.normalised })
}
