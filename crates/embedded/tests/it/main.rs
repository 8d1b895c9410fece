//! Real servers: started, killed, started again on the same data.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod nats;
mod orphans;
mod postgres;
mod wire;

use std::path::Path;
use std::time::{Duration, Instant};

use colibri_embedded::Binaries;

/// The programs that `make deps` fetches, or this machine's own.
fn binaries() -> Binaries {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    Binaries::find(root).unwrap_or_else(|error| panic!("{error}"))
}

/// Whether a process runs. Zombies do not: on bare machines nobody reaps orphans.
fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

/// Waits for a condition; panics when it does not come true within half a minute.
fn eventually(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::yield_now();
    }
}
