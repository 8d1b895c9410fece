//! Tokens verified a moment ago: a signature check per call would cost more than the call.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::digest;

use super::Caller;

/// Seconds a verified token is remembered at most: a revoked key stays good that long.
const REMEMBER_S: i64 = 60;

pub(super) type Key = [u8; 32];

/// By SHA-256 of the token, so that the memory of this process holds no usable token.
#[derive(Debug)]
pub(super) struct Cache {
    max: usize,
    known: Mutex<HashMap<Key, (Arc<Caller>, i64)>>,
}

impl Cache {
    pub(super) fn new(max: usize) -> Self {
        Self { max, known: Mutex::new(HashMap::new()) }
    }

    pub(super) fn key(token: &str) -> Key {
        let digest = digest::digest(&digest::SHA256, token.as_bytes());
        let mut key = [0; 32];
        for (to, from) in key.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        key
    }

    pub(super) fn get(&self, key: &Key, now: i64) -> Option<Arc<Caller>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (caller, until) = known.get(key)?;
        (now < *until).then(|| caller.clone())
    }

    pub(super) fn put(&self, key: Key, caller: Arc<Caller>, now: i64, exp: i64) {
        let until = exp.min(now.saturating_add(REMEMBER_S));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= self.max {
            known.retain(|_, (_, until)| now < *until);
        }
        // Full of live ones: begin again, so that the cost of a flood stays bounded.
        if known.len() >= self.max {
            known.clear();
        }
        if self.max > 0 && now < until {
            known.insert(key, (caller, until));
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller() -> Arc<Caller> {
        Arc::new(Caller {
            subject: "x".to_owned(),
            tenant: None,
            scopes: Vec::new(),
            service: None,
        })
    }

    #[test]
    fn it_forgets_at_the_earlier_of_exp_and_a_minute() {
        let cache = Cache::new(10);
        cache.put(Cache::key("a"), caller(), 1000, 1010);
        cache.put(Cache::key("b"), caller(), 1000, 9999);
        assert!(cache.get(&Cache::key("a"), 1009).is_some());
        assert!(cache.get(&Cache::key("a"), 1010).is_none());
        assert!(cache.get(&Cache::key("b"), 1059).is_some());
        assert!(cache.get(&Cache::key("b"), 1060).is_none());
        assert!(cache.get(&Cache::key("c"), 1000).is_none());
    }

    #[test]
    fn it_stays_within_its_bound() {
        let cache = Cache::new(10);
        for i in 0..1000 {
            cache.put(Cache::key(&i.to_string()), caller(), 1000, 2000);
            assert!(cache.len() <= 10);
        }
        let none = Cache::new(0);
        none.put(Cache::key("a"), caller(), 1000, 2000);
        assert_eq!(none.len(), 0);
    }
}
