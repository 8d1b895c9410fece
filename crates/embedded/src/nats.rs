//! One `nats-server` with `JetStream`, as a child process.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::binaries::Binaries;
use crate::error::{StartError, StopError};
use crate::nats_config::{Accounts, Cluster, Place, render};
use crate::poll::poll;
use crate::ports::free_ports;
use crate::probe::http_status;
use crate::process::Process;
use crate::stale;

const PROGRAM: &str = "nats-server";
/// Healthy within 25 ms on an idle machine; a big store is read back at about 1 GB/s.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// A graceful stop writes little: with `durable` everything is on disk already.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// How often other ports are picked when somebody takes them between choice and use.
const PORT_TRIES: usize = 5;

/// What server to run, and where.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// Holds everything of this server: configuration, log, store. Created when missing.
    pub dir: PathBuf,
    /// Shown in logs and monitoring; must differ within a cluster.
    pub server_name: String,
    /// Client port on 127.0.0.1; 0 picks a free one, kept across restarts of this value.
    pub port: u16,
    /// Monitoring port on 127.0.0.1; 0 likewise.
    pub monitor_port: u16,
    /// Flush every write before it is acknowledged. Without it a crash of the machine loses what
    /// was acknowledged in the last two minutes (a crash of the server alone does not).
    pub durable: bool,
    /// Most that streams may hold on disk, bytes. Too low refuses streams at creation.
    pub file_store_bytes_max: u64,
    /// Most that memory streams may hold, bytes.
    pub memory_store_bytes_max: u64,
    /// Accounts; `None` is one account for everybody on this machine.
    pub accounts: Option<Accounts>,
    /// Membership in a cluster.
    pub cluster: Option<Cluster>,
    /// Appended to the configuration file as it is.
    pub extra_config: Option<String>,
    /// How long to wait until healthy.
    pub ready_limit: Duration,
}

impl NatsOptions {
    /// Loses nothing that was acknowledged. For `colibri up`, crash tests and benchmarks.
    pub fn durable(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            server_name: "colibri".to_owned(),
            port: 0,
            monitor_port: 0,
            durable: true,
            // A limit, not a reservation: room for the demo's streams with their own limits.
            file_store_bytes_max: 16 << 30,
            memory_store_bytes_max: 256 << 20,
            accounts: None,
            cluster: None,
            extra_config: None,
            ready_limit: READY_LIMIT,
        }
    }

    /// Does not wait for the disk. For tests of logic.
    pub fn fast(dir: impl Into<PathBuf>) -> Self {
        Self { durable: false, ..Self::durable(dir) }
    }
}

/// A `nats-server` of ours. Dropping it kills the server; [`Nats::stop`] is the polite end.
///
/// It can be down while this value lives (after [`Nats::kill9`] or [`Nats::stop`]), with
/// [`Nats::restart`] bringing it back on the same ports and store.
#[derive(Debug)]
pub struct Nats {
    binary: PathBuf,
    options: NatsOptions,
    dir: PathBuf,
    port: u16,
    monitor_port: u16,
    process: Option<Process>,
    /// Keeps other processes off the directory.
    _lock: File,
}

impl Nats {
    /// Starts a server and waits until it is healthy with `JetStream`. A server that a killed
    /// predecessor left on the same directory is ended first.
    ///
    /// # Errors
    /// [`StartError`]: directory in use, no port, ended early (with its last words), not ready.
    pub fn start(binaries: &Binaries, options: NatsOptions) -> Result<Self, StartError> {
        let dir = create(&options.dir)?;
        let lock = stale::lock(&dir)?;
        let mut nats = Self {
            binary: binaries.nats_server.clone(),
            options,
            dir,
            port: 0,
            monitor_port: 0,
            process: None,
            _lock: lock,
        };
        stale::end_orphans(PROGRAM, &nats.config_path(), Signal::TERM)?;
        nats.start_on_free_ports()?;
        Ok(nats)
    }

    fn start_on_free_ports(&mut self) -> Result<(), StartError> {
        let (port, monitor_port) = (self.options.port, self.options.monitor_port);
        let mut tries = PORT_TRIES;
        loop {
            let [free, free_too] = free_ports().map_err(StartError::Port)?;
            self.port = if port == 0 { free } else { port };
            self.monitor_port = if monitor_port == 0 { free_too } else { monitor_port };
            tries -= 1;
            let again = tries > 0 && (port == 0 || monitor_port == 0);
            match self.launch() {
                Err(error) if again && error.port_taken() => {}
                result => return result,
            }
        }
    }

