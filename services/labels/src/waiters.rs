//! Calls of this process that wait for a shipment to be settled.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use colibri_types::ShipmentId;
use tokio::sync::Notify;

type Map = Mutex<HashMap<ShipmentId, Arc<Notify>>>;

/// Who waits for what. Another process's record wakes nobody here: whoever waits polls as well.
#[derive(Debug, Default, Clone)]
pub struct Waiters(Arc<Map>);

/// A place in the queue for one shipment.
#[derive(Debug)]
pub struct Waiter {
    map: Arc<Map>,
    shipment_id: ShipmentId,
    notify: Arc<Notify>,
}

impl Waiters {
    /// Waits for this shipment from now on.
    #[must_use]
    pub fn join(&self, shipment_id: ShipmentId) -> Waiter {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let notify = map.entry(shipment_id).or_default().clone();
        Waiter { map: self.0.clone(), shipment_id, notify }
    }

    /// Wakes who waits for this shipment.
    pub fn wake(&self, shipment_id: ShipmentId) {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(notify) = map.get(&shipment_id) {
            notify.notify_waiters();
        }
    }
}

impl Waiter {
    /// Woken from the moment this is enabled or first polled.
    pub fn woken(&self) -> tokio::sync::futures::Notified<'_> {
        self.notify.notified()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut map = self.map.lock().unwrap_or_else(PoisonError::into_inner);
        // The map's own and this one: nobody else waits.
        if Arc::strong_count(&self.notify) <= 2 {
            map.remove(&self.shipment_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_who_wait_are_woken_and_nothing_is_left_behind() {
        let waiters = Waiters::default();
        let id = ShipmentId::generate();
        waiters.wake(id);
        let (one, two) = (waiters.join(id), waiters.join(id));
        {
            let (a, b) = (one.woken(), two.woken());
            tokio::pin!(a, b);
            a.as_mut().enable();
            b.as_mut().enable();
            waiters.wake(id);
            a.await;
            b.await;
        }
        drop(one);
        assert!(waiters.0.lock().is_ok_and(|map| map.len() == 1));
        drop(two);
        assert!(waiters.0.lock().is_ok_and(|map| map.is_empty()));
    }
}
