//! Work that calls the outside world: an intent row first, done by a worker, its outcome recorded.
//!
//! At most one call is in flight per intent, and none is repeated after bytes may have left without
//! evidence: what may have happened becomes `in_doubt` and leaves that state only by observation or
//! by a person's decision.

mod doubts;
mod express;
mod rows;
mod work;
mod worker;

pub use express::{Express, Ticket};
pub(crate) use express::{SentIntent, insert_sent};
pub use rows::{Intent, IntentState, NewIntent, insert, reference, settle_in_doubt};
pub use work::{Attempt, Outcome, Resolution, Worker, WorkerOptions};
pub use worker::WorkerRunner;
