//! Everything that must hold before a tariff may be rated.
//!
//! Owns the checks and collects all problems, so that somebody who mends a tariff sees the whole
//! list. Rating relies on what is checked here: sizes of numbers keep products exact, steps are
//! never zero, and places have one owner.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{
    areas::Index,
    code::Code,
    exact::{Day, Exact},
    sheet::{Area, Calendar, Sheet, Zone},
    tariff::{Indexes, Problem},
};

mod surcharges;

/// Highest amount in major units: beyond every parcel price, and small enough that no product of
/// an amount, percentages and steps leaves the 28 exact digits.
const AMOUNT_MAX: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);
/// Highest limit on the value of goods: none above a thousand million is a limit.
const VALUE_MAX: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);
/// Most decimal places of an amount or percentage; four allow prices per gram in cents.
const PLACES_MAX: u32 = 4;
/// Highest percentage: fuel has never doubled a freight.
const PERCENT_MAX: Decimal = Decimal::from_parts(100, 0, 0, false, 0);
/// First and last year of any date, where a typing error ends and a calendar would grow huge.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;
/// Heaviest step, break or limit in grams: ten times the heaviest parcel.
const GRAMS_MAX: u32 = 10_000_000;
/// Longest measure in millimetres: 100 m, beyond every vehicle.
const MILLIMETRES_MAX: u32 = 100_000;
/// Slowest transit in working days: sea mail to the last island.
const TRANSIT_DAYS_MAX: u8 = 90;
/// Entries of any list; the longest real ones are remote postcodes.
const LIST_MAX: usize = 50_000;
/// Zones, surcharges, or conditions of a tariff: real ones stay below thirty.
const PARTS_MAX: usize = 200;
/// Days on which a network is closed: two a week over ten years.
const HOLIDAYS_MAX: usize = 1_040;
/// Characters of a text for people.
const TEXT_CHARS_MAX: usize = 500;

/// Checks a sheet and prepares its places.
pub(super) fn check(sheet: &Sheet, out: &mut Vec<Problem>) -> Indexes {
    identity(sheet, out);
    period(sheet.valid_from, sheet.valid_to, Code::TariffDates, "valid_from", out);
    limits(sheet, out);
    money(sheet, out);
    fuel(sheet, out);
    if let Some(calendar) = &sheet.calendar {
        check_calendar(calendar, out);
    }
    for (name, zone) in &sheet.zones {
        check_zone(name, zone, sheet.calendar.is_some(), out);
    }
    Indexes {
        origin: origin(sheet, out),
        zones: zones(sheet, out),
        surcharges: surcharges::check(sheet, out),
    }
}

fn identity(sheet: &Sheet, out: &mut Vec<Problem>) {
    let code = Code::TariffIdentity;
    let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    for (path, text) in [("id", &sheet.id), ("carrier", &sheet.carrier)] {
        if text.is_empty() || text.len() > 64 || !text.bytes().all(slug) {
            out.push(Problem::new(code, path, "1 to 64 of a-z, 0-9, - and _"));
        }
    }
    let service = |b: u8| b.is_ascii_alphanumeric() || b"+-_.".contains(&b);
    if sheet.service.is_empty() || sheet.service.len() > 32 || !sheet.service.bytes().all(service) {
        out.push(Problem::new(code, "service", "1 to 32 letters, digits, + - _ ."));
    }
    if sheet.version == 0 {
        out.push(Problem::new(code, "version", "versions count from 1"));
    }
    text("label", &sheet.label, code, out);
    if let Some(note) = &sheet.note {
        text("note", note, code, out);
    }
    for option in sheet.required_options.iter().filter(|o| !sheet.options.contains(o)) {
        let reason = format!("`{}` is required and not in `options`", option.as_str());
        out.push(Problem::new(Code::TariffSurcharge, "required_options", reason));
    }
}

/// A text for people: something to read, and not endless.
fn text(path: &str, text: &str, code: Code, out: &mut Vec<Problem>) {
    if text.trim().is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        let reason = format!("1 to {TEXT_CHARS_MAX} characters");
        out.push(Problem::new(code, path, reason));
    }
}

fn period(from: Day, to: Day, code: Code, path: &str, out: &mut Vec<Problem>) {
    if to < from {
        let reason = format!("{to} lies before {from}");
        out.push(Problem::new(code, path, reason));
    }
    for day in [from, to] {
        if !YEARS.contains(&day.0.year()) {
            let reason = format!("{day}: years {} to {} only", YEARS.start(), YEARS.end());
            out.push(Problem::new(code, path, reason));
        }
    }
}

