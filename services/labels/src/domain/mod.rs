//! What a shipment is and when its label is bought. Pure: no async, no SQL, no clock.

pub mod back;
pub mod build;
pub mod customs;
pub mod fold;
pub mod ids;
pub mod options;
pub mod shipment;

pub use fold::{Declared, Facts};
pub use shipment::{Shipment, State, Work};

#[cfg(test)]
mod tests;
