//! Accounts with a real vault behind them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod carriers;
mod check;
mod clients;
mod sites;
mod world;
