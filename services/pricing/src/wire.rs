//! Messages of others in the domain's terms, and back.
//!
//! Owns what each field may say. A field that says something else is named with its code; nothing
//! is guessed and nothing is left out silently.

use std::collections::BTreeSet;

use colibri_events::{
    orders::v1::FulfilmentRequested,
    pricing::v1::{self as pb, RateRequest},
    types::v1 as types,
};
use colibri_kit::fault::Fault;
use colibri_types::{Dimensions, Grams, Millimetres, Money};
use time::{Date, Month, OffsetDateTime};

use crate::{
    domain::{Day, Parcel, Place, Quote, Refused, Request, ShipOption, local},
    error,
};

/// A field that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Public code.
    pub code: &'static str,
    /// Path in the message.
    pub field: String,
    /// For people.
    pub reason: &'static str,
}

impl Problem {
    fn field(field: impl Into<String>, reason: &'static str) -> Self {
        Self { code: error::FIELD, field: field.into(), reason }
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        let Problem { code, field, reason } = problem;
        Self::reject(code, format!("{field}: {reason}")).field(field, code, reason)
    }
}

/// A shipment as somebody asks about it, before the day of shipping is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    origin: Place,
    destination: Place,
    residential: bool,
    parcels: Vec<Parcel>,
    options: BTreeSet<ShipOption>,
    value: Option<Money>,
    ship_date: Option<Day>,
    /// Day by which delivery is wanted.
    pub wanted: Option<Day>,
}

impl Wish {
    /// From the event.
    ///
    /// # Errors
    /// [`Problem`] names the first field that cannot be read.
    pub fn of_event(event: &FulfilmentRequested) -> Result<Self, Problem> {
        Ok(Self {
            origin: place("origin_country", &event.origin_country, &event.origin_zone)?,
            destination: place("country", &event.country, &event.postcode_zone)?,
            residential: event.residential,
            parcels: parcels(&event.parcels)?,
            options: options(&event.options)?,
            value: event.value.as_ref().map(money).transpose()?,
            ship_date: None,
            wanted: event.wanted_by.as_ref().map(|d| day("wanted_by", d)).transpose()?,
        })
    }

    /// From the call.
    ///
    /// # Errors
    /// [`Problem`] names the first field that cannot be read.
    pub fn of_call(call: &RateRequest) -> Result<Self, Problem> {
        Ok(Self {
            origin: place("origin_country", &call.origin_country, &call.origin_zone)?,
            destination: place("country", &call.country, &call.postcode_zone)?,
            residential: call.residential,
            parcels: parcels(&call.parcels)?,
            options: options(&call.options)?,
            value: call.value.as_ref().map(money).transpose()?,
            ship_date: call.ship_date.as_ref().map(|d| day("ship_date", d)).transpose()?,
            wanted: call.wanted_by.as_ref().map(|d| day("wanted_by", d)).transpose()?,
        })
    }

    /// Where it leaves.
    #[must_use]
    pub const fn origin(&self) -> &Place {
        &self.origin
    }

    /// The question to rate at an instant, and that instant in the origin's local time. Without a
    /// wish it ships on the origin's present day; what comes after a tariff's cut-off, or on a day
    /// without collection, is handed over on the next one.
    #[must_use]
    pub fn at(&self, now: OffsetDateTime) -> (Request, OffsetDateTime) {
        let now = local(&self.origin, now);
        let request = Request {
            origin: self.origin.clone(),
            destination: self.destination.clone(),
            residential: Some(self.residential),
            ship_date: self.ship_date.unwrap_or(Day(now.date())),
            parcels: self.parcels.clone(),
            options: self.options.clone(),
            value: self.value,
        };
        (request, now)
    }
}

fn place(field: &str, country: &str, zone: &str) -> Result<Place, Problem> {
    let wrong = |_| Problem::field(field, "not an ISO 3166-1 alpha-2 country");
    let country = country.parse().map_err(wrong)?;
    let postcode = Some(zone.to_owned()).filter(|zone| !zone.is_empty());
    Ok(Place { country, postcode })
}

