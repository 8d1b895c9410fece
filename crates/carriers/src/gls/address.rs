//! Contacts as GLS takes them: what is cut, what is refused.
//!
//! A name is cut at a word, because a parcel arrives under a short name too. A street, a town or a
//! postcode is never cut: a wrong address costs more than a refusal. GLS has one street line;
//! further lines go where its labels have room, under the name.

use colibri_documents::text::{Charset, REPLACEMENT, clean, transliterate};
use colibri_types::Country;

use super::wire::AddressOut;
pub(super) use crate::wire::party::{NEAR, Names, RECIPIENT, SENDER, cut};
use crate::{Contact, Rejection};

/// `Name1` to `Name3`, street, city: 40 characters each.
pub(super) const LINE_MAX: usize = 40;
const POSTCODE_MAX: usize = 10;
const EMAIL_MAX: usize = 80;
const PHONE_MAX: usize = 35;
/// Names of an address.
const NAMES_MAX: usize = 3;
/// Not allowed in text: GLS writes its 2D codes with them.
const FORBIDDEN: &[char] = &['\\', '"', '{', '}', ',', ';', '(', ')', '|'];

/// Text as GLS prints it: Latin letters of Europe stay, others are respelled, signs that its codes
/// are made of become blanks.
pub(super) fn printable(text: &str, field: &'static str) -> Result<String, Rejection> {
    let text = clean(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if FORBIDDEN.contains(&c) {
            out.push(' ');
        } else if c <= '\u{17f}' {
            out.push(c);
        } else {
            out.push_str(&transliterate(c.encode_utf8(&mut [0; 4]), Charset::Ascii).text);
        }
    }
    if out.contains(REPLACEMENT) && !text.contains(REPLACEMENT) {
        return Err(Rejection::new(field, "cannot be written in Latin letters"));
    }
    Ok(out.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Present, and within its limit.
fn within(text: &str, field: &'static str, max: usize) -> Result<String, Rejection> {
    let text = printable(text, field)?;
    match text.chars().count() {
        0 => Err(Rejection::new(field, format!("is required, at most {max} characters"))),
        count if count > max => Err(Rejection::new(field, format!("at most {max} characters"))),
        _ => Ok(text),
    }
}

/// A contact as an address.
pub(super) fn address(contact: &Contact, fields: &Names) -> Result<AddressOut, Rejection> {
    let country = contact.country.ok_or_else(|| Rejection::new(fields.country, "is missing"))?;
    let (street, more) = lines(contact, fields)?;
    let person = cut(&printable(&contact.name, fields.name)?, LINE_MAX);
    let company = cut(&printable(&contact.company, fields.name)?, LINE_MAX);
    let names = [company.clone(), person.clone()].into_iter().filter(|name| !name.is_empty());
    let mut names: Vec<String> = names.collect();
    names.dedup();
    if names.is_empty() {
        return Err(Rejection::new(fields.name, "GLS needs a person or a company"));
    }
    names.extend(more);
    if names.len() > NAMES_MAX {
        let reason = "names and lines after the street fill three lines at most";
        return Err(Rejection::new(fields.lines, reason));
    }
    let mut names = names.into_iter();
    Ok(AddressOut {
        name1: names.next().unwrap_or_default(),
        name2: names.next(),
        name3: names.next(),
        country_code: country.to_string(),
        province: province(contact),
        zip_code: postcode(&contact.postcode, country, fields)?,
        city: within(&contact.city, fields.city, LINE_MAX)?,
        street,
        email: email(contact),
        contact_person: (!person.is_empty()).then_some(person),
        mobile_phone_number: phone(contact, fields)?,
    })
}

/// The street, and what does not fit on its line.
fn lines(contact: &Contact, fields: &Names) -> Result<(String, Vec<String>), Rejection> {
    let mut lines = Vec::new();
    for line in contact.lines.iter().filter(|line| !line.trim().is_empty()) {
        lines.push(within(line, fields.lines, LINE_MAX)?);
    }
    if lines.is_empty() {
        let reason = format!("a street is required, at most {LINE_MAX} characters");
        return Err(Rejection::new(fields.lines, reason));
    }
    let street = lines.remove(0);
    // Two short lines share one of GLS's.
    if let [second, third] = lines.as_slice()
        && second.chars().count() + 1 + third.chars().count() <= LINE_MAX
    {
        lines = vec![format!("{second} {third}")];
    }
    Ok((street, lines))
}

/// A region helps the driver where a country has them; too long, it is left out.
fn province(contact: &Contact) -> Option<String> {
    let text = contact.subdivision.trim();
    (!text.is_empty() && text.chars().count() <= LINE_MAX).then(|| text.to_owned())
}

/// As the country writes it. `None` where the country has none: Ireland's parcels travel without.
pub(super) fn postcode(
    text: &str,
    country: Country,
    fields: &Names,
) -> Result<Option<String>, Rejection> {
    let code = clean(text).to_ascii_uppercase();
    let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-');
    if code.len() > POSTCODE_MAX || !plain {
        let reason = format!("at most {POSTCODE_MAX} letters, digits, blanks and hyphens");
        return Err(Rejection::new(fields.postcode, reason));
    }
    let digits = match country.as_str() {
        "FR" | "DE" | "ES" | "IT" | "FI" => 5,
        "AT" | "BE" | "CH" | "DK" | "LU" | "NO" => 4,
        _ => 0,
    };
    let right = code.len() == digits && code.bytes().all(|b| b.is_ascii_digit());
    if digits > 0 && !right {
        return Err(Rejection::new(fields.postcode, format!("{digits} digits")));
    }
    if code.is_empty() && country.as_str() != "IE" {
        let reason = format!("is required, at most {POSTCODE_MAX} characters");
        return Err(Rejection::new(fields.postcode, reason));
    }
    Ok((!code.is_empty()).then_some(code))
}

/// Left out when GLS would refuse it: it only serves notices.
fn email(contact: &Contact) -> Option<String> {
    let text = contact.email.trim();
    let (user, domain) = text.split_once('@')?;
    let right = !user.is_empty() && domain.contains('.') && text.len() <= EMAIL_MAX;
    (right && text.is_ascii() && !text.contains(char::is_whitespace)).then(|| text.to_owned())
}

/// An address that some services must notify.
pub(super) fn notified(contact: &Contact, fields: &Names) -> Result<(), Rejection> {
    match email(contact) {
        Some(_) => Ok(()),
        None => Err(Rejection::new(fields.email, "GLS notifies by e-mail with this service")),
    }
}

/// Digits and a leading plus.
fn phone(contact: &Contact, fields: &Names) -> Result<Option<String>, Rejection> {
    let number: String =
        contact.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    if number.len() > PHONE_MAX {
        return Err(Rejection::new(fields.phone, format!("at most {PHONE_MAX} digits")));
    }
    Ok((!number.is_empty()).then_some(number))
}
