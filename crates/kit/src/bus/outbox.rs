//! Writing events: rows beside the business rows, in the same transaction.

use bytes::Bytes;
use colibri_events::Event;
use colibri_types::event_id;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::names::{shard, subject};
use crate::fault::Fault;

/// An event on its way to the outbox.
#[derive(Debug, Clone)]
pub struct Outgoing {
    event_id: Uuid,
    key: String,
    shard: i16,
    subject: String,
    message: &'static str,
    payload: Bytes,
}

impl Outgoing {
    /// An event and the business fact it tells, e.g. a version: the same fact gets the same
    /// event id, however often its transaction is repeated.
    #[must_use]
    pub fn new<E: Event>(event: &E, fact: &str) -> Self {
        let shard = shard(event.key());
        Self {
            event_id: event_id(E::MESSAGE, event.key(), fact),
            key: event.key().to_owned(),
            shard: i16::try_from(shard).unwrap_or_default(),
            subject: subject(E::SERVICE, E::VERSION, E::NAME, shard),
            message: E::MESSAGE,
            payload: event.encode_to_vec().into(),
        }
    }
}

/// Inserts events in their order, in one statement. The caller has locked their aggregates before:
/// that is what keeps the order of a key (docs/backbone.md, order proof).
///
/// # Errors
/// [`Fault`] of the database.
pub async fn flush(
    db: &mut PgConnection,
    service: &str,
    trace: &[(String, String)],
    events: &[Outgoing],
) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    let headers: Vec<serde_json::Value> = events
        .iter()
        .map(|event| {
            let mut map = serde_json::Map::new();
            for (name, value) in trace {
                map.insert(name.clone(), value.clone().into());
            }
            map.insert("Colibri-Schema".into(), event.message.into());
            map.into()
        })
        .collect();
    let sql = format!(
        "insert into {service}.outbox (event_id, lane, shard, key, subject, headers, payload)
         select event_id, 0, shard, key, subject, headers, payload
           from unnest($1::uuid[], $2::int2[], $3::text[], $4::text[], $5::jsonb[], $6::bytea[])
                with ordinality as e(event_id, shard, key, subject, headers, payload, n)
          order by n"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(events.iter().map(|e| e.event_id).collect::<Vec<_>>())
        .bind(events.iter().map(|e| e.shard).collect::<Vec<_>>())
        .bind(events.iter().map(|e| e.key.as_str()).collect::<Vec<_>>())
        .bind(events.iter().map(|e| e.subject.as_str()).collect::<Vec<_>>())
        .bind(headers)
        .bind(events.iter().map(|e| e.payload.as_ref()).collect::<Vec<_>>())
        .execute(db)
        .await?;
    Ok(())
}
