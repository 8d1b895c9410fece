//! Carriers to practise on: hosts the simulators of `colibri-carriers` as HTTP servers on loopback.
//!
//! Owns the wire and what goes wrong on it ([`FaultProfile`]), the delivery of webhooks, the log of
//! requests, and the ledger as seen from outside, so that somebody who trusts nobody can count what
//! was bought twice. Deliberately absent: what a carrier answers (its simulator's matter), and
//! storage: a sandbox forgets everything when it stops.
//!
//! One port per carrier with the carrier's real paths. `/_sandbox/..` on the same port is ours.

mod admin;
mod answer;
mod cli;
mod draw;
mod faults;
mod host;
mod log;
mod payments;
mod push;
mod revoked;
mod sandbox;
mod serve;

pub use cli::{CliError, USAGE, cli_options};
pub use faults::{Fault, FaultProfile, FaultProfileError, WireFaults};
pub use host::SetFaultsError;
pub use log::{LogEntry, Totals};
pub use payments::{PAYMENT_TOKEN, Payment, PaymentFaults, PaymentOptions, Payments};
pub use sandbox::{CarrierOptions, Sandbox, SandboxOptions, StartError};
