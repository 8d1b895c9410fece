//! Choosing.

use time::macros::datetime;

use super::support::*;
use crate::domain::{
    Choice, Code, DecidedBy, LatePolicy, Outcome, Preference, Rating, SelectionRules, Standing,
    Tariff, choose,
};

/// A tariff with one price and one transit time.
fn offer(carrier: &str, service: &str, price: &str, currency: &str, days: Option<u8>) -> Tariff {
    tariff(|sheet| {
        sheet.id = format!("{carrier}-{}", service.to_lowercase());
        sheet.carrier = carrier.to_owned();
        sheet.service = service.to_owned();
        sheet.currency = currency.parse().unwrap();
        let home = sheet.zones.get_mut("home").unwrap();
        home.breaks.truncate(1);
        home.breaks.first_mut().unwrap().price = price.parse().unwrap();
        home.transit = days.map(|days| crate::domain::TransitDays {
            days_min: days,
            days_max: days,
            holidays: Vec::new(),
        });
    })
}

fn picked(choice: &Choice) -> Result<(&str, bool, DecidedBy), Code> {
    match &choice.outcome {
        Outcome::Chosen { service, late, decided_by, .. } => Ok((service, *late, *decided_by)),
        Outcome::Held { code, .. } => Err(*code),
    }
}

fn rating(offers: &[Tariff]) -> Rating {
    rated(offers, &request(500))
}

fn codes(choice: &Choice) -> Vec<(&str, Option<Code>)> {
    let code = |standing: &Standing| match standing {
        Standing::Eliminated { code, .. } => Some(*code),
        _ => None,
    };
    let candidates = choice.candidates.iter();
    candidates.map(|c| (c.service.as_str(), code(&c.standing))).collect()
}

#[test]
fn the_cheapest_in_time_wins_and_ties_go_to_the_earlier_then_the_name() {
    use DecidedBy::{Delivery, Name, OnlyCandidate, Price};
    let offers = [
        offer("beta", "SLOW", "4.00", "EUR", Some(5)),
        offer("beta", "FAST", "9.00", "EUR", Some(1)),
        offer("alpha", "MID", "6.00", "EUR", Some(3)),
        offer("beta", "MID2", "6.00", "EUR", Some(2)),
        offer("gamma", "MID3", "6.00", "EUR", Some(2)),
        offer("alpha", "NONE", "1.00", "EUR", None),
    ];
    let rating = rating(&offers);
    for (wanted, expected) in [
        (None, Ok(("NONE", false, Price))),
        (Some("2026-06-08"), Ok(("SLOW", false, Price))),
        (Some("2026-06-05"), Ok(("MID2", false, Name))),
        (Some("2026-06-03"), Ok(("MID2", false, Name))),
        (Some("2026-06-02"), Ok(("FAST", false, OnlyCandidate))),
        (Some("2026-06-01"), Err(Code::HeldNoneInTime)),
    ] {
        let choice = choose(&rating, wanted.map(day), &rules(), None);
        assert_eq!(picked(&choice), expected, "{wanted:?}");
        assert_eq!(choice.candidates.len(), offers.len());
    }
    let [_, _, mid, mid2, ..] = offers;
    let two = self::rating(&[mid, mid2]);
    let choice = choose(&two, None, &rules(), None);
    assert_eq!(picked(&choice), Ok(("MID2", false, Delivery)));
    // A promise beats none.
    let none = offer("alpha", "NONE", "6.00", "EUR", None);
    let dated = offer("beta", "DATED", "6.00", "EUR", Some(9));
    let choice = choose(&self::rating(&[none, dated]), None, &rules(), None);
    assert_eq!(picked(&choice), Ok(("DATED", false, Delivery)));
}

#[test]
fn those_left_out_say_why() {
    let rating = rating(&[
        offer("alpha", "A", "9.00", "EUR", Some(1)),
        offer("beta", "B", "4.00", "EUR", Some(5)),
        offer("beta", "C", "4.00", "EUR", None),
        offer("delta", "D", "1.00", "EUR", Some(1)),
        offer("gamma", "E", "1.00", "JPY", Some(1)),
        offer("omega", "F", "1.00", "EUR", Some(1)),
    ]);
    let rules = SelectionRules {
        allow_carriers: Some(["alpha", "beta", "delta", "gamma"].map(String::from).into()),
        deny_carriers: vec!["delta".to_owned()],
        ..rules()
    };
    let choice = choose(&rating, Some(day("2026-06-03")), &rules, Some(&rates()));
    let wanted = [
        ("A", None),
        ("B", Some(Code::TooLate)),
        ("C", Some(Code::DeliveryUnknown)),
        ("D", Some(Code::CarrierDenied)),
        ("E", Some(Code::NotComparable)),
        ("F", Some(Code::CarrierNotAllowed)),
    ];
    assert_eq!(codes(&choice), wanted);
    assert_eq!(choice.quote(&rating).unwrap().service, "A");
}

