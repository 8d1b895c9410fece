//! Keys of an outside issuer, fetched from its JWKS address and kept.
//!
//! Fetched again when they are old or when a token names a key that is not known, but at most
//! once in [`PAUSE_S`] seconds: invented key ids must not make us hammer the issuer. When the
//! issuer is away, known keys stay good.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::sync::{Mutex, RwLock};

use super::keys::{KeySet, PinnedKey};
use crate::{clock::SharedClock, fault::BoxError};

/// Least seconds between two fetches.
const PAUSE_S: i64 = 30;

/// Longest fetch: the call that waits for it has a deadline of its own, about twice that.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Largest document, bytes: real ones hold a handful of keys of 2 kB.
const DOCUMENT_MAX: usize = 256 * 1024;

pub(super) struct Jwks {
    url: http::Uri,
    ttl_s: i64,
    clock: SharedClock,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    known: RwLock<Known>,
    /// Seconds since 1970 of the last attempt; also lets one caller fetch at a time.
    tried: Mutex<Option<i64>>,
}

#[derive(Default)]
struct Known {
    keys: Arc<KeySet>,
    fetched: Option<i64>,
}

impl std::fmt::Debug for Jwks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Jwks({})", self.url)
    }
}

impl Jwks {
    pub(super) fn new(url: http::Uri, ttl_s: u64, clock: SharedClock) -> Result<Self, BoxError> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            url,
            ttl_s: i64::try_from(ttl_s).unwrap_or(i64::MAX),
            clock,
            client: Client::builder(TokioExecutor::new()).build(connector),
            known: RwLock::default(),
            tried: Mutex::new(None),
        })
    }

    /// The key with this id; `Ok(None)` when the issuer has none, `Err` when nobody can tell.
    pub(super) async fn get(&self, kid: &str) -> Result<Option<PinnedKey>, BoxError> {
        let now = self.clock.now().unix_timestamp();
        let (key, fresh) = self.look(kid, now).await;
        if fresh && key.is_some() {
            return Ok(key);
        }
        let mut tried = match (&key, self.tried.try_lock()) {
            (_, Ok(tried)) => tried,
            // Old but known, and somebody fetches already: no need to wait for it.
            (Some(_), Err(_)) => return Ok(key),
            (None, Err(_)) => self.tried.lock().await,
        };
        // Somebody may have fetched while we waited.
        let (key, fresh) = self.look(kid, now).await;
        let soon = tried.is_some_and(|at| now.saturating_sub(at) < PAUSE_S);
        if (fresh && key.is_some()) || (soon && self.has_keys().await) {
            return Ok(key);
        }
        if soon {
            return Err("the last fetch failed a moment ago".into());
        }
        *tried = Some(now);
        match self.fetch().await {
            Ok(keys) => {
                let found = keys.get(kid).cloned();
                let keys = Arc::new(keys);
                let fetched = Some(now);
                *self.known.write().await = Known { keys, fetched };
                Ok(found)
            }
            Err(error) => {
                let text = crate::fault::chain(error.as_ref());
                tracing::warn!(url = %self.url, error = text, "keys were not fetched");
                if key.is_some() { Ok(key) } else { Err(error) }
            }
        }
    }

    async fn look(&self, kid: &str, now: i64) -> (Option<PinnedKey>, bool) {
        let known = self.known.read().await;
        let age = known.fetched.map(|at| now.saturating_sub(at));
        let fresh = age.is_some_and(|age| age < self.ttl_s);
        (known.keys.get(kid).cloned(), fresh)
    }

    async fn has_keys(&self) -> bool {
        !self.known.read().await.keys.is_empty()
    }

    async fn fetch(&self) -> Result<KeySet, BoxError> {
        let answer = tokio::time::timeout(TIMEOUT, async {
            let response = self.client.get(self.url.clone()).await?;
            if response.status() != http::StatusCode::OK {
                return Err::<_, BoxError>(format!("status {}", response.status()).into());
            }
            let body = Limited::new(response.into_body(), DOCUMENT_MAX);
            Ok(body.collect().await?.to_bytes())
        });
        let text = answer.await.map_err(|_| "timed out")??;
        let keys = KeySet::parse(&text)?;
        if keys.is_empty() {
            return Err("no usable key in the document".into());
        }
        Ok(keys)
    }
}
