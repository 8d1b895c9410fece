//! The one order of scans that any set of them has, and what counts as the same fact twice.

use colibri_types::{CivilTime, Country, Precision};
use time::PrimitiveDateTime;

use crate::{MappedStatus, Scan};

/// Nanoseconds in a second: instants are counted in nanoseconds, which never overflow an `i128`.
pub(super) const NANOS: i128 = 1_000_000_000;

/// A scan with its place on the one time line that orders all scans.
pub(super) struct Entry<'a> {
    /// Nanoseconds since the epoch, partly by a borrowed offset: for ordering only.
    pub(super) instant: i128,
    pub(super) scan: &'a Scan,
}

/// Orders scans, oldest first.
///
/// Comparing pair by pair (by UTC when both have it, else by local time, else by list position) is
/// not transitive once some scans have an offset and some have not, and a sort by such a rule
/// depends on the order of arrival. So every scan first gets *one* instant, computed from the set:
/// its own UTC time; or its local time read with an offset borrowed from the set (of the same
/// place, else the same country, else any; nearest in local time), or with none at all when the
/// set knows none; or, without any time, the instant of its predecessor in the carrier's list.
/// The borrowed offset orders and is never told. Equal instants go by rank of the headline, then
/// list position, then content, which makes the order total.
pub(super) fn order<'a>(scans: &[&'a Scan]) -> Vec<Entry<'a>> {
    let donors: Vec<Donor<'_>> = scans.iter().filter_map(|scan| Donor::of(scan)).collect();
    let mut entries: Vec<(bool, Entry<'a>)> = Vec::with_capacity(scans.len());
    for scan in scans {
        if let Some(time) = scan.time {
            let offset = match time.offset {
                Some(offset) => offset.whole_seconds(),
                None => borrowed_offset(scan, time, &donors),
            };
            let instant = local_nanos(time) - i128::from(offset) * NANOS;
            entries.push((false, Entry { instant, scan }));
        }
    }
    let timed = entries.len();
    for scan in scans.iter().filter(|scan| scan.time.is_none()) {
        let before = entries.iter().take(timed).filter(|(_, e)| e.scan.sequence <= scan.sequence);
        let anchor = before.max_by_key(|(_, entry)| (entry.scan.sequence, entry.instant));
        let instant = anchor.map_or(i128::MIN, |(_, entry)| entry.instant);
        entries.push((true, Entry { instant, scan }));
    }
    entries.sort_by(|(a_untimed, a), (b_untimed, b)| {
        let a_key = (a.instant, a_untimed, rank(a.scan), a.scan.sequence);
        let b_key = (b.instant, b_untimed, rank(b.scan), b.scan.sequence);
        a_key.cmp(&b_key).then_with(|| content(a.scan).cmp(&content(b.scan)))
    });
    entries.into_iter().map(|(_, entry)| entry).collect()
}

/// A scan that states its offset.
struct Donor<'a> {
    city: Option<&'a str>,
    country: Option<Country>,
    local: i128,
    offset: i32,
}

impl<'a> Donor<'a> {
    fn of(scan: &'a Scan) -> Option<Self> {
        let time = scan.time?;
        Some(Self {
            city: scan.location.city.as_deref(),
            country: scan.location.country,
            local: local_nanos(time),
            offset: time.offset?.whole_seconds(),
        })
    }
}

