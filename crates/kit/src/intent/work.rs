//! What one kind of outside work is: prepare, call, record.

use std::{future::Future, sync::Arc, time::Duration as StdDuration};

use time::Duration;

use super::{express::Express, rows::Intent};
use crate::{fault::Fault, service::Cx};

/// What a call came to.
#[derive(Debug)]
pub enum Outcome<T> {
    /// It happened, or definitely and finally did not: the worker's `record` says what it means.
    Known(T),
    /// Definitely did not happen, and may be tried again not before.
    NotDone {
        /// Wait at least this long.
        after: Option<StdDuration>,
        /// Public code of the reason.
        code: &'static str,
    },
    /// May have happened.
    Unknown {
        /// Public code of the reason.
        code: &'static str,
    },
}

/// What a look at a doubt found.
#[derive(Debug)]
pub enum Resolution<T> {
    /// The outcome is known after all.
    Known(T),
    /// It did not happen, by authority: do it again.
    NotDone,
    /// Nothing learnt: look again later, or leave it to a person (`None`).
    Unclear(Option<Duration>),
}

/// An intent with what is ready to be sent.
#[derive(Debug)]
pub struct Attempt<P> {
    /// The intent.
    pub intent: Intent,
    /// What `prepare` made.
    pub prepared: P,
}

/// Limits of a worker.
#[derive(Debug, Clone, Copy)]
pub struct WorkerOptions {
    /// Calls in flight at once: bounds memory and the carrier's patience.
    pub concurrency: usize,
    /// Longer than preparation, call and recording together; a lease that runs out after sending
    /// makes a doubt.
    pub lease: Duration,
    /// First look at a doubt not before: lease, longest tolerated pause and the outside's own
    /// processing delay.
    pub settle: Duration,
    /// Claims before a thing that is "not done" fails for good.
    pub attempts_max: i32,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self {
            concurrency: 64,
            lease: Duration::seconds(60),
            settle: Duration::minutes(15),
            attempts_max: 20,
        }
    }
}

/// One kind of outside work.
///
/// `prepare` may fail freely, nothing has left. `call` runs after `sent` is on disk, without a
/// transaction. `record` writes rows and events for an outcome. All must be repeatable: a crash may
/// fall anywhere.
pub trait Worker<S>: Send + Sync + 'static {
    /// What `prepare` hands to `call`. Dropped right after.
    type Prepared: Send + 'static;
    /// What `call` learns.
    type Output: Send + Sync;

    /// Kind of its intents.
    const KIND: &'static str;

    /// Limits.
    fn options(&self, state: &S) -> WorkerOptions;

    /// Where work comes in that its giver prepared itself; `None`: by the queue alone.
    fn express<'a>(&self, _state: &'a S) -> Option<&'a Express<Self::Prepared>> {
        None
    }

    /// Gathers everything that can fail without effect, for a wave of intents at once: reveals,
    /// request building, tokens. One result per intent, in order.
    fn prepare(
        &self,
        state: &Arc<S>,
        intents: &[Intent],
    ) -> impl Future<Output = Vec<Result<Self::Prepared, Fault>>> + Send;

    /// Calls out.
    fn call(
        &self,
        state: &Arc<S>,
        attempt: Attempt<Self::Prepared>,
    ) -> impl Future<Output = Outcome<Self::Output>> + Send;

    /// Seals what must not be lost before outcomes are recorded (documents, numbers), for several
    /// at once. A failure keeps the outcomes in hand and is repeated.
    fn before_record(
        &self,
        _state: &Arc<S>,
        _outcomes: &[(Intent, Self::Output)],
    ) -> impl Future<Output = Result<(), Fault>> + Send {
        async { Ok(()) }
    }

    /// Writes what an outcome means.
    fn record(
        &self,
        cx: &mut Cx<S>,
        intent: &Intent,
        output: &Self::Output,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Writes that an intent failed for good, with a public code, before anything left.
    fn failed(
        &self,
        cx: &mut Cx<S>,
        intent: &Intent,
        code: &str,
        reason: &str,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Writes that an intent is in doubt.
    fn in_doubt(
        &self,
        cx: &mut Cx<S>,
        intent: &Intent,
        code: &str,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Looks a doubt up, where the outside allows it.
    fn resolve(
        &self,
        _state: &Arc<S>,
        _intent: &Intent,
    ) -> impl Future<Output = Result<Resolution<Self::Output>, Fault>> + Send {
        async { Ok(Resolution::Unclear(None)) }
    }
}

impl<T> Outcome<T> {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Known(_) => "known",
            Self::NotDone { .. } => "not_done",
            Self::Unknown { .. } => "unknown",
        }
    }
}

/// Exponential with full jitter, 0.2 s to 60 s: a herd of retries must not arrive together.
pub(super) fn backoff(attempt: i32) -> StdDuration {
    let ceiling = 200_u64.saturating_mul(1 << attempt.clamp(0, 9)).min(60_000);
    StdDuration::from_millis(50 + rand::random_range(0..ceiling))
}
