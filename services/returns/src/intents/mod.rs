//! Work that calls out: labels for the way back, their voids, refunds.

pub mod label;
pub mod refund;
pub mod void;

/// Kind of the intents that buy a label.
pub const LABEL: &str = "label";
/// Kind of the intents that void a label.
pub const VOID: &str = "void";
/// Kind of the intents that pay back.
pub const REFUND: &str = "refund";
