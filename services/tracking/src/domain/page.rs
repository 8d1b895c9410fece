//! Pages of a list, newest first: a page begins after the last parcel of the one before.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use time::OffsetDateTime;
use uuid::Uuid;

/// Parcels in a page when nobody says how many.
pub const LIMIT_DEFAULT: u32 = 50;
/// ... and at most: a page is one answer, built in memory.
pub const LIMIT_MAX: u32 = 500;

/// The last parcel of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When it was bought, or the alert was raised.
    pub at: OffsetDateTime,
    /// Which it was: decides between parcels of one moment.
    pub parcel_id: Uuid,
}

impl Cursor {
    /// As a caller holds it.
    #[must_use]
    pub fn encode(&self) -> String {
        let micros = self.at.unix_timestamp_nanos() / 1000;
        let mut bytes = i64::try_from(micros).unwrap_or(i64::MAX).to_be_bytes().to_vec();
        bytes.extend_from_slice(self.parcel_id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Cursor::encode`] wrote; `None` for anything else.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (micros, parcel) = bytes.split_at_checked(8)?;
        let micros = i64::from_be_bytes(micros.try_into().ok()?);
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).ok()?;
        Some(Self { at, parcel_id: Uuid::from_slice(parcel).ok()? })
    }
}

/// How many parcels a page may hold; `None` when more were asked than anybody gets.
#[must_use]
pub const fn limit(asked: u32) -> Option<u32> {
    match asked {
        0 => Some(LIMIT_DEFAULT),
        1..=LIMIT_MAX => Some(asked),
        _ => None,
    }
}
