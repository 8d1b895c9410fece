//! The gate against goods descriptions that customs refuse.
//!
//! Owns the judgement of one text: what is wrong, where, how bad, and what would be better.
//! Deliberately absent: correcting a text by itself, lists of brands (they are the operator's
//! data), and what to do about dangerous goods (the hint goes to those who check restrictions).
//!
//! A gate that cries wolf is switched off: words are never matched inside words, only documented
//! terms refuse a text, and only when the text says nothing else.

mod hints;
mod read;
mod script;
mod terms;
mod whole;
mod within;

use std::ops::Range;

use serde::Serialize;
use time::Date;

use crate::hs::Index;

/// What is wrong with a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Nothing is left once blanks, signs and set phrases are gone.
    Empty,
    /// General terms and nothing else.
    StopWordAlone,
    /// A general term among other words.
    StopWordInside,
    /// Too few letters, or one word that nobody knows.
    TooShort,
    /// Article numbers and codes only.
    CodeOnly,
    /// A filler in place of a description.
    Placeholder,
    /// The name of a shop, a party or a brand and nothing else.
    CompanyOrBrandOnly,
    /// Says that it is a gift, and not what it is.
    GiftWording,
    /// Letters that the destination does not read.
    Script,
    /// Longer than the form or the carrier takes.
    TooLong,
    /// The text and the tariff code do not fit together.
    HsConflict,
    /// Clothing, footwear, leather or jewellery without what it is made of.
    MissingMaterial,
    /// A part without what it is for.
    MissingUse,
    /// A count that differs from the line's quantity.
    QuantityInside,
    /// A set phrase that says nothing of the goods and is not to be printed.
    NoisePhrase,
    /// May be dangerous goods.
    DangerousHint,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For somebody to know.
    Note,
    /// Better is possible; the text passes.
    Warning,
    /// The text is refused.
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Where: bytes of the text as given, at letters' edges.
    pub span: Range<usize>,
    /// In plain words.
    pub message: String,
    /// A text or a way to write one, where there is any.
    pub suggestion: Option<String>,
}

/// What is known besides the text.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Words of the nomenclature, and its search.
    pub index: &'a Index,
    /// The declared code, six digits or more.
    pub hs: Option<&'a str>,
    /// The day of the record: a term that was added later does not judge it. `None`: all terms.
    pub date: Option<Date>,
    /// Names of the shop, the parties and known brands.
    pub names: &'a [&'a str],
    /// Quantity of the line, in pieces.
    pub quantity: Option<u32>,
    /// Most characters that the form or the carrier takes. `None`: no limit is known.
    pub characters_max: Option<usize>,
    /// Does the destination want Latin letters?
    pub latin: bool,
}

impl<'a> Context<'a> {
    /// Nothing is known but the nomenclature; Latin letters are wanted.
    #[must_use]
    pub const fn new(index: &'a Index) -> Self {
        Self {
            index,
            hs: None,
            date: None,
            names: &[],
            quantity: None,
            characters_max: None,
            latin: true,
        }
    }
}

/// Everything there is to say about a description, the worst first. No findings: nothing speaks
/// against it.
#[must_use]
pub fn check(text: &str, context: &Context<'_>) -> Vec<Finding> {
    let read = read::Read::new(text);
    let mut findings = Vec::new();
    if let Some(finding) = whole::verdict(&read, context) {
        findings.push(finding);
    } else {
        findings.extend(within::stop_words(&read, context));
        findings.extend(within::gift(&read));
        findings.extend(within::missing(&read, context));
        findings.extend(within::conflict(&read, context));
    }
    findings.extend(script::foreign(&read, context));
    findings.extend(within::length(&read, context));
    findings.extend(within::quantity(&read, context));
    findings.extend(within::noise(&read));
    findings.extend(hints::dangerous(&read));
    findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then(a.span.start.cmp(&b.span.start)).then(a.code.cmp(&b.code))
    });
    findings
}

/// Is one of the findings an error?
#[must_use]
pub fn refused(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
