//! Our own tokens: for people at the command line, and between services.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::{
    digest,
    encoding::AsDer as _,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_types::TenantId;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use zeroize::Zeroizing;

use super::{
    claims::{Audience, Claims},
    keys::KeySet,
};
use crate::clock::{SharedClock, SystemClock};

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// Why there is no issuer.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The key file cannot be read.
    #[error("read the key file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: std::io::Error,
    },
    /// The key file cannot be made.
    #[error("make the key file {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: std::io::Error,
    },
    /// Anybody could replace the key.
    #[error("the key file {} may be written by others", .0.display())]
    Open(PathBuf),
    /// Not an Ed25519 key in PKCS#8 PEM.
    #[error("the key file {} holds no Ed25519 key", .0.display())]
    Format(PathBuf),
    /// The machine gives no random numbers.
    #[error("make a key")]
    Generate,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
#[error("sign a token")]
pub struct MintError(#[from] jsonwebtoken::errors::Error);

/// What a new token says.
#[derive(Debug, Clone, Default)]
pub struct MintRequest {
    /// `sub`.
    pub subject: String,
    /// For whom the bearer acts.
    pub tenant: Option<TenantId>,
    /// What the bearer may do.
    pub scopes: Vec<String>,
    /// How long it is good.
    pub ttl: Duration,
    /// Name of the service, for tokens between services.
    pub service: Option<String>,
}

/// Signs tokens with an Ed25519 key.
#[derive(Clone)]
pub struct Issuer {
    name: String,
    audience: String,
    clock: SharedClock,
    header: Arc<Header>,
    signing: Arc<EncodingKey>,
    kid: String,
    public: DecodingKey,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({}, key {})", self.name, self.kid)
    }
}

impl Issuer {
    /// Reads the key in this file; makes it first, mode 600, when there is none. Processes that
    /// start together end up with the same key. Named `colibri`, for the audience `colibri`.
    ///
    /// # Errors
    /// [`IssuerError`].
    pub fn load_or_create(path: &Path) -> Result<Self, IssuerError> {
        match fs::metadata(path) {
            Ok(_) => Self::load(path),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                create(path)?;
                Self::load(path)
            }
            Err(source) => Err(IssuerError::Read { path: path.to_owned(), source }),
        }
    }

    /// Reads the key in this file.
    ///
    /// # Errors
    /// [`IssuerError`], also when there is no file.
    pub fn load(path: &Path) -> Result<Self, IssuerError> {
        let read = |source| IssuerError::Read { path: path.to_owned(), source };
        let mode = fs::metadata(path).map_err(read)?.permissions().mode();
        if mode & 0o002 != 0 {
            return Err(IssuerError::Open(path.to_owned()));
        }
        let pem = Zeroizing::new(fs::read_to_string(path).map_err(read)?);
        Self::from_pem(&pem).ok_or_else(|| IssuerError::Format(path.to_owned()))
    }

    /// A fresh key nobody else knows, kept nowhere: for tests.
    ///
    /// # Errors
    /// [`IssuerError::Generate`].
    pub fn ephemeral() -> Result<Self, IssuerError> {
        Self::from_pem(&new_pem()?).ok_or(IssuerError::Generate)
    }

    fn from_pem(pem: &str) -> Option<Self> {
        let body = pem.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
        let body: Zeroizing<String> =
            Zeroizing::new(body.chars().filter(|c| !c.is_whitespace()).collect());
        let der = Zeroizing::new(STANDARD.decode(body.as_bytes()).ok()?);
        let pair = Ed25519KeyPair::from_pkcs8(&der).ok()?;
        let public = pair.public_key().as_ref();
        let hash = digest::digest(&digest::SHA256, public);
        let hash = hash.as_ref().iter().take(8);
        let kid: String = hash.map(|byte| format!("{byte:02x}")).collect();
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(kid.clone());
        Some(Self {
            name: "colibri".to_owned(),
            audience: "colibri".to_owned(),
            clock: Arc::new(SystemClock),
            header: Arc::new(header),
            signing: Arc::new(EncodingKey::from_ed_der(&der)),
            public: DecodingKey::from_ed_der(public),
            kid,
        })
    }

    /// With another `iss` and `aud`.
    #[must_use]
    pub fn named(mut self, issuer: &str, audience: &str) -> Self {
        issuer.clone_into(&mut self.name);
        audience.clone_into(&mut self.audience);
        self
    }

    /// With another clock.
    #[must_use]
    pub fn clock(mut self, clock: SharedClock) -> Self {
        self.clock = clock;
        self
    }

    /// The `iss` of its tokens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Signs a token that is good from now on.
    ///
    /// # Errors
    /// [`MintError`] when signing fails.
    pub fn mint(&self, request: MintRequest) -> Result<String, MintError> {
        let now = u64::try_from(self.clock.now().unix_timestamp()).unwrap_or_default();
        let claims = Claims {
            iss: self.name.clone(),
            aud: Audience::One(self.audience.clone()),
            sub: request.subject,
            exp: now.saturating_add(request.ttl.as_secs()),
            nbf: now,
            iat: Some(now),
            tenant: request.tenant.map(|tenant| tenant.to_string()),
            scope: request.scopes.join(" "),
            service: request.service,
        };
        Ok(jsonwebtoken::encode(&self.header, &claims, &self.signing)?)
    }

    pub(super) fn keys(&self) -> KeySet {
        KeySet::one(&self.kid, self.public.clone(), Algorithm::EdDSA)
    }

    pub(super) fn audience(&self) -> &str {
        &self.audience
    }
}

fn new_pem() -> Result<Zeroizing<String>, IssuerError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| IssuerError::Generate)?;
    let der: aws_lc_rs::encoding::Pkcs8V1Der<'static> =
        pair.as_der().map_err(|_| IssuerError::Generate)?;
    let body = Zeroizing::new(STANDARD.encode(der.as_ref()));
    Ok(Zeroizing::new(format!("{BEGIN}\n{}\n{END}\n", &*body)))
}

/// Written aside and linked into place, which fails when somebody was faster: nobody ever reads
/// half a key, and the first one wins.
fn create(path: &Path) -> Result<(), IssuerError> {
    let pem = new_pem()?;
    let aside = path.with_extension(format!("{}.new", ulid::Ulid::new()));
    let made = (|| {
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(&aside)?;
        file.write_all(pem.as_bytes())?;
        file.sync_all()?;
        fs::hard_link(&aside, path)
    })();
    // It may never have been made; then there is nothing to remove.
    let _ = fs::remove_file(&aside);
    match made {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(IssuerError::Write { path: path.to_owned(), source: error })
        }
        _ => Ok(()),
    }
}
