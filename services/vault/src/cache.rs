//! Opened keys in memory: least recently used goes first, and none stays longer than its time.
//! What is dropped wipes itself.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A small cache. Values are shared: one in use outlives its eviction until it is put down.
#[derive(Debug)]
pub struct Cache<K, V> {
    entries: Mutex<Entries<K, V>>,
    max: usize,
    ttl: Duration,
}

#[derive(Debug)]
struct Entries<K, V> {
    map: HashMap<K, Entry<V>>,
    /// Counts uses; stands in for a time of use.
    uses: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: Arc<V>,
    loaded: Instant,
    used: u64,
}

impl<K: Eq + Hash + Copy, V> Cache<K, V> {
    /// At most `max` values (one at least), each for `ttl` after it was loaded.
    #[must_use]
    pub fn new(max: usize, ttl: Duration) -> Self {
        let entries = Entries { map: HashMap::new(), uses: 0 };
        Self { entries: Mutex::new(entries), max: max.max(1), ttl }
    }

    /// The value, while it may be kept.
    pub fn get(&self, key: &K, now: Instant) -> Option<Arc<V>> {
        let mut entries = self.lock();
        entries.uses += 1;
        let used = entries.uses;
        let entry = entries.map.get_mut(key)?;
        if now.saturating_duration_since(entry.loaded) >= self.ttl {
            entries.map.remove(key);
            return None;
        }
        entry.used = used;
        Some(entry.value.clone())
    }

    /// Keeps a value; the least recently used goes when there is no room.
    pub fn put(&self, key: K, value: V, now: Instant) -> Arc<V> {
        let value = Arc::new(value);
        let mut entries = self.lock();
        if entries.map.len() >= self.max && !entries.map.contains_key(&key) {
            // A walk through all, but only where there are more busy tenants than room.
            let oldest = entries.map.iter().min_by_key(|(_, e)| e.used).map(|(key, _)| *key);
            oldest.and_then(|key| entries.map.remove(&key));
        }
        entries.uses += 1;
        let entry = Entry { value: value.clone(), loaded: now, used: entries.uses };
        entries.map.insert(key, entry);
        value
    }

    /// Drops what was kept long enough, used or not.
    pub fn sweep(&self, now: Instant) {
        let ttl = self.ttl;
        self.lock().map.retain(|_, e| now.saturating_duration_since(e.loaded) < ttl);
    }

    fn lock(&self) -> MutexGuard<'_, Entries<K, V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(300);

    #[test]
    fn the_least_recently_used_goes_and_time_ends_for_all() {
        let now = Instant::now();
        let cache = Cache::new(2, TTL);
        cache.put(1, "one", now);
        cache.put(2, "two", now);
        assert!(cache.get(&1, now).is_some());
        cache.put(3, "three", now);
        assert!(cache.get(&2, now).is_none());
        assert_eq!(cache.get(&1, now).as_deref(), Some(&"one"));
        // Use does not prolong.
        assert!(cache.get(&1, now + TTL).is_none());
        cache.sweep(now + TTL);
        assert!(cache.lock().map.is_empty());
    }

    #[test]
    fn an_evicted_value_is_dropped_when_nobody_holds_it() {
        let now = Instant::now();
        let cache = Cache::new(1, TTL);
        let held = cache.put(1, "one", now);
        let weak = Arc::downgrade(&held);
        cache.put(2, "two", now);
        assert!(weak.upgrade().is_some());
        drop(held);
        assert!(weak.upgrade().is_none());
    }
}
