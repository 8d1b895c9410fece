//! What pricing does about what it hears.

mod carrier_account_changed;
mod fulfilment_requested;
mod order_cancelled;

pub use carrier_account_changed::carrier_account_changed;
pub use fulfilment_requested::fulfilment_requested;
pub use order_cancelled::order_cancelled;
