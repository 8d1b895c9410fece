//! One-stop-shop numbers. An import number is half a secret: anybody could put a stolen one on a
//! parcel, so it is shown nowhere but in the data record.

use super::{Checked, Fault, Grade, digits, normalise};

/// Numbers of the states of identification (ISO 3166-1 numeric), and 900 for Northern Ireland.
const STATES: [u16; 28] = [
    40, 56, 100, 191, 196, 203, 208, 233, 246, 250, 276, 300, 348, 372, 380, 428, 440, 442, 470,
    528, 616, 620, 642, 703, 705, 724, 752, 900,
];

/// Which scheme a number belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OneStopShop {
    /// Imports of low value: `IM` and ten digits.
    Import,
    /// Services of sellers from outside: `EU` and nine digits.
    NonUnion,
}

/// Checks a number of a scheme. The rule of the check digit is not public: shape only.
#[must_use]
pub fn one_stop_shop(text: &str, scheme: OneStopShop) -> Checked {
    let number = normalise(text);
    let (prefix, length) = match scheme {
        OneStopShop::Import => ("IM", 10),
        OneStopShop::NonUnion => ("EU", 9),
    };
    let Some(body) = number.strip_prefix(prefix) else {
        // An intermediary's number is not a number of the scheme.
        let intermediary = number.strip_prefix("IN").is_some_and(|b| digits(b).is_some());
        let fault = if intermediary { Fault::Kind } else { Fault::Shape };
        return Checked::invalid(number, fault);
    };
    if body.len() != length || digits(body).is_none() {
        return Checked::invalid(number, Fault::Shape);
    }
    let state = body.get(..3).and_then(|three| three.parse::<u16>().ok());
    if !state.is_some_and(|state| STATES.contains(&state)) {
        return Checked::invalid(number, Fault::Prefix);
    }
    Checked::new(number, Grade::WellFormed)
}
