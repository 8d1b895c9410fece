//! Finds the programs: what the caller names, else the project's own, else the machine's.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Oldest accepted `nats-server`: the first whose atomic batches behave as the relay needs.
const NATS_MIN: [u32; 3] = [2, 15, 1];
/// Oldest accepted `PostgreSQL` major version: the oldest that the schemas are tested on.
const POSTGRES_MAJOR_MIN: u32 = 15;
/// Where Debian and Ubuntu keep server programs, which they leave out of `PATH`.
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";

/// Why the servers' programs could not be found. `Display` says what to run.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// A program that the caller named does not run or is too old. Nothing else is tried then.
    #[error("{program} was set to {} but {reason}", path.display())]
    Named {
        /// The program looked for.
        program: &'static str,
        /// What the caller named.
        path: PathBuf,
        /// Why it is of no use.
        reason: String,
    },
    /// No usable program anywhere.
    #[error("no {program} {wanted} or newer found; run `make deps` in {}{tried}", root.display())]
    Missing {
        /// The program looked for.
        program: &'static str,
        /// Oldest version accepted.
        wanted: String,
        /// The project whose `.colibri/bin` was looked at.
        root: PathBuf,
        /// The candidates that were found and refused, with the reason of each.
        tried: String,
    },
}

/// Where to look. [`Search::in_project`] fills in the usual places; override what you must.
#[derive(Clone, Debug)]
pub struct Search {
    /// Project root: `.colibri/bin` below it is looked at first, as `make deps` fills it.
    pub root: PathBuf,
    /// A `nats-server` program chosen by the user: used or refused, never replaced by another.
    pub nats_server: Option<PathBuf>,
    /// A directory with `postgres` and `initdb` chosen by the user; same rule.
    pub postgres_bin: Option<PathBuf>,
    /// Search path as in the `PATH` variable. `None` looks nowhere else.
    pub path: Option<OsString>,
    /// Also look where Debian keeps `PostgreSQL` servers.
    pub system: bool,
}

impl Search {
    /// The project's own programs, then those on this process's `PATH`, then Debian's.
    #[must_use]
    pub fn in_project(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            nats_server: None,
            postgres_bin: None,
            // PATH is the operating system's own setting, not configuration of ours.
            path: std::env::var_os("PATH"),
            system: true,
        }
    }
}

/// Usable programs, each checked by running it with `--version`.
#[derive(Clone, Debug)]
pub struct Binaries {
    pub(crate) nats_server: PathBuf,
    pub(crate) postgres_bin: PathBuf,
    pub(crate) postgres_major: u32,
    /// As the program prints it.
    pub(crate) postgres_version: String,
}

impl Binaries {
    /// Finds the programs with [`Search::in_project`].
    ///
    /// # Errors
    /// [`FindError::Missing`] when a program is nowhere, which `make deps` repairs.
    pub fn find(root: &Path) -> Result<Self, FindError> {
        Self::search(&Search::in_project(root))
    }

    /// Finds the programs where `search` says.
    ///
    /// # Errors
    /// [`FindError::Named`] when a program named in `search` is of no use;
    /// [`FindError::Missing`] when none was named and none was found.
    pub fn search(search: &Search) -> Result<Self, FindError> {
        let nats_server = find_nats(search)?;
        let (postgres_bin, (postgres_major, postgres_version)) = find_postgres(search)?;
        Ok(Self { nats_server, postgres_bin, postgres_major, postgres_version })
    }

    /// The `nats-server` program.
    #[must_use]
    pub fn nats_server(&self) -> &Path {
        &self.nats_server
    }

    /// The directory that holds `postgres` and `initdb` (and `psql` in some packages).
    #[must_use]
    pub fn postgres_bin(&self) -> &Path {
        &self.postgres_bin
    }

    /// Major version of `PostgreSQL`, for example 18.
    #[must_use]
    pub fn postgres_major(&self) -> u32 {
        self.postgres_major
    }
}

fn find_nats(search: &Search) -> Result<PathBuf, FindError> {
    const PROGRAM: &str = "nats-server";
    if let Some(path) = &search.nats_server {
        return match check_nats(path) {
            Ok(()) => Ok(path.clone()),
            Err(reason) => Err(FindError::Named { program: PROGRAM, path: path.clone(), reason }),
        };
    }
    let mut candidates = vec![own(search).join(PROGRAM)];
    candidates.extend(on_path(search).map(|directory| directory.join(PROGRAM)));
    let mut tried = String::new();
    for path in candidates.into_iter().filter(|path| path.is_file()) {
        match check_nats(&path) {
            Ok(()) => return Ok(path),
            Err(reason) => note(&mut tried, &path, &reason),
        }
    }
    let [major, minor, patch] = NATS_MIN;
    let wanted = format!("{major}.{minor}.{patch}");
    Err(FindError::Missing { program: PROGRAM, wanted, root: search.root.clone(), tried })
}

