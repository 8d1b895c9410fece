//! What comes in within some milliseconds, together: a flush costs about as much as that.

use tokio::sync::mpsc::Receiver;

use crate::config::Config;

/// The first item and what follows it, until the time or the size is reached.
pub async fn fill<T>(
    config: &Config,
    first: T,
    receive: &mut Receiver<T>,
    size: impl Fn(&T) -> usize,
) -> Vec<T> {
    let until = tokio::time::Instant::now() + config.gather();
    let mut filled = size(&first);
    let mut batch = vec![first];
    while filled < config.gather_max {
        match tokio::time::timeout_at(until, receive.recv()).await {
            Ok(Some(next)) => {
                filled += size(&next);
                batch.push(next);
            }
            Ok(None) | Err(_) => break,
        }
    }
    batch
}
