//! The stream's end: the only honest answer to "how far did I get".

use async_nats::jetstream::{self, ErrorCode, context::GetStreamErrorKind};
use uuid::Uuid;

/// Where a stream ends, read from its leader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEnd {
    /// The stream does not exist.
    Missing,
    /// The stream's first and last sequence, and the identity of its last message when one is
    /// still stored.
    At {
        /// First stored sequence.
        first: u64,
        /// Last sequence ever given.
        last: u64,
        /// Messages stored.
        messages: u64,
        /// History id in the stream's metadata.
        gen_: i32,
        /// Event id of the last message.
        event_id: Option<Uuid>,
    },
}

/// The server could not say.
#[derive(Debug, thiserror::Error)]
#[error("read the end of stream {stream}")]
pub struct StreamEndError {
    stream: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Reads the end of a stream from its leader (never `direct_get`: followers answer that too).
///
/// # Errors
/// [`StreamEndError`] when the server does not answer.
pub async fn stream_end(
    js: &jetstream::Context,
    stream: &str,
) -> Result<StreamEnd, StreamEndError> {
    let fail = |source| StreamEndError { stream: stream.to_owned(), source };
    let handle = match js.get_stream(stream).await {
        Ok(handle) => handle,
        Err(error) => {
            let missing = matches!(error.kind(), GetStreamErrorKind::JetStream(ref e)
                if e.error_code() == ErrorCode::STREAM_NOT_FOUND);
            return if missing { Ok(StreamEnd::Missing) } else { Err(fail(error.into())) };
        }
    };
    let info = handle.cached_info();
    let last = info.state.last_sequence;
    let event_id = if last == 0 || info.state.messages == 0 {
        None
    } else {
        message_at(js, stream, last).await.map_err(fail)?.map(|(event_id, _)| event_id)
    };
    let gen_ = info.config.metadata.get("colibri.gen").and_then(|g| g.parse().ok()).unwrap_or(0);
    Ok(StreamEnd::At {
        first: info.state.first_sequence,
        last,
        messages: info.state.messages,
        gen_,
        event_id,
    })
}

/// Event id and payload of one message, from the leader; `None` when it is not stored.
///
/// # Errors
/// When the server does not answer or the message is not ours.
pub async fn message_at(
    js: &jetstream::Context,
    stream: &str,
    sequence: u64,
) -> Result<Option<(Uuid, bytes::Bytes)>, Box<dyn std::error::Error + Send + Sync>> {
    let handle = js.get_stream_no_info(stream).await?;
    let message = match handle.get_raw_message(sequence).await {
        Ok(message) => message,
        Err(error) if error.to_string().contains("no message found") => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let id = message
        .headers
        .get("Colibri-Event-Id")
        .and_then(|value| Uuid::try_parse(value.as_str()).ok())
        .ok_or("a message without Colibri-Event-Id: a foreign publisher")?;
    Ok(Some((id, message.payload)))
}
