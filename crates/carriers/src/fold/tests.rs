#![allow(clippy::unwrap_used, reason = "tests")]

use colibri_types::{Country, Precision};
use proptest::prelude::*;
use time::{Duration, UtcOffset, macros::datetime};

use super::*;
use crate::{Headline as H, Location, SubStatus as S, ZoneSource};

fn scan(sequence: u32, time: Option<&str>, headline: Headline, sub: Option<SubStatus>) -> Scan {
    Scan {
        code: format!("{headline:?}{sub:?}"),
        description: String::new(),
        status: MappedStatus::State(headline, sub),
        time: time.map(|text| text.parse().unwrap()),
        zone_source: ZoneSource::None,
        location: Location::default(),
        sequence,
        return_leg: false,
    }
}

/// Scans an hour apart from noon of the 20th, or at the hour given after a slash.
fn story(states: &[(Headline, Option<SubStatus>, i64)]) -> Folded {
    let start = datetime!(2026-11-20 12:00);
    let scans: Vec<Scan> = states
        .iter()
        .zip(0..)
        .map(|((headline, sub, hour), sequence)| {
            let local = start + Duration::hours(*hour);
            let time = CivilTime::at(local, UtcOffset::UTC, Precision::Second);
            Scan { time: Some(time), ..scan(sequence, None, *headline, *sub) }
        })
        .collect();
    fold(&scans, None).1
}

#[test]
fn no_scan_is_created() {
    let (scans, folded) = fold(&[], None);
    assert!(scans.is_empty());
    assert_eq!((folded.headline, folded.sub, folded.last_scan), (H::Created, None, None));
    assert!(!folded.delivered && !folded.reopened && folded.party.is_none());
}

#[test]
fn delivery_sticks_for_a_day_against_movement_but_not_against_trouble() {
    let late = |headline, sub, hour| story(&[(H::Delivered, None, 0), (headline, sub, hour)]);
    for headline in [H::PickedUp, H::InTransit, H::Delayed, H::OutForDelivery] {
        let same_day = late(headline, None, 24);
        assert_eq!((same_day.headline, same_day.reopened), (H::Delivered, false), "{headline:?}");
        let later = late(headline, None, 25);
        assert_eq!((later.headline, later.reopened), (headline, true), "{headline:?}");
        assert!(later.delivered_at.is_some() && !later.delivered);
    }
    for sub in [S::FailedAttempt, S::Refused, S::Returning, S::Damaged] {
        let reopened = late(H::Exception, Some(sub), 1);
        assert_eq!((reopened.headline, reopened.sub), (H::Exception, Some(sub)));
        assert!(reopened.reopened);
    }
    assert_eq!(late(H::Created, None, 100).headline, H::Delivered);
}

#[test]
fn the_way_back_ends_returned_and_is_an_exception_until_then() {
    let out = [(H::PickedUp, None, 0), (H::Exception, Some(S::Refused), 1)];
    assert_eq!(story(&out).party, Some(Party::Shipper));
    let back = [&out[..], &[(H::Exception, Some(S::Returning), 2), (H::InTransit, None, 3)]];
    let back = back.concat();
    let on_the_way = story(&back);
    assert_eq!((on_the_way.headline, on_the_way.sub), (H::Exception, Some(S::Returning)));
    let shop = [&back[..], &[(H::OutForDelivery, Some(S::AvailableForPickup), 4)]].concat();
    assert_eq!(story(&shop).sub, Some(S::Returning));
    let home = story(&[&shop[..], &[(H::Delivered, None, 5)]].concat());
    assert_eq!((home.headline, home.delivered, home.delivered_at), (H::Returned, false, None));
    let after = story(&[&shop[..], &[(H::Delivered, None, 5), (H::Delivered, None, 90)]].concat());
    assert_eq!(after.headline, H::Returned);
}

#[test]
fn a_return_after_delivery_is_seen() {
    let folded = story(&[
        (H::Delivered, None, 0),
        (H::Exception, Some(S::Returning), 2),
        (H::Delivered, None, 50),
    ]);
    assert_eq!(folded.headline, H::Returned);
    assert!(folded.reopened && folded.return_leg && folded.delivered_at.is_some());
}

#[test]
fn ends_are_final() {
    for sub in [S::Destroyed, S::Seized] {
        let folded = story(&[(H::Exception, Some(sub), 0), (H::InTransit, None, 30)]);
        assert_eq!(folded.sub, Some(sub));
    }
    let returned = story(&[(H::Returned, None, 0), (H::InTransit, None, 30)]);
    assert_eq!(returned.headline, H::Returned);
}

