//! What customs rules promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod borders;
mod common;
mod declare;
mod descriptions;
mod examples;
mod hs;
mod identifiers;
mod laws;
mod rule_cases;
mod territories;
