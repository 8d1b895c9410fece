//! The vault on a real Postgres: what goes in comes out for those who may, and for nobody else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod budget;
mod denials;
mod isolation;
mod round_trips;
mod scan;
mod world;
