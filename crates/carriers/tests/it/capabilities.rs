//! Each capability a carrier says it has: accepted and refused, at its simulator.

use colibri_carriers::{
    CarrierError, Contact, DeliveryOption, Found, ManifestRequest, OptionKind, PickupRequest,
    PointSearch, Purchase, ServicePoint, Shipment,
    sim::{Desk, DeskError, plain_abroad, plain_shipment},
};
use colibri_types::{Currency, Grams, Money};
use time::Duration;

use crate::world::{NOW, Suite, collection, stranger, worlds};

/// Questions that cost nothing, asked by an account that the carrier does not know.
fn refused<T: std::fmt::Debug>(id: &str, result: Result<T, CarrierError>) {
    let told =
        matches!(result, Err(CarrierError::Unauthorised { .. } | CarrierError::Refused { .. }));
    assert!(told, "{id}: {result:?}");
}

#[test]
fn prices_are_asked() {
    for mut world in worlds(31) {
        let Some(rates) = world.carrier.rates() else { continue };
        let shipment = world.shipment();
        let ask = |world: &mut Desk| {
            let request = rates.request(&world.call(), &shipment).unwrap();
            world.follow(request, |_, answer| rates.response(answer, &shipment))
        };
        let offers = ask(&mut world).unwrap();
        assert!(!offers.is_empty(), "{}", world.id());
        for offer in &offers {
            assert!(
                offer.total.amount_minor > 0 && !offer.name.is_empty(),
                "{} {offer:?}",
                world.id()
            );
            assert!(offers.iter().filter(|other| other.service == offer.service).count() == 1);
        }
        let ours = offers.iter().any(|offer| offer.service == shipment.service);
        assert!(ours, "{}: the asked service is not among {offers:?}", world.id());
        world.account = stranger(world.carrier);
        if world.token.is_none() {
            refused(world.id(), ask(&mut world));
        }
    }
}

#[test]
fn a_check_buys_nothing() {
    for mut world in worlds(32) {
        let Some(check) = world.carrier.check() else { continue };
        let shipment = world.shipment();
        let request = check.request(&world.call(), &shipment).unwrap();
        assert!(!world.buys(&request), "{}", world.id());
        world.follow(request, |_, answer| check.response(answer)).unwrap();
        assert!(world.sim.ledger().is_empty(), "{}", world.id());
    }
}

#[test]
fn accounts_are_proven() {
    for mut world in worlds(33) {
        let Some(check) = world.carrier.account_check() else {
            assert!(world.token.is_some(), "{}: nothing proves an account", world.id());
            continue;
        };
        let ask = |world: &mut Desk| {
            let request = check.request(&world.call());
            check.response(&world.send(&request))
        };
        ask(&mut world).unwrap();
        if world.token.is_none() {
            world.account = stranger(world.carrier);
            refused(world.id(), ask(&mut world));
        }
        assert!(world.sim.ledger().is_empty(), "{}", world.id());
    }
}

#[test]
fn collections_are_booked_and_called_off() {
    for mut world in worlds(34) {
        let Some(pickups) = world.carrier.pickups() else { continue };
        let shipment = world.shipment();
        let number = world.sold(&shipment).labels[0].tracking_number.clone();
        let mut wanted =
            PickupRequest { instructions: "Quai 3".to_owned(), ..collection(&shipment, &number) };
        if let Err(rejection) = pickups.request(&world.call(), &wanted) {
            // Only returns are fetched.
            assert_eq!(rejection.field, "tracking_numbers", "{}", world.id());
            let returns = world.carrier.returns().expect("something to fetch");
            let back = way_back(&world);
            wanted.address = back.sender.clone();
            let bought = world.buy_by(returns, &back).unwrap();
            wanted.tracking_numbers = vec![bought.labels[0].tracking_number.clone()];
        }
        let request = pickups.request(&world.call(), &wanted).unwrap();
        let pickup = world.follow(request, |_, answer| pickups.response(answer, &wanted)).unwrap();
        assert!(!pickup.confirmation.is_empty(), "{}", world.id());
        assert_eq!(pickup.date, wanted.date, "{}", world.id());
        let nowhere = PickupRequest { address: Contact::default(), ..wanted.clone() };
        let rejection = pickups.request(&world.call(), &nowhere).unwrap_err();
        assert!(rejection.field.starts_with("address"), "{} {rejection}", world.id());
        let upside_down =
            PickupRequest { ready: wanted.close, close: wanted.ready, ..wanted.clone() };
        let rejection = pickups.request(&world.call(), &upside_down).unwrap_err();
        assert!(matches!(rejection.field, "close" | "ready"), "{} {rejection}", world.id());
        if let Some(cancellation) = pickups.cancellation() {
            let request = cancellation.request(&world.call(), &pickup);
            let answer = world.send(&request);
            cancellation.response(&answer).unwrap();
            let mut other = pickup.clone();
            other.confirmation = "0000000".to_owned();
            let request = cancellation.request(&world.call(), &other);
            let answer = world.send(&request);
            assert!(cancellation.response(&answer).is_err(), "{}", world.id());
        }
    }
}

