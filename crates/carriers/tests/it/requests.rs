//! What is known before any call.

use colibri_carriers::{LabelFormat, Shipment, all};
use colibri_types::{Grams, Millimetres};

use crate::world::{CANARY, Suite, account, worlds};

#[test]
fn an_account_without_a_required_field_is_refused_by_its_name() {
    for carrier in all() {
        let whole = account(*carrier);
        assert!(carrier.auth(&whole).is_ok());
        for field in carrier.info().account_fields.iter().filter(|field| field.required) {
            let mut account = whole.clone();
            account.fields.remove(field.name);
            let error = carrier.auth(&account).expect_err(field.name);
            assert_eq!(error.field, field.name, "{}", carrier.info().id);
        }
    }
}

#[test]
fn limits_are_rejected_before_a_call_with_the_fields_name() {
    type Change = fn(&mut Shipment);
    let changes: &[(&str, Change)] = &[
        ("parcels", |s| s.parcels.clear()),
        ("parcels", |s| s.parcels[0].weight = Grams(0)),
        ("parcels", |s| s.parcels[0].weight = Grams::MAX),
        ("parcels", |s| {
            s.parcels[0].dimensions.as_mut().unwrap().length = Millimetres(100_000);
        }),
        ("service", |s| s.service = "no such service".to_owned()),
        ("recipient", |s| s.recipient.country = None),
        ("recipient", |s| s.recipient.city.clear()),
        ("recipient", |s| s.recipient.lines.clear()),
        ("recipient", |s| s.recipient.lines = vec!["A".repeat(300)]),
        ("recipient", |s| s.recipient.postcode = "A".repeat(300)),
        ("sender", |s| s.sender.country = "CN".parse().ok()),
    ];
    for world in worlds(1) {
        let labels = world.labels();
        let good = world.shipment();
        for (root, change) in changes {
            let mut shipment = good.clone();
            change(&mut shipment);
            let call = world.call();
            let rejection = labels.request(&call, &shipment).expect_err(root);
            let named = rejection.field.split('.').next().unwrap();
            assert_eq!(named, *root, "{}: {rejection}", world.id());
            assert!(!rejection.reason.contains("AAAA"), "{}: quotes the value", world.id());
        }
        for format in LabelFormat::ALL {
            let asked = Shipment { format: *format, ..good.clone() };
            let offered = world.carrier.info().formats.contains(format);
            let result = labels.request(&world.call(), &asked);
            assert_eq!(result.is_ok(), offered, "{} {format:?}", world.id());
            assert!(result.is_ok() || result.is_err_and(|r| r.field == "format"));
        }
    }
}

#[test]
fn debug_shows_no_secret_and_no_person() {
    for mut world in worlds(2) {
        let shipment = world.shipment();
        let request = world.labels().request(&world.call(), &shipment).unwrap();
        let purchase = world.sold(&shipment);
        let number = purchase.labels[0].tracking_number.clone();
        let (answer, replies) = world.poll(std::slice::from_ref(&number)).unwrap();
        let polling = world.carrier.polling().unwrap();
        let poll = polling.request(&world.call(), std::slice::from_ref(&number));
        let told = format!(
            "{:?} {:?} {:?} {request:?} {poll:?} {answer:?} {shipment:?} {purchase:?}",
            world.account,
            world.carrier.auth(&world.account),
            world.token,
        );
        for secret in [CANARY, "Exemple", "Fictive", "alix@", &number] {
            assert!(!told.contains(secret), "{} shows {secret}: {told}", world.id());
        }
        assert!(matches!(replies.as_slice(), [colibri_carriers::PollReply::Track(_)]));
    }
}