fn parcels(parcels: &[types::Parcel]) -> Result<Vec<Parcel>, Problem> {
    let one = |(index, parcel): (usize, &types::Parcel)| {
        let sides = [parcel.length_mm, parcel.width_mm, parcel.height_mm];
        let dimensions = match sides {
            [0, 0, 0] => None,
            _ if sides.contains(&0) => {
                let field = format!("parcels[{index}]");
                return Err(Problem::field(field, "give all three sides or none"));
            }
            sides => {
                let [length, width, height] = sides.map(Millimetres);
                Some(Dimensions { length, width, height })
            }
        };
        Ok(Parcel { weight: Grams(parcel.weight_g), dimensions })
    };
    parcels.iter().enumerate().map(one).collect()
}

fn options(names: &[String]) -> Result<BTreeSet<ShipOption>, Problem> {
    let one = |(index, name): (usize, &String)| {
        let known = ShipOption::ALL.iter().find(|option| option.as_str() == name);
        known.copied().ok_or_else(|| Problem {
            code: error::OPTION,
            field: format!("options[{index}]"),
            reason: "no such option",
        })
    };
    names.iter().enumerate().map(one).collect()
}

fn money(money: &types::Money) -> Result<Money, Problem> {
    let wrong = |_| Problem::field("value.currency", "not an ISO 4217 currency");
    Ok(Money::new(money.amount_minor, money.currency.parse().map_err(wrong)?))
}

fn day(field: &'static str, date: &types::Date) -> Result<Day, Problem> {
    let read = || {
        let month = Month::try_from(u8::try_from(date.month).ok()?).ok()?;
        Date::from_calendar_date(date.year, month, u8::try_from(date.day).ok()?).ok()
    };
    // Four digits: records spell years so.
    let read = read().filter(|date| (1..=9999).contains(&date.year()));
    read.map(Day).ok_or_else(|| Problem::field(field, "not a calendar day"))
}

/// A day as a message.
#[must_use]
pub fn date(day: Date) -> types::Date {
    let (year, month, day) = day.to_calendar_date();
    types::Date { year, month: u32::from(u8::from(month)), day: u32::from(day) }
}

/// An amount as a message.
#[must_use]
pub fn amount(money: Money) -> types::Money {
    types::Money { amount_minor: money.amount_minor, currency: money.currency.as_str().to_owned() }
}

/// An instant as a message.
#[must_use]
pub fn timestamp(at: OffsetDateTime) -> prost_types::Timestamp {
    let nanos = i32::try_from(at.nanosecond()).unwrap_or_default();
    prost_types::Timestamp { seconds: at.unix_timestamp(), nanos }
}

/// A price as a message.
#[must_use]
pub fn quote(quote: &Quote, account: Option<String>) -> pb::Quote {
    let line = |line: &crate::domain::ChargeLine| pb::ChargeLine {
        code: line.code.clone(),
        label: line.label.clone(),
        unrounded: line.amount.to_string(),
        amount: Some(amount(line.rounded)),
    };
    pb::Quote {
        carrier: quote.carrier.clone(),
        service: quote.service.clone(),
        tariff_id: quote.tariff.id.clone(),
        zone: quote.zone.clone(),
        total: Some(amount(quote.total)),
        lines: quote.lines.iter().map(line).collect(),
        earliest: quote.transit.as_ref().map(|transit| date(transit.earliest.0)),
        latest: quote.transit.as_ref().map(|transit| date(transit.latest.0)),
        account_id: account.unwrap_or_default(),
    }
}

/// A refusal as a message.
#[must_use]
pub fn refusal(refused: &Refused) -> pb::Refusal {
    pb::Refusal {
        carrier: refused.carrier.clone(),
        service: refused.service.clone(),
        code: refused.code.as_str().to_owned(),
        detail: refused.reason.clone(),
    }
}
