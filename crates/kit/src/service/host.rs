//! What a service gets from the process it runs in.

use std::{sync::Arc, time::Duration};

use colibri_types::TenantId;
use sqlx::{Postgres, pool::PoolConnection};
use tracing::Instrument as _;

use super::{Cx, Sees, Wake};
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

/// How long a start waits for the database to answer at all: a machine that starts everything at
/// once is slow for a while.
const FIRST_ANSWER: Duration = Duration::from_secs(60);
/// Between two tries.
const RETRY: Duration = Duration::from_millis(100);

impl Host {
    /// A connection for what a service cannot start without. Waits for a database that is slow or
    /// away, longer than a caller would: a process that ended here would only be started again.
    ///
    /// # Errors
    /// [`sqlx::Error`] when there is none after a minute.
    pub async fn connection(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let end = tokio::time::Instant::now() + FIRST_ANSWER;
        loop {
            match self.db.log.acquire().await {
                Err(cause) if tokio::time::Instant::now() < end => {
                    tracing::warn!(service = self.service, %cause, "waiting for the database");
                    tokio::time::sleep(RETRY).await;
                }
                done => return done,
            }
        }
    }
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
        self.open(&self.host.db.rpc, Sees::Tenant(tenant)).await
    }

    /// A transaction that only reads, everything as of one moment: an answer that is put together
    /// from several statements never tells half of what somebody else commits meanwhile.
    ///
    /// # Errors
    /// [`Fault`] when the database is away.
    pub async fn read(&self, tenant: TenantId) -> Result<Cx<S>, Fault> {
        self.open(&self.host.db.rpc, Sees::Moment(tenant)).await
    }

    /// A transaction for the service's own work across tenants: its SQL joins on `tenant_id`.
    ///
    /// # Errors
    /// [`Fault`] when the database is away.
    pub async fn begin_log(&self) -> Result<Cx<S>, Fault> {
        self.open(&self.host.db.log, Sees::Everything).await
    }

    /// Does something to its end, also when whoever waits for it goes away half way.
    ///
    /// # Errors
    /// [`Fault`] of the work.
    pub async fn to_its_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Fault> {
        tokio::spawn(work.in_current_span()).await.map_err(Fault::bug)?
    }

    async fn open(&self, pool: &sqlx::PgPool, sees: Sees) -> Result<Cx<S>, Fault> {
        let (service, clock) = (self.host.service, &self.host.clock);
        Cx::begin(pool, sees, service, self.state.clone(), clock, self.wake.clone()).await
    }
}
