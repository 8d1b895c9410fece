//! Workers: claim in waves, prepare, mark as sent, call, and record outcomes gathered for some
//! milliseconds in one transaction. What became of a lost answer is asked in [`super::doubts`].

use std::{sync::Arc, time::Duration as StdDuration};

use futures::{StreamExt as _, stream::FuturesUnordered};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};
use tracing::{error, warn};

use super::{
    rows::{self, Intent},
    work::{Attempt, Outcome, Worker, WorkerOptions, backoff},
};
use crate::{
    clock::{Clock as _, SharedClock, SystemClock},
    crash_point,
    db::Db,
    fault::{Fault, chain, codes},
    service::{Cx, Sees, Wake},
    shutdown::Shutdown,
    telemetry::metrics,
};

/// Runs one worker of one service.
pub struct WorkerRunner<S, W> {
    /// Its name.
    pub service: &'static str,
    /// The work.
    pub worker: Arc<W>,
    /// State handed to it.
    pub state: Arc<S>,
    /// Pools.
    pub db: Db,
    /// Clock of the service.
    pub clock: SharedClock,
    /// Whom to wake.
    pub wake: Wake,
}

impl<S, W> Clone for WorkerRunner<S, W> {
    fn clone(&self) -> Self {
        Self {
            service: self.service,
            worker: self.worker.clone(),
            state: self.state.clone(),
            db: self.db.clone(),
            clock: self.clock.clone(),
            wake: self.wake.clone(),
        }
    }
}

/// What became of a call.
pub(super) type Done<T> = (Intent, Outcome<T>);

/// Intents of one wave, outcomes of one commit.
const GATHER: usize = 64;
/// How long an outcome waits for company while another commit is on its way: a flush costs about
/// as much as that. When none is, it does not wait.
const GATHER_FOR: StdDuration = StdDuration::from_millis(2);
/// Waves that prepare at once: what comes due meanwhile shares the next one's claim, reveals and
/// mark. One alone would leave the database idle while the vault answers.
const PREPARING: usize = 2;
/// ... and for how long at most: a carrier whose token is slow to come holds up nobody else.
const PREPARING_FOR: StdDuration = StdDuration::from_millis(50);
/// Commits of outcomes at once. Outcomes of one key are never in two: it has one open intent.
const RECORDING: usize = 3;
/// Poll when nobody nudged: retries that came due, another process's intents.
const IDLE_POLL: StdDuration = StdDuration::from_millis(200);

