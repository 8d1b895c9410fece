//! Exact numbers and times from text, with the project's limits.

use colibri_types::{CivilTime, Currency, Money};
use rust_decimal::Decimal;

use crate::error::{ChannelError, Code};

/// Largest quantity of a line; more is a mistake or an attack on totals.
pub(crate) const QUANTITY_MAX: u32 = 1_000_000;
/// Digits before the point: a trillion of any currency is no parcel.
const INTEGER_DIGITS: usize = 12;
/// Digits after it: PHP prints floats with 14 significant digits, `0.33333333333333`.
const FRACTION_DIGITS: usize = 14;

/// Plain decimal text `-?\d{1,12}(\.\d{1,14})?`, exactly. The form is checked first since the
/// library also takes `1_000`, `+5` and `1e5`.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let only_digits = |part: &str, max: usize| {
        (1..=max).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    let plain = only_digits(whole, INTEGER_DIGITS)
        && fraction.is_none_or(|part| only_digits(part, FRACTION_DIGITS));
    plain.then(|| Decimal::from_str_exact(text).ok()).flatten()
}

/// A whole number from 0 to [`QUANTITY_MAX`], also written `2.0`.
pub(crate) fn quantity(text: &str) -> Option<u32> {
    let value = decimal(text)?;
    let whole = value.is_integer() && (!value.is_sign_negative() || value.is_zero());
    let number = whole.then(|| u32::try_from(value.trunc()).ok()).flatten()?;
    (number <= QUANTITY_MAX).then_some(number)
}

/// A civil time, years 2000 to 2100. Fractions of a second are dropped: orders need none.
pub(crate) fn time(text: &str) -> Option<CivilTime> {
    if !text.is_ascii() || text.len() > 40 {
        return None;
    }
    let mut plain = text.replacen(' ', "T", 1);
    if let Some(dot) = plain.find('.') {
        let digits = plain.bytes().skip(dot + 1).take_while(u8::is_ascii_digit).count();
        if dot != 19 || !(1..=9).contains(&digits) {
            return None;
        }
        plain.replace_range(dot..=dot + digits, "");
    }
    let time: CivilTime = plain.parse().ok()?;
    (2000..=2100).contains(&time.local.year()).then_some(time)
}

/// Rounds a decimal to the currency's minor unit, half away from zero.
pub(crate) fn money(
    amount: Decimal,
    currency: Currency,
    place: impl FnOnce() -> String,
) -> Result<Money, ChannelError> {
    Money::from_decimal(amount, currency)
        .map_err(|_| ChannelError::at(Code::AmountOutOfRange, place()))
}

/// Whether the amount needs no rounding in this currency.
pub(crate) fn fits(amount: Decimal, currency: Currency) -> bool {
    amount.normalize().scale() <= currency.digits()
}

/// An HS code: digits with optional dots or spaces, 6 to 10 of them.
pub(crate) fn hs_code(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_digit() || c == '.' || c == ' ';
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (text.chars().all(plain) && (6..=10).contains(&digits.len())).then_some(digits)
}

/// A GTIN of 8, 12, 13 or 14 digits whose check digit holds.
pub(crate) fn gtin(text: &str) -> Option<String> {
    let known_length = matches!(text.len(), 8 | 12 | 13 | 14);
    if !known_length || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: u32 = text
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| u32::from(b - b'0') * if i % 2 == 1 { 3 } else { 1 })
        .sum();
    sum.is_multiple_of(10).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn only_plain_decimals_are_amounts() {
        for good in ["0", "10", "12.50", "-0.01", "4.966667", "0.33333333333333", "12.416666666667"]
        {
            assert_eq!(decimal(good).unwrap().to_string(), good);
        }
        for wrong in [
            "",
            "-",
            "+5",
            "1_000",
            "1e5",
            "1,5",
            ".5",
            "5.",
            "1 000",
            "NaN",
            "0x1",
            "٣",
            "1234567890123",
            "1.123456789012345",
            "--1",
            "1.2.3",
        ] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_quantity_is_whole_and_bounded() {
        for (text, wanted) in [
            ("2", Some(2)),
            ("2.00", Some(2)),
            ("0", Some(0)),
            ("-0", Some(0)),
            ("1.5", None),
            ("-1", None),
            ("1000000", Some(1_000_000)),
            ("1000001", None),
            ("4294967296", None),
        ] {
            assert_eq!(quantity(text), wanted, "{text}");
        }
    }

    #[test]
    fn times_keep_what_was_stated() {
        for (text, wanted) in [
            ("2026-10-05T09:12:31+02:00", Some("2026-10-05T09:12:31+02:00")),
            ("2026-10-05T09:12:31.123Z", Some("2026-10-05T09:12:31+00:00")),
            ("2026-10-05 09:12:31", Some("2026-10-05T09:12:31")),
            ("2016-05-17T04:14:36-00:00", Some("2016-05-17T04:14:36+00:00")),
            ("2026-10-05", Some("2026-10-05")),
            ("0000-00-00 00:00:00", None),
            ("1999-12-31T00:00:00", None),
            ("2101-01-01", None),
            ("2026-02-30", None),
            ("1.5", None),
            ("5/10/2026", None),
        ] {
            assert_eq!(time(text).map(|t| t.to_string()).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn codes_are_checked_by_their_form() {
        assert_eq!(gtin("2000001035016").unwrap(), "2000001035016");
        assert_eq!(gtin("2000001035017"), None);
        assert_eq!(gtin("8.69E+12"), None);
        assert_eq!(hs_code("6912.00 23").unwrap(), "69120023");
        assert_eq!(hs_code("6912"), None);
        assert_eq!(hs_code("69 12 0A"), None);
    }
}
