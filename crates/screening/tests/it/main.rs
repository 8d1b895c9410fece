//! What screening promises. Every person and company here is invented.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod formats;
mod goods;
mod invented;
mod laws;
mod matching;
mod measure;
