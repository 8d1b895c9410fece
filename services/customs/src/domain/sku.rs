//! What customs must know of an article, checked before it is kept.

use colibri_customs_rules::{
    descriptions::{Context, Severity, check as judge},
    identifiers::{CodeLevel, Grade, gtin, tariff_code},
};
use colibri_events::customs::v1::{Finding, SkuInput};
use colibri_types::Country;

use crate::{
    error::{self, finding},
    world::Book,
};

/// Characters of an article number: as orders take it.
const SKU_MAX: usize = 100;
/// Characters of a description: three times what the longest form prints.
const DESCRIPTION_MAX: usize = 300;
/// Characters of a composition.
const COMPOSITION_MAX: usize = 300;
/// Characters of a maker's identifier: the limit of the low-value declaration.
const MANUFACTURER_MAX: usize = 64;

/// An article that may be kept, and what is worth a look.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// As it is kept: codes as digits, the six digits cut from a longer one where not given.
    pub sku: SkuInput,
    /// Worth a look.
    pub warnings: Vec<Finding>,
}

/// Checks an article.
///
/// # Errors
/// Every field that cannot be kept, with its reason; the article stays as it was.
pub fn check(input: &SkuInput, book: &Book) -> Result<Checked, Vec<Finding>> {
    let mut sku = SkuInput {
        sku: input.sku.trim().to_owned(),
        description: input.description.trim().to_owned(),
        composition: input.composition.trim().to_owned(),
        manufacturer_id: input.manufacturer_id.trim().to_owned(),
        origin_country: input.origin_country.trim().to_uppercase(),
        ..input.clone()
    };
    let (mut wrong, mut warnings) = (Vec::new(), Vec::new());
    lengths(&sku, &mut wrong);
    codes(&mut sku, book, &mut wrong);
    if !sku.origin_country.is_empty() && sku.origin_country.parse::<Country>().is_err() {
        wrong.push(finding(error::ORIGIN, "origin_country", "is no ISO 3166 country code"));
    }
    if !sku.gtin.trim().is_empty() {
        let checked = gtin(&sku.gtin);
        match &checked.grade {
            Grade::Invalid { fault } => {
                wrong.push(finding(error::IDENTIFIER, "gtin", fault.to_string()));
            }
            Grade::Suspect { doubt } => warnings.push(finding(error::IDENTIFIER, "gtin", *doubt)),
            Grade::WellFormed => {}
        }
        sku.gtin = checked.normalised;
    }
    if !sku.description.is_empty() {
        description(&sku, book, &mut wrong, &mut warnings);
    }
    if sku.confirmed && sku.hs6.is_empty() {
        wrong.push(finding(error::CODE_MISSING, "confirmed", "there is no code to stand for"));
    }
    if wrong.is_empty() { Ok(Checked { sku, warnings }) } else { Err(wrong) }
}

fn lengths(sku: &SkuInput, wrong: &mut Vec<Finding>) {
    let plain = |text: &str| !text.chars().any(char::is_control);
    let mut within = |text: &str, least: usize, most: usize, field: &str| {
        let length = text.chars().count();
        if !(least..=most).contains(&length) || !plain(text) {
            let detail = format!("has {least} to {most} characters, none of them a control");
            wrong.push(finding(error::FIELD, field, detail));
        }
    };
    within(&sku.sku, 1, SKU_MAX, "sku");
    within(&sku.description, 0, DESCRIPTION_MAX, "description");
    within(&sku.composition, 0, COMPOSITION_MAX, "composition");
    within(&sku.manufacturer_id, 0, MANUFACTURER_MAX, "manufacturer_id");
}

/// Reads the three codes. None is ever lengthened: zeros would be another code.
fn codes(sku: &mut SkuInput, book: &Book, wrong: &mut Vec<Finding>) {
    let exists = |hs6: &str| book.nomenclature.exists(hs6);
    let mut read = |text: &str, level: CodeLevel, field: &str| -> String {
        if text.trim().is_empty() {
            return String::new();
        }
        match code(text, level, exists) {
            Ok(digits) => digits,
            Err(detail) => {
                wrong.push(finding(error::CODE_WRONG, field, detail));
                String::new()
            }
        }
    };
    sku.hs6 = read(&sku.hs6, CodeLevel::Hs6, "hs6");
    sku.cn8 = read(&sku.cn8, CodeLevel::Cn8, "cn8");
    sku.hts10 = read(&sku.hts10, CodeLevel::Ten, "hts10");
    for (longer, field) in [(sku.cn8.clone(), "cn8"), (sku.hts10.clone(), "hts10")] {
        let Some(six) = longer.get(..6) else { continue };
        if sku.hs6.is_empty() {
            six.clone_into(&mut sku.hs6);
        } else if sku.hs6 != six {
            let detail = "its first six digits are another code than the others say";
            wrong.push(finding(error::CODE_WRONG, field, detail));
        }
    }
}

/// The digits of a code of exactly that level.
///
/// # Errors
/// Why not, in words.
pub fn code(text: &str, level: CodeLevel, exists: impl Fn(&str) -> bool) -> Result<String, String> {
    let digits = level.digits();
    match tariff_code(text, exists) {
        Ok(code) if code.level == level => Ok(code.digits),
        Ok(_) => Err(format!("needs {digits} digits; codes are never lengthened")),
        Err(checked) => Err(match checked.grade {
            Grade::Suspect { doubt } => format!("{doubt}: is it {}?", checked.normalised),
            Grade::Invalid { fault } => format!("{fault}; {digits} digits are needed"),
            Grade::WellFormed => format!("needs {digits} digits"),
        }),
    }
}

fn description(sku: &SkuInput, book: &Book, wrong: &mut Vec<Finding>, warnings: &mut Vec<Finding>) {
    let hs = (!sku.hs6.is_empty()).then_some(sku.hs6.as_str());
    for found in judge(&sku.description, &Context { hs, ..Context::new(&book.index) }) {
        let one = finding(error::DESCRIPTION, "description", found.message);
        match found.severity {
            Severity::Error => wrong.push(one),
            Severity::Warning => warnings.push(one),
            Severity::Note => {}
        }
    }
}
