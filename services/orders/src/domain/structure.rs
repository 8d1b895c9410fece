//! The form of what comes in: limits, closed words, sums. Whatever breaks it is refused with the
//! field at fault and stored nowhere; the value itself is never repeated.

use colibri_events::{
    orders::v1::{Explanation, Line as PbLine},
    types::v1::{
        Date as PbDate, Money as PbMoney, Parcel as PbParcel, ServicePoint as PbServicePoint,
    },
};
use colibri_types::{Country, Currency};
use time::{Date, Month, OffsetDateTime};

use crate::domain::facts::{Line, Parcel, Point};

/// Lines of one order: the largest order known to us has 300.
const LINES_MAX: usize = 1000;
/// Units of one line: more is freight.
const QUANTITY_MAX: u32 = 100_000;
/// A thousand million euros: above it a price is a mistake.
const PRICE_MAX_MINOR: i64 = 100_000_000_000;
/// Grams of one unit: heavier than any parcel.
const UNIT_WEIGHT_MAX_G: u32 = colibri_types::Grams::MAX.0;
/// Parcels of one order: carriers' multi-parcel shipments end far below.
pub(super) const PARCELS_MAX: usize = 50;
/// Extra services asked for; there are about a dozen in all.
const OPTIONS_MAX: usize = 20;
/// Problems named in one answer: who has more has another problem.
const PROBLEMS_MAX: usize = 50;

/// What is wrong, gathered.
#[derive(Debug, Default)]
pub struct Problems(Vec<Explanation>);

impl Problems {
    /// Notes a problem of a field. `code` is a word of `docs/errors/ORD0001.md`.
    pub fn add(&mut self, field: impl Into<String>, code: &str, detail: impl Into<String>) {
        if self.0.len() < PROBLEMS_MAX {
            let (field, detail) = (field.into(), detail.into());
            self.0.push(Explanation { code: code.to_owned(), field, detail });
        }
    }

    /// `value` when nothing is wrong.
    ///
    /// # Errors
    /// The problems.
    pub fn none<T>(self, value: T) -> Result<T, Vec<Explanation>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A text of `min` to `max` characters without control characters.
    pub fn text(&mut self, field: &str, text: &str, min: usize, max: usize) {
        let length = text.chars().count();
        if length < min {
            self.add(field, "REQUIRED", "must not be empty");
        } else if length > max {
            self.add(field, "TOO_LONG", format!("has more than {max} characters"));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.add(field, "MALFORMED", "holds control characters");
        }
    }

    /// A word of small letters, digits, `_` and `-`; may be empty.
    pub fn word(&mut self, field: &str, text: &str) {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        if text.len() > 32 || !text.bytes().all(plain) {
            let rule = "is up to 32 of a-z, 0-9, _ and -";
            self.add(field, "MALFORMED", rule);
        }
    }

    /// The name of a channel, with the account's code when it is not the first of its kind.
    pub fn channel(&mut self, text: &str) {
        let (name, account) = text.split_once(':').map_or((text, None), |(n, a)| (n, Some(a)));
        if name.is_empty() || account == Some("") {
            self.add("channel", "REQUIRED", "must name the channel, such as api");
        }
        self.word("channel", name);
        self.word("channel", account.unwrap_or_default());
    }

    /// An amount in the order's currency, not negative.
    pub fn amount(&mut self, field: &str, money: &PbMoney, currency: Currency) -> i64 {
        if money.currency != currency.as_str() {
            self.add(field, "MIXED_CURRENCY", "is not in the currency of the order");
        }
        if !(0..=PRICE_MAX_MINOR).contains(&money.amount_minor) {
            let rule = format!("is not between 0 and {PRICE_MAX_MINOR} minor units");
            self.add(field, "OUT_OF_RANGE", rule);
        }
        money.amount_minor
    }

    /// Extra services.
    pub fn options(&mut self, options: &[String]) {
        if options.len() > OPTIONS_MAX {
            self.add("options", "TOO_MANY", format!("more than {OPTIONS_MAX}"));
        }
        for (index, option) in options.iter().take(OPTIONS_MAX).enumerate() {
            let field = format!("options[{index}]");
            if option.is_empty() {
                self.add(field.as_str(), "REQUIRED", "must not be empty");
            }
            self.word(&field, option);
        }
    }

    /// A pickup point: its id, and what else is told of it.
    pub fn point(&mut self, point: PbServicePoint) -> Point {
        self.text("service_point.id", &point.id, 1, 50);
        self.text("service_point.name", &point.name, 0, 200);
        if point.lines.len() > 3 {
            self.add("service_point.lines", "TOO_MANY", "more than 3");
        }
        for line in point.lines.iter().take(3) {
            self.text("service_point.lines", line, 0, 200);
        }
        self.text("service_point.postcode", &point.postcode, 0, 20);
        self.text("service_point.city", &point.city, 0, 200);
        if !point.country.is_empty() && point.country.parse::<Country>().is_err() {
            self.add("service_point.country", "UNKNOWN_CODE", "is no ISO 3166-1 alpha-2 code");
        }
        let PbServicePoint { id, name, lines, postcode, city, country } = point;
        Point { id, name, lines, postcode, city, country }
    }

