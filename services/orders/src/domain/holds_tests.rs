#![allow(clippy::unwrap_used, reason = "tests")]
use proptest::prelude::*;

use super::*;
use crate::domain::facts::Line;

const RULES: Rules = Rules { packaging_weight_g: 0, authorized_ships: false };

fn line(quantity: u32, weight_g: Option<u32>) -> Line {
    Line {
        sku: "A".into(),
        name: String::new(),
        quantity,
        price_minor: 100,
        weight_g,
        hs: None,
        origin: None,
    }
}

fn facts() -> Facts {
    Facts {
        country: Some(colibri_types::Country::FR),
        zone: "69003".into(),
        residential: true,
        currency: colibri_types::Currency::EUR,
        total_minor: 200,
        lines: vec![line(2, Some(300))],
        parcels: Vec::new(),
        shipping_minor: None,
        wanted_by: None,
        placed_at: None,
        site_code: String::new(),
        payment: String::new(),
        test: false,
        options: Vec::new(),
        insured_minor: None,
        collect_minor: None,
        service_point: None,
        channel_holds: Vec::new(),
    }
}

fn site(code: &str, country: &str, zone: &str) -> Site {
    let site_id = colibri_types::SiteId::generate();
    Site { site_id, code: code.into(), country: country.into(), zone: zone.into() }
}

fn found(facts: &Facts, sites: &[Site], rules: &Rules) -> Vec<String> {
    let checked = check(facts, &[], sites, rules);
    checked.reasons.into_iter().map(|reason| reason.code).collect()
}

#[test]
fn only_a_settled_payment_ships() {
    let sites = [site("lyon", "FR", "69003")];
    let reserved = Rules { authorized_ships: true, ..RULES };
    for (payment, held, held_if_reserved_ships) in [
        ("", false, false),
        ("paid", false, false),
        ("partially_refunded", false, false),
        ("authorized", true, false),
        ("pending", true, true),
        ("partially_paid", true, true),
        ("refunded", true, true),
        ("voided", true, true),
        ("cash_on_delivery", true, true),
        ("Paid", true, true),
        ("unheard_of", true, true),
    ] {
        let facts = Facts { payment: payment.into(), ..facts() };
        for (rules, held) in [(RULES, held), (reserved, held_if_reserved_ships)] {
            let wanted: &[&str] = if held { &[UNPAID] } else { &[] };
            assert_eq!(found(&facts, &sites, &rules), wanted, "{payment}");
        }
    }
}

#[test]
fn borders_are_those_of_customs_and_of_tax() {
    for (from, to, border) in [
        (("FR", "69003"), ("FR", "75008"), false),
        (("FR", "69003"), ("DE", "10115"), false),
        (("FR", "69003"), ("FR", "97410"), true),
        (("FR", "69003"), ("FR", "98000"), false),
        (("FR", "69003"), ("MC", "98000"), false),
        (("FR", "69003"), ("CH", "3011"), true),
        (("FR", "69003"), ("GB", "SW1A"), true),
        (("FR", "69003"), ("GB", "BT1"), false),
        (("FR", "69003"), ("ES", "35001"), true),
        (("FR", "97410"), ("FR", "97410"), false),
        (("GB", "SW1A"), ("GB", "M2"), false),
        (("US", "22162"), ("CA", "H3Z"), true),
    ] {
        let sites = [site("s", from.0, from.1)];
        let facts = Facts { country: to.0.parse().ok(), zone: to.1.into(), ..facts() };
        let checked = check(&facts, &[], &sites, &RULES);
        assert_eq!(checked.border, border, "{from:?} {to:?}");
        assert_eq!(checked.reasons, [], "a border alone holds nothing: customs decide");
    }
}

