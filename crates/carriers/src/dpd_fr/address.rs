//! Addresses as EPrint takes them: short lines, national phone numbers, what Windows can print.

use colibri_documents::text::{Charset, REPLACEMENT, clean, transliterate};

pub(super) use crate::wire::party::{Names, PICKUP as ADDRESS, RECIPIENT, SENDER};
use crate::{Contact, Rejection, wire::xml::Writer};

/// Longest name, city and line of further information, in characters.
const LINE_MAX: usize = 35;
/// Longest street, in characters.
const STREET_MAX: usize = 70;
/// Longest postcode, in characters.
const POSTCODE_MAX: usize = 10;
/// Longest phone number, in characters.
const PHONE_MAX: usize = 30;
/// Longest e-mail address, in characters.
const EMAIL_MAX: usize = 255;

/// A checked contact in the carrier's fields.
pub(super) struct Postal {
    pub country: String,
    pub postcode: String,
    city: String,
    street: String,
    name: String,
    pub phone: String,
    pub email: String,
    /// The person, where the name is a company.
    contact: String,
    /// Lines beside the street.
    further: Vec<String>,
}

impl Postal {
    /// Checks a contact.
    ///
    /// # Errors
    /// [`Rejection`] names the field that is missing, too long or not printable.
    pub(super) fn of(contact: &Contact, names: &Names) -> Result<Self, Rejection> {
        let country =
            contact.country.ok_or_else(|| Rejection::new(names.country, "is required"))?;
        let country = country.to_string();
        let company = optional(&contact.company, names.company, LINE_MAX)?;
        let person = optional(&contact.name, names.name, LINE_MAX)?;
        let (name, person) =
            if company.is_empty() { (person, String::new()) } else { (company, person) };
        if name.is_empty() {
            return Err(Rejection::new(names.name, "a person or a company is required"));
        }
        let (street, further) = street(contact, names)?;
        let phone = phone(&contact.phone, &country, names)?;
        let email = optional(&contact.email, names.email, EMAIL_MAX)?;
        if !email.is_empty() && !email.contains('@') {
            return Err(Rejection::new(names.email, "is no e-mail address"));
        }
        Ok(Self {
            postcode: postcode(&contact.postcode, &country, names)?,
            city: required(&contact.city, names.city, LINE_MAX)?,
            country,
            street,
            name,
            phone,
            email,
            contact: person,
            further,
        })
    }

    /// Writes the address element.
    pub(super) fn write(&self, tag: &str, writer: &mut Writer) {
        writer.nest(tag, |address| {
            address
                .leaf("countryPrefix", &self.country)
                .leaf("zipCode", &self.postcode)
                .leaf("city", &self.city)
                .leaf("street", &self.street)
                .leaf("name", &self.name)
                .some("phoneNumber", &self.phone);
        });
    }

    /// Writes the element beside it, when it has anything to say.
    pub(super) fn write_info(&self, tag: &str, writer: &mut Writer) {
        if self.contact.is_empty() && self.further.is_empty() {
            return;
        }
        writer.nest(tag, |info| {
            info.some("contact", &self.contact);
            for (name, line) in ["name2", "name3"].iter().zip(&self.further) {
                info.leaf(name, line);
            }
        });
    }

    /// A number that a text message reaches: a French mobile in its national form; abroad any
    /// number, since what a mobile is differs by country.
    pub(super) fn mobile(&self) -> Option<&str> {
        let phone = self.phone.as_str();
        let french = phone.len() == 10 && (phone.starts_with("06") || phone.starts_with("07"));
        let fits = if self.country == "FR" { french } else { !phone.is_empty() };
        fits.then_some(phone)
    }

    /// The name that is printed.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// The first line is the street; up to two more stand beside the name.
fn street(contact: &Contact, names: &Names) -> Result<(String, Vec<String>), Rejection> {
    let mut lines = contact.lines.iter().filter(|line| !line.trim().is_empty());
    let street = lines.next().map_or("", String::as_str);
    let street = required(street, names.lines, STREET_MAX)?;
    let further: Result<Vec<String>, Rejection> =
        lines.map(|line| required(line, names.lines, LINE_MAX)).collect();
    let further = further?;
    if further.len() > 2 {
        return Err(Rejection::new(names.lines, "at most three lines"));
    }
    Ok((street, further))
}

fn postcode(text: &str, country: &str, names: &Names) -> Result<String, Rejection> {
    // Ireland's came late, and are not always known.
    if country == "IE" && text.trim().is_empty() {
        return Ok(String::new());
    }
    let text = required(text, names.postcode, POSTCODE_MAX)?;
    let french = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    if country == "FR" && !french {
        return Err(Rejection::new(names.postcode, "a French postcode has five digits"));
    }
    Ok(text)
}

/// Digits, French numbers in their national form.
fn phone(text: &str, country: &str, names: &Names) -> Result<String, Rejection> {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let national = digits.strip_prefix("+33").or_else(|| digits.strip_prefix("0033"));
    let number = match national {
        Some(national) if country == "FR" => format!("0{}", national.trim_start_matches('0')),
        _ => digits,
    };
    match number.len() <= PHONE_MAX {
        true => Ok(number),
        false => Err(Rejection::new(names.phone, format!("at most {PHONE_MAX} digits"))),
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
    let text = clean(text);
    let written = transliterate(&text, Charset::WinAnsi).text;
    if written.matches(REPLACEMENT).count() > text.matches(REPLACEMENT).count() {
        return Err(Rejection::new(field, "cannot be written in Latin letters"));
    }
    match written.chars().count() <= max {
        true => Ok(written),
        false => Err(Rejection::new(field, format!("at most {max} characters"))),
    }
}
