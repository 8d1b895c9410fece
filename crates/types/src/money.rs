//! Amounts of money: whole minor units and a currency, never a float.

use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Active ISO 4217 currencies with their number of decimal digits when it is not two.
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD3 BIF0 BMD BND BOB BRL \
BSD BTN BWP BYN BZD CAD CDF CHF CLP0 CNY COP CRC CUP CVE CZK DJF0 DKK DOP DZD EGP ERN ETB EUR FJD \
FKP GBP GEL GHS GIP GMD GNF0 GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD3 IRR ISK0 JMD JOD3 JPY0 KES \
KGS KHR KMF0 KPW KRW0 KWD3 KYD KZT LAK LBP LKR LRD LSL LYD3 MAD MDL MGA MKD MMK MNT MOP MRU MUR \
MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR3 PAB PEN PGK PHP PKR PLN PYG0 QAR RON RSD RUB RWF0 \
SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND3 TOP TRY TTD TWD TZS \
UAH UGX0 USD UYU UZS VED VES VND0 VUV0 WST XAF0 XCD XCG XOF0 XPF0 YER ZAR ZMW ZWG";

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Why an amount could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Unknown code.
    #[error("not an ISO 4217 currency code in upper case")]
    Currency,
    /// Not digits with an optional sign and fraction.
    #[error("not a plain decimal amount such as 12.50")]
    Amount,
    /// More fraction digits than the currency has.
    #[error("more decimal places than the currency has")]
    Scale,
    /// Beyond 64 bits of minor units.
    #[error("amount too large")]
    Overflow,
    /// Two currencies in one sum.
    #[error("amounts in {left} and {right} cannot be added")]
    Mixed {
        /// Currency of the first amount.
        left: Currency,
        /// Currency of the second amount.
        right: Currency,
    },
}

impl Currency {
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// US dollar.
    pub const USD: Self = Self(*b"USD");
    /// Pound sterling.
    pub const GBP: Self = Self(*b"GBP");

    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Decimal digits of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn digits(self) -> u32 {
        CODES
            .split_ascii_whitespace()
            .find(|entry| entry.as_bytes().starts_with(&self.0))
            .and_then(|entry| entry.get(3..))
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(2)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let bytes: [u8; 3] = text.as_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        let known = bytes.iter().all(u8::is_ascii_uppercase)
            && CODES.split_ascii_whitespace().any(|entry| entry.as_bytes().starts_with(&bytes));
        if known { Ok(Self(bytes)) } else { Err(MoneyError::Currency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: cents for EUR, yen for JPY.
    pub amount_minor: i64,
    /// ISO 4217.
    pub currency: Currency,
}

impl Money {
    /// An amount of minor units.
    #[must_use]
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// Reads plain decimal text such as `12.5`, exactly.
    ///
    /// # Errors
    /// [`MoneyError`] when the text is no plain decimal, has too many places or is too large.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let plain = !digits.is_empty()
            && digits.len() <= 20
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.bytes().filter(|b| *b == b'.').count() <= 1
            && digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.ends_with(|c: char| c.is_ascii_digit());
        if !plain {
            return Err(MoneyError::Amount);
        }
        let decimal = Decimal::from_str_exact(text).map_err(|_| MoneyError::Overflow)?;
        if decimal.normalize().scale() > currency.digits() {
            return Err(MoneyError::Scale);
        }
        Self::from_decimal(decimal, currency)
    }

    /// Rounds a decimal amount of major units half away from zero: the commercial rule.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] beyond 64 bits of minor units.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let factor = Decimal::from(10_i64.pow(currency.digits()));
        let minor = amount
            .checked_mul(factor)
            .map(|m| m.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero))
            .and_then(|m| m.to_i64())
            .ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, currency))
    }

    /// Major units as an exact decimal.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.amount_minor, self.currency.digits())
    }

    /// Sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::Mixed`] for two currencies, [`MoneyError::Overflow`] beyond 64 bits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed { left: self.currency, right: other.currency });
        }
        let sum = self.amount_minor.checked_add(other.amount_minor);
        sum.map(|minor| Self::new(minor, self.currency)).ok_or(MoneyError::Overflow)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn decimal_text_becomes_exact_minor_units() {
        let yen: Currency = "JPY".parse().unwrap();
        let dinar: Currency = "KWD".parse().unwrap();
        assert_eq!(Money::parse("12.5", Currency::EUR).unwrap().amount_minor, 1250);
        assert_eq!(Money::parse("12.50", Currency::EUR).unwrap().to_string(), "12.50 EUR");
        assert_eq!(Money::parse("-0.01", Currency::EUR).unwrap().amount_minor, -1);
        assert_eq!(Money::parse("300", yen).unwrap().amount_minor, 300);
        assert_eq!(Money::parse("300.00", yen).unwrap().amount_minor, 300);
        assert_eq!(Money::parse("1.234", dinar).unwrap().amount_minor, 1234);
    }

    #[test]
    fn what_is_not_a_plain_amount_is_refused() {
        for wrong in ["", "-", ".5", "5.", "1,5", "1e3", "+1", " 1", "NaN", "1.2.3", "٣"] {
            assert_eq!(Money::parse(wrong, Currency::EUR), Err(MoneyError::Amount), "{wrong}");
        }
        assert_eq!(Money::parse("1.005", Currency::EUR), Err(MoneyError::Scale));
        assert_eq!(Money::parse("99999999999999999999", Currency::EUR), Err(MoneyError::Overflow));
        for wrong in ["eur", "EURO", "XXX", "ABC", "JPY0", ""] {
            assert_eq!(wrong.parse::<Currency>(), Err(MoneyError::Currency), "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn text_and_minor_units_agree(minor in -1_000_000_000_000_i64..1_000_000_000_000) {
            let money = Money::new(minor, Currency::USD);
            let text = money.to_decimal().to_string();
            proptest::prop_assert_eq!(Money::parse(&text, Currency::USD).unwrap(), money);
        }
    }
}
