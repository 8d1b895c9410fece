//! What tracking decides, as pure functions: no clock, no database, no call.
//!
//! Scans come in with a carrier's words and places, leave [`token`] without them, are kept as
//! [`fact`]s, and fold into one [`state`] whatever their order. [`schedule`] says when to ask
//! again.

pub mod alert;
pub mod budget;
pub mod fact;
pub mod lane;
pub mod page;
pub mod plan;
pub mod schedule;
pub mod state;
pub mod token;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;
