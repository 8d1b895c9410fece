//! Customs borders between the places of two addresses.

use colibri_types::Country;

use crate::Contact;

/// Members of the European customs union, with Monaco, which belongs to it.
const UNION: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK";

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
        "ES" if ["35", "38", "51", "52"].iter().any(|p| code.starts_with(p)) => code.get(..2),
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
