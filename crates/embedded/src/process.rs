//! One child process: its log, its signals, its end, and its end when we are killed.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::error::{StartError, StopError};
use crate::poll::poll;
use crate::stale;

/// How much of a failed server's log an error repeats: a few dozen lines.
const TAIL_BYTES: u64 = 4_096;
/// After SIGKILL the kernel only has to tear the process down.
const KILL_LIMIT: Duration = Duration::from_secs(10);
/// Waits for the end of its standard input, which only our process holds open, then signals.
/// Terminal signals are ignored: they are meant for us, who stop the servers in order.
const WATCHDOG: &str = "trap '' INT TERM HUP QUIT; read -r _; kill -s \"$2\" \"$1\"";

/// A running child. Dropping it kills and reaps it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    watchdog: Option<Child>,
    log: PathBuf,
    /// Length of the log when this child started, bytes.
    log_start: u64,
}

impl Process {
    /// Starts `command` in a process group of its own (Ctrl-C reaches us alone), with nothing of
    /// our environment, its output appended to `log`. `orphan_signal` ends it should we die.
    pub(crate) fn spawn(
        mut command: Command,
        log: &Path,
        orphan_signal: Option<&str>,
    ) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).mode(0o600).open(log)?;
        let log_start = file.metadata()?.len();
        quiet_environment(&mut command);
        command.process_group(0).stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = command.spawn()?;
        let log = log.to_owned();
        let mut process = Self { child, watchdog: None, log, log_start };
        if let Some(signal) = orphan_signal {
            process.watchdog = Some(watch(process.id(), signal)?);
        }
        Ok(process)
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        kill_process(Pid::from_child(&self.child), signal).map_err(io::Error::from)
    }

    /// How it ended, if it has. Reaps it then.
    pub(crate) fn exited(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.unwatch();
        }
        Ok(status)
    }

    /// Waits for its end, at most for `limit`. `None`: it still runs.
    pub(crate) fn wait(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        poll(limit, || self.exited())
    }

    /// SIGKILL for it and for each of its own children, and waits until none is left: what is
    /// started next on the same data must not meet a dying one.
    pub(crate) fn kill_tree(&mut self) -> io::Result<()> {
        // Stopped, it starts no child that the list would miss.
        let _ = self.signal(Signal::STOP);
        let children = stale::children_of(self.id());
        self.child.kill()?;
        self.unwatch();
        self.child.wait()?;
        for pid in &children {
            stale::kill(*pid, Signal::KILL);
        }
        for pid in children {
            stale::wait_gone(pid, KILL_LIMIT);
        }
        Ok(())
    }

    /// Asks it to end with `signal` and waits, at most for `limit`; then kills it.
    pub(crate) fn stop(
        mut self,
        program: &'static str,
        signal: Signal,
        limit: Duration,
    ) -> Result<(), StopError> {
        let failed = |source| StopError::Signal { program, source };
        if self.exited().map_err(failed)?.is_some() {
            return Ok(());
        }
        self.signal(signal).map_err(failed)?;
        // A paused process hears nothing but this.
        self.signal(Signal::CONT).map_err(failed)?;
        if self.wait(limit).map_err(failed)?.is_some() {
            return Ok(());
        }
        self.kill_tree().map_err(failed)?;
        Err(StopError::Killed { program, after: limit })
    }

    /// Turns "it ended" into an error that shows its last words; fine while it runs.
    pub(crate) fn ended_early(&mut self, program: &'static str) -> Result<(), StartError> {
        let log = self.log.clone();
        match self.exited() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => {
                Err(StartError::Exited { program, status, tail: self.log_tail(), log })
            }
            Err(source) => {
                Err(StartError::Io { what: "wait for the process of", path: log, source })
            }
        }
    }

    /// The error of a deadline that passed before it was ready.
    pub(crate) fn not_ready(&self, program: &'static str, after: Duration) -> StartError {
        StartError::NotReady { program, after, log: self.log.clone(), tail: self.log_tail() }
    }

    /// The end of what it logged since it started.
    fn log_tail(&self) -> String {
        self.read_log(TAIL_BYTES).unwrap_or_default()
    }

    fn read_log(&self, bytes_max: u64) -> io::Result<String> {
        let mut file = File::open(&self.log)?;
        let length = file.metadata()?.len();
        let start = self.log_start.max(length.saturating_sub(bytes_max));
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(bytes_max).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// Ends the watchdog before the child is reaped: afterwards the id may be somebody else's.
    fn unwatch(&mut self) {
        if let Some(mut watchdog) = self.watchdog.take() {
            let _ = watchdog.kill();
            let _ = watchdog.wait();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nobody is left to hear of an error here; the next start deals with a leftover.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = self.kill_tree();
        }
        self.unwatch();
    }
}

/// Children get no variable of ours: secrets stay here, and `PG*` or `LC_*` change nothing there.
pub(crate) fn quiet_environment(command: &mut Command) {
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        // Readable to whichever user the child becomes, unlike our own directory.
        .current_dir("/");
}

fn watch(pid: u32, signal: &str) -> io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    quiet_environment(&mut command);
    command
        .args(["-c", WATCHDOG, "colibri-watchdog", &pid.to_string(), signal])
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
