//! From the question on the wire to a consignment. Nothing is guessed: a field that makes no sense
//! is named.

use std::collections::HashMap;

use colibri_customs_rules::{
    consignment::{CarrierFee, Consignment, Extra, Line, ProductIds, Terms},
    identifiers::CodeLevel,
    place::Place,
};
use colibri_events::{
    customs::v1::{self as pb, AssessLine, AssessParcel, Finding, SkuInput},
    types::v1 as wire,
};
use colibri_types::{Country, Currency, Money};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use time::{Date, Month};

use super::sku;
use crate::{
    error::{self, finding},
    world::Book,
};

/// Grams as kilograms.
#[must_use]
pub fn kilograms(grams: u64) -> Decimal {
    Decimal::from_i128_with_scale(i128::from(grams), 3)
}

/// An amount from the wire; `None` when its currency is none.
#[must_use]
pub fn money(amount: &wire::Money) -> Option<Money> {
    Some(Money::new(amount.amount_minor, amount.currency.parse().ok()?))
}

/// A day from the wire; `None` when it is none.
#[must_use]
pub fn day(date: wire::Date) -> Option<Date> {
    let month = Month::try_from(u8::try_from(date.month).ok()?).ok()?;
    Date::from_calendar_date(date.year, month, u8::try_from(date.day).ok()?).ok()
}

/// A day on the wire.
#[must_use]
pub fn date(day: Date) -> wire::Date {
    let (year, month, day) = day.to_calendar_date();
    wire::Date { year, month: u32::from(u8::from(month)), day: u32::from(day) }
}

/// Fills in what a line leaves out from the articles that are known.
pub fn fill(parcel: &mut AssessParcel, skus: &HashMap<String, pb::Sku>) {
    let country = parcel.to.as_ref().map(|to| to.country.clone()).unwrap_or_default();
    for line in &mut parcel.lines {
        let known = skus.get(&line.sku).and_then(|sku| Some((sku, sku.input.as_ref()?)));
        let Some((sku, input)) = known else { continue };
        if line.description.is_empty() {
            input.description.clone_into(&mut line.description);
        }
        if line.code.is_empty() && sku.confirmed_at.is_some() {
            code_for(input, &country).clone_into(&mut line.code);
        }
        if line.origin_country.is_empty() {
            input.origin_country.clone_into(&mut line.origin_country);
        }
        line.excise |= input.excise;
    }
}

/// The code of an article that a destination wants, as deep as it is known. A national code is of
/// no use to another nation.
#[must_use]
pub fn code_for<'a>(sku: &'a SkuInput, country: &str) -> &'a str {
    match country {
        "US" if !sku.hts10.is_empty() => &sku.hts10,
        "US" => &sku.hs6,
        _ if !sku.cn8.is_empty() => &sku.cn8,
        _ => &sku.hs6,
    }
}

/// What is wrong with a question.
#[derive(Default)]
struct Wrong(Vec<Finding>);

impl Wrong {
    fn add(&mut self, field: impl Into<String>, detail: impl Into<String>) {
        self.0.push(finding(error::FIELD, field, detail));
    }

    fn word<T: DeserializeOwned>(&mut self, field: &str, text: &str) -> Option<T> {
        let read = serde_json::from_value(serde_json::Value::String(text.to_owned()));
        if read.is_err() {
            self.add(field, "is no known word");
        }
        read.ok()
    }

    fn place(&mut self, field: &str, place: Option<&pb::Place>) -> Option<Place> {
        let place = place.cloned().unwrap_or_default();
        let country: Option<Country> = place.country.parse().ok();
        if country.is_none() {
            self.add(format!("{field}.country"), "is no ISO 3166 country code");
        }
        let (postcode, subdivision) = (place.postcode_zone, place.subdivision);
        country.map(|country| Place { country, postcode, subdivision })
    }

    /// An amount in the currency of the order.
    fn amount(
        &mut self,
        field: &str,
        amount: Option<&wire::Money>,
        of: Option<Currency>,
    ) -> Option<Decimal> {
        let amount = money(amount?);
        match amount {
            None => self.add(field, "has no currency"),
            Some(amount) if Some(amount.currency) != of => {
                self.add(field, "is in another currency than the first line");
            }
            Some(amount) => return Some(amount.to_decimal()),
        }
        None
    }
}

