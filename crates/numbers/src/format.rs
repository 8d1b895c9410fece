//! Formats as data: shape, check digit, and what the number itself tells.

use std::sync::LazyLock;

use fancy_regex::{Captures, Regex};
use serde::Deserialize;

use crate::{Candidate, Check, checksum::Checksum, rank};

/// The files, each with the couriers it names.
const FILES: &[&str] = &[
    include_str!("../data/french_formats.json"),
    include_str!("../data/more_formats.json"),
    include_str!("../data/tracking_number_data/amazon.json"),
    include_str!("../data/tracking_number_data/canadapost.json"),
    include_str!("../data/tracking_number_data/canpar.json"),
    include_str!("../data/tracking_number_data/dhl.json"),
    include_str!("../data/tracking_number_data/dpd.json"),
    include_str!("../data/tracking_number_data/fedex.json"),
    include_str!("../data/tracking_number_data/gofo.json"),
    include_str!("../data/tracking_number_data/landmark.json"),
    include_str!("../data/tracking_number_data/lasership.json"),
    include_str!("../data/tracking_number_data/old_dominion.json"),
    include_str!("../data/tracking_number_data/ontrac.json"),
    include_str!("../data/tracking_number_data/purolator.json"),
    include_str!("../data/tracking_number_data/s10.json"),
    include_str!("../data/tracking_number_data/speedee.json"),
    include_str!("../data/tracking_number_data/ups.json"),
    include_str!("../data/tracking_number_data/usps.json"),
    include_str!("../data/tracking_number_data/yodel.json"),
    include_str!("../data/tracking_number_data/yunexpress.json"),
];

#[derive(Deserialize)]
struct File {
    name: Option<String>,
    tracking_numbers: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Pattern {
    One(String),
    Parts(Vec<String>),
}

#[derive(Deserialize)]
struct Row {
    id: Option<String>,
    name: Option<String>,
    courier: Option<String>,
    mark: Option<String>,
    regex: Pattern,
    #[serde(default)]
    validation: Validation,
    #[serde(default)]
    additional: Vec<Additional>,
    tracking_url: Option<String>,
}

#[derive(Default, Deserialize)]
struct Validation {
    checksum: Option<Checksum>,
    serial_number_format: Option<SerialFormat>,
    additional: Option<Exists>,
}

#[derive(Deserialize)]
struct SerialFormat {
    prepend_if: PrependIf,
}

#[derive(Deserialize)]
struct PrependIf {
    matches_regex: String,
    content: String,
}

#[derive(Deserialize)]
struct Exists {
    #[serde(default)]
    exists: Vec<String>,
}

/// A part of the number that a table explains.
#[derive(Deserialize)]
struct Additional {
    name: String,
    regex_group_name: String,
    #[serde(default)]
    lookup: Vec<Meaning>,
}

#[derive(Deserialize)]
struct Meaning {
    matches: Option<String>,
    matches_regex: Option<String>,
    name: Option<String>,
    country: Option<String>,
    courier: Option<String>,
}

/// One format, ready to read.
pub(crate) struct Format {
    id: String,
    courier: String,
    shape: Regex,
    checksum: Option<Checksum>,
    /// Put before the serial, for the check digit only, when the pattern fits.
    prepend: Option<(Regex, String)>,
    /// Tables that must know their part.
    must_exist: Vec<String>,
    tables: Vec<Additional>,
    inferred: bool,
    tracking_url: Option<String>,
}

static ALL: LazyLock<Vec<Format>> = LazyLock::new(|| {
    let files = FILES.iter().filter_map(|text| serde_json::from_str::<File>(text).ok());
    files
        .flat_map(|file| {
            let name = file.name.unwrap_or_default();
            file.tracking_numbers.into_iter().filter_map(move |row| Format::new(row, &name))
        })
        .collect()
});

/// Every format. What could not be read is not in it: the tests count them.
pub(crate) fn all() -> &'static [Format] {
    &ALL
}

