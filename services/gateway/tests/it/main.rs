//! The edge on real servers, with the real services behind it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod browser;
mod documents;
mod door;
mod exchange;
mod files;
mod hooks;
mod http;
mod idempotency;
mod limits;
mod log;
mod orders;
mod points;
mod portal;
mod refused;
mod shop;
mod standin;
mod token;
mod world;
