//! kit

pub mod auth;
pub mod clock;
pub mod config;
pub mod crash;
pub mod fault;
pub mod rpc;
pub mod shutdown;
pub mod telemetry;
