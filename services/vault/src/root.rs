//! Where the root key is: the one secret outside the database.
//!
//! In development a file. A key management service is another [`Root`]; its key never leaves it.

use std::{fmt, path::Path};

use aws_lc_rs::{hmac, rand::SystemRandom};
use colibri_kit::{
    fault::{BoxError, Fault},
    secret_file::{self, SecretFileError},
};
use futures::future::BoxFuture;

use crate::domain::cipher::{self, KEY_LEN, Key, OpenError, SealError};

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

/// First word of the file: what it is, and its version.
const WORD: &str = "colibri-vault-root/1";

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
    /// Reads the key, after making one when `create` and there is no file.
    ///
    /// # Errors
    /// [`SecretFileError`].
    pub fn load(path: &Path, create: bool) -> Result<Self, SecretFileError> {
        Ok(Self::new(&*secret_file::load(path, WORD, create)?))
    }

    fn new(bytes: &[u8; KEY_LEN]) -> Self {
        // Names the key: a file that was swapped is noticed as such, not as damage.
        let naming = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        let tag = hmac::sign(&naming, b"colibri.vault.root");
        let id = tag.as_ref().first_chunk().copied().unwrap_or_default();
        Self { key: Key::new(bytes), id }
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

    #[tokio::test]
    async fn another_root_says_that_it_is_another() {
        let (one, two) = (RootFile::new(&[1; KEY_LEN]), RootFile::new(&[2; KEY_LEN]));
        let key = Key::generate(&SystemRandom::new()).unwrap();
        let wrapped = one.wrap(&key, b"row").await.unwrap();
        assert_eq!(one.unwrap(&wrapped, b"row").await.unwrap().expose(), key.expose());
        let error = two.unwrap(&wrapped, b"row").await.unwrap_err();
        assert!(matches!(error, RootError::Open(OpenError::OtherKey)));
        let error = one.unwrap(&wrapped, b"other").await.unwrap_err();
        assert!(matches!(error, RootError::Open(OpenError::Refused)));
        assert!(format!("{one:?}").len() < 20);
    }
}
