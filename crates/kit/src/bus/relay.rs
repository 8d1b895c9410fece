//! The relay of one lane: numbers the outbox into `event_log`, then publishes the log in atomic
//! batches fenced by the expected last sequence.
//!
//! Election by advisory lock only avoids useless work; correctness rests on the fence. After
//! anything unclear the relay reads the end of the stream and continues from there.

use std::{sync::Arc, time::Duration};

use async_nats::jetstream;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, postgres::PgConnectOptions};
use tokio::sync::Notify;
use tracing::{error, info, warn};
use uuid::Uuid;

use super::{
    batch::{BATCH_MAX, Batch, LogRow, Published, first_batch, rows_after},
    election::elected,
    names::stream_name,
    provision::stream_config,
    stream_end::{StreamEnd, stream_end},
};
use crate::{config::BusConfig, crash_point, db::Db, shutdown::Shutdown, telemetry::metrics};

/// Longest wait without a nudge: another process wrote to our outbox.
const IDLE_POLL: Duration = Duration::from_millis(200);
/// From one batch to the next, while batches are small. What comes alone goes at once; what comes
/// in a stream shares the commits of everyone who reads it, which are most of what an event costs.
const PACE: Duration = Duration::from_millis(50);
/// A batch of this many shares enough: the next one follows at once.
const SHARED: i64 = 50;

/// A relay of one lane.
#[derive(Clone)]
pub struct Relay {
    service: &'static str,
    lane: i16,
    limits: BusConfig,
    lock: PgConnectOptions,
    db: Db,
    client: async_nats::Client,
    js: jetstream::Context,
    nudge: Arc<Notify>,
}

/// What the lane row says.
#[derive(Debug, Clone, Copy)]
struct Lane {
    head: i64,
    /// Ahead of the row, which learns it with the next numbers or when nothing is left to do.
    sent: i64,
    gen_: i32,
    epoch: i64,
}

/// Why a relay stops its turn; it is elected again after a pause.
#[derive(Debug, thiserror::Error)]
enum TurnEnd {
    #[error("database")]
    Database(#[from] sqlx::Error),
    #[error("another relay took the lane")]
    Fenced,
    #[error("the lane is halted: {0}")]
    Halted(String),
    #[error("bus: {0}")]
    Bus(Box<dyn std::error::Error + Send + Sync>),
}

impl Relay {
    /// A relay for lane 0 of a service.
    #[must_use]
    pub fn new(
        service: &'static str,
        lock: PgConnectOptions,
        db: Db,
        client: async_nats::Client,
        nudge: Arc<Notify>,
        limits: BusConfig,
    ) -> Self {
        let js = jetstream::new(client.clone());
        Self { service, lane: 0, limits, lock, db, client, js, nudge }
    }

