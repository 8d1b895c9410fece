//! How a column writes decimals and dates, from what its values prove.
//!
//! `12,50` proves a comma, `13/10/2026` proves day before month. `1,234` and `05/10/2026` prove
//! nothing: they are read only if other values of the column decide, or the file's owner did.

use colibri_types::CivilTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Code, number};

/// Mark before decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `12.50`
    Point,
    /// `12,50`
    Comma,
}

/// Order of day and month before a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `31/12/2026`
    DayMonth,
    /// `12/31/2026`
    MonthDay,
}

/// What the values of one column have proved so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    point: bool,
    comma: bool,
    day_month: bool,
    month_day: bool,
}

impl Evidence {
    pub(super) fn see_number(&mut self, text: &str) {
        match Shape::of(&spaced(text)) {
            Some(Shape::Decimal(DecimalMark::Point) | Shape::Grouped(DecimalMark::Comma)) => {
                self.point = true;
            }
            Some(Shape::Decimal(DecimalMark::Comma) | Shape::Grouped(DecimalMark::Point)) => {
                self.comma = true;
            }
            Some(Shape::Whole | Shape::Either(_)) | None => {}
        }
    }

    pub(super) fn see_date(&mut self, text: &str) {
        if let Some(parts) = DateParts::of(text) {
            match parts.proves() {
                Some(DateOrder::DayMonth) => self.day_month = true,
                Some(DateOrder::MonthDay) => self.month_day = true,
                None => {}
            }
        }
    }

    /// The mark, when exactly one is proved.
    pub(super) fn decimal_mark(self) -> Option<DecimalMark> {
        match (self.point, self.comma) {
            (true, false) => Some(DecimalMark::Point),
            (false, true) => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    /// The order, when exactly one is proved.
    pub(super) fn date_order(self) -> Option<DateOrder> {
        match (self.day_month, self.month_day) {
            (true, false) => Some(DateOrder::DayMonth),
            (false, true) => Some(DateOrder::MonthDay),
            _ => None,
        }
    }
}

/// Reads a number as people write it.
///
/// # Errors
/// `CHN0011` when it is none, `CHN0029` when it is two.
pub(super) fn decimal(text: &str, mark: Option<DecimalMark>) -> Result<Decimal, Code> {
    let spaced = spaced(text);
    let (sign, digits) = match spaced.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", spaced.as_str()),
    };
    let mark = match Shape::of(&spaced).ok_or(Code::AmountUnreadable)? {
        Shape::Whole => None,
        Shape::Decimal(mark) => Some(mark),
        Shape::Grouped(_) => None,
        Shape::Either(written) => match mark {
            Some(mark) if mark == written => Some(mark),
            Some(_) => None,
            None => return Err(Code::AmountAmbiguous),
        },
    };
    let plain: String = digits
        .chars()
        .filter_map(|c| match (c, mark) {
            ('0'..='9', _) => Some(c),
            ('.', Some(DecimalMark::Point)) | (',', Some(DecimalMark::Comma)) => Some('.'),
            _ => None,
        })
        .collect();
    number::decimal(&format!("{sign}{plain}")).ok_or(Code::AmountUnreadable)
}

/// Trimmed, with every kind of grouping space and apostrophe as one plain space.
fn spaced(text: &str) -> String {
    let space = |c| match c {
        '\u{A0}' | '\u{202F}' | '\u{2009}' | '\'' | '’' => ' ',
        c => c,
    };
    text.trim().chars().map(space).collect()
}

/// What the separators of a number tell.
enum Shape {
    /// No separators but grouping spaces.
    Whole,
    /// This mark is before decimals, for certain.
    Decimal(DecimalMark),
    /// This mark groups thousands, for certain.
    Grouped(DecimalMark),
    /// This mark does one or the other: `1,234`.
    Either(DecimalMark),
}

impl Shape {
    fn of(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        if digits.len() > 40 || !ends(digits.chars().next()) || !ends(digits.chars().last()) {
            return None;
        }
        let last = digits.rfind([',', '.']);
        let Some(at) = last else {
            return grouped(digits, ' ').then_some(Self::Whole);
        };
        let (whole, rest) = digits.split_at(at);
        let fraction = rest.get(1..)?;
        let (mark, sign, other) = match rest.starts_with(',') {
            true => (DecimalMark::Comma, ',', '.'),
            false => (DecimalMark::Point, '.', ','),
        };
        if !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if whole.contains(sign) {
            return grouped(digits, sign).then_some(Self::Grouped(mark));
        }
        if whole.contains(other) {
            return grouped(whole, other).then_some(Self::Decimal(mark));
        }
        if whole.contains(' ') {
            return grouped(whole, ' ').then_some(Self::Decimal(mark));
        }
        if !whole.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let thousands = fraction.len() == 3 && whole.len() <= 3 && !whole.starts_with('0');
        Some(match thousands {
            true => Self::Either(mark),
            false => Self::Decimal(mark),
        })
    }
}

/// Digits in groups of three, or without groups.
fn grouped(text: &str, sign: char) -> bool {
    let mut groups = text.split(sign);
    let first = groups.next().unwrap_or_default();
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let mut any = false;
    let even = groups.all(|group| {
        any = true;
        group.len() == 3 && all_digits(group)
    });
    even && all_digits(first) && (!any || first.len() <= 3)
}

/// Reads a date or time as people write it.
///
/// # Errors
/// `CHN0016` when it is none, `CHN0032` when it is two.
pub(super) fn date(text: &str, order: Option<DateOrder>) -> Result<CivilTime, Code> {
    let text = text.trim();
    if let Some(time) = number::time(text) {
        return Ok(time);
    }
    let parts = DateParts::of(text).ok_or(Code::DateInvalid)?;
    let same = parts.first == parts.second;
    let order = parts
        .proves()
        .or(order)
        .or(same.then_some(DateOrder::DayMonth))
        .ok_or(Code::DateAmbiguous)?;
    let (day, month) = match order {
        DateOrder::DayMonth => (parts.first, parts.second),
        DateOrder::MonthDay => (parts.second, parts.first),
    };
    let clock = match parts.clock {
        Some(clock) => format!("T{clock}"),
        None => String::new(),
    };
    let iso = format!("{}-{month:02}-{day:02}{clock}", parts.year);
    number::time(&iso).ok_or(Code::DateInvalid)
}

/// `5/10/2026 09:12`, with `/`, `-` or `.`; the year last and of four digits.
struct DateParts<'a> {
    first: u8,
    second: u8,
    year: &'a str,
    clock: Option<&'a str>,
    dotted: bool,
}

