//! Facts and tables.

use std::collections::BTreeSet;

use colibri_carriers::{
    Headline, MappedStatus, OptionKind, SubStatus, all, by_id,
    sim::{ScanFaults, SimOptions},
    simulator, statuses,
};

/// What the carriers' documents have. Elsewhere an option is refused by its name.
#[test]
fn who_must_deliver_on_saturdays_and_to_safe_places_does() {
    let expected: [(OptionKind, &[&str]); 2] = [
        (OptionKind::Saturday, &["chronopost", "dhl_express", "fedex", "gls", "ups"]),
        (OptionKind::SafePlace, &["dhl_express", "gls"]),
    ];
    for (kind, carriers) in expected {
        let sells =
            all().iter().map(|carrier| carrier.info()).filter(|i| i.options.contains(&kind));
        assert_eq!(sells.map(|info| info.id).collect::<Vec<_>>(), carriers, "{kind:?}");
    }
}

#[test]
fn facts_are_whole() {
    let ids: Vec<&str> = all().iter().map(|carrier| carrier.info().id).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted, "alphabetical, each once");
    for carrier in all() {
        let info = carrier.info();
        assert!(by_id(info.id).is_some_and(|found| found.info().id == info.id));
        assert!(!info.origins.is_empty() && !info.formats.is_empty() && !info.services.is_empty());
        assert!(info.weight_max.0 > 0 && info.length_max.0 > 0);
        assert!(info.hosts.iter().all(|(_, url)| url.starts_with("https://")), "{}", info.id);
        let once = |names: Vec<&str>| names.len() == names.iter().collect::<BTreeSet<_>>().len();
        assert!(once(info.account_fields.iter().map(|field| field.name).collect()));
        assert!(once(info.services.iter().map(|(code, _)| *code).collect()));
        assert!(once(info.hosts.iter().map(|(name, _)| *name).collect()));
        let polling = carrier.polling().map_or(1, |polling| polling.batch_max());
        assert!(polling > 0, "{}", info.id);
    }
    assert!(by_id("nobody").is_none() && statuses("nobody").is_none());
    let options = SimOptions { seed: 1, faults: ScanFaults::default() };
    assert!(simulator("nobody", options).is_none());
}

/// Under which headlines a sub-status may stand.
fn allowed(sub: SubStatus) -> &'static [Headline] {
    use {Headline as H, SubStatus as S};
    match sub {
        S::PickupScheduled => &[H::Created],
        S::DroppedOff => &[H::PickedUp],
        S::CustomsInProgress
        | S::CustomsCleared
        | S::WithPartner
        | S::Rerouted
        | S::HeldAtRequest => &[H::InTransit],
        S::CustomsHold | S::Weather | S::Rescheduled | S::PaymentRequired => &[H::Delayed],
        S::InfoRequired => &[H::Delayed, H::Exception],
        S::AvailableForPickup => &[H::OutForDelivery],
        S::Damaged => &[H::Exception, H::Delivered, H::Returned],
        S::PickupFailed
        | S::FailedAttempt
        | S::Expired
        | S::Refused
        | S::AddressProblem
        | S::Undeliverable
        | S::Lost
        | S::Destroyed
        | S::Seized
        | S::Investigation
        | S::Returning
        | S::Cancelled => &[H::Exception],
    }
}

/// States for which a carrier has no word: GLS tells neither lateness nor the way back, FedEx says
/// of a parcel that is back what it says of one that arrived, and of DPD France's hundreds of
/// numbers nine are publicly known.
const NEVER_SAID: &[(&str, Headline)] = &[
    ("dpd_fr", Headline::Delayed),
    ("dpd_fr", Headline::OutForDelivery),
    ("dpd_fr", Headline::Exception),
    ("dpd_fr", Headline::Returned),
    ("fedex", Headline::Returned),
    ("gls", Headline::Delayed),
    ("gls", Headline::Returned),
];

