//! Scans as carriers state them, in one vocabulary.

use std::fmt;

use colibri_types::{CivilTime, Country};
use time::OffsetDateTime;

use crate::{CarrierError, MappedStatus};

/// Where the offset of a scan's time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneSource {
    /// The carrier stated it.
    Stated,
    /// From separate GMT fields.
    GmtFields,
    /// From a place that has one zone.
    Place,
    /// Unknown: there is no UTC time.
    None,
}

/// Where a scan happened, as given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    /// Town or site, as given. The addressee's town is personal: sealed before it is stored.
    pub city: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// State or province.
    pub subdivision: Option<String>,
    /// Country.
    pub country: Option<Country>,
}

impl Location {
    /// `Lyon, 69002, FR`, or `None` when nothing is known.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        let country = self.country.map(|c| c.to_string());
        let parts = [&self.city, &self.subdivision, &self.postcode, &country];
        let text = parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        (!text.is_empty()).then_some(text)
    }
}

/// One scan of one parcel. `Debug` prints neither wording nor place.
#[derive(Clone, PartialEq, Eq)]
pub struct Scan {
    /// The carrier's code (the deciding key where it is made of several fields).
    pub code: String,
    /// The carrier's own words. Free text of a carrier may name people: sealed before it is stored.
    pub description: String,
    /// What it means.
    pub status: MappedStatus,
    /// When, as stated; `None` when the carrier stated nothing readable.
    pub time: Option<CivilTime>,
    /// Where the offset comes from.
    pub zone_source: ZoneSource,
    /// Where.
    pub location: Location,
    /// Position in the carrier's list turned oldest first: order of last resort.
    pub sequence: u32,
    /// The carrier flags the scan as part of the way back to the sender.
    pub return_leg: bool,
}

impl Scan {
    /// The instant, when the offset is known.
    #[must_use]
    pub fn utc(&self) -> Option<OffsetDateTime> {
        self.time.and_then(|time| time.utc())
    }
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scan({} {:?} {:?})", self.code, self.status, self.time.map(|t| t.to_string()))
    }
}

/// The scans that one answer holds for one parcel. `Debug` prints no number.
#[derive(Clone, PartialEq, Eq)]
pub struct ParcelTrack {
    /// The carrier's number.
    pub tracking_number: String,
    /// Scans, oldest first as far as the carrier's order tells.
    pub scans: Vec<Scan>,
    /// Promised delivery as the carrier states it, when it does.
    pub promised: Option<CivilTime>,
}

impl fmt::Debug for ParcelTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParcelTrack(.., {} scans)", self.scans.len())
    }
}

/// The answer for one asked number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollReply {
    /// What the carrier knows.
    Track(ParcelTrack),
    /// The carrier does not know the number (yet).
    NotFound {
        /// The asked number.
        tracking_number: String,
    },
    /// This parcel's part of the answer could not be read.
    Broken {
        /// The asked number.
        tracking_number: String,
        /// What was wrong.
        error: CarrierError,
    },
}
