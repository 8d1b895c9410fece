//! Stopping in order: one signal, every task told, a deadline, and the names of those who stayed.
//!
//! Owns the tasks of a process. A task that panics stops the whole process: a service half alive
//! looks healthy from outside and is not; a supervisor starts it again.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::FutureExt as _;
use tokio::sync::watch;
use tracing::{error, info};

/// The wish to stop, and the tasks that must hear it. Clones share both.
#[derive(Clone, Debug)]
pub struct Shutdown {
    stop: watch::Sender<bool>,
    tasks: Arc<Tasks>,
}

#[derive(Debug)]
struct Tasks {
    running: Mutex<Running>,
    count: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Running {
    next: u64,
    names: BTreeMap<u64, (String, Option<tokio::task::AbortHandle>)>,
    panicked: Vec<String>,
}

/// How a drain ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drained {
    /// Tasks still running at the deadline; they were aborted.
    pub unfinished: Vec<String>,
    /// Tasks that ended by a panic, at any time.
    pub panicked: Vec<String>,
}

impl Drained {
    /// Every task ended by itself.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.unfinished.is_empty() && self.panicked.is_empty()
    }
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// Nothing runs yet, nobody wishes to stop.
    #[must_use]
    pub fn new() -> Self {
        let tasks = Tasks { running: Mutex::new(Running::default()), count: watch::Sender::new(0) };
        Self { stop: watch::Sender::new(false), tasks: Arc::new(tasks) }
    }

    /// Asks everybody to stop. Again is harmless.
    pub fn trigger(&self) {
        self.stop.send_replace(true);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        *self.stop.borrow()
    }

    /// Returns once somebody asked; at once when that is past. Safe to drop and call again.
    pub async fn triggered(&self) {
        let mut stop = self.stop.subscribe();
        // The sender lives in `self`, so the wait cannot fail while we are borrowed.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Runs a task that [`Shutdown::drain`] waits for. It should end soon after
    /// [`Shutdown::triggered`] returns.
    pub fn spawn<F>(&self, name: impl Into<String>, task: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let id = self.enter(name.into());
        let done = Done { shutdown: self.clone(), id };
        let handle = tokio::spawn(async move {
            let done = done;
            if std::panic::AssertUnwindSafe(task).catch_unwind().await.is_err() {
                done.panicked();
            }
        });
        if let Some(entry) = self.running().names.get_mut(&id) {
            entry.1 = Some(handle.abort_handle());
        }
    }

    /// Names of the tasks that run now.
    #[must_use]
    pub fn tasks(&self) -> Vec<String> {
        let running = self.running();
        running.names.values().map(|(name, _)| name.clone()).collect()
    }

    /// Asks everybody to stop and waits; aborts and names those still running after `deadline`.
    pub async fn drain(&self, deadline: Duration) -> Drained {
        self.trigger();
        let mut count = self.tasks.count.subscribe();
        let ended = count.wait_for(|count| *count == 0);
        let in_time = tokio::time::timeout(deadline, ended).await.is_ok();
        let mut running = self.running();
        let panicked = std::mem::take(&mut running.panicked);
        if in_time {
            return Drained { panicked, ..Drained::default() };
        }
        let left = std::mem::take(&mut running.names);
        drop(running);
        let mut unfinished = Vec::new();
        for (name, handle) in left.into_values() {
            if let Some(handle) = handle {
                handle.abort();
            }
            unfinished.push(name);
        }
        error!(tasks = ?unfinished, "tasks did not end before the drain deadline");
        Drained { unfinished, panicked }
    }

    /// Lets SIGINT and SIGTERM trigger. A second one ends the process at once with code 130: the
    /// person at the keyboard has decided, and nothing acknowledged can be lost by a kill.
    ///
    /// # Errors
    /// When the operating system refuses the handlers.
    pub fn on_signals(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            loop {
                let name = tokio::select! {
                    _ = interrupt.recv() => "SIGINT",
                    _ = terminate.recv() => "SIGTERM",
                };
                if shutdown.is_triggered() {
                    error!(signal = name, "second signal, ending without drain");
                    std::process::exit(130);
                }
                info!(signal = name, "stopping on {name}");
                shutdown.trigger();
            }
        });
        Ok(())
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.tasks.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, name: String) -> u64 {
        let mut running = self.running();
        let id = running.next;
        running.next += 1;
        running.names.insert(id, (name, None));
        self.tasks.count.send_replace(running.names.len());
        id
    }
}

/// Leaves the list when the task ends, however it ends.
struct Done {
    shutdown: Shutdown,
    id: u64,
}

impl Done {
    fn panicked(&self) {
        let mut running = self.shutdown.running();
        let name = running.names.get(&self.id).map(|(name, _)| name.clone());
        let name = name.unwrap_or_default();
        running.panicked.push(name.clone());
        drop(running);
        error!(task = name, "task {name} ended by a panic, stopping the process");
        self.shutdown.trigger();
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        let mut running = self.shutdown.running();
        running.names.remove(&self.id);
        let left = running.names.len();
        self.shutdown.tasks.count.send_replace(left);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic, reason = "tests")]
    use super::*;

    /// Long enough for any machine: reached only when something is broken.
    const PATIENCE: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_task_that_listens_is_waited_for() {
        let shutdown = Shutdown::new();
        let inner = shutdown.clone();
        shutdown.spawn("relay", async move { inner.triggered().await });
        assert_eq!(shutdown.tasks(), ["relay"]);
        assert!(!shutdown.is_triggered());
        assert!(shutdown.drain(PATIENCE).await.is_clean());
        assert!(shutdown.is_triggered() && shutdown.tasks().is_empty());
    }

    #[tokio::test]
    async fn a_deaf_task_is_named_and_aborted() {
        let shutdown = Shutdown::new();
        shutdown.spawn("deaf", std::future::pending());
        let inner = shutdown.clone();
        shutdown.spawn("good", async move { inner.triggered().await });
        // One turn of the loop lets the good one end; the deaf one never will.
        let drained = shutdown.drain(Duration::from_millis(20)).await;
        assert!(drained.unfinished.contains(&"deaf".to_owned()));
    }

    #[tokio::test]
    async fn a_panicking_task_stops_the_others() {
        let shutdown = Shutdown::new();
        shutdown.spawn("broken", async { panic!("on purpose") });
        shutdown.triggered().await;
        let drained = shutdown.drain(PATIENCE).await;
        assert_eq!(drained.panicked, ["broken"]);
        assert!(!drained.is_clean() && drained.unfinished.is_empty());
    }

    #[tokio::test]
    async fn triggered_returns_at_once_when_it_is_past() {
        let shutdown = Shutdown::new();
        shutdown.trigger();
        shutdown.trigger();
        shutdown.triggered().await;
    }
}
