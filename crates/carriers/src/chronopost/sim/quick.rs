//! What the simulated service of prices and delivery dates answers: a tariff of our own.

use time::{Date, Duration, Month, Weekday};

use super::{let_in, soap, text};
use crate::wire::xml::{Element, Writer};

/// Products with a price here: code, base and each started kilogram in cents, hour of delivery,
/// within France, days on the way.
const TARIFF: &[(&str, u64, u64, u8, bool, i64)] = &[
    ("01", 1_100, 70, 13, true, 1),
    ("02", 1_400, 80, 10, true, 1),
    ("16", 900, 60, 18, true, 1),
    ("58", 1_050, 70, 13, true, 1),
    ("75", 2_200, 90, 8, true, 1),
    ("80", 950, 60, 9, true, 1),
    ("86", 750, 50, 13, true, 1),
    ("4T", 1_150, 70, 13, true, 1),
    ("17", 3_400, 450, 18, false, 3),
    ("44", 1_600, 140, 18, false, 3),
    ("49", 1_200, 110, 18, false, 3),
];

fn error(code: i64) -> String {
    let words = match code {
        2 => "A parameter is missing",
        3 => "Wrong password",
        4 => "This product does not go there",
        _ => "No amount found",
    };
    soap::error("errorCode", code, words)
}

/// A product by its code with or without the leading zero.
fn product(code: &str) -> Option<&'static (&'static str, u64, u64, u8, bool, i64)> {
    let code = if code.len() == 1 { format!("0{code}") } else { code.to_owned() };
    TARIFF.iter().find(|(known, ..)| *known == code)
}

fn filled(body: &Element, names: &[&str]) -> bool {
    names.iter().all(|name| !text(body, name).is_empty())
}

/// Started kilograms of a weight in text.
fn kilograms(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let more = part.bytes().any(|digit| digit != b'0');
    whole.parse::<u64>().ok().map(|whole| whole + u64::from(more))
}

/// Cents as the service prints them: `12.4`, `14.88`, `9.0`.
fn euros(cents: u64) -> String {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    text.strip_suffix('0').map(str::to_owned).unwrap_or(text)
}

fn amounts(w: &mut Writer, cents: u64) {
    let tax = (cents * 20).div_ceil(100);
    w.leaf("amount", &euros(cents)).leaf("amountTTC", &euros(cents + tax));
    w.leaf("amountTVA", &euros(tax));
}

pub(super) fn cost(body: &Element) -> String {
    if !filled(body, &["depCode", "arrCode", "weight", "productCode", "type"]) {
        return error(2);
    }
    if !let_in(text(body, "accountNumber"), text(body, "password")) {
        return error(3);
    }
    let Some((_, base, each, _, national, _)) = product(text(body, "productCode")) else {
        return error(5);
    };
    let destination = text(body, "arrCode");
    let mainland = destination.len() == 5 && !destination.starts_with("97");
    if *national != mainland {
        return error(4);
    }
    let Some(kilograms) = kilograms(text(body, "weight")) else { return error(2) };
    let mut w = Writer::default();
    amounts(&mut w, base + each * kilograms);
    w.leaf("errorCode", "0");
    // A surcharge that may be added, not a part of the amount.
    w.nest("service", |w| {
        amounts(w, 350);
        w.leaf("codeService", "15").leaf("label", "Livraison le samedi");
    });
    w.leaf("zone", if mainland { "N" } else { "1" });
    w.nest("assurance", |w| {
        w.leaf("plafond", "20000.0").leaf("taux", "0.01");
    });
    w.finish()
}

pub(super) fn products(body: &Element) -> String {
    let needed = ["depCountryCode", "depZipCode", "arrCountryCode", "arrZipCode", "type", "weight"];
    if !filled(body, &needed) {
        return error(2);
    }
    if !let_in(text(body, "accountNumber"), text(body, "password")) {
        return error(3);
    }
    let Some(kilograms) = kilograms(text(body, "weight")) else { return error(2) };
    let home = text(body, "arrCountryCode") == "FR";
    let mut w = Writer::default();
    w.leaf("errorCode", "0");
    for (code, base, each, ..) in TARIFF.iter().filter(|(.., national, _)| *national == home) {
        w.nest("productList", |w| {
            amounts(w, base + each * kilograms);
            w.leaf("productCode", code.strip_prefix('0').unwrap_or(code));
        });
    }
    w.finish()
}

pub(super) fn time(body: &Element) -> String {
    let needed = ["depCountryCode", "depZipCode", "arrCountryCode", "arrZipCode", "productCode"];
    if !filled(body, &needed) || !filled(body, &["type", "service"]) {
        return error(2);
    }
    let Some((_, _, _, hour, national, days)) = product(text(body, "productCode")) else {
        return error(4);
    };
    if *national != (text(body, "arrCountryCode") == "FR") {
        return error(4);
    }
    let Some(day) = date(text(body, "shippingDate")) else { return error(2) };
    let saturday = text(body, "service") == "6";
    let Some(day) = arrival(day, *days, saturday) else { return error(1) };
    let mut w = Writer::default();
    // The offset of winter, the whole year.
    w.leaf("date", &format!("{day}T{hour:02}:00:00+01:00")).leaf("errorCode", "0");
    w.finish()
}

fn arrival(from: Date, days: i64, saturday: bool) -> Option<Date> {
    let (mut day, mut left) = (from, days);
    while left > 0 {
        day = day.checked_add(Duration::DAY)?;
        let open = match day.weekday() {
            Weekday::Sunday => false,
            Weekday::Saturday => saturday,
            _ => true,
        };
        left -= i64::from(open);
    }
    Some(day)
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}
