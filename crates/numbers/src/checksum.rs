//! The check digits that couriers use.

use serde::Deserialize;

/// An algorithm with its parameters, as the data writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub(crate) enum Checksum {
    /// Sum of products modulo ten; letters count as their place in ASCII less three, modulo ten.
    Mod10 {
        #[serde(default = "one")]
        evens_multiplier: u32,
        #[serde(default = "one")]
        odds_multiplier: u32,
        #[serde(default)]
        reverse: bool,
    },
    /// The serial as a number modulo seven.
    Mod7,
    /// The postal union's S10.
    S10,
    /// Luhn's.
    Luhn,
    /// ISO 7064, modulo 37 and 36.
    #[serde(rename = "mod_37_36")]
    Mod3736,
    /// Sum of products, modulo one number and then another.
    SumProductWithWeightingsAndModulo { weightings: Vec<u32>, modulo1: u32, modulo2: u32 },
}

const fn one() -> u32 {
    1
}

const S10_WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];

fn digits(serial: &str) -> Option<Vec<u32>> {
    serial.chars().map(|c| c.to_digit(10)).collect()
}

/// Sum of each digit times its weight; weights start again when they are used up.
fn weighted(digits: impl Iterator<Item = u32>, weights: &[u32]) -> u32 {
    digits.zip(weights.iter().cycle()).map(|(digit, weight)| digit * weight).sum()
}

impl Checksum {
    /// The check character of a serial; `None` when the algorithm does not apply to it.
    pub(crate) fn of(&self, serial: &str) -> Option<char> {
        match self {
            Self::Mod10 { evens_multiplier, odds_multiplier, reverse } => {
                let value = |c: char| match c.to_digit(10) {
                    Some(digit) => digit,
                    None => u32::from(c).wrapping_sub(3) % 10,
                };
                let mut values: Vec<u32> = serial.chars().map(value).collect();
                if *reverse {
                    values.reverse();
                }
                let sum = weighted(values.into_iter(), &[*evens_multiplier, *odds_multiplier]);
                char::from_digit((10 - sum % 10) % 10, 10)
            }
            Self::Mod7 => {
                let number: u64 = serial.parse().ok()?;
                char::from_digit(u32::try_from(number % 7).ok()?, 10)
            }
            Self::S10 => {
                let sum = weighted(digits(serial)?.into_iter(), &S10_WEIGHTS);
                char::from_digit(
                    match sum % 11 {
                        0 => 5,
                        1 => 0,
                        rest => 11 - rest,
                    },
                    10,
                )
            }
            Self::Luhn => {
                let doubled = digits(serial)?.into_iter().rev().enumerate().map(|(at, digit)| {
                    let twice = if at % 2 == 0 { digit * 2 } else { digit };
                    if twice > 9 { twice - 9 } else { twice }
                });
                char::from_digit((10 - doubled.sum::<u32>() % 10) % 10, 10)
            }
            Self::Mod3736 => mod_37_36(serial),
            Self::SumProductWithWeightingsAndModulo { weightings, modulo1, modulo2 } => {
                let sum = weighted(digits(serial)?.into_iter(), weightings);
                let rest = sum.checked_rem(*modulo1)?.checked_rem(*modulo2)?;
                char::from_digit(rest, 10)
            }
        }
    }
}

fn mod_37_36(serial: &str) -> Option<char> {
    let mut p = 36;
    for character in serial.chars() {
        p = (p + character.to_digit(36)?) % 36;
        if p == 0 {
            p = 36;
        }
        p = p * 2 % 37;
    }
    char::from_digit((37 - p) % 36, 36).map(|c| c.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn read(json: &str) -> Checksum {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn worked_examples_have_their_check_digits() {
        let mod10 = |evens, odds| {
            read(&format!(
                r#"{{"name":"mod10","evens_multiplier":{evens},"odds_multiplier":{odds}}}"#
            ))
        };
        let weights = |list: &str| {
            read(&format!(
                r#"{{"name":"sum_product_with_weightings_and_modulo","weightings":[{list}],
                "modulo1":11,"modulo2":10}}"#
            ))
        };
        for (algorithm, serial, check) in [
            (mod10(1, 2), "A1B2C3031000000", '2'),
            (mod10(1, 2), "123456789", '5'),
            (read(r#"{"name":"s10"}"#), "12345678", '5'),
            (read(r#"{"name":"s10"}"#), "00000012", '0'),
            (read(r#"{"name":"s10"}"#), "00000015", '5'),
            (weights("3,1,7,3,1,7,3,1,7,3,1"), "12345678901", '2'),
            (weights("1,7,3,1,7,3,1,7,3,1,7,3,1"), "1234567890123", '0'),
            (mod10(1, 3), "12345678901234", '3'),
            (mod10(3, 1), "123456789012345", '2'),
            (read(r#"{"name":"mod7"}"#), "123456789", '1'),
            (read(r#"{"name":"luhn"}"#), "12345678901", '5'),
            (read(r#"{"name":"luhn"}"#), "0721234567", '7'),
            (read(r#"{"name":"mod_37_36"}"#), "09990000000123", 'P'),
            (read(r#"{"name":"mod_37_36"}"#), "006900209990000000123327250", 'G'),
            (read(r#"{"name":"mod_37_36"}"#), "XN123456785248", '6'),
        ] {
            assert_eq!(algorithm.of(serial), Some(check), "{serial}");
        }
    }

    #[test]
    fn letters_where_digits_are_counted_have_no_check_digit() {
        for name in ["s10", "luhn", "mod7"] {
            assert_eq!(read(&format!(r#"{{"name":"{name}"}}"#)).of("12A4"), None);
        }
        assert_eq!(mod_37_36("Ä"), None);
    }
}
