//! Verification of bearer tokens.

use std::{path::Path, sync::Arc};

use jsonwebtoken::{Validation, errors::ErrorKind};

use super::{
    AuthError, Caller, Issuer,
    cache::Cache,
    claims::{Claims, Peek},
    jwks::Jwks,
    keys::{KeySet, PinnedKey},
};
use crate::{
    clock::SharedClock,
    config::AuthConfig,
    fault::{BoxError, chain},
};

/// Longest token, bytes: those of large directories with group lists reach 6 kB.
const TOKEN_MAX: usize = 8 * 1024;

/// Why there is no verifier.
#[derive(Debug, thiserror::Error)]
pub enum VerifierError {
    /// The file of keys cannot be read or holds none we can use.
    #[error("read the keys of issuer {issuer}")]
    Keys {
        /// The issuer.
        issuer: String,
        /// What is wrong.
        source: BoxError,
    },
    /// The address of the keys is none.
    #[error("jwks_url of issuer {issuer}")]
    Url {
        /// The issuer.
        issuer: String,
        /// What is wrong.
        source: BoxError,
    },
}

/// Believes tokens of the issuers it was told to trust. Clones share keys and cache.
#[derive(Clone, Debug)]
pub struct Verifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: SharedClock,
    leeway_s: u64,
    issuers: Vec<Trusted>,
    cache: Cache,
}

#[derive(Debug)]
struct Trusted {
    name: String,
    audience: String,
    keys: Source,
    /// Whether its tokens may say which service they are.
    service: bool,
}

enum Source {
    Known(KeySet),
    Fetched(Box<Jwks>),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Known(_) => f.write_str("Known"),
            Self::Fetched(jwks) => jwks.fmt(f),
        }
    }
}

/// Collects whom to trust.
#[derive(Debug)]
pub struct VerifierBuilder {
    clock: SharedClock,
    leeway_s: u64,
    jwks_ttl_s: u64,
    cache_max: usize,
    issuers: Vec<Trusted>,
}

impl VerifierBuilder {
    /// Trusts our own issuer for people and programs.
    #[must_use]
    pub fn trust(self, issuer: &Issuer) -> Self {
        self.known(issuer.name(), issuer.audience(), issuer.keys(), false)
    }

    /// Trusts the issuer with the shared service key: its tokens say which service they are.
    #[must_use]
    pub fn trust_services(self, issuer: &Issuer) -> Self {
        self.known(issuer.name(), issuer.audience(), issuer.keys(), true)
    }

    /// Trusts an outside issuer whose keys are in a JWKS document.
    ///
    /// # Errors
    /// [`VerifierError::Keys`] when it holds no usable key.
    pub fn trust_keys(
        self,
        issuer: &str,
        audience: &str,
        jwks: &[u8],
    ) -> Result<Self, VerifierError> {
        let wrong = |source| VerifierError::Keys { issuer: issuer.to_owned(), source };
        let keys = KeySet::parse(jwks).map_err(|error| wrong(error.into()))?;
        if keys.is_empty() {
            return Err(wrong("no usable key".into()));
        }
        Ok(self.known(issuer, audience, keys, false))
    }

    /// Trusts an outside issuer whose keys are at this address; fetched when first needed.
    ///
    /// # Errors
    /// [`VerifierError::Url`] when it is no address.
    pub fn trust_url(
        mut self,
        issuer: &str,
        audience: &str,
        url: &str,
    ) -> Result<Self, VerifierError> {
        let wrong = |source| VerifierError::Url { issuer: issuer.to_owned(), source };
        let url: http::Uri =
            url.parse().map_err(|error: http::uri::InvalidUri| wrong(error.into()))?;
        if url.host().is_none() || !matches!(url.scheme_str(), Some("http" | "https")) {
            return Err(wrong("not an http address".into()));
        }
        let jwks = Jwks::new(url, self.jwks_ttl_s, self.clock.clone()).map_err(wrong)?;
        self.issuers.push(Trusted {
            name: issuer.to_owned(),
            audience: audience.to_owned(),
            keys: Source::Fetched(Box::new(jwks)),
            service: false,
        });
        Ok(self)
    }

    /// Done.
    #[must_use]
    pub fn build(self) -> Verifier {
        Verifier(Arc::new(Inner {
            clock: self.clock,
            leeway_s: self.leeway_s,
            issuers: self.issuers,
            cache: Cache::new(self.cache_max),
        }))
    }

    fn known(mut self, issuer: &str, audience: &str, keys: KeySet, service: bool) -> Self {
        self.issuers.push(Trusted {
            name: issuer.to_owned(),
            audience: audience.to_owned(),
            keys: Source::Known(keys),
            service,
        });
        self
    }
}

impl Verifier {
    /// Trusts nobody yet. 30 s leeway, keys fetched every 10 minutes, 10,000 tokens remembered.
    #[must_use]
    pub fn builder(clock: SharedClock) -> VerifierBuilder {
        VerifierBuilder {
            clock,
            leeway_s: 30,
            jwks_ttl_s: 600,
            cache_max: 10_000,
            issuers: Vec::new(),
        }
    }

