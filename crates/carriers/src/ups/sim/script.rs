//! What happens to a parcel, hour by hour, decided by the seed and its number.

use colibri_types::Country;
use serde_json::Value;
use time::{Duration, OffsetDateTime, UtcOffset};

use super::{chance, text};
use crate::{Location, sim::SimOptions, wire::zone};

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

    /// The offset that clocks there show, and whether the place alone tells it.
    pub fn offset(&self, at: OffsetDateTime) -> (UtcOffset, bool) {
        let country = self.country.parse::<Country>().ok();
        let place =
            Location { country, postcode: Some(self.postcode.clone()), ..Location::default() };
        let utc = at.to_offset(UtcOffset::UTC);
        match zone::of(&place) {
            Some(zone) => {
                let winter = utc.date().with_time(utc.time());
                // Off by an hour for one hour in October: no scan is told to that precision.
                (zone.offset(winter + Duration::HOUR), true)
            }
            // The Americas' eastern winter time stands for all places with several zones.
            None => (UtcOffset::from_hms(-5, 0, 0).unwrap_or(UtcOffset::UTC), false),
        }
    }
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

/// How the GMT fields of a scan are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gmt {
    Full,
    /// The time without its leading zero.
    Unpadded,
    Absent,
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
    fn new(
        at: OffsetDateTime,
        kind: (&'static str, &'static str, u16),
        words: &'static str,
        site: Site,
    ) -> Self {
        let (kind, letters, code) = kind;
        let (gmt, twice, misplaced) = (Gmt::Full, false, false);
        Self { at, told: at, kind, letters, code, words, site, gmt, twice, misplaced }
    }

    /// Did somebody hold the parcel?
    pub fn is_physical(&self) -> bool {
        !matches!(self.kind, "M" | "MV")
    }
}

/// From where to where.
pub(super) struct Lane<'a> {
    pub from: &'a Place,
    pub to: &'a Place,
}

const UNION: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK";

impl Lane<'_> {
    fn domestic(&self) -> bool {
        self.from.country == self.to.country
    }

    fn customs(&self) -> bool {
        let inside = |place: &Place| UNION.split(' ').any(|code| code == place.country);
        !(self.domestic() || inside(self.from) && inside(self.to))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Plain,
    SecondAttempt,
    Delayed,
    AccessPoint,
    Returned,
    Held,
}

/// Most parcels arrive; the rest shows what can happen.
fn outcome(draw: f64) -> Outcome {
    match draw {
        x if x < 0.80 => Outcome::Plain,
        x if x < 0.87 => Outcome::SecondAttempt,
        x if x < 0.92 => Outcome::Delayed,
        x if x < 0.95 => Outcome::AccessPoint,
        x if x < 0.98 => Outcome::Returned,
        _ => Outcome::Held,
    }
}

/// Adds scans with a clock that only goes forward.
struct Script {
    now: OffsetDateTime,
    scans: Vec<Happening>,
}

impl Script {
    fn after(
        &mut self,
        hours: i64,
        kind: (&'static str, &'static str, u16),
        words: &'static str,
        site: Site,
    ) {
        self.now += Duration::hours(hours);
        self.scans.push(Happening::new(self.now, kind, words, site));
    }
}

/// The whole story of a parcel bought at `bought`, handed over on the day `ready`.
pub(super) fn write(
    options: &SimOptions,
    number: &str,
    lane: &Lane<'_>,
    bought: OffsetDateTime,
    ready: Option<OffsetDateTime>,
) -> Vec<Happening> {
    let outcome = outcome(chance(options.seed, number, 1));
    let mut script = Script { now: bought, scans: Vec::new() };
    script.after(0, ("M", "MP", 3), "Label made, parcel not with UPS yet", Site::Origin);
    // Collected five hours later, but not before the afternoon of the day it was announced for.
    let afternoon = ready.map(|day| day + Duration::hours(15));
    script.now = afternoon.map_or(script.now, |at| at.max(script.now));
    travel(&mut script, lane, outcome);
    arrive(&mut script, outcome);
    let mut scans = script.scans;
    for (index, scan) in scans.iter_mut().enumerate() {
        colour(scan, options, number, u64::try_from(index).unwrap_or_default(), lane);
    }
    scans
}

