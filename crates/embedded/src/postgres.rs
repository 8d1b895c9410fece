//! One `PostgreSQL` server, as a child process.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::binaries::Binaries;
use crate::error::{StartError, StopError};
use crate::poll::poll;
use crate::ports::free_ports;
use crate::postgres_data::{Auth, Init, Layout, SUPERUSER, adopt, failed, prepare};
use crate::probe::postgres_accepts;
use crate::process::Process;
use crate::stale;
use crate::unprivileged::{User, reachable_programs, stand_in};

const PROGRAM: &str = "postgres";
/// A first start takes under two seconds; recovery after a crash reads up to 1 GB of log.
const READY_LIMIT: Duration = Duration::from_secs(120);
/// A fast stop writes one checkpoint, which a slow disk under load stretches.
const FAST_LIMIT: Duration = Duration::from_secs(60);
/// An immediate stop writes nothing; Postgres itself kills its children after 5 s.
const IMMEDIATE_LIMIT: Duration = Duration::from_secs(10);
/// Backends notice the death of their server within a second or at their next statement.
const BACKENDS_LIMIT: Duration = Duration::from_secs(30);
/// How often another port is picked when somebody takes it between choice and use.
const PORT_TRIES: usize = 5;
/// The kernel's limit for a socket's path is 107 bytes; its name takes up to `/.s.PGSQL.65535`.
const SOCKET_DIR_BYTES_MAX: usize = 107 - 15;

/// What server to run, and where.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Holds everything of this server: data, log, password. Created when missing. As root, when
    /// other users cannot reach it, a stand-in is used: see [`Postgres::dir`].
    pub dir: PathBuf,
    /// Port on 127.0.0.1; 0 picks a free one, kept across restarts of this value.
    pub port: u16,
    /// Committed means on disk. Without it the kill of the server loses what was committed in the
    /// last second, and a crash of the machine ruins the data.
    pub durable: bool,
    /// Most connections at once. Each costs about 2 MB when used; too low refuses services.
    pub max_connections: u32,
    /// How clients prove who they are; decided when the data directory is made.
    pub auth: Auth,
    /// More server settings, which win over ours, as name and value.
    pub settings: Vec<(String, String)>,
    /// How long to wait until connections are taken.
    pub ready_limit: Duration,
}

impl PostgresOptions {
    /// Loses nothing that was committed, and asks for a password. For `colibri up`.
    pub fn durable(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            port: 0,
            durable: true,
            // A dozen services with pools of ten, and people looking on.
            max_connections: 200,
            auth: Auth::Password,
            settings: Vec::new(),
            ready_limit: READY_LIMIT,
        }
    }

    /// Does not wait for the disk and believes everybody on this machine. For tests of logic.
    pub fn fast(dir: impl Into<PathBuf>) -> Self {
        Self { durable: false, auth: Auth::Trust, ..Self::durable(dir) }
    }
}

/// How a server is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Ends connections, writes a checkpoint: the next start is quick.
    Fast,
    /// Ends at once; the next start recovers from the log, as after a crash.
    Immediate,
}

/// A `PostgreSQL` server of ours. Dropping it stops the server immediately (which loses nothing
/// committed if it is durable); [`Postgres::stop`] with [`Mode::Fast`] is the polite end.
///
/// It can be down while this value lives, with [`Postgres::restart`] bringing it back on the same
/// port and data.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    options: PostgresOptions,
    layout: Layout,
    password: Option<String>,
    port: u16,
    process: Option<Process>,
    /// Keeps other processes off the directory.
    _lock: File,
}

