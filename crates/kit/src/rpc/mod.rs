//! gRPC, served and called: what holds for every method, whatever it does.
//!
//! Served: request id, trace, deadline, caller and scopes, metrics, panics, health, reflection.
//! Called: [`Peers`] adds the service token, the tenant, the trace and what is left of the
//! deadline. No retries here: whether a call may be repeated only its caller knows.

mod context;
mod edge;
mod measure;
mod peers;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
pub use context::{deadline, request_id, within};
pub use peers::{Peer, Peers, PeersError, ServiceTokens};
use tokio::net::TcpListener;
use tonic::{
    service::Routes,
    transport::{Server, server::TcpIncoming},
};
use tonic_health::ServingStatus;

use crate::{auth::Verifier, config::KitConfig, config::Profile, shutdown::Shutdown};

/// Header with the id of a request: taken over when it looks like one, given otherwise, returned
/// always.
pub const REQUEST_ID_HEADER: &str = "request-id";

/// What a method requires of its caller. Stands in the proto file, beside the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodPolicy {
    /// The caller must hold one of these; empty: being known suffices.
    pub scopes: &'static [&'static str],
    /// Anybody may call, without a token.
    pub public: bool,
    /// The caller must act for a tenant.
    pub tenant: bool,
}

/// The policy of a method by its path, `/colibri.labels.v1.Labels/Purchase`. A method without one
/// is refused: forgetting it must not open it.
pub type PolicyFn = fn(&str) -> Option<MethodPolicy>;

/// Limits of a server.
#[derive(Debug, Clone)]
pub struct RpcConfig {
    /// What a call may take when the caller does not say.
    pub deadline_default: Duration,
    /// ... and at most, whatever the caller says. For streams: until the first answer.
    pub deadline_max: Duration,
    /// Calls in progress per connection.
    pub streams_max: u32,
    /// Encoded file descriptor set to show to whoever connects; `None` shows nothing.
    pub reflection: Option<Bytes>,
}

impl RpcConfig {
    /// As `[kit.rpc]` says. `descriptors` are shown when reflection is on, always outside
    /// production.
    ///
    /// The size of a message is a setting of each generated server: give it
    /// `max_decoding_message_size(kit.rpc.message_bytes_max)` where it is added to the routes.
    #[must_use]
    pub fn new(kit: &KitConfig, descriptors: Bytes) -> Self {
        let reflection = kit.rpc.reflection || kit.profile != Profile::Production;
        Self {
            deadline_default: Duration::from_millis(kit.rpc.deadline_default_ms),
            deadline_max: Duration::from_millis(kit.rpc.deadline_ms_max),
            streams_max: kit.rpc.streams_per_connection_max,
            reflection: reflection.then_some(descriptors),
        }
    }
}

/// Why a server stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The descriptor set does not decode.
    #[error("read the descriptors for reflection")]
    Reflection(#[source] Box<tonic_reflection::server::Error>),
    /// The listener or a setting of the transport.
    #[error("serve gRPC")]
    Transport(#[source] tonic::transport::Error),
}

/// Serves `routes` until shutdown, then finishes the calls in progress.
///
/// # Errors
/// [`ServeError`] when it cannot begin, or the listener breaks.
pub async fn serve(
    listener: TcpListener,
    routes: Routes,
    config: RpcConfig,
    verifier: Verifier,
    policy: PolicyFn,
    shutdown: Shutdown,
) -> Result<(), ServeError> {
    let (health, health_service) = tonic_health::server::health_reporter();
    let mut routes = routes.add_service(health_service);
    if let Some(descriptors) = &config.reflection {
        let service = tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(descriptors)
            .build_v1()
            .map_err(|error| ServeError::Reflection(Box::new(error)))?;
        routes = routes.add_service(service);
    }
    health.set_service_status("", ServingStatus::Serving).await;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let mut server = Server::builder()
        .layer(edge::EdgeLayer::new(verifier, policy, &config))
        .max_concurrent_streams(config.streams_max)
        // A token of 8 KiB and our own headers fit; more is not a call of ours.
        .http2_max_header_list_size(16 * 1024)
        // A peer that vanished is noticed within 40 s instead of hours.
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        // Clients connect again now and then, or a new replica would never get any calls.
        .max_connection_age(Duration::from_secs(600));
    server
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, async move {
            shutdown.triggered().await;
            health.set_service_status("", ServingStatus::NotServing).await;
        })
        .await
        .map_err(ServeError::Transport)
}

/// Shared by the calls of one server.
#[derive(Debug)]
struct Rules {
    verifier: Verifier,
    policy: PolicyFn,
    deadline_default: Duration,
    deadline_max: Duration,
}

type SharedRules = Arc<Rules>;

#[cfg(test)]
mod tests;
