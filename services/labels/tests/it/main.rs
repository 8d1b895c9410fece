//! Labels on real servers, beside the vault and simulated carriers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod borders;
mod buying;
mod cancelling;
mod doubts;
mod errands;
mod every;
mod limits;
mod options;
mod parts;
mod questions;
mod refusals;
mod road;
mod stubborn;
mod world;
