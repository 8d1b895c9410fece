//! Customs on real Postgres and nats-server.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod articles;
mod export;
mod export_again;
mod forms;
mod questions;
mod records;
mod restricted;
mod road;
mod screening;
mod sscc;
mod way_back;
mod world;
