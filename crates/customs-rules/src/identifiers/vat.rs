//! VAT numbers by state. A right check digit says nothing of the tax status: that is an authority's
//! to answer.

use super::{
    Checked, Fault, Grade, normalise,
    vat_rules::{self, Verdict},
};

/// Prefixes longer than two letters.
const LONG: [&str; 1] = ["CHE"];

/// Checks a VAT number with its prefix (Greece is `EL`, Switzerland `CHE`); Norwegian ones may
/// begin with `NO`, or with their digits when they end in `MVA`.
#[must_use]
pub fn vat(text: &str) -> Checked {
    let number = normalise(text);
    if number.ends_with("MVA") && number.starts_with(|c: char| c.is_ascii_digit()) {
        return graded(number.clone(), vat_rules::norway(&number));
    }
    let width = if LONG.iter().any(|long| number.starts_with(long)) { 3 } else { 2 };
    let Some((prefix, body)) = number.split_at_checked(width) else {
        return Checked::invalid(number, Fault::Shape);
    };
    match vat_rules::of(prefix, body) {
        Some(verdict) => graded(number, verdict),
        None => Checked::invalid(number, Fault::Prefix),
    }
}

fn graded(number: String, verdict: Verdict) -> Checked {
    match verdict {
        Verdict::Fits => Checked::new(number, Grade::WellFormed),
        Verdict::Shape => Checked::invalid(number, Fault::Shape),
        Verdict::CheckDigit => Checked::invalid(number, Fault::CheckDigit),
        Verdict::Doubt(doubt) => Checked::new(number, Grade::Suspect { doubt }),
    }
}
