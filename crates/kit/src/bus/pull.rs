//! Events as they come out of the stream: a run without holes, each with its place.

use std::time::Duration;

use async_nats::jetstream::{self, consumer::PullConsumer};
use futures::StreamExt as _;

use super::{
    apply::{EventMeta, RawEvent},
    consumer::{Position, TurnEnd, bus},
};

/// Messages per transaction: enough to share one flush, few enough to repeat cheaply.
const BATCH_MAX: usize = 500;

/// The next contiguous run of events after the position, and the message to acknowledge.
pub(super) async fn pull(
    consumer: &PullConsumer,
    position: Position,
    patience: Duration,
) -> Result<Option<(Vec<RawEvent>, jetstream::Message)>, TurnEnd> {
    let mut messages =
        consumer.fetch().max_messages(BATCH_MAX).expires(patience).messages().await.map_err(bus)?;
    let mut events = Vec::new();
    let mut last = None;
    let mut next = position.read + 1;
    while let Some(message) = messages.next().await {
        let message = message.map_err(bus)?;
        let sequence = message.info().map_err(bus)?.stream_sequence;
        let sequence = i64::try_from(sequence).unwrap_or(i64::MAX);
        if sequence < next {
            continue; // applied before
        }
        let event = read(&message, sequence)?;
        if sequence != next || event.meta.seq != sequence {
            return Err(TurnEnd::Hole(next));
        }
        if event.meta.gen_ != position.gen_ {
            return Err(TurnEnd::OtherHistory { stream: event.meta.gen_, position: position.gen_ });
        }
        next += 1;
        events.push(event);
        last = Some(message);
    }
    Ok(last.map(|last| (events, last)))
}

fn read(message: &jetstream::Message, sequence: i64) -> Result<RawEvent, TurnEnd> {
    let headers = message.headers.as_ref();
    let header = |name: &str| headers.and_then(|h| h.get(name)).map(|v| v.as_str());
    let number = |name: &str| header(name).and_then(|v| v.parse::<i64>().ok());
    let (Some(seq), Some(gen_), Some(key)) =
        (number("Colibri-Seq"), number("Colibri-Gen"), header("Colibri-Key"))
    else {
        return Err(bus(format!("message {sequence} is not ours")));
    };
    let mut kept = serde_json::Map::new();
    for name in ["traceparent", "tracestate", "Colibri-Schema", "Colibri-Event-Id"] {
        if let Some(value) = header(name) {
            kept.insert(name.to_owned(), value.into());
        }
    }
    Ok(RawEvent {
        meta: EventMeta {
            lane: 0,
            seq,
            gen_: i32::try_from(gen_).unwrap_or(-1),
            key: key.to_owned(),
        },
        subject: message.subject.to_string(),
        headers: kept.into(),
        payload: message.payload.clone(),
    })
}
