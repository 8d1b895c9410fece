//! People and addresses as the carrier prints them: Latin-1, two lines of 38 characters.

use colibri_documents::text::{Charset, REPLACEMENT, clean, transliterate};

use super::products::Place;
pub(super) use crate::wire::party::{NEAR, Names, PICKUP, POINT, RECIPIENT, SENDER, cut};
use crate::{Contact, Rejection, wire::xml::Writer};

/// Longest street line, in characters.
const LINE_MAX: usize = 38;
/// Street lines: the second is meant for door codes and the like.
const LINES_MAX: usize = 2;
/// Longest name, in characters.
const NAME_MAX: usize = 100;
/// Longest city, in characters.
const CITY_MAX: usize = 50;
/// Longest postcode, in characters.
const POSTCODE_MAX: usize = 9;
/// Longest e-mail address, in characters.
const EMAIL_MAX: usize = 80;
/// Longest phone number, in characters.
const PHONE_MAX: usize = 17;

/// A party in the carrier's words.
#[derive(Debug, Clone, Default)]
pub(super) struct Party {
    pub name: String,
    /// The person, where the name is a company's.
    pub name2: String,
    pub line1: String,
    pub line2: String,
    pub city: String,
    pub postcode: String,
    pub country: String,
    pub email: String,
    pub phone: String,
    /// The phone takes messages.
    pub mobile: bool,
}

/// A contact as the carrier wants it.
///
/// # Errors
/// [`Rejection`] of the field that is missing, too long or not writable in Latin letters.
pub(super) fn party(contact: &Contact, at: &Place, names: &Names) -> Result<Party, Rejection> {
    let person = optional(&contact.name, names.name, NAME_MAX)?;
    let company = optional(&contact.company, names.company, NAME_MAX)?;
    let (name, name2) = if company.is_empty() { (person, company) } else { (company, person) };
    if name.is_empty() {
        return Err(Rejection::new(names.name, "a person or a company is required"));
    }
    let [line1, line2] = street(contact, names)?;
    let (phone, mobile) = phone(&contact.phone, &at.country, names.phone)?;
    Ok(Party {
        name,
        name2,
        line1,
        line2,
        city: required(&contact.city, names.city, CITY_MAX)?,
        postcode: postcode(contact, at, names.postcode)?,
        country: at.country.clone(),
        email: optional(&contact.email, names.email, EMAIL_MAX)?,
        phone,
        mobile,
    })
}

/// # Errors
/// [`Rejection`] of the postcode.
pub(super) fn postcode(
    contact: &Contact,
    at: &Place,
    field: &'static str,
) -> Result<String, Rejection> {
    let text = optional(&contact.postcode, field, POSTCODE_MAX)?;
    if (at.mainland() || at.overseas) && !super::digits(&text, 5..=5) {
        return Err(Rejection::new(field, "a French postcode has five digits"));
    }
    // Ireland had no postcodes when the interface was made: 1 is Dublin, 2 everywhere else.
    match (text.is_empty(), at.country.as_str()) {
        (true, "IE") if contact.city.to_lowercase().contains("dublin") => Ok("1".to_owned()),
        (true, "IE") => Ok("2".to_owned()),
        _ => Ok(text),
    }
}

/// Lines as they are when they fit, else wrapped by words into the two there are.
fn street(contact: &Contact, names: &Names) -> Result<[String; LINES_MAX], Rejection> {
    let lines = contact.lines.iter().map(|line| optional(line, names.lines, usize::MAX));
    let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
    lines.retain(|line| !line.is_empty());
    if lines.is_empty() {
        return Err(Rejection::new(names.lines, "a street is required"));
    }
    if lines.len() > LINES_MAX || lines.iter().any(|line| line.chars().count() > LINE_MAX) {
        lines = wrap(&lines.join(" "));
    }
    let fits =
        lines.len() <= LINES_MAX && lines.iter().all(|line| line.chars().count() <= LINE_MAX);
    if !fits {
        return Err(Rejection::new(names.lines, "two lines of 38 characters"));
    }
    let mut lines = lines.into_iter();
    Ok([lines.next().unwrap_or_default(), lines.next().unwrap_or_default()])
}

fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE_MAX => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A number in national form for France, and whether it takes messages: known for France only,
/// elsewhere taken as such.
pub(super) fn phone(
    text: &str,
    country: &str,
    field: &'static str,
) -> Result<(String, bool), Rejection> {
    let number: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let french = number.strip_prefix("+33").or(number.strip_prefix("0033"));
    let number = match french {
        Some(national) => format!("0{}", national.trim_start_matches('0')),
        None => number,
    };
    if number.len() > PHONE_MAX {
        return Err(Rejection::new(field, "at most 17 digits"));
    }
    let mobile = match country {
        "FR" => number.starts_with("06") || number.starts_with("07"),
        _ => !number.is_empty(),
    };
    Ok((number, mobile))
}

/// # Errors
/// [`Rejection`] when it is missing, too long or not writable.
pub(super) fn required(text: &str, field: &'static str, max: usize) -> Result<String, Rejection> {
    let text = optional(text, field, max)?;
    match text.is_empty() {
        true => Err(Rejection::new(field, format!("is required, at most {max} characters"))),
        false => Ok(text),
    }
}

/// # Errors
/// [`Rejection`] when it is too long or not writable.
pub(super) fn optional(text: &str, field: &'static str, max: usize) -> Result<String, Rejection> {
    let text = latin1(text, field)?;
    match text.chars().count() <= max {
        true => Ok(text),
        false => Err(Rejection::new(field, format!("at most {max} characters"))),
    }
}

/// The carrier's printers know Latin-1: the rest is respelled, where it can be.
fn latin1(text: &str, field: &'static str) -> Result<String, Rejection> {
    let text = clean(text);
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c <= '\u{ff}' {
            true => written.push(c),
            false => {
                let spelled = transliterate(c.encode_utf8(&mut [0; 4]), Charset::Ascii).text;
                if spelled.contains(REPLACEMENT) {
                    return Err(Rejection::new(field, "cannot be written in Latin letters"));
                }
                written.push_str(&spelled);
            }
        }
    }
    Ok(written)
}

/// The roles that a party is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Shipper,
    Customer,
    Recipient,
}

impl Party {
    /// Writes the fields of a role in the schema's order, which is alphabetical.
    pub(super) fn write(&self, writer: &mut Writer, role: Role) {
        let prefix = match role {
            Role::Shipper => "shipper",
            Role::Customer => "customer",
            Role::Recipient => "recipient",
        };
        let tag = |field: &str| format!("{prefix}{field}");
        writer.leaf(&tag("Adress1"), &self.line1).some(&tag("Adress2"), &self.line2);
        writer.leaf(&tag("City"), &self.city);
        if role != Role::Recipient {
            // Required, and unknown of anyone.
            writer.leaf(&tag("Civility"), "M");
        }
        let contact = if self.name2.is_empty() { &self.name } else { &self.name2 };
        writer.leaf(&tag("ContactName"), contact).leaf(&tag("Country"), &self.country);
        writer.some(&tag("Email"), &self.email);
        if self.mobile {
            writer.leaf(&tag("MobilePhone"), &self.phone);
        }
        writer.leaf(&tag("Name"), &self.name).some(&tag("Name2"), &self.name2);
        writer.some(&tag("Phone"), &self.phone);
        let reachable = !self.email.is_empty() || self.mobile;
        // 22: the addressee is told of the delivery; the sender hears it from us.
        let alert = if role == Role::Recipient && reachable { "22" } else { "0" };
        writer.leaf(&tag("PreAlert"), alert).some(&tag("ZipCode"), &self.postcode);
        if role == Role::Customer {
            writer.leaf("printAsSender", "N");
        }
    }
}
