//! What all requests share.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use colibri_kit::{service::Host, shutdown::Shutdown};

use crate::{config::Config, contract::Operation, limits::Limits, portal::Portal};

/// The running gateway.
pub(crate) struct App {
    pub(crate) host: Host,
    pub(crate) config: Config,
    pub(crate) limits: Limits,
    pub(crate) portal: Arc<Portal>,
    pub(crate) operations: Vec<Arc<Operation>>,
    /// The OpenAPI document, once somebody asked for it.
    pub(crate) document: OnceLock<Bytes>,
    pub(crate) shutdown: Shutdown,
}

impl App {
    /// What links begin with: our address in the world, or nothing.
    pub(crate) fn base(&self) -> &str {
        self.config.public_url.as_deref().unwrap_or_default()
    }
}
