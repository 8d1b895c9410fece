//! EORI: who trades across the border of the European Union, Great Britain or Northern Ireland.

use super::{Checked, Fault, Grade, digits, luhn, normalise};

/// States that issue EORI numbers. Greece is GR here, and EL in VAT numbers.
const PREFIXES: &str = "AT BE BG CY CZ DE DK EE ES FI FR GB GR HR HU IE IT LT LU LV MT NL PL PT RO \
                        SE SI SK XI";

/// Checks an EORI number: two letters and up to fifteen letters or digits. National forms give
/// doubts only, since the sources on them disagree.
#[must_use]
pub fn eori(text: &str) -> Checked {
    let number = normalise(text);
    let Some((prefix, body)) = number.split_at_checked(2) else {
        return Checked::invalid(number, Fault::Shape);
    };
    let plain = body.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !(1..=15).contains(&body.len()) || !plain {
        return Checked::invalid(number, Fault::Shape);
    }
    if !PREFIXES.split_ascii_whitespace().any(|known| known == prefix) {
        return Checked::invalid(number, Fault::Prefix);
    }
    let only = |length: usize| body.len() == length && digits(body).is_some();
    let doubt = match prefix {
        "GB" | "XI" if !only(12) => Some("numbers of the United Kingdom usually have 12 digits"),
        "FR" if only(14) && digits(body).is_some_and(|all| luhn(&all) != 0) => {
            Some("a SIRET number does not have this check digit")
        }
        "BE" if !only(10) => Some("Belgian numbers usually have 10 digits"),
        "HR" if !only(11) => Some("Croatian numbers usually have 11 digits"),
        "DK" if !only(8) => Some("Danish numbers usually have 8 digits"),
        _ => None,
    };
    let grade = doubt.map_or(Grade::WellFormed, |doubt| Grade::Suspect { doubt });
    Checked::new(number, grade)
}
