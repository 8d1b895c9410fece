//! A directory for a test's servers that goes with its owner.

use std::fs::{self, DirBuilder, File};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const PREFIX: &str = "colibri-scratch-";
const LOCK: &str = "scratch.lock";

/// A new empty directory below the system's temporary one, removed when dropped.
///
/// Unlike other temporary directories it lets other users pass (not list), because Postgres must
/// run as another user when tests run as root. What a killed owner left is removed by the next.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    /// Locked as long as the owner lives.
    _lock: File,
}

impl Scratch {
    /// Creates one.
    ///
    /// # Errors
    /// When the system's temporary directory cannot be written.
    pub fn new() -> io::Result<Self> {
        Self::new_in(&std::env::temp_dir())
    }

    fn new_in(base: &Path) -> io::Result<Self> {
        sweep(base);
        loop {
            let random = RandomState::new().hash_one(std::process::id());
            let path = base.join(format!("{PREFIX}{random:016x}"));
            DirBuilder::new().mode(0o711).create(&path)?;
            let lock = File::create(path.join(LOCK))?;
            lock.lock()?;
            // Another process may have swept it away between the last two lines.
            if path.join(LOCK).exists() {
                return Ok(Self { path, _lock: lock });
            }
        }
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes directories whose owner is dead: their lock is free. One without a lock file is being
/// created this moment. Whatever cannot be removed belongs to another user and is left alone.
fn sweep(base: &Path) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let Ok(lock) = File::options().write(true).open(entry.path().join(LOCK)) else {
            continue;
        };
        if lock.try_lock().is_ok() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn it_goes_with_its_owner_and_what_the_dead_left_goes_with_the_next() {
        let base = Scratch::new().unwrap();
        let dead = base.path().join(format!("{PREFIX}dead"));
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join(LOCK), "").unwrap();
        let unfinished = base.path().join(format!("{PREFIX}unfinished"));
        fs::create_dir(&unfinished).unwrap();

        let living = Scratch::new_in(base.path()).unwrap();
        assert!(!dead.exists());
        assert!(unfinished.exists());
        let other = Scratch::new_in(base.path()).unwrap();
        assert!(living.path().exists());
        let path = other.path().to_owned();
        drop(other);
        assert!(!path.exists());
    }
}