impl<'a> DateParts<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (day, clock) = match text.trim().split_once(' ') {
            Some((day, clock)) => (day, Some(clock.trim())),
            None => (text.trim(), None),
        };
        let sign = day.chars().find(|c| !c.is_ascii_digit())?;
        let mut parts = day.split(sign);
        let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
        let short = |part: &str| (1..=2).contains(&part.len()).then(|| part.parse().ok());
        let known = matches!(sign, '/' | '-' | '.')
            && parts.next().is_none()
            && year.len() == 4
            && year.bytes().all(|b| b.is_ascii_digit());
        known.then_some(())?;
        Some(Self {
            first: short(first)??,
            second: short(second)??,
            year,
            clock,
            dotted: sign == '.',
        })
    }

    /// What this value proves: a number above 12 is a day, and dots are written day first
    /// everywhere.
    fn proves(&self) -> Option<DateOrder> {
        if self.dotted || self.first > 12 {
            Some(DateOrder::DayMonth)
        } else if self.second > 12 {
            Some(DateOrder::MonthDay)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_when_they_are_one_number() {
        use DecimalMark::{Comma, Point};
        for (text, mark, wanted) in [
            ("12", None, Ok("12")),
            ("12.50", None, Ok("12.50")),
            ("12,50", None, Ok("12.50")),
            ("0,125", None, Ok("0.125")),
            ("1234,567", None, Ok("1234.567")),
            ("1.234,56", None, Ok("1234.56")),
            ("1,234.56", None, Ok("1234.56")),
            ("1,234,567", None, Ok("1234567")),
            ("1 234,56", None, Ok("1234.56")),
            ("1\u{202F}234\u{A0}567", None, Ok("1234567")),
            ("1'234.50", None, Ok("1234.50")),
            ("1 234,567", None, Ok("1234.567")),
            ("-3,10", None, Ok("-3.10")),
            ("1,234", None, Err(Code::AmountAmbiguous)),
            ("1.234", None, Err(Code::AmountAmbiguous)),
            ("1,234", Some(Comma), Ok("1.234")),
            ("1,234", Some(Point), Ok("1234")),
            ("1.234", Some(Comma), Ok("1234")),
            ("12 34", None, Err(Code::AmountUnreadable)),
            ("1,23,456", None, Err(Code::AmountUnreadable)),
            ("1.234.56", None, Err(Code::AmountUnreadable)),
            ("1,2.3,4", None, Err(Code::AmountUnreadable)),
            (",5", None, Err(Code::AmountUnreadable)),
            ("5,", None, Err(Code::AmountUnreadable)),
            ("1e5", None, Err(Code::AmountUnreadable)),
            ("8,69E+12", None, Err(Code::AmountUnreadable)),
            ("=1+1", None, Err(Code::AmountUnreadable)),
            ("--1", None, Err(Code::AmountUnreadable)),
            ("", None, Err(Code::AmountUnreadable)),
            ("１２", None, Err(Code::AmountUnreadable)),
        ] {
            let read = decimal(text, mark).map(|d| d.to_string());
            assert_eq!(read, wanted.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn dates_are_read_when_they_are_one_date() {
        use DateOrder::{DayMonth, MonthDay};
        for (text, order, wanted) in [
            ("2026-10-05", None, Ok("2026-10-05")),
            ("2026-10-05T09:12:31+02:00", None, Ok("2026-10-05T09:12:31+02:00")),
            ("31/12/2026", None, Ok("2026-12-31")),
            ("12/31/2026", None, Ok("2026-12-31")),
            ("5.10.2026 09:12", None, Ok("2026-10-05T09:12")),
            ("05/10/2026", None, Err(Code::DateAmbiguous)),
            ("05/10/2026", Some(DayMonth), Ok("2026-10-05")),
            ("05/10/2026", Some(MonthDay), Ok("2026-05-10")),
            ("10/10/2026", None, Ok("2026-10-10")),
            ("05/10/26", None, Err(Code::DateInvalid)),
            ("31/31/2026", None, Err(Code::DateInvalid)),
            ("30/02/2026", None, Err(Code::DateInvalid)),
            ("yesterday", None, Err(Code::DateInvalid)),
            ("1/2/3/2026", None, Err(Code::DateInvalid)),
            ("", None, Err(Code::DateInvalid)),
        ] {
            let read = date(text, order).map(|d| d.to_string());
            assert_eq!(read, wanted.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_column_decides_only_when_its_values_agree() {
        let seen = |values: &[&str]| {
            let mut evidence = Evidence::default();
            for value in values {
                evidence.see_number(value);
                evidence.see_date(value);
            }
            (evidence.decimal_mark(), evidence.date_order())
        };
        assert_eq!(seen(&["1,234", "12,5"]).0, Some(DecimalMark::Comma));
        assert_eq!(seen(&["1,234", "1.234.567"]).0, Some(DecimalMark::Comma));
        assert_eq!(seen(&["1,234", "12.5"]).0, Some(DecimalMark::Point));
        assert_eq!(seen(&["1,234", "12.5", "12,5"]).0, None);
        assert_eq!(seen(&["1,234", "12"]).0, None);
        assert_eq!(seen(&["05/10/2026", "13/10/2026"]).1, Some(DateOrder::DayMonth));
        assert_eq!(seen(&["13/10/2026", "10/13/2026"]).1, None);
    }

    proptest::proptest! {
        /// However a number is written, it is read as itself or refused as ambiguous.
        #[test]
        fn a_written_number_is_never_another(
            minor in 0_i64..10_000_000_000, scale in 0_u32..4, comma: bool, grouping: bool,
        ) {
            let value = Decimal::new(minor, scale);
            let plain = value.to_string();
            let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
            let (mark, group) = if comma { (',', ".") } else { ('.', ",") };
            let mut written = String::new();
            for (at, digit) in whole.char_indices() {
                if grouping && at > 0 && (whole.len() - at) % 3 == 0 {
                    written.push_str(group);
                }
                written.push(digit);
            }
            if !fraction.is_empty() {
                written.push(mark);
                written.push_str(fraction);
            }
            let declared = if comma { DecimalMark::Comma } else { DecimalMark::Point };
            proptest::prop_assert_eq!(decimal(&written, Some(declared)), Ok(value));
            match decimal(&written, None) {
                Ok(read) => proptest::prop_assert_eq!(read, value),
                Err(code) => proptest::prop_assert_eq!(code, Code::AmountAmbiguous),
            }
        }
    }
}
