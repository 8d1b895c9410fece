//! What restricts goods: by code, destination, origin, channel, carrier and day, as data.

use std::fmt;

use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// What a restriction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Told to whoever sends.
    Warn,
    /// Only with that certificate.
    Certificate,
    /// Only with that licence.
    Licence,
    /// Not at all.
    Block,
}

impl Outcome {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Warn, "warn"),
        (Self::Certificate, "certificate"),
        (Self::Licence, "licence"),
        (Self::Block, "block"),
    ];

    /// The word in files and results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("", |(_, word)| word)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One rule. An empty condition is always met.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Restriction {
    /// Id in results.
    pub id: String,
    /// First digits of the tariff code, 2 to 10; empty: any goods.
    pub hs: String,
    /// A word of the description, folded; empty: any.
    pub keyword: String,
    /// ISO code of the destination; empty: everywhere.
    pub destination: String,
    /// First characters of the destination's postcode; empty: the whole country.
    pub postcode: String,
    /// ISO code of the origin of the goods; empty: any.
    pub origin: String,
    /// `post` or `express`; empty: both.
    pub channel: String,
    /// Id of a carrier; empty: all.
    pub carrier: String,
    /// First day, included.
    #[serde(skip)]
    pub from: Option<Date>,
    /// Last day, included.
    #[serde(skip)]
    pub to: Option<Date>,
    /// What it does.
    pub outcome: Outcome,
    /// Kind of licence or certificate; empty where none is asked for.
    pub document: String,
    /// For people.
    pub text: String,
    /// Where it was read.
    pub source: String,
    /// Is it known from its source, or remembered?
    pub documented: bool,
}

/// Goods of a line, on their way.
#[derive(Debug, Clone, Copy)]
pub struct Goods<'a> {
    /// Tariff code, digits only; may be empty.
    pub hs: &'a str,
    /// Description as declared.
    pub description: &'a str,
    /// ISO code of the destination.
    pub destination: &'a str,
    /// Postcode there.
    pub postcode: &'a str,
    /// ISO code of the origin of the goods; may be empty.
    pub origin: &'a str,
    /// `post` or `express`.
    pub channel: &'a str,
    /// Id of the carrier; may be empty.
    pub carrier: &'a str,
    /// Day of sending.
    pub date: Date,
}

/// A rule that holds for goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestrictionMatch<'a> {
    /// The rule.
    pub restriction: &'a Restriction,
    /// How many conditions it names, its digits counted one by one: more is more specific.
    pub specific: usize,
}

/// Why there are no restrictions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestrictionsError {
    /// The table cannot be read.
    #[error("the table of restrictions is no CSV with the columns {COLUMNS}")]
    Table,
    /// A row makes no sense.
    #[error("row {row} of the table of restrictions: {reason}")]
    Row {
        /// From 1, the header not counted.
        row: usize,
        /// What is wrong.
        reason: &'static str,
    },
}

const COLUMNS: &str = "id,hs,keyword,destination,postcode,origin,channel,carrier,from,to,outcome,\
                       document,text,source,status";

/// Restrictions, loaded as data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restrictions {
    all: Vec<Restriction>,
}

impl Restrictions {
    /// The table that ships: groups of goods that posts and carriers ask about.
    ///
    /// # Errors
    /// [`RestrictionsError`].
    pub fn shipped() -> Result<Self, RestrictionsError> {
        Self::read(include_str!("../data/restrictions.csv"))
    }

