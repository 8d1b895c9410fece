//! Work that is prepared before its intent is written. Whoever has everything in hand, such as a
//! call that waits for the outcome, writes the intent and the mark that bytes may leave as one row
//! in one commit; the worker of the same process calls right after it. Two commits and a claim less
//! than by the queue, with the same promise: what may have left is on disk before it leaves.

use std::sync::{Arc, Mutex, PoisonError};

use futures::{StreamExt as _, stream::FuturesUnordered};
use sqlx::{AssertSqlSafe, PgConnection};
use time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use uuid::Uuid;

use super::{
    rows::{Intent, NewIntent},
    work::{Attempt, Worker},
    worker::{Done, WorkerRunner},
};
use crate::{crash_point, fault::Fault};

type Parcel<P> = (Attempt<P>, OwnedSemaphorePermit);

/// The door of a worker to its own process: part of the service's state, opened by the worker.
pub struct Express<P>(Mutex<Option<Door<P>>>);

struct Door<P> {
    send: mpsc::UnboundedSender<Parcel<P>>,
    free: Arc<Semaphore>,
    /// Places that are left to the queue: what waits there is not held up by who comes later.
    reserved: usize,
    lease: Duration,
}

/// A place with the worker: it calls as soon as this was committed and handed over.
pub struct Ticket<P> {
    row: SentIntent,
    intent: Intent,
    place: OwnedSemaphorePermit,
    send: mpsc::UnboundedSender<Parcel<P>>,
}

/// An intent that is written as sent: prepared before, and called right after the commit.
#[derive(Debug, Clone)]
pub(crate) struct SentIntent {
    new: NewIntent,
    id: Uuid,
    token: Uuid,
    lease: Duration,
}

impl<P> Default for Express<P> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<P> std::fmt::Debug for Express<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Express(..)")
    }
}

impl<P> Express<P> {
    /// A place for this work; none when the worker does not run here or is busy: the ordinary way,
    /// [`Cx::intend`](crate::service::Cx::intend), is always open.
    #[must_use]
    pub fn ticket(&self, new: NewIntent) -> Option<Ticket<P>> {
        let door = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let door = door.as_ref()?;
        if door.free.available_permits() <= door.reserved {
            return None;
        }
        let place = door.free.clone().try_acquire_owned().ok()?;
        let intent = Intent {
            id: Uuid::now_v7(),
            tenant_id: new.tenant_id,
            key: new.key.clone(),
            lane: new.lane.clone(),
            request: new.request.clone(),
            attempt: 1,
            token: Uuid::new_v4(),
        };
        let row = SentIntent { new, id: intent.id, token: intent.token, lease: door.lease };
        Some(Ticket { row, intent, place, send: door.send.clone() })
    }

    fn open(&self, free: Arc<Semaphore>, lease: Duration) -> mpsc::UnboundedReceiver<Parcel<P>> {
        // Bounded by the places, not by the channel.
        let (send, receive) = mpsc::unbounded_channel();
        let reserved = free.available_permits() / 2;
        let door = Door { send, free, reserved, lease };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(door);
        receive
    }

    /// No tickets from now on; those that are out are waited for.
    pub(super) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl<P> Ticket<P> {
    /// The intent as it will be: its reference stands in the request that is prepared.
    #[must_use]
    pub const fn intent(&self) -> &Intent {
        &self.intent
    }

    pub(crate) fn row(&self) -> SentIntent {
        self.row.clone()
    }

    /// After the commit, and only then.
    pub(crate) fn hand_over(self, prepared: P) {
        let Self { intent, place, send, .. } = self;
        if send.send((Attempt { intent, prepared }, place)).is_err() {
            // The lease runs out and the sweep decides: sent means in doubt.
            tracing::error!("the worker is gone: what was marked as sent will be in doubt");
        }
    }
}

/// Writes an intent together with the mark that bytes may leave.
///
/// # Errors
/// [`Fault::Retry`] when its key has an open intent or the same work is known: nothing may be
/// called then.
pub(crate) async fn insert_sent(
    db: &mut PgConnection,
    service: &str,
    intent: &SentIntent,
) -> Result<(), Fault> {
    let sql = format!(
        "insert into {service}.intent
           (id, tenant_id, kind, key, lane, dedupe, request, state, attempt, token, lease_until)
         values ($1, $2, $3, $4, $5, $6, $7, 'sent', 1, $8,
                 clock_timestamp() + make_interval(secs => $9))
         on conflict do nothing"
    );
    let SentIntent { new, id, token, lease } = intent;
    let written = sqlx::query(AssertSqlSafe(sql))
        .bind(id)
        .bind(new.tenant_id)
        .bind(new.kind)
        .bind(&new.key)
        .bind(&new.lane)
        .bind(&new.dedupe)
        .bind(new.request.as_ref())
        .bind(token)
        .bind(lease.as_seconds_f64())
        .execute(db)
        .await?;
    match written.rows_affected() {
        1 => Ok(()),
        _ => Err(Fault::retry("the same work is on its way")),
    }
}

impl<S: Send + Sync + 'static, W: Worker<S>> WorkerRunner<S, W> {
    /// Takes what comes by the door until it is closed and the last ticket is used.
    pub(super) fn take_express(
        &self,
        free: &Arc<Semaphore>,
        lease: Duration,
        send: &mpsc::Sender<Done<W::Output>>,
    ) -> Option<tokio::task::JoinHandle<()>> {
        let receive = self.worker.express(&self.state)?.open(free.clone(), lease);
        Some(tokio::spawn(self.clone().call_express(receive, send.clone())))
    }

    async fn call_express(
        self,
        mut receive: mpsc::UnboundedReceiver<Parcel<W::Prepared>>,
        send: mpsc::Sender<Done<W::Output>>,
    ) {
        let mut calls = FuturesUnordered::new();
        let mut open = true;
        while open || !calls.is_empty() {
            tokio::select! {
                parcel = receive.recv(), if open => match parcel {
                    Some((attempt, place)) => {
                        crash_point!("intent.express");
                        calls.push(self.call_one(attempt, place));
                    }
                    None => open = false,
                },
                Some((done, place)) = calls.next(), if !calls.is_empty() => {
                    self.answered(done, &send).await;
                    drop(place);
                }
            }
        }
    }

    async fn call_one(
        &self,
        attempt: Attempt<W::Prepared>,
        place: OwnedSemaphorePermit,
    ) -> (Done<W::Output>, OwnedSemaphorePermit) {
        let intent = attempt.intent.clone();
        ((intent, self.worker.call(&self.state, attempt).await), place)
    }
}