fn borrowed_offset(scan: &Scan, time: CivilTime, donors: &[Donor<'_>]) -> i32 {
    let local = local_nanos(time);
    let country = scan.location.country;
    let city = scan.location.city.as_deref();
    let best = donors.iter().min_by_key(|donor| {
        let distance = match donor.country == country && country.is_some() {
            true if donor.city == city && city.is_some() => 0,
            true => 1,
            false => 2,
        };
        (distance, (donor.local - local).abs(), donor.offset)
    });
    best.map_or(0, |donor| donor.offset)
}

fn local_nanos(time: CivilTime) -> i128 {
    time.order_key().assume_utc().unix_timestamp_nanos()
}

const fn rank(scan: &Scan) -> u8 {
    match scan.status {
        MappedStatus::State(headline, _) => headline as u8 + 1,
        MappedStatus::NoChange | MappedStatus::Unknown => 0,
    }
}

/// Drops empty padding, and keeps the richest copy of every fact. A fact is code, wording, minute
/// and place; a copy without a place is the same fact as one with a place.
pub(super) fn deduplicate(scans: &[Scan]) -> Vec<&Scan> {
    let mut facts: Vec<(Fact<'_>, &Scan)> = scans
        .iter()
        .filter(|scan| {
            !(scan.code.is_empty() && scan.description.trim().is_empty() && scan.time.is_none())
        })
        .map(|scan| (Fact::of(scan), scan))
        .collect();
    facts.sort_by(|(a, a_scan), (b, b_scan)| {
        // Places descend, so that copies without a place come last in their group.
        let fact = a.event.cmp(&b.event).then_with(|| b.place.cmp(&a.place));
        let richest = richness(b_scan).cmp(&richness(a_scan));
        fact.then(richest).then_with(|| content(a_scan).cmp(&content(b_scan)))
    });
    facts.dedup_by(|later, kept| {
        let placeless = later.0.place.iter().all(Option::is_none);
        later.0.event == kept.0.event && (placeless || later.0.place == kept.0.place)
    });
    facts.into_iter().map(|(_, scan)| scan).collect()
}

#[derive(PartialEq, Eq)]
struct Fact<'a> {
    event: (&'a str, String, Option<(PrimitiveDateTime, bool)>),
    place: [Option<String>; 4],
}

impl<'a> Fact<'a> {
    fn of(scan: &'a Scan) -> Self {
        let minute = scan.time.map(|time| {
            let local = time.local;
            let whole = local.replace_second(0).and_then(|t| t.replace_nanosecond(0));
            (whole.unwrap_or(local), time.precision == Precision::Day)
        });
        let place = &scan.location;
        Self {
            event: (scan.code.trim(), plain(&scan.description), minute),
            place: [
                place.country.map(|country| country.to_string()),
                place.city.as_deref().map(plain),
                place.postcode.as_deref().map(plain),
                place.subdivision.as_deref().map(plain),
            ],
        }
    }
}

/// Lower case, single spaces: push and poll differ in such things only.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.extend(word.chars().flat_map(char::to_lowercase));
    }
    plain
}

fn richness(scan: &Scan) -> (bool, Option<Precision>, bool, bool, bool) {
    let time = scan.time;
    (
        time.is_some_and(|time| time.offset.is_some()),
        time.map(|time| time.precision),
        !matches!(scan.status, MappedStatus::Unknown),
        scan.location.city.is_some(),
        scan.return_leg,
    )
}

type TimeKey = Option<(PrimitiveDateTime, Option<i32>, Precision)>;
type Content<'a> =
    (&'a str, &'a str, [u8; 3], TimeKey, [&'a Option<String>; 3], Option<Country>, u32, bool, u8);

/// Everything a scan holds, comparable: two scans equal here are the same scan.
fn content(scan: &Scan) -> Content<'_> {
    let status = match scan.status {
        MappedStatus::State(h, sub) => [1, h as u8, sub.map_or(0, |sub| sub as u8 + 1)],
        MappedStatus::NoChange => [2, 0, 0],
        MappedStatus::Unknown => [3, 0, 0],
    };
    let time = scan.time.map(|t| (t.local, t.offset.map(|o| o.whole_seconds()), t.precision));
    let place = &scan.location;
    let place_texts = [&place.city, &place.postcode, &place.subdivision];
    let (zone, country) = (scan.zone_source as u8, place.country);
    let (code, words) = (scan.code.as_str(), scan.description.as_str());
    (code, words, status, time, place_texts, country, scan.sequence, scan.return_leg, zone)
}