    /// Starts the server on the known ports.
    fn launch(&mut self) -> Result<(), StartError> {
        let ports_dir = self.dir.join("ports");
        self.write_files(&ports_dir)?;
        let mut command = Command::new(&self.binary);
        command.arg("-c").arg(self.config_path());
        let log = self.dir.join("nats.log");
        let process = Process::spawn(command, &log, Some("TERM"));
        let mut process = process.map_err(|source| StartError::Io {
            what: "run",
            path: self.binary.clone(),
            source,
        })?;
        // Named after the process and written once it listens: proof that whoever answers on the
        // ports is our child and not somebody who was there first.
        let listening = ports_dir.join(format!("{PROGRAM}_{}.ports", process.id()));
        let ready = poll(self.options.ready_limit, || {
            process.ended_early(PROGRAM)?;
            if !listening.is_file() {
                return Ok(None);
            }
            let status = http_status(self.monitor_port, "/healthz?js-enabled-only=true");
            Ok(matches!(status, Ok(200)).then_some(()))
        })?;
        if ready.is_none() {
            return Err(process.not_ready(PROGRAM, self.options.ready_limit));
        }
        self.process = Some(process);
        Ok(())
    }

    fn write_files(&self, ports_dir: &Path) -> Result<(), StartError> {
        let io = |what, path: &Path| {
            let path = path.to_owned();
            move |source| StartError::Io { what, path, source }
        };
        match fs::remove_dir_all(ports_dir) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io("clear", ports_dir)(error));
            }
            _ => fs::create_dir(ports_dir).map_err(io("create", ports_dir))?,
        }
        let place = Place {
            port: self.port,
            monitor_port: self.monitor_port,
            store: &self.store_dir(),
            ports_dir,
        };
        let path = self.config_path();
        // Its directory is ours alone, so passwords in it are not for others from the start.
        fs::write(&path, render(&self.options, &place)).map_err(io("write", &path))
    }

    /// For clients: `nats://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// For `/varz`, `/healthz`, `/jsz`: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor_port)
    }

    /// Client port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Monitoring port.
    #[must_use]
    pub fn monitor_port(&self) -> u16 {
        self.monitor_port
    }

    /// Process id; `None` while the server is down.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// Where streams lie. To be copied, restored or edited only while the server is down.
    #[must_use]
    pub fn store_dir(&self) -> PathBuf {
        self.dir.join("store")
    }

    /// The server's log.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.dir.join("nats.log")
    }

    /// The configuration file, written anew at every start.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.dir.join("nats.conf")
    }

    /// Settings of the next [`Nats::restart`]; a changed directory or port is not followed.
    pub fn options_mut(&mut self) -> &mut NatsOptions {
        &mut self.options
    }

    /// Stops gracefully. A server that is down is fine.
    ///
    /// # Errors
    /// [`StopError::Killed`] when it did not end in time and had to be killed.
    pub fn stop(&mut self) -> Result<(), StopError> {
        match self.process.take() {
            Some(process) => process.stop(PROGRAM, Signal::TERM, STOP_LIMIT),
            None => Ok(()),
        }
    }

    /// SIGKILL: the crash of a server. Returns once it is gone.
    ///
    /// # Errors
    /// [`StopError::Signal`] when the operating system refuses.
    pub fn kill9(&mut self) -> Result<(), StopError> {
        let Some(mut process) = self.process.take() else {
            return Ok(());
        };
        process.kill_tree().map_err(|source| StopError::Signal { program: PROGRAM, source })
    }

    /// SIGSTOP: the server hangs, its connections stay open.
    ///
    /// # Errors
    /// [`StopError::Signal`] when the operating system refuses.
    pub fn pause(&self) -> Result<(), StopError> {
        self.signal(Signal::STOP)
    }

    /// SIGCONT: goes on after [`Nats::pause`].
    ///
    /// # Errors
    /// [`StopError::Signal`] when the operating system refuses.
    pub fn resume(&self) -> Result<(), StopError> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<(), StopError> {
        let Some(process) = &self.process else {
            return Ok(());
        };
        process.signal(signal).map_err(|source| StopError::Signal { program: PROGRAM, source })
    }

    /// Stops it if it runs, and starts it on the same ports and store.
    ///
    /// # Errors
    /// [`StartError`] as in [`Nats::start`]; the server is down then.
    pub fn restart(&mut self) -> Result<(), StartError> {
        // One that had to be killed is down as well, and what counts is whether it comes back.
        let _ = self.stop();
        self.launch()
    }
}

/// Creates the directory for this user only, and gives its one true path: orphans are known by it.
fn create(dir: &Path) -> Result<PathBuf, StartError> {
    let io = |source| StartError::Io { what: "create", path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(io)?;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700)).map_err(io)?;
    dir.canonicalize().map_err(io)
}
