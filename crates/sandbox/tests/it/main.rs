//! Real HTTP against running sandboxes: every carrier of the registry, bought from through its own
//! connector, and each way in which an answer can get lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod admin;
mod bounds;
mod faults;
mod pushes;
mod repeat;
mod world;
