//! A running sandbox: started whole or not at all, stopped in order.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use colibri_carriers::sim::LedgerEntry;
use colibri_kit::{
    clock::SharedClock,
    shutdown::{Drained, Shutdown},
};
use tokio::net::TcpListener;
use tracing::info;

use crate::{
    FaultProfile, FaultProfileError, LogEntry, SetFaultsError, Totals,
    admin::Directory,
    host::Host,
    push,
    serve::{self, Target},
};

/// How long answers under way may take when the sandbox stops.
const STOP_DEADLINE: Duration = Duration::from_secs(5);

/// One carrier of a sandbox.
#[derive(Debug, Clone, PartialEq)]
pub struct CarrierOptions {
    /// Id in the registry of carriers.
    pub id: String,
    /// Where it listens: loopback only; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Decides numbers, stories of parcels, and faults.
    pub seed: u64,
    /// What goes wrong.
    pub faults: FaultProfile,
}

impl CarrierOptions {
    /// A faultless carrier on a port that is free.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { id: id.into(), listen, seed: 1, faults: FaultProfile::default() }
    }
}

/// How a sandbox is made.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// The carriers, each at most once.
    pub carriers: Vec<CarrierOptions>,
    /// The clock that the services under test have too.
    pub clock: SharedClock,
    /// Port for `/_sandbox/carriers` and `/_sandbox/<carrier>/..` of all; absent: none, since each
    /// carrier's own port has its own.
    pub admin: Option<SocketAddr>,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No simulator has that id.
    #[error("no simulator for carrier `{0}`")]
    UnknownCarrier(String),
    /// A carrier is named twice.
    #[error("carrier `{0}` is given twice")]
    Twice(String),
    /// An address that others could reach.
    #[error("a sandbox listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    /// A carrier's faults make no sense.
    #[error("faults of carrier `{carrier}`")]
    Faults {
        /// Id of the carrier.
        carrier: String,
        /// What is wrong.
        source: FaultProfileError,
    },
    /// The port is taken or not allowed.
    #[error("listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The system's answer.
        source: std::io::Error,
    },
}

/// A running sandbox. Dropping it stops it without waiting.
pub struct Sandbox {
    directory: Arc<Directory>,
    admin: Option<String>,
    shutdown: Shutdown,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let urls = self.directory.carriers.iter().map(|(id, (_, url))| (id, url));
        f.debug_map().entries(urls).finish()
    }
}

impl Sandbox {
    /// Opens every port, then begins to answer on all.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(options: SandboxOptions) -> Result<Self, StartError> {
        let shutdown = Shutdown::new();
        let mut carriers = BTreeMap::new();
        let mut listeners = Vec::new();
        for carrier in options.carriers {
            let CarrierOptions { id, listen, seed, faults } = carrier;
            if carriers.contains_key(&id) {
                return Err(StartError::Twice(id));
            }
            let checked = faults.validate();
            checked.map_err(|source| StartError::Faults { carrier: id.clone(), source })?;
            let host = Host::new(&id, seed, faults, Arc::clone(&options.clock));
            let host = Arc::new(host.ok_or_else(|| StartError::UnknownCarrier(id.clone()))?);
            let (listener, url) = bind(listen).await?;
            listeners.push((listener, Arc::clone(&host)));
            carriers.insert(id, (host, url));
        }
        let admin = match options.admin {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let directory = Arc::new(Directory { carriers });
        for (id, (_, url)) in &directory.carriers {
            info!(carrier = %id, %url, "simulated carrier {id} listens on {url}");
        }
        for (listener, host) in listeners {
            let target = Target::Carrier(Arc::clone(&host));
            shutdown.spawn(host.id, serve::listen(listener, target, shutdown.clone()));
            let name = format!("webhooks of {}", host.id);
            shutdown.spawn(name, push::run(host, shutdown.clone()));
        }
        let admin = admin.map(|(listener, url)| {
            let target = Target::Admin(Arc::clone(&directory));
            shutdown.spawn("admin", serve::listen(listener, target, shutdown.clone()));
            url
        });
        Ok(Self { directory, admin, shutdown })
    }

    /// Base URL of a carrier, without a trailing slash: the value of each host of its accounts.
    #[must_use]
    pub fn url(&self, carrier: &str) -> Option<String> {
        self.directory.carriers.get(carrier).map(|(_, url)| url.clone())
    }

    /// Base URL of the port for all carriers, when one was asked for.
    #[must_use]
    pub fn admin_url(&self) -> Option<&str> {
        self.admin.as_deref()
    }

    /// Everything a carrier sold and voided, in order.
    #[must_use]
    pub fn ledger(&self, carrier: &str) -> Option<Vec<LedgerEntry>> {
        self.host(carrier).map(|host| host.ledger(0))
    }

    /// Requests that a carrier's port has had, those to us not counted.
    #[must_use]
    pub fn requests(&self, carrier: &str) -> Option<u64> {
        self.totals(carrier).map(|totals| totals.requests)
    }

    /// All counts of a carrier.
    #[must_use]
    pub fn totals(&self, carrier: &str) -> Option<Totals> {
        self.host(carrier).map(Host::totals)
    }

    /// The last requests of a carrier, at most 100,000, oldest first.
    #[must_use]
    pub fn log(&self, carrier: &str) -> Option<Vec<LogEntry>> {
        self.host(carrier).map(Host::log)
    }

    /// Changes what goes wrong from the next request on.
    ///
    /// # Errors
    /// [`SetFaultsError`]; scan faults can only change before a carrier is first asked.
    pub fn set_faults(&self, carrier: &str, faults: FaultProfile) -> Result<(), SetFaultsError> {
        let host = self.host(carrier);
        host.ok_or_else(|| SetFaultsError::UnknownCarrier(carrier.to_owned()))?.set_faults(faults)
    }

    /// Makes a carrier refuse a secret that it took before, and the tokens it gave, as after a
    /// rotation; false when no such carrier runs here.
    pub fn revoke(&self, carrier: &str, secret: &str) -> bool {
        self.host(carrier).map(|host| host.revoke(secret)).is_some()
    }

    /// Returns when the sandbox has begun to stop by itself, which means a defect in a simulator.
    pub async fn stopping(&self) {
        self.shutdown.triggered().await;
    }

    /// Takes no more requests, lets answers under way leave for up to five seconds, and ends.
    pub async fn stop(self) -> Drained {
        self.shutdown.drain(STOP_DEADLINE).await
    }

    fn host(&self, carrier: &str) -> Option<&Host> {
        self.directory.carriers.get(carrier).map(|(host, _)| host.as_ref())
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shutdown.trigger();
    }
}

pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, String), StartError> {
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback(address));
    }
    let failed = |source| StartError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, format!("http://{bound}")))
}
