//! Countries and subdivisions as channels write them.

use colibri_types::Country;

use crate::{error::ChannelError, json::Obj, order::WarningCode};

/// A country read, and whether the text had to be understood rather than taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadCountry {
    pub(crate) country: Country,
    pub(crate) repaired: bool,
}

/// ISO 3166-1 alpha-2 in any case, or one of the two aliases everybody writes.
pub(crate) fn country(text: &str) -> Option<ReadCountry> {
    let upper = text.trim().to_ascii_uppercase();
    let code = match upper.as_str() {
        "UK" => "GB",
        "EL" => "GR",
        other => other,
    };
    let country = code.parse().ok()?;
    Some(ReadCountry { country, repaired: code != text })
}

/// The country of a field; what is not understood is kept as text, never guessed.
pub(crate) fn country_of(
    obj: &Obj<'_>,
    key: &str,
) -> Result<(Option<Country>, Option<String>), ChannelError> {
    let Some(text) = obj.text(key)? else {
        return Ok((None, None));
    };
    match country(&text) {
        Some(read) => {
            if read.repaired {
                obj.warn(WarningCode::CountryRepaired, key);
            }
            Ok((Some(read.country), None))
        }
        None => {
            obj.warn(WarningCode::CountryUnknown, key);
            Ok((None, Some(text)))
        }
    }
}

/// The part after the country: `DE-BY` is `BY`, and `JP13`, `TR34` are `13`, `34`, whose numbers
/// are those of ISO 3166-2. Other numberings (WooCommerce's `CN2`) are its own and stay as they
/// are.
pub(crate) fn subdivision(country: Option<Country>, text: &str) -> String {
    let Some(country) = country else {
        return text.to_owned();
    };
    let Some(rest) = text.strip_prefix(country.as_str()) else {
        return text.to_owned();
    };
    let same_numbers = matches!(country.as_str(), "JP" | "TR");
    match rest.strip_prefix('-') {
        Some(part) if !part.is_empty() => part.to_owned(),
        None if same_numbers && rest.len() == 2 && rest.bytes().all(|b| b.is_ascii_digit()) => {
            rest.to_owned()
        }
        _ => text.to_owned(),
    }
}

/// First and last name as one name; it is never split again.
pub(crate) fn joined(first: Option<String>, last: Option<String>) -> Option<String> {
    match (first, last) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (first, last) => first.or(last),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn countries_are_codes_or_known_aliases() {
        for (text, code, repaired) in [
            ("FR", "FR", false),
            ("fr", "FR", true),
            ("UK", "GB", true),
            ("EL", "GR", true),
            ("XK", "XK", false),
        ] {
            let read = country(text).unwrap();
            assert_eq!((read.country.as_str(), read.repaired), (code, repaired));
        }
        for wrong in ["", "FRA", "ZZ", "Atlantis"] {
            assert_eq!(country(wrong), None);
        }
    }

    #[test]
    fn subdivisions_lose_only_a_country_they_repeat() {
        for (country, text, wanted) in [
            ("US", "KY", "KY"),
            ("DE", "DE-BY", "BY"),
            ("JP", "JP13", "13"),
            ("JP", "JP-13", "13"),
            ("TR", "TR34", "34"),
            ("CN", "CN2", "CN2"),
            ("DE", "DE", "DE"),
            ("IT", "MI", "MI"),
            ("GB", "Kent", "Kent"),
        ] {
            assert_eq!(subdivision(country.parse().ok(), text), wanted);
        }
    }
}
