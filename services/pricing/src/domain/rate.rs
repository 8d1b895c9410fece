//! Rating: every tariff against one request.
//!
//! Owns eligibility and the order of a price's parts. Answers for each tariff, with a price or
//! with the first reason why not, so that nobody has to ask where a service went.

use std::collections::BTreeMap;

use colibri_types::Country;
use rust_decimal::Decimal;
use time::OffsetDateTime;

use super::{
    areas::Found,
    calendar::{self, Transit},
    charges::{Base, Head, Lines, add},
    code::Code,
    exact::Day,
    fx::FxTable,
    parcels,
    quote::{Note, NoteCode, Quote, Rating, Refused, TariffRef},
    request::{Request, ShipOption},
    sheet::{MultiParcel, Sheet, Zone},
    surcharge::{Facts, Refusal},
    tariff::Tariff,
};

/// Why a request could not be rated at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// The request itself is at fault, PRC0014 to PRC0017.
    #[error("{code}: {reason}")]
    Request {
        /// For programs.
        code: Code,
        /// For people.
        reason: String,
    },
    /// Two different tariffs under one name.
    #[error("{}: tariff {tariff} is given twice", Code::DuplicateTariff)]
    Duplicate {
        /// The name.
        tariff: TariffRef,
    },
}

impl RateError {
    /// Public code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Request { code, .. } => *code,
            Self::Duplicate { .. } => Code::DuplicateTariff,
        }
    }
}

/// Prices a request with every tariff.
///
/// `now` carries the origin's offset from UTC: its local date and time decide about the cut-off.
/// `fx` is needed only where a charge depends on a value in another currency.
///
/// # Errors
/// [`RateError`], PRC0014 to PRC0018.
pub fn rate(
    tariffs: &[Tariff],
    request: &Request,
    fx: Option<&FxTable>,
    now: OffsetDateTime,
) -> Result<Rating, RateError> {
    let checked = request.check(Day(now.date()));
    checked.map_err(|(code, reason)| RateError::Request { code, reason })?;
    let sorted = sort(tariffs)?;
    let mut in_force: BTreeMap<&str, u32> = BTreeMap::new();
    for sheet in sorted.iter().map(|tariff| tariff.sheet()) {
        if valid(sheet, request.ship_date) {
            let version = in_force.entry(&sheet.id).or_default();
            *version = sheet.version.max(*version);
        }
    }
    let mut rating = Rating { rated_at: now, quotes: Vec::new(), refused: Vec::new() };
    for tariff in sorted {
        let latest = in_force.get(tariff.sheet().id.as_str()).copied();
        match candidate(tariff, latest, request, fx, now) {
            Ok(quote) => rating.quotes.push(quote),
            Err((code, reason)) => rating.refused.push(Refused {
                carrier: tariff.sheet().carrier.clone(),
                service: tariff.sheet().service.clone(),
                tariff: tariff.reference(),
                code,
                reason,
            }),
        }
    }
    Ok(rating)
}

/// Tariffs by carrier, service, id and version, so that no answer depends on their order.
pub(super) fn sort(tariffs: &[Tariff]) -> Result<Vec<&Tariff>, RateError> {
    let name = |tariff: &&Tariff| {
        let sheet = tariff.sheet();
        (sheet.id.clone(), sheet.version)
    };
    let mut sorted: Vec<&Tariff> = tariffs.iter().collect();
    sorted.sort_by_cached_key(name);
    for (one, next) in sorted.iter().zip(sorted.iter().skip(1)) {
        if name(one) == name(next) {
            return Err(RateError::Duplicate { tariff: one.reference() });
        }
    }
    sorted.sort_by_key(|tariff| (&tariff.sheet().carrier, &tariff.sheet().service));
    Ok(sorted)
}

fn valid(sheet: &Sheet, day: Day) -> bool {
    sheet.valid_from <= day && day <= sheet.valid_to
}

