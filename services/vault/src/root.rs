//! Where the root key is: the one secret outside the database.
//!
//! In development a file. A key management service is another [`Root`]; its key never leaves it.

use std::{
    fmt, fs,
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::{hmac, rand::SystemRandom};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_kit::fault::{BoxError, Fault};
use futures::future::BoxFuture;
use zeroize::Zeroizing;

use crate::domain::cipher::{self, Key, OpenError, SealError};

/// Seals a tenant's keys. Asked once per tenant, week and process; answers are kept a while.
pub trait Root: Send + Sync + fmt::Debug {
    /// Seals a key for the row that `context` describes.
    fn wrap<'a>(
        &'a self,
        key: &'a Key,
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, RootError>>;

    /// Opens a key that was sealed for the same context.
    fn unwrap<'a>(
        &'a self,
        wrapped: &'a [u8],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<Key, RootError>>;
}

/// Why the root did not seal or open.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Its store does not answer.
    #[error("reach the store of the root key")]
    Away(#[source] BoxError),
    /// Nothing was sealed.
    #[error("seal a key under the root")]
    Seal(#[source] SealError),
    /// Sealed under another root, or changed.
    #[error("open a key under the root")]
    Open(#[source] OpenError),
}

impl From<RootError> for Fault {
    fn from(error: RootError) -> Self {
        match error {
            RootError::Away(_) => Self::retry(error),
            RootError::Seal(_) | RootError::Open(_) => Self::bug(error),
        }
    }
}

/// Why there is no root key.
#[derive(Debug, thiserror::Error)]
pub enum RootFileError {
    /// The file cannot be read.
    #[error("read the root key file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("make the root key file {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// Others than the owner have rights on it.
    #[error("the root key file {} must have mode 600", .0.display())]
    Open(PathBuf),
    /// Not a root key of ours.
    #[error("the root key file {} holds no root key", .0.display())]
    Format(PathBuf),
    /// The machine gives no random bytes.
    #[error("make a root key")]
    Random(#[source] SealError),
}

/// First word of the file: what it is, and its version.
const HEADER: &str = "colibri-vault-root/1";

/// The root key in a file.
pub struct RootFile {
    key: Key,
    id: [u8; 4],
}

impl fmt::Debug for RootFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.id;
        write!(f, "RootFile({a:02x}{b:02x}{c:02x}{d:02x})")
    }
}

impl RootFile {
    /// Reads the key, after making one when `create` and there is no file. Processes that start
    /// together end up with the same key.
    ///
    /// # Errors
    /// [`RootFileError`].
    pub fn load(path: &Path, create: bool) -> Result<Self, RootFileError> {
        let read = |source| RootFileError::Read { path: path.to_owned(), source };
        let found = match fs::metadata(path) {
            Err(error) if create && error.kind() == ErrorKind::NotFound => {
                make(path)?;
                fs::metadata(path)
            }
            other => other,
        };
        if found.map_err(read)?.permissions().mode() & 0o077 != 0 {
            return Err(RootFileError::Open(path.to_owned()));
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(read)?);
        Self::parse(&text).ok_or_else(|| RootFileError::Format(path.to_owned()))
    }

    fn parse(text: &str) -> Option<Self> {
        let body = text.trim_end().strip_prefix(HEADER)?.strip_prefix(' ')?;
        let bytes = Zeroizing::new(STANDARD.decode(body).ok()?);
        let key = Key::from_bytes(&bytes)?;
        // Names the key: a file that was swapped is noticed as such, not as damage.
        let naming = hmac::Key::new(hmac::HMAC_SHA256, key.expose());
        let tag = hmac::sign(&naming, b"colibri.vault.root");
        let id = *tag.as_ref().first_chunk()?;
        Some(Self { key, id })
    }
}

/// Written aside and linked into place, which fails when somebody was faster: nobody ever reads
/// half a key, and the first one wins.
fn make(path: &Path) -> Result<(), RootFileError> {
    let key = Key::generate(&SystemRandom::new()).map_err(RootFileError::Random)?;
    let text = Zeroizing::new(format!("{HEADER} {}\n", STANDARD.encode(key.expose())));
    let aside = path.with_extension(format!("{}.new", uuid::Uuid::new_v4()));
    let made = (|| {
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(&aside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::hard_link(&aside, path)
    })();
    // It may never have been made; then there is nothing to remove.
    let _ = fs::remove_file(&aside);
    match made {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => {
            Err(RootFileError::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

impl Root for RootFile {
    fn wrap<'a>(
        &'a self,
        key: &'a Key,
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, RootError>> {
        let random = SystemRandom::new();
        let sealed = cipher::seal(&self.key, &self.id, context, key.expose(), &random);
        Box::pin(std::future::ready(sealed.map_err(RootError::Seal)))
    }

    fn unwrap<'a>(
        &'a self,
        wrapped: &'a [u8],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<Key, RootError>> {
        let key = cipher::open(&self.key, self.id, context, wrapped)
            .and_then(|bytes| Key::from_bytes(&bytes).ok_or(OpenError::Malformed));
        Box::pin(std::future::ready(key.map_err(RootError::Open)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let path = std::env::temp_dir().join(format!("colibri-root-{}", uuid::Uuid::new_v4()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_is_made_once_for_its_owner_only() {
        let folder = Folder::new();
        let path = folder.0.join("deep/root.key");
        assert!(matches!(RootFile::load(&path, false), Err(RootFileError::Read { .. })));
        let one = RootFile::load(&path, true).unwrap();
        let two = RootFile::load(&path, true).unwrap();
        assert_eq!(one.key.expose(), two.key.expose());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(format!("{one:?}").len() < 20);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(RootFile::load(&path, true), Err(RootFileError::Open(_))));
    }

    #[test]
    fn a_file_that_holds_something_else_is_refused() {
        let folder = Folder::new();
        let path = folder.0.join("root.key");
        for text in ["", "x", HEADER, &format!("{HEADER} AAAA\n"), &format!("{HEADER} ???\n")] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(matches!(RootFile::load(&path, true), Err(RootFileError::Format(_))), "{text}");
        }
    }

    #[tokio::test]
    async fn another_root_says_that_it_is_another() {
        let folder = Folder::new();
        let one = RootFile::load(&folder.0.join("one"), true).unwrap();
        let two = RootFile::load(&folder.0.join("two"), true).unwrap();
        let key = Key::generate(&SystemRandom::new()).unwrap();
        let wrapped = one.wrap(&key, b"row").await.unwrap();
        assert_eq!(one.unwrap(&wrapped, b"row").await.unwrap().expose(), key.expose());
        let error = two.unwrap(&wrapped, b"row").await.unwrap_err();
        assert!(matches!(error, RootError::Open(OpenError::OtherKey)));
        let error = one.unwrap(&wrapped, b"other").await.unwrap_err();
        assert!(matches!(error, RootError::Open(OpenError::Refused)));
    }
}
