//! Addresses of sites, opened once a minute each: every parcel needs its sender.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use colibri_carriers::Contact;
use colibri_types::TenantId;

/// How long an opened address is used: a site that moves is right within that.
const KEEP: Duration = Duration::from_secs(60);

/// Opened addresses by their records in the vault.
#[derive(Default)]
pub struct Sites(Mutex<HashMap<(TenantId, String), (Contact, Instant)>>);

impl std::fmt::Debug for Sites {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sites(..)")
    }
}

impl Sites {
    /// The address, when it was opened within a minute.
    #[must_use]
    pub fn get(&self, tenant: TenantId, address_ref: &str) -> Option<Contact> {
        let sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = sites.get(&(tenant, address_ref.to_owned()));
        kept.filter(|(_, at)| at.elapsed() < KEEP).map(|(contact, _)| contact.clone())
    }

    /// Keeps an address that was just opened, and drops those that are no longer used.
    pub fn keep(&self, tenant: TenantId, address_ref: &str, contact: Contact) {
        let mut sites = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sites.retain(|_, (_, at)| at.elapsed() < KEEP);
        sites.insert((tenant, address_ref.to_owned()), (contact, Instant::now()));
    }
}