fn candidate(
    tariff: &Tariff,
    latest: Option<u32>,
    request: &Request,
    fx: Option<&FxTable>,
    now: OffsetDateTime,
) -> Result<Quote, Refusal> {
    let sheet = tariff.sheet();
    in_force(sheet, latest, request.ship_date)?;
    origin(tariff, request)?;
    options(sheet, request)?;
    let postcode = request.destination.plain_postcode();
    let (name, zone) = find_zone(tariff, request, postcode.as_deref())?;
    let mut notes = Vec::new();
    let sizes = parcels::sizes(sheet, request, &mut notes)?;
    parcels::limits(sheet, &request.parcels, &sizes)?;
    let facts = Facts {
        sheet,
        places: &tariff.indexes().surcharges,
        request,
        postcode: postcode.as_deref(),
        zone: name,
        sizes: &sizes,
        today: Day(now.date()),
        fx,
    };
    value_limit(&facts, &mut notes)?;
    let weights = parcels::weights(sheet, &request.parcels, &sizes);
    let mut lines = Lines::new(sheet);
    let freight = lines.freight(base(sheet, zone, &weights)?)?;
    let fuelled = facts.charge(&mut lines, freight, &mut notes)?;
    if let Some(percent) = fuel(sheet, request.ship_date)? {
        let of = add(freight, fuelled)?;
        lines.percent(&Head::new("fuel", "Fuel surcharge"), of, percent)?;
    }
    let (lines, total) = lines.finish()?;
    let transit = promise(sheet, zone, request, now, &mut notes);
    Ok(Quote {
        carrier: sheet.carrier.clone(),
        service: sheet.service.clone(),
        label: sheet.label.clone(),
        tariff: tariff.reference(),
        valid_to: sheet.valid_to,
        zone: name.to_owned(),
        billable_g: weights.iter().map(|w| parcels::step_up(*w, sheet)).collect(),
        lines,
        total,
        transit,
        notes,
    })
}

fn in_force(sheet: &Sheet, latest: Option<u32>, day: Day) -> Result<(), Refusal> {
    if !valid(sheet, day) {
        let text =
            format!("in force from {} to {}, not on {day}", sheet.valid_from, sheet.valid_to);
        return Err((Code::NotValidOnDate, text));
    }
    match latest {
        Some(version) if version > sheet.version => {
            let text = format!("version {version} is in force on {day}");
            Err((Code::Superseded, text))
        }
        _ => Ok(()),
    }
}

fn options(sheet: &Sheet, request: &Request) -> Result<(), Refusal> {
    let wanted = &request.options;
    if let Some(option) = wanted.iter().find(|o| !sheet.options.contains(o)) {
        let text = format!("the service does not offer `{}`", option.as_str());
        return Err((Code::OptionUnsupported, text));
    }
    let required = &sheet.required_options;
    if let Some(option) = required.iter().find(|o| !wanted.contains(o)) {
        let text = format!("the service is only for `{}`", option.as_str());
        return Err((Code::OptionRequired, text));
    }
    Ok(())
}

fn origin(tariff: &Tariff, request: &Request) -> Result<(), Refusal> {
    let wanted = &tariff.sheet().origin;
    let postcode = request.origin.plain_postcode();
    let index = &tariff.indexes().origin;
    match index.find(request.origin.country, postcode.as_deref()) {
        Found::Here(()) => Ok(()),
        Found::NeedsPostcode => {
            let text = "the tariff is for part of the origin's country; its postcode is missing";
            Err((Code::PostcodeMissing, text.to_owned()))
        }
        Found::Nowhere => {
            let part = if wanted.prefixes.is_empty() { "" } else { "parts of " };
            let text = format!("for parcels from {part}{} only", wanted.country);
            Err((Code::WrongOrigin, text))
        }
    }
}