    /// A day of the calendar in the years 2000 to 2100.
    pub fn date(&mut self, field: &str, date: PbDate) -> Option<Date> {
        let parts = (u8::try_from(date.month), u8::try_from(date.day));
        let read = match parts {
            (Ok(month), Ok(day)) => Month::try_from(month)
                .ok()
                .and_then(|month| Date::from_calendar_date(date.year, month, day).ok()),
            _ => None,
        };
        let read = read.filter(|date| (2000..=2100).contains(&date.year()));
        if read.is_none() {
            self.add(field, "MALFORMED", "is no day of the years 2000 to 2100");
        }
        read
    }

    /// An instant in the years 2000 to 2100, in microseconds: what the database keeps.
    pub fn instant(&mut self, field: &str, at: prost_types::Timestamp) -> Option<OffsetDateTime> {
        let micros = u32::try_from(at.nanos).ok().filter(|n| *n < 1_000_000_000);
        let read = micros.and_then(|nanos| {
            let whole = OffsetDateTime::from_unix_timestamp(at.seconds).ok()?;
            whole.replace_nanosecond(nanos / 1000 * 1000).ok()
        });
        let read = read.filter(|at| (2000..=2100).contains(&at.year()));
        if read.is_none() {
            self.add(field, "MALFORMED", "is no instant of the years 2000 to 2100");
        }
        read
    }

    /// Lines and their exact total in minor units.
    pub fn lines(&mut self, lines: Vec<PbLine>, currency: Currency) -> (Vec<Line>, i64) {
        if lines.is_empty() {
            self.add("lines", "REQUIRED", "an order has at least one line");
        }
        if lines.len() > LINES_MAX {
            self.add("lines", "TOO_MANY", format!("more than {LINES_MAX}"));
            return (Vec::new(), 0);
        }
        let read: Vec<Line> = lines
            .into_iter()
            .enumerate()
            .map(|(index, line)| self.line(&format!("lines[{index}]"), line, currency))
            .collect();
        let total = read.iter().try_fold(0_i64, |sum, line| {
            sum.checked_add(line.price_minor.checked_mul(i64::from(line.quantity))?)
        });
        if total.is_none() {
            self.add("lines", "OUT_OF_RANGE", "their total is beyond 64 bits of minor units");
        }
        (read, total.unwrap_or_default())
    }

    fn line(&mut self, at: &str, line: PbLine, currency: Currency) -> Line {
        let field = |name: &str| format!("{at}.{name}");
        self.text(&field("sku"), &line.sku, 1, 100);
        self.text(&field("name"), &line.name, 0, 500);
        if line.quantity == 0 {
            self.add(field("quantity"), "REQUIRED", "is at least 1");
        } else if line.quantity > QUANTITY_MAX {
            self.add(field("quantity"), "OUT_OF_RANGE", format!("is above {QUANTITY_MAX}"));
        }
        let price_minor = match &line.unit_price {
            Some(price) => self.amount(&field("unit_price"), price, currency),
            None => {
                self.add(field("unit_price"), "REQUIRED", "is needed for the value of the goods");
                0
            }
        };
        if line.unit_weight_g > UNIT_WEIGHT_MAX_G {
            let rule = format!("is above {UNIT_WEIGHT_MAX_G} g");
            self.add(field("unit_weight_g"), "OUT_OF_RANGE", rule);
        }
        let digits = line.hs_code.bytes().all(|b| b.is_ascii_digit());
        if !(digits && matches!(line.hs_code.len(), 0 | 6..=10)) {
            self.add(field("hs_code"), "MALFORMED", "has 6 to 10 digits");
        }
        let origin = line.origin_country.parse().ok();
        if origin.is_none() && !line.origin_country.is_empty() {
            let rule = "is no ISO 3166-1 alpha-2 code in capitals";
            self.add(field("origin_country"), "UNKNOWN_CODE", rule);
        }
        Line {
            sku: line.sku,
            name: line.name,
            quantity: line.quantity,
            price_minor,
            weight_g: Some(line.unit_weight_g).filter(|g| *g > 0),
            hs: Some(line.hs_code).filter(|code| !code.is_empty()),
            origin,
        }
    }

    /// Boxes. A weight that no carrier takes is a reason for holding, not for refusing.
    pub fn parcels(&mut self, parcels: Vec<PbParcel>) -> Vec<Parcel> {
        if parcels.len() > PARCELS_MAX {
            self.add("parcels", "TOO_MANY", format!("more than {PARCELS_MAX}"));
            return Vec::new();
        }
        let mut read = Vec::with_capacity(parcels.len());
        for (index, parcel) in parcels.into_iter().enumerate() {
            let sides = [parcel.length_mm, parcel.width_mm, parcel.height_mm];
            let unknown = sides.iter().filter(|side| **side == 0).count();
            if unknown != 0 && unknown != sides.len() {
                let rule = "length, width and height are given together or not at all";
                self.add(format!("parcels[{index}]"), "MALFORMED", rule);
            }
            let size_mm = (unknown == 0).then_some(sides);
            read.push(Parcel { weight_g: parcel.weight_g, size_mm });
        }
        read
    }
}
