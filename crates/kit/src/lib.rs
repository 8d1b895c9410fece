//! What every service stands on: configuration, telemetry, database, bus, intents, egress, gRPC,
//! authentication, shutdown.
//!
//! A service declares itself as a list ([`service::Service`]); its handlers decide and record inside
//! a [`service::Cx`]; only the relay publishes and only workers call out.
//! Deliberately absent: anything about parcels.

pub mod auth;
pub mod bus;
pub mod clock;
pub mod config;
pub mod crash;
pub mod db;
pub mod egress;
pub mod fault;
pub mod intent;
pub mod rpc;
pub mod secret_file;
pub mod service;
pub mod shutdown;
pub mod telemetry;
