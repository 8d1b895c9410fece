//! One consuming service on one producer's lane: pulls batches, moves its position by
//! compare-and-swap and applies all effects in the same transaction, commits, then acknowledges.
//!
//! The position row is the truth; JetStream's acknowledgement floor is a hint. On take-over, gap or
//! roll back the consumer is reset to `position + 1`; nak is never used.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream::{self, consumer::PullConsumer};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, postgres::PgConnectOptions};
use tracing::{info, warn};

use super::{
    apply::{Handlers, RawEvent},
    election::elected,
    names::{consumer_name, stream_name},
    parked::{look, not_released, parked_keys, release_key},
    provision::declare_consumer,
    pull::pull,
    stream_end::{StreamEnd, stream_end},
};
use crate::{
    clock::SharedClock,
    crash, crash_point,
    db::Db,
    fault::Fault,
    service::{Cx, Sees, Wake},
    shutdown::Shutdown,
    telemetry::{metrics, trace},
};

/// Long poll: beyond it the loop looks at lock and shutdown again.
const PULL_EXPIRES: Duration = Duration::from_secs(5);
/// Between two looks at what people asked for, when batches come one after the other.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long the position may stay behind events that nobody here handles. A commit for each would
/// write nothing but that nothing was written; after a crash they are read again.
const UNHEARD_FOR: Duration = Duration::from_millis(500);

/// A consumer of one producer's lane 0.
pub struct Consumer<S> {
    /// Consuming service.
    pub service: &'static str,
    /// Producing service.
    pub producer: &'static str,
    /// What to do with each event.
    pub handlers: Arc<Handlers<S>>,
    /// State handed to handlers.
    pub state: Arc<S>,
    /// Options of the lock connection.
    pub lock: PgConnectOptions,
    /// Pools.
    pub db: Db,
    /// JetStream.
    pub js: jetstream::Context,
    /// Clock of the service.
    pub clock: SharedClock,
    /// Whom to wake after a commit.
    pub wake: Wake,
}

/// Where a consumer stands in its lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    /// As the row says.
    seq: i64,
    /// The last event that was read; ahead of the row by events that nobody here handles.
    pub(super) read: i64,
    pub(super) gen_: i32,
    epoch: i64,
}

/// Events that nobody here handles, read and not yet written down.
struct Unheard {
    since: tokio::time::Instant,
    last: jetstream::Message,
}

/// Why a turn ended before its time.
#[derive(Debug, thiserror::Error)]
pub(super) enum TurnEnd {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("bus")]
    Bus(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("another process moved the position")]
    Fenced,
    #[error("stream is of history {stream}, the position of {position}")]
    OtherHistory { stream: i32, position: i32 },
    #[error("the stream ends at {end}, before position {position}: the relay is refilling it")]
    Behind { end: u64, position: i64 },
    #[error("batch failed")]
    Batch(#[from] Fault),
    #[error("number {0} is missing in the stream")]
    Hole(i64),
    #[error("so many keys were parked within a minute that the handlers must be wrong")]
    TooMany,
}

