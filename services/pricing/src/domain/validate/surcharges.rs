//! Checks of surcharges.

use std::collections::BTreeMap;

use super::{
    AMOUNT_MAX, GRAMS_MAX, LIST_MAX, MILLIMETRES_MAX, PARTS_MAX, PERCENT_MAX, amount, number,
    period, sized, text,
};
use crate::domain::{
    areas::Index,
    code::Code,
    exact::Day,
    sheet::{Area, Charge, Condition, Per, Sheet, Surcharge},
    tariff::Problem,
};

/// Codes of lines that rating makes itself.
const RESERVED: [&str; 5] = ["base", "discount", "minimum", "fuel", "rounding"];

/// Checks all surcharges and prepares the places they name.
pub(super) fn check(sheet: &Sheet, out: &mut Vec<Problem>) -> Vec<Vec<Index<()>>> {
    if !sized("surcharges", sheet.surcharges.len(), PARTS_MAX, out) {
        return Vec::new();
    }
    let mut indexes = Vec::new();
    for (number, surcharge) in sheet.surcharges.iter().enumerate() {
        let path = format!("surcharges[{number}]");
        single(sheet, surcharge, &path, out);
        let mut places = Vec::new();
        if sized(&format!("{path}.when"), surcharge.when.len(), PARTS_MAX, out) {
            for (number, condition) in surcharge.when.iter().enumerate() {
                let path = format!("{path}.when[{number}]");
                places.push(check_condition(sheet, condition, &path, out));
            }
        }
        indexes.push(places);
    }
    overlaps(sheet, out);
    indexes
}

fn single(sheet: &Sheet, surcharge: &Surcharge, path: &str, out: &mut Vec<Problem>) {
    let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let name = &surcharge.code;
    if name.is_empty() || name.len() > 32 || !name.bytes().all(slug) {
        let reason = "a code is 1 to 32 of a-z, 0-9 and _";
        out.push(Problem::new(Code::TariffSurcharge, path, reason));
    }
    if RESERVED.contains(&name.as_str()) {
        let reason = format!("`{name}` names a line of the quote itself");
        out.push(Problem::new(Code::TariffSurcharge, path, reason));
    }
    text(&format!("{path}.label"), &surcharge.label, Code::TariffSurcharge, out);
    let (from, to) = dates(sheet, surcharge);
    period(from, to, Code::TariffDates, path, out);
    match &surcharge.charge {
        Charge::Fixed { amount: fixed } => {
            amount(&format!("{path}.charge.amount"), *fixed, AMOUNT_MAX, out);
        }
        Charge::Percent { percent, free_up_to, at_least, .. } => {
            if surcharge.per == Per::Parcel {
                let reason = "a percentage is charged per shipment: it has one base";
                out.push(Problem::new(Code::TariffSurcharge, path, reason));
            }
            amount(&format!("{path}.charge.percent"), *percent, PERCENT_MAX, out);
            for value in [free_up_to, at_least].into_iter().flatten() {
                amount(&format!("{path}.charge"), *value, AMOUNT_MAX, out);
            }
        }
    }
}

/// The days of a surcharge: its own, or the tariff's.
fn dates(sheet: &Sheet, surcharge: &Surcharge) -> (Day, Day) {
    let from = surcharge.from.unwrap_or(sheet.valid_from);
    let to = surcharge.to.unwrap_or(sheet.valid_to);
    (from, to)
}

/// One code twice on one day would be charged twice.
fn overlaps(sheet: &Sheet, out: &mut Vec<Problem>) {
    let mut by_code: BTreeMap<&str, Vec<(Day, Day)>> = BTreeMap::new();
    for surcharge in &sheet.surcharges {
        let days = dates(sheet, surcharge);
        by_code.entry(&surcharge.code).or_default().push(days);
    }
    for (name, mut days) in by_code {
        days.sort();
        for (before, next) in days.iter().zip(days.iter().skip(1)) {
            if next.0 <= before.1 {
                let reason = format!("`{name}` is in force twice on {}", next.0);
                out.push(Problem::new(Code::TariffSurcharge, "surcharges", reason));
            }
        }
    }
}

fn check_condition(
    sheet: &Sheet,
    condition: &Condition,
    path: &str,
    out: &mut Vec<Problem>,
) -> Index<()> {
    let mut index = Index::default();
    let wrong = |reason: String| Problem::new(Code::TariffSurcharge, path, reason);
    match condition {
        Condition::Area { areas } => place(areas, &mut index, path, out),
        Condition::Zone { zones } => {
            if zones.is_empty() {
                out.push(wrong("no zone is named".to_owned()));
            }
            for name in zones.iter().filter(|name| !sheet.zones.contains_key(*name)) {
                out.push(wrong(format!("zone `{name}` does not exist")));
            }
        }
        Condition::Parcel {
            weight_g_over,
            length_mm_over,
            width_mm_over,
            length_and_girth_mm_over,
            sides_sum_mm_over,
        } => {
            let measures = [
                (weight_g_over, GRAMS_MAX),
                (length_mm_over, MILLIMETRES_MAX),
                (width_mm_over, MILLIMETRES_MAX),
                (length_and_girth_mm_over, MILLIMETRES_MAX),
                (sides_sum_mm_over, MILLIMETRES_MAX),
            ];
            if measures.iter().all(|(measure, _)| measure.is_none()) {
                out.push(wrong("no measure is stated".to_owned()));
            }
            for (measure, most) in measures {
                if let Some(measure) = measure {
                    number(path, *measure, most, Code::TariffSurcharge, out);
                }
            }
        }
        Condition::Period { dates } => {
            if dates.is_empty() {
                out.push(wrong("no period is named".to_owned()));
            }
            if sized(path, dates.len(), LIST_MAX, out) {
                for entry in dates {
                    period(entry.from, entry.to, Code::TariffDates, path, out);
                }
            }
        }
        Condition::Option { option } => {
            if !sheet.options.contains(option) {
                let reason = format!("the service does not list option `{}`", option.as_str());
                out.push(wrong(reason));
            }
        }
        Condition::Residential => {}
    }
    index
}

fn place(areas: &[Area], index: &mut Index<()>, path: &str, out: &mut Vec<Problem>) {
    if areas.is_empty() {
        let reason = "no place is named";
        out.push(Problem::new(Code::TariffSurcharge, path, reason));
    }
    let entries = areas.iter().map(|a| 1 + a.prefixes.len() + a.ranges.len());
    if sized(path, entries.sum(), LIST_MAX, out) {
        for area in areas {
            index.claim(area, &(), path, out);
        }
    }
}
