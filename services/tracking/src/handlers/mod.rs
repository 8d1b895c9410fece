//! One file per event.

mod carrier_account_changed;
mod label_purchased;
mod label_voided;

pub use carrier_account_changed::carrier_account_changed;
pub use label_purchased::label_purchased;
pub use label_voided::label_voided;