fn find_zone<'a>(
    tariff: &'a Tariff,
    request: &Request,
    postcode: Option<&str>,
) -> Result<(&'a str, &'a Zone), Refusal> {
    let country = request.destination.country;
    let nowhere = |country: Country| {
        let text = format!("no zone covers {country} at this postcode");
        (Code::NoZone, text)
    };
    match tariff.indexes().zones.find(country, postcode) {
        Found::Here(Some(name)) => {
            let zone = tariff.sheet().zones.get(name);
            zone.map(|zone| (name.as_str(), zone)).ok_or_else(|| nowhere(country))
        }
        Found::Here(None) => {
            let text = format!("{country} at this postcode is not served");
            Err((Code::NotServed, text))
        }
        Found::NeedsPostcode => {
            let text = format!("zones of {country} depend on the postcode, which is missing");
            Err((Code::PostcodeMissing, text))
        }
        Found::Nowhere => Err(nowhere(country)),
    }
}

/// The value of the goods against the service's limits, when it is known.
fn value_limit(facts: &Facts<'_>, notes: &mut Vec<Note>) -> Result<(), Refusal> {
    let limits = &facts.sheet.limits;
    let insured = facts.request.options.contains(&ShipOption::Insurance);
    let insured_max = limits.insured_value_max.filter(|_| insured);
    let Some(most) = limits.value_max.into_iter().chain(insured_max).min() else {
        return Ok(());
    };
    match facts.value(notes)? {
        Some(value) if value > most.0 => {
            let currency = facts.sheet.currency;
            let value = value.normalize();
            let text = format!("goods of {value} {currency}; at most {most} {currency}");
            Err((Code::ValueTooHigh, text))
        }
        _ => Ok(()),
    }
}

/// The prices of what is looked up: each parcel, or the shipment.
fn base(sheet: &Sheet, zone: &Zone, weights: &[u64]) -> Result<Vec<Base>, Refusal> {
    let looked_up: Vec<(u64, Option<u32>)> = match sheet.multi_parcel {
        MultiParcel::PerParcel => {
            let stepped = weights.iter().map(|weight| parcels::step_up(*weight, sheet));
            stepped.zip((1..).map(Some)).collect()
        }
        MultiParcel::PerShipment => {
            let total = weights.iter().fold(0_u64, |sum, w| sum.saturating_add(*w));
            vec![(parcels::step_up(total, sheet), None)]
        }
    };
    let mut prices = Vec::with_capacity(looked_up.len());
    for (billable_g, parcel) in looked_up {
        let price = Base::look_up(zone, billable_g, parcel).ok_or_else(|| {
            let last = zone.breaks.last().map_or(0, |entry| entry.to_g);
            let text = format!("{billable_g} g are billed; prices end at {last} g");
            (Code::AboveLastBreak, text)
        })?;
        prices.push(price?);
    }
    Ok(prices)
}

/// The fuel percentage of a day; `None` when the tariff charges no fuel.
fn fuel(sheet: &Sheet, day: Day) -> Result<Option<Decimal>, Refusal> {
    if sheet.fuel.is_empty() {
        return Ok(None);
    }
    let period = sheet.fuel.iter().find(|p| p.from <= day && day <= p.to);
    let percent = period.map(|period| Some(period.percent.0));
    percent.ok_or_else(|| {
        let text = format!("no fuel percentage is known for {day}");
        (Code::FuelUnknown, text)
    })
}

fn promise(
    sheet: &Sheet,
    zone: &Zone,
    request: &Request,
    now: OffsetDateTime,
    notes: &mut Vec<Note>,
) -> Option<Transit> {
    let (Some(calendar), Some(days)) = (&sheet.calendar, &zone.transit) else {
        let text = "the tariff states no transit time here";
        notes.push(Note::new(NoteCode::NoTransit, text));
        return None;
    };
    match calendar::transit(calendar, days, request.ship_date, &request.options, now) {
        Ok((transit, note)) => {
            notes.extend(note);
            Some(transit)
        }
        Err(note) => {
            notes.push(note);
            None
        }
    }
}
