//! The data directory of an embedded `PostgreSQL`: made once, whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::StartError;
use crate::process::quiet_environment;
use crate::stale;
use crate::unprivileged::User;

/// Name of the superuser, whoever runs the server.
pub(crate) const SUPERUSER: &str = "postgres";
/// Oldest version with a locale of its own, independent of the operating system's.
const BUILTIN_LOCALE_SINCE: u32 = 17;
/// Random bytes of a password: 192 bits cannot be guessed.
const PASSWORD_BYTES: usize = 24;
/// How much of what initdb printed an error repeats: its last lines hold the reason.
const OUTPUT_BYTES: usize = 2_048;
/// Start of the name of a directory that initdb has not finished.
const UNFINISHED: &str = "data.unfinished-";

/// How clients prove who they are. Decided when the data directory is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Everybody on this machine is believed. For tests.
    Trust,
    /// SCRAM with a generated password, kept beside the data in a file of mode 600.
    Password,
}

/// Where everything of one server lies.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) dir: PathBuf,
    pub(crate) user: Option<User>,
}

impl Layout {
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.dir.join("postgres.log")
    }

    fn password(&self) -> PathBuf {
        self.dir.join("password")
    }
}

/// What a data directory is made with.
#[derive(Debug)]
pub(crate) struct Init<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) bin: &'a Path,
    pub(crate) major: u32,
    pub(crate) auth: Auth,
    pub(crate) durable: bool,
}

/// Makes the data directory unless it is there, and gives the superuser's password if it has one.
pub(crate) fn prepare(init: &Init<'_>) -> Result<Option<String>, StartError> {
    let data = init.layout.data();
    match fs::read_to_string(data.join("PG_VERSION")) {
        Ok(found) if found.trim() == init.major.to_string() => adopt(init.layout)?,
        Ok(found) => {
            let (found, wanted) = (found.trim().to_owned(), init.major);
            return Err(StartError::Version { data, found, wanted });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => init.create()?,
        Err(source) => {
            return Err(StartError::Io { what: "read", path: data, source });
        }
    }
    if init.auth == Auth::Trust {
        return Ok(None);
    }
    let path = init.layout.password();
    let password = fs::read_to_string(&path);
    password.map(Some).map_err(|source| StartError::Io { what: "read", path, source })
}

/// Data that was copied or restored may belong to whoever did that, with any mode.
pub(crate) fn adopt(layout: &Layout) -> Result<(), StartError> {
    let data = layout.data();
    if let Some(user) = layout.user {
        user.own(&data).map_err(failed("take over", &data))?;
    }
    fs::set_permissions(&data, fs::Permissions::from_mode(0o700))
        .map_err(failed("close", &data))?;
    defuse_pid_file(&data).map_err(failed("clear the pid file in", &data))
}

/// After a crash the server's pid file stays. Postgres ignores it unless the id in it is in use
/// again, by anybody: common in containers, where few ids are used. Our caller holds the lock and
/// has ended all orphans, so such an id is a stranger's. The rest of the file stays: its shared
/// memory key protects against backends that outlived the server.
fn defuse_pid_file(data: &Path) -> io::Result<()> {
    /// Above the kernel's highest process id, 4 194 304.
    const UNUSED_PID: &str = "4194999";
    let path = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(());
    };
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    match first.trim().parse() {
        Ok(pid) if stale::alive(pid) => fs::write(&path, format!("{UNUSED_PID}\n{rest}")),
        Ok(_) => Ok(()),
        // Cut off by a full disk: Postgres would refuse to start because of it.
        Err(_) => fs::remove_file(&path),
    }
}

impl Init<'_> {
    /// Runs initdb beside the final place: the rename comes last, so that a directory named `data`
    /// is complete whenever we are killed.
    fn create(&self) -> Result<(), StartError> {
        let dir = &self.layout.dir;
        remove_unfinished(dir).map_err(failed("clear", dir))?;
        // The id keeps an initdb that outlived its owner out of this one.
        let unfinished = dir.join(format!("{UNFINISHED}{}", std::process::id()));
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&unfinished)
            .map_err(failed("create", &unfinished))?;
        if let Some(user) = self.layout.user {
            user.own(&unfinished).map_err(failed("give away", &unfinished))?;
        }
        if self.auth == Auth::Password {
            let path = self.layout.password();
            write_password(&path, self.layout.user).map_err(failed("write", &path))?;
        }
        self.run(&unfinished).inspect_err(|_| {
            let _ = fs::remove_dir_all(&unfinished);
        })?;
        fs::rename(&unfinished, self.layout.data()).map_err(failed("rename", &unfinished))?;
        if self.durable {
            let synced = File::open(dir).and_then(|dir| dir.sync_all());
            synced.map_err(failed("sync", dir))?;
        }
        Ok(())
    }

    /// In each case text is compared by code point: the order never changes with the system.
    fn run(&self, data: &Path) -> Result<(), StartError> {
        let locales: &[&[&str]] = if self.major >= BUILTIN_LOCALE_SINCE {
            &[&["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
        } else {
            // Minimal systems have no C.UTF-8; with C only case conversion gets poorer.
            &[&["--locale=C.UTF-8"], &["--locale=C"]]
        };
        let mut failure = None;
        for locale in locales {
            let output = self.initdb(data).args(*locale).output();
            let output = output.map_err(failed("run initdb on", data))?;
            if output.status.success() {
                return Ok(());
            }
            let text = [output.stdout, output.stderr].concat();
            let start = text.len().saturating_sub(OUTPUT_BYTES);
            let text = String::from_utf8_lossy(text.get(start..).unwrap_or_default());
            let (status, output) = (output.status, text.trim().to_owned());
            failure = Some(StartError::Init { status, output });
        }
        failure.map_or(Ok(()), Err)
    }

    fn initdb(&self, data: &Path) -> Command {
        let mut command = Command::new(self.bin.join("initdb"));
        quiet_environment(&mut command);
        command.arg("-D").arg(data).args([
            "-U",
            SUPERUSER,
            "-E",
            "UTF8",
            "--data-checksums",
            "--no-instructions",
        ]);
        if !self.durable {
            command.arg("--no-sync");
        }
        match self.auth {
            Auth::Trust => command.args(["-A", "trust"]),
            Auth::Password => {
                command.args(["-A", "scram-sha-256", "--pwfile"]).arg(self.layout.password())
            }
        };
        if let Some(user) = self.layout.user {
            user.apply(&mut command);
        }
        command
    }
}

fn remove_unfinished(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a new password that only its owner can read: the user who must hand it to initdb.
fn write_password(path: &Path, user: Option<User>) -> io::Result<()> {
    let mut bytes = [0; PASSWORD_BYTES];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    let password: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(password.as_bytes())?;
    file.sync_all()?;
    user.map_or(Ok(()), |user| user.own(path))
}

/// Makes an error of an operating system's answer.
pub(crate) fn failed(what: &'static str, path: &Path) -> impl Fn(io::Error) -> StartError {
    let path = path.to_owned();
    move |source| StartError::Io { what, path: path.clone(), source }
}
