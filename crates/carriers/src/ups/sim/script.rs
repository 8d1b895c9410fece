//! The shared journey in UPS's codes and words of our own.

use serde_json::Value;
use time::{OffsetDateTime, UtcOffset};

use super::{chance, text};
use crate::sim::{
    SimOptions, clock,
    journey::{self, Milestone as M},
};

/// A place, as told with a scan.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub city: String,
    pub state: String,
    pub postcode: String,
    pub country: String,
}

impl Place {
    /// The place of a party of a purchase.
    pub fn of(party: &Value) -> Self {
        let part = |key: &str| text(party, &["Address", key]).to_owned();
        Self {
            city: part("City"),
            state: part("StateProvinceCode"),
            postcode: part("PostalCode"),
            country: part("CountryCode"),
        }
    }

    /// The offset that clocks there show, and whether the place alone tells it: overseas parts of
    /// a country and countries whose clocks are not known here do not.
    pub fn offset(&self, at: OffsetDateTime) -> (UtcOffset, bool) {
        let offset = clock::local(at, &self.country).offset();
        let overseas = self.country == "FR" && self.postcode.starts_with('9');
        let known = !offset.is_utc() || matches!(self.country.as_str(), "GB" | "IE");
        (offset, known && clock::one_zone(&self.country) && !overseas)
    }
}

/// How the GMT fields of a scan are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gmt {
    Full,
    /// The time without its leading zero.
    Unpadded,
    Absent,
}

/// Where a scan happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    Origin,
    Border,
    Destination,
    /// At the addressee's door: the only scans with a postcode.
    Door,
}

/// One scan.
#[derive(Debug, Clone)]
pub(super) struct Happening {
    pub at: OffsetDateTime,
    /// When UPS begins to tell it.
    pub told: OffsetDateTime,
    pub kind: &'static str,
    pub letters: &'static str,
    pub code: u16,
    pub words: &'static str,
    pub site: Site,
    pub gmt: Gmt,
    /// Told twice.
    pub twice: bool,
    /// Listed before the scan that followed it.
    pub misplaced: bool,
}

impl Happening {
    fn of(step: &journey::Happening) -> Self {
        let (kind, letters, code, words) = words(step.milestone);
        let door = matches!(step.milestone, M::Absent | M::BadAddress | M::Refused | M::Delivered);
        let site = match step.site {
            _ if door => Site::Door,
            journey::Site::Origin => Site::Origin,
            journey::Site::Border => Site::Border,
            journey::Site::Destination => Site::Destination,
        };
        let (at, told) = (step.at, step.told);
        let (twice, misplaced) = (step.twice, step.misplaced);
        Self { at, told, kind, letters, code, words, site, gmt: Gmt::Full, twice, misplaced }
    }

    /// Did somebody hold the parcel?
    pub fn is_physical(&self) -> bool {
        !matches!(self.kind, "M" | "MV")
    }
}

/// Type, letters and number of UPS, and words that are not UPS's.
const fn words(milestone: M) -> (&'static str, &'static str, u16, &'static str) {
    match milestone {
        M::Announced => ("M", "MP", 3, "Label made, parcel not with UPS yet"),
        M::Collected => ("I", "PU", 38, "Collected"),
        M::Sorted => ("I", "OR", 5, "Sorted at the first site"),
        M::Left => ("I", "DP", 5, "Left the first site"),
        M::Late => ("X", "DY", 48, "Running late"),
        M::Weather => ("X", "WX", 51, "Held up by the weather"),
        M::Customs => ("I", "CP", 12, "Customs are looking at it"),
        M::CustomsHold => ("X", "CI", 58, "Customs want more information"),
        M::Cleared => ("I", "CC", 14, "Cleared"),
        M::Landed => ("I", "AR", 10, "Reached the country"),
        M::Arrived => ("I", "AR", 10, "Reached the last site"),
        M::OnTheRound => ("I", "OT", 21, "On the van"),
        M::Absent => ("X", "NH", 22, "Nobody there"),
        M::BadAddress => ("X", "BA", 50, "No such address"),
        M::Refused => ("X", "RF", 64, "Not wanted"),
        M::AtPoint => ("I", "AP", 161, "Waiting at an access point"),
        M::Expired => ("X", "UD", 69, "Not collected in time"),
        M::Delivered => ("D", "FS", 11, "Handed over"),
        M::CollectedAtPoint => ("D", "2Q", 11, "Collected at the access point"),
        M::Returning => ("X", "RS", 35, "Going back"),
        M::BackWithSender => ("D", "RT", 34, "Back with the sender"),
        M::Lost => ("X", "LF", 68, "Searched for and not found"),
        M::Voided => ("MV", "VP", 7, "Label void"),
        // Neither the number nor the type stands in any table of UPS.
        M::Unheard => ("Z", "ZZ", 197, "Something"),
    }
}

/// From where to where.
pub(super) struct Lane<'a> {
    pub from: &'a Place,
    pub to: &'a Place,
    /// To an access point.
    pub to_point: bool,
}

/// The whole story of a parcel bought at `bought`, handed over on the day `ready`.
pub(super) fn write(
    options: &SimOptions,
    number: &str,
    lane: &Lane<'_>,
    bought: OffsetDateTime,
    ready: Option<OffsetDateTime>,
) -> Vec<Happening> {
    let way = journey::Lane::between(&lane.from.country, &lane.to.country, lane.to_point);
    let steps = journey::journey(options, number, way, bought, ready);
    let mut scans: Vec<Happening> = steps.iter().map(Happening::of).collect();
    for (index, scan) in (0_u64..).zip(scans.iter_mut()) {
        let place = if scan.site == Site::Origin { lane.from } else { lane.to };
        let (_, told_by_place) = place.offset(scan.at);
        scan.gmt = match chance(options.seed, number, 100 + index) {
            x if x < 0.15 && told_by_place => Gmt::Absent,
            x if x < 0.30 => Gmt::Unpadded,
            _ => Gmt::Full,
        };
    }
    scans
}

/// The scan that a void leaves.
pub(super) fn voided(at: OffsetDateTime) -> Happening {
    Happening::of(&journey::voided(at))
}
