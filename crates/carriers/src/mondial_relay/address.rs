//! Addresses as the carrier prints them: upper-case letters without accents, in short lines.

use colibri_documents::text::{Charset, REPLACEMENT, clean, transliterate};

use super::phone;
pub(super) use crate::wire::party::{Names, RECIPIENT, SENDER};
use crate::{Contact, Rejection};

/// Longest e-mail address, in characters.
const EMAIL_MAX: usize = 70;
/// Shortest e-mail address, in characters.
const EMAIL_MIN: usize = 7;

/// Longest texts of an interface, in characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Each of the two name lines.
    pub name: usize,
    /// The street.
    pub street: usize,
    /// The line beside the street.
    pub extra: usize,
    /// The city.
    pub city: usize,
}

/// Of `WSI2_CreationEtiquette`.
pub(super) const API_1: Limits = Limits { name: 32, street: 32, extra: 32, city: 26 };
/// Of API 2. Names are 32 by one place of its document and 30 by another: the smaller holds.
pub(super) const API_2: Limits = Limits { name: 30, street: 40, extra: 30, city: 30 };

/// A contact in the carrier's words.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Party {
    pub name: String,
    pub name_2: String,
    pub street: String,
    pub extra: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    /// With `+` and country code; empty for none.
    pub phone: String,
    pub email: String,
}

/// A contact as the carrier wants it.
///
/// # Errors
/// [`Rejection`] names the field that is missing, too long or not writable in Latin letters.
pub(super) fn party(
    contact: &Contact,
    names: &Names,
    limits: &Limits,
    phone_required: bool,
) -> Result<Party, Rejection> {
    let country = contact.country.ok_or_else(|| Rejection::new(names.country, "is required"))?;
    let country = country.to_string();
    let (name, name_2) = who(contact, names, limits.name)?;
    let (street, extra) = street(contact, names, limits)?;
    Ok(Party {
        name,
        name_2,
        street,
        extra,
        city: city(&contact.city, names.city, limits.city)?,
        postcode: postcode(&contact.postcode, &country, names.postcode)?,
        phone: number(&contact.phone, &country, names.phone, phone_required)?,
        email: email(&contact.email, names.email)?,
        country,
    })
}

/// Person and company; a person alone may take both lines, cut between words.
fn who(contact: &Contact, names: &Names, max: usize) -> Result<(String, String), Rejection> {
    let person = printable(&contact.name, names.name)?;
    let company = printable(&contact.company, names.company)?;
    let fits = |text: String, field| match text.len() <= max {
        true => Ok(text),
        false => Err(Rejection::new(field, format!("at most {max} characters"))),
    };
    let (alone, field) = match (person.is_empty(), company.is_empty()) {
        (false, false) => return Ok((fits(person, names.name)?, fits(company, names.company)?)),
        (true, false) => (company, names.company),
        _ => (person, names.name),
    };
    if alone.len() < 2 {
        return Err(Rejection::new(names.name, "a person or a company of two letters is required"));
    }
    wrapped(&alone, max, max).ok_or_else(|| too_long(field, max, max))
}

/// The street, and what else there is in one line.
fn street(
    contact: &Contact,
    names: &Names,
    limits: &Limits,
) -> Result<(String, String), Rejection> {
    let mut lines = Vec::with_capacity(contact.lines.len());
    for line in &contact.lines {
        let line = printable(line, names.lines)?;
        if !line.is_empty() {
            lines.push(line);
        }
    }
    let (street, extra) = (limits.street, limits.extra);
    let mut lines = lines.into_iter();
    let first = lines.next().unwrap_or_default();
    if first.len() < 2 {
        return Err(Rejection::new(names.lines, "a street of two characters is required"));
    }
    let rest = lines.collect::<Vec<_>>().join(" ");
    let written = match rest.is_empty() {
        true => wrapped(&first, street, extra),
        false => (first.len() <= street && rest.len() <= extra).then_some((first, rest)),
    };
    written.ok_or_else(|| too_long(names.lines, street, extra))
}

fn too_long(field: &'static str, first: usize, second: usize) -> Rejection {
    Rejection::new(field, format!("at most {first} and {second} characters in two lines"))
}