#[test]
fn days_are_closed() {
    for mut world in worlds(35) {
        let Some(manifests) = world.carrier.manifests() else { continue };
        let shipment = world.shipment();
        let bought = world.sold(&shipment);
        let number = bought.labels[0].tracking_number.clone();
        let wanted = ManifestRequest {
            reference: "MANIFEST0001".to_owned(),
            site: shipment.sender.clone(),
            date: NOW.date(),
            tracking_numbers: vec![number],
        };
        let request = manifests.request(&world.call(), &wanted).unwrap();
        let manifest = world.follow(request, |_, answer| manifests.response(answer)).unwrap();
        let paper = manifest.document.is_some_and(|(_, data)| data.starts_with(b"%PDF-"));
        if !paper && manifest.number.is_empty() {
            // Nothing to show for it: then the day is closed for voids.
            let voids = world.carrier.voids().expect("paper, a number, or an end of voids");
            let request = voids.request(&world.call(), &bought).unwrap();
            refused(world.id(), world.follow(request, |_, answer| voids.response(answer)));
        }
        let nothing = ManifestRequest { tracking_numbers: Vec::new(), ..wanted };
        let rejection = manifests.request(&world.call(), &nothing).unwrap_err();
        assert_eq!(rejection.field, "tracking_numbers", "{}", world.id());
    }
}

/// Points around the receiver, as asked for and as told.
fn points_near(world: &mut Desk, base: &Shipment) -> Vec<ServicePoint> {
    let points = world.carrier.service_points().expect("asked before");
    let wanted = PointSearch {
        near: base.recipient.clone(),
        ship_date: NOW.date(),
        weight: Grams(1_250),
        service: String::new(),
        limit: 5,
    };
    let request = points.request(&world.call(), &wanted).unwrap();
    let found = points.response(&world.send(&request)).unwrap();
    assert!((1..=5).contains(&found.len()), "{} {}", world.id(), found.len());
    for point in &found {
        assert!(!point.id.is_empty() && !point.name.is_empty(), "{}", world.id());
        assert!(!point.city.is_empty() && !point.postcode.is_empty(), "{}", world.id());
        let hours = point.hours.iter().flatten().flatten();
        assert!(hours.clone().all(|(from, to)| from < to), "{}", world.id());
    }
    let distances: Vec<_> = found.iter().filter_map(|point| point.distance_m).collect();
    assert!(distances.is_sorted(), "{} {distances:?}", world.id());
    found
}

/// The shipment, sent to the point by the first service that goes there.
fn sent_to_point(world: &Desk, base: &Shipment, point: &ServicePoint) -> Option<Shipment> {
    let address = Contact {
        company: point.name.clone(),
        lines: point.lines.clone(),
        city: point.city.clone(),
        postcode: point.postcode.clone(),
        country: point.country,
        ..Contact::default()
    };
    let id = point.id.clone();
    let option = DeliveryOption::ServicePoint { id, address: Some(Box::new(address)) };
    let lanes = [Shipment { options: vec![option], ..base.clone() }];
    world.sellable(world.labels(), &lanes).into_iter().next()
}

#[test]
fn points_are_found_and_sent_to() {
    for mut world in worlds(36) {
        let Some(_) = world.carrier.service_points() else { continue };
        let format = world.carrier.info().formats[0];
        let sold_to = world.carrier.info().options.contains(&OptionKind::ServicePoint);
        let mut fitting = None;
        // Some carriers go to points of another country only.
        for base in [plain_shipment(format, NOW.date()), plain_abroad(format, NOW.date())] {
            let found = points_near(&mut world, &base);
            fitting = fitting.or(sent_to_point(&world, &base, &found[0]));
            if fitting.is_some() || !sold_to {
                break;
            }
        }
        if sold_to {
            world.sold(&fitting.expect("a service to points"));
        }
    }
}

/// A shipment back from a customer that the carrier takes.
fn way_back(world: &Desk) -> Shipment {
    let returns = world.carrier.returns().expect("asked before");
    let turn = |mut there: Shipment| {
        std::mem::swap(&mut there.sender, &mut there.recipient);
        there
    };
    let format = world.carrier.info().formats[0];
    let day = NOW.date();
    let lanes = [turn(plain_shipment(format, day)), turn(plain_abroad(format, day))];
    let back = world.sellable(returns, &lanes).into_iter().next();
    back.unwrap_or_else(|| panic!("{}: no way back", world.id()))
}

#[test]
fn labels_for_the_way_back_are_bought() {
    for mut world in worlds(37) {
        let Some(returns) = world.carrier.returns() else { continue };
        let back = way_back(&world);
        let request = returns.request(&world.call(), &back).unwrap();
        assert!(world.buys(&request), "{}: a return costs", world.id());
        let purchase = world.buy_by(returns, &back).unwrap();
        assert_eq!(purchase.labels.len(), 1, "{}", world.id());
        assert_eq!(world.sim.ledger().len(), 1, "{}", world.id());
    }
}

