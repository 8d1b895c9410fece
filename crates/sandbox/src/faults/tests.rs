#![allow(clippy::unwrap_used, reason = "tests")]
use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<FaultProfile, FaultProfileError> {
    text.parse()
}

#[test]
fn a_name_alone_means_every_request_and_an_aim_wins_wherever_it_is() {
    let profile = parse("buy.lost-answer=0.5, lost-answer=0.1,other.5xx=0.2,429=0.05").unwrap();
    assert_eq!((profile.buy.lost_answer, profile.other.lost_answer), (0.5, 0.1));
    assert_eq!((profile.buy.server_error, profile.other.server_error), (0.0, 0.2));
    assert_eq!((profile.buy.too_many, profile.other.too_many), (0.05, 0.05));
}

#[test]
fn every_documented_name_is_read() {
    let text = "slow=0.05:2000ms,5xx=0.01,5xx-after-commit=0.01,429=0.02,lost-answer=0.02,\
                truncated=0.01,html=0.005,garbled=0.01,wrong-type=0.01,duplicate-scan=0.1,\
                out-of-order=0.2,late-scan=0.3,unknown-code=0.4";
    let profile = parse(text).unwrap();
    assert_eq!((profile.buy.slow, profile.buy.slow_ms), (0.05, 2000));
    let scans = profile.scans;
    let told = [scans.duplicate_scan, scans.out_of_order, scans.late_scan, scans.unknown_code];
    assert_eq!(told, [0.1, 0.2, 0.3, 0.4]);
    assert!(Fault::ALL.into_iter().all(|fault| profile.buy.of(fault) > 0.0));
    assert_eq!(profile.buy, profile.other);
    assert_eq!(parse("slow=1:3s").unwrap().buy.slow_ms, 3000);
    assert_eq!(parse(" ").unwrap(), FaultProfile::default());
}

#[test]
fn what_makes_no_sense_is_named() {
    use FaultProfileError::{Delay, Probability, Shape, Sum, Twice, Unknown};
    let own = str::to_owned;
    for (text, error) in [
        ("lost", Shape(own("lost"))),
        ("lost=0.1", Unknown(own("lost"))),
        ("sell.5xx=0.1", Unknown(own("sell.5xx"))),
        ("buy.late-scan=0.1", Unknown(own("buy.late-scan"))),
        ("html=2", Probability(own("html"))),
        ("html=-0.1", Probability(own("html"))),
        ("html=NaN", Probability(own("html"))),
        ("buy.html=often", Probability(own("buy.html"))),
        ("late-scan=1.5", Probability(own("late-scan"))),
        ("html=0.1,html=0.2", Twice(own("html"))),
        ("slow=0.1", Delay),
        ("slow=0.1:fast", Delay),
        ("slow=0.1:601s", Delay),
        ("html=0.6,other.garbled=0.6", Sum("other")),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
    }
}

#[test]
fn json_knows_the_same_names_and_no_others() {
    let json = r#"{"buy":{"5xx-after-commit":0.5,"wrong-type":0.1},"scans":{"late_scan":1.0}}"#;
    let profile: FaultProfile = serde_json::from_str(json).unwrap();
    assert_eq!(profile, parse("buy.5xx-after-commit=0.5,buy.wrong-type=0.1,late-scan=1").unwrap());
    assert!(serde_json::from_str::<FaultProfile>(r#"{"buy":{"lost":0.5}}"#).is_err());
    assert!(serde_json::from_str::<FaultProfile>(r#"{"sell":{}}"#).is_err());
}

#[test]
fn certain_faults_always_happen_and_impossible_ones_never() {
    for fault in Fault::ALL {
        let mut wire = WireFaults::default();
        assert!((0..500).all(|key| wire.decide(key).fault.is_none()));
        *wire.of_mut(fault) = 1.0;
        assert!((0..500).all(|key| wire.decide(key).fault == Some(fault)), "{fault:?}");
    }
    let slow = WireFaults { slow: 1.0, slow_ms: 7, ..WireFaults::default() };
    let delay = Some(Duration::from_millis(7));
    assert!((0..500).all(|key| slow.decide(key).slow == delay));
}

#[test]
fn faults_happen_as_often_as_asked() {
    let wire = parse("lost-answer=0.02,truncated=0.1,slow=0.5:1ms").unwrap().buy;
    let decisions: Vec<Decision> = (0..20_000).map(|key| wire.decide(key)).collect();
    let count = |fault| decisions.iter().filter(|one| one.fault == Some(fault)).count();
    assert!((340..=460).contains(&count(Fault::LostAnswer)), "{}", count(Fault::LostAnswer));
    assert!((1_850..=2_150).contains(&count(Fault::Truncated)), "{}", count(Fault::Truncated));
    // Slowness is drawn apart from the fault.
    let both = decisions.iter().filter(|one| one.slow.is_some() && one.fault.is_some()).count();
    assert!((1_080..=1_320).contains(&both), "{both}");
}

fn wire() -> impl Strategy<Value = WireFaults> {
    (prop::array::uniform8(0_u32..=125), 0_u32..=1000, 1_u32..=600_000).prop_map(
        |(chances, slow, slow_ms)| {
            let mut wire = WireFaults::default();
            for (fault, chance) in Fault::ALL.into_iter().zip(chances) {
                *wire.of_mut(fault) = f64::from(chance) / 1000.0;
            }
            wire.slow = f64::from(slow) / 1000.0;
            wire.slow_ms = if slow == 0 { 0 } else { slow_ms };
            wire
        },
    )
}

fn scans() -> impl Strategy<Value = colibri_carriers::sim::ScanFaults> {
    prop::array::uniform5(0_u32..=1000).prop_map(|chances| {
        let [duplicate_scan, out_of_order, late_scan, unknown_code, lost_parcel] =
            chances.map(|chance| f64::from(chance) / 1000.0);
        ScanFaults { duplicate_scan, out_of_order, late_scan, unknown_code, lost_parcel }
    })
}

proptest! {
    #[test]
    fn text_and_json_give_the_profile_back(buy in wire(), other in wire(), scans in scans()) {
        let profile = FaultProfile { buy, other, scans };
        prop_assert_eq!(profile.to_string().parse(), Ok(profile));
        let json = serde_json::to_string(&profile).unwrap();
        prop_assert_eq!(serde_json::from_str::<FaultProfile>(&json).unwrap(), profile);
    }

    #[test]
    fn any_text_gets_a_verdict(text in "\\PC{0,40}") {
        if let Ok(profile) = parse(&text) {
            prop_assert_eq!(profile.validate(), Ok(()));
        }
    }
}
