//! What happens to a simulated parcel, whatever the carrier: milestones on the shared clock.
//!
//! A carrier's simulator turns each milestone into its own code, words, order and time format.
//! Everything follows from the seed, the number and the lane.

use time::{Duration, OffsetDateTime};

use super::{SimOptions, luck::chance};

/// A step of the journey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Milestone {
    /// The carrier has the data, nobody has the parcel.
    Announced,
    /// A driver took it.
    Collected,
    /// Sorted at the first site.
    Sorted,
    /// Left the first site.
    Left,
    /// Late, for no stated reason.
    Late,
    /// Held up by the weather.
    Weather,
    /// At customs, in the normal course.
    Customs,
    /// Customs want something.
    CustomsHold,
    /// Cleared.
    Cleared,
    /// Reached the country of destination.
    Landed,
    /// Reached the last site.
    Arrived,
    /// On the last round.
    OnTheRound,
    /// Nobody there.
    Absent,
    /// The address does not exist as written.
    BadAddress,
    /// The receiver does not want it.
    Refused,
    /// Waits at a shop, locker or counter.
    AtPoint,
    /// Not collected in time.
    Expired,
    /// Handed to the receiver.
    Delivered,
    /// Collected by the receiver at the point.
    CollectedAtPoint,
    /// Begins its way back.
    Returning,
    /// Back in the sender's hands.
    BackWithSender,
    /// The carrier searched and found nothing.
    Lost,
    /// The label was voided.
    Voided,
    /// A code that no table knows.
    Unheard,
}

/// Where it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// In the sender's town.
    Origin,
    /// At the border, in the country of destination.
    Border,
    /// In the receiver's town.
    Destination,
}

/// One scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Happening {
    /// When it happened.
    pub at: OffsetDateTime,
    /// From when on the carrier tells it.
    pub told: OffsetDateTime,
    /// What.
    pub milestone: Milestone,
    /// Where.
    pub site: Site,
    /// Told twice.
    pub twice: bool,
    /// Told in another place of the list than it happened.
    pub misplaced: bool,
}

/// From where to where.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Lane {
    /// Within one country.
    pub domestic: bool,
    /// Crosses a customs border.
    pub customs: bool,
    /// Goes to a pickup point rather than a door.
    pub to_point: bool,
    /// The carrier has no words for a way back, so no story is told that would end there.
    pub one_way: bool,
}

impl Lane {
    /// A lane between two countries by their codes, inside or across the European customs union.
    pub(crate) fn between(from: &str, to: &str, to_point: bool) -> Self {
        const UNION: &str =
            "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK";
        let inside = |code: &str| UNION.split(' ').any(|member| member == code);
        let domestic = from == to;
        Self {
            domestic,
            customs: !(domestic || inside(from) && inside(to)),
            to_point,
            one_way: false,
        }
    }
}

