//! Contacts as UPS takes them: what is cut, what is refused.
//!
//! A name is cut at a word, because a parcel arrives under a short name too. A street, a town or a
//! postcode is never cut: a wrong address costs more than a refusal.

use super::{
    wire::PRESENT,
    wire_ship::{AddressOut, PartyOut, Phone},
};
pub(super) use crate::wire::party::{NEAR, Names, PICKUP, POINT, RECIPIENT, SENDER};
use crate::{Contact, Rejection, wire::party};

/// `Name`, `AttentionName` and each `AddressLine`: 35 characters.
pub(super) const LINE_MAX: usize = 35;
const LINES_MAX: usize = 3;
const CITY_MAX: usize = 30;
const STATE_MAX: usize = 5;
const POSTCODE_MAX: usize = 9;
const PHONE_MAX: usize = 15;
const EMAIL_MAX: usize = 50;

/// One line: control characters out, runs of white space to one blank.
pub(super) fn clean(text: &str) -> String {
    let plain = text.replace(char::is_control, " ");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most `max` characters, cut at a word where the first word leaves a choice.
pub(super) fn cut(text: &str, max: usize) -> String {
    party::cut(&clean(text), max)
}

/// A contact as a party. `abroad`: a border lies between the parties, so UPS wants a phone.
pub(super) fn party<'a>(
    contact: &'a Contact,
    fields: &Names,
    abroad: bool,
) -> Result<PartyOut<'a>, Rejection> {
    let person = cut(&contact.name, LINE_MAX);
    let company = cut(&contact.company, LINE_MAX);
    let name = if company.is_empty() { person.clone() } else { company };
    if name.is_empty() {
        return Err(Rejection::new(fields.name, "UPS needs a person or a company"));
    }
    let attention_name = if person.is_empty() { name.clone() } else { person };
    let email = contact.email.trim();
    let fits = !email.is_empty() && email.chars().count() <= EMAIL_MAX;
    Ok(PartyOut {
        name,
        attention_name,
        shipper_number: None,
        phone: phone(contact, fields, abroad)?,
        e_mail_address: fits.then_some(email),
        address: address(contact, fields)?,
        vendor_info: None,
    })
}

/// Digits only, as UPS documents. Countries of the North American plan without their 1.
fn phone(contact: &Contact, fields: &Names, abroad: bool) -> Result<Option<Phone>, Rejection> {
    let mut number: String = contact.phone.chars().filter(char::is_ascii_digit).collect();
    let country = contact.country.map(|country| country.to_string()).unwrap_or_default();
    if matches!(country.as_str(), "US" | "CA" | "PR" | "VI")
        && number.len() == 11
        && number.starts_with('1')
    {
        number.remove(0);
    }
    if number.is_empty() {
        return if abroad {
            Err(Rejection::new(fields.phone, "UPS needs a phone when a border is crossed"))
        } else {
            Ok(None)
        };
    }
    if number.len() > PHONE_MAX {
        return Err(Rejection::new(fields.phone, format!("at most {PHONE_MAX} digits")));
    }
    Ok(Some(Phone { number }))
}

pub(super) fn address(contact: &Contact, fields: &Names) -> Result<AddressOut, Rejection> {
    let country = contact.country.ok_or_else(|| Rejection::new(fields.country, "is missing"))?;
    let lines: Vec<String> =
        contact.lines.iter().map(|line| clean(line)).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(Rejection::new(fields.lines, "one to three lines"));
    }
    if lines.iter().any(|line| line.chars().count() > LINE_MAX) {
        return Err(Rejection::new(fields.lines, format!("at most {LINE_MAX} characters each")));
    }
    let city = clean(&contact.city);
    if city.is_empty() || city.chars().count() > CITY_MAX {
        return Err(Rejection::new(fields.city, format!("one to {CITY_MAX} characters")));
    }
    let code = country.as_str();
    let postal_code = postcode(contact, code, fields)?;
    if postal_code.is_none() && party::needs_postcode(code) {
        let reason = format!("is required there, one to {POSTCODE_MAX} letters and digits");
        return Err(Rejection::new(fields.postcode, reason));
    }
    Ok(AddressOut {
        address_line: lines,
        city,
        state_province_code: state(contact, code, fields)?,
        postal_code,
        country_code: code.to_owned(),
        residential_address_indicator: None,
    })
}

fn state(contact: &Contact, country: &str, fields: &Names) -> Result<Option<String>, Rejection> {
    let state = clean(&contact.subdivision);
    let needed = matches!(country, "US" | "CA" | "VN");
    if needed && state.is_empty() {
        return Err(Rejection::new(fields.subdivision, "UPS needs it for US, CA and VN"));
    }
    if state.chars().count() > STATE_MAX {
        return Err(Rejection::new(fields.subdivision, format!("at most {STATE_MAX} characters")));
    }
    Ok((!state.is_empty()).then_some(state))
}

/// Letters and digits only: UPS counts nine of them, and blanks or hyphens would count too.
pub(super) fn postcode(
    contact: &Contact,
    country: &str,
    fields: &Names,
) -> Result<Option<String>, Rejection> {
    let code: String = contact
        .postcode
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let reject = |reason: &str| Err(Rejection::new(fields.postcode, reason));
    if !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return reject("letters and digits only");
    }
    if code.len() > POSTCODE_MAX {
        return reject("at most nine letters and digits");
    }
    let shape: String = code.chars().map(|c| if c.is_ascii_digit() { '9' } else { 'A' }).collect();
    match (country, shape.as_str()) {
        ("US" | "PR", "99999" | "999999999") | ("CA", "A9A9A9") => {}
        ("US" | "PR", _) => return reject("five or nine digits"),
        ("CA", _) => return reject("a Canadian code such as K1A0B1"),
        _ => {}
    }
    Ok((!code.is_empty()).then_some(code))
}

/// Marks a party without a company as a home: UPS prices and plans the stop by it.
pub(super) fn mark_home(party: &mut PartyOut<'_>, contact: &Contact) {
    if contact.company.trim().is_empty() {
        party.address.residential_address_indicator = PRESENT;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_before_it_is_cut() {
        for (max, expected) in [(35, "Anne Exemple"), (8, "Anne")] {
            assert_eq!(cut("  Anne \t\n Exemple ", max), expected, "{max}");
        }
    }
}