impl Format {
    fn new(row: Row, file: &str) -> Option<Self> {
        let pattern = match row.regex {
            Pattern::One(text) => text,
            Pattern::Parts(parts) => parts.concat(),
        };
        let prepend = match row.validation.serial_number_format {
            None => None,
            Some(format) => {
                let condition = format.prepend_if;
                Some((Regex::new(&condition.matches_regex).ok()?, condition.content))
            }
        };
        let courier = row.courier.unwrap_or_else(|| file.to_owned());
        let name = row.name.unwrap_or_else(|| courier.clone());
        let words = name.to_lowercase();
        let words: Vec<_> = words.split(|c: char| !c.is_alphanumeric()).collect();
        let made = words.into_iter().filter(|w| !w.is_empty()).collect::<Vec<_>>().join("_");
        let mark = row.mark.unwrap_or_default();
        Some(Self {
            id: row.id.unwrap_or(made),
            courier,
            shape: Regex::new(&format!("^(?:{pattern})$")).ok()?,
            checksum: row.validation.checksum,
            prepend,
            must_exist: row.validation.additional.map(|a| a.exists).unwrap_or_default(),
            tables: row.additional,
            inferred: mark.starts_with("inferred") || mark.starts_with("remembered"),
            tracking_url: row.tracking_url,
        })
    }

    /// The candidate that a number is under this format; `typed` serves the formats in which a
    /// hyphen belongs to the number.
    pub(crate) fn read(&self, normal: &str, typed: &str) -> Option<Candidate> {
        let typed = compact(&typed.to_uppercase());
        let texts = [normal, typed.as_str()];
        let found = texts.iter().find_map(|&text| self.shape.captures(text).ok().flatten())?;
        let details = self.details(&found)?;
        let courier = self.courier_of(&found);
        Some(Candidate {
            carrier: rank::carrier_of(&self.id, normal),
            courier,
            format: self.id.clone(),
            check: self.check(&found),
            inferred: self.inferred,
            details,
            tracking_url: self.tracking_url.as_ref().map(|url| url.replace("%s", normal)),
            score: 0,
        })
    }

    fn check(&self, found: &Captures<'_, str>) -> Check {
        let part = |name| found.name(name).map(|m| compact(m.as_str()));
        let (Some(checksum), Some(mut serial)) = (&self.checksum, part("SerialNumber")) else {
            return Check::None;
        };
        let Some(digit) = part("CheckDigit").and_then(|text| text.chars().next()) else {
            return Check::None;
        };
        if let Some((condition, content)) = &self.prepend
            && condition.is_match(&serial).unwrap_or(false)
        {
            serial.insert_str(0, content);
        }
        if checksum.of(&serial) == Some(digit) { Check::Passed } else { Check::Failed }
    }

    /// What the tables say of the parts; `None` when one that must know its part does not.
    fn details(&self, found: &Captures<'_, str>) -> Option<Vec<(String, String)>> {
        let mut details = Vec::new();
        for table in &self.tables {
            let part = found.name(&table.regex_group_name).map(|m| compact(m.as_str()));
            let meaning = part.as_deref().and_then(|part| table.meaning(part));
            match meaning {
                Some(meaning) => {
                    let words = [&meaning.name, &meaning.country].into_iter().flatten().next();
                    details.extend(words.map(|words| (table.name.clone(), words.clone())));
                }
                None if self.must_exist.contains(&table.name) => return None,
                None => {}
            }
        }
        Some(details)
    }

    /// S10 numbers name the post of their country.
    fn courier_of(&self, found: &Captures<'_, str>) -> String {
        let named = self.tables.iter().find_map(|table| {
            let part = found.name(&table.regex_group_name)?;
            table.meaning(&compact(part.as_str()))?.courier.clone()
        });
        named.unwrap_or_else(|| self.courier.clone())
    }
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

impl Additional {
    fn meaning(&self, part: &str) -> Option<&Meaning> {
        self.lookup.iter().find(|meaning| {
            let exact = meaning.matches.as_deref() == Some(part);
            let pattern = meaning.matches_regex.as_ref();
            let shape = pattern.and_then(|text| Regex::new(&format!("^(?:{text})$")).ok());
            exact || shape.is_some_and(|shape| shape.is_match(part).unwrap_or(false))
        })
    }
}
