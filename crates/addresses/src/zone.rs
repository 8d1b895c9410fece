//! The part of a postcode that is business data.

use crate::text::{clean, compact};
use crate::{format, postcode};

/// The part of a postcode that may leave the vault: enough to price and to route, too little to
/// find a house. Letters and digits only. `None` where the country has no postcodes or the text
/// is not one of its postcodes: an arbitrary text must not leave.
///
/// Cut: Great Britain and its islands to the outward code, Ireland to the routing key, Canada to
/// the forward sortation area, and the countries whose postcode names a street side, a block or a
/// building to the part that names a district. All others whole.
#[must_use]
pub fn postcode_zone(country: &str, postcode: &str) -> Option<String> {
    let country = crate::country(country)?;
    let rules = format::format(&country.alpha2)?;
    // 64 bytes: no postcode with all its spaces is half as long.
    if postcode.len() > 64 {
        return None;
    }
    let (text, _) = clean(postcode);
    let (normal, _) = postcode::normalise(country, rules, &text);
    if !rules.matches(&normal) || postcode::is_filler(&normal) {
        return None;
    }
    let compact = compact(&normal);
    Some(cut(&country.alpha2, &compact).to_owned()).filter(|z| !z.is_empty())
}

fn cut<'a>(country: &str, compact: &'a str) -> &'a str {
    let first = |n: usize| compact.get(..n).unwrap_or(compact);
    match country {
        "GB" | "GG" | "JE" | "IM" if compact.starts_with("BFPO") => "BFPO",
        "GB" | "GG" | "JE" | "IM" => first(compact.len().saturating_sub(3)),
        // Routing key; forward sortation area; locality of 3 letters; district of 3 digits.
        "IE" | "CA" | "MT" | "TW" => first(3),
        // The letters or last digits name a side of a street.
        "NL" | "PT" | "LB" => first(4),
        // The four digits after the ZIP code name a block; the last three of a CEP a street.
        "US" | "PR" | "VI" | "GU" | "AS" | "MP" | "FM" | "MH" | "PW" | "BR" | "IL" | "IR" => {
            first(5)
        }
        // The letters at the end name a side of a block.
        "AR" if compact.starts_with(|c: char| c.is_ascii_alphabetic()) => first(5),
        "AR" => first(4),
        // Six digits name a building; the first two are the sector.
        "SG" => first(2),
        // The letters are a constant that may be left out in writing.
        "LV" | "SV" => compact.trim_start_matches(|c: char| c.is_ascii_alphabetic()),
        _ => compact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_by_country() {
        for (country, postcode, expected) in [
            ("GB", "sw1a 1aa", Some("SW1A")),
            ("GB", "M25BQ", Some("M2")),
            ("UK", "BT1 5GS", Some("BT1")),
            ("GB", "BFPO 61", Some("BFPO")),
            ("JE", "JE2 2BT", Some("JE2")),
            ("IE", "D02 X285", Some("D02")),
            ("CA", "H3Z 2Y7", Some("H3Z")),
            ("NL", "1012 AB", Some("1012")),
            ("PT", "1250-096", Some("1250")),
            ("US", "22162-1010", Some("22162")),
            ("SG", "546080", Some("54")),
            ("BR", "40301-110", Some("40301")),
            ("LV", "LV-1073", Some("1073")),
            ("FR", "75 008", Some("75008")),
            ("FR", "F-75008", Some("75008")),
            ("PL", "00-950", Some("00950")),
            ("DE", "10115", Some("10115")),
            ("HK", "999077", None),
            ("FR", "Jean Valjean", None),
            ("FR", "0612345678", None),
            ("XX", "75008", None),
            ("FR", "", None),
        ] {
            assert_eq!(postcode_zone(country, postcode).as_deref(), expected, "{postcode}");
        }
    }
}
