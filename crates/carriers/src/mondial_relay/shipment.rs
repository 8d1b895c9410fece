//! A shipment in the carrier's words, whichever interface it goes by, or the field that keeps it
//! from being one.
//!
//! Owns the carrier's limits: services, countries, weights, options.

use colibri_types::{Currency, Grams, Money};

use super::{
    INFO, account,
    address::{self, Limits, Party, RECIPIENT, SENDER},
};
use crate::{Account, Contact, DeliveryOption, LabelFormat, Parcel, Rejection, Shipment};

/// Which way a shipment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the merchant.
    Out,
    /// From the customer, handed in at a relay.
    Back,
}

/// A delivery mode of the carrier.
struct Mode {
    code: &'static str,
    /// To a relay, locker or drive of the carrier.
    point: bool,
    /// The carrier rings before it comes.
    phone: bool,
    /// API 2 sells it too.
    connect: bool,
    /// Heaviest parcel. Remembered from the general terms: the interfaces state none.
    weight_max: Grams,
    /// Countries of destination. Remembered, except that API 2 lists phone forms for all of them.
    countries: &'static str,
}

const RELAYS: &str = "FR BE LU NL ES PT IT PL";
const DOORS: &str = "FR BE LU NL ES PT IT PL DE AT IE";

const fn mode(code: &'static str, kg: u32, countries: &'static str) -> Mode {
    let weight_max = Grams(kg * 1_000);
    Mode { code, point: false, phone: false, connect: false, weight_max, countries }
}

const MODES: &[Mode] = &[
    Mode { point: true, connect: true, ..mode("24R", 30, RELAYS) },
    Mode { point: true, connect: true, ..mode("24L", 70, "FR BE LU") },
    Mode { point: true, ..mode("24X", 130, "FR") },
    Mode { point: true, ..mode("DRI", 130, "FR") },
    Mode { phone: true, connect: true, ..mode("HOM", 30, DOORS) },
    Mode { phone: true, ..mode("LD1", 70, "FR BE") },
    Mode { phone: true, ..mode("LDS", 130, "FR BE") },
];
pub(super) const BACK: &str = "LCC";
const RETURN: Mode = Mode { connect: true, ..mode(BACK, 30, "FR") };

/// Lightest parcel, in grams, by API 2.
const WEIGHT_MIN_G: u32 = 10;
/// Largest parcel to Poland, longest side first, in millimetres.
const POLAND_MM: [u32; 3] = [640, 390, 380];
/// Longest order number of both interfaces, in characters.
const ORDER_MAX: usize = 15;
/// Longest customer number of both interfaces, in characters.
const CUSTOMER_MAX: usize = 9;
/// Largest cash on delivery, in cents: seven digits.
const CASH_CENTS_MAX: i64 = 9_999_999;
/// Longest content line of API 2, in characters.
const CONTENT_MAX: usize = 40;

/// All that a request is written from.
pub(super) struct Plan {
    pub delivery: &'static str,
    /// Six digits, in the recipient's country.
    pub point: Option<String>,
    pub collection: &'static str,
    /// Six digits, in the sender's country; `None`: any relay.
    pub entry: Option<String>,
    /// Last characters of our reference.
    pub order: String,
    /// What is before them; empty for a short reference.
    pub customer: String,
    pub sender: Party,
    pub recipient: Party,
    pub weight_g: u32,
    /// Length, width, height in whole centimetres.
    pub sides_cm: Option<[u32; 3]>,
    /// Level and insured cents.
    pub insurance: Option<(u8, i64)>,
    pub cash_cents: Option<i64>,
    pub content: String,
}

/// Checks a shipment against all that is known before a call.
///
/// # Errors
/// [`Rejection`] of the first field that this carrier cannot take.
pub(super) fn plan(
    account: &Account,
    shipment: &Shipment,
    way: Way,
    limits: &Limits,
) -> Result<Plan, Rejection> {
    let [parcel] = shipment.parcels.as_slice() else {
        let reason = "one number per shipment: make one shipment per parcel";
        return Err(Rejection::new("parcels", reason));
    };
    let mode = service(shipment, way)?;
    lane(&shipment.sender, &shipment.recipient, mode, way)?;
    let sides_cm = measures(parcel, mode, &shipment.recipient)?;
    let (order, customer) = references(&shipment.attempt_ref)?;
    let poland = is_in(&shipment.recipient, "PL");
    let chosen = options(account, shipment, mode)?;
    let collection = match way {
        Way::Out => account::collection_mode(account).unwrap_or("CCC"),
        Way::Back => "REL",
    };
    Ok(Plan {
        delivery: mode.code,
        point: chosen.point,
        collection,
        entry: chosen.entry,
        order,
        customer,
        // Required by API 1; API 2 wants it where a driver rings, which a relay's does not.
        sender: address::party(&shipment.sender, &SENDER, limits, is_printed(shipment))?,
        recipient: address::party(&shipment.recipient, &RECIPIENT, limits, mode.phone || poland)?,
        weight_g: parcel.weight.0,
        sides_cm,
        insurance: chosen.insurance,
        cash_cents: chosen.cash_cents,
        content: content(parcel)?,
    })
}

