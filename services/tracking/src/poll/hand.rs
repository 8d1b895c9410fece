//! What this process has in hand, by account.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Semaphore;
use uuid::Uuid;

struct Account {
    parcels: usize,
    gate: Arc<Semaphore>,
}

/// Accounts with parcels taken and not yet taken in. Clones share it.
#[derive(Clone)]
pub(super) struct Hands {
    concurrency: usize,
    accounts: Arc<Mutex<HashMap<Uuid, Account>>>,
}

impl Hands {
    pub(super) fn new(concurrency: usize) -> Self {
        Self { concurrency, accounts: Arc::default() }
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<Uuid, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Parcels in hand, by account.
    pub(super) fn busy(&self) -> Vec<(Uuid, i64)> {
        let accounts = self.accounts();
        let count = |account: &Account| i64::try_from(account.parcels).unwrap_or(i64::MAX);
        accounts.iter().map(|(id, account)| (*id, count(account))).collect()
    }

    /// Takes parcels of an account in hand.
    pub(super) fn take(&self, account: Uuid, parcels: usize) -> Hand {
        let mut accounts = self.accounts();
        let entry = accounts.entry(account).or_insert_with(|| Account {
            parcels: 0,
            gate: Arc::new(Semaphore::new(self.concurrency)),
        });
        entry.parcels += parcels;
        Hand { hands: self.clone(), account, parcels, gate: entry.gate.clone() }
    }
}

/// Parcels in hand until this is dropped.
pub(super) struct Hand {
    hands: Hands,
    account: Uuid,
    parcels: usize,
    /// Requests at once to this account's carrier.
    pub(super) gate: Arc<Semaphore>,
}

impl Hand {
    /// A part of them, to be dropped on its own.
    pub(super) fn split(&mut self, parcels: usize) -> Self {
        let parcels = parcels.min(self.parcels);
        self.parcels -= parcels;
        let (hands, account, gate) = (self.hands.clone(), self.account, self.gate.clone());
        Self { hands, account, parcels, gate }
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let mut accounts = self.hands.accounts();
        if let Some(account) = accounts.get_mut(&self.account) {
            account.parcels = account.parcels.saturating_sub(self.parcels);
            if account.parcels == 0 {
                accounts.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_not_in_hand_any_more_and_parts_count_once() {
        let hands = Hands::new(2);
        let account = Uuid::now_v7();
        let mut hand = hands.take(account, 10);
        let part = hand.split(4);
        assert_eq!(hands.busy(), [(account, 10)]);
        drop(hand);
        assert_eq!(hands.busy(), [(account, 4)]);
        drop(part);
        assert_eq!(hands.busy(), []);
    }
}
