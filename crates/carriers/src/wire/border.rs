//! Customs borders between the places of two addresses, and what every paper at them wants.

use colibri_types::{Country, Currency};

use crate::{Contact, Customs, ExportReason, Rejection, Shipment};

/// Members of the European customs union, with Monaco, which belongs to it.
const UNION: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK";
/// Spanish postcodes outside its tax territory: Canaries, Ceuta, Melilla.
const SPAIN_OUTSIDE: &[&str] = &["35", "38", "51", "52"];
/// French territories with their own ISO code, and the start of their postcodes.
const OVERSEAS: &[(&str, &str)] = &[
    ("GP", "971"),
    ("MQ", "972"),
    ("GF", "973"),
    ("RE", "974"),
    ("PM", "975"),
    ("YT", "976"),
    ("BL", "977"),
    ("MF", "978"),
    ("TF", "984"),
    ("WF", "986"),
    ("PF", "987"),
    ("NC", "988"),
];

/// A place as French carriers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Territory {
    /// An overseas territory's own code rather than France's.
    pub country: String,
    pub overseas: bool,
    /// Outside the customs and fiscal union.
    pub outside: bool,
}

/// # Errors
/// [`Rejection`] of `field` when the country is missing.
pub(crate) fn territory(contact: &Contact, field: &'static str) -> Result<Territory, Rejection> {
    let country = contact.country.ok_or_else(|| Rejection::new(field, "is required"))?;
    let mut country = country.to_string();
    let postcode = contact.postcode.trim();
    if country == "FR" {
        let territory = OVERSEAS.iter().find(|(_, start)| postcode.starts_with(start));
        country = territory.map_or(country, |(code, _)| (*code).to_owned());
    }
    let overseas = OVERSEAS.iter().any(|(code, _)| *code == country);
    let outside = !member(&country)
        || (country == "ES" && SPAIN_OUTSIDE.iter().any(|start| postcode.starts_with(start)));
    Ok(Territory { country, overseas, outside })
}

/// The one currency of all articles. A parcel without articles cannot cross a customs border.
///
/// # Errors
/// [`Rejection`] of the articles.
pub(crate) fn currency(shipment: &Shipment) -> Result<Currency, Rejection> {
    if shipment.parcels.iter().any(|parcel| parcel.items.is_empty()) {
        let reason = "every parcel that crosses a customs border needs its articles";
        return Err(Rejection::new("parcels.items", reason));
    }
    let mut all = shipment.parcels.iter().flat_map(|parcel| &parcel.items);
    let first = all.next().map(|item| item.value.currency);
    match first {
        Some(currency) if all.all(|item| item.value.currency == currency) => Ok(currency),
        _ => Err(Rejection::new("parcels.items.value", "one currency for the whole invoice")),
    }
}

/// What papers say of goods that come back; `None`: they do not, or nobody knows what they went out
/// by. Customs at home want the link, or they tax the goods as new ones.
pub(crate) fn returned(customs: &Customs) -> Option<String> {
    let known = customs.reason == ExportReason::Return && !customs.went_out_by.is_empty();
    known.then(|| format!("Returned goods, sent out by {}", customs.went_out_by))
}

/// Do goods between the two need customs papers? Islands and towns under a member's code that lie
/// outside its tax territory (French overseas, Canaries, Ceuta, Melilla) do, even from that member.
pub(crate) fn crossed(from: &Contact, to: &Contact) -> bool {
    let (Some(there), Some(here)) = (place(from), place(to)) else {
        return false;
    };
    let pair = (there.as_str(), here.as_str());
    let domestic = there == here || matches!(pair, ("US", "PR") | ("PR", "US"));
    !(domestic || member(pair.0) && member(pair.1))
}

/// The countries of a list of codes with blanks between.
pub(crate) fn countries(codes: &str) -> Vec<Country> {
    codes.split_ascii_whitespace().filter_map(|code| code.parse().ok()).collect()
}

/// Is the country a member?
pub(crate) fn member(country: &str) -> bool {
    UNION.split(' ').any(|code| code == country)
}

/// The country, and for its outlying parts the department or province too.
fn place(contact: &Contact) -> Option<String> {
    let country = contact.country?;
    let code: String = contact.postcode.chars().filter(char::is_ascii_digit).collect();
    let part = match country.as_str() {
        "FR" if code.starts_with("97") || code.starts_with("98") => code.get(..3),
        "ES" if SPAIN_OUTSIDE.iter().any(|start| code.starts_with(start)) => code.get(..2),
        _ => None,
    };
    Some(format!("{country}{}", part.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_are_those_of_the_union_and_of_its_outlying_parts() {
        let at = |country: &str, postcode: &str| Contact {
            country: country.parse().ok(),
            postcode: postcode.to_owned(),
            ..Contact::default()
        };
        for (from, to, expected) in [
            (("FR", "69002"), ("FR", "35000"), false),
            (("FR", "69002"), ("DE", "10115"), false),
            (("MC", "98000"), ("FR", "35000"), false),
            (("FR", "69002"), ("FR", "97400"), true),
            (("ES", "28001"), ("ES", "35001"), true),
            (("ES", "35001"), ("ES", "35002"), false),
            (("FR", "69002"), ("GB", "SW1A 1AA"), true),
            (("CH", "8001"), ("FR", "35000"), true),
            (("US", "97201"), ("PR", "00901"), false),
            (("US", "97201"), ("CA", "K1A 0B1"), true),
            (("GB", ""), ("GB", ""), false),
        ] {
            let crossed = crossed(&at(from.0, from.1), &at(to.0, to.1));
            assert_eq!(crossed, expected, "{from:?} {to:?}");
        }
        assert!(!super::crossed(&at("FR", ""), &Contact::default()));
    }
}
