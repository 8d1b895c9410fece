//! Returns on their own Postgres and nats-server, with the real vault, a payment side that keeps
//! its own ledger, and stand-ins for orders, labels, tracking and customs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod border;
mod codes;
mod doubts;
mod drop_off;
mod elsewhere;
mod exchanges;
mod neighbours;
mod orphans;
mod refused;
mod road;
mod signals;
mod strangers;
mod voids;
mod world;