/// A failure of the bus.
pub(super) fn bus(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TurnEnd {
    TurnEnd::Bus(cause.into())
}

impl<S: Send + Sync + 'static> Consumer<S> {
    /// Consumes until shutdown, taking turns with other replicas.
    pub async fn run(self, shutdown: Shutdown) {
        let mut pause = Duration::from_millis(20);
        while !shutdown.is_triggered() {
            let before = tokio::time::Instant::now();
            if let Err(cause) = self.turn(&shutdown).await {
                let chain = crate::fault::chain(&cause);
                warn!(
                    service = self.service, producer = self.producer, cause = %chain,
                    "consumer of {} pauses: {chain}", self.producer
                );
            }
            if before.elapsed() > Duration::from_secs(5) {
                pause = Duration::from_millis(20);
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.triggered() => break,
            }
            pause = (pause * 2).min(Duration::from_secs(2));
        }
    }

    async fn turn(&self, shutdown: &Shutdown) -> Result<(), TurnEnd> {
        let key = format!("colibri:{}:{}:0", self.service, self.producer);
        let Some(mut lock) = elected(&self.lock, key, shutdown).await? else {
            return Ok(());
        };
        let (mut consumer, mut position) = self.take_over(&mut lock).await?;
        info!(
            service = self.service,
            producer = self.producer,
            position = position.seq,
            "consuming {} from {}",
            self.producer,
            position.seq + 1
        );
        let mut holes = 0;
        let mut unheard: Option<Unheard> = None;
        let mut looked = None;
        while !shutdown.is_triggered() {
            let parked = self.look(&mut lock, &mut looked).await?;
            let patience = if unheard.is_some() { UNHEARD_FOR } else { PULL_EXPIRES };
            let pulled = tokio::select! {
                pulled = pull(&consumer, position, patience) => pulled,
                () = shutdown.triggered() => break,
            };
            match pulled {
                Ok(None) => {}
                Ok(Some((events, last))) if !self.handlers.hear(self.producer, &events) => {
                    position.read = events.last().map_or(position.read, |e| e.meta.seq);
                    holes = 0;
                    let since = unheard.map_or_else(tokio::time::Instant::now, |u| u.since);
                    unheard = Some(Unheard { since, last });
                }
                Ok(Some((events, last))) => {
                    let (moved, careful) = self.apply(position, &events, parked).await?;
                    (position, unheard, holes) = (moved, None, 0);
                    looked = looked.filter(|_| !careful);
                    self.acknowledge(&last).await;
                }
                Err(TurnEnd::Hole(at)) if holes == 0 => {
                    holes += 1;
                    warn!(service = self.service, producer = self.producer, at, "hole, resetting");
                    metrics::counter("bus_holes_total", &[("service", self.service)]).inc();
                    reset(&mut consumer, position.read).await?;
                }
                Err(end) => return Err(end),
            }
            if let Some(done) = unheard.take_if(|u| u.since.elapsed() >= UNHEARD_FOR) {
                position = self.pass(position).await?;
                self.acknowledge(&done.last).await;
            }
        }
        if unheard.is_some() {
            self.pass(position).await?;
        }
        lock.close().await?;
        Ok(())
    }

    /// Does what people asked for, unless that was looked at just now; answers whether anything is
    /// parked. Also keeps the lock connection from its idle time-out, and notices when it is lost.
    async fn look(
        &self,
        lock: &mut PgConnection,
        looked: &mut Option<(tokio::time::Instant, bool)>,
    ) -> Result<bool, TurnEnd> {
        if let Some((at, parked)) = looked
            && at.elapsed() < LOOK_EVERY
        {
            return Ok(*parked);
        }
        let look = look(lock, self.service, self.producer).await?;
        for key in &look.asked {
            self.release(lock, key).await?;
        }
        if look.too_many {
            return Err(TurnEnd::TooMany);
        }
        *looked = Some((tokio::time::Instant::now(), look.any));
        Ok(look.any)
    }

    async fn acknowledge(&self, last: &jetstream::Message) {
        crash_point!("consumer.committed");
        // A lost acknowledgement costs nothing: the position drops what comes again.
        if let Err(cause) = last.ack().await {
            warn!(service = self.service, %cause, "acknowledgement lost");
        }
        crash_point!("consumer.acked");
    }

    /// Writes down that events were read which nobody here handles.
    async fn pass(&self, position: Position) -> Result<Position, TurnEnd> {
        self.begin_moved(position, position.read).await?.commit().await?;
        Ok(self.moved(position, position.read))
    }

    /// The position after its commit. Every event counts once, whether somebody handled it or not.
    fn moved(&self, position: Position, to: i64) -> Position {
        let labels = [("service", self.service), ("producer", self.producer)];
        let events = u64::try_from(to - position.seq).unwrap_or(0);
        metrics::counter("bus_applied_total", &labels).add(events);
        Position { seq: to, read: to, ..position }
    }

    /// Makes this process the owner of the position, and the consumer continue after it.
    async fn take_over(&self, db: &mut PgConnection) -> Result<(PullConsumer, Position), TurnEnd> {
        let s = self.service;
        let sql = format!(
            "insert into {s}.position (consumer, lane) values ($1, 0)
             on conflict (consumer, lane) do update set epoch = {s}.position.epoch + 1
             returning seq, gen, epoch"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(self.producer).fetch_one(db).await?;
        let (seq, gen_, epoch) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let position = Position { seq, read: seq, gen_, epoch };
        let stream = stream_name(self.producer, 0);
        match stream_end(&self.js, &stream).await.map_err(bus)? {
            StreamEnd::Missing => return Err(bus("the stream is missing")),
            StreamEnd::At { gen_, .. } if gen_ != position.gen_ => {
                return Err(TurnEnd::OtherHistory { stream: gen_, position: position.gen_ });
            }
            // A reset beyond the end is accepted and silently skips messages: wait instead.
            StreamEnd::At { last, .. }
                if i64::try_from(last).unwrap_or(i64::MAX) < position.seq =>
            {
                return Err(TurnEnd::Behind { end: last, position: position.seq });
            }
            StreamEnd::At { .. } => {}
        }
        let handle = self.js.get_stream(&stream).await.map_err(bus)?;
        declare_consumer(&handle, &stream, self.service).await.map_err(bus)?;
        let name = consumer_name(self.service);
        let mut consumer: PullConsumer = handle.get_consumer(&name).await.map_err(bus)?;
        reset(&mut consumer, position.seq).await?;
        Ok((consumer, position))
    }

    /// One batch: position and effects together. A fault of an event leads to the careful path; the
    /// answer says whether it was taken.
    async fn apply(
        &self,
        position: Position,
        events: &[RawEvent],
        parked: bool,
    ) -> Result<(Position, bool), TurnEnd> {
        let last = events.last().map_or(position.read, |e| e.meta.seq);
        let span = tracing::info_span!("consume", producer = self.producer, count = events.len());
        for event in events.iter().take(trace::LINKS_MAX) {
            trace::link(&span, &event.trace());
        }
        crash_point!("consumer.received");
        let mut cx = self.begin_moved(position, last).await?;
        let keys: Vec<&str> = events.iter().map(|e| e.meta.key.as_str()).collect();
        // Whoever parks holds the position: what this process saw last is so still.
        let held = match parked {
            true => parked_keys(cx.db(), self.service, self.producer, &keys).await?,
            false => Vec::new(),
        };
        let outcome = if held.is_empty() {
            match self.handlers.apply_all(&mut cx, self.producer, events).await {
                Ok(()) => cx.commit_at("consumer.in_tx").await,
                Err(fault) => {
                    cx.rollback().await;
                    Err(fault)
                }
            }
        } else {
            cx.rollback().await;
            Err(Fault::reject("BUS0002", "a key of the batch is parked"))
        };
        let careful = outcome.is_err();
        match outcome {
            Ok(()) => {}
            Err(fault @ Fault::Retry { .. }) => return Err(fault.into()),
            Err(fault) => {
                tracing::debug!(fault = %crate::fault::chain(&fault), "careful path");
                let mut cx = self.begin_moved(position, last).await?;
                self.handlers.apply_each(&mut cx, self.service, self.producer, events).await?;
                cx.commit().await?;
            }
        }
        Ok((self.moved(position, last), careful))
    }

    /// Tries the events of a key again, because a person asked.
    async fn release(&self, lock: &mut PgConnection, key: &str) -> Result<(), TurnEnd> {
        let (service, producer) = (self.service, self.producer);
        let mut cx = self.begin().await?;
        let done = match release_key(&self.handlers, &mut cx, service, producer, key).await {
            Ok(events) => cx.commit().await.map(|()| events),
            Err(fault) => {
                cx.rollback().await;
                Err(fault)
            }
        };
        match done {
            Ok(events) => {
                info!(service, producer, key, events, "released {events} events of {producer}");
            }
            Err(fault) => {
                not_released(lock, service, producer, key, &fault).await?;
                let code = fault.code();
                warn!(service, producer, key, code, "not released: {code}");
            }
        }
        Ok(())
    }

    async fn begin(&self) -> Result<Cx<S>, Fault> {
        let (state, wake) = (self.state.clone(), self.wake.clone());
        Cx::begin(&self.db.log, Sees::Everything, self.service, state, &self.clock, wake).await
    }

    /// A transaction whose first statement moved the position: it holds the row lock.
    async fn begin_moved(&self, from: Position, to: i64) -> Result<Cx<S>, TurnEnd> {
        let mut cx = self.begin().await?;
        let unless_moved = match crash::without("consumer.position") {
            false => "seq = $3 and epoch = $4",
            true => "$3::int8 is not null and $4::int8 is not null",
        };
        let sql = format!(
            "update {}.position set seq = $1, at = now()
              where consumer = $2 and lane = 0 and {unless_moved}",
            self.service
        );
        let moved = sqlx::query(AssertSqlSafe(sql))
            .bind(to)
            .bind(self.producer)
            .bind(from.seq)
            .bind(from.epoch)
            .execute(cx.db())
            .await?;
        if moved.rows_affected() != 1 {
            cx.rollback().await;
            metrics::counter("bus_fenced_total", &[("service", self.service)]).inc();
            return Err(TurnEnd::Fenced);
        }
        Ok(cx)
    }
}

async fn reset(consumer: &mut PullConsumer, position: i64) -> Result<(), TurnEnd> {
    let next = u64::try_from(position + 1).unwrap_or(1);
    consumer.reset(Some(next)).await.map_err(bus)?;
    Ok(())
}
