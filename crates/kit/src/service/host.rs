//! What a service gets from the process it runs in.

use std::sync::Arc;

use colibri_types::TenantId;

use super::{Cx, Wake};
use crate::{
    auth::{Issuer, Verifier},
    clock::SharedClock,
    config::Config,
    db::{DatabaseConfig, Db},
    egress::Egress,
    fault::Fault,
    rpc::Peers,
    telemetry::Ready,
};

/// The process, seen by one service.
#[derive(Clone)]
pub struct Host {
    /// The service.
    pub service: &'static str,
    /// All configuration; the service reads its own section.
    pub config: Arc<Config>,
    /// Its pools. A service without migrations has none it could use.
    pub db: Db,
    pub(crate) database: Arc<DatabaseConfig>,
    /// Our other services.
    pub peers: Peers,
    /// The business clock; a sandbox may run it faster.
    pub clock: SharedClock,
    /// The door to the outside.
    pub egress: Egress,
    /// Signs tokens for API clients, where this process has the key.
    pub issuer: Option<Issuer>,
    /// Checks tokens, for edges that are not gRPC.
    pub verifier: Verifier,
    /// Conditions of readiness.
    pub ready: Ready,
    /// Largest message of gRPC servers in this process, in bytes.
    pub message_bytes_max: usize,
}

/// A running service: its state and its transactions. Cheap to clone.
pub struct Shell<S> {
    /// The process.
    pub host: Host,
    /// The service's own state.
    pub state: Arc<S>,
    wake: Wake,
}

impl<S> Clone for Shell<S> {
    fn clone(&self) -> Self {
        Self { host: self.host.clone(), state: self.state.clone(), wake: self.wake.clone() }
    }
}

impl<S> Shell<S> {
    pub(crate) const fn new(host: Host, state: Arc<S>, wake: Wake) -> Self {
        Self { host, state, wake }
    }

    /// A transaction for a request: row security shows this tenant's rows only.
    ///
    /// # Errors
    /// [`Fault`] when the database is away.
    pub async fn begin(&self, tenant: TenantId) -> Result<Cx<S>, Fault> {
        self.open(&self.host.db.rpc, Some(tenant)).await
    }

    /// A transaction for the service's own work across tenants: its SQL joins on `tenant_id`.
    ///
    /// # Errors
    /// [`Fault`] when the database is away.
    pub async fn begin_log(&self) -> Result<Cx<S>, Fault> {
        self.open(&self.host.db.log, None).await
    }

    async fn open(&self, pool: &sqlx::PgPool, tenant: Option<TenantId>) -> Result<Cx<S>, Fault> {
        let (service, clock) = (self.host.service, &self.host.clock);
        Cx::begin(pool, tenant, service, self.state.clone(), clock, self.wake.clone()).await
    }
}
