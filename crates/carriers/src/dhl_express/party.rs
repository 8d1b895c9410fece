//! Contacts as MyDHL takes them: what is cut, what is refused.
//!
//! Names are cut at a word, because a parcel arrives under a short name too. A street, a town or a
//! postcode is never cut.

use colibri_documents::text::{Charset, REPLACEMENT, clean, transliterate};
use serde::Serialize;

pub(super) use crate::wire::party::{NEAR, Names, PICKUP, RECIPIENT, SENDER, cut, needs_postcode};
use crate::{Contact, Rejection};

const POSTCODE_MAX: usize = 12;
const CITY_MAX: usize = 45;
const LINE_MAX: usize = 45;
const LINES_MAX: usize = 3;
const COMPANY_MAX: usize = 100;
const NAME_MAX: usize = 255;
const PHONE_MAX: usize = 70;
const EMAIL_MAX: usize = 70;
const PROVINCE_MAX: usize = 35;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    pub postal_code: String,
    pub city_name: String,
    pub country_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line3: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    phone: String,
    company_name: String,
    full_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registration {
    pub type_code: &'static str,
    pub number: String,
    pub issuer_country_code: String,
}

/// Who sends or receives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Party {
    postal_address: Address,
    contact_information: Person,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub registration_numbers: Vec<Registration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    type_code: Option<&'static str>,
}

impl Party {
    /// Without its kind, which pickups do not take.
    pub(super) fn bare(mut self) -> Self {
        self.type_code = None;
        self
    }
}

/// Latin letters in one line: DHL's labels print Latin-1, the rest is respelled where it can be.
pub(super) fn latin(text: &str, field: &'static str) -> Result<String, Rejection> {
    let text = clean(text);
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        if c <= '\u{ff}' {
            written.push(c);
            continue;
        }
        let respelled = transliterate(c.encode_utf8(&mut [0; 4]), Charset::Ascii).text;
        if respelled.contains(REPLACEMENT) {
            return Err(Rejection::new(field, "cannot be written in Latin letters"));
        }
        written.push_str(&respelled);
    }
    Ok(written)
}

/// Text that is never cut.
fn whole(text: &str, field: &'static str, max: usize) -> Result<String, Rejection> {
    let text = latin(text, field)?;
    if text.chars().count() > max {
        return Err(Rejection::new(field, format!("at most {max} characters")));
    }
    Ok(text)
}

/// Postcode, city and country, which is all that prices and points need.
pub(super) fn place(contact: &Contact, fields: &Names) -> Result<Address, Rejection> {
    let country = contact.country.ok_or_else(|| Rejection::new(fields.country, "is missing"))?;
    let city_name = whole(&contact.city, fields.city, CITY_MAX)?;
    if city_name.is_empty() {
        let reason = format!("is required, at most {CITY_MAX} characters");
        return Err(Rejection::new(fields.city, reason));
    }
    let province = whole(&contact.subdivision, fields.subdivision, PROVINCE_MAX)?;
    Ok(Address {
        postal_code: whole(&contact.postcode, fields.postcode, POSTCODE_MAX)?,
        city_name,
        country_code: country.to_string(),
        province_code: (!province.is_empty()).then_some(province),
        address_line1: None,
        address_line2: None,
        address_line3: None,
    })
}

fn address(contact: &Contact, fields: &Names) -> Result<Address, Rejection> {
    let mut address = place(contact, fields)?;
    if address.postal_code.is_empty() && needs_postcode(&address.country_code) {
        let reason = format!("is required there, at most {POSTCODE_MAX} characters");
        return Err(Rejection::new(fields.postcode, reason));
    }
    let mut lines = Vec::new();
    for line in &contact.lines {
        let line = whole(line, fields.lines, LINE_MAX)?;
        if !line.is_empty() {
            lines.push(line);
        }
    }
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(Rejection::new(fields.lines, format!("one to {LINES_MAX} lines")));
    }
    let mut lines = lines.into_iter();
    address.address_line1 = lines.next();
    address.address_line2 = lines.next();
    address.address_line3 = lines.next();
    Ok(address)
}

/// A contact as a party: phone, company and name are required, so one name serves for both.
pub(super) fn party(contact: &Contact, fields: &Names) -> Result<Party, Rejection> {
    let person = latin(&contact.name, fields.name)?;
    let company = latin(&contact.company, fields.name)?;
    let full_name = if person.is_empty() { company.clone() } else { person.clone() };
    if full_name.is_empty() {
        return Err(Rejection::new(fields.name, "DHL needs a person or a company"));
    }
    let phone = whole(&contact.phone, fields.phone, PHONE_MAX)?;
    if phone.is_empty() {
        return Err(Rejection::new(fields.phone, "DHL needs a phone"));
    }
    let email = contact.email.trim();
    let fits = !email.is_empty() && email.chars().count() <= EMAIL_MAX;
    let type_code = if company.is_empty() { "private" } else { "business" };
    let company = if company.is_empty() { person } else { company };
    Ok(Party {
        postal_address: address(contact, fields)?,
        contact_information: Person {
            phone,
            company_name: cut(&company, COMPANY_MAX),
            full_name: cut(&full_name, NAME_MAX),
            email: fits.then(|| email.to_owned()),
        },
        registration_numbers: Vec::new(),
        type_code: Some(type_code),
    })
}