impl Lane {
    /// The same for a carrier that has no words for a way back.
    pub(crate) const fn one_way(self) -> Self {
        Self { one_way: true, ..self }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Plain,
    SecondAttempt,
    Late,
    Point,
    BadAddress,
    Refused,
    Expired,
    Held,
    Lost,
}

/// Most parcels arrive; the rest shows what can happen.
fn outcome(draw: f64) -> Outcome {
    match draw {
        x if x < 0.79 => Outcome::Plain,
        x if x < 0.86 => Outcome::SecondAttempt,
        x if x < 0.90 => Outcome::Late,
        x if x < 0.93 => Outcome::Point,
        x if x < 0.95 => Outcome::BadAddress,
        x if x < 0.97 => Outcome::Refused,
        x if x < 0.98 => Outcome::Expired,
        _ => Outcome::Held,
    }
}

/// Adds happenings with a clock that only goes forward.
struct Script {
    now: OffsetDateTime,
    all: Vec<Happening>,
}

impl Script {
    fn after(&mut self, hours: i64, milestone: Milestone, site: Site) {
        self.now += Duration::hours(hours);
        let (at, told) = (self.now, self.now);
        self.all.push(Happening { at, told, milestone, site, twice: false, misplaced: false });
    }
}

/// The whole journey of a parcel bought at `bought`, handed over on the day that begins at `ready`.
pub(crate) fn journey(
    options: &SimOptions,
    number: &str,
    lane: Lane,
    bought: OffsetDateTime,
    ready: Option<OffsetDateTime>,
) -> Vec<Happening> {
    let lost = chance(options.seed, number, 2) < options.faults.lost_parcel;
    let outcome = if lost { Outcome::Lost } else { outcome(chance(options.seed, number, 1)) };
    let outcome = match outcome {
        Outcome::Refused | Outcome::Expired if lane.one_way => Outcome::SecondAttempt,
        other => other,
    };
    let mut script = Script { now: bought, all: Vec::new() };
    script.after(0, Milestone::Announced, Site::Origin);
    // Collected five hours later, but not before the afternoon of the day it was announced for.
    let afternoon = ready.map(|day| day + Duration::hours(15));
    script.now = afternoon.map_or(script.now, |at| at.max(script.now));
    travel(&mut script, lane, outcome);
    match outcome {
        Outcome::Lost => script.after(168, Milestone::Lost, Site::Origin),
        _ if lane.to_point => point(&mut script, outcome),
        _ => door(&mut script, outcome),
    }
    let mut all = Vec::with_capacity(script.all.len());
    for (index, happening) in script.all.into_iter().enumerate() {
        colour(&mut all, happening, options, number, index as u64);
    }
    all
}

fn travel(script: &mut Script, lane: Lane, outcome: Outcome) {
    script.after(5, Milestone::Collected, Site::Origin);
    script.after(3, Milestone::Sorted, Site::Origin);
    script.after(3, Milestone::Left, Site::Origin);
    if outcome == Outcome::Lost {
        return;
    }
    if outcome == Outcome::Late {
        script.after(6, Milestone::Late, Site::Origin);
        script.now += Duration::hours(18);
    }
    if lane.customs {
        script.after(10, Milestone::Customs, Site::Border);
        if outcome == Outcome::Held {
            script.after(4, Milestone::CustomsHold, Site::Border);
            script.now += Duration::hours(44);
        }
        script.after(8, Milestone::Cleared, Site::Border);
    } else if outcome == Outcome::Held {
        script.after(6, Milestone::Weather, Site::Origin);
        script.now += Duration::hours(30);
    }
    if !lane.domestic {
        script.after(14, Milestone::Landed, Site::Border);
    }
    script.after(9, Milestone::Arrived, Site::Destination);
}

fn back(script: &mut Script) {
    script.after(18, Milestone::Returning, Site::Destination);
    script.after(36, Milestone::BackWithSender, Site::Origin);
}

fn door(script: &mut Script, outcome: Outcome) {
    let destination = Site::Destination;
    script.after(5, Milestone::OnTheRound, destination);
    match outcome {
        Outcome::SecondAttempt => {
            script.after(4, Milestone::Absent, destination);
            script.after(20, Milestone::OnTheRound, destination);
        }
        Outcome::BadAddress => {
            script.after(4, Milestone::BadAddress, destination);
            script.after(44, Milestone::OnTheRound, destination);
        }
        Outcome::Point => {
            script.after(4, Milestone::Absent, destination);
            script.after(3, Milestone::AtPoint, destination);
            script.after(20, Milestone::CollectedAtPoint, destination);
            return;
        }
        Outcome::Refused => {
            script.after(4, Milestone::Refused, destination);
            return back(script);
        }
        Outcome::Expired => {
            script.after(4, Milestone::Absent, destination);
            script.after(3, Milestone::AtPoint, destination);
            script.after(240, Milestone::Expired, destination);
            return back(script);
        }
        Outcome::Plain | Outcome::Late | Outcome::Held | Outcome::Lost => {}
    }
    script.after(5, Milestone::Delivered, destination);
}

fn point(script: &mut Script, outcome: Outcome) {
    script.after(6, Milestone::AtPoint, Site::Destination);
    if matches!(outcome, Outcome::Expired | Outcome::Refused) {
        script.after(240, Milestone::Expired, Site::Destination);
        return back(script);
    }
    script.after(22, Milestone::CollectedAtPoint, Site::Destination);
}

/// Faults of one scan.
fn colour(
    all: &mut Vec<Happening>,
    mut happening: Happening,
    options: &SimOptions,
    number: &str,
    index: u64,
) {
    let draw = |salt: u64| chance(options.seed, number, 100 * salt + index);
    let faults = options.faults;
    happening.twice = draw(2) < faults.duplicate_scan;
    happening.misplaced = index > 0 && draw(3) < faults.out_of_order;
    // Longer than most steps, so that a late scan comes after its followers.
    if index > 0 && draw(4) < faults.late_scan {
        happening.told += Duration::hours(6);
    }
    all.push(happening);
    // Beside the real scan, so that a story still ends.
    if index > 0 && draw(5) < faults.unknown_code {
        all.push(Happening { milestone: Milestone::Unheard, twice: false, ..happening });
    }
}

/// The scan that a void leaves.
pub(crate) const fn voided(at: OffsetDateTime) -> Happening {
    let milestone = Milestone::Voided;
    Happening { at, told: at, milestone, site: Site::Origin, twice: false, misplaced: false }
}

/// What is told by `now`, oldest first, with its faults: doubles beside their twins, misplaced
/// scans one place too early.
pub(crate) fn told(all: &[Happening], now: OffsetDateTime) -> Vec<Happening> {
    let mut list: Vec<Happening> = Vec::new();
    for happening in all.iter().filter(|happening| happening.told <= now) {
        let at = list.len().saturating_sub(usize::from(happening.misplaced));
        list.insert(at, *happening);
        if happening.twice {
            list.push(*happening);
        }
    }
    list
}

/// When the last of it is told.
pub(crate) fn ends(all: &[Happening]) -> Option<OffsetDateTime> {
    all.iter().map(|happening| happening.told).max()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::HashSet;

    use time::macros::datetime;

    use super::*;
    use crate::sim::ScanFaults;

    const NOON: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    fn all(options: &SimOptions, lane: Lane) -> Vec<Vec<Happening>> {
        let number = |n: u32| format!("N{n}");
        (0..2_000).map(|n| journey(options, &number(n), lane, NOON, None)).collect()
    }

    #[test]
    fn journeys_begin_announced_go_forward_and_end() {
        let options = SimOptions { seed: 3, faults: ScanFaults::default() };
        let mut seen = HashSet::new();
        for (from, to, point) in [("FR", "FR", false), ("FR", "CH", false), ("FR", "DE", true)] {
            for story in all(&options, Lane::between(from, to, point)) {
                assert_eq!(story[0].milestone, Milestone::Announced);
                assert!(story.windows(2).all(|pair| pair[0].at < pair[1].at));
                let last = story.last().unwrap().milestone;
                let ends =
                    [Milestone::Delivered, Milestone::CollectedAtPoint, Milestone::BackWithSender];
                assert!(ends.contains(&last), "{last:?}");
                seen.extend(story.iter().map(|happening| happening.milestone));
            }
        }
        // All but those that only faults and voids bring.
        assert_eq!(seen.len(), 21, "{seen:?}");
    }

    #[test]
    fn faults_show_and_never_hide_a_scan() {
        let faults = ScanFaults {
            duplicate_scan: 0.2,
            out_of_order: 0.2,
            late_scan: 0.2,
            unknown_code: 0.2,
            lost_parcel: 0.2,
        };
        let options = SimOptions { seed: 4, faults };
        let stories = all(&options, Lane::between("FR", "FR", false));
        let (mut doubles, mut moved) = (0, 0);
        for story in &stories {
            let list = told(story, ends(story).unwrap());
            let twice = story.iter().filter(|happening| happening.twice).count();
            assert_eq!(list.len(), story.len() + twice);
            doubles += twice;
            moved += list.windows(2).filter(|pair| pair[0].at > pair[1].at).count();
        }
        let has = |milestone| {
            let with = |story: &&Vec<Happening>| story.iter().any(|h| h.milestone == milestone);
            stories.iter().filter(with).count()
        };
        assert!(doubles > 1_000 && moved > 1_000, "{doubles} {moved}");
        assert!((300..500).contains(&has(Milestone::Lost)));
        assert!(has(Milestone::Unheard) > 500);
    }
}