    /// As `[kit.auth]` says, with the issuers already loaded: see [`super::Trust::load`].
    ///
    /// # Errors
    /// [`VerifierError`].
    pub(super) fn from_config(
        config: &AuthConfig,
        clock: SharedClock,
        own: Option<&Issuer>,
        services: Option<&Issuer>,
    ) -> Result<Self, VerifierError> {
        let mut builder = Self::builder(clock);
        builder.leeway_s = config.leeway_s;
        builder.jwks_ttl_s = config.jwks_ttl_s;
        builder.cache_max = config.cache_max;
        if let Some(issuer) = own {
            builder = builder.trust(issuer);
        }
        if let Some(issuer) = services {
            builder = builder.trust_services(issuer);
        }
        if let Some(issuer) = &config.issuer {
            if let Some(path) = &config.jwks_file {
                let text = read(issuer, path)?;
                builder = builder.trust_keys(issuer, &config.audience, &text)?;
            } else if let Some(url) = &config.jwks_url {
                builder = builder.trust_url(issuer, &config.audience, url)?;
            }
        }
        Ok(builder.build())
    }

    /// Who bears this token.
    ///
    /// # Errors
    /// [`AuthError`] when it is not believed.
    pub async fn verify(&self, token: &str) -> Result<Arc<Caller>, AuthError> {
        if token.len() > TOKEN_MAX {
            return Err(AuthError::Malformed);
        }
        let now = self.0.clock.now().unix_timestamp();
        let key = Cache::key(token);
        if let Some(caller) = self.0.cache.get(&key, now) {
            return Ok(caller);
        }
        let (claims, trusted) = self.check(token).await?;
        let exp = i64::try_from(claims.exp).map_err(|_| AuthError::Malformed)?;
        let caller = Arc::new(self.caller(claims, trusted, now)?);
        self.0.cache.put(key, caller.clone(), now, exp);
        Ok(caller)
    }

    /// Signature, algorithm, key, issuer and audience.
    async fn check(&self, token: &str) -> Result<(Claims, &Trusted), AuthError> {
        let header = jsonwebtoken::decode_header(token).map_err(|e| malformed(&e))?;
        // Critical extensions we do not know must not be ignored (RFC 7515, 4.1.11).
        if header.crit.is_some() {
            return Err(AuthError::Refused);
        }
        let peek: Peek = jsonwebtoken::dangerous::insecure_decode_claims(token)
            .map_err(|_| AuthError::Malformed)?;
        let kid = header.kid.ok_or(AuthError::Refused)?;
        let mut offered = false;
        for trusted in self.0.issuers.iter().filter(|t| t.name == peek.iss) {
            let Some(pinned) = trusted.key(&kid).await? else {
                continue;
            };
            offered = true;
            if header.alg == pinned.algorithm {
                return Ok((trusted.decode(token, &pinned)?, trusted));
            }
        }
        tracing::debug!(known_key = offered, "token of no trusted key");
        Err(AuthError::Refused)
    }

    fn caller(&self, claims: Claims, trusted: &Trusted, now: i64) -> Result<Caller, AuthError> {
        let now = u64::try_from(now).map_err(|_| AuthError::Refused)?;
        if claims.exp.saturating_add(self.0.leeway_s) <= now {
            return Err(AuthError::Expired);
        }
        if claims.nbf > now.saturating_add(self.0.leeway_s) {
            return Err(AuthError::Refused);
        }
        // Only the shared service key may speak for a service, and it speaks for nobody else.
        if claims.service.is_some() != trusted.service {
            return Err(AuthError::Refused);
        }
        let tenant = claims.tenant.as_deref().map(str::parse).transpose();
        Ok(Caller {
            subject: claims.sub,
            tenant: tenant.map_err(|_| AuthError::Malformed)?,
            scopes: claims.scope.split_ascii_whitespace().map(str::to_owned).collect(),
            service: claims.service,
        })
    }
}

impl Trusted {
    async fn key(&self, kid: &str) -> Result<Option<PinnedKey>, AuthError> {
        match &self.keys {
            Source::Known(keys) => Ok(keys.get(kid).cloned()),
            Source::Fetched(jwks) => jwks.get(kid).await.map_err(|error| {
                let error = chain(error.as_ref());
                tracing::debug!(issuer = self.name, error, "no keys of {}", self.name);
                AuthError::KeysUnavailable
            }),
        }
    }

    fn decode(&self, token: &str, pinned: &PinnedKey) -> Result<Claims, AuthError> {
        let mut rules = Validation::new(pinned.algorithm);
        rules.set_required_spec_claims(&["exp", "nbf", "aud", "iss"]);
        rules.set_issuer(&[&self.name]);
        rules.set_audience(&[&self.audience]);
        // Times are compared by the caller, on our own clock; they are required and typed here.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims: Claims =
            jsonwebtoken::decode(token, &pinned.key, &rules).map_err(|e| malformed(&e))?.claims;
        if claims.iss != self.name || !claims.aud.contains(&self.audience) {
            return Err(AuthError::Refused);
        }
        Ok(claims)
    }
}

fn malformed(error: &jsonwebtoken::errors::Error) -> AuthError {
    match error.kind() {
        ErrorKind::InvalidToken
        | ErrorKind::Base64(_)
        | ErrorKind::Json(_)
        | ErrorKind::Utf8(_)
        | ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_) => AuthError::Malformed,
        _ => AuthError::Refused,
    }
}

fn read(issuer: &str, path: &Path) -> Result<Vec<u8>, VerifierError> {
    std::fs::read(path)
        .map_err(|source| VerifierError::Keys { issuer: issuer.to_owned(), source: source.into() })
}