#[test]
fn a_used_label_reopens_a_cancelled_parcel() {
    let cancelled = [(H::Created, None, 0), (H::Exception, Some(S::Cancelled), 1)];
    let quiet = story(&[&cancelled[..], &[(H::Created, None, 2), (H::Delayed, None, 3)]].concat());
    assert_eq!((quiet.sub, quiet.reopened), (Some(S::Cancelled), false));
    let used = story(&[&cancelled[..], &[(H::PickedUp, None, 2)]].concat());
    assert_eq!((used.headline, used.reopened), (H::PickedUp, true));
}

#[test]
fn trouble_is_cleared_by_the_next_scan_and_attempts_are_counted() {
    let folded = story(&[
        (H::PickedUp, Some(S::DroppedOff), 0),
        (H::Delayed, Some(S::Weather), 1),
        (H::PickedUp, None, 2),
        (H::Exception, Some(S::FailedAttempt), 3),
        (H::OutForDelivery, None, 4),
        (H::Exception, Some(S::FailedAttempt), 5),
        (H::OutForDelivery, Some(S::AvailableForPickup), 6),
    ]);
    assert_eq!((folded.headline, folded.attempts), (H::OutForDelivery, 2));
    assert_eq!(folded.party, Some(Party::Receiver));
    let twice = story(&[(H::PickedUp, None, 0), (H::PickedUp, Some(S::DroppedOff), 1)]);
    assert_eq!((twice.headline, twice.sub), (H::InTransit, None));
}

#[test]
fn data_told_after_the_first_touch_moves_nothing() {
    let folded = story(&[(H::PickedUp, None, 0), (H::Created, None, 1)]);
    assert_eq!(folded.headline, H::PickedUp);
}

#[test]
fn a_step_still_to_come_is_kept_and_ignored() {
    let now = datetime!(2026-11-20 12:00 UTC);
    let moved = scan(0, Some("2026-11-20T10:00:00+00:00"), H::InTransit, None);
    let soon = scan(1, Some("2026-11-20T12:59:00+00:00"), H::OutForDelivery, None);
    let future = scan(2, Some("2026-11-20T14:30:00+01:00"), H::Delivered, None);
    let (kept, folded) = fold(&[moved.clone(), soon.clone(), future.clone()], Some(now));
    assert_eq!((kept.len(), folded.headline, folded.future), (3, H::OutForDelivery, 1));
    assert_eq!(fold(&[moved, soon, future], None).1.headline, H::Delivered);
    // 20:00 without an offset may be long past in Auckland.
    let local = scan(0, Some("2026-11-20T20:00:00"), H::Delivered, None);
    assert_eq!(fold(&[local], Some(now)).1.headline, H::Delivered);
}

#[test]
fn unknown_codes_are_counted_and_padding_is_dropped() {
    let mut unknown = scan(1, Some("2026-11-20T10:00:00"), H::Delivered, None);
    unknown.status = MappedStatus::Unknown;
    let mut padding = scan(2, None, H::Delivered, None);
    padding.code.clear();
    let created = scan(0, Some("2026-11-20T09:00:00"), H::InTransit, None);
    let (kept, folded) = fold(&[unknown, padding, created], None);
    assert_eq!((kept.len(), folded.headline, folded.unknown), (2, H::InTransit, 1));
}

#[test]
fn the_richer_copy_of_a_fact_is_kept_once() {
    let poor = scan(0, Some("2026-11-20T10:00"), H::InTransit, None);
    let mut rich = scan(7, Some("2026-11-20T10:00:20+01:00"), H::InTransit, None);
    rich.location.city = Some("Lyon".to_owned());
    let mut elsewhere = rich.clone();
    elsewhere.location.city = Some("Rennes".to_owned());
    let (kept, _) = fold(&[poor.clone(), rich.clone(), poor, rich.clone()], None);
    assert_eq!(kept, [rich.clone()]);
    assert_eq!(fold(&[rich, elsewhere], None).0.len(), 2);
}