impl Postgres {
    /// Makes the data directory unless it is there, starts a server on it and waits until it takes
    /// connections. A server that a killed predecessor left there is ended first.
    ///
    /// # Errors
    /// [`StartError`]: directory in use or out of reach, initdb failed, data of another version,
    /// no port, ended early (with its last words), not ready.
    pub fn start(binaries: &Binaries, options: PostgresOptions) -> Result<Self, StartError> {
        let layout = lay_out(&options)?;
        let lock = stale::lock(&layout.dir)?;
        stale::end_orphans(PROGRAM, &layout.data(), Signal::INT)?;
        let bin = match layout.user {
            Some(user) => {
                let version = &binaries.postgres_version;
                reachable_programs(&binaries.postgres_bin, version, user)?
            }
            None => binaries.postgres_bin.clone(),
        };
        let password = prepare(&Init {
            layout: &layout,
            bin: &bin,
            major: binaries.postgres_major,
            auth: options.auth,
            durable: options.durable,
        })?;
        let process = None;
        let mut server = Self { bin, options, layout, password, port: 0, process, _lock: lock };
        server.start_on_free_port()?;
        Ok(server)
    }

    fn start_on_free_port(&mut self) -> Result<(), StartError> {
        let mut tries = PORT_TRIES;
        loop {
            self.port = match self.options.port {
                0 => free_ports::<1>().map(|[port]| port).map_err(StartError::Port)?,
                port => port,
            };
            tries -= 1;
            let again = tries > 0 && self.options.port == 0;
            match self.launch() {
                Err(error) if again && error.port_taken() => {}
                result => return result,
            }
        }
    }

    /// Starts the server on the known port, once backends of a killed one have ended.
    fn launch(&mut self) -> Result<(), StartError> {
        let mut last = None;
        let launched = poll(BACKENDS_LIMIT, || match self.launch_once() {
            // Postgres guards its data by a shared memory block that the last backend frees.
            Err(error) if error.says("is still in use") => {
                last = Some(error);
                Ok(None)
            }
            result => result.map(Some),
        })?;
        match (launched, last) {
            (None, Some(error)) => Err(error),
            _ => Ok(()),
        }
    }

