//! Addresses as Colissimo prints them: Latin-1, short lines, national phone numbers.

use colibri_documents::text::{Charset, REPLACEMENT, clean, transliterate};

use super::wire::Address;
pub(super) use crate::wire::party::{Names, RECIPIENT, SENDER};
use crate::{Contact, Rejection};

/// Longest name, company, city and street line, in characters.
const LINE_MAX: usize = 35;
/// Longest first name, in characters.
const FIRST_NAME_MAX: usize = 29;
/// Longest phone number, in characters.
const PHONE_MAX: usize = 15;
/// Longest e-mail address, in characters.
const EMAIL_MAX: usize = 80;

/// What the product asks of the addressee beyond an address.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Demands {
    pub mobile: bool,
    pub email: bool,
    pub company: bool,
}

/// A contact as the carrier wants it, sent to the territory `country`.
///
/// # Errors
/// [`Rejection`] names the field that is missing, too long or not writable in Latin letters.
pub(super) fn address(
    contact: &Contact,
    country: &str,
    names: &Names,
    demands: Demands,
) -> Result<Address, Rejection> {
    let (first_name, last_name) = person(contact, names)?;
    let [line2, line1, line3] = street(contact, names)?;
    let postcode = required(&contact.postcode, names.postcode, 9)?;
    if country == "FR" && !(postcode.len() == 5 && postcode.bytes().all(|b| b.is_ascii_digit())) {
        return Err(Rejection::new(names.postcode, "a French postcode has five digits"));
    }
    if country == "US" && contact.subdivision.is_empty() {
        return Err(Rejection::new(names.subdivision, "the state is required for the US"));
    }
    if demands.company && contact.company.trim().is_empty() {
        return Err(Rejection::new(names.company, "a return goes to a company"));
    }
    if demands.email && contact.email.trim().is_empty() {
        return Err(Rejection::new(names.email, "this service needs an e-mail address"));
    }
    let (mobile_number, phone_number) = phone(contact, country, names, demands.mobile)?;
    let state = if country == "US" { contact.subdivision.clone() } else { String::new() };
    Ok(Address {
        company_name: optional(&contact.company, names.company, LINE_MAX)?,
        last_name,
        first_name,
        line1,
        line2,
        line3,
        city: required(&contact.city, names.city, LINE_MAX)?,
        zip_code: postcode,
        country_code: country.to_owned(),
        state_or_province_code: state,
        phone_number,
        mobile_number,
        email: optional(&contact.email, names.email, EMAIL_MAX)?,
    })
}

/// First and last name. Which word of a name is the family name cannot be known: a name that fits
/// goes whole into the last name, a longer one is split where the parts fit.
fn person(contact: &Contact, names: &Names) -> Result<(String, String), Rejection> {
    let name = if contact.name.trim().is_empty() { &contact.company } else { &contact.name };
    let name = latin1(name, names.name)?;
    if name.is_empty() {
        return Err(Rejection::new(names.name, "a person or a company is required"));
    }
    if name.chars().count() <= LINE_MAX {
        return Ok((String::new(), name));
    }
    let split = name.match_indices(' ').find_map(|(at, _)| {
        let (first, last) = (name.get(..at)?, name.get(at + 1..)?);
        let fits = first.chars().count() <= FIRST_NAME_MAX && last.chars().count() <= LINE_MAX;
        fits.then(|| (first.to_owned(), last.to_owned()))
    });
    split.ok_or_else(|| {
        let reason = format!("at most {FIRST_NAME_MAX} and {LINE_MAX} characters in two parts");
        Rejection::new(names.name, reason)
    })
}

/// The street, then what else there is: the building line above it, the locality below.
fn street(contact: &Contact, names: &Names) -> Result<[String; 3], Rejection> {
    let mut written = [const { String::new() }; 3];
    let lines = contact.lines.iter().filter(|line| !line.trim().is_empty());
    if lines.clone().count() > written.len() {
        return Err(Rejection::new(names.lines, "at most three lines"));
    }
    for (slot, line) in written.iter_mut().zip(lines) {
        *slot = required(line, names.lines, LINE_MAX)?;
    }
    match written.first() {
        Some(street) if !street.is_empty() => Ok(written),
        _ => Err(Rejection::new(names.lines, "a street is required")),
    }
}

/// Mobile and other number, one of them empty. French numbers are national, Belgian mobiles are
/// `+324` and eight digits, others as they are.
fn phone(
    contact: &Contact,
    country: &str,
    names: &Names,
    mobile_required: bool,
) -> Result<(String, String), Rejection> {
    let digits: String =
        contact.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let number = match (country, digits.strip_prefix("+33").or(digits.strip_prefix("0033"))) {
        (_, Some(national)) => format!("0{}", national.trim_start_matches('0')),
        ("BE", None) if digits.starts_with("04") => {
            format!("+32{}", digits.trim_start_matches('0'))
        }
        _ => digits,
    };
    let reject = |reason: &str| Err(Rejection::new(names.phone, reason));
    if number.is_empty() {
        return match mobile_required {
            true => reject("this service needs a mobile number"),
            false => Ok(Default::default()),
        };
    }
    if number.len() > PHONE_MAX {
        return reject("at most 15 digits");
    }
    let mobile = match country {
        "BE" => number.starts_with("+324") && number.len() == 12,
        _ if number.starts_with("06") || number.starts_with("07") => number.len() == 10,
        "FR" => false,
        _ => mobile_required,
    };
    if number.contains("12345678") {
        return reject("Colissimo refuses numbers in ascending sequence");
    }
    match mobile {
        true => Ok((number, String::new())),
        false if mobile_required => reject("is not a mobile number of that country"),
        false => Ok((String::new(), number)),
    }
}

pub(super) fn required(text: &str, field: &'static str, max: usize) -> Result<String, Rejection> {
    let text = optional(text, field, max)?;
    match text.is_empty() {
        true => Err(Rejection::new(field, format!("is required, at most {max} characters"))),
        false => Ok(text),
    }
}

pub(super) fn optional(text: &str, field: &'static str, max: usize) -> Result<String, Rejection> {
    let text = latin1(text, field)?;
    match text.chars().count() <= max {
        true => Ok(text),
        false => Err(Rejection::new(field, format!("at most {max} characters"))),
    }
}

/// The carrier prints Latin-1 and drops or refuses the rest: respelled here, where it can be.
fn latin1(text: &str, field: &'static str) -> Result<String, Rejection> {
    let text = clean(text);
    if text.chars().all(|c| c <= '\u{ff}') {
        return Ok(text);
    }
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c <= '\u{ff}' {
            true => written.push(c),
            false => {
                written.push_str(&transliterate(c.encode_utf8(&mut [0; 4]), Charset::Ascii).text)
            }
        }
    }
    match written.contains(REPLACEMENT) && !text.contains(REPLACEMENT) {
        true => Err(Rejection::new(field, "cannot be written in Latin letters")),
        false => Ok(written),
    }
}

/// Name of a contact's country field, for rejections made elsewhere.
pub(super) const fn country_field(names: &Names) -> &'static str {
    names.country
}
