#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use colibri_carriers::{Headline as H, Scan, SubStatus as S, fold};
use colibri_types::{CivilTime, Precision};
use proptest::prelude::*;
use time::{Duration, macros::date, macros::datetime};
use uuid::Uuid;

use super::{
    fact::Fact,
    page::{self, Cursor},
    schedule::{self, Pace, Situation},
    state::{State, Told, timeline},
    testing::{BOUGHT, TOLD, any_scan, scan},
    token::{self, Tokens},
};

const PARCEL: Uuid = Uuid::from_u128(7);

fn tokens() -> Tokens {
    Tokens::new(&[7; 32])
}

fn fact(scan: &Scan) -> Fact {
    Fact::read(&tokens(), PARCEL, BOUGHT, scan, TOLD).0
}

fn state(scans: &[Scan], voided: bool) -> State {
    let facts: Vec<Fact> = scans.iter().map(fact).collect();
    State::of(&facts, voided)
}

proptest! {
    /// Words and places decide nothing but who is whose copy: tokens do as well.
    #[test]
    fn hidden_scans_fold_as_open_ones(scans in prop::collection::vec(any_scan(), 0..12)) {
        let hidden: Vec<Scan> = scans.iter().map(|s| tokens().hide(PARCEL, s).0).collect();
        let (open_list, open) = fold(&scans, Some(TOLD));
        let (hidden_list, folded) = fold(&hidden, Some(TOLD));
        prop_assert_eq!(open_list.len(), hidden_list.len());
        prop_assert_eq!((folded.headline, folded.sub), (open.headline, open.sub));
        prop_assert_eq!((folded.reopened, folded.attempts), (open.reopened, open.attempts));
        prop_assert_eq!((folded.return_leg, folded.unknown), (open.return_leg, open.unknown));
    }

    /// Two scans have one key exactly when the fold takes them for one fact of one place.
    #[test]
    fn the_key_is_the_folds_own_idea_of_a_fact(one in any_scan(), mut other in any_scan(),
                                              copy in any::<bool>()) {
        if copy {
            other = Scan { sequence: other.sequence, time: one.time, ..one.clone() };
        }
        let (one, other) = (fact(&one), fact(&other));
        prop_assume!(!one.is_padding() && !other.is_padding());
        let placeless = |fact: &Fact| fact.scan.location.text().is_none();
        let kept = fold(&[one.scan.clone(), other.scan.clone()], None).0.len();
        if one.dedupe == other.dedupe {
            prop_assert_eq!(kept, 1);
        } else if !placeless(&one) && !placeless(&other) {
            prop_assert_eq!(kept, 2);
        }
    }

    /// Merging is a choice of the richest: order and repetition leave no trace.
    #[test]
    fn two_tellings_merge_to_one_whatever_their_order(base in any_scan(), seconds in 0_u8..60,
                                                      sequence in 0_u32..9, late in any::<bool>()) {
        let mut copy = base.clone();
        copy.sequence = sequence;
        if let Some(time) = &mut copy.time
            && time.precision == colibri_types::Precision::Second
        {
            time.local = time.local.replace_second(seconds).unwrap();
        }
        let told = if late { TOLD + Duration::days(9) } else { BOUGHT - Duration::days(1) };
        let one = fact(&base);
        let other = Fact::read(&tokens(), PARCEL, BOUGHT, &copy, told).0;
        prop_assert_eq!(one.dedupe, other.dedupe);
        let here = one.merged(&other).unwrap_or_else(|| one.clone());
        let there = other.merged(&one).unwrap_or_else(|| other.clone());
        prop_assert_eq!(&here, &there);
        prop_assert_eq!(here.merged(&one), None);
        prop_assert_eq!(here.merged(&other), None);
    }

    #[test]
    fn a_cursor_is_read_back_and_nothing_else_is(text in "\\PC{0,40}", id in any::<u128>(),
                                                 seconds in 0_i64..4_000_000_000) {
        let at = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let cursor = Cursor { at, parcel_id: Uuid::from_u128(id) };
        prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        if let Some(read) = Cursor::decode(&text) {
            prop_assert_eq!(read.encode(), text);
        }
    }
}

#[test]
fn a_token_says_nothing_beyond_its_parcel_and_its_key() {
    let shown = scan("DL", 30);
    let (hidden, words) = tokens().hide(PARCEL, &shown);
    assert_eq!((words.text.as_str(), words.place.as_str()), ("words of DL", "Exemplaire"));
    let text = format!("{hidden:?} {:?} {words:?}", hidden.location);
    assert!(!text.contains("words of") && !text.contains("Exemplaire"), "{text}");
    let elsewhere = tokens().hide(Uuid::from_u128(8), &shown).0;
    assert_ne!(elsewhere.location.city, hidden.location.city);
    let other_key = Tokens::new(&[8; 32]).hide(PARCEL, &shown).0;
    assert_ne!(other_key.description, hidden.description);
    // Case and spaces are the carrier's mood.
    let spelled = Scan { description: " Words  OF dl ".into(), ..shown.clone() };
    assert_eq!(token::dedupe(&tokens().hide(PARCEL, &spelled).0), token::dedupe(&hidden));
    // Free text does not pass as a code.
    let named = Scan { code: "left with Ottokar Beispiel".into(), ..shown };
    assert!(!tokens().hide(PARCEL, &named).0.code.contains("Ottokar"));
}