#[test]
fn parcels_are_those_given_or_one_of_all_lines() {
    let sites = [site("lyon", "FR", "69003")];
    let rules = Rules { packaging_weight_g: 120, ..RULES };
    let checked = check(&facts(), &[], &sites, &rules);
    assert_eq!(checked.parcels, [Parcel { weight_g: 720, size_mm: None }]);
    let given = Parcel { weight_g: 900, size_mm: Some([300, 200, 100]) };
    let unknown = vec![line(1, None)];
    let with_parcel = Facts { parcels: vec![given], lines: unknown.clone(), ..facts() };
    assert_eq!(check(&with_parcel, &[], &sites, &rules).parcels, [given]);
    let without = Facts { lines: unknown, ..facts() };
    assert_eq!(found(&without, &sites, &rules), [WEIGHT_MISSING]);
    for (parcel, held) in [
        (Parcel { weight_g: 1, size_mm: None }, false),
        (Parcel { weight_g: 1_000_000, size_mm: Some([5000, 1, 1]) }, false),
        (Parcel { weight_g: 0, size_mm: None }, true),
        (Parcel { weight_g: 1_000_001, size_mm: None }, true),
        (Parcel { weight_g: 1, size_mm: Some([1, 5001, 1]) }, true),
    ] {
        let facts = Facts { parcels: vec![given, parcel], ..facts() };
        let wanted: &[&str] = if held { &[PARCEL_LIMITS] } else { &[] };
        assert_eq!(found(&facts, &sites, &rules), wanted, "{parcel:?}");
    }
    // A weight beyond 32 bits is no small one.
    let heavy = Facts { lines: vec![line(100_000, Some(1_000_000)); 1000], ..facts() };
    assert_eq!(found(&heavy, &sites, &rules), [PARCEL_LIMITS]);
}

#[test]
fn who_may_overrule_what_is_a_list() {
    for (code, may) in [
        (UNPAID, true),
        (TEST_ORDER, true),
        (CHANNEL_HOLD, true),
        ("ADR0010", true),
        ("ADR0003", false),
        (WEIGHT_MISSING, false),
        (MANUAL, false),
        ("", false),
        ("ORD0001", false),
    ] {
        assert_eq!(overrulable(code), may, "{code}");
    }
    for code in ADDRESS_OVERRULABLE {
        assert!(!detail(code).is_empty(), "{code} is no code of an address");
    }
}

proptest! {
    /// An order goes exactly when nothing is found, and then it has a site, and parcels that fit.
    #[test]
    fn what_goes_has_a_site_and_parcels_in_their_limits(
        weights in proptest::collection::vec(
            (1_u32..50, proptest::option::of(0_u32..500_000)), 1..5),
        parcels in proptest::collection::vec(0_u32..1_500_000, 0..4),
        wish in prop_oneof![Just(""), Just("a"), Just("b"), Just("x")],
        country in prop_oneof![Just("FR"), Just("DE"), Just("CH")],
        sites in 0_usize..3,
    ) {
        let all = [site("a", "DE", "10115"), site("b", "FR", "69003")];
        let facts = Facts {
            lines: weights.iter().map(|(n, g)| line(*n, *g)).collect(),
            parcels: parcels.iter().map(|g| Parcel { weight_g: *g, size_mm: None }).collect(),
            site_code: wish.into(),
            country: country.parse().ok(),
            zone: String::new(),
            ..facts()
        };
        let checked = check(&facts, &[], &all[..sites], &RULES);
        prop_assert_eq!(&checked, &check(&facts, &[], &all[..sites], &RULES));
        if checked.reasons.is_empty() {
            let site = checked.site.as_ref().unwrap();
            prop_assert!(wish.is_empty() || site.code == wish);
            prop_assert!(!checked.parcels.is_empty());
            prop_assert!(checked.parcels.iter().all(|p| (1..=1_000_000).contains(&p.weight_g)));
            prop_assert_eq!(checked.border, country == "CH");
        } else {
            let known = |r: &Reason| ALL.iter().any(|hold| hold.code == r.code);
            prop_assert!(checked.reasons.iter().all(known));
        }
    }
}
