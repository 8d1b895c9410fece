//! Tracking on real servers, beside a real vault and simulated carriers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod answers;
mod carriers;
mod journeys;
mod neighbours;
mod privacy;
mod webhooks;
mod world;