    /// Reads a table whole or not at all: half of a prohibition is none.
    ///
    /// # Errors
    /// [`RestrictionsError`] names the row.
    pub fn read(text: &str) -> Result<Self, RestrictionsError> {
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|_| RestrictionsError::Table)?;
        if header.iter().collect::<Vec<_>>().join(",") != COLUMNS {
            return Err(RestrictionsError::Table);
        }
        let mut all: Vec<Restriction> = Vec::new();
        for (at, row) in reader.records().enumerate() {
            let row = row.map_err(|_| RestrictionsError::Table)?;
            let cells: Vec<&str> = row.iter().map(str::trim).collect();
            let fault = |reason| RestrictionsError::Row { row: at + 1, reason };
            let restriction = read_row(&cells).map_err(fault)?;
            if all.iter().any(|known| known.id == restriction.id) {
                return Err(fault("the id is there twice"));
            }
            all.push(restriction);
        }
        Ok(Self { all })
    }

    /// Every rule.
    #[must_use]
    pub fn all(&self) -> &[Restriction] {
        &self.all
    }

    /// Rules that hold for goods, the hardest and most specific first.
    #[must_use]
    pub fn of(&self, goods: &Goods<'_>) -> Vec<RestrictionMatch<'_>> {
        let described = format!(" {} ", fold(goods.description));
        let postcode = fold(goods.postcode).replace(' ', "");
        let mut found: Vec<RestrictionMatch<'_>> = self
            .all
            .iter()
            .filter(|rule| {
                let met = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
                goods.hs.starts_with(&rule.hs)
                    && (rule.keyword.is_empty()
                        || described.contains(&format!(" {} ", rule.keyword)))
                    && met(&rule.destination, goods.destination)
                    && postcode.starts_with(&rule.postcode)
                    && met(&rule.origin, goods.origin)
                    && met(&rule.channel, goods.channel)
                    && met(&rule.carrier, goods.carrier)
                    && rule.from.is_none_or(|day| day <= goods.date)
                    && rule.to.is_none_or(|day| goods.date <= day)
            })
            .map(|restriction| RestrictionMatch { restriction, specific: specific(restriction) })
            .collect();
        found.sort_by(|a, b| {
            let hardness = |m: &RestrictionMatch<'_>| (m.restriction.outcome, m.specific);
            hardness(b).cmp(&hardness(a)).then_with(|| a.restriction.id.cmp(&b.restriction.id))
        });
        found
    }
}

fn specific(rule: &Restriction) -> usize {
    let named = [&rule.keyword, &rule.destination, &rule.origin, &rule.channel, &rule.carrier];
    rule.hs.len() + rule.postcode.len() + named.iter().filter(|text| !text.is_empty()).count()
}

/// Lower-case words with one blank between them.
fn fold(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn read_row(cells: &[&str]) -> Result<Restriction, &'static str> {
    let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
    let day = |text: &str| match text {
        "" => Ok(None),
        text => Date::parse(text, DAY).map(Some).map_err(|_| "a day is written 2026-11-20"),
    };
    let hs = cell(1);
    if !hs.bytes().all(|b| b.is_ascii_digit()) || !matches!(hs.len(), 0 | 2..=10) {
        return Err("a code has 2 to 10 digits");
    }
    let outcome = Outcome::ALL.into_iter().find(|(_, word)| *word == cell(10));
    let outcome = outcome.ok_or("an outcome is warn, certificate, licence or block")?.0;
    let asks = matches!(outcome, Outcome::Licence | Outcome::Certificate);
    if asks && cell(11).is_empty() {
        return Err("a licence or certificate needs its kind");
    }
    if cell(0).is_empty() || cell(12).is_empty() || cell(13).is_empty() {
        return Err("id, text and source are needed");
    }
    if [1, 2, 3, 6, 7].iter().all(|at| cell(*at).is_empty()) {
        return Err("a rule without a condition would hold for everything");
    }
    let (from, to) = (day(cell(8))?, day(cell(9))?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err("ends before it begins");
    }
    let own = |at: usize| cell(at).to_owned();
    Ok(Restriction {
        id: own(0),
        hs: own(1),
        keyword: fold(cell(2)),
        destination: own(3),
        postcode: fold(cell(4)).replace(' ', ""),
        origin: own(5),
        channel: own(6),
        carrier: own(7),
        from,
        to,
        outcome,
        document: own(11),
        text: own(12),
        source: own(13),
        documented: cell(14) == "documented",
    })
}