const fn is_printed(shipment: &Shipment) -> bool {
    matches!(shipment.format, LabelFormat::Pdf)
}

fn service(shipment: &Shipment, way: Way) -> Result<&'static Mode, Rejection> {
    let code = shipment.service.as_str();
    let mode = match way {
        Way::Out => MODES.iter().find(|mode| mode.code == code),
        Way::Back => (code == RETURN.code).then_some(&RETURN),
    };
    let known = INFO.services.iter().any(|(known, _)| *known == code);
    let reason = match (known, way) {
        (true, Way::Out) => "is sold as a return only",
        (true, Way::Back) => "is no service for returns: LCC is",
        (false, _) => "is not a service of this carrier",
    };
    let mode = mode.ok_or_else(|| Rejection::new("service", reason))?;
    match (shipment.format, mode.connect) {
        (LabelFormat::Pdf, _) | (LabelFormat::Zpl | LabelFormat::Ipl, true) => Ok(mode),
        (LabelFormat::Zpl | LabelFormat::Ipl, false) => {
            Err(Rejection::new("format", "this service has PDF labels only"))
        }
        _ => Err(Rejection::new("format", "labels are PDF, ZPL or IPL")),
    }
}

fn is_in(contact: &Contact, countries: &str) -> bool {
    contact.country.is_some_and(|country| {
        countries.split(' ').any(|code| code == country.as_str())
            && !is_outside(country.as_str(), &contact.postcode)
    })
}

/// Territories of a member state outside the Union's customs or tax territory, by postcode: French
/// overseas and Monaco's neighbours under 97 and 98, Canaries, Ceuta, Melilla, Livigno, Heligoland,
/// Büsingen.
fn is_outside(country: &str, postcode: &str) -> bool {
    let starts: &[&str] = match country {
        "FR" => &["97", "987", "988", "986", "984"],
        "ES" => &["35", "38", "51", "52"],
        "IT" => &["23041", "22061"],
        "DE" => &["27498", "78266"],
        _ => &[],
    };
    starts.iter().any(|start| postcode.trim().starts_with(start))
}

fn lane(from: &Contact, to: &Contact, mode: &Mode, way: Way) -> Result<(), Rejection> {
    let required = |contact: &Contact, field| match contact.country {
        Some(_) => Ok(()),
        None => Err(Rejection::new(field, "is required")),
    };
    required(from, SENDER.country)?;
    required(to, RECIPIENT.country)?;
    let origins = match way {
        Way::Out => "FR",
        Way::Back => RELAYS,
    };
    if !is_in(from, origins) {
        let reason = "parcels leave from mainland France, returns from countries with relays";
        return Err(Rejection::new(SENDER.country, reason));
    }
    if !is_in(to, mode.countries) {
        let reason = format!("{} goes to {} without customs only", mode.code, mode.countries);
        return Err(Rejection::new(RECIPIENT.country, reason));
    }
    Ok(())
}

fn measures(
    parcel: &Parcel,
    mode: &Mode,
    recipient: &Contact,
) -> Result<Option<[u32; 3]>, Rejection> {
    let (weight, max) = (parcel.weight, mode.weight_max);
    if weight.0 < WEIGHT_MIN_G || weight > max {
        let reason = format!("{WEIGHT_MIN_G} to {} g by {}", max.0, mode.code);
        return Err(Rejection::new("parcels.weight", reason));
    }
    let poland = is_in(recipient, "PL");
    let Some(size) = parcel.dimensions else {
        return match poland {
            true => Err(Rejection::new("parcels.dimensions", "are required to Poland")),
            false => Ok(None),
        };
    };
    let sides = [size.length, size.width, size.height];
    let mut sorted = sides.map(|side| side.0);
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let too_long = sorted.iter().any(|side| *side > INFO.length_max.0);
    if too_long || sorted.contains(&0) {
        let reason = format!("sides of 1 to {} mm", INFO.length_max.0);
        return Err(Rejection::new("parcels.dimensions", reason));
    }
    if poland && sorted.iter().zip(POLAND_MM).any(|(side, max)| *side > max) {
        return Err(Rejection::new("parcels.dimensions", "at most 640 x 390 x 380 mm to Poland"));
    }
    Ok(Some(sides.map(|side| side.to_cm_ceil())))
}