impl<S: Send + Sync + 'static, W: Worker<S>> WorkerRunner<S, W> {
    /// Works until shutdown; what is in flight then is recorded before it returns.
    pub async fn run(self, shutdown: Shutdown) {
        let options = self.worker.options(&self.state);
        let free = Arc::new(Semaphore::new(options.concurrency));
        let preparing = Arc::new(Semaphore::new(PREPARING));
        let (send, receive) = mpsc::channel::<Done<W::Output>>(options.concurrency.max(GATHER));
        let recorder = tokio::spawn(self.clone().record_all(receive, options));
        let sweeper = tokio::spawn(self.clone().sweep_until(shutdown.clone(), options));
        let express = self.take_express(&free, options.lease, &send);
        let mut waves = JoinSet::new();
        let mut nudge = self.wake.workers.subscribe();
        while !shutdown.is_triggered() {
            // Never closed. A wave gives its place back as soon as its calls begin.
            let Ok(place) = preparing.clone().acquire_owned().await else { break };
            if shutdown.is_triggered() {
                break;
            }
            nudge.mark_unchanged();
            let room = free.available_permits().min(GATHER);
            // Taken before the claim: what comes by the express door meanwhile takes other places.
            let held = free.try_acquire_many(u32::try_from(room).unwrap_or_default());
            let room = if held.is_ok() { room } else { 0 };
            let intents = if room == 0 { Vec::new() } else { self.claim(room, &options).await };
            let claimed = intents.len();
            // Held until the intent's call is over: the wave gives each permit back.
            if let Some(used) = held.ok().and_then(|mut held| held.split(claimed)) {
                used.forget();
            }
            if claimed > 0 {
                waves.spawn(self.clone().wave(intents, send.clone(), free.clone(), place));
            } else {
                drop(place);
            }
            while waves.try_join_next().is_some() {}
            if claimed > 0 && claimed == room {
                continue;
            }
            tokio::select! {
                _ = nudge.changed() => {}
                () = tokio::time::sleep(IDLE_POLL) => {}
                () = shutdown.triggered() => {}
            }
        }
        while waves.join_next().await.is_some() {}
        if let Some(door) = self.worker.express(&self.state) {
            door.close();
        }
        if let Some(express) = express
            && let Err(cause) = express.await
        {
            error!(service = self.service, %cause, "express calls ended badly");
        }
        drop(send);
        if let Err(cause) = sweeper.await {
            error!(service = self.service, %cause, "sweeper ended badly");
        }
        if let Err(cause) = recorder.await {
            error!(service = self.service, %cause, "recorder ended badly");
        }
    }

    async fn claim(&self, room: usize, options: &WorkerOptions) -> Vec<Intent> {
        let limit = i64::try_from(room).unwrap_or(1);
        let claimed = rows::claim(&self.db.log, self.service, W::KIND, limit, options.lease).await;
        match claimed {
            Ok(intents) => intents,
            Err(cause) => {
                warn!(service = self.service, kind = W::KIND, %cause, "claim failed");
                tokio::time::sleep(StdDuration::from_millis(500)).await;
                Vec::new()
            }
        }
    }

    /// A wave: prepare together, mark as sent together, call each, hand outcomes to the recorder.
    async fn wave(
        self,
        intents: Vec<Intent>,
        send: mpsc::Sender<Done<W::Output>>,
        free: Arc<Semaphore>,
        place: OwnedSemaphorePermit,
    ) {
        crash_point!("intent.claimed");
        let mut place = Some(place);
        let prepared = {
            let preparing = self.worker.prepare(&self.state, &intents);
            tokio::pin!(preparing);
            if let Ok(prepared) = tokio::time::timeout(PREPARING_FOR, &mut preparing).await {
                prepared
            } else {
                place = None;
                preparing.await
            }
        };
        let mut ready = Vec::with_capacity(intents.len());
        for (intent, prepared) in intents.into_iter().zip(prepared) {
            match prepared {
                Ok(prepared) => ready.push(Attempt { intent, prepared }),
                Err(fault) => {
                    self.not_prepared(&intent, fault).await;
                    free.add_permits(1);
                }
            }
        }
        let handles: Vec<&Intent> = ready.iter().map(|a| &a.intent).collect();
        let sent = if handles.is_empty() {
            Vec::new()
        } else {
            match rows::mark_sent(&self.db.log, self.service, &handles).await {
                Ok(sent) => sent,
                Err(cause) => {
                    // Unknown whether the mark was stored: nothing is called, the lease runs out.
                    warn!(service = self.service, kind = W::KIND, %cause, "mark as sent failed");
                    Vec::new()
                }
            }
        };
        crash_point!("intent.sent");
        drop(place);
        let mut calls = FuturesUnordered::new();
        for attempt in ready {
            if !sent.contains(&attempt.intent.id) {
                free.add_permits(1);
                continue;
            }
            calls.push(async {
                let intent = attempt.intent.clone();
                let outcome = self.worker.call(&self.state, attempt).await;
                (intent, outcome)
            });
        }
        while let Some(done) = calls.next().await {
            self.answered(done, &send).await;
            free.add_permits(1);
        }
    }

    /// Hands an outcome to the recorder.
    pub(super) async fn answered(
        &self,
        done: Done<W::Output>,
        send: &mpsc::Sender<Done<W::Output>>,
    ) {
        crash_point!("intent.answered");
        if send.send(done).await.is_err() {
            error!(service = self.service, "the recorder is gone: outcome will be in doubt");
        }
    }

    /// Nothing has left: try again later, or fail for good.
    async fn not_prepared(&self, intent: &Intent, fault: Fault) {
        let options = self.worker.options(&self.state);
        let result = match fault {
            Fault::Retry { after, .. } if intent.attempt < options.attempts_max => {
                self.put_back(intent, after, codes::UNAVAILABLE).await
            }
            fault => {
                let (code, reason) = (fault.code(), chain(&fault));
                self.fail(intent, code, &reason).await
            }
        };
        if let Err(cause) = result {
            warn!(service = self.service, kind = W::KIND, cause = %chain(&cause), "put back failed");
        }
    }

    async fn put_back(
        &self,
        intent: &Intent,
        after: Option<StdDuration>,
        code: &'static str,
    ) -> Result<(), Fault> {
        let wait = after.unwrap_or_else(|| backoff(intent.attempt));
        // Real time: a sandbox's fast clock must not turn back-off into a storm.
        let at = SystemClock.now() + wait;
        let mut db = self.db.log.acquire().await?;
        rows::finish(&mut db, self.service, intent, "ready", Some(at), Some(code)).await?;
        Ok(())
    }

    async fn fail(&self, intent: &Intent, code: &'static str, reason: &str) -> Result<(), Fault> {
        let mut cx = self.begin().await?;
        if rows::finish(cx.db(), self.service, intent, "failed", None, Some(code)).await? {
            self.worker.failed(&mut cx, intent, code, reason).await?;
        }
        cx.commit().await
    }

    pub(super) async fn begin(&self) -> Result<Cx<S>, Fault> {
        let (state, wake) = (self.state.clone(), self.wake.clone());
        Cx::begin(&self.db.log, Sees::Everything, self.service, state, &self.clock, wake).await
    }

    /// Gathers outcomes and records them together, one by one when together fails.
    async fn record_all(
        self,
        mut receive: mpsc::Receiver<Done<W::Output>>,
        options: WorkerOptions,
    ) {
        let mut commits = JoinSet::new();
        while let Some(first) = receive.recv().await {
            let mut batch = vec![first];
            while commits.try_join_next().is_some() {}
            let wait = if commits.is_empty() { StdDuration::ZERO } else { GATHER_FOR };
            let until = tokio::time::Instant::now() + wait;
            while batch.len() < GATHER {
                let full = commits.len() >= RECORDING;
                tokio::select! {
                    biased;
                    done = receive.recv() => match done {
                        Some(done) => batch.push(done),
                        None => break,
                    },
                    _ = commits.join_next(), if full => {}
                    () = tokio::time::sleep_until(until), if !full => break,
                }
            }
            while commits.len() >= RECORDING {
                commits.join_next().await;
            }
            let own = self.clone();
            commits.spawn(async move { own.settle_batch(batch, &options).await });
        }
        while commits.join_next().await.is_some() {}
    }

    async fn settle_batch(&self, batch: Vec<Done<W::Output>>, options: &WorkerOptions) {
        let mut known = Vec::new();
        for (intent, outcome) in batch {
            metrics::counter(
                "intent_outcomes_total",
                &[("service", self.service), ("kind", W::KIND), ("outcome", outcome.word())],
            )
            .inc();
            let result = match outcome {
                Outcome::Known(output) => {
                    known.push((intent, output));
                    continue;
                }
                Outcome::NotDone { after, code } if intent.attempt < options.attempts_max => {
                    self.put_back(&intent, after, code).await
                }
                Outcome::NotDone { code, .. } => {
                    self.fail(&intent, code, "tried as often as allowed").await
                }
                Outcome::Unknown { code } => self.doubt(&intent, code, options).await,
            };
            if let Err(cause) = result {
                // The lease will run out and the sweep decides: sent means in doubt.
                warn!(service = self.service, kind = W::KIND, cause = %chain(&cause), "not recorded");
            }
        }
        if !known.is_empty() {
            self.record_known(known).await;
        }
    }

    /// Known outcomes must not be lost: repeated until the database and the vault take them.
    async fn record_known(&self, known: Vec<(Intent, W::Output)>) {
        let mut wait = StdDuration::from_millis(50);
        while let Err(fault) = self.worker.before_record(&self.state, &known).await {
            warn!(service = self.service, kind = W::KIND, cause = %chain(&fault), "sealing repeated");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(StdDuration::from_secs(5));
        }
        crash_point!("intent.before_record");
        let all: Vec<_> = known.iter().collect();
        let Err(fault) = self.record(&all).await else {
            return;
        };
        warn!(service = self.service, kind = W::KIND, cause = %chain(&fault), "recording one by one");
        for one in &known {
            let mut wait = StdDuration::from_millis(50);
            for _ in 0..20 {
                match self.record(&[one]).await {
                    Ok(()) => break,
                    Err(fault @ Fault::Retry { .. }) => {
                        warn!(service = self.service, cause = %chain(&fault), "recording repeated");
                        tokio::time::sleep(wait).await;
                        wait = (wait * 2).min(StdDuration::from_secs(5));
                    }
                    Err(fault) => {
                        error!(
                            service = self.service, intent = %one.0.id, cause = %chain(&fault),
                            "outcome of intent {} cannot be recorded: it stays in doubt", one.0.id
                        );
                        break;
                    }
                }
            }
        }
    }

    async fn record(&self, known: &[&(Intent, W::Output)]) -> Result<(), Fault> {
        let mut cx = self.begin().await?;
        let intents = known.iter().map(|(intent, _)| intent);
        let ours = rows::done(cx.db(), self.service, intents).await?;
        for (intent, output) in known {
            if ours.contains(&intent.id) {
                self.worker.record(&mut cx, intent, output).await?;
            } else if rows::lock_in_doubt(cx.db(), self.service, intent.id).await? {
                // The lease moved on, but a late answer is the best evidence there is.
                self.adopt(&mut cx, intent, output, "late answer").await?;
            }
        }
        cx.commit_at("intent.in_tx").await
    }

    async fn doubt(
        &self,
        intent: &Intent,
        code: &'static str,
        options: &WorkerOptions,
    ) -> Result<(), Fault> {
        let at = self.clock.now() + options.settle;
        let mut cx = self.begin().await?;
        let to = "in_doubt";
        if rows::finish(cx.db(), self.service, intent, to, Some(at), Some(code)).await? {
            self.worker.in_doubt(&mut cx, intent, code).await?;
        }
        cx.commit().await
    }
}
