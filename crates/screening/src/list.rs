//! A list as an authority publishes it, brought to one form.

use std::{fmt, str::FromStr};

use crate::formats;

/// The published forms that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Consolidated Screening List of the United States, JSON.
    UsCslJson,
    /// The same as CSV.
    UsCslCsv,
    /// OFAC's SDN and non-SDN lists, the XML form of `sdn.xml`.
    UsOfacXml,
    /// OFAC's lists, advanced XML.
    UsOfacAdvancedXml,
    /// OFAC's delimited names (`SDN.CSV`, without a header). Its aliases are another file.
    UsOfacDelimited,
    /// Consolidated financial sanctions of the European Union, XML.
    EuFsfXml,
    /// Consolidated list of the United Nations Security Council, XML.
    UnXml,
    /// UK Sanctions List, XML.
    UkXml,
    /// Sanctions list of the Swiss SECO, XML.
    ChSecoXml,
    /// The operator's own list: `id,kind,name,quality,countries,birth_years,programmes`.
    OwnCsv,
}

/// No form of that name is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no form of a screening list that is read")]
pub struct UnknownFormat;

impl Format {
    /// Every form.
    pub const ALL: [Self; 10] = [
        Self::UsCslJson,
        Self::UsCslCsv,
        Self::UsOfacXml,
        Self::UsOfacAdvancedXml,
        Self::UsOfacDelimited,
        Self::EuFsfXml,
        Self::UnXml,
        Self::UkXml,
        Self::ChSecoXml,
        Self::OwnCsv,
    ];

    /// Its name in calls and tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsCslJson => "us-csl-json",
            Self::UsCslCsv => "us-csl-csv",
            Self::UsOfacXml => "us-ofac-xml",
            Self::UsOfacAdvancedXml => "us-ofac-advanced-xml",
            Self::UsOfacDelimited => "us-ofac-delimited",
            Self::EuFsfXml => "eu-fsf-xml",
            Self::UnXml => "un-xml",
            Self::UkXml => "uk-xml",
            Self::ChSecoXml => "ch-seco-xml",
            Self::OwnCsv => "own-csv",
        }
    }

    /// Reads a file of this form. `name` is what the list is called from now on.
    ///
    /// # Errors
    /// [`ReadError`] when the file is not of the form at all. Entries that cannot be used are
    /// listed in [`List::refused`] and the others are read.
    pub fn read(self, name: &str, bytes: &[u8]) -> Result<List, ReadError> {
        let text = std::str::from_utf8(bytes).map_err(|_| ReadError::Encoding)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut list = List::empty(name);
        match self {
            Self::UsCslJson => formats::csl::json(text, &mut list)?,
            Self::UsCslCsv => formats::csl::csv(text, &mut list)?,
            Self::UsOfacXml => formats::ofac::xml(text, &mut list)?,
            Self::UsOfacAdvancedXml => formats::ofac_advanced::xml(text, &mut list)?,
            Self::UsOfacDelimited => formats::ofac::delimited(text, &mut list)?,
            Self::EuFsfXml => formats::eu::xml(text, &mut list)?,
            Self::UnXml => formats::un::xml(text, &mut list)?,
            Self::UkXml => formats::uk::xml(text, &mut list)?,
            Self::ChSecoXml => formats::seco::xml(text, &mut list)?,
            Self::OwnCsv => formats::own::csv(text, &mut list)?,
        }
        if list.entries.is_empty() {
            return Err(ReadError::Empty);
        }
        Ok(list)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or(UnknownFormat)
    }
}

/// Why a file is no list of the form.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Not UTF-8.
    #[error("the file is no UTF-8")]
    Encoding,
    /// Not the syntax.
    #[error("the file is cut short or not of the form: {0}")]
    Syntax(&'static str),
    /// Not the columns.
    #[error("the column {0} is missing")]
    Column(&'static str),
    /// Nothing in it. An empty list would clear everybody, so it is never taken for one.
    #[error("the file names nobody")]
    Empty,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A natural person.
    Person,
    /// A company, body or group.
    Organisation,
    /// A ship or an aircraft: nobody sends it a parcel, so it is never compared.
    Craft,
    /// The list does not say.
    Unknown,
}

/// How much a name of an entry is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// The name it is listed under.
    Primary,
    /// Another name.
    Alias,
    /// A name that the authority itself calls weak or of low quality.
    Weak,
}

/// One name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As published.
    pub text: String,
    /// How much it is worth.
    pub quality: Quality,
}

/// Somebody who is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The authority's id, unique in its list.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Its names; the first is the primary one where the list says so.
    pub names: Vec<Name>,
    /// ISO codes of nationalities and addresses, as far as they could be read.
    pub countries: Vec<String>,
    /// Years of birth that are named.
    pub birth_years: Vec<u16>,
    /// Programmes or acts it is listed under.
    pub programmes: Vec<String>,
}

/// An entry of a file that is not used.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refused {
    /// Which, from 1, in the order of the file.
    pub row: usize,
    /// Why.
    pub reason: &'static str,
}

/// A list of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its name here.
    pub name: String,
    /// When it was made, as the file says it; empty when it does not say.
    pub published: String,
    /// Who is on it.
    pub entries: Vec<Entry>,
    /// What could not be used.
    pub refused: Vec<Refused>,
}

/// A new version lost so many entries that a person has to say it is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the new version has {after} entries, the one in use has {before}")]
pub struct Shrunk {
    /// Entries in use.
    pub before: usize,
    /// Entries of the new version.
    pub after: usize,
}

/// A version that lost more than this of its entries is not taken without a person's word, in per
/// cent: authorities strike out single entries, and a file that was cut loses many.
const LOST_MAX_PERCENT: usize = 3;

impl List {
    fn empty(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            published: String::new(),
            entries: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// May a version of that many entries take the place of one of `before`?
    ///
    /// # Errors
    /// [`Shrunk`] when more than three per cent went away.
    pub const fn may_replace(before: usize, after: usize) -> Result<(), Shrunk> {
        if after * 100 < before * (100 - LOST_MAX_PERCENT) {
            return Err(Shrunk { before, after });
        }
        Ok(())
    }

    /// Adds an entry, or notes why it cannot be used. Entries whose id is there already add their
    /// names to it, since some files have a row per name.
    pub(crate) fn push(&mut self, row: usize, mut entry: Entry) {
        entry.names.retain(|name| !name.text.trim().is_empty());
        for name in &mut entry.names {
            name.text = name.text.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        let reason = if entry.id.trim().is_empty() {
            "no id"
        } else if entry.names.is_empty() {
            "no name"
        } else {
            self.entries.push(entry);
            return;
        };
        self.refused.push(Refused { row, reason });
    }
}

/// ISO code of a country that a list writes as a code or a name.
pub(crate) fn country(text: &str) -> Option<String> {
    let text = text.trim();
    // `00` stands for unknown in the European list.
    if text.is_empty() || text == "00" {
        return None;
    }
    colibri_addresses::country(text).map(|country| country.alpha2.clone())
}

/// Four digits that may be a year of birth, wherever they stand in a text.
pub(crate) fn years(text: &str) -> Vec<u16> {
    let all = text.split(|c: char| !c.is_ascii_digit()).filter(|part| part.len() == 4);
    all.filter_map(|part| part.parse().ok()).filter(|year| (1850..2100).contains(year)).collect()
}

/// Sorted and without doubles.
pub(crate) fn tidy<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all.dedup();
    all
}
