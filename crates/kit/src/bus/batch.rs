//! One atomic batch: rows of the log on their way into the stream, and what the answer means.

use std::time::Duration;

use async_nats::HeaderMap;
use bytes::Bytes;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, PgPool, Row as _, postgres::PgRow};
use uuid::Uuid;

use super::names::stream_name;
use crate::{crash, crash_point};

/// Largest atomic batch: the server refuses 1 001 messages.
pub(super) const BATCH_MAX: i64 = 1000;
/// Bytes after which a batch is cut, so that one commit stays below the server's write buffer.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Commit acknowledgement: six disk flushes; beyond this the outcome is unknown.
const ACK_TIMEOUT: Duration = Duration::from_secs(5);

/// One event of the log.
pub(super) struct LogRow {
    pub(super) seq: i64,
    gen_: i32,
    event_id: Uuid,
    key: String,
    subject: String,
    headers: serde_json::Value,
    payload: Bytes,
}

/// The next rows of a lane, at most one batch.
pub(super) async fn rows_after(
    db: &PgPool,
    service: &str,
    lane: i16,
    sent: i64,
) -> Result<Vec<LogRow>, sqlx::Error> {
    let sql = format!(
        "select seq, gen, event_id, key, subject, headers, payload from {service}.event_log
          where lane = $1 and seq > $2 order by seq limit {BATCH_MAX}"
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(lane).bind(sent).fetch_all(db).await?;
    rows.iter().map(LogRow::read).collect::<Result<_, _>>().map(first_batch)
}

/// As many of these rows as one batch may hold.
pub(super) fn first_batch(mut rows: Vec<LogRow>) -> Vec<LogRow> {
    let mut bytes = 0;
    let fit = rows.iter().take_while(|row| {
        bytes += row.payload.len() + 512;
        bytes <= BATCH_BYTES
    });
    let fit = fit.count().max(1);
    rows.truncate(fit);
    rows
}

/// What a publish came to.
pub(super) enum Published {
    /// Stored whole; the stream ends at this number.
    Stored(i64),
    /// Read the end of the stream.
    Unclear(String),
    /// Configuration or programming error: publishing again cannot help.
    Halt(String),
}

/// Rows to be stored after number `sent`, whole or not at all.
pub(super) struct Batch {
    pub(super) service: &'static str,
    pub(super) lane: i16,
    pub(super) sent: i64,
    pub(super) rows: Vec<LogRow>,
}

#[derive(Deserialize)]
struct Ack {
    #[serde(default)]
    stream: String,
    #[serde(default)]
    seq: u64,
    #[serde(default)]
    count: u64,
    error: Option<ApiError>,
}

#[derive(Deserialize)]
struct ApiError {
    err_code: u32,
    description: String,
}

impl Batch {
    /// Publishes and says what came of it.
    pub(super) async fn publish(self, client: &async_nats::Client) -> Published {
        let stream = stream_name(self.service, self.lane);
        let count = self.rows.len() as u64;
        let last = self.rows.last().map_or(self.sent, |row| row.seq);
        match self.send(client, &stream).await {
            Ok(ack) => ack.judge(&stream, count, last),
            Err(cause) => Published::Unclear(cause.to_string()),
        }
    }

    async fn send(
        self,
        client: &async_nats::Client,
        stream: &str,
    ) -> Result<Ack, Box<dyn std::error::Error + Send + Sync>> {
        // Unique per attempt, never reused: two attempts of one batch must not mix.
        let batch = Uuid::now_v7().simple().to_string();
        let last = self.rows.len().saturating_sub(1);
        for (i, row) in self.rows.into_iter().enumerate() {
            let mut headers = row.header_map(self.service, self.lane);
            headers.insert("Nats-Expected-Stream", stream);
            headers.insert("Nats-Batch-Id", batch.as_str());
            headers.insert("Nats-Batch-Sequence", (i + 1).to_string());
            if crash::without("relay.fence") {
                headers.insert("Nats-Msg-Id", Uuid::now_v7().to_string());
            } else if i == 0 {
                headers.insert("Nats-Expected-Last-Sequence", self.sent.to_string());
            }
            if i < last {
                client.publish_with_headers(row.subject, headers, row.payload).await?;
                if i == 0 {
                    crash_point!("relay.mid_batch");
                }
                continue;
            }
            headers.insert("Nats-Batch-Commit", "1");
            let request = client.request_with_headers(row.subject, headers, row.payload);
            let message = tokio::time::timeout(ACK_TIMEOUT, request).await??;
            return Ok(serde_json::from_slice(&message.payload)?);
        }
        Err("an empty batch".into())
    }
}

impl Ack {
    fn judge(self, stream: &str, count: u64, last: i64) -> Published {
        match self.error {
            // 10174 atomic publish off, 10060 other stream, the others malformed: drift or a bug,
            // publishing again gives the same.
            Some(e)
                if matches!(
                    e.err_code,
                    10174 | 10060 | 10199 | 10175 | 10177 | 10179 | 10200 | 10054 | 10097
                ) =>
            {
                Published::Halt(format!("{} {}", e.err_code, e.description))
            }
            Some(e) => Published::Unclear(format!("{} {}", e.err_code, e.description)),
            None if self.stream == stream
                && self.count == count
                && i64::try_from(self.seq).ok() == Some(last) =>
            {
                Published::Stored(last)
            }
            None => Published::Unclear("an acknowledgement of something else".into()),
        }
    }
}

impl LogRow {
    /// Its number.
    pub(super) const fn seq(&self) -> i64 {
        self.seq
    }

    pub(super) fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: row.try_get("seq")?,
            gen_: row.try_get("gen")?,
            event_id: row.try_get("event_id")?,
            key: row.try_get("key")?,
            subject: row.try_get("subject")?,
            headers: row.try_get("headers")?,
            payload: row.try_get::<Vec<u8>, _>("payload")?.into(),
        })
    }

    fn header_map(&self, service: &str, lane: i16) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(stored) = self.headers.as_object() {
            for (name, value) in stored {
                if let Some(value) = value.as_str() {
                    headers.insert(name.as_str(), value);
                }
            }
        }
        headers.insert("Content-Type", "application/protobuf");
        headers.insert("Nats-Msg-Id", format!("{service}.{lane}.{}.{}", self.gen_, self.seq));
        headers.insert("Colibri-Lane", lane.to_string());
        headers.insert("Colibri-Seq", self.seq.to_string());
        headers.insert("Colibri-Gen", self.gen_.to_string());
        headers.insert("Colibri-Event-Id", self.event_id.to_string());
        headers.insert("Colibri-Key", self.key.as_str());
        headers
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn judge(ack: &str) -> Published {
        serde_json::from_str::<Ack>(ack).unwrap().judge("EV_X_0", 2, 7)
    }

    #[test]
    fn only_an_acknowledgement_of_exactly_this_batch_is_success() {
        assert!(matches!(judge(r#"{"stream":"EV_X_0","seq":7,"count":2}"#), Published::Stored(7)));
        for other in [
            r#"{"stream":"EV_Y_0","seq":7,"count":2}"#,
            r#"{"stream":"EV_X_0","seq":6,"count":2}"#,
            r#"{"stream":"EV_X_0","seq":7,"count":1}"#,
            r#"{"error":{"err_code":10071,"description":"wrong last sequence: 3"}}"#,
            r#"{"error":{"err_code":10201,"description":"batch contains duplicate"}}"#,
            "{}",
        ] {
            assert!(matches!(judge(other), Published::Unclear(_)), "{other}");
        }
        let off = r#"{"error":{"err_code":10174,"description":"atomic publish is disabled"}}"#;
        assert!(matches!(judge(off), Published::Halt(_)));
    }
}
