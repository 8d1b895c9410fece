//! Why a server could not be started or stopped.

use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a server did not come up. Whatever had been started is ended before this is returned.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file, directory or process could not be handled.
    #[error("{what} {}", path.display())]
    Io {
        /// What was attempted.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// Another live process runs a server on this directory.
    #[error("{} is in use by another running process", dir.display())]
    InUse {
        /// The directory asked for.
        dir: PathBuf,
    },
    /// A predecessor's server holds the data and does not end, even killed.
    #[error("process {pid} still holds {} and cannot be ended", dir.display())]
    Held {
        /// The leftover process.
        pid: u32,
        /// The data it holds.
        dir: PathBuf,
    },
    /// No port was to be had.
    #[error("pick a free port")]
    Port(#[source] crate::ports::PickPortError),
    /// The data is of another `PostgreSQL`: either use that one, or dump and load the data.
    #[error("{} is data of PostgreSQL {found}, the programs are {wanted}", data.display())]
    Version {
        /// The data directory.
        data: PathBuf,
        /// Major version that wrote it.
        found: String,
        /// Major version of the programs.
        wanted: u32,
    },
    /// The data directory could not be created.
    #[error("initdb ended with {status}: {output}")]
    Init {
        /// How it ended.
        status: ExitStatus,
        /// What it printed, shortened.
        output: String,
    },
    /// Postgres cannot run as root, and no directory here can be reached by another user.
    #[error("no directory that user {uid} can reach, {} cannot be", dir.display())]
    Unreachable {
        /// The user Postgres would run as.
        uid: u32,
        /// The directory asked for.
        dir: PathBuf,
    },
    /// The server ended instead of getting ready.
    #[error("{program} ended with {status}, log {}: {tail}", log.display())]
    Exited {
        /// Which server.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// Its whole log.
        log: PathBuf,
        /// The end of what it logged since this start.
        tail: String,
    },
    /// The server runs but did not get ready in time; it was ended.
    #[error("{program} not ready after {after:?}, log {}: {tail}", log.display())]
    NotReady {
        /// Which server.
        program: &'static str,
        /// The deadline that passed.
        after: Duration,
        /// Its whole log.
        log: PathBuf,
        /// The end of what it logged since this start.
        tail: String,
    },
}

/// Why a server did not stop as asked. It is dead all the same, unless [`StopError::Signal`].
#[derive(Debug, thiserror::Error)]
pub enum StopError {
    /// The signal could not be sent or the end not be awaited.
    #[error("signal {program}")]
    Signal {
        /// Which server.
        program: &'static str,
        /// The operating system's answer.
        source: std::io::Error,
    },
    /// It did not end in time and was killed: what it had not stored is lost.
    #[error("{program} did not stop within {after:?} and was killed")]
    Killed {
        /// Which server.
        program: &'static str,
        /// The deadline that passed.
        after: Duration,
    },
}

impl StartError {
    /// Whether it ended because another process had taken its port meanwhile.
    pub(crate) fn port_taken(&self) -> bool {
        self.says("address already in use")
    }

    /// Whether the server ended with `words` (lower case) among its last.
    pub(crate) fn says(&self, words: &str) -> bool {
        matches!(self, Self::Exited { tail, .. } if tail.to_lowercase().contains(words))
    }
}
