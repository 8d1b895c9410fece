//! What every carrier must do, whatever it is: one suite over the registry.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod capabilities;
mod formats;
mod limits;
mod mutations;
mod proofs;
mod requests;
mod round_trip;
mod tables;
mod world;
