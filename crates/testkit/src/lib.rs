//! Services on a real Postgres and a real nats-server, one pair per test.
//!
//! Owns the test bed, `eventually`, stand-ins that publish what a test says, and what tests seal.
//! Deliberately absent: mocks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a broken bed fails the test"
)]

mod bed;
mod client;
mod collector;
mod door;
mod sealing;

pub use bed::{BedOptions, TestBed};
pub use client::WithToken;
pub use collector::Collector;
pub use door::{Door, stand_in};

use std::{future::Future, time::Duration};

use colibri_kit::fault::RpcError;
use tonic::Status;

/// Patience for things that take milliseconds, on a machine that is doing other work.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The public code of a refused call; empty when it has none.
#[must_use]
pub fn code(status: &Status) -> String {
    RpcError::from_status(status).reason.unwrap_or_default()
}

/// Waits until `condition` answers `Some`, at most `deadline`: conditions instead of sleeps.
///
/// # Panics
/// When the deadline passes: `what` is what was waited for.
pub async fn eventually<T, F, Fut>(what: &str, deadline: Duration, mut condition: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let end = tokio::time::Instant::now() + deadline;
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(tokio::time::Instant::now() < end, "waited {deadline:?} in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
