//! Opened keys of tenants: fetched, opened by the root, kept a while.
//!
//! DEKs are not kept: their wrapped form comes with the row they open, in the same read, and
//! unwrapping takes a third of a microsecond. So a destroyed DEK is gone with the commit, in every
//! process, and fewer keys lie in memory.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lc_rs::rand::SystemRandom;
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::TenantId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Vault,
    cache::Cache,
    domain::{
        cipher::Key,
        index::Marks,
        keys::{Dek, DekId, Epoch, Kek, Owner, kek_context},
    },
    root::Root,
    store,
};

/// What makes and opens keys.
#[derive(Debug)]
pub struct KeyRing {
    root: Arc<dyn Root>,
    random: SystemRandom,
    marks: Cache<Uuid, Marks>,
    keks: Cache<(Uuid, Epoch), Kek>,
}

/// What the root authenticates when it wraps a tenant's secret.
fn secret_context(tenant: Uuid) -> Vec<u8> {
    [b"colibri.vault.tenant\0".as_slice(), tenant.as_bytes()].concat()
}

impl KeyRing {
    /// Keys under this root, at most `max` of each kind, each for `ttl`.
    #[must_use]
    pub fn new(root: Arc<dyn Root>, max: usize, ttl: Duration) -> Self {
        let random = SystemRandom::new();
        Self { root, random, marks: Cache::new(max, ttl), keks: Cache::new(max, ttl) }
    }

    /// Random bytes for sealing.
    #[must_use]
    pub const fn random(&self) -> &SystemRandom {
        &self.random
    }

    /// Drops what was kept long enough.
    pub fn sweep(&self) {
        let now = Instant::now();
        self.marks.sweep(now);
        self.keks.sweep(now);
    }

    /// A tenant's keys for marks; made on first use.
    ///
    /// # Errors
    /// [`Fault`] when database or root are away.
    pub async fn marks(&self, shell: &Shell<Vault>, tenant: TenantId) -> Result<Arc<Marks>, Fault> {
        let id = tenant.to_uuid();
        if let Some(marks) = self.marks.get(&id, Instant::now()) {
            return Ok(marks);
        }
        // A transaction of its own: a secret must be on disk before anything is marked with it.
        let mut cx = shell.begin(tenant).await?;
        let now = cx.now();
        let found = match store::tenant_secret(cx.db(), id).await? {
            Some(wrapped) => Some(wrapped),
            None => {
                let wrapped = self.new_key(&secret_context(id)).await?;
                store::insert_tenant_secret(cx.db(), id, &wrapped, now).await?;
                store::tenant_secret(cx.db(), id).await?
            }
        };
        cx.commit().await?;
        let wrapped = found.ok_or_else(|| Fault::bug("a tenant's secret vanished"))?;
        let secret = self.root.unwrap(&wrapped, &secret_context(id)).await?;
        let marks = Marks::derive(&secret).ok_or_else(|| Fault::bug("derive keys for marks"))?;
        Ok(self.marks.put(id, marks, Instant::now()))
    }

    /// The KEK for what is sealed now; made on first use in a week.
    ///
    /// # Errors
    /// [`Fault`] when database or root are away.
    pub async fn current(&self, shell: &Shell<Vault>, tenant: TenantId) -> Result<Arc<Kek>, Fault> {
        let id = tenant.to_uuid();
        let epoch = Epoch::at(shell.host.clock.now());
        if let Some(kek) = self.keks.get(&(id, epoch), Instant::now()) {
            return Ok(kek);
        }
        // On disk before anything is sealed under it.
        let mut cx = shell.begin(tenant).await?;
        let now = cx.now();
        if store::kek(cx.db(), id, epoch.to_i32()).await?.is_none() {
            let wrapped = self.new_key(&kek_context(id, epoch)).await?;
            store::insert_kek(cx.db(), id, epoch.to_i32(), &wrapped, now).await?;
        }
        let wrapped = store::kek(cx.db(), id, epoch.to_i32()).await?;
        cx.commit().await?;
        self.keep(id, epoch, wrapped).await
    }

    async fn new_key(&self, context: &[u8]) -> Result<Vec<u8>, Fault> {
        let key = Key::generate(&self.random).map_err(Fault::bug)?;
        Ok(self.root.wrap(&key, context).await?)
    }

    async fn keep(
        &self,
        tenant: Uuid,
        epoch: Epoch,
        wrapped: Option<Vec<u8>>,
    ) -> Result<Arc<Kek>, Fault> {
        let wrapped = wrapped.ok_or_else(|| Fault::bug(format!("no KEK of epoch {epoch}")))?;
        let key = self.root.unwrap(&wrapped, &kek_context(tenant, epoch)).await?;
        Ok(self.keks.put((tenant, epoch), Kek::new(epoch, key), Instant::now()))
    }

    /// The KEK of a week, which exists because something is wrapped under it.
    ///
    /// # Errors
    /// [`Fault`] when database or root are away.
    pub async fn kek(
        &self,
        db: &mut PgConnection,
        tenant: Uuid,
        epoch: i32,
    ) -> Result<Arc<Kek>, Fault> {
        let epoch = Epoch::from_i32(epoch);
        if let Some(kek) = self.keks.get(&(tenant, epoch), Instant::now()) {
            return Ok(kek);
        }
        let wrapped = store::kek(db, tenant, epoch.to_i32()).await?;
        self.keep(tenant, epoch, wrapped).await
    }

    /// The KEKs of these weeks.
    ///
    /// # Errors
    /// [`Fault`] when database or root are away.
    pub async fn keks(
        &self,
        db: &mut PgConnection,
        tenant: Uuid,
        epochs: impl Iterator<Item = i32> + Send,
    ) -> Result<Keks, Fault> {
        let mut all = HashMap::new();
        for epoch in epochs {
            if let std::collections::hash_map::Entry::Vacant(free) = all.entry(epoch) {
                free.insert(self.kek(db, tenant, epoch).await?);
            }
        }
        Ok(Keks(all))
    }
}

/// KEKs by week.
#[derive(Debug)]
pub struct Keks(HashMap<i32, Arc<Kek>>);

impl Keks {
    /// Opens a DEK; `None` when the row was changed or is another's.
    #[must_use]
    pub fn open(&self, epoch: i32, wrapped: &[u8], id: i64, owner: Owner<'_>) -> Option<Dek> {
        self.0.get(&epoch)?.unwrap(wrapped, DekId::from_i64(id), owner).ok()
    }
}
