//! What is asked of the lists, and what they answer.

use crate::{
    decide::Verdict,
    list::{Kind, Quality},
};

/// What a party of a parcel is, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PartyKind {
    /// Not known.
    #[default]
    Unknown,
    /// A natural person.
    Person,
    /// A company or body.
    Organisation,
}

/// Whom to look for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Party<'a> {
    /// One name, of a person or a company.
    pub name: &'a str,
    /// ISO code of where it is, when it is known.
    pub country: Option<&'a str>,
    /// Year of birth, when it is known.
    pub birth_year: Option<u16>,
    /// What it is: a year of birth of a company says nothing.
    pub kind: PartyKind,
}

/// How two words are like each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Letter by letter, after marks, case and script.
    Same,
    /// Nearly the same letters.
    Spelling,
    /// Other letters with the same sound.
    Sound,
    /// A letter for a word that begins with it.
    Initial,
    /// Two words on one side are one on the other.
    Joined,
}

/// A word of each side.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TokenMatch {
    /// As asked, folded. Personal: never stored or logged.
    pub asked: String,
    /// As listed, folded.
    pub listed: String,
    /// How they match.
    pub how: How,
    /// How like they are, in thousandths.
    pub like: u16,
}

/// What raised or lowered a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Adjustment {
    /// Only one word of several matched.
    LoneWord,
    /// Both names have words that the other lacks.
    OtherWords,
    /// A name that has words the other lacks, and one that is not quite the same.
    NearOnly,
    /// Words are missing, and of those that match none is rare.
    CommonWords,
    /// A word that was asked for is a name on the lists itself, and not quite the one of this entry.
    OtherName,
    /// The authority calls the name weak.
    WeakName,
    /// A country of the entry is the party's.
    SameCountry,
    /// The entry names countries, and not the party's.
    OtherCountry,
    /// A year of birth of the entry is the party's.
    SameBirth,
    /// The entry names years of birth, and not the party's.
    OtherBirth,
}

/// An entry that the party is like.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Hit {
    /// Name of the list.
    pub list: String,
    /// Id of the entry in it.
    pub entry: String,
    /// What the entry is.
    pub kind: Kind,
    /// The name of the entry that is most like the party's, as published.
    pub name: String,
    /// What that name is worth.
    pub quality: Quality,
    /// In thousandths.
    pub score: u16,
    /// Words that match.
    pub matched: Vec<TokenMatch>,
    /// Words of the listed name that were not asked for.
    pub only_listed: Vec<String>,
    /// Words that were asked for and are not in the listed name. Personal.
    pub only_asked: Vec<String>,
    /// What changed the score.
    pub adjustments: Vec<Adjustment>,
}

/// Why a name cannot be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// No letter in it.
    Empty,
    /// One letter only.
    TooShort,
}

/// What became of a party.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Screened {
    /// Clear, or for a person to look at.
    pub verdict: Verdict,
    /// Best first; entries below the threshold of review are left out.
    pub hits: Vec<Hit>,
    /// A name that cannot be compared clears nobody.
    pub unreadable: Option<Unreadable>,
}
