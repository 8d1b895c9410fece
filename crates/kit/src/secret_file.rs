//! A 256-bit secret in a file that only its owner can read: root keys, peppers.

use std::{
    fs,
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use aws_lc_rs::rand;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretFileError {
    /// The file cannot be read.
    #[error("read the secret file {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("make the secret file {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// Others than the owner have rights on it.
    #[error("the secret file {} must have mode 600", .0.display())]
    Open(PathBuf),
    /// Another kind of file.
    #[error("the secret file {} does not begin with {word}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it should begin with.
        word: &'static str,
    },
    /// The machine gives no random bytes.
    #[error("draw random bytes")]
    Random,
}

/// Reads the secret; makes one first, mode 600, when `create` and there is no file. `word` stands
/// first in the file and says what the secret is for, so that no key is taken for another.
/// Processes that start together end up with the same secret.
///
/// # Errors
/// [`SecretFileError`].
pub fn load(
    path: &Path,
    word: &'static str,
    create: bool,
) -> Result<Zeroizing<[u8; 32]>, SecretFileError> {
    let read = |source| SecretFileError::Read { path: path.to_owned(), source };
    let found = match fs::metadata(path) {
        Err(error) if create && error.kind() == ErrorKind::NotFound => {
            make(path, word)?;
            fs::metadata(path)
        }
        other => other,
    };
    if found.map_err(read)?.permissions().mode() & 0o077 != 0 {
        return Err(SecretFileError::Open(path.to_owned()));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(read)?);
    let format = || SecretFileError::Format { path: path.to_owned(), word };
    parse(&text, word).ok_or_else(format)
}

fn parse(text: &str, word: &str) -> Option<Zeroizing<[u8; 32]>> {
    let body = text.trim_end().strip_prefix(word)?.strip_prefix(' ')?;
    let bytes = Zeroizing::new(STANDARD.decode(body).ok()?);
    let mut secret = Zeroizing::new([0; 32]);
    if bytes.len() != secret.len() {
        return None;
    }
    secret.copy_from_slice(&bytes);
    Some(secret)
}

/// Written aside and linked into place, which fails when somebody was faster: nobody ever reads
/// half a secret, and the first one wins.
fn make(path: &Path, word: &str) -> Result<(), SecretFileError> {
    let mut secret = Zeroizing::new([0_u8; 32]);
    rand::fill(secret.as_mut_slice()).map_err(|_| SecretFileError::Random)?;
    let text = Zeroizing::new(format!("{word} {}\n", STANDARD.encode(secret.as_slice())));
    let aside = path.with_extension(format!("{}.new", ulid::Ulid::new()));
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
            Err(SecretFileError::Write { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            let name = format!("colibri-secret-{}", ulid::Ulid::new());
            let path = std::env::temp_dir().join(name);
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
    fn a_secret_is_made_once_for_its_owner_only() {
        let folder = Folder::new();
        let path = folder.0.join("deep/root.key");
        let missing = load(&path, "root/1", false);
        assert!(matches!(missing, Err(SecretFileError::Read { .. })));
        let one = load(&path, "root/1", true).unwrap();
        assert_eq!(load(&path, "root/1", true).unwrap(), one);
        assert_ne!(load(&folder.0.join("other.key"), "root/1", true).unwrap(), one);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let other = load(&path, "pepper/1", true);
        assert!(matches!(other, Err(SecretFileError::Format { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(load(&path, "root/1", true), Err(SecretFileError::Open(_))));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let good = STANDARD.encode([7; 32]);
        assert!(parse(&format!("root/1 {good}\n"), "root/1").is_some());
        let short = STANDARD.encode([7; 31]);
        for text in ["", "root/1", &good, &format!("root/1 {short}"), "root/1 ???"] {
            assert!(parse(text, "root/1").is_none(), "{text}");
        }
    }
}