/// One line, or two of them cut between words.
fn wrapped(text: &str, first: usize, second: usize) -> Option<(String, String)> {
    if text.len() <= first {
        return Some((text.to_owned(), String::new()));
    }
    let head = text.get(..=first)?;
    let (head, tail) = text.split_at_checked(head.rfind(' ')?)?;
    let tail = tail.trim_start();
    (tail.len() <= second).then(|| (head.to_owned(), tail.to_owned()))
}

/// Letters, hyphens, apostrophes and blanks.
fn city(text: &str, field: &'static str, max: usize) -> Result<String, Rejection> {
    let text = printable(text, field)?;
    let letters: String = text
        .chars()
        .map(|c| if c.is_ascii_uppercase() || "-' ".contains(c) { c } else { ' ' })
        .collect();
    let city = letters.split_whitespace().collect::<Vec<_>>().join(" ");
    match city.len() {
        0..2 => Err(Rejection::new(field, "is required, in two letters or more")),
        length if length > max => Err(Rejection::new(field, format!("at most {max} letters"))),
        _ => Ok(city),
    }
}

/// `9` stands for a digit, `A` for a letter, `?` for either; the carrier's country prefix goes.
const POSTCODES: &[(&str, &[&str])] = &[
    ("FR", &["99999"]),
    ("ES", &["99999"]),
    ("IT", &["99999"]),
    ("DE", &["99999"]),
    ("BE", &["9999"]),
    ("LU", &["9999"]),
    ("AT", &["9999"]),
    ("NL", &["9999 AA", "9999AA"]),
    ("PT", &["9999-999", "9999"]),
    ("PL", &["99-999"]),
    ("IE", &["A?? ????", "A??????"]),
];

fn postcode(text: &str, country: &str, field: &'static str) -> Result<String, Rejection> {
    let text = clean(text).to_uppercase();
    let text = text.strip_prefix(&format!("{country}-")).unwrap_or(&text);
    let text = text.strip_prefix("L-").unwrap_or(text);
    let known = POSTCODES.iter().find(|(known, _)| *known == country);
    // A country without a row is not served, which is said by its own field.
    let Some((_, forms)) = known else { return Ok(text.to_owned()) };
    let like = |form: &str| {
        let fits = |(c, like): (char, char)| match like {
            '9' => c.is_ascii_digit(),
            'A' => c.is_ascii_uppercase(),
            '?' => c.is_ascii_alphanumeric(),
            other => c == other,
        };
        form.chars().count() == text.chars().count() && text.chars().zip(form.chars()).all(fits)
    };
    match forms.iter().any(|form| like(form)) {
        true => Ok(text.to_owned()),
        false => {
            let forms = forms.join(" or ");
            let reason = format!("is written {forms} (9 a digit, A a letter, ? either)");
            Err(Rejection::new(field, reason))
        }
    }
}

fn number(
    text: &str,
    country: &str,
    field: &'static str,
    required: bool,
) -> Result<String, Rejection> {
    if text.trim().is_empty() {
        return match required {
            true => Err(Rejection::new(field, "is required by this service")),
            false => Ok(String::new()),
        };
    }
    let number = phone::international(text, country);
    number.ok_or_else(|| Rejection::new(field, "is not a whole number with its country"))
}

fn email(text: &str, field: &'static str) -> Result<String, Rejection> {
    let text = text.trim();
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._@".contains(&b));
    let sized = (EMAIL_MIN..=EMAIL_MAX).contains(&text.len());
    match text.is_empty() || (plain && sized && text.split('@').count() == 2) {
        true => Ok(text.to_owned()),
        false => {
            let reason = format!("{EMAIL_MIN} to {EMAIL_MAX} of letters, digits, - . _ and one @");
            Err(Rejection::new(field, reason))
        }
    }
}

/// Upper case without accents, and of the signs only `_ - ' . , /`; others become blanks.
pub(super) fn printable(text: &str, field: &'static str) -> Result<String, Rejection> {
    let text = clean(text);
    let plain = transliterate(&text, Charset::Ascii).text.to_ascii_uppercase();
    if plain.contains(REPLACEMENT) && !text.contains(REPLACEMENT) {
        return Err(Rejection::new(field, "cannot be written in Latin letters"));
    }
    let kept = |c: char| c.is_ascii_alphanumeric() || "_-'., /".contains(c);
    let plain: String = plain.chars().map(|c| if kept(c) { c } else { ' ' }).collect();
    Ok(plain.split_whitespace().collect::<Vec<_>>().join(" "))
}