/// Our reference in the two fields that the carrier's web tool shows: its last characters, where
/// its chance is, as order number, the rest as customer number.
fn references(reference: &str) -> Result<(String, String), Rejection> {
    let plain = reference.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let cut = reference.len().saturating_sub(ORDER_MAX);
    let parts = reference.split_at_checked(cut).filter(|_| plain && cut <= CUSTOMER_MAX);
    match parts {
        Some((head, tail)) if !tail.is_empty() => Ok((tail.to_owned(), head.to_owned())),
        _ => {
            let max = ORDER_MAX + CUSTOMER_MAX;
            Err(Rejection::new("attempt_ref", format!("1 to {max} characters of [A-Z0-9]")))
        }
    }
}

#[derive(Default)]
struct Chosen {
    point: Option<String>,
    entry: Option<String>,
    insurance: Option<(u8, i64)>,
    cash_cents: Option<i64>,
}

fn options(account: &Account, shipment: &Shipment, mode: &Mode) -> Result<Chosen, Rejection> {
    let mut chosen = Chosen::default();
    let code = |contact: &Contact| contact.country.map(|c| c.to_string()).unwrap_or_default();
    for option in &shipment.options {
        match option {
            // A return ends at the merchant: the relay is where it is dropped off.
            DeliveryOption::ServicePoint { id, .. } if mode.code == RETURN.code => {
                chosen.entry = Some(point(id, &code(&shipment.sender))?);
            }
            DeliveryOption::ServicePoint { id, .. } if mode.point => {
                chosen.point = Some(point(id, &code(&shipment.recipient))?);
            }
            DeliveryOption::ServicePoint { .. } => {
                return Err(reject(format!("{} goes to no relay", mode.code)));
            }
            DeliveryOption::Insurance(value) => chosen.insurance = Some(insured(account, *value)?),
            DeliveryOption::CashOnDelivery(value) => {
                chosen.cash_cents = Some(cash(shipment, mode, *value)?);
            }
            other => return Err(reject(format!("has no {}", other.kind().as_str()))),
        }
    }
    match (mode.point, &chosen.point) {
        (true, None) => Err(reject(format!("{} needs a service point", mode.code))),
        _ => Ok(chosen),
    }
}

fn reject(reason: impl Into<String>) -> Rejection {
    Rejection::new("options", reason)
}

/// Six digits, alone or after the country they belong to: a relay in another one is refused.
fn point(id: &str, country: &str) -> Result<String, Rejection> {
    let id = id.trim();
    let number = id.strip_prefix(country).map(|rest| rest.trim_start_matches('-')).unwrap_or(id);
    match number.len() == 6 && number.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok(number.to_owned()),
        false => Err(reject("a service point is six digits, in the country of that end")),
    }
}

fn euros(value: Money) -> Result<i64, Rejection> {
    match value.currency == Currency::EUR && value.amount_minor > 0 {
        true => Ok(value.amount_minor),
        false => Err(reject("amounts are in EUR and above zero")),
    }
}

/// The lowest level that covers the value.
fn insured(account: &Account, value: Money) -> Result<(u8, i64), Rejection> {
    let cents = euros(value)?;
    let ceilings = account::ceilings(account).ok_or_else(|| {
        reject("insurance needs the account's insurance_ceilings_cents, by its contract")
    })?;
    let level = (1_u8..).zip(ceilings).find(|(_, ceiling)| cents <= *ceiling);
    let (level, _) = level.ok_or_else(|| reject("is above the highest level of insurance"))?;
    Ok((level, cents))
}

fn cash(shipment: &Shipment, mode: &Mode, value: Money) -> Result<i64, Rejection> {
    let cents = euros(value)?;
    if !is_printed(shipment) || mode.code == RETURN.code {
        return Err(reject("cash on delivery is sold with PDF labels, and not for returns"));
    }
    match cents <= CASH_CENTS_MAX {
        true => Ok(cents),
        false => Err(reject(format!("at most {CASH_CENTS_MAX} cents of cash on delivery"))),
    }
}

/// What is inside, by its first article, cut between words as the carrier cuts.
fn content(parcel: &Parcel) -> Result<String, Rejection> {
    let Some(item) = parcel.items.first() else { return Ok(String::new()) };
    let text = address::printable(&item.description, "parcels.items.description")?;
    let Some(head) = text.get(..CONTENT_MAX).filter(|_| text.len() > CONTENT_MAX) else {
        return Ok(text);
    };
    let cut = head.rfind(' ').and_then(|at| head.get(..at));
    Ok(cut.unwrap_or(head).to_owned())
}
