//! Who waits for a parcel to change, in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use uuid::Uuid;

type Parcels = HashMap<Uuid, watch::Sender<u64>>;

/// Watched parcels with their newest version. Clones share it. It holds the watched ones only: a
/// change of any other costs a look into a map.
#[derive(Debug, Clone)]
pub struct Watchers {
    parcels: Arc<Mutex<Parcels>>,
    closed: watch::Sender<bool>,
}

impl Default for Watchers {
    fn default() -> Self {
        Self { parcels: Arc::default(), closed: watch::Sender::new(false) }
    }
}

/// One who waits. Forgotten when dropped.
#[derive(Debug)]
pub struct Waiting {
    parcel: Uuid,
    watchers: Watchers,
    version: watch::Receiver<u64>,
    closed: watch::Receiver<bool>,
}

impl Watchers {
    fn parcels(&self) -> MutexGuard<'_, Parcels> {
        self.parcels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait. Read the parcel after this, not before: nothing is missed then.
    #[must_use]
    pub fn wait(&self, parcel: Uuid) -> Waiting {
        let version =
            self.parcels().entry(parcel).or_insert_with(|| watch::Sender::new(0)).subscribe();
        let closed = self.closed.subscribe();
        Waiting { parcel, watchers: self.clone(), version, closed }
    }

    /// Tells that parcels changed; after the commit.
    pub fn changed(&self, parcels: impl IntoIterator<Item = (Uuid, u64)>) {
        let watched = self.parcels();
        if watched.is_empty() {
            return;
        }
        for (parcel, version) in parcels {
            if let Some(sender) = watched.get(&parcel) {
                sender.send_replace(version);
            }
        }
    }

    /// Ends all waiting: the process stops.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }
}

impl Waiting {
    /// Returns when the parcel changed; false when the process stops.
    pub async fn changed(&mut self) -> bool {
        tokio::select! {
            biased;
            _ = self.closed.wait_for(|closed| *closed) => false,
            // The map holds the sender for as long as somebody waits.
            _ = self.version.changed() => true,
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut watched = self.watchers.parcels();
        // We are still counted.
        if watched.get(&self.parcel).is_some_and(|sender| sender.receiver_count() <= 1) {
            watched.remove(&self.parcel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_waiter_hears_a_change_and_the_last_one_leaves_nothing() {
        let watchers = Watchers::default();
        let parcel = Uuid::now_v7();
        let (mut one, mut two) = (watchers.wait(parcel), watchers.wait(parcel));
        watchers.changed([(parcel, 2), (Uuid::now_v7(), 9)]);
        assert!(one.changed().await && two.changed().await);
        drop(one);
        assert_eq!(watchers.parcels().len(), 1);
        watchers.close();
        assert!(!two.changed().await);
        drop(two);
        assert_eq!(watchers.parcels().len(), 0);
    }
}
