//! What the rules miss, told by the names under which somebody can correct it: an article, the
//! profile, the order's lines, the addressee.

use colibri_customs_rules::assess::{Assessment, Missing, State};
use colibri_events::{customs::v1::Finding, orders::v1::FulfilmentRequested};

use super::scheme;
use crate::error::{self, finding};

/// Why nobody can promise the duty: the sender pays it, and then a figure must stand behind it.
#[must_use]
pub fn uncertain(found: &Assessment, request: &FulfilmentRequested) -> Vec<Finding> {
    let doubtful = match found.state {
        State::CannotBeComputed => &found.missing,
        State::Estimate => &found.doubts,
        State::Computed | State::NoBorder => return Vec::new(),
    };
    let one = |fault: &Missing| {
        let sku = fault.line.and_then(|no| sku_of(no, request));
        let field = sku.map_or("duty".to_owned(), |sku| format!("skus[{sku}].duty"));
        finding(error::DUTY, field, format!("cannot be computed: {}", fault.reason))
    };
    doubtful.iter().map(one).collect()
}

fn sku_of(no: u32, request: &FulfilmentRequested) -> Option<&str> {
    let at = usize::try_from(no).ok()?.checked_sub(1)?;
    request.goods.get(at).map(|goods| goods.sku.as_str())
}

/// What the rules miss, by the name under which somebody can correct it.
#[must_use]
pub fn name(missing: &Missing, request: &FulfilmentRequested) -> Finding {
    let sku = missing.line.and_then(|no| sku_of(no, request)).unwrap_or_default();
    let at = missing.line.unwrap_or_default().saturating_sub(1);
    let of_sku = |field: &str| format!("skus[{sku}].{field}");
    let (code, field) = match (missing.field.as_str(), missing.line) {
        ("code", _) if request.country == "US" => (error::CODE_WRONG, of_sku("hts10")),
        ("code", _) => (error::CODE_WRONG, of_sku("cn8")),
        ("description", _) => (error::DESCRIPTION, of_sku("description")),
        ("origin", _) => (error::ORIGIN, of_sku("origin_country")),
        ("product_ids.gtin", _) => (error::IDENTIFIER, of_sku("gtin")),
        (field, Some(_)) if field.starts_with("product_ids") => {
            (error::IDENTIFIER, of_sku("manufacturer_id"))
        }
        ("net_kg", _) => (error::WEIGHT, format!("goods[{at}].unit_weight_g")),
        ("facts.gross_kg", _) => (error::WEIGHT, "parcels".to_owned()),
        ("value" | "quantity", Some(_)) => (error::VALUE, format!("goods[{at}].unit_price")),
        ("seller.eori", _) => (error::PROFILE, "profile.eori".to_owned()),
        ("facts.scheme_id", _) => (error::PROFILE, scheme::number_of(&request.country).to_owned()),
        (field, _) => match field.strip_prefix("buyer.") {
            Some(field) => (error::ADDRESSEE, format!("ship_to.{field}")),
            None => (error::PAPERS, field.to_owned()),
        },
    };
    finding(code, field, missing.reason.clone())
}
