//! Work that calls out: labels for the way back, refunds.

pub mod label;
pub mod refund;

/// Kind of the intents that buy a label.
pub const LABEL: &str = "label";
/// Kind of the intents that pay back.
pub const REFUND: &str = "refund";
