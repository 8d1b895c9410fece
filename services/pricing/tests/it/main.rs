//! Pricing as a service: on a real Postgres and nats-server, hearing what others say.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod choices;
mod rpc;
mod support;
mod waits;
