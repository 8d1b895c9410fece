//! Answers of other services, remembered for a while.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Entries kept; about 200 bytes each. Past it everything is forgotten, which costs calls only.
const ENTRIES_MAX: usize = 10_000;

/// A memory of limited age.
#[derive(Debug)]
pub struct Recent<K, V> {
    keep: Duration,
    entries: Mutex<HashMap<K, (Instant, V)>>,
}

impl<K: Eq + Hash, V: Clone> Recent<K, V> {
    /// Remembers for this long.
    #[must_use]
    pub fn new(keep: Duration) -> Self {
        Self { keep, entries: Mutex::new(HashMap::new()) }
    }

    /// What is remembered, and for how long already.
    pub fn get(&self, key: &K) -> Option<(V, Duration)> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, value) = entries.get(key)?;
        let age = since.elapsed();
        (age < self.keep).then(|| (value.clone(), age))
    }

    /// Remembers from now on.
    pub fn put(&self, key: K, value: V) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.clear();
        }
        entries.insert(key, (Instant::now(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_remembered_longer_than_said() {
        let never = Recent::new(Duration::ZERO);
        never.put(1, 'a');
        assert_eq!(never.get(&1).map(|(v, _)| v), None);
        let long = Recent::new(Duration::from_secs(3600));
        long.put(1, 'a');
        long.put(1, 'b');
        assert_eq!(long.get(&1).map(|(v, _)| v), Some('b'));
        assert_eq!(long.get(&2).map(|(v, _)| v), None);
    }

    #[test]
    fn memory_is_bounded() {
        let recent = Recent::new(Duration::from_secs(3600));
        for n in 0..=ENTRIES_MAX {
            recent.put(n, ());
        }
        assert!(recent.entries.lock().map_or(0, |e| e.len()) <= ENTRIES_MAX);
        assert!(recent.get(&ENTRIES_MAX).is_some());
    }
}
