//! `PostgreSQL` refuses to run as root: choosing whom to become, and places that user can reach.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::StartError;

/// The conventional ids of `nobody`, for machines (bare containers) that list no users.
const NOBODY: User = User { uid: 65_534, gid: 65_534 };

/// Whom a child runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl User {
    /// The user to become, `None` when we are not root and stay who we are. Data that somebody
    /// owns already decides; else `postgres` where the machine has it, else `nobody`.
    pub(crate) fn for_data(data: &Path) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let owner = fs::metadata(data).ok().map(|meta| Self { uid: meta.uid(), gid: meta.gid() });
        let owner = owner.filter(|owner| owner.uid != 0);
        owner.or_else(|| {
            let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
            Some(entry(&users, "postgres").or_else(|| entry(&users, "nobody")).unwrap_or(NOBODY))
        })
    }

    /// Makes `command` run as this user, without our groups.
    pub(crate) fn apply(self, command: &mut Command) {
        // The standard library drops supplementary groups when it changes the user id.
        command.uid(self.uid).gid(self.gid);
    }

    /// Whether this user can get at `path`, which need not be there yet: search permission on
    /// every directory above it.
    pub(crate) fn reaches(self, path: &Path) -> bool {
        let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
        let Some(parent) = parent else { return false };
        parent.ancestors().all(|directory| {
            fs::metadata(directory).is_ok_and(|meta| {
                let bit = match () {
                    () if meta.uid() == self.uid => 0o100,
                    () if meta.gid() == self.gid => 0o010,
                    () => 0o001,
                };
                meta.mode() & bit != 0
            })
        })
    }

    /// Gives the whole tree to this user, where it is not so already.
    pub(crate) fn own(self, path: &Path) -> io::Result<()> {
        let meta = fs::symlink_metadata(path)?;
        if meta.uid() != self.uid || meta.gid() != self.gid {
            lchown(path, Some(self.uid), Some(self.gid))?;
        }
        if meta.is_dir() {
            for entry in fs::read_dir(path)? {
                self.own(&entry?.path())?;
            }
        }
        Ok(())
    }
}

/// A user of `/etc/passwd`, unless it is root under another name.
fn entry(users: &str, name: &str) -> Option<User> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    let user = User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? };
    (user.uid != 0).then_some(user)
}

/// A directory that `user` can reach, standing in for `dir`, which it cannot. Named after `dir`,
/// so that the next start finds the same data; `keep` asks for a place that outlives a reboot.
pub(crate) fn stand_in(dir: &Path, user: User, keep: bool) -> Result<PathBuf, StartError> {
    let unreachable = || StartError::Unreachable { uid: user.uid, dir: dir.to_owned() };
    let base = public_base(user, keep).ok_or_else(unreachable)?;
    let path = base.join(format!("colibri-{:016x}", fingerprint(&[dir.as_os_str()])));
    private_to_root(&path)?;
    Ok(path)
}

/// Copies the `PostgreSQL` installation around `bin` to where `user` can reach it, once for each
/// build: fresh checkouts share a copy.
pub(crate) fn reachable_programs(
    bin: &Path,
    version: &str,
    user: User,
) -> Result<PathBuf, StartError> {
    let program = bin.join("postgres");
    if user.reaches(&program) {
        return Ok(bin.to_owned());
    }
    let io = |what| move |source| StartError::Io { what, path: bin.to_owned(), source };
    let unreachable = || StartError::Unreachable { uid: user.uid, dir: bin.to_owned() };
    let prefix = bin.parent().ok_or_else(unreachable)?;
    let meta = fs::metadata(&program).map_err(io("read"))?;
    let identity = format!("{version} {} {}", meta.len(), meta.mtime());
    let key = fingerprint(&[OsStr::new(&identity)]);
    let base = public_base(user, true).ok_or_else(unreachable)?;
    let copy = base.join(format!("colibri-postgres-{key:016x}"));
    let ready = copy.join("postgres");
    if !ready.is_dir() {
        private_to_root(&copy)?;
        // Beside its final place: several processes may copy at once, one rename wins.
        let partial = copy.join(format!("partial-{}", std::process::id()));
        copy_tree(prefix, &partial).map_err(io("copy"))?;
        if fs::rename(&partial, &ready).is_err() {
            let _ = fs::remove_dir_all(&partial);
        }
    }
    if ready.join("bin/postgres").is_file() { Ok(ready.join("bin")) } else { Err(unreachable()) }
}

fn public_base(user: User, keep: bool) -> Option<PathBuf> {
    let (kept, temporary) = (PathBuf::from("/var/tmp"), std::env::temp_dir());
    let candidates =
        if keep { [kept, temporary, "/tmp".into()] } else { [temporary, "/tmp".into(), kept] };
    candidates.into_iter().find(|base| user.reaches(&base.join("x")))
}

/// Creates `path`, or accepts it if root made it: names in a public directory can be guessed, and
/// whoever was there first must not choose where root writes.
fn private_to_root(path: &Path) -> Result<(), StartError> {
    let io = |what| move |source| StartError::Io { what, path: path.to_owned(), source };
    match fs::DirBuilder::new().mode(0o711).create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        created => return created.map_err(io("create")),
    }
    let meta = fs::symlink_metadata(path).map_err(io("read"))?;
    if meta.is_dir() && meta.uid() == 0 {
        return Ok(());
    }
    let source = io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to another user");
    Err(io("use")(source))
}

/// Copies directories, files and links; everybody may read and run the result.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    fs::set_permissions(to, Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_tree(&from, &to)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&from)?, &to)?;
        } else {
            fs::copy(&from, &to)?;
            let program = entry.metadata()?.mode() & 0o100 != 0;
            let mode = if program { 0o755 } else { 0o644 };
            fs::set_permissions(&to, Permissions::from_mode(mode))?;
        }
    }
    Ok(())
}

/// FNV-1a, 64 bits: stable across builds (the standard hasher promises nothing), and a clash would
/// only make two projects of root's share a directory, whose lock then refuses the second.
fn fingerprint(parts: &[&OsStr]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.as_bytes().iter().chain(&[0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn users_are_found_by_their_whole_name_and_never_root() {
        let users = "root:x:0:0::/:\nnobody2:x:7:7::/:\nnobody:x:65534:65533::/:\ntoor:x:0:0::/:\n";
        assert_eq!(entry(users, "nobody"), Some(User { uid: 65_534, gid: 65_533 }));
        assert_eq!(entry(users, "postgres"), None);
        assert_eq!(entry(users, "toor"), None);
    }

    #[test]
    fn a_closed_directory_on_the_way_is_out_of_reach() {
        let scratch = crate::Scratch::new().unwrap();
        let inner = scratch.path().join("closed/inner");
        fs::create_dir_all(&inner).unwrap();
        let stranger = User { uid: 12_345, gid: 12_345 };
        assert!(stranger.reaches(&inner));
        let closed = scratch.path().join("closed");
        fs::set_permissions(&closed, Permissions::from_mode(0o700)).unwrap();
        assert!(!stranger.reaches(&inner));
        assert!(stranger.reaches(&closed), "what it holds is out of reach, not itself");
    }

    #[test]
    fn fingerprints_differ_by_part_boundary() {
        let print = |parts: &[&str]| fingerprint(&parts.iter().map(OsStr::new).collect::<Vec<_>>());
        assert_ne!(print(&["ab", "c"]), print(&["a", "bc"]));
        assert_eq!(print(&["a"]), print(&["a"]));
    }
}