fn find_postgres(search: &Search) -> Result<(PathBuf, (u32, String)), FindError> {
    const PROGRAM: &str = "postgres";
    if let Some(path) = &search.postgres_bin {
        return match check_postgres(path) {
            Ok(version) => Ok((path.clone(), version)),
            Err(reason) => Err(FindError::Named { program: PROGRAM, path: path.clone(), reason }),
        };
    }
    let mut candidates = vec![own(search).join("postgres/bin")];
    candidates.extend(on_path(search));
    if search.system {
        candidates.extend(debian_directories());
    }
    let mut tried = String::new();
    for path in candidates.into_iter().filter(|path| path.join(PROGRAM).is_file()) {
        match check_postgres(&path) {
            Ok(version) => return Ok((real_directory(path), version)),
            Err(reason) => note(&mut tried, &path, &reason),
        }
    }
    let wanted = POSTGRES_MAJOR_MIN.to_string();
    Err(FindError::Missing { program: PROGRAM, wanted, root: search.root.clone(), tried })
}

/// Links such as `/usr/local/bin/postgres` lead to the directory that has the libraries beside it.
fn real_directory(directory: PathBuf) -> PathBuf {
    let target = directory.join("postgres").canonicalize();
    match target.ok().as_deref().and_then(Path::parent) {
        Some(real) if real.join("initdb").is_file() => real.to_owned(),
        _ => directory,
    }
}

fn own(search: &Search) -> PathBuf {
    search.root.join(".colibri/bin")
}

fn on_path(search: &Search) -> impl Iterator<Item = PathBuf> {
    let path = search.path.clone().unwrap_or_default();
    let directories: Vec<_> = std::env::split_paths(&path).collect();
    directories.into_iter().filter(|directory| directory.is_absolute())
}

/// Debian's server directories, newest version first.
fn debian_directories() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(DEBIAN_POSTGRES) else {
        return Vec::new();
    };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let major = entry.file_name().to_str()?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, path)| path).collect()
}

fn note(tried: &mut String, path: &Path, reason: &str) {
    tried.push_str(&format!("; {} {reason}", path.display()));
}

fn check_nats(path: &Path) -> Result<(), String> {
    let text = version_text(path)?;
    let version = numbers(&text, "nats-server: v").ok_or_else(|| strange(&text))?;
    if version < NATS_MIN {
        return Err(format!("is too old: {text}"));
    }
    Ok(())
}

/// Major version and the whole text.
fn check_postgres(directory: &Path) -> Result<(u32, String), String> {
    let text = version_text(&directory.join("postgres"))?;
    let [major, ..] = numbers(&text, "postgres (PostgreSQL) ").ok_or_else(|| strange(&text))?;
    if major < POSTGRES_MAJOR_MIN {
        return Err(format!("is too old: {text}"));
    }
    if !directory.join("initdb").is_file() {
        return Err("has no initdb beside it".to_owned());
    }
    Ok((major, text))
}

fn version_text(path: &Path) -> Result<String, String> {
    let output = Command::new(path).arg("--version").env_clear().output();
    let output = output.map_err(|error: io::Error| format!("does not run: {error}"))?;
    if !output.status.success() {
        let message = String::from_utf8_lossy(&output.stderr);
        return Err(format!("does not run: {}, {}", output.status, message.trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn strange(text: &str) -> String {
    format!("is another program: {text:?}")
}

/// Reads the number after `prefix`: 2.15.1, 18.4, 19beta1, 15.18 (package 1).
fn numbers(text: &str, prefix: &str) -> Option<[u32; 3]> {
    let word = text.strip_prefix(prefix)?.split_whitespace().next()?;
    let mut parts = word.split('.').map(|part| {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part.get(..digits).and_then(|number| number.parse().ok())
    });
    // A missing part counts as 0; a first part that is no number is no version at all.
    let major = parts.next()??;
    let minor = parts.next().flatten().unwrap_or(0);
    let patch = parts.next().flatten().unwrap_or(0);
    Some([major, minor, patch])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn versions_are_read_as_the_programs_print_them() {
        let nats = |text| numbers(text, "nats-server: v");
        assert_eq!(nats("nats-server: v2.15.1"), Some([2, 15, 1]));
        assert_eq!(nats("nats-server: v2.16.0-RC.1"), Some([2, 16, 0]));
        assert_eq!(nats("true (GNU coreutils) 9.1"), None);
        assert_eq!(nats("nats-server: vnext"), None);
        assert_eq!(nats(""), None);
        let postgres = |text| numbers(text, "postgres (PostgreSQL) ");
        assert_eq!(postgres("postgres (PostgreSQL) 18.4"), Some([18, 4, 0]));
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)";
        assert_eq!(postgres(debian), Some([15, 18, 0]));
        assert_eq!(postgres("postgres (PostgreSQL) 19beta1"), Some([19, 0, 0]));
    }

    #[test]
    fn an_empty_search_names_the_repair() {
        let search = Search {
            root: "/nowhere/at/all".into(),
            nats_server: None,
            postgres_bin: None,
            path: None,
            system: false,
        };
        let error = Binaries::search(&search).unwrap_err().to_string();
        assert!(error.contains("make deps"), "{error}");
        assert!(error.contains("2.15.1"), "{error}");
    }

    #[test]
    fn a_named_program_is_never_replaced_by_another() {
        let search = Search {
            nats_server: Some("/bin/true".into()),
            ..Search::in_project(Path::new("/nowhere"))
        };
        let error = Binaries::search(&search).unwrap_err();
        assert!(matches!(error, FindError::Named { program: "nats-server", .. }), "{error}");
    }
}
