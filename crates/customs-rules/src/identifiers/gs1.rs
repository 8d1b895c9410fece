//! GS1: article numbers (GTIN) and numbers of logistic units (SSCC), checked and issued.

use super::{Checked, Fault, Grade, digits, normalise};

/// Weights 3, 1, 3, .. from the right, the check digit not counted; complement to ten.
fn check_digit(body: &[u32]) -> u32 {
    let weights = [3, 1].into_iter().cycle();
    let sum: u32 = body.iter().rev().zip(weights).map(|(digit, weight)| digit * weight).sum();
    (10 - sum % 10) % 10
}

fn checked(number: String) -> Result<String, Checked> {
    let Some(all) = digits(&number) else {
        return Err(Checked::invalid(number, Fault::Shape));
    };
    match all.split_last() {
        Some((check, body)) if check_digit(body) == *check => Ok(number),
        _ => Err(Checked::invalid(number, Fault::CheckDigit)),
    }
}

/// Checks a GTIN of 8, 12, 13 or 14 digits. Normalised to 14.
#[must_use]
pub fn gtin(text: &str) -> Checked {
    let number = normalise(text);
    if !matches!(number.len(), 8 | 12 | 13 | 14) {
        return Checked::invalid(number, Fault::Shape);
    }
    let number = match checked(number) {
        Ok(number) => format!("{number:0>14}"),
        Err(refused) => return refused,
    };
    // After the packaging indicator: the prefix of the issuing organisation.
    let prefix = number.get(1..4).and_then(|three| three.parse::<u16>().ok()).unwrap_or_default();
    let doubt = match prefix {
        20..=29 | 40..=49 | 200..=299 => Some("a number for use inside one company"),
        980..=999 => Some("a number of a coupon or receipt"),
        _ => None,
    };
    // Eight digits are numbers of their own, whose prefix stands elsewhere.
    let short = number.starts_with("000000");
    let grade = doubt.filter(|_| !short).map_or(Grade::WellFormed, |d| Grade::Suspect { doubt: d });
    Checked::new(number, grade)
}

/// Checks an SSCC of 18 digits, with or without its application identifier.
#[must_use]
pub fn sscc(text: &str) -> Checked {
    let number = normalise(text);
    let number = match number.strip_prefix("(00)") {
        Some(rest) => rest.to_owned(),
        None => number,
    };
    if number.len() != 18 {
        return Checked::invalid(number, Fault::Shape);
    }
    match checked(number) {
        Ok(number) => Checked::new(number, Grade::WellFormed),
        Err(refused) => refused,
    }
}

/// Issues SSCCs of one company prefix. Whoever calls keeps the serial, and never gives one twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsccIssuer {
    extension: u32,
    prefix: String,
}

/// No such issuer, or no more numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SsccIssuerError {
    /// Extension digit not 0 to 9.
    #[error("an extension digit is 0 to 9")]
    Extension,
    /// Company prefix not of 7 to 10 digits.
    #[error("a company prefix has 7 to 10 digits")]
    Prefix,
    /// The serial does not fit beside the prefix.
    #[error("the numbers of this prefix and extension digit are used up")]
    Exhausted,
}

impl SsccIssuer {
    /// An issuer of numbers that begin with the extension digit and the GS1 company prefix.
    ///
    /// # Errors
    /// [`SsccIssuerError`].
    pub fn new(extension: u32, prefix: &str) -> Result<Self, SsccIssuerError> {
        if extension > 9 {
            return Err(SsccIssuerError::Extension);
        }
        if !(7..=10).contains(&prefix.len()) || digits(prefix).is_none() {
            return Err(SsccIssuerError::Prefix);
        }
        Ok(Self { extension, prefix: prefix.to_owned() })
    }

    /// The number of a serial, from 0.
    ///
    /// # Errors
    /// [`SsccIssuerError::Exhausted`] when the serial has more digits than are left.
    pub fn number(&self, serial: u64) -> Result<String, SsccIssuerError> {
        let width = 16_usize.saturating_sub(self.prefix.len());
        let serial = format!("{serial:0>width$}");
        if serial.len() > width {
            return Err(SsccIssuerError::Exhausted);
        }
        let body = format!("{}{}{serial}", self.extension, self.prefix);
        let check = digits(&body).map(|all| check_digit(&all)).ok_or(SsccIssuerError::Prefix)?;
        Ok(format!("{body}{check}"))
    }
}