#[test]
fn steps_to_come_and_other_parcels_scans_are_kept_and_decide_nothing() {
    let read = |s: &Scan, told| Fact::read(&tokens(), PARCEL, BOUGHT, s, told).0;
    let listed_ahead = read(&scan("DL", 30), BOUGHT + Duration::hours(2));
    assert!(listed_ahead.future);
    assert_eq!(State::of([&listed_ahead], false).headline, H::Created);
    let happened = read(&scan("DL", 30), BOUGHT + Duration::hours(31));
    let merged = listed_ahead.merged(&happened).unwrap();
    assert_eq!(State::of([&merged], false).headline, H::Delivered);
    let old = fact(&scan("DL", -24 * 200));
    assert!(old.before_label);
    assert_eq!(State::of([&old], false), State::default());
}

#[test]
fn what_can_only_be_older_than_the_asking_is_another_parcels() {
    let asked = BOUGHT + Duration::seconds(30);
    let before = |time: CivilTime| {
        let scan = Scan { time: Some(time), ..scan("DL", 0) };
        Fact::read(&tokens(), PARCEL, asked, &scan, TOLD).0.before_label
    };
    // The carrier's own wall clock, east and west of UTC.
    for hours in [0, -5, 10, 14, -12] {
        let offset = time::UtcOffset::from_hms(hours, 0, 0).unwrap();
        let local = |minutes: i64| {
            let at = (BOUGHT + Duration::minutes(minutes)).to_offset(offset);
            time::PrimitiveDateTime::new(at.date(), at.time())
        };
        let stated = |minutes| before(CivilTime::at(local(minutes), offset, Precision::Minute));
        assert!(stated(-1) && stated(-60 * 24 * 200), "{offset}");
        // The minute of the asking, which a carrier without seconds states as its beginning.
        assert!(!stated(0) && !stated(1), "{offset}");
        // The same reading without its offset is nobody's proof, wherever it was.
        let bare = |minutes| before(CivilTime::local(local(minutes), Precision::Minute));
        assert!(!bare(0), "{offset}");
        assert_eq!(bare(-1), hours == -12, "{offset}");
    }
    // A day without a time may be its end.
    assert!(!before(CivilTime::day(BOUGHT.date())));
    assert!(!before(CivilTime::day(BOUGHT.date().previous_day().unwrap())), "in Hawaii it lasts");
    assert!(before(CivilTime::day(date!(2026 - 11 - 20))));
}

#[test]
fn a_void_label_is_cancelled_until_somebody_uses_it() {
    let cancelled = state(&[scan("MP", 1)], true);
    assert_eq!((cancelled.headline, cancelled.sub), (H::Exception, Some(S::Cancelled)));
    assert!(cancelled.ended() && cancelled.decided.is_none());
    let used = state(&[scan("MP", 1), scan("CA", 2), scan("PU", 8), scan("IT", 9)], true);
    assert_eq!((used.headline, used.reopened), (H::InTransit, true));
    let home = state(&[scan("PU", 8), scan("DL", 30)], true);
    assert_eq!((home.headline, home.reopened), (H::Delivered, true));
}

#[test]
fn what_changed_is_told_once() {
    let created = State::default();
    let tried = state(&[scan("PU", 2), scan("OD", 20), scan("NH", 25)], false);
    let told = Told::between(&created, &tried);
    assert_eq!(told, Told { status: true, delivered: false, failed: true });
    let scans = [scan("PU", 2), scan("OD", 20), scan("NH", 25), scan("OD", 44), scan("DL", 49)];
    let home = state(&scans, false);
    assert_eq!(home.attempts, 1);
    let told = Told::between(&tried, &home);
    assert_eq!(told, Told { status: true, delivered: true, failed: false });
    assert_eq!(Told::between(&home, &home), Told::default());
    // An attempt that was overtaken within one answer is told all the same.
    assert!(Told::between(&created, &home).failed);
}

#[test]
fn late_is_judged_by_the_handing_over_or_by_today() {
    let home = state(&[scan("PU", 2), scan("DL", 30)], false);
    let (on_time, today) = (date!(2026 - 11 - 23), date!(2026 - 12 - 24));
    assert!(!home.late(Some(on_time), today));
    assert!(home.late(Some(date!(2026 - 11 - 22)), today));
    assert!(!home.late(None, today));
    let moving = state(&[scan("PU", 2)], false);
    assert!(moving.late(Some(on_time), date!(2026 - 11 - 24)));
    assert!(!moving.late(Some(on_time), on_time));
    assert!(!state(&[], true).late(Some(on_time), today), "cancelled is not late");
}

