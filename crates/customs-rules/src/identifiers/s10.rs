//! S10: numbers of postal items.

use colibri_types::Country;

use super::{Checked, Fault, Grade, digits, normalise, weighted};

/// Checks a number of a postal item: two letters, eight digits, check digit, country.
#[must_use]
pub fn s10(text: &str) -> Checked {
    let number = normalise(text);
    let parts = (number.get(..2), number.get(2..10), number.get(10..11), number.get(11..));
    let (Some(service), Some(serial), Some(check), Some(country)) = parts else {
        return Checked::invalid(number, Fault::Shape);
    };
    let letters = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase());
    let (Some(serial), Some(check)) = (digits(serial), digits(check)) else {
        return Checked::invalid(number, Fault::Shape);
    };
    if number.len() != 13 || !letters(service) || !letters(country) {
        return Checked::invalid(number, Fault::Shape);
    }
    if country.parse::<Country>().is_err() {
        return Checked::invalid(number, Fault::Prefix);
    }
    let expected = match weighted(&serial, &[8, 6, 4, 2, 3, 5, 9, 7]) % 11 {
        0 => 5,
        1 => 0,
        rest => 11 - rest,
    };
    match check.first() == Some(&expected) {
        true => Checked::new(number, Grade::WellFormed),
        false => Checked::invalid(number, Fault::CheckDigit),
    }
}
