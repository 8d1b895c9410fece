//! Recorded forms of answers, each with what it must be read as.

use super::*;
use crate::ServicePoint;

#[test]
fn purchases_are_bought_refused_or_in_doubt() {
    let mut seen = 0;
    for case in FIXTURES.cases("buy_") {
        let shipment = if case.starts_with("buy_several") { several(2) } else { shipment() };
        let labels = match case.contains("retour") {
            true => CARRIER.returns().unwrap(),
            false => CARRIER.labels().unwrap(),
        };
        let told = match labels.response(&FIXTURES.response(&case), &shipment) {
            Ok(Step::Done(purchase)) => bought(&purchase),
            Ok(Step::Next(_)) => panic!("{case}: one call buys"),
            Err(told) => error(&told),
        };
        assert_told(&case, &told);
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}

#[test]
fn voids_are_done_refused_or_asked_again() {
    for case in FIXTURES.cases("void_") {
        let told = match CARRIER.voids().unwrap().response(&FIXTURES.response(&case)) {
            Ok(Step::Done(())) => json!("void"),
            Ok(Step::Next(_)) => panic!("{case}: one call voids"),
            Err(told) => error(&told),
        };
        assert_told(&case, &told);
    }
    assert!(FIXTURES.cases("void_").len() >= 3);
}

#[test]
fn lost_purchases_are_found_missing_or_unclear() {
    let account = account();
    for case in FIXTURES.cases("lookup_") {
        let shipment = if case.contains("several") { several(2) } else { shipment() };
        let lookup = CARRIER.lookup().unwrap();
        let told = match lookup.response(&call(&account), &FIXTURES.response(&case), &shipment) {
            Ok(step) => found(&step),
            Err(told) => error(&told),
        };
        assert_told(&case, &told);
    }
    assert!(FIXTURES.cases("lookup_").len() >= 8);
}

#[test]
fn a_day_to_come_proves_nothing() {
    let account = account();
    let later = Shipment { ship_date: date!(2026 - 11 - 21), ..shipment() };
    let unknown = FIXTURES.response("lookup_traced_unknown");
    let told = CARRIER.lookup().unwrap().response(&call(&account), &unknown, &later);
    assert!(matches!(told, Ok(Step::Done(Found::Unclear(_)))), "{told:?}");
    // Half past eleven in the evening in London is the next day in Paris.
    let mut call = call(&account);
    call.now = datetime!(2026-11-20 23:30 UTC);
    let told = CARRIER.lookup().unwrap().response(&call, &unknown, &later);
    assert!(matches!(told, Ok(Step::Done(Found::Nothing))), "{told:?}");
}

#[test]
fn pickups_are_booked_refused_or_in_doubt() {
    for case in FIXTURES.cases("pickup_") {
        let told = match CARRIER.pickups().unwrap().response(&FIXTURES.response(&case), &pickup()) {
            Ok(Step::Done(pickup)) => {
                json!({ "confirmation": pickup.confirmation, "date": pickup.date.to_string() })
            }
            Ok(Step::Next(_)) => panic!("{case}: one call books"),
            Err(told) => error(&told),
        };
        assert_told(&case, &told);
    }
    assert!(FIXTURES.cases("pickup_").len() >= 3);
}

#[test]
fn accounts_work_or_do_not() {
    for case in FIXTURES.cases("account_") {
        let told = match CARRIER.account_check().unwrap().response(&FIXTURES.response(&case)) {
            Ok(()) => json!("works"),
            Err(told) => error(&told),
        };
        assert_told(&case, &told);
    }
    assert!(FIXTURES.cases("account_").len() >= 3);
}

fn point(point: &ServicePoint) -> Value {
    let hours = point.hours.as_ref().map(|week| {
        let slot = |(from, to): &(time::Time, time::Time)| format!("{from}-{to}");
        week.iter().map(|day| day.iter().map(slot).collect::<Vec<_>>()).collect::<Vec<_>>()
    });
    let closures: Vec<String> =
        point.closures.iter().map(|(from, to)| format!("{from}..{to}")).collect();
    json!({
        "id": point.id, "name": point.name, "lines": point.lines, "postcode": point.postcode,
        "city": point.city, "position": point.position, "distance_m": point.distance_m,
        "hours": hours, "closures": closures, "locker": point.locker,
    })
}

#[test]
fn relays_are_read_nearest_first_without_those_that_cannot_be_sent_to() {
    for case in FIXTURES.cases("points_") {
        let told = match CARRIER.service_points().unwrap().response(&FIXTURES.response(&case)) {
            Ok(points) => Value::from(points.iter().map(point).collect::<Vec<_>>()),
            Err(told) => error(&told),
        };
        assert_told(&case, &told);
    }
    assert!(FIXTURES.cases("points_").len() >= 3);
}
