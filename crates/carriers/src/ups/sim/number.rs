//! `1Z` numbers: account, service, serial and check digit.

/// The check digit of the fifteen characters after `1Z`: letters count as their place in ASCII less
/// three, modulo ten; every second character counts twice.
#[must_use]
pub fn check_digit(serial: &str) -> u8 {
    let sum: u32 = serial
        .bytes()
        .enumerate()
        .map(|(index, byte)| {
            let value = match byte {
                b'0'..=b'9' => u32::from(byte - b'0'),
                _ => u32::from(byte.wrapping_sub(3)) % 10,
            };
            if index % 2 == 1 { value * 2 } else { value }
        })
        .sum();
    u8::try_from((10 - sum % 10) % 10).unwrap_or_default()
}

/// A parcel's number: the account inside, service `03`, a serial of seven digits.
#[must_use]
pub fn tracking_number(shipper_number: &str, serial: u32) -> String {
    let inner = format!("{shipper_number}03{:07}", serial % 10_000_000);
    let check = check_digit(&inner);
    format!("1Z{inner}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_examples_have_their_check_digits() {
        assert_eq!(tracking_number("A1B2C3", 1_000_000), "1ZA1B2C30310000002");
        for known in ["1ZCIETST0111111114", "1ZCIETST0422222228", "1Z5R89390357567127"] {
            let (inner, check) = known[2..].split_at(15);
            assert_eq!(check_digit(inner).to_string(), check, "{known}");
        }
    }
}
