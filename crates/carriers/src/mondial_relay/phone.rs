//! Phone numbers: stored in every form people write, told in the two forms the interfaces want.

/// Country codes of the countries served, to complete national numbers. Italy keeps its zero.
const CODES: &[(&str, &str)] = &[
    ("FR", "33"),
    ("BE", "32"),
    ("LU", "352"),
    ("NL", "31"),
    ("ES", "34"),
    ("PT", "351"),
    ("IT", "39"),
    ("PL", "48"),
    ("DE", "49"),
    ("AT", "43"),
    ("IE", "353"),
];
/// Countries whose national numbers begin with a zero that goes when the code comes.
const TRUNK_ZERO: &str = "FR BE NL DE AT IE";

/// `+` and digits, or `None` when that cannot be made of it.
pub(super) fn international(text: &str, country: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let plus = text.trim_start().starts_with('+');
    let digits = match digits.strip_prefix("00") {
        _ if plus => digits,
        Some(rest) => rest.to_owned(),
        None => {
            let (_, code) = CODES.iter().find(|(known, _)| *known == country)?;
            let trunk = TRUNK_ZERO.split(' ').any(|known| known == country);
            let national = digits.strip_prefix('0').filter(|_| trunk).unwrap_or(&digits);
            format!("{code}{national}")
        }
    };
    // `+33 (0)6 ..` is written so by many.
    let digits = match digits.strip_prefix("330") {
        Some(national) => format!("33{national}"),
        None => digits,
    };
    // API 2 takes at most twenty characters, E.164 at most fifteen digits; eight are the fewest
    // with a country code.
    if !(8..=15).contains(&digits.len()) {
        return None;
    }
    match digits.strip_prefix("33") {
        Some(french) if french.len() != 9 || french.starts_with('0') => None,
        _ => Some(format!("+{digits}")),
    }
}

/// As API 1 takes it: French numbers national, others as they are.
pub(super) fn api_1(international: &str) -> String {
    match international.strip_prefix("+33") {
        Some(national) => format!("0{national}"),
        None => international.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_form_become_one() {
        for (text, country, expected) in [
            ("06 39 98 00 03", "FR", Some("+33639980003")),
            ("+33 (0)6 39 98 00 03", "FR", Some("+33639980003")),
            ("0033639980003", "FR", Some("+33639980003")),
            ("0470 12 00 03", "BE", Some("+32470120003")),
            ("+49 30 23125002", "FR", Some("+493023125002")),
            ("061 12 00 034", "IT", Some("+390611200034")),
            ("06 39 98 00", "FR", None),
            ("12", "FR", None),
            ("", "FR", None),
            ("044 668 18 00", "CH", None),
        ] {
            assert_eq!(international(text, country).as_deref(), expected, "{text}");
        }
        assert_eq!(api_1("+33639980003"), "0639980003");
        assert_eq!(api_1("+32470120003"), "+32470120003");
    }
}
