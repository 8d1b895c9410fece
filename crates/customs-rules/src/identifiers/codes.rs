//! Tariff codes: HS, CN, TARIC, HTS.

use super::{Checked, Fault, Grade, normalise};

/// How deep a code goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeLevel {
    /// Six digits, the same world-wide.
    Hs6,
    /// Eight digits: the European combined nomenclature, and some posts.
    Cn8,
    /// Ten digits: TARIC, the United Kingdom, the United States (each its own).
    Ten,
}

impl CodeLevel {
    /// Digits of a code of that level.
    #[must_use]
    pub const fn digits(self) -> usize {
        match self {
            Self::Hs6 => 6,
            Self::Cn8 => 8,
            Self::Ten => 10,
        }
    }
}

/// A code with its level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffCode {
    /// Digits only.
    pub digits: String,
    /// How deep.
    pub level: CodeLevel,
}

impl TariffCode {
    /// The code cut to a level it reaches. Never lengthened: zeros would be another code.
    #[must_use]
    pub fn at(&self, level: CodeLevel) -> Option<&str> {
        self.digits.get(..level.digits())
    }
}

/// Reads and checks a code. `exists` knows the six digits of the nomenclature of the date.
///
/// # Errors
/// [`Checked`] with the grade that forbids the code: wrong length (a lost leading zero is a
/// [`Grade::Suspect`] with the code that it may have been), an empty chapter, an unknown heading.
pub fn tariff_code(text: &str, exists: impl Fn(&str) -> bool) -> Result<TariffCode, Checked> {
    let code = normalise(text);
    if code.is_empty() || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Checked::invalid(code, Fault::Shape));
    }
    let level = match code.len() {
        6 => CodeLevel::Hs6,
        8 => CodeLevel::Cn8,
        10 => CodeLevel::Ten,
        7 | 9 => return Err(lost_zero(&code, exists)),
        _ => return Err(Checked::invalid(code, Fault::Shape)),
    };
    let chapter = code.get(..2).and_then(|two| two.parse::<u8>().ok()).unwrap_or_default();
    // 77 is kept empty; 98 and 99 belong to each country alone.
    if chapter == 0 || chapter == 77 || chapter > 97 {
        return Err(Checked::invalid(code, Fault::Unknown));
    }
    if !code.get(..6).is_some_and(&exists) {
        return Err(Checked::invalid(code, Fault::Unknown));
    }
    Ok(TariffCode { digits: code, level })
}

/// A spreadsheet eats leading zeros. Proposed, never decided.
fn lost_zero(code: &str, exists: impl Fn(&str) -> bool) -> Checked {
    let longer = format!("0{code}");
    match longer.get(..6).is_some_and(exists) {
        true => Checked::new(longer, Grade::Suspect { doubt: "a leading zero may be lost" }),
        false => Checked::invalid(code.to_owned(), Fault::Shape),
    }
}
