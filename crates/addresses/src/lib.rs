//! Postal addresses of the world: cleaned, checked against the country's rules, placed in their
//! customs and VAT territory.
//!
//! Owns: the country table, required fields, postcode forms, subdivisions, which postcode lies in
//! which subdivision, special territories, the public codes `ADR0001..`, and reading addresses
//! from JSON or CSV text. Everything is a pure function of its arguments and of data compiled in.
//!
//! Deliberately does not: look up streets or towns (no open data covers the world), geocode, call
//! a carrier or a paid service, transliterate for carriers, or change what only the recipient can
//! know (house number, street, town, country, recipient). It never logs.
//!
//! Privacy: [`Address`] prints no content in `Debug`. Reasons and details never repeat names,
//! streets, towns, phones or e-mails; a reason may repeat a malformed postcode of at most
//! 8 characters. Logs should carry [`Code`] and field only.

mod address;
mod areas;
mod check;
mod codes;
mod contact;
mod content;
mod country;
mod format;
mod input;
mod judge;
mod normalise;
mod postcode;
mod subdivision;
mod territory;
mod text;
mod verdict;
mod zone;

pub use address::Address;
pub use check::check;
pub use codes::{Code, NoticeCode};
pub use country::{Country, countries, country};
pub use input::{FormatHint, LineVerdict, check_text};
pub use subdivision::{Subdivision, resolve_subdivision, subdivisions};
pub use territory::{Territory, crosses_customs_border, customs_territory};
pub use verdict::{Notice, Problem, Verdict};
pub use zone::postcode_zone;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
