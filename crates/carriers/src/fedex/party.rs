//! Contacts as FedEx takes them: plain letters, what is cut, what is refused.
//!
//! FedEx's forms want Latin letters; letters with marks are written plain, other scripts spelled
//! where there is a spelling. A name is cut at a word, because a parcel arrives under a short name
//! too. A street, a town or a postcode is never cut: a wrong address costs more than a refusal.

use colibri_documents::text::{Charset, REPLACEMENT, clean, transliterate};
use colibri_types::Country;

use super::wire_out::{Address, Contact as ContactOut, Party};
pub(super) use crate::wire::party::{NEAR, Names, PICKUP, RECIPIENT, SENDER};
use crate::{Contact, Rejection, wire::party};

/// `companyName` and each of `streetLines`.
const LINE_MAX: usize = 35;
const PERSON_MAX: usize = 70;
const LINES_MAX: usize = 3;
const CITY_MAX: usize = 35;
const POSTCODE_MAX: usize = 10;
const EMAIL_MAX: usize = 80;
/// Digits of a phone number.
const PHONE: std::ops::RangeInclusive<usize> = 10..=15;

/// Plain letters on one line.
pub(super) fn plain(text: &str) -> String {
    clean(&transliterate(&clean(text), Charset::Ascii).text)
}

/// At most `max` characters of plain text, cut at a word where the first word leaves a choice.
pub(super) fn cut(text: &str, max: usize) -> String {
    party::cut(&plain(text), max)
}

/// Plain text that is never cut. What has no spelling in Latin letters is refused.
fn whole(
    text: &str,
    field: &'static str,
    range: std::ops::RangeInclusive<usize>,
) -> Result<String, Rejection> {
    let written = plain(text);
    let asked = text.chars().filter(|c| *c == REPLACEMENT).count();
    if written.chars().filter(|c| *c == REPLACEMENT).count() > asked {
        return Err(Rejection::new(field, "Latin letters only"));
    }
    if !range.contains(&written.len()) {
        let (from, to) = (range.start(), range.end());
        return Err(Rejection::new(field, format!("{from} to {to} characters")));
    }
    Ok(written)
}

/// A contact as a party.
pub(super) fn party(contact: &Contact, names: &Names) -> Result<Party, Rejection> {
    let person_name = cut(&contact.name, PERSON_MAX);
    let company_name = cut(&contact.company, LINE_MAX);
    let readable = |text: &str| text.chars().any(|c| c.is_ascii_alphanumeric());
    if !readable(&person_name) && !readable(&company_name) {
        return Err(Rejection::new(names.name, "a person or a company, in Latin letters"));
    }
    let email = contact.email.trim();
    let fits = email.is_ascii() && email.len() <= EMAIL_MAX;
    Ok(Party {
        address: address(contact, names)?,
        contact: ContactOut {
            person_name,
            company_name,
            phone_number: phone(contact, names)?,
            email_address: if fits { email.to_owned() } else { String::new() },
        },
        tins: Vec::new(),
    })
}

/// Digits only. Countries of the North American plan without their 1.
fn phone(contact: &Contact, names: &Names) -> Result<String, Rejection> {
    let mut number: String = contact.phone.chars().filter(char::is_ascii_digit).collect();
    let american = contact.country.is_some_and(|c| matches!(c.as_str(), "US" | "CA" | "PR"));
    if american && number.len() == 11 && number.starts_with('1') {
        number.remove(0);
    }
    if !PHONE.contains(&number.len()) {
        let reason = format!("FedEx needs a phone of {} to {} digits", PHONE.start(), PHONE.end());
        return Err(Rejection::new(names.phone, reason));
    }
    Ok(number)
}

/// The country, which nothing goes without.
pub(super) fn country(contact: &Contact, names: &Names) -> Result<Country, Rejection> {
    contact.country.ok_or_else(|| Rejection::new(names.country, "is missing"))
}

pub(super) fn address(contact: &Contact, names: &Names) -> Result<Address, Rejection> {
    let country = country(contact, names)?;
    let lines = contact.lines.iter().filter(|line| !line.trim().is_empty());
    let lines: Vec<String> =
        lines.map(|line| whole(line, names.lines, 1..=LINE_MAX)).collect::<Result<_, _>>()?;
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(Rejection::new(names.lines, format!("one to {LINES_MAX} lines")));
    }
    let city = whole(&contact.city, names.city, 1..=CITY_MAX)?;
    Ok(Address { street_lines: lines, city, ..place(contact, country.as_str(), names)? })
}

/// What names a place without street and town: enough for prices and searches.
pub(super) fn place(contact: &Contact, country: &str, names: &Names) -> Result<Address, Rejection> {
    Ok(Address {
        street_lines: Vec::new(),
        city: String::new(),
        state_or_province_code: state(contact, country, names)?,
        postal_code: postcode(contact, country, names)?,
        country_code: country.to_owned(),
        residential: None,
    })
}

/// Wanted for the US, Canada and Puerto Rico; elsewhere FedEx ignores or refuses it.
fn state(contact: &Contact, country: &str, names: &Names) -> Result<String, Rejection> {
    if !matches!(country, "US" | "CA") {
        return Ok(String::new());
    }
    let state = plain(&contact.subdivision).to_ascii_uppercase();
    if state.len() != 2 || !state.bytes().all(|b| b.is_ascii_uppercase()) {
        let reason = "FedEx needs the two letters of the state or province";
        return Err(Rejection::new(names.subdivision, reason));
    }
    Ok(state)
}

fn postcode(contact: &Contact, country: &str, names: &Names) -> Result<String, Rejection> {
    let code = whole(&contact.postcode, names.postcode, 0..=POSTCODE_MAX)?.to_ascii_uppercase();
    let reject = |reason: &str| Err(Rejection::new(names.postcode, reason));
    if !code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-')) {
        return reject("letters, digits, blanks and hyphens");
    }
    let letters = code.bytes().filter(u8::is_ascii_alphanumeric);
    let shape: String = letters.map(|b| if b.is_ascii_digit() { '9' } else { 'A' }).collect();
    match (country, shape.as_str()) {
        ("US" | "PR", "99999" | "999999999") | ("CA", "A9A9A9") => {}
        ("US" | "PR", _) => return reject("five or nine digits"),
        ("CA", _) => return reject("a Canadian code such as K1A 0B1"),
        // Only Ireland and Hong Kong come without, among the countries served here.
        ("IE" | "HK" | "AE", "") => {}
        (_, "") => return reject("is required there, at most 10 characters"),
        _ => {}
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_line_before_it_is_cut() {
        assert_eq!(cut("  Anne \t\n Exemple ", 8), "Anne");
        assert_eq!(cut("Éléonore", 4), "Eleo");
    }

    proptest::proptest! {
        #[test]
        fn a_cut_text_is_plain_and_fits(text in "\\PC{0,60}", max in 1_usize..40) {
            let short = cut(&text, max);
            proptest::prop_assert!(short.is_ascii() && short.len() <= max);
        }
    }
}
