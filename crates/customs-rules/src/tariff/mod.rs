//! Duty rates as the operator loads them. None is written in code: a missing rate is missing.

mod expression;
mod load;
mod public;
mod write;

use std::collections::BTreeMap;

use time::Date;

pub use expression::{Expression, ExpressionError, Quantities, Uncomputed, Unit};
pub use load::{LoadError, LoadReport};
pub use public::{Areas, Imported, Published, UnknownPublished};

use crate::place;

/// What kind of measure a duty is. Of the first three one applies; the others come on top.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// Of goods of any origin.
    ThirdCountry,
    /// For goods of an origin with an agreement, where the seller claims it.
    Preference,
    /// Suspended for everybody.
    Suspension,
    /// Additional duty.
    Additional,
    /// Safeguard.
    Safeguard,
    /// Anti-dumping or countervailing.
    AntiDumping,
    /// Excise.
    Excise,
}

impl MeasureKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::ThirdCountry,
        Self::Preference,
        Self::Suspension,
        Self::Additional,
        Self::Safeguard,
        Self::AntiDumping,
        Self::Excise,
    ];

    /// The word in files and results.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThirdCountry => "third_country",
            Self::Preference => "preference",
            Self::Suspension => "suspension",
            Self::Additional => "additional",
            Self::Safeguard => "safeguard",
            Self::AntiDumping => "anti_dumping",
            Self::Excise => "excise",
        }
    }

    /// Does it come on top of the base duty?
    pub(crate) const fn on_top(self) -> bool {
        !matches!(self, Self::ThirdCountry | Self::Preference | Self::Suspension)
    }
}

/// One measure of a tariff.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Kind.
    pub kind: MeasureKind,
    /// Origin it is for (a country, or `EU`); `None`: every origin.
    pub origin: Option<String>,
    /// Origins it is not for, though it is for every other.
    pub except: Vec<String>,
    /// What is due.
    pub expression: Expression,
    /// First day, included.
    pub from: Option<Date>,
    /// Last day, included.
    pub to: Option<Date>,
    /// Heading to declare beside the code, as the chapter 99 headings of the United States.
    pub heading: String,
    /// Id in traces.
    pub id: String,
    /// Where it was read.
    pub source: String,
}

impl Measure {
    /// A base duty that somebody stated for a line.
    pub(crate) fn stated(expression: Expression) -> Self {
        Self {
            kind: MeasureKind::ThirdCountry,
            origin: None,
            except: Vec::new(),
            expression,
            from: None,
            to: None,
            heading: String::new(),
            id: "stated".to_owned(),
            source: "stated with the line".to_owned(),
        }
    }

    fn holds(&self, date: Date, origin: Option<&str>) -> bool {
        let in_time = self.from.is_none_or(|day| day <= date) && self.to.is_none_or(|d| date <= d);
        let of = self.origin.as_deref().is_none_or(|wanted| {
            origin.is_some_and(|origin| {
                wanted == origin || (wanted == "EU" && place::in_union(origin))
            })
        });
        let excepted = origin.is_some_and(|origin| self.except.iter().any(|not| not == origin));
        in_time && of && !excepted
    }
}

/// Measures by customs territory and code.
#[derive(Debug, Clone, Default)]
pub struct Tariff {
    /// Version of the files, for snapshots.
    pub version: String,
    measures: BTreeMap<(String, String), Vec<Measure>>,
}

/// The base duty of a code.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Base<'a> {
    /// One measure.
    One(&'a Measure),
    /// None is loaded.
    Missing,
    /// The code is cut short, and the rates below it differ.
    Ambiguous,
}

impl Tariff {
    /// Adds a measure for a code of any depth: it holds for every code that begins so.
    pub fn insert(&mut self, territory: &str, code: &str, measure: Measure) {
        let key = (territory.to_owned(), code.to_owned());
        self.measures.entry(key).or_default().push(measure);
    }

    /// Every measure with its territory and code, in their order.
    pub fn measures(&self) -> impl Iterator<Item = (&str, &str, &Measure)> {
        self.measures.iter().flat_map(|((territory, code), all)| {
            all.iter().map(move |measure| (territory.as_str(), code.as_str(), measure))
        })
    }

    /// How many measures there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.measures.values().map(Vec::len).sum()
    }

    /// Is nothing loaded?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.measures.is_empty()
    }

    fn at<'a>(&'a self, territory: &str, code: &str) -> impl Iterator<Item = &'a Measure> {
        let found = self.measures.get(&(territory.to_owned(), code.to_owned()));
        found.into_iter().flatten()
    }

    /// Measures of a code and of what it begins with, deepest first.
    fn over<'a>(
        &'a self,
        territory: &'a str,
        code: &'a str,
    ) -> impl Iterator<Item = &'a Measure> + 'a {
        let depths = (0..=code.len()).rev().filter_map(|length| code.get(..length));
        depths.flat_map(move |prefix| self.at(territory, prefix))
    }

    /// The base duty of a line: its preference where claimed, else a suspension, else the duty of
    /// any origin. The deepest code with a measure decides.
    pub(crate) fn base(
        &self,
        territory: &str,
        code: &str,
        origin: Option<&str>,
        claims_preference: bool,
        date: Date,
    ) -> Base<'_> {
        let holding = |kind: MeasureKind| {
            let all = self.over_owned(territory, code);
            all.into_iter().find(move |m| m.kind == kind && m.holds(date, origin))
        };
        if claims_preference && let Some(found) = holding(MeasureKind::Preference) {
            return Base::One(found);
        }
        if let Some(found) =
            holding(MeasureKind::Suspension).or_else(|| holding(MeasureKind::ThirdCountry))
        {
            return Base::One(found);
        }
        self.below(territory, code, origin, date)
    }

    fn over_owned(&self, territory: &str, code: &str) -> Vec<&Measure> {
        let depths = (0..=code.len()).rev().filter_map(|length| code.get(..length));
        depths.flat_map(|prefix| self.at(territory, prefix).collect::<Vec<_>>()).collect()
    }

    /// A code that is cut short has a duty when every code below it has the same.
    fn below(&self, territory: &str, code: &str, origin: Option<&str>, date: Date) -> Base<'_> {
        let from = (territory.to_owned(), code.to_owned());
        let below = self.measures.range(from..);
        let below = below.take_while(|((t, c), _)| t == territory && c.starts_with(code));
        let mut found: Option<&Measure> = None;
        for measure in below.flat_map(|(_, measures)| measures) {
            if measure.kind != MeasureKind::ThirdCountry || !measure.holds(date, origin) {
                continue;
            }
            match found {
                Some(first) if first.expression != measure.expression => return Base::Ambiguous,
                Some(_) => {}
                None => found = Some(measure),
            }
        }
        found.map_or(Base::Missing, Base::One)
    }

    /// What comes on top of the base duty. Of measures with one heading the deepest counts.
    pub(crate) fn on_top<'a>(
        &'a self,
        territory: &'a str,
        code: &'a str,
        origin: Option<&'a str>,
        date: Date,
    ) -> Vec<&'a Measure> {
        let mut seen: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for measure in self.over(territory, code) {
            if !measure.kind.on_top() || !measure.holds(date, origin) {
                continue;
            }
            if !measure.heading.is_empty() {
                if seen.contains(&measure.heading.as_str()) {
                    continue;
                }
                seen.push(&measure.heading);
            }
            found.push(measure);
        }
        found.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        found
    }
}
