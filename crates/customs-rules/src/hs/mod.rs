//! The Harmonized System: which six-digit codes exist, and which of them a text may mean.
//!
//! Owns the nomenclature of 2022 and a search over it. A suggestion is a help and never a decision:
//! nothing here files a code, and a code that the seller confirmed for an article is better than
//! every answer of this module. Deliberately absent: national digits, which need the national
//! tariff and a person.

mod common;
mod confidence;
mod index;
mod lexicon;
mod nomenclature;
mod query;
mod question;
mod repair;
mod search;
mod spellings;
pub(crate) mod words;

pub use index::{Index, IndexError, Weights};
pub use nomenclature::{Entry, Nomenclature, NomenclatureError};
pub use question::{Choice, Question};
pub use search::{Candidate, Reason, Source, Suggestions};
