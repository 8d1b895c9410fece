//! Runs `nats-server` and `PostgreSQL` as child processes on this machine.
//!
//! It owns: finding the programs ([`Binaries`]), their configuration files, data directories,
//! ports, start, readiness, stop and crash ([`Nats`], [`Postgres`]), and cleaning up what a killed
//! predecessor left. `colibri up`, the demo, tests and benchmarks stand on it.
//!
//! It deliberately does not: create roles, schemas, streams or accounts of services (their
//! provisioning does), speak SQL or the NATS protocol, run in production (servers are external
//! there), or use async: every call is plain blocking code that ends by a deadline. Call it from
//! `spawn_blocking` where a runtime is about. Linux only: it reads `/proc`.
//!
//! A server ends with the process that started it, even when that is killed: a tiny shell waits on
//! a pipe that only this process holds open, and signals the server when it closes. Should that
//! fail too, the next start on the same directory ends the leftover before it touches the data.

mod binaries;
mod error;
mod nats;
mod nats_config;
mod poll;
mod ports;
mod postgres;
mod postgres_data;
mod probe;
mod process;
mod scratch;
mod stale;
mod unprivileged;

pub use binaries::{Binaries, FindError, Search};
pub use error::{StartError, StopError};
pub use nats::{Nats, NatsOptions};
pub use nats_config::{Accounts, Cluster};
pub use ports::{PickPortError, free_ports};
pub use postgres::{Mode, Postgres, PostgresOptions};
pub use postgres_data::Auth;
pub use scratch::Scratch;
