//! What customs rules promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod common;
mod examples;
mod identifiers;
mod laws;
