//! Sales channels and order files, without I/O.
//!
//! Owns: checking that a channel signed what it delivered, strict reading of what others send,
//! and mapping it to one [`CanonicalOrder`]; the same for CSV and XLSX files of orders
//! ([`import`]). Deliberately does not: call a channel, keep anything, look at a clock, validate
//! addresses, or decide what happens to an order.
//!
//! A channel is one folder and one line in the register (`channel.rs`).

mod channel;
mod error;
#[cfg(test)]
mod golden;
pub mod import;
pub mod json;
mod number;
mod order;
mod personal;
mod place;
mod shopify;
#[cfg(test)]
mod tests;
mod totals;
mod woocommerce;

pub use channel::{
    CancelReason, Channel, ChannelInfo, Delivery, Header, IgnoredReason, Parsed, all, find,
    read_text,
};
pub use error::{ChannelError, Code};
pub use order::{
    CanonicalOrder, FinancialStatus, Incoterm, Line, NoDelivery, OrderState, Party, Shipping,
    Totals, Warning, WarningCode,
};
