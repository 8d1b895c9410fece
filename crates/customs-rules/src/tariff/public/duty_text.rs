//! Duties as tariffs write them: `12.800 % + 176.800 EUR DTN`, `£144.10 / 1000 kg`, `4.4¢/kg + 6%`.

use colibri_types::Currency;
use rust_decimal::Decimal;

use crate::tariff::{Expression, Unit};

/// Words for units, blanks left out.
const UNITS: &[(&str, Unit)] = &[
    ("kg", Unit::Kg),
    ("kgm", Unit::Kg),
    ("100kg", Unit::HundredKg),
    ("dtn", Unit::HundredKg),
    ("1000kg", Unit::Tonne),
    ("t", Unit::Tonne),
    ("tne", Unit::Tonne),
    ("tonne", Unit::Tonne),
    ("item", Unit::Item),
    ("p/st", Unit::Item),
    ("nar", Unit::Item),
    ("each", Unit::Item),
    ("no.", Unit::Item),
    ("head", Unit::Item),
    ("l", Unit::Litre),
    ("ltr", Unit::Litre),
    ("liter", Unit::Litre),
    ("litre", Unit::Litre),
    ("hl", Unit::HundredLitres),
    ("hlt", Unit::HundredLitres),
    ("100l", Unit::HundredLitres),
    ("cen", Unit::HundredItems),
    ("100items", Unit::HundredItems),
    ("100p/st", Unit::HundredItems),
    ("mil", Unit::ThousandItems),
    ("1000items", Unit::ThousandItems),
    ("1000p/st", Unit::ThousandItems),
    ("thousand", Unit::ThousandItems),
    ("doz.", Unit::Dozen),
    ("dozen", Unit::Dozen),
];

/// The duty, or `None` when it says more than is counted with.
pub(super) fn read(text: &str) -> Option<Expression> {
    // Signs of currencies become words, operators stand alone.
    let mut spaced = String::with_capacity(text.len() + 16);
    for c in text.trim().chars() {
        match c {
            '£' => spaced.push_str(" GBP "),
            '€' => spaced.push_str(" EUR "),
            '$' => spaced.push_str(" USD "),
            '¢' => spaced.push_str(" CENT "),
            '%' | '/' | '+' => spaced.extend([' ', c, ' ']),
            other => spaced.push(other),
        }
    }
    let words: Vec<&str> = spaced.split_whitespace().collect();
    if words.is_empty() || words.len() > 64 {
        return None;
    }
    parse(&words)
}

fn parse(words: &[&str]) -> Option<Expression> {
    let split = |at: usize| {
        let (left, right) = words.split_at(at);
        Some((Box::new(parse(left)?), Box::new(parse(right.get(1..)?)?)))
    };
    let last = |of: &[&str]| words.iter().rposition(|word| of.contains(word));
    if let Some(at) = last(&["MIN", "MAX"]) {
        let (left, right) = split(at)?;
        return Some(match words.get(at) {
            Some(&"MIN") => Expression::Floor(left, right),
            _ => Expression::Ceiling(left, right),
        });
    }
    if let Some(at) = last(&["+", "-"]) {
        let (left, right) = split(at)?;
        return Some(match words.get(at) {
            Some(&"+") => Expression::Sum(left, right),
            _ => Expression::Difference(left, right),
        });
    }
    term(words)
}

/// `12 %`, `free`, or an amount of a currency per unit, the currency on either side.
fn term(words: &[&str]) -> Option<Expression> {
    if let [word] = words
        && word.eq_ignore_ascii_case("free")
    {
        return Some(Expression::AdValorem(Decimal::ZERO));
    }
    let mut rest = words.iter().copied();
    let mut first = rest.next()?;
    let mut currency = currency_of(first);
    if currency.is_some() {
        first = rest.next()?;
    }
    let mut amount: Decimal = first.parse().ok().filter(Decimal::is_sign_positive)?;
    let rest: Vec<&str> = rest.collect();
    if rest == ["%"] && currency.is_none() {
        return Some(Expression::AdValorem(amount / Decimal::ONE_HUNDRED));
    }
    let mut unit = rest.as_slice();
    if currency.is_none() {
        let (word, after) = unit.split_first()?;
        if matches!(*word, "CENT" | "cents" | "cent") {
            amount /= Decimal::ONE_HUNDRED;
            currency = Some(Currency::USD);
        } else {
            currency = currency_of(word);
        }
        unit = after;
    }
    if let [first, after @ ..] = unit
        && matches!(*first, "/" | "per")
    {
        unit = after;
    }
    let unit = unit.concat().to_lowercase();
    let unit = UNITS.iter().find(|(word, _)| *word == unit)?.1;
    Some(Expression::Specific { amount, currency: currency?, unit })
}

fn currency_of(word: &str) -> Option<Currency> {
    let code = word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase());
    // Units of TARIC are three capitals too.
    let unit = UNITS.iter().any(|(known, _)| known.eq_ignore_ascii_case(word));
    if code && !unit { word.parse().ok() } else { None }
}
