//! A wrong shipment is told with its field and the carrier's limit, and never with what was written.

use colibri_carriers::{Call, Labels, Rejection, Shipment};
use colibri_types::{Grams, Millimetres};

use crate::world::{Suite, worlds};

/// Stands in a field, and must stand in no reason.
const CANARY: &str = "Zebulon";
const CANARY_DIGITS: &str = "7318529";

/// Who print the words of a name that fit, and deliver: there a long name is no reason to refuse.
const CUT_NAMES: &[&str] = &["dhl_express", "fedex", "gls", "ups"];

/// How a limit is told: a figure with its unit, or that something is needed at all.
fn tells_a_limit(reason: &str) -> bool {
    let figure = reason.chars().any(|c| c.is_ascii_digit())
        || ["one ", "two ", "three ", "five ", "nine "].iter().any(|word| reason.contains(word));
    let units = ["character", "letter", "digit", "kg", " g", " cm", " mm", " m", "line", "parcel"];
    figure && units.iter().any(|unit| reason.contains(unit))
}

/// The first refusal of a shipment that was good before it was changed.
fn refused(
    labels: &dyn Labels,
    call: &Call<'_>,
    good: &Shipment,
    change: impl Fn(&mut Shipment),
) -> Rejection {
    let mut shipment = good.clone();
    change(&mut shipment);
    labels.request(call, &shipment).expect_err("beyond the limit")
}

#[test]
fn name_postcode_and_weight_are_refused_with_field_and_limit() {
    for world in worlds(71) {
        let (labels, good, call) = (world.labels(), world.shipment(), world.call());
        let limit = |field: &str, change: &dyn Fn(&mut Shipment)| {
            let no = refused(labels, &call, &good, change);
            assert_eq!(no.field, field, "{}: {no}", world.id());
            assert!(tells_a_limit(&no.reason), "{}: {no} tells no limit", world.id());
        };
        if CUT_NAMES.contains(&world.id()) {
            let mut long = good.clone();
            long.recipient.name = format!("{CANARY} ").repeat(400);
            let body = labels.request(&call, &long).expect("a name is cut").body;
            let sent = String::from_utf8_lossy(&body);
            assert!((1..100).contains(&sent.matches(CANARY).count()), "{}", world.id());
            limit("recipient.lines", &|s| s.recipient.lines = vec!["A".repeat(300)]);
        } else {
            limit("recipient.name", &|s| s.recipient.name = format!("{CANARY} ").repeat(400));
        }
        limit("recipient.postcode", &|s| s.recipient.postcode.clear());
        limit("parcels.weight", &|s| s.parcels[0].weight = Grams(999_000));
    }
}

/// What a caller might write where, each with the canary in it.
fn spoilt(good: &Shipment) -> Vec<(&'static str, Shipment)> {
    let words = [
        CANARY.to_owned(),
        CANARY_DIGITS.to_owned(),
        format!("{CANARY} ").repeat(60),
        CANARY.repeat(60),
        CANARY_DIGITS.repeat(40),
        format!("{CANARY}\u{1f4e6}"),
        format!("\u{4e2d}\u{6587}{CANARY}"),
        format!("{CANARY}@@@{CANARY}"),
        format!("+{CANARY_DIGITS}+x"),
    ];
    type Put = fn(&mut Shipment, String);
    let places: &[(&'static str, Put)] = &[
        ("attempt_ref", |s, w| s.attempt_ref = w),
        ("order_number", |s, w| s.order_number = w),
        ("service", |s, w| s.service = w),
        ("sender.name", |s, w| s.sender.name = w),
        ("sender.company", |s, w| s.sender.company = w),
        ("sender.lines", |s, w| s.sender.lines = vec![w; 5]),
        ("sender.phone", |s, w| s.sender.phone = w),
        ("recipient.name", |s, w| s.recipient.name = w),
        ("recipient.company", |s, w| s.recipient.company = w),
        ("recipient.line", |s, w| s.recipient.lines = vec![w]),
        ("recipient.lines", |s, w| s.recipient.lines = vec![w; 5]),
        ("recipient.city", |s, w| s.recipient.city = w),
        ("recipient.postcode", |s, w| s.recipient.postcode = w),
        ("recipient.subdivision", |s, w| s.recipient.subdivision = w),
        ("recipient.phone", |s, w| s.recipient.phone = w),
        ("recipient.email", |s, w| s.recipient.email = w),
        ("parcels.parcel_id", |s, w| s.parcels[0].parcel_id = w),
        ("parcels.weight", |s, _| s.parcels[0].weight = Grams(7_318_529)),
        ("parcels.dimensions", |s, _| {
            s.parcels[0].dimensions.as_mut().unwrap().width = Millimetres(7_318_529);
        }),
    ];
    let each = |word: &String| {
        let put = |(place, put): &(&'static str, Put)| {
            let mut shipment = good.clone();
            put(&mut shipment, word.clone());
            (*place, shipment)
        };
        places.iter().map(put).collect::<Vec<_>>()
    };
    words.iter().flat_map(each).collect()
}

#[test]
fn no_reason_quotes_what_was_written() {
    for world in worlds(72) {
        let mut refusals = 0;
        let info = world.carrier.info();
        let sold = [Some(world.labels()), world.carrier.returns()];
        for labels in sold.into_iter().flatten() {
            let base = world.shipment();
            for (service, _) in info.services {
                let good = Shipment { service: (*service).to_owned(), ..base.clone() };
                for (place, shipment) in spoilt(&good) {
                    let Err(no) = labels.request(&world.call(), &shipment) else { continue };
                    refusals += 1;
                    let told = no.to_string();
                    let quoted = ["zebulon", "7318529", "7318", "318 5"];
                    let lower = told.to_lowercase();
                    let quoted = quoted.iter().find(|canary| lower.contains(**canary));
                    assert_eq!(quoted, None, "{} quotes {place}: {told}", info.id);
                    assert!(no.reason.chars().count() <= 120, "{}: {told} is long", info.id);
                }
            }
        }
        assert!(refusals > 50, "{}: {refusals} refusals say little", info.id);
    }
}