/// `true` when a list is short enough to look at further.
fn sized(path: &str, length: usize, most: usize, out: &mut Vec<Problem>) -> bool {
    if length > most {
        let reason = format!("{length} entries; at most {most}");
        out.push(Problem::new(Code::TariffTooLarge, path, reason));
    }
    length <= most
}

fn number(path: &str, value: u32, most: u32, code: Code, out: &mut Vec<Problem>) {
    if value == 0 || value > most {
        out.push(Problem::new(code, path, format!("{value}; 1 to {most} is meant")));
    }
}

fn amount(path: &str, value: Exact, most: Decimal, out: &mut Vec<Problem>) {
    if value.0 < Decimal::ZERO || value.0 > most || value.0.scale() > PLACES_MAX {
        let reason = format!("{value}; 0 to {most} with at most {PLACES_MAX} places");
        out.push(Problem::new(Code::TariffAmount, path, reason));
    }
}

fn limits(sheet: &Sheet, out: &mut Vec<Problem>) {
    let code = Code::TariffLimits;
    let limits = &sheet.limits;
    let optional = [
        ("limits.parcel_weight_g_max", limits.parcel_weight_g_max, GRAMS_MAX),
        ("limits.shipment_weight_g_max", limits.shipment_weight_g_max, GRAMS_MAX),
        ("limits.length_mm_max", limits.length_mm_max, MILLIMETRES_MAX),
        ("limits.length_and_girth_mm_max", limits.length_and_girth_mm_max, MILLIMETRES_MAX),
        ("limits.sides_sum_mm_max", limits.sides_sum_mm_max, MILLIMETRES_MAX),
        ("limits.parcels_max", limits.parcels_max, 1_000),
    ];
    for (path, value, most) in optional {
        if let Some(value) = value {
            number(path, value, most, code, out);
        }
    }
    let values = [
        ("limits.value_max", limits.value_max),
        ("limits.insured_value_max", limits.insured_value_max),
    ];
    for (path, value) in values {
        if let Some(value) = value {
            amount(path, value, VALUE_MAX, out);
        }
    }
    number("weight_step_g", sheet.weight_step_g, GRAMS_MAX, code, out);
    if let Some(volumetric) = &sheet.volumetric {
        let path = "volumetric.divisor_cm3_per_kg";
        number(path, volumetric.divisor_cm3_per_kg, 100_000, code, out);
        let path = "volumetric.side_step_mm";
        number(path, volumetric.side_step_mm, MILLIMETRES_MAX, code, out);
    }
}

fn money(sheet: &Sheet, out: &mut Vec<Problem>) {
    if let Some(percent) = sheet.discount_percent {
        amount("discount_percent", percent, PERCENT_MAX, out);
    }
    if let Some(minimum) = sheet.minimum {
        amount("minimum", minimum, AMOUNT_MAX, out);
    }
    let step = sheet.rounding.step_minor;
    number("rounding.step_minor", step, 1_000, Code::TariffAmount, out);
}

fn fuel(sheet: &Sheet, out: &mut Vec<Problem>) {
    if !sized("fuel", sheet.fuel.len(), LIST_MAX, out) {
        return;
    }
    let mut sorted = Vec::new();
    for (index, entry) in sheet.fuel.iter().enumerate() {
        let path = format!("fuel[{index}]");
        period(entry.from, entry.to, Code::TariffFuel, &path, out);
        amount(&format!("{path}.percent"), entry.percent, PERCENT_MAX, out);
        sorted.push((entry.from, entry.to));
    }
    sorted.sort();
    for (before, next) in sorted.iter().zip(sorted.iter().skip(1)) {
        if next.0 <= before.1 {
            let reason = format!("two percentages are in force on {}", next.0);
            out.push(Problem::new(Code::TariffFuel, "fuel", reason));
        }
    }
}

fn check_calendar(calendar: &Calendar, out: &mut Vec<Problem>) {
    let code = Code::TariffTransit;
    for (path, days) in [
        ("calendar.collection_days", &calendar.collection_days),
        ("calendar.working_days", &calendar.working_days),
    ] {
        let distinct: BTreeSet<_> = days.iter().collect();
        if days.is_empty() || distinct.len() != days.len() {
            out.push(Problem::new(code, path, "name at least one day, each once"));
        }
    }
    period(calendar.known_to, calendar.known_to, code, "calendar.known_to", out);
    sized("calendar.holidays", calendar.holidays.len(), HOLIDAYS_MAX, out);
}

