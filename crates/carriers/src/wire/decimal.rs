//! Decimals of carriers as integers: no float touches a weight, a distance or a place.

/// Decimal text as an integer of `places` decimal places; what is finer falls away.
pub(crate) fn scaled(text: &str, places: usize) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if !whole.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let part: String = part.chars().chain(std::iter::repeat('0')).take(places).collect();
    let number: i64 = format!("{whole}{part}").parse().ok()?;
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_integers_without_rounding_up() {
        for (text, places, expected) in [
            ("5.637376", 6, Some(5_637_376)),
            ("-0.5", 6, Some(-500_000)),
            ("3.5", 3, Some(3_500)),
            ("68", 3, Some(68_000)),
            ("1.23456", 3, Some(1_234)),
            ("x", 3, None),
            ("", 3, None),
        ] {
            assert_eq!(scaled(text, places), expected, "{text}");
        }
    }
}
