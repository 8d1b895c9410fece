//! One transaction of a service: rows, events and intents, committed together.

use std::sync::Arc;

use colibri_events::Event;
use colibri_types::TenantId;
use sqlx::{AssertSqlSafe, PgConnection, PgPool, Postgres, SqlSafeStr, Transaction};
use time::OffsetDateTime;
use tokio::sync::{Notify, watch};

use crate::{
    bus::{self, Outgoing},
    clock::SharedClock,
    db,
    fault::Fault,
    intent::{self, NewIntent, SentIntent, Ticket},
    telemetry::trace,
};

/// Wakes relay and workers of the own process after a commit, so that nobody waits for a poll.
#[derive(Debug, Clone, Default)]
pub struct Wake {
    /// The relay of the own lane.
    pub relay: Arc<Notify>,
    /// The workers of the own intents.
    pub workers: Arc<watch::Sender<u64>>,
}

/// What a transaction sees.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sees {
    /// The rows of all tenants: the service's own work.
    Everything,
    /// By row security, this tenant's rows only.
    Tenant(TenantId),
    /// As before, all of it as of one moment, and writes nothing.
    Moment(TenantId),
}

/// A transaction with everything a handler may do: read and write its own schema, publish through
/// the outbox, record intents. It cannot call out.
pub struct Cx<S> {
    tx: Transaction<'static, Postgres>,
    state: Arc<S>,
    service: &'static str,
    now: OffsetDateTime,
    wake: Wake,
    events: Vec<Outgoing>,
    intents: Vec<NewIntent>,
    sent: Vec<SentIntent>,
    wrote: Wrote,
    hooks: Vec<Hook>,
}

type Hook = Box<dyn FnOnce() + Send + Sync>;

/// What was flushed already, so that the right ones are woken after the commit.
#[derive(Debug, Clone, Copy, Default)]
struct Wrote {
    events: bool,
    intents: bool,
}

impl<S> Cx<S> {
    /// Opens a transaction.
    ///
    /// # Errors
    /// [`Fault`] when the database is away.
    pub(crate) async fn begin(
        pool: &PgPool,
        sees: Sees,
        service: &'static str,
        state: Arc<S>,
        clock: &SharedClock,
        wake: Wake,
    ) -> Result<Self, Fault> {
        let (begin, tenant) = match sees {
            Sees::Everything => ("begin", None),
            Sees::Tenant(tenant) => ("begin", Some(tenant)),
            Sees::Moment(tenant) => {
                ("begin isolation level repeatable read, read only", Some(tenant))
            }
        };
        let tx = match tenant {
            // One round trip for both; a UUID has no character that could end the text.
            Some(tenant) => {
                let begin = format!("{begin}; set local colibri.tenant = '{}'", tenant.to_uuid());
                db::begin_with(pool, Some(AssertSqlSafe(begin).into_sql_str())).await?
            }
            None => db::begin(pool).await?,
        };
        let now = clock.now();
        Ok(Self {
            tx,
            state,
            service,
            now,
            wake,
            events: Vec::new(),
            intents: Vec::new(),
            sent: Vec::new(),
            wrote: Wrote::default(),
            hooks: Vec::new(),
        })
    }

    /// The connection inside the transaction.
    pub fn db(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    /// The service's own state.
    pub fn state(&self) -> Arc<S> {
        self.state.clone()
    }

    /// Now, once for the whole transaction.
    #[must_use]
    pub const fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// Publishes an event with this transaction. `fact` names the business fact, e.g. the version
    /// of the aggregate: a repeated transaction cannot mint a second identity. Lock or insert the
    /// aggregate before the transaction ends: that keeps the order of its events.
    pub fn publish<E: Event>(&mut self, event: &E, fact: &str) {
        self.events.push(Outgoing::new(event, fact));
    }

    /// Records work that calls the outside world; a worker does it after the commit.
    pub fn intend(&mut self, intent: NewIntent) {
        self.intents.push(intent);
    }

    /// Records work that is prepared already; the worker of this process does it right after the
    /// commit. Let nobody drop this transaction half way: what was committed and not handed over is
    /// in doubt until its lease is over.
    pub fn send<P: Send + 'static>(&mut self, ticket: Ticket<P>, prepared: P) {
        self.sent.push(ticket.row());
        // Only for a transaction to be shared between threads: nobody else looks into it.
        let parcel = std::sync::Mutex::new((ticket, prepared));
        self.after_commit(move || {
            let (ticket, prepared) =
                parcel.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            ticket.hand_over(prepared);
        });
    }

    /// Does something in this process right after the commit, such as waking who waits for it; not
    /// at all when there is no commit. Nothing may depend on it: a crash leaves it out.
    pub fn after_commit(&mut self, hook: impl FnOnce() + Send + Sync + 'static) {
        self.hooks.push(Box::new(hook));
    }

    pub(crate) const fn marks(&self) -> (usize, usize) {
        (self.events.len(), self.intents.len())
    }

    pub(crate) fn forget_after(&mut self, marks: (usize, usize)) {
        self.events.truncate(marks.0);
        self.intents.truncate(marks.1);
    }

    /// Writes collected events and intents.
    pub(crate) async fn flush(&mut self) -> Result<(), Fault> {
        if !self.intents.is_empty() {
            let intents = std::mem::take(&mut self.intents);
            intent::insert(&mut self.tx, self.service, &intents).await?;
            self.wrote.intents = true;
        }
        for intent in std::mem::take(&mut self.sent) {
            intent::insert_sent(&mut self.tx, self.service, &intent).await?;
        }
        if !self.events.is_empty() {
            let events = std::mem::take(&mut self.events);
            bus::flush(&mut self.tx, self.service, &trace::headers(), &events).await?;
            self.wrote.events = true;
        }
        Ok(())
    }

    /// Commits rows, events and intents together.
    ///
    /// # Errors
    /// [`Fault`]; a lost answer to the commit is `Retry`: the caller reads back by its key.
    pub async fn commit(self) -> Result<(), Fault> {
        self.commit_at("tx.before_commit").await
    }

    /// As [`Cx::commit`], with its own crash point between the last statement and the commit.
    pub(crate) async fn commit_at(mut self, point: &'static str) -> Result<(), Fault> {
        self.flush().await?;
        crate::crash::hit(point);
        let Self { tx, wake, wrote, hooks, .. } = self;
        tx.commit().await?;
        for hook in hooks {
            hook();
        }
        if wrote.events {
            wake.relay.notify_one();
        }
        if wrote.intents {
            wake.workers.send_modify(|wakes| *wakes = wakes.wrapping_add(1));
        }
        Ok(())
    }

    /// Rolls back.
    pub async fn rollback(self) {
        if let Err(cause) = self.tx.rollback().await {
            tracing::debug!(%cause, "rollback on a lost connection");
        }
    }
}