fn check_zone(name: &str, zone: &Zone, has_calendar: bool, out: &mut Vec<Problem>) {
    let path = format!("zones.{name}");
    let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if name.is_empty() || name.len() > 32 || !name.bytes().all(slug) {
        let reason = "a zone's name is 1 to 32 of a-z, 0-9, - and _";
        out.push(Problem::new(Code::TariffZones, &path, reason));
    }
    if zone.countries.is_empty() && zone.areas.is_empty() && !zone.rest_of_world {
        out.push(Problem::new(Code::TariffZones, &path, "the zone covers no place"));
    }
    breaks(&path, zone, out);
    if let Some(transit) = &zone.transit {
        let path = format!("{path}.transit");
        let rising = transit.days_min <= transit.days_max;
        if !rising || transit.days_max > TRANSIT_DAYS_MAX {
            let reason = format!("days_min ≤ days_max ≤ {TRANSIT_DAYS_MAX} is meant");
            out.push(Problem::new(Code::TariffTransit, &path, reason));
        }
        if !has_calendar {
            let reason = "transit days need a calendar to count on";
            out.push(Problem::new(Code::TariffTransit, &path, reason));
        }
        sized(&format!("{path}.holidays"), transit.holidays.len(), HOLIDAYS_MAX, out);
    }
}

fn breaks(path: &str, zone: &Zone, out: &mut Vec<Problem>) {
    if zone.breaks.is_empty() {
        out.push(Problem::new(Code::TariffBreaks, path, "no weight break"));
    }
    if !sized(&format!("{path}.breaks"), zone.breaks.len(), LIST_MAX, out) {
        return;
    }
    let mut before = 0;
    for (index, entry) in zone.breaks.iter().enumerate() {
        let path = format!("{path}.breaks[{index}]");
        if entry.to_g <= before {
            let reason = format!("{} g does not lie above {before} g", entry.to_g);
            out.push(Problem::new(Code::TariffBreaks, &path, reason));
        }
        number(&format!("{path}.to_g"), entry.to_g, GRAMS_MAX, Code::TariffBreaks, out);
        amount(&format!("{path}.price"), entry.price, AMOUNT_MAX, out);
        before = entry.to_g;
    }
    if let Some(above) = &zone.above {
        let path = format!("{path}.above");
        number(&format!("{path}.step_g"), above.step_g, GRAMS_MAX, Code::TariffBreaks, out);
        amount(&format!("{path}.price"), above.price, AMOUNT_MAX, out);
    }
}

fn origin(sheet: &Sheet, out: &mut Vec<Problem>) -> Index<()> {
    let mut index = Index::default();
    if sized("origin.prefixes", sheet.origin.prefixes.len(), LIST_MAX, out) {
        let area = Area {
            country: sheet.origin.country,
            prefixes: sheet.origin.prefixes.clone(),
            ranges: Vec::new(),
        };
        index.claim(&area, &(), "origin", out);
    }
    index
}

fn zones(sheet: &Sheet, out: &mut Vec<Problem>) -> Index<Option<String>> {
    let mut index = Index::default();
    if sheet.zones.is_empty() {
        out.push(Problem::new(Code::TariffZones, "zones", "no zone"));
    }
    let entries = |areas: &[Area]| -> usize {
        areas.iter().map(|a| 1 + a.prefixes.len() + a.ranges.len()).sum()
    };
    let total: usize =
        sheet.zones.values().map(|zone| zone.countries.len() + entries(&zone.areas)).sum();
    let fits = sized("zones", sheet.zones.len(), PARTS_MAX, out)
        & sized("zones", total, LIST_MAX, out)
        & sized("not_served", entries(&sheet.not_served), LIST_MAX, out);
    if !fits {
        return index;
    }
    for area in &sheet.not_served {
        index.claim(area, &None, "not_served", out);
    }
    for (name, zone) in &sheet.zones {
        let path = format!("zones.{name}");
        let target = Some(name.clone());
        for country in &zone.countries {
            let area = Area::whole(*country);
            index.claim(&area, &target, &path, out);
        }
        for area in &zone.areas {
            index.claim(area, &target, &path, out);
        }
        if zone.rest_of_world && !index.claim_rest(target) {
            let reason = "two zones claim the rest of the world";
            out.push(Problem::new(Code::TariffAmbiguous, &path, reason));
        }
    }
    index.check_ranges("zones", out);
    index
}
