//! The address of a site: checked here, kept in the vault, and known here by its zone only.

use colibri_addresses as addresses;
use colibri_events::{
    types::v1::Address,
    vault::v1::{Field, FieldValue},
};

use super::Violation;
use crate::error::ADDRESS;

/// A checked address: what the vault gets, and what may be known outside it.
#[derive(Debug)]
pub struct Checked {
    /// Corrected, for the vault. `Debug` prints no content.
    address: addresses::Address,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// What of the postcode may be known; `None` where the country has none.
    pub postcode_zone: Option<String>,
}

/// Corrects and checks an address.
///
/// # Errors
/// `ACC0002` with a code `ADR....` for each field.
pub fn check(address: Option<Address>) -> Result<Checked, Vec<Violation>> {
    let Some(address) = address else {
        return Err(vec![Violation::new(ADDRESS, "address", "MISSING", "an address")]);
    };
    let verdict = addresses::check(&plain(address));
    if !verdict.is_valid() {
        let violation = |problem: &addresses::Problem| {
            let field = format!("address.{}", problem.field.replace('/', "."));
            Violation::new(ADDRESS, field, problem.code.as_str(), problem.reason.clone())
        };
        return Err(verdict.problems.iter().map(violation).collect());
    }
    let address = verdict.normalised;
    let country = address.country.clone();
    let postcode = address.postcode.as_deref();
    let postcode_zone = postcode.and_then(|code| addresses::postcode_zone(&country, code));
    Ok(Checked { address, country, postcode_zone })
}

fn plain(address: Address) -> addresses::Address {
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    addresses::Address {
        name: some(address.name),
        company: some(address.company),
        lines: address.lines,
        city: some(address.city),
        postcode: some(address.postcode),
        subdivision: some(address.subdivision),
        country: address.country,
        phone: some(address.phone),
        email: some(address.email),
    }
}

impl Checked {
    /// The fields of its record in the vault.
    #[must_use]
    pub fn into_fields(self) -> Vec<FieldValue> {
        let address = self.address;
        let lines = Some(address.lines.join("\n"));
        let country = Some(address.country);
        let fields = [
            (Field::Name, address.name),
            (Field::Company, address.company),
            (Field::Street, lines),
            (Field::City, address.city),
            (Field::Postcode, address.postcode),
            (Field::Subdivision, address.subdivision),
            (Field::Country, country),
            (Field::Phone, address.phone),
            (Field::Email, address.email),
        ];
        let value = |(field, value): (Field, Option<String>)| {
            Some(FieldValue { field: field as i32, value: value? })
        };
        fields.into_iter().filter_map(value).collect()
    }
}

/// The address of a record that the vault opened.
#[must_use]
pub fn from_fields(fields: &[FieldValue]) -> Address {
    let mut address = Address::default();
    for one in fields {
        let value = one.value.clone();
        match one.field() {
            Field::Name => address.name = value,
            Field::Company => address.company = value,
            Field::Street => address.lines = value.lines().map(str::to_owned).collect(),
            Field::City => address.city = value,
            Field::Postcode => address.postcode = value,
            Field::Subdivision => address.subdivision = value,
            Field::Country => address.country = value,
            Field::Phone => address.phone = value,
            Field::Email => address.email = value,
            // Not asked for.
            _ => {}
        }
    }
    address
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn warehouse() -> Address {
        Address {
            company: "Muster Versand".into(),
            lines: vec!["12 rue Imaginaire".into(), "Bâtiment C".into()],
            city: "Paris".into(),
            postcode: " 75 011 ".into(),
            country: "France".into(),
            phone: "+33199000000".into(),
            ..Address::default()
        }
    }

    #[test]
    fn an_address_is_corrected_cut_to_its_zone_and_read_back() {
        let checked = check(Some(warehouse())).unwrap();
        assert_eq!(
            (checked.country.as_str(), checked.postcode_zone.as_deref()),
            ("FR", Some("75011"))
        );
        assert!(!format!("{checked:?}").contains("Imaginaire"));
        let back = from_fields(&checked.into_fields());
        let expected = Address { postcode: "75011".into(), country: "FR".into(), ..warehouse() };
        assert_eq!(back, expected);
    }

    #[test]
    fn each_wrong_field_is_named_with_its_own_code() {
        let wrong = Address { postcode: "7501".into(), city: String::new(), ..warehouse() };
        let wrong = check(Some(wrong)).unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|v| v.field.as_str()).collect();
        assert!(fields.contains(&"address.postcode") && fields.contains(&"address.city"));
        assert!(wrong.iter().all(|v| v.code == ADDRESS && v.why.starts_with("ADR")));
        assert_eq!(check(None).unwrap_err()[0].field, "address");
    }
}
