//! Tracking on real servers, beside a real vault and simulated carriers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod alerts;
mod answers;
mod carriers;
mod journeys;
mod neighbours;
mod odd;
mod party;
mod privacy;
mod quota;
mod remap;
mod webhooks;
mod world;
