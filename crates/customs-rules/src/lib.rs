//! Customs without I/O: what a parcel needs to cross a border, what it costs, and why.
//!
//! Owns rules by date, the way from values to duties, taxes and fees, identifiers' rules, the
//! nomenclature and its search, the gate of descriptions, and which papers and records a parcel
//! needs ([`declare`]).
//! Deliberately absent: duty rates in code (they are loaded), storage, asking authorities.

pub mod assess;
pub mod consignment;
mod day;
pub mod declare;
pub mod descriptions;
pub mod fx;
pub mod hs;
pub mod identifiers;
pub mod place;
pub mod rules;
pub mod tariff;
pub mod taxes;
