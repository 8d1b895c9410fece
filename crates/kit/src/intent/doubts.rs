//! Intents whose answer was lost: leases that ran out become doubts, doubts are looked up where the
//! outside can be asked, and settled by what it knows. Nothing is sent again without its word.

use std::time::Duration as StdDuration;

use time::{Duration, OffsetDateTime};
use tracing::{info, warn};

use super::{
    rows::{self, Intent, IntentState},
    work::{Resolution, Worker, WorkerOptions},
    worker::WorkerRunner,
};
use crate::{
    fault::{Fault, chain, codes},
    service::Cx,
    shutdown::Shutdown,
};

/// Between looks at leases and doubts.
const SWEEP_EVERY: StdDuration = StdDuration::from_secs(2);

impl<S: Send + Sync + 'static, W: Worker<S>> WorkerRunner<S, W> {
    /// Beside the claims: a carrier that is slow to answer questions must not hold up new work.
    /// A look at a doubt changes nothing outside, so it is dropped at shutdown.
    pub(super) async fn sweep_until(self, shutdown: Shutdown, options: WorkerOptions) {
        let mut tick = tokio::time::interval(SWEEP_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                () = shutdown.triggered() => return,
            }
            tokio::select! {
                () = self.sweep(&options) => {}
                () = shutdown.triggered() => return,
            }
        }
    }

    async fn sweep(&self, options: &WorkerOptions) {
        if let Err(cause) = self.sweep_leases(options).await {
            warn!(service = self.service, kind = W::KIND, cause = %chain(&cause), "sweep failed");
        }
        let now = self.clock.now();
        match rows::doubts_due(&self.db.log, self.service, W::KIND, now).await {
            Ok(doubts) => {
                for intent in doubts {
                    self.look_up(&intent, now).await;
                }
            }
            Err(cause) => warn!(service = self.service, %cause, "reading doubts failed"),
        }
    }

    async fn sweep_leases(&self, options: &WorkerOptions) -> Result<(), Fault> {
        let mut cx = self.begin().await?;
        let now = self.clock.now();
        let doubts = rows::sweep(cx.db(), self.service, W::KIND, options.settle, now).await?;
        for intent in &doubts {
            self.worker.in_doubt(&mut cx, intent, codes::CALL_ABANDONED).await?;
        }
        cx.commit().await
    }

    async fn look_up(&self, intent: &Intent, now: OffsetDateTime) {
        let result = match self.worker.resolve(&self.state, intent).await {
            Ok(Resolution::Known(output)) => self.adopt_found(intent, output).await,
            Ok(Resolution::NotDone) => self.redo(intent).await,
            Ok(Resolution::Unclear(after)) => {
                // Nobody to ask: look again in a day only to keep the list short; a person sees it.
                let until = now + after.unwrap_or(Duration::days(1));
                rows::postpone_doubt(&self.db.log, self.service, intent.id, until)
                    .await
                    .map_err(Fault::from)
            }
            Err(fault) => {
                let until = now + Duration::minutes(1);
                let put = rows::postpone_doubt(&self.db.log, self.service, intent.id, until).await;
                put.map_err(Fault::from).and(Err(fault))
            }
        };
        if let Err(fault) = result {
            warn!(service = self.service, kind = W::KIND, cause = %chain(&fault), "doubt stays");
        }
    }

    async fn adopt_found(&self, intent: &Intent, output: W::Output) -> Result<(), Fault> {
        let found = [(intent.clone(), output)];
        self.worker.before_record(&self.state, &found).await?;
        let mut cx = self.begin().await?;
        let [(_, output)] = &found;
        if rows::lock_in_doubt(cx.db(), self.service, intent.id).await? {
            self.adopt(&mut cx, intent, output, "lookup by reference").await?;
            info!(service = self.service, intent = %intent.id, "doubt settled: it had happened");
        }
        cx.commit().await
    }

    async fn redo(&self, intent: &Intent) -> Result<(), Fault> {
        let mut cx = self.begin().await?;
        let evidence = serde_json::json!({ "settled_by": "lookup by reference", "found": false });
        let (kind, ready) = (W::KIND, IntentState::Ready);
        rows::settle_in_doubt(cx.db(), self.service, kind, &intent.key, ready, &evidence).await?;
        info!(service = self.service, intent = %intent.id, "doubt settled: it had not happened");
        cx.commit().await
    }

    /// A doubt that turned out to have happened, for whatever reason this is known.
    pub(super) async fn adopt(
        &self,
        cx: &mut Cx<S>,
        intent: &Intent,
        output: &W::Output,
        how: &str,
    ) -> Result<(), Fault> {
        let evidence = serde_json::json!({ "settled_by": how });
        let (kind, done) = (W::KIND, IntentState::Done);
        rows::settle_in_doubt(cx.db(), self.service, kind, &intent.key, done, &evidence).await?;
        self.worker.record(cx, intent, output).await
    }
}