    fn launch_once(&mut self) -> Result<(), StartError> {
        let process = Process::spawn(self.command(), &self.layout.log(), Some("INT"));
        let mut process = process.map_err(failed("run", &self.bin.join(PROGRAM)))?;
        let ready = poll(self.options.ready_limit, || {
            process.ended_early(PROGRAM)?;
            // The file tells that it is our child who has the port, not who was there first.
            let accepts = self.says_ready(process.id())
                && matches!(postgres_accepts(self.port, SUPERUSER), Ok(true));
            Ok(accepts.then_some(()))
        })?;
        if ready.is_none() {
            return Err(process.not_ready(PROGRAM, self.options.ready_limit));
        }
        self.process = Some(process);
        Ok(())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.bin.join(PROGRAM));
        command.arg("-D").arg(self.layout.data()).args(["-p", &self.port.to_string()]);
        let mut set = |name: &str, value: &str| {
            command.args(["-c", &format!("{name}={value}")]);
        };
        set("listen_addresses", "127.0.0.1");
        let sockets = self.socket_dir();
        set("unix_socket_directories", sockets.as_deref().unwrap_or_default());
        set("unix_socket_permissions", "0700");
        set("max_connections", &self.options.max_connections.to_string());
        set("timezone", "UTC");
        set("log_timezone", "UTC");
        // Statements and the details of errors can hold what came from a person.
        set("log_min_error_statement", "panic");
        set("log_error_verbosity", "terse");
        if !self.options.durable {
            // The commit itself still reaches the kernel before it is confirmed: a killed server
            // keeps it, and only a dead machine would lose it.
            set("fsync", "off");
            set("full_page_writes", "off");
        }
        for (name, value) in &self.options.settings {
            set(name, value);
        }
        if let Some(user) = self.layout.user {
            user.apply(&mut command);
        }
        command
    }

    /// Whether the pid file names this process (line 1) and the state `ready` (line 8).
    fn says_ready(&self, pid: u32) -> bool {
        let text = fs::read_to_string(self.layout.data().join("postmaster.pid"));
        let text = text.unwrap_or_default();
        let mut lines = text.lines().map(str::trim);
        let owner = lines.next().and_then(|line| line.parse().ok());
        owner == Some(pid) && lines.nth(6) == Some("ready")
    }

    /// For clients, as the superuser: `postgres://postgres@127.0.0.1:PORT/DATABASE`, with the
    /// password where there is one, so do not print it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let password = self.password.as_ref().map(|word| format!(":{word}")).unwrap_or_default();
        let database = percent_encode(database);
        format!("postgres://{SUPERUSER}{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// As [`Postgres::url`], by the socket where there is one: a commit makes a dozen round trips,
    /// and each costs both sides less than over the loopback. For processes of ours.
    #[must_use]
    pub fn local_url(&self, database: &str) -> String {
        let url = self.url(database);
        match self.socket_dir() {
            Some(dir) => format!("{url}?host={}", percent_encode(&dir)),
            None => url,
        }
    }

    /// [`Postgres::url`] of the database that is always there, for making others.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        self.url("postgres")
    }

    /// Port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The superuser's password; `None` with [`Auth::Trust`].
    #[must_use]
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// Directory of the Unix socket, for this user and root only; `None` where its path is too
    /// long for a socket or unusual.
    #[must_use]
    pub fn socket_dir(&self) -> Option<String> {
        let data = self.layout.data();
        let path = data.to_str()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
        let usable = path.len() <= SOCKET_DIR_BYTES_MAX && path.bytes().all(plain);
        usable.then(|| path.to_owned())
    }

    /// Process id; `None` while the server is down.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Where everything lies. Differs from the directory asked for when we are root and the user
    /// whom Postgres runs as cannot reach that; a file `moved-to` there then holds this path.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.layout.dir
    }

    /// The data directory. To be copied, restored or edited only while the server is down.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        self.layout.data()
    }

    /// The server's log.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.layout.log()
    }

    /// Settings of the next [`Postgres::restart`]; changed directory, port or auth have no effect.
    pub fn options_mut(&mut self) -> &mut PostgresOptions {
        &mut self.options
    }

    /// Stops the server. One that is down is fine.
    ///
    /// # Errors
    /// [`StopError::Killed`] when it did not end in time and had to be killed.
    pub fn stop(&mut self, mode: Mode) -> Result<(), StopError> {
        let Some(process) = self.process.take() else {
            return Ok(());
        };
        match mode {
            Mode::Fast => process.stop(PROGRAM, Signal::INT, FAST_LIMIT),
            Mode::Immediate => process.stop(PROGRAM, Signal::QUIT, IMMEDIATE_LIMIT),
        }
    }

    /// SIGKILL for the server and all its backends. Returns once they are gone.
    ///
    /// # Errors
    /// [`StopError::Signal`] when the operating system refuses.
    pub fn kill9(&mut self) -> Result<(), StopError> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        process.kill_tree().map_err(|source| StopError::Signal { program: PROGRAM, source })
    }

    /// Stops it fast if it runs, and starts it on the same port and data.
    ///
    /// # Errors
    /// [`StartError`] as in [`Postgres::start`]; the server is down then.
    pub fn restart(&mut self) -> Result<(), StartError> {
        // One that had to be killed is down as well, and what counts is whether it comes back.
        let _ = self.stop(Mode::Fast);
        adopt(&self.layout)?;
        self.launch()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Nobody is left to hear of an error; whatever happens, the server is dead afterwards.
        let _ = self.stop(Mode::Immediate);
    }
}

/// Decides whom to run as and where, and creates that place.
fn lay_out(options: &PostgresOptions) -> Result<Layout, StartError> {
    let asked = &options.dir;
    fs::create_dir_all(asked).map_err(failed("create", asked))?;
    let dir = asked.canonicalize().map_err(failed("find", asked))?;
    let user = User::for_data(&dir.join("data"));
    // Another user must pass through; nobody must list.
    let mode = if user.is_some() { 0o711 } else { 0o700 };
    fs::set_permissions(&dir, Permissions::from_mode(mode)).map_err(failed("close", &dir))?;
    let Some(user) = user.filter(|user| !user.reaches(&dir.join("data"))) else {
        return Ok(Layout { dir, user });
    };
    let moved = stand_in(&dir, user, options.durable)?;
    let note = dir.join("moved-to");
    fs::write(&note, moved.as_os_str().as_encoded_bytes()).map_err(failed("write", &note))?;
    let user = User::for_data(&moved.join("data"));
    Ok(Layout { dir: moved, user })
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_-.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