#[test]
fn status_tables_have_each_code_once_with_a_source_and_a_legal_state() {
    for carrier in all() {
        let id = carrier.info().id;
        let table = statuses(id).expect("a status table");
        let codes: BTreeSet<&str> = table.iter().map(|row| row.code).collect();
        assert_eq!(codes.len(), table.len(), "{id}: a code stands twice");
        for row in table {
            assert!(!row.code.is_empty() && !row.source.is_empty(), "{id} {}", row.code);
            match row.status {
                MappedStatus::State(headline, Some(sub)) => {
                    assert!(
                        allowed(sub).contains(&headline),
                        "{id} {}: {:?}",
                        row.code,
                        row.status
                    );
                }
                MappedStatus::State(_, None) | MappedStatus::NoChange => {}
                MappedStatus::Unknown => panic!("{id} {}: a row that knows nothing", row.code),
            }
        }
        let reached = |headline| {
            table.iter().any(|row| matches!(row.status, MappedStatus::State(h, _) if h == headline))
        };
        for headline in Headline::ALL {
            let said = !NEVER_SAID.contains(&(id, *headline));
            assert_eq!(reached(*headline), said, "{id}: {headline:?}");
        }
    }
}

/// The documented codes of a carrier with their meaning, beside its fixtures: written from its
/// documents before the connector was, so that the two can disagree.
fn documented(id: &str) -> Vec<(String, MappedStatus)> {
    let file = format!("{}/src/{id}/fixtures/statuses/status_map.tsv", env!("CARGO_MANIFEST_DIR"));
    let file = std::fs::read_to_string(&file).expect(&file);
    let mut lines = file.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let names = lines.next().expect("names of columns");
    let column = |name: &str| names.iter().position(|other| *other == name).expect(name);
    let (code, headline, sub) = (column("code"), column("headline"), column("sub_status"));
    let meaning = |row: &[&str]| match row[headline] {
        "no_change" => MappedStatus::NoChange,
        word => {
            let sub = row.get(sub).filter(|sub| !sub.is_empty());
            let sub = sub.map(|sub| SubStatus::parse(sub).expect(sub));
            MappedStatus::State(Headline::parse(word).expect(word), sub)
        }
    };
    lines.map(|row| (row[code].to_owned(), meaning(&row))).collect()
}

#[test]
fn every_documented_code_has_its_row() {
    for carrier in all() {
        let id = carrier.info().id;
        let table = statuses(id).expect("a status table");
        let documented = documented(id);
        assert!(!documented.is_empty(), "{id}");
        for (code, meaning) in documented {
            let row = table.iter().find(|row| row.code == code);
            assert_eq!(row.map(|row| row.status), Some(meaning), "{id} {code}");
        }
    }
}

#[test]
fn words_are_read_as_they_are_written() {
    for headline in Headline::ALL {
        assert_eq!(Headline::parse(headline.as_str()), Some(*headline));
    }
    for sub in SubStatus::ALL {
        assert_eq!(SubStatus::parse(sub.as_str()), Some(*sub));
    }
}

/// Whoever names no service gets one that the carrier sells on that way.
#[test]
fn every_service_has_a_way_back_that_is_sold() {
    let [fr, de, us] = ["FR", "DE", "US"].map(|code| code.parse().ok());
    for carrier in all().iter().filter(|carrier| carrier.returns().is_some()) {
        let info = carrier.info();
        for (out, _) in info.services {
            for from in [fr, de, us, None] {
                let back = carrier.service_back(out, from, fr);
                assert!(info.services.iter().any(|(code, _)| *code == back), "{} {out}", info.id);
                assert_eq!(carrier.service_back(back, from, fr), back, "{} {out}", info.id);
            }
        }
    }
    let back = |id, out, from| by_id(id).unwrap().service_back(out, from, fr).to_owned();
    assert_eq!(back("chronopost", "01", fr), "4T");
    assert_eq!(back("chronopost", "02", fr), "4S");
    assert_eq!(back("chronopost", "44", de), "3T");
    assert_eq!(back("colissimo", "DOM", fr), "CORE");
    assert_eq!(back("colissimo", "DOS", de), "CORI");
    assert_eq!(back("dpd_fr", "CLASSIC", fr), "RETOUR");
    assert_eq!(back("mondial_relay", "24R", fr), "LCC");
    assert_eq!(back("ups", "13", us), "03");
    assert_eq!(back("ups", "70", fr), "11");
    assert_eq!(back("ups", "11", fr), "11");
}
