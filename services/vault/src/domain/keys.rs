//! Keys under keys: root -> KEK (per tenant and ISO week) -> DEK (per tenant, owner and class).
//!
//! Destroying a key destroys what lies under it, in backups too: a person, or a whole tenant.

use std::fmt;

use aws_lc_rs::rand::SecureRandom;
use time::OffsetDateTime;
use uuid::Uuid;

use super::cipher::{self, Key, OpenError, SealError};

/// An ISO week, e.g. 202647: the span in which a tenant's new DEKs share a KEK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u32);

impl Epoch {
    /// The week of this instant, in UTC.
    #[must_use]
    pub fn at(now: OffsetDateTime) -> Self {
        let (year, week, _) = now.to_offset(time::UtcOffset::UTC).to_iso_week_date();
        // The clock reads years of four digits; before year 0 there is no parcel.
        Self(u32::try_from(year).unwrap_or_default() * 100 + u32::from(week))
    }

    /// For storage as `int4`.
    #[must_use]
    pub const fn to_i32(self) -> i32 {
        self.0.cast_signed()
    }

    /// From storage.
    #[must_use]
    pub const fn from_i32(stored: i32) -> Self {
        Self(stored.cast_unsigned())
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Why something is kept, hence how long. Each class of an owner has its own key, so that one can
/// be destroyed while another must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// To deliver: persons, parcel numbers, scans, labels.
    Delivery,
    /// To act for the tenant at a carrier or channel: credentials.
    Account,
}

impl Class {
    /// Its number in storage and in what is authenticated; for ever.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Delivery => 1,
            Self::Account => 2,
        }
    }
}

/// Under which owner and class a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner<'a> {
    /// Tenant.
    pub tenant: Uuid,
    /// Ref of the person or account.
    pub owner: &'a str,
    /// Class.
    pub class: Class,
}

impl Owner<'_> {
    /// Appends an unambiguous form to what is authenticated.
    pub(super) fn describe(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.tenant.as_bytes());
        describe_text(out, self.owner);
        out.push(self.class.number());
    }
}

/// Length first: two texts side by side cannot be cut elsewhere.
pub(super) fn describe_text(out: &mut Vec<u8>, text: &str) {
    // Refs are at most 64 bytes, checked where they come in.
    out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// What the root authenticates when it wraps a tenant's KEK.
#[must_use]
pub fn kek_context(tenant: Uuid, epoch: Epoch) -> Vec<u8> {
    let mut out = b"colibri.vault.kek\0".to_vec();
    out.extend_from_slice(tenant.as_bytes());
    out.extend_from_slice(&epoch.0.to_be_bytes());
    out
}

/// A key that seals keys.
#[derive(Debug)]
pub struct Kek {
    epoch: Epoch,
    key: Key,
}

impl Kek {
    /// The KEK of an epoch.
    #[must_use]
    pub const fn new(epoch: Epoch, key: Key) -> Self {
        Self { epoch, key }
    }

    /// Its week.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// Seals a DEK for its row.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn wrap(
        &self,
        dek: &Dek,
        owner: Owner<'_>,
        random: &dyn SecureRandom,
    ) -> Result<Vec<u8>, SealError> {
        let context = dek_context(dek.id, owner);
        let id = self.epoch.0.to_be_bytes();
        cipher::seal(&self.key, &id, &context, dek.key.expose(), random)
    }

    /// Opens a DEK.
    ///
    /// # Errors
    /// [`OpenError`], also when it is wrapped under another epoch or for another row.
    pub fn unwrap(&self, wrapped: &[u8], id: DekId, owner: Owner<'_>) -> Result<Dek, OpenError> {
        let context = dek_context(id, owner);
        let bytes = cipher::open(&self.key, self.epoch.0.to_be_bytes(), &context, wrapped)?;
        let key = Key::from_bytes(&bytes).ok_or(OpenError::Malformed)?;
        Ok(Dek { id, key })
    }
}

fn dek_context(id: DekId, owner: Owner<'_>) -> Vec<u8> {
    let mut out = b"colibri.vault.dek\0".to_vec();
    owner.describe(&mut out);
    out.extend_from_slice(&id.0);
    out
}

/// Names a DEK in what is sealed under it. Random; unique enough within one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DekId(pub [u8; 8]);

impl DekId {
    /// For storage as `int8`.
    #[must_use]
    pub const fn to_i64(self) -> i64 {
        i64::from_be_bytes(self.0)
    }

    /// From storage.
    #[must_use]
    pub const fn from_i64(stored: i64) -> Self {
        Self(stored.to_be_bytes())
    }
}

/// A key that seals contents.
#[derive(Debug)]
pub struct Dek {
    id: DekId,
    key: Key,
}

impl Dek {
    /// A new one.
    ///
    /// # Errors
    /// [`SealError::Random`].
    pub fn generate(random: &dyn SecureRandom) -> Result<Self, SealError> {
        let mut id = [0; 8];
        random.fill(&mut id).map_err(|_| SealError::Random)?;
        Ok(Self { id: DekId(id), key: Key::generate(random)? })
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> DekId {
        self.id
    }

    pub(super) const fn key(&self) -> &Key {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use aws_lc_rs::rand::SystemRandom;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_epoch_is_the_iso_week_in_utc() {
        for (at, week) in [
            (datetime!(2026-11-22 23:59:59 UTC), 202_647),
            (datetime!(2026-11-23 00:00 UTC), 202_648),
            (datetime!(2026-11-23 00:30 +01:00), 202_647),
            (datetime!(2027-01-01 00:00 UTC), 202_653),
            (datetime!(2029-12-31 00:00 UTC), 203_001),
        ] {
            assert_eq!(Epoch::at(at), Epoch(week), "{at}");
            assert_eq!(Epoch::from_i32(Epoch::at(at).to_i32()), Epoch(week));
        }
    }

    #[test]
    fn a_dek_opens_for_its_row_and_epoch_only() {
        let random = SystemRandom::new();
        let kek = |week| Kek::new(Epoch(week), Key::from_bytes(&[1; 32]).unwrap());
        let owner = Owner { tenant: Uuid::from_u128(1), owner: "ab", class: Class::Delivery };
        let dek = Dek::generate(&random).unwrap();
        let wrapped = kek(202_647).wrap(&dek, owner, &random).unwrap();
        let again = kek(202_647).unwrap(&wrapped, dek.id, owner).unwrap();
        assert_eq!(again.key.expose(), dek.key.expose());
        let error = kek(202_648).unwrap(&wrapped, dek.id, owner).unwrap_err();
        assert_eq!(error, OpenError::OtherKey);
        for other in [
            Owner { tenant: Uuid::from_u128(2), ..owner },
            Owner { owner: "b", ..owner },
            Owner { class: Class::Account, ..owner },
        ] {
            let error = kek(202_647).unwrap(&wrapped, dek.id, other).unwrap_err();
            assert_eq!(error, OpenError::Refused);
        }
        let error = kek(202_647).unwrap(&wrapped, DekId([0; 8]), owner).unwrap_err();
        assert_eq!(error, OpenError::Refused);
        assert_eq!(DekId::from_i64(dek.id.to_i64()), dek.id);
    }
}
