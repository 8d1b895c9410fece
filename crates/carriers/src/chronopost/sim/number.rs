//! Numbers with right check digits, recognisable by `XZ`.

/// `XZ` and eight digits, the check digit of S10, `FR`.
pub(super) fn letter(serial: u64) -> String {
    let digits = format!("{:08}", serial % 100_000_000);
    let weights = [8, 6, 4, 2, 3, 5, 9, 7];
    let products = digits.bytes().zip(weights).map(|(digit, w)| u32::from(digit - b'0') * w);
    let check = match products.sum::<u32>() % 11 {
        0 => 5,
        1 => 0,
        rest => 11 - rest,
    };
    format!("XZ{digits}{check}FR")
}

/// The letter number without its country, `248`, and a check character by ISO 7064 mod 37,36.
pub(super) fn geopost(letter: &str) -> String {
    let body = format!("{}248", letter.get(..11).unwrap_or_default());
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let value = |c: u8| alphabet.iter().position(|known| *known == c).unwrap_or_default();
    let last = body.bytes().fold(36, |p, c| {
        let sum = (p + value(c)) % 36;
        (if sum == 0 { 36 } else { sum }) * 2 % 37
    });
    let check = alphabet.get((37 - last) % 36).copied().map(char::from);
    format!("{body}{}", check.unwrap_or('0'))
}

/// `postcode 7, parcel 14, service 3, country 3`, which sorters read.
pub(super) fn routing(postcode: &str, geopost: &str) -> String {
    let digits: String = postcode.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("%{digits:0>7}{}101250", geopost.get(..14).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_worked_examples() {
        assert_eq!(letter(12), "XZ000000120FR");
        assert_eq!(letter(15), "XZ000000155FR");
        assert_eq!(letter(12_345_678), "XZ123456785FR");
        assert_eq!(geopost("XZ000000120FR"), "XZ000000120248V");
        assert_eq!(geopost("XN123456785FR"), "XN1234567852486");
    }
}