#[test]
fn the_timeline_shows_each_fact_once_oldest_first() {
    let mut placeless = scan("PU", 2);
    placeless.location = Default::default();
    let scans = [scan("DL", 30), placeless, scan("PU", 2), scan("IT", 9)];
    let facts: Vec<Fact> = scans.iter().map(fact).collect();
    let codes: Vec<&str> = timeline(&facts).iter().map(|f| f.scan.code.as_str()).collect();
    assert_eq!(codes, ["PU", "IT", "DL"]);
}

#[test]
fn a_page_has_a_size() {
    assert_eq!(page::limit(0), Some(50));
    assert_eq!(page::limit(500), Some(500));
    assert_eq!(page::limit(501), None);
}

pub(crate) fn pace() -> Pace {
    config().poll
}

pub(crate) fn config() -> crate::config::Config {
    let defaults = include_str!("../../config.default.toml");
    let section =
        colibri_kit::config::Config::load(&[("tracking", defaults)], None, std::iter::empty());
    section.unwrap().section("tracking").unwrap()
}

fn next(scans: &[Scan], change: impl FnOnce(&mut Situation<'_>)) -> Option<i64> {
    let state = state(scans, false);
    let mut situation = Situation {
        state: &state,
        purchased_at: BOUGHT,
        state_at: BOUGHT,
        news_at: BOUGHT,
        promised: None,
        pushed: false,
        misses: 0,
        now: BOUGHT + Duration::hours(20),
        spread: 500,
    };
    change(&mut situation);
    pace().next(&situation).map(|wait| wait.whole_minutes())
}

#[test]
fn intervals_follow_state_age_promise_and_pushes() {
    let moving = [scan("PU", 2), scan("IT", 9)];
    let on_round = [scan("PU", 2), scan("OD", 19)];
    let home = [scan("PU", 2), scan("DL", 19)];
    assert_eq!(next(&[], |_| {}), Some(240));
    assert_eq!(next(&moving, |_| {}), Some(120));
    assert_eq!(next(&on_round, |_| {}), Some(25));
    assert_eq!(next(&[scan("PU", 2), scan("NH", 19)], |_| {}), Some(120));
    assert_eq!(next(&home, |_| {}), Some(720));
    // The promised day.
    let promised = Some((BOUGHT + Duration::hours(20)).date());
    assert_eq!(next(&moving, |s| s.promised = promised), Some(30));
    assert_eq!(next(&home, |s| s.promised = promised), Some(720));
    // Pushes make polls rare, and never rarer than a day.
    assert_eq!(next(&moving, |s| s.pushed = true), Some(720));
    assert_eq!(next(&home, |s| s.pushed = true), Some(24 * 60));
    // Quiet, then silent.
    assert_eq!(next(&moving, |s| s.now = BOUGHT + Duration::days(6)), Some(360));
    assert_eq!(next(&moving, |s| s.now = BOUGHT + Duration::days(21)), Some(24 * 60));
}

#[test]
fn polling_ends() {
    let home = [scan("PU", 2), scan("DL", 19)];
    let after = |days| move |s: &mut Situation<'_>| s.now = BOUGHT + Duration::days(days);
    assert!(next(&home, after(14)).is_some());
    assert_eq!(next(&home, after(15)), None);
    assert!(next(&[scan("PU", 2)], after(119)).is_some());
    assert_eq!(next(&[scan("PU", 2)], after(121)), None);
    let cancelled = State::of([], true);
    let situation = Situation {
        state: &cancelled,
        purchased_at: BOUGHT,
        state_at: BOUGHT,
        news_at: BOUGHT,
        promised: None,
        pushed: false,
        misses: 0,
        now: datetime!(2026-11-22 10:00 UTC),
        spread: 0,
    };
    assert_eq!(pace().next(&situation), None);
}

#[test]
fn answers_that_tell_nothing_are_asked_for_less_and_less() {
    let waits: Vec<Option<i64>> = (1..=7).map(|misses| next(&[], |s| s.misses = misses)).collect();
    let expected = [60, 120, 240, 480, 960, 1440, 1440].map(Some);
    assert_eq!(waits, expected);
    assert_eq!(next(&[], |s| s.misses = u32::MAX), Some(1440));
}

#[test]
fn intervals_are_spread_evenly_around_their_middle() {
    assert_eq!(next(&[], |s| s.spread = 0), Some(204));
    assert_eq!(next(&[], |s| s.spread = 1000), Some(276));
    let spreads: Vec<u32> = (0..2000).map(|n| schedule::spread(Uuid::now_v7(), n)).collect();
    let mean = spreads.iter().sum::<u32>() / 2000;
    assert!((400..600).contains(&mean) && spreads.iter().all(|s| *s <= 1000), "{mean}");
    assert_ne!(schedule::spread(PARCEL, 1), schedule::spread(PARCEL, 2));
}
