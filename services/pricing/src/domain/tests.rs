//! Tables and laws of the whole domain.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod choice;
mod laws;
mod places;
mod prices;
mod promise;
mod records;
mod sheets;
mod support;
mod surcharges;
mod world;
