//! The pure core: tariffs in, priced offers, a choice and its explanation out.
//!
//! Owns every rule about prices. Does no I/O and reads no clock: tariffs, exchange rates and the
//! time are arguments, so the same inputs give the same bytes on any machine. Money is exact
//! decimals throughout; a price that cannot be known refuses the candidate and is never zero.

mod areas;
mod calendar;
mod charges;
mod choice;
mod choose;
mod code;
mod demo;
mod exact;
mod explain;
mod fx;
mod local;
mod parcels;
mod quote;
mod rate;
mod request;
mod sheet;
mod surcharge;
mod tariff;
mod validate;

pub use calendar::{DayName, Transit};
pub use choice::{
    Candidate, Choice, Compared, DecidedBy, LatePolicy, Outcome, Preference, SelectionRules,
    Standing,
};
pub use choose::choose;
pub use code::Code;
pub use demo::{DEMO, DEMO_TOWNS, demo_tariffs};
pub use exact::{Clock, Day, Exact, ExactError};
pub use explain::{
    CompactSnapshot, Inputs, Snapshot, TariffMissing, VerifyError, decide, recompute, verify,
};
pub use fx::{Converted, FxTable};
pub use local::local;
pub use quote::{Basis, ChargeLine, Note, NoteCode, Quote, Rating, Refused, TariffRef};
pub use rate::{RateError, rate};
pub use request::{Parcel, Place, Request, ShipOption};
pub use sheet::{
    Above, Area, Break, Calendar, Charge, Condition, Dates, Limits, MultiParcel, Origin, Per,
    PercentOf, PercentPeriod, PostcodeRange, Rounding, RoundingMode, RoundingPer, Sheet, Surcharge,
    TransitDays, UnknownDimensions, Volumetric, Zone,
};
pub use tariff::{ParseTariffError, Problem, Tariff};

#[cfg(test)]
mod tests;