/// The consignment that a question is about.
///
/// # Errors
/// Every field that makes no sense.
pub fn read(asked: &AssessParcel, book: &Book, today: Date) -> Result<Consignment, Vec<Finding>> {
    let mut wrong = Wrong::default();
    let first = asked.lines.first().and_then(|line| line.value.as_ref());
    let currency = first.and_then(money).map(|money| money.currency);
    let date = match asked.date {
        None => Some(today),
        Some(date) => day(date),
    };
    if date.is_none() {
        wrong.add("date", "is no day");
    }
    let (from, to) =
        (wrong.place("from", asked.from.as_ref()), wrong.place("to", asked.to.as_ref()));
    let channel = wrong.word("channel", &asked.channel);
    let flow = wrong.word("flow", &asked.flow);
    let scheme = match asked.scheme.as_str() {
        "" => None,
        text => wrong.word("scheme", text),
    };
    let dataset = match asked.dataset.as_str() {
        "" => None,
        text => wrong.word("dataset", text),
    };
    let terms = match asked.terms.as_str() {
        "" => Some(Terms::Dap),
        text => wrong.word("terms", text),
    };
    let lines: Vec<Option<Line>> = (1..)
        .zip(&asked.lines)
        .map(|(no, each)| line(no, each, currency, book, &mut wrong))
        .collect();
    let extra = |amount: Decimal| Extra { amount, shown_separately: true };
    let discount = wrong.amount("discount", asked.discount.as_ref(), currency).unwrap_or_default();
    let freight = wrong.amount("freight", asked.freight.as_ref(), currency).map(extra);
    let insurance = wrong.amount("insurance", asked.insurance.as_ref(), currency).map(extra);
    let carrier_fees = fees(asked, &mut wrong);
    let whole = || {
        Some(Consignment {
            date: date?,
            from: from?,
            to: to?,
            channel: channel?,
            flow: flow?,
            scheme,
            dataset,
            terms: terms?,
            currency: currency?,
            lines: lines.into_iter().collect::<Option<_>>()?,
            discount,
            freight,
            insurance,
            carrier_fees,
        })
    };
    if asked.lines.is_empty() {
        wrong.add("lines", "there are none");
    }
    match whole() {
        Some(parcel) if wrong.0.is_empty() => Ok(parcel),
        _ => Err(wrong.0),
    }
}

fn line(
    no: u32,
    asked: &AssessLine,
    currency: Option<Currency>,
    book: &Book,
    wrong: &mut Wrong,
) -> Option<Line> {
    let field = |name: &str| format!("lines[{}].{name}", no - 1);
    let value = match &asked.value {
        None => {
            wrong.add(field("value"), "is missing");
            None
        }
        Some(value) => wrong.amount(&field("value"), Some(value), currency),
    };
    let origin = match asked.origin_country.as_str() {
        "" => None,
        text => match text.parse::<Country>() {
            Ok(country) => Some(country),
            Err(_) => {
                wrong.add(field("origin_country"), "is no ISO 3166 country code");
                None
            }
        },
    };
    let code = match asked.code.as_str() {
        "" => String::new(),
        text => match any_level(text, book) {
            Ok(code) => code,
            Err(detail) => {
                wrong.0.push(finding(error::CODE_WRONG, field("code"), detail));
                String::new()
            }
        },
    };
    let tax_rate = match asked.tax_rate.as_str() {
        "" => None,
        text => match Decimal::from_str_exact(text) {
            Ok(rate) if (Decimal::ZERO..=Decimal::ONE).contains(&rate) => Some(rate),
            _ => {
                wrong.add(field("tax_rate"), "is a part of one, e.g. 0.055");
                None
            }
        },
    };
    let grams = asked.net_weight_g;
    Some(Line {
        no,
        description: asked.description.clone(),
        code,
        origin,
        quantity: asked.quantity,
        value: value?,
        net_kg: (grams > 0).then(|| kilograms(u64::from(grams))),
        litres: None,
        duty: (!asked.duty.is_empty()).then(|| asked.duty.clone()),
        preference: asked.preference,
        excise: asked.excise,
        tax_rate,
        product_ids: ProductIds { merchant: asked.sku.clone(), ..ProductIds::default() },
    })
}

/// Digits of a code of any level.
///
/// # Errors
/// Why it is none, in words.
pub fn any_level(text: &str, book: &Book) -> Result<String, String> {
    let exists = |hs6: &str| book.nomenclature.exists(hs6);
    let plain = text.bytes().filter(u8::is_ascii_digit).count();
    let level = match plain {
        0..=7 => CodeLevel::Hs6,
        8..=9 => CodeLevel::Cn8,
        _ => CodeLevel::Ten,
    };
    sku::code(text, level, exists)
}

fn fees(asked: &AssessParcel, wrong: &mut Wrong) -> Vec<CarrierFee> {
    let mut fees = Vec::new();
    for (at, fee) in asked.carrier_fees.iter().enumerate() {
        match fee.amount.as_ref().and_then(money) {
            Some(amount) => fees.push(CarrierFee {
                name: fee.name.clone(),
                amount: amount.to_decimal(),
                currency: amount.currency,
            }),
            None => wrong.add(format!("carrier_fees[{at}].amount"), "has no currency"),
        }
    }
    fees
}
