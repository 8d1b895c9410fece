//! The two numbers of a parcel: the letter number (13 characters, check digit of S10) and the
//! Geopost number (its first eleven characters, three digits and a check character).

use std::borrow::Cow;

/// Weights of the check digit of the Universal Postal Union's S10.
const S10_WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];

/// Is this `XN123456785FR`, with its check digit right?
pub(super) fn is_letter(number: &str) -> bool {
    let bytes = number.as_bytes();
    let [a, b, digits @ .., c, d] = bytes else { return false };
    let shape = [a, b, c, d].into_iter().all(u8::is_ascii_uppercase)
        && digits.len() == 9
        && digits.iter().all(u8::is_ascii_digit);
    shape && s10(digits)
}

fn s10(digits: &[u8]) -> bool {
    let value = |digit: &u8| u32::from(digit.saturating_sub(b'0'));
    let sum: u32 = digits.iter().zip(S10_WEIGHTS).map(|(digit, w)| value(digit) * w).sum();
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        check => check,
    };
    digits.last().map(value) == Some(check)
}

/// Is this `XN1234567852486`, with its check character (ISO 7064, mod 37,36) right?
pub(super) fn is_geopost(number: &str) -> bool {
    let Some((body, check)) = number.split_at_checked(14) else { return false };
    let (letters, digits) = body.split_at_checked(2).unwrap_or_default();
    let shape = (letters.bytes().all(|b| b.is_ascii_uppercase())
        || letters.bytes().all(|b| b.is_ascii_digit()))
        && digits.bytes().all(|b| b.is_ascii_digit());
    shape
        && check.len() == 1
        && check.chars().next().and_then(|c| c.to_digit(36)) == mod_37_36(body)
}

fn mod_37_36(text: &str) -> Option<u32> {
    let mut p = 36;
    for character in text.chars() {
        p = (p + character.to_digit(36)?) % 36;
        p = if p == 0 { 36 } else { p } * 2 % 37;
    }
    Some((37 - p) % 36)
}

/// The letter number inside a Geopost number, when both have their check digits right.
pub(super) fn letter_of(geopost: &str) -> Option<String> {
    let letter = format!("{}FR", geopost.get(..11)?);
    (is_geopost(geopost) && is_letter(&letter)).then_some(letter)
}

/// A number as tracking takes it: upper case without blanks, and the letter number where the
/// Geopost number was given.
pub(super) fn asked(number: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let clean: Cow<'_, str> = match number.bytes().all(plain) {
        true => Cow::Borrowed(number),
        false => number
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_uppercase())
            .collect::<String>()
            .into(),
    };
    letter_of(&clean).map_or(clean, Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_numbers_have_the_check_digit_of_s10() {
        for right in ["XN123456785FR", "XY000000120FR", "XY000000155FR"] {
            assert!(is_letter(right), "{right}");
        }
        for wrong in ["XN123456784FR", "XN12345678FR", "1N123456785FR", "", "XN1234567855FR", "é"]
        {
            assert!(!is_letter(wrong), "{wrong}");
        }
    }

    #[test]
    fn geopost_numbers_have_a_check_character_and_hold_the_letter_number() {
        for right in ["XN1234567852486", "XZ000000120248V", "09990000000123P", "10999000000123D"] {
            assert!(is_geopost(right), "{right}");
        }
        for wrong in ["XN1234567852487", "XZ000000120248A", "09990000000123A", "XN123456785", "é"]
        {
            assert!(!is_geopost(wrong), "{wrong}");
        }
        assert_eq!(letter_of("XN1234567852486").as_deref(), Some("XN123456785FR"));
        // Its check character is right, but no letter number stands in it.
        assert_eq!(letter_of("09990000000123P"), None);
    }

    #[test]
    fn numbers_are_asked_as_the_carrier_writes_them() {
        assert_eq!(asked(" xn 1234 56785 fr"), "XN123456785FR");
        assert_eq!(asked("XN1234567852486"), "XN123456785FR");
        assert_eq!(asked("10999000000123D"), "10999000000123D");
    }

    proptest::proptest! {
        #[test]
        fn one_wrong_digit_is_noticed(
            serial in 0_u32..100_000_000, at in 0_usize..9, by in 1_u8..10,
        ) {
            let with = |check: u8| format!("XN{serial:08}{check}FR");
            let rights = (0..10).map(with).filter(|number| is_letter(number)).collect::<Vec<_>>();
            proptest::prop_assert_eq!(rights.len(), 1);
            let mut bytes = rights.into_iter().next().unwrap_or_default().into_bytes();
            if let Some(byte) = bytes.get_mut(2 + at) {
                *byte = b'0' + (*byte - b'0' + by) % 10;
            }
            let changed = String::from_utf8(bytes).unwrap_or_default();
            proptest::prop_assert!(!is_letter(&changed) || check_twins(serial, &changed));
        }

        #[test]
        fn no_text_makes_a_panic(text in "\\PC{0,20}", other in "[A-Z0-9]{0,18}") {
            for text in [text.as_str(), other.as_str()] {
                let _ = (is_letter(text), is_geopost(text), letter_of(text), asked(text));
            }
        }
    }

    /// Remainders 0 and 6 both give the check digit 5: the one pair that S10 cannot tell apart.
    fn check_twins(serial: u32, changed: &str) -> bool {
        let remainder = |serial: u32| {
            let digits = format!("{serial:08}");
            let digits = digits.bytes().map(|b| u32::from(b - b'0'));
            digits.zip(S10_WEIGHTS).map(|(d, w)| d * w).sum::<u32>() % 11
        };
        let other = changed.get(2..10).and_then(|digits| digits.parse().ok()).unwrap_or(serial);
        let pair = [remainder(serial), remainder(other)];
        pair.contains(&0) && pair.contains(&6)
    }
}
