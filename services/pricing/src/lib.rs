//! Pricing: what a parcel costs with each carrier, which offer is taken, and why.
//!
//! Owns tariffs, surcharges, fuel, zones, exchange rates and selection rules. Deliberately holds
//! no personal data: a destination is a country and the zone part of a postcode.

pub mod domain;
