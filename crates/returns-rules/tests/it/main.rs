//! Tests of the rules of returns.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "tests"
)]

mod elsewhere;
mod exchanges;
mod machines;
mod model;
mod policies;