fn travel(script: &mut Script, lane: &Lane<'_>, outcome: Outcome) {
    script.after(5, ("I", "PU", 38), "Collected", Site::Origin);
    script.after(3, ("I", "OR", 5), "Sorted at the first site", Site::Origin);
    script.after(3, ("I", "DP", 5), "Left the first site", Site::Origin);
    if outcome == Outcome::Delayed {
        script.after(6, ("X", "DY", 48), "Running late", Site::Origin);
        script.now += Duration::hours(18);
    }
    if lane.customs() {
        script.after(10, ("I", "CP", 12), "Customs are looking at it", Site::Border);
        if outcome == Outcome::Held {
            script.after(4, ("X", "CI", 58), "Customs want more information", Site::Border);
            script.now += Duration::hours(44);
        }
        script.after(8, ("I", "CC", 14), "Cleared", Site::Border);
    } else if outcome == Outcome::Held {
        script.after(6, ("X", "WX", 51), "Held up by the weather", Site::Origin);
        script.now += Duration::hours(30);
    }
    if !lane.domestic() {
        script.after(14, ("I", "AR", 10), "Reached the country", Site::Border);
    }
    script.after(9, ("I", "AR", 10), "Reached the last site", Site::Destination);
}

fn arrive(script: &mut Script, outcome: Outcome) {
    let round = |script: &mut Script, hours| {
        script.after(hours, ("I", "OT", 21), "On the van", Site::Destination);
    };
    round(script, 5);
    match outcome {
        Outcome::Plain | Outcome::Delayed | Outcome::Held => {}
        Outcome::SecondAttempt => {
            script.after(4, ("X", "NH", 22), "Nobody there", Site::Door);
            round(script, 20);
        }
        Outcome::AccessPoint => {
            script.after(4, ("I", "AP", 161), "Waiting at an access point", Site::Destination);
            script.after(20, ("D", "2Q", 11), "Handed over", Site::Destination);
            return;
        }
        Outcome::Returned => {
            script.after(4, ("X", "RF", 64), "Not wanted", Site::Door);
            script.after(18, ("X", "RS", 35), "Going back", Site::Destination);
            script.after(24, ("X", "RS", 36), "On the way back", Site::Origin);
            script.after(12, ("D", "RT", 34), "Back with the sender", Site::Origin);
            return;
        }
    }
    script.after(5, ("D", "FS", 11), "Handed over", Site::Door);
}

/// Habits and faults of one scan.
fn colour(scan: &mut Happening, options: &SimOptions, number: &str, index: u64, lane: &Lane<'_>) {
    let draw = |salt: u64| chance(options.seed, number, 100 * salt + index);
    let faults = options.faults;
    let place = if scan.site == Site::Origin { lane.from } else { lane.to };
    let (_, told_by_place) = place.offset(scan.at);
    scan.gmt = match draw(1) {
        x if x < 0.15 && told_by_place => Gmt::Absent,
        x if x < 0.30 => Gmt::Unpadded,
        _ => Gmt::Full,
    };
    scan.twice = draw(2) < faults.duplicate_scan;
    scan.misplaced = draw(3) < faults.out_of_order;
    if index > 0 && draw(4) < faults.late_scan {
        scan.told += Duration::hours(6);
    }
    // Neither the number nor the type stands in any table of UPS.
    if index > 0 && draw(5) < faults.unknown_code {
        (scan.kind, scan.letters, scan.code) = ("Z", "ZZ", 197);
    }
}

/// The scan that a void leaves.
pub(super) fn voided(at: OffsetDateTime) -> Happening {
    Happening::new(at, ("MV", "VP", 7), "Label void", Site::Origin)
}