    /// Relays until shutdown, taking turns with other replicas.
    pub async fn run(self, shutdown: Shutdown) {
        let mut pause = Duration::from_millis(50);
        while !shutdown.is_triggered() {
            let before = tokio::time::Instant::now();
            match self.turn(&shutdown).await {
                Ok(()) => pause = Duration::from_millis(50),
                Err(TurnEnd::Halted(reason)) => {
                    error!(service = self.service, reason, "lane halted, a person must decide");
                    pause = Duration::from_secs(5);
                }
                Err(cause) => {
                    let chain = crate::fault::chain(&cause);
                    warn!(service = self.service, cause = %chain, "relay pauses: {chain}");
                    // A turn that worked for a while was healthy: start the back-off anew.
                    if before.elapsed() > Duration::from_secs(5) {
                        pause = Duration::from_millis(50);
                    }
                }
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = shutdown.triggered() => break,
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// One turn as the elected relay; returns at shutdown or when another relay holds the lock.
    async fn turn(&self, shutdown: &Shutdown) -> Result<(), TurnEnd> {
        let key = format!("colibri:{}:relay:{}", self.service, self.lane);
        let Some(mut lock) = elected(&self.lock, key, shutdown).await? else {
            return Ok(());
        };
        let mut lane = self.take_over(&mut lock).await?;
        self.resync(&mut lane).await?;
        info!(service = self.service, head = lane.head, sent = lane.sent, "relay elected");
        let mut unclear = 0_u32;
        loop {
            let paced = tokio::time::Instant::now() + PACE;
            let new = self.number(&mut lock, &mut lane).await?;
            crash_point!("relay.after_number");
            if lane.sent == lane.head {
                if shutdown.is_triggered() {
                    lock.close().await?;
                    return Ok(());
                }
                tokio::select! {
                    () = self.nudge.notified() => {}
                    () = tokio::time::sleep(IDLE_POLL) => {}
                    () = shutdown.triggered() => {}
                }
                continue;
            }
            match self.publish_next(&lane, new).await? {
                Published::Stored(last) => {
                    unclear = 0;
                    crash_point!("relay.after_puback");
                    let count = last - lane.sent;
                    lane.sent = last;
                    if count < SHARED {
                        tokio::select! {
                            () = tokio::time::sleep_until(paced) => {}
                            () = shutdown.triggered() => {}
                        }
                    }
                }
                Published::Unclear(reason) => {
                    unclear += 1;
                    metrics::counter("relay_resyncs_total", &[("service", self.service)]).inc();
                    warn!(
                        service = self.service,
                        reason, "publish unclear, reading the stream's end"
                    );
                    tokio::time::sleep(Duration::from_millis(50 << unclear.min(6))).await;
                    self.resync(&mut lane).await?;
                }
                Published::Halt(reason) => return Err(self.halt(&lane, reason).await?),
            }
        }
    }

    async fn take_over(&self, db: &mut PgConnection) -> Result<Lane, TurnEnd> {
        let sql = format!(
            "update {}.lane set epoch = epoch + 1 where lane = $1 and state <> 'halt'
             returning head, sent, gen, epoch",
            self.service
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(self.lane).fetch_optional(db).await?;
        let row = row.ok_or_else(|| TurnEnd::Halted("by an earlier decision".into()))?;
        Ok(Lane {
            head: row.try_get("head")?,
            sent: row.try_get("sent")?,
            gen_: row.try_get("gen")?,
            epoch: row.try_get("epoch")?,
        })
    }

    /// Stage 1: the lowest visible outbox rows get the next numbers, and the row learns what was
    /// sent. One statement, committed before stage 2 may publish them; it locks nothing, and so
    /// costs no flush, when there is nothing to write. Answers the rows when nothing older waits to
    /// be published.
    async fn number(&self, db: &mut PgConnection, lane: &mut Lane) -> Result<Vec<LogRow>, TurnEnd> {
        let s = self.service;
        let sql = format!(
            "with h as (select head, gen from {s}.lane
                         where lane = $1 and epoch = $2 and state = 'run'
                           and (sent <> $3 or exists (select from {s}.outbox where lane = $1))
                           for update),
                  d as (delete from {s}.outbox
                         where id = any (array(select id from {s}.outbox
                                                where lane = $1 order by id limit {BATCH_MAX}))
                           and exists (select 1 from h)
                        returning *),
                  i as (insert into {s}.event_log
                          (lane, seq, gen, event_id, key, shard, subject, headers, payload, at)
                        select d.lane, h.head + row_number() over (order by d.id), h.gen, d.event_id,
                               d.key, d.shard, d.subject, d.headers, d.payload, d.at
                          from d cross join h
                        returning seq, gen, event_id, key, subject, headers, payload),
                  u as (update {s}.lane set head = head + (select count(*) from i), sent = $3
                         where lane = $1 and epoch = $2 and exists (select 1 from h))
             select o.ours, i.*
               from (select exists (select from {s}.lane where lane = $1 and epoch = $2
                                       and state = 'run') as ours) as o
               left join i on true order by i.seq"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(self.lane)
            .bind(lane.epoch)
            .bind(lane.sent)
            .fetch_all(&mut *db)
            .await?;
        let Some(first) = rows.first() else { return Err(TurnEnd::Fenced) };
        if !first.try_get::<bool, _>("ours")? {
            return Err(TurnEnd::Fenced);
        }
        if first.try_get::<Option<i64>, _>("seq")?.is_none() {
            return Ok(Vec::new());
        }
        let new = rows.iter().map(LogRow::read).collect::<Result<Vec<_>, _>>()?;
        let whole = lane.sent == lane.head;
        if let Some(head) = new.last().map(LogRow::seq) {
            // Entered a new million: make partitions ahead before they are needed.
            if head / 1_000_000 != lane.head / 1_000_000 {
                let sql = format!("select {s}.ensure_partitions($1)");
                sqlx::query(AssertSqlSafe(sql)).bind(head).execute(db).await?;
            }
            lane.head = head;
        }
        Ok(if whole { first_batch(new) } else { Vec::new() })
    }

    /// Stage 2: one atomic batch after `sent`: rows that stage 1 just committed, or else the log's.
    async fn publish_next(&self, lane: &Lane, new: Vec<LogRow>) -> Result<Published, TurnEnd> {
        let rows = match new.first() {
            Some(row) if row.seq() == lane.sent + 1 => new,
            _ => rows_after(&self.db.log, self.service, self.lane, lane.sent).await?,
        };
        if rows.is_empty() {
            return Ok(Published::Halt(format!("event_log has no number after {}", lane.sent)));
        }
        let count = rows.len() as u64;
        let batch = Batch { service: self.service, lane: self.lane, sent: lane.sent, rows };
        let published = batch.publish(&self.client).await;
        if matches!(published, Published::Stored(_)) {
            metrics::counter("relay_published_total", &[("service", self.service)]).add(count);
        }
        Ok(published)
    }

    async fn move_sent(&self, lane: &mut Lane, sent: i64) -> Result<(), TurnEnd> {
        let sql = format!(
            "update {}.lane set sent = $2, state = 'run' where lane = $1 and epoch = $3",
            self.service
        );
        let moved = sqlx::query(AssertSqlSafe(sql))
            .bind(self.lane)
            .bind(sent)
            .bind(lane.epoch)
            .execute(&self.db.log)
            .await?;
        if moved.rows_affected() != 1 {
            return Err(TurnEnd::Fenced);
        }
        lane.sent = sent;
        Ok(())
    }

    /// Reads the end of the stream and continues from there.
    async fn resync(&self, lane: &mut Lane) -> Result<(), TurnEnd> {
        let stream = stream_name(self.service, self.lane);
        let end = stream_end(&self.js, &stream).await.map_err(|e| TurnEnd::Bus(e.into()))?;
        let StreamEnd::At { last, gen_, event_id, .. } = end else {
            return self.rebuild(lane).await;
        };
        if gen_ != lane.gen_ {
            let reason = format!("stream is of history {gen_}, the log of {}", lane.gen_);
            return Err(self.halt(lane, reason).await?);
        }
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        if last > lane.head {
            let reason = format!("the stream ends at {last}, the log at {}", lane.head);
            return Err(self.halt(lane, reason).await?);
        }
        if last > 0
            && let Some(stored) = event_id
        {
            let logged = self.event_id_of(last).await?;
            if logged.is_some_and(|logged| logged != stored) {
                let reason =
                    format!("message {last} of the stream is another event than in the log");
                return Err(self.halt(lane, reason).await?);
            }
        }
        if last < lane.sent {
            error!(
                service = self.service,
                sent = lane.sent,
                last,
                "the stream lost acknowledged messages, publishing them again from the log"
            );
            metrics::counter("relay_rolled_back_total", &[("service", self.service)]).inc();
        }
        if last != lane.sent {
            self.move_sent(lane, last).await?;
        }
        Ok(())
    }

    async fn event_id_of(&self, seq: i64) -> Result<Option<Uuid>, sqlx::Error> {
        let sql =
            format!("select event_id from {}.event_log where lane = $1 and seq = $2", self.service);
        sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(self.lane)
            .bind(seq)
            .fetch_optional(&self.db.log)
            .await
    }

    /// The stream is gone: makes it again with the oldest number the log still has, and lets the
    /// ordinary road fill it. Sequence equals number again from there on.
    async fn rebuild(&self, lane: &mut Lane) -> Result<(), TurnEnd> {
        let sql = format!("select min(seq) from {}.event_log where lane = $1", self.service);
        let oldest: Option<i64> =
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(self.lane).fetch_one(&self.db.log).await?;
        let first = oldest.unwrap_or(lane.head + 1);
        warn!(service = self.service, first, "stream is missing, rebuilding it from the log");
        let config = stream_config(
            self.service,
            self.lane,
            lane.gen_,
            u64::try_from(first).unwrap_or(1),
            self.limits,
        );
        self.js.create_stream(config).await.map_err(|e| TurnEnd::Bus(e.into()))?;
        self.move_sent(lane, first - 1).await
    }

    async fn halt(&self, lane: &Lane, reason: String) -> Result<TurnEnd, sqlx::Error> {
        let sql = format!(
            "update {}.lane set state = 'halt', note = $2 where lane = $1 and epoch = $3",
            self.service
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(self.lane)
            .bind(&reason)
            .bind(lane.epoch)
            .execute(&self.db.log)
            .await?;
        Ok(TurnEnd::Halted(reason))
    }
}
