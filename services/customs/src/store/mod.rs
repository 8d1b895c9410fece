//! The SQL of customs. Statements of handlers take slices: a batch of events costs a handful.

pub mod declarations;
pub mod export_records;
pub mod exports;
pub mod quotes;
pub mod read;
pub mod rescreen;
pub mod restricted;
pub mod screening;
pub mod skus;
pub mod sscc;
pub mod tenants;
pub mod way_back;

use colibri_kit::fault::Fault;
use prost_types::Timestamp;
use time::OffsetDateTime;

/// An instant on the wire.
pub fn timestamp(at: OffsetDateTime) -> Timestamp {
    let nanos = i32::try_from(at.nanosecond()).unwrap_or_default();
    Timestamp { seconds: at.unix_timestamp(), nanos }
}

fn decode<M: prost::Message + Default>(bytes: Option<&[u8]>) -> Result<Option<M>, Fault> {
    bytes.map(|bytes| M::decode(bytes).map_err(Fault::bug)).transpose()
}

fn encode<M: prost::Message>(message: Option<&M>) -> Option<Vec<u8>> {
    message.map(M::encode_to_vec)
}
