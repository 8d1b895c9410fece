//! Orders with a real vault, on a real Postgres and nats-server.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod batch;
mod doors;
mod import;
mod labels;
mod life;
mod privacy;
mod races;
mod webhook;
mod world;