#[test]
fn a_local_time_is_ordered_by_the_offset_of_its_place() {
    let mut lyon = scan(0, Some("2026-11-20T10:00:00+01:00"), H::InTransit, None);
    lyon.location.country = Some(Country::FR);
    let mut boston = scan(1, Some("2026-11-20T09:00:00-05:00"), H::Delivered, None);
    boston.location.country = Some(Country::US);
    let mut local = scan(2, Some("2026-11-20T12:00:00"), H::OutForDelivery, None);
    local.location.country = Some(Country::FR);
    // 12:00 in France is 11:00 UTC, before 14:00 UTC in Boston, although noon is after nine.
    let (kept, folded) = fold(&[boston, local, lyon], None);
    assert_eq!(folded.headline, H::Delivered);
    assert_eq!(kept.iter().map(|scan| scan.sequence).collect::<Vec<_>>(), [0, 2, 1]);
}

#[test]
fn a_day_counts_as_its_end_and_a_scan_without_time_follows_its_predecessor() {
    let day = scan(0, Some("2026-11-20"), H::Delivered, None);
    let hour = scan(1, Some("2026-11-20T18:00:00"), H::OutForDelivery, None);
    assert_eq!(fold(&[day, hour], None).1.headline, H::Delivered);
    let first = scan(0, Some("2026-11-20T08:00:00"), H::PickedUp, None);
    let untimed = scan(1, None, H::InTransit, None);
    let last = scan(2, Some("2026-11-20T18:00:00"), H::OutForDelivery, None);
    let (kept, folded) = fold(&[last, untimed, first], None);
    assert_eq!(folded.headline, H::OutForDelivery);
    assert_eq!(kept[1].time, None);
}

fn any_scan() -> impl Strategy<Value = Scan> {
    let status = prop_oneof![
        8 => (prop::sample::select(H::ALL), prop::option::of(prop::sample::select(S::ALL)))
            .prop_map(|(headline, sub)| MappedStatus::State(headline, sub)),
        1 => Just(MappedStatus::NoChange),
        1 => Just(MappedStatus::Unknown),
    ];
    let offset = prop::option::of(prop::sample::select(vec![-5_i8, 0, 1, 2, 9]));
    let time = prop::option::weighted(0.9, (0_i64..200, 0_i64..3, offset, any::<bool>()));
    let place = prop::sample::select(vec![None, Some(("Lyon", "FR")), Some(("Boston", "US"))]);
    let words = prop::sample::select(vec!["", "moved", "Moved  "]);
    (status, time, place, words, 0_u32..6, prop::bool::weighted(0.05)).prop_map(
        |(status, time, place, words, sequence, return_leg)| {
            let time = time.map(|(half_hours, seconds, offset, day)| {
                let minutes = Duration::minutes(30 * half_hours) + Duration::seconds(seconds);
                let local = datetime!(2026-11-18 00:00) + minutes;
                match (day && half_hours % 8 == 0, offset) {
                    (true, _) => CivilTime::day(local.date()),
                    (false, Some(hours)) => {
                        let offset = UtcOffset::from_hms(hours, 0, 0).unwrap();
                        CivilTime::at(local, offset, Precision::Second)
                    }
                    (false, None) => CivilTime::local(local, Precision::Second),
                }
            });
            Scan {
                code: format!("{status:?}"),
                description: words.to_owned(),
                status,
                time,
                zone_source: ZoneSource::None,
                location: Location {
                    city: place.map(|(city, _)| city.to_owned()),
                    country: place.map(|(_, country)| country.parse().unwrap()),
                    ..Location::default()
                },
                sequence,
                return_leg,
            }
        },
    )
}

fn shuffled_with_repeats() -> impl Strategy<Value = (Vec<Scan>, Vec<Scan>)> {
    prop::collection::vec(any_scan(), 0..14).prop_flat_map(|scans| {
        let repeats = prop::sample::subsequence(scans.clone(), 0..=scans.len());
        repeats.prop_flat_map(move |repeats| {
            let all = [scans.clone(), repeats].concat();
            (Just(scans.clone()), Just(all).prop_shuffle())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn order_of_arrival_and_repetition_change_nothing((scans, other) in shuffled_with_repeats()) {
        let now = Some(datetime!(2026-11-21 12:00 UTC));
        prop_assert_eq!(fold(&scans, now), fold(&other, now));
    }

    #[test]
    fn a_cleaned_list_is_its_own_fold(scans in prop::collection::vec(any_scan(), 0..14)) {
        let (kept, folded) = fold(&scans, None);
        prop_assert_eq!(fold(&kept, None), (kept.clone(), folded.clone()));
        prop_assert_eq!(folded.delivered, folded.headline == H::Delivered);
        prop_assert!(folded.last_scan.is_none_or(|index| index < kept.len()));
    }
}