#[test]
fn holding_states_what_is_missing() {
    let euro = offer("alpha", "A", "9.00", "EUR", Some(3));
    let yen = offer("alpha", "Y", "900", "JPY", Some(3));
    let dong = offer("alpha", "V", "90000", "VND", Some(3));
    let none = SelectionRules { allow_carriers: Some(vec![]), ..rules() };
    let nowhere = tariff(|sheet| sheet.valid_to = day("2026-01-31"));
    let soon = Some(day("2026-06-02"));
    for (offers, wanted, rules, code) in [
        (vec![], None, rules(), Code::HeldNoOffer),
        (vec![nowhere], None, rules(), Code::HeldNoOffer),
        (vec![euro.clone()], None, none, Code::HeldNoneAllowed),
        (vec![yen, dong], None, rules(), Code::HeldNotComparable),
        (vec![euro], soon, rules(), Code::HeldNoneInTime),
    ] {
        let choice = choose(&rating(&offers), wanted, &rules, Some(&rates()));
        assert_eq!(picked(&choice), Err(code));
    }
}

#[test]
fn the_cheapest_late_offer_is_taken_and_flagged_where_the_rules_say_so() {
    let rating = rating(&[
        offer("alpha", "A", "9.00", "EUR", Some(2)),
        offer("alpha", "B", "4.00", "EUR", Some(5)),
    ]);
    let rules = SelectionRules { when_late: LatePolicy::CheapestLate, ..rules() };
    for (wanted, expected) in [
        ("2026-06-02", Ok(("B", true, DecidedBy::Price))),
        ("2026-06-03", Ok(("A", false, DecidedBy::OnlyCandidate))),
    ] {
        let choice = choose(&rating, Some(day(wanted)), &rules, None);
        assert_eq!(picked(&choice), expected, "{wanted}");
    }
}

#[test]
fn currencies_are_compared_by_the_given_rates_only() {
    let rating = rating(&[
        // 10.90 USD are 9.909 EUR, 7.90 GBP are 9.875 EUR.
        offer("alpha", "EURO", "9.90", "EUR", Some(1)),
        offer("alpha", "DOLLAR", "10.90", "USD", Some(1)),
        offer("alpha", "POUND", "7.90", "GBP", Some(1)),
    ]);
    let with = choose(&rating, None, &rules(), Some(&rates()));
    let order = [("POUND", None), ("EURO", None), ("DOLLAR", None)];
    assert_eq!(codes(&with), order);
    let compared = with.candidates.first().unwrap().compared.clone().unwrap();
    assert_eq!(compared.rate.to_string(), "1.25");
    assert_eq!(compared.amount.0.normalize().to_string(), "9.875");
    let missing = Some(Code::NotComparable);
    let without = [("EURO", None), ("DOLLAR", missing), ("POUND", missing)];
    assert_eq!(codes(&choose(&rating, None, &rules(), None)), without);
    let mut stale = rates();
    stale.date = day("2026-05-27");
    let old = choose(&rating, None, &rules(), Some(&stale));
    assert_eq!(codes(&old), without);
}

#[test]
fn prices_in_one_foreign_currency_need_no_rate() {
    let dollars =
        [offer("alpha", "A", "9.00", "USD", Some(1)), offer("alpha", "B", "8.00", "USD", Some(1))];
    let rating = rating(&dollars);
    let choice = choose(&rating, None, &rules(), None);
    assert_eq!(picked(&choice), Ok(("B", false, DecidedBy::Price)));
    // A preference is an amount in the rules' currency: it cannot be taken off dollars.
    let rules = SelectionRules { prefer: vec![preference("alpha", None, "2")], ..rules() };
    let choice = choose(&rating, None, &rules, None);
    assert_eq!(picked(&choice), Err(Code::HeldNotComparable));
}

fn preference(carrier: &str, service: Option<&str>, bonus: &str) -> Preference {
    Preference {
        carrier: carrier.to_owned(),
        service: service.map(str::to_owned),
        bonus: bonus.parse().unwrap(),
    }
}

#[test]
fn a_preference_moves_the_comparison_and_not_the_price() {
    let rating = rating(&[
        offer("alpha", "A", "9.00", "EUR", Some(1)),
        offer("beta", "B", "8.00", "EUR", Some(1)),
    ]);
    for (prefer, service, total) in [
        (vec![], "B", 800),
        (vec![preference("alpha", None, "1.01")], "A", 900),
        (vec![preference("alpha", None, "0.99")], "B", 800),
        (vec![preference("alpha", Some("A"), "1.01")], "A", 900),
        (vec![preference("alpha", Some("B"), "1.01")], "B", 800),
        (vec![preference("beta", None, "-1.01")], "A", 900),
        (vec![preference("alpha", None, "0.51"), preference("alpha", Some("A"), "0.50")], "A", 900),
    ] {
        let rules = SelectionRules { prefer: prefer.clone(), ..rules() };
        let choice = choose(&rating, None, &rules, None);
        let quote = choice.quote(&rating).unwrap();
        assert_eq!(quote.service, service, "{prefer:?}");
        assert_eq!(quote.total.amount_minor, total, "{prefer:?}");
    }
}

#[test]
fn rates_are_judged_on_the_day_of_the_question() {
    let mut later = request(500);
    later.ship_date = day("2026-06-20");
    let offers =
        [offer("alpha", "A", "9.00", "EUR", Some(1)), offer("alpha", "B", "8.00", "USD", Some(1))];
    let fx = rates();
    for (now, service) in
        [(datetime!(2026-06-02 09:00 +02:00), "B"), (datetime!(2026-06-20 09:00 +02:00), "A")]
    {
        let rating = crate::domain::rate(&offers, &later, Some(&fx), now).unwrap();
        let choice = choose(&rating, None, &rules(), Some(&fx));
        assert_eq!(choice.quote(&rating).unwrap().service, service, "{now}");
    }
}
