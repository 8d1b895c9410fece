//! Compares log and stream: what `colibri doctor` shows, and what runs all the time.

use async_nats::jetstream;
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use uuid::Uuid;

use super::{
    names::stream_name,
    stream_end::{StreamEnd, message_at, stream_end},
};

/// What a comparison of one lane found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneReport {
    /// Service that owns the lane.
    pub service: String,
    /// Events waiting in the outbox.
    pub outbox: i64,
    /// Last number of the log.
    pub head: i64,
    /// Last number known to be in the stream.
    pub sent: i64,
    /// Last sequence of the stream.
    pub stream_last: u64,
    /// Numbers compared one to one.
    pub compared: u64,
    /// Numbers whose message differs from the log, or is missing.
    pub different: Vec<i64>,
    /// What else is wrong, in words.
    pub problems: Vec<String>,
}

impl LaneReport {
    /// Log and stream agree, and nothing waits.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.different.is_empty() && self.problems.is_empty()
    }
}

/// Reads both sides of one service's lane 0.
pub struct Reconciler<'a> {
    /// Service.
    pub service: &'a str,
    /// Pool of the service's log role.
    pub db: &'a PgPool,
    /// JetStream.
    pub js: &'a jetstream::Context,
    /// How many of the newest messages to compare one to one; damage after a crash sits there.
    pub tail: u64,
}

/// Compares one lane.
///
/// # Errors
/// When database or stream cannot be read.
pub async fn reconcile(
    side: &Reconciler<'_>,
) -> Result<LaneReport, Box<dyn std::error::Error + Send + Sync>> {
    let s = side.service;
    let sql = format!(
        "select l.head, l.sent, l.gen, l.state, l.note, (select count(*) from {s}.outbox) as outbox
           from {s}.lane l where lane = 0"
    );
    let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(side.db).await?;
    let mut report = LaneReport {
        service: s.to_owned(),
        outbox: row.try_get("outbox")?,
        head: row.try_get("head")?,
        sent: row.try_get("sent")?,
        stream_last: 0,
        compared: 0,
        different: Vec::new(),
        problems: Vec::new(),
    };
    let state: String = row.try_get("state")?;
    if state != "run" {
        let note: Option<String> = row.try_get("note")?;
        report.problems.push(format!("lane is in state {state}: {}", note.unwrap_or_default()));
    }
    let stream = stream_name(s, 0);
    match stream_end(side.js, &stream).await? {
        StreamEnd::Missing => report.problems.push("the stream is missing".into()),
        StreamEnd::At { first, last, messages, gen_, .. } => {
            report.stream_last = last;
            if gen_ != row.try_get::<i32, _>("gen")? {
                report.problems.push(format!("the stream is of history {gen_}"));
            }
            if messages > 0 && last - first + 1 != messages {
                let missing = last - first + 1 - messages;
                report.problems.push(format!("{missing} messages are missing inside the stream"));
            }
            if i64::try_from(last)? > report.head {
                report.problems.push("the stream is ahead of the log".into());
            }
            compare_tail(side, &stream, first, last, &mut report).await?;
        }
    }
    Ok(report)
}

async fn compare_tail(
    side: &Reconciler<'_>,
    stream: &str,
    first: u64,
    last: u64,
    report: &mut LaneReport,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let from = last.saturating_sub(side.tail).max(first.saturating_sub(1));
    let sql = format!(
        "select seq, event_id, payload from {}.event_log
          where lane = 0 and seq > $1 and seq <= $2 order by seq",
        side.service
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(i64::try_from(from)?)
        .bind(i64::try_from(last)?)
        .fetch_all(side.db)
        .await?;
    for row in rows {
        let seq: i64 = row.try_get(0)?;
        let (event_id, payload): (Uuid, Vec<u8>) = (row.try_get(1)?, row.try_get(2)?);
        report.compared += 1;
        match message_at(side.js, stream, u64::try_from(seq)?).await? {
            Some((id, bytes)) if id == event_id && bytes == payload => {}
            _ => report.different.push(seq),
        }
    }
    Ok(())
}
