//! The backbone on real servers: whatever breaks, every event is applied once and in its order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod bus;
mod controls;
mod dropped;
mod express;
mod parked;
mod process;
mod readiness;
mod redelivery;
mod support;
mod zombies;
