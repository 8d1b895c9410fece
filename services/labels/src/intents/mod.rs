//! Work that calls carriers.

pub mod prepare;
pub mod purchase;
pub mod record;
pub mod resolve;
pub mod seal;
pub mod void;

/// Kind of the intents that buy.
pub const PURCHASE: &str = "label_purchase";
/// Kind of the intents that void.
pub const VOID: &str = "label_void";
