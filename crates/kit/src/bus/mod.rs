//! The backbone: Postgres is the record, JetStream a fan-out that can be rebuilt.
//!
//! Events leave a transaction through the outbox, are numbered by the relay, published in fenced
//! atomic batches, and applied by consumers that move their position in the same transaction as
//! their effects. Nothing else publishes, and no handler can.

mod apply;
mod batch;
mod consumer;
mod election;
mod names;
mod outbox;
mod parked;
mod provision;
mod pull;
mod reconcile;
mod relay;
mod server_check;
mod stream_end;

pub use apply::{EventMeta, Handle, Handlers, RawEvent};
pub use consumer::Consumer;
pub use names::{SHARDS, consumer_name, shard, stream_name, subject};
pub use outbox::{Outgoing, flush};
pub use parked::{ParkedKey, ask_release, discard, parked};
pub use provision::{Producer, ProvisionError, provision};
pub use reconcile::{LaneReport, Reconciler, reconcile};
pub use relay::Relay;
pub use server_check::{ServerProblem, check_server};
pub use stream_end::{StreamEnd, StreamEndError, message_at, stream_end};
