//! Work that calls carriers.

pub mod errand;
pub mod errand_build;
pub mod errand_record;
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
/// Kind of the intents of collections and manifests.
pub const ERRAND: &str = "errand";