/// Some carriers know a parcel minutes after they sold it, and say so: asked again within the hour,
/// they void it.
fn void_within_the_hour(world: &mut Desk, purchase: &Purchase) {
    loop {
        match world.void(purchase) {
            Ok(()) => break,
            Err(DeskError::Carrier(CarrierError::Later { retry_after, .. }))
                if world.now < NOW + Duration::HOUR =>
            {
                let wait = retry_after.map_or(60, |wait| wait.as_secs().max(1));
                let now = world.now + Duration::seconds(i64::try_from(wait).unwrap());
                world.wait_until(now).unwrap();
            }
            Err(error) => panic!("{}: {error:?}", world.id()),
        }
    }
}

#[test]
fn bought_labels_are_voided_once_where_carriers_do_that() {
    for mut world in worlds(38) {
        let Some(voids) = world.carrier.voids() else { continue };
        let mut shipment = world.shipment();
        let most = usize::from(world.carrier.info().parcels_max);
        for count in [1, 3.min(most)] {
            shipment.parcels.resize(count, shipment.parcels[0].clone());
            let before = world.sim.ledger().len();
            let purchase = world.sold(&shipment);
            let parts = voids.parts(&purchase).len();
            assert!(parts == 1 || parts == count, "{}: {parts} of {count}", world.id());
            void_within_the_hour(&mut world, &purchase);
            let entries = &world.sim.ledger()[before..];
            let mut numbers: Vec<_> =
                entries.iter().map(|e| (e.kind, &e.tracking_number)).collect();
            numbers.sort();
            let mut expected: Vec<_> = purchase
                .labels
                .iter()
                .flat_map(|label| ["label", "void"].map(|kind| (kind, &label.tracking_number)))
                .collect();
            expected.sort();
            assert_eq!(numbers, expected, "{}: every parcel of {count}", world.id());
        }
    }
}

#[test]
fn several_parcels_get_a_label_each() {
    for mut world in worlds(39) {
        let mut shipment = world.shipment();
        let parcel = shipment.parcels[0].clone();
        let most = usize::from(world.carrier.info().parcels_max);
        shipment.parcels = vec![parcel.clone(); most + 1];
        let rejection = world.labels().request(&world.call(), &shipment).unwrap_err();
        assert_eq!(rejection.field, "parcels", "{}", world.id());
        if most == 1 {
            continue;
        }
        shipment.parcels = vec![parcel; 3.min(most)];
        let purchase = world.sold(&shipment);
        assert_eq!(purchase.labels.len(), shipment.parcels.len(), "{}", world.id());
        let mut numbers: Vec<_> =
            purchase.labels.iter().map(|label| label.tracking_number.clone()).collect();
        numbers.sort();
        numbers.dedup();
        assert_eq!(numbers.len(), shipment.parcels.len(), "{}: a number twice", world.id());
        assert_eq!(world.sim.ledger().len(), shipment.parcels.len(), "{}", world.id());
    }
}

#[test]
fn options_that_a_carrier_does_not_list_are_rejected() {
    let money = Money::new(5_000, Currency::EUR);
    let all = [
        DeliveryOption::Signature,
        DeliveryOption::Saturday,
        DeliveryOption::Insurance(money),
        DeliveryOption::CashOnDelivery(money),
        DeliveryOption::ServicePoint { id: "012345".to_owned(), address: None },
        DeliveryOption::SafePlace("behind the gate".to_owned()),
    ];
    assert_eq!(all.len(), OptionKind::ALL.len());
    for world in worlds(40) {
        for option in &all {
            let listed = world.carrier.info().options.contains(&option.kind());
            if listed {
                continue;
            }
            let options = vec![option.clone()];
            let asked = Shipment { options, ..world.shipment() };
            let rejection = world.labels().request(&world.call(), &asked).unwrap_err();
            assert_eq!(rejection.field, "options", "{} {option:?}", world.id());
        }
    }
}

#[test]
fn lost_purchases_are_found_by_our_reference_and_others_are_not() {
    for mut world in worlds(41) {
        let Some(lookup) = world.carrier.lookup() else { continue };
        let shipment = world.shipment();
        let bought = world.sold(&shipment);
        let other = Shipment { attempt_ref: "ATT0000000999".to_owned(), ..shipment.clone() };
        for (question, expected) in [(&shipment, true), (&other, false)] {
            let later = NOW + lookup.settle() + Duration::minutes(1);
            world.wait_until(later).unwrap();
            let found = world.find(question).unwrap();
            match found {
                Found::Purchase(found) if expected => {
                    assert_eq!(found.shipment_number, bought.shipment_number, "{}", world.id());
                }
                Found::Nothing if !expected => {}
                other => panic!("{} expected {expected}: {other:?}", world.id()),
            }
        }
    }
}
