//! Whether an export declaration is due for a parcel, alone or with those of the same day, and what
//! it then says.
//!
//! The first parcels of a day leave as they are: below the limit, leaving is declaration enough. The
//! one that takes them above it has the declaration made, which covers all of them.

use std::collections::HashMap;

use colibri_customs_rules::{
    assess::{Missing, World},
    declare::{Export, ExportRecord, Parcel, Party, Signer, counts_with, export_lacks, exports},
};
use colibri_events::{
    customs::v1::{Finding, Sku},
    orders::v1::FulfilmentRequested,
};
use colibri_types::ShipmentId;

use crate::error::{self, finding};

/// A parcel as the export side sees it.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// Goods and money; nobody is named.
    pub parcel: Parcel,
    /// What it has in common with others that count together with it; names the consignee. `None`: it
    /// counts by itself.
    pub together: Option<String>,
}

/// What is due.
#[derive(Debug)]
pub enum Due {
    /// Nothing; why, where a rule says so.
    Nothing(Option<String>),
    /// It cannot be told, or cannot be made, for what this parcel has nothing to do with; why.
    Unknown(String),
    /// A declaration, and why.
    Record(Box<ExportRecord>, String),
    /// A declaration is due and this parcel lacks something for it.
    Lacks(Vec<Finding>),
}

/// The number of an item comes with the label, later: until then its shipment stands for it.
fn item(shipment: ShipmentId) -> String {
    shipment.to_string()
}

/// A parcel with its persons, as the export side sees it: under codes of the combined nomenclature,
/// known by its shipment.
#[must_use]
pub fn leaving(
    parcel: &Parcel,
    request: &FulfilmentRequested,
    skus: &HashMap<String, Sku>,
    shipment: ShipmentId,
    world: World<'_>,
) -> Leaving {
    let together = counts_with(parcel, world);
    let mut parcel = parcel.clone();
    parcel.facts.item_id = item(shipment);
    parcel.facts.signer = Signer::default();
    let numbers = (parcel.seller.eori, parcel.seller.tax_ids);
    parcel.seller = Party { eori: numbers.0, tax_ids: numbers.1, ..Party::default() };
    parcel.buyer = Party::default();
    for line in &mut parcel.consignment.lines {
        let confirmed = skus.get(&line.product_ids.merchant).filter(|s| s.confirmed_at.is_some());
        let own = confirmed.and_then(|sku| sku.input.as_ref()).map(|input| input.cn8.as_str());
        match own.filter(|code| code.len() == 8 && code.get(..6) == line.code.get(..6)) {
            Some(code) => code.clone_into(&mut line.code),
            // Beyond six digits each country numbers on its own.
            None if request.country == "US" => line.code.truncate(6),
            None => {}
        }
    }
    Leaving { parcel, together }
}

/// Decides for a parcel among those that count together, itself among them.
#[must_use]
pub fn due(shipment: ShipmentId, all: &[Parcel], world: World<'_>) -> Due {
    let own = item(shipment);
    let about = |ids: &[String]| ids.contains(&own);
    for answer in exports(all, world) {
        match answer {
            Export::Due(record) if about(&record.item_ids) => {
                let text = format!(
                    "an export declaration is due ({}): {} {} in {} parcels of the day",
                    record.rule,
                    record.total.amount,
                    record.total.currency,
                    record.item_ids.len(),
                );
                return Due::Record(record, text);
            }
            Export::NotDue { item_ids, rule, .. } if about(&item_ids) && !rule.is_empty() => {
                return Due::Nothing(Some(format!("no export declaration is due ({rule})")));
            }
            Export::Unknown { item_ids, missing } if about(&item_ids) => {
                return unknown(&own, all, &missing);
            }
            _ => {}
        }
    }
    Due::Nothing(None)
}

/// Holds a parcel for what it lacks itself. What another one lacks, which may have left, and what
/// nobody here can correct is told and holds nothing.
fn unknown(own: &str, all: &[Parcel], missing: &[Missing]) -> Due {
    if let Some(other) = missing.iter().find(|one| one.field == "currency") {
        return Due::Unknown(format!("export: {}", other.reason));
    }
    let lacks: Vec<Finding> = all
        .iter()
        .filter(|parcel| parcel.facts.item_id == own)
        .flat_map(|parcel| export_lacks(parcel).into_iter().map(|one| name(&one, parcel)))
        .collect();
    match lacks.is_empty() {
        false => Due::Lacks(lacks),
        true => Due::Unknown(
            "an export declaration is due, and another parcel of the day lacks something for it"
                .to_owned(),
        ),
    }
}

fn name(missing: &Missing, parcel: &Parcel) -> Finding {
    let mut lines = parcel.consignment.lines.iter();
    let line = missing.line.and_then(|no| lines.find(|line| line.no == no));
    let sku = line.map(|line| line.product_ids.merchant.as_str()).unwrap_or_default();
    let (code, field) = match (missing.field.as_str(), missing.line) {
        ("code", Some(_)) => (error::CODE_WRONG, format!("skus[{sku}].cn8")),
        ("net_kg", Some(no)) => {
            (error::WEIGHT, format!("goods[{}].unit_weight_g", no.saturating_sub(1)))
        }
        _ => (error::PROFILE, "profile.eori".to_owned()),
    };
    finding(code, field, format!("an export declaration is due: {}", missing.reason))
}
