//! Laws that hold for every request and tariff.

use std::sync::LazyLock;

use colibri_types::{Country, Currency, Money};
use proptest::{collection, option, prelude::*, sample};

use super::support::*;
use crate::domain::{
    Above, Break, Choice, DEMO, Exact, Inputs, LatePolicy, Outcome, Parcel, RoundingMode,
    RoundingPer, SelectionRules, ShipOption, Snapshot, Tariff, decide, demo_tariffs, rate,
    recompute, verify,
};

static TARIFFS: LazyLock<Vec<Tariff>> = LazyLock::new(|| demo_tariffs().unwrap());

fn countries() -> impl Strategy<Value = Country> {
    let all: Vec<Country> = Country::all().collect();
    prop_oneof![
        sample::select(vec![Country::FR, Country::DE, Country::ES, Country::GB, Country::US]),
        sample::select(all),
    ]
}

fn parcels() -> impl Strategy<Value = Parcel> {
    let sides = option::of([1_u32..3000, 1_u32..1500, 1_u32..1500]);
    (1_u32..80_000, sides).prop_map(|(weight, sides)| match sides {
        Some(sides) => sized(weight, sides),
        None => parcel(weight),
    })
}

fn options() -> impl Strategy<Value = ShipOption> {
    sample::select(vec![
        ShipOption::Signature,
        ShipOption::AdultSignature,
        ShipOption::Insurance,
        ShipOption::Saturday,
        ShipOption::ServicePoint,
    ])
}

prop_compose! {
    fn inputs()(
        origin in sample::select(vec!["FR", "DE", "ES", "GB", "US"]),
        country in countries(),
        postcode in option::of("[0-9]{5}|[A-Z]{1,2}[0-9]{1,2}"),
        parcels in collection::vec(parcels(), 1..4),
        wanted_options in collection::btree_set(options(), 0..2),
        residential in option::of(any::<bool>()),
        value in option::of(0_i64..1_000_000),
        currency in sample::select(vec![Currency::EUR, Currency::USD, Currency::GBP]),
        days in option::of(1_i64..12),
        late in any::<bool>(),
        with_rates in any::<bool>(),
        denied in option::of(sample::select(vec!["ups", "colissimo"])),
    ) -> Inputs {
        let mut request = request(1);
        request.origin = place(origin, "69002");
        request.destination.country = country;
        request.destination.postcode = postcode;
        request.parcels = parcels;
        request.options = wanted_options;
        request.residential = residential;
        request.value = value.map(|value| Money::new(value, currency));
        let when_late = if late { LatePolicy::CheapestLate } else { LatePolicy::Hold };
        Inputs {
            request,
            now: NOW,
            wanted: days.map(|days| (NOW.date() + time::Duration::days(days)).into()),
            rules: SelectionRules {
                when_late,
                deny_carriers: denied.into_iter().map(str::to_owned).collect(),
                ..rules()
            },
            fx: with_rates.then(rates),
            tariffs: TARIFFS.clone(),
        }
    }
}

/// Breaks with rising weights and prices.
fn breaks() -> impl Strategy<Value = Vec<Break>> {
    collection::vec((1_u32..4000, 0_i64..50_000), 1..8).prop_map(|steps| {
        let (mut to_g, mut price) = (0, 0);
        let rise = |(more_g, more): (u32, i64)| {
            to_g += more_g;
            price += more;
            let price = rust_decimal::Decimal::new(price, 4);
            Break { to_g, price: Exact(price) }
        };
        steps.into_iter().map(rise).collect()
    })
}

prop_compose! {
    fn rising_tariffs()(
        breaks in breaks(),
        step_g in 1_u32..3000,
        step in 0_i64..30_000,
        weight_step_g in sample::select(vec![1_u32, 10, 500, 1000]),
        mode in sample::select(vec![
            RoundingMode::HalfUp,
            RoundingMode::HalfEven,
            RoundingMode::Up,
            RoundingMode::Down,
        ]),
        per in sample::select(vec![RoundingPer::Line, RoundingPer::Total]),
        step_minor in sample::select(vec![1_u32, 5, 10]),
        discount in option::of(0_i64..=1_000_000),
        minimum in option::of(0_i64..100_000),
        fuel in option::of(0_i64..400_000),
    ) -> Tariff {
        let decimal = |units| Exact(rust_decimal::Decimal::new(units, 4));
        tariff(|sheet| {
            let home = sheet.zones.get_mut("home").unwrap();
            home.breaks = breaks;
            home.above = Some(Above { step_g, price: decimal(step) });
            sheet.weight_step_g = weight_step_g;
            sheet.rounding.mode = mode;
            sheet.rounding.per = per;
            sheet.rounding.step_minor = step_minor;
            sheet.discount_percent = discount.map(decimal);
            sheet.minimum = minimum.map(decimal);
            sheet.fuel = fuel.into_iter().map(|percent| crate::domain::PercentPeriod {
                from: sheet.valid_from,
                to: sheet.valid_to,
                percent: decimal(percent),
            }).collect();
            sheet.surcharges = vec![toml::from_str(
                "code = 'heavy'\nlabel = 'Heavy'\nper = 'parcel'\nfuel = true\n\
                 charge = { kind = 'fixed', amount = '1.2345' }\n\
                 when = [{ kind = 'parcel', weight_g_over = 6000 }]",
            ).unwrap()];
        })
    }
}

proptest! {
    #[test]
    fn heavier_never_costs_less(
        tariff in rising_tariffs(),
        weight in 1_u32..40_000,
        more in 0_u32..10_000,
    ) {
        let lighter = quote(&tariff, &request(weight));
        let heavier = quote(&tariff, &request(weight + more));
        prop_assert!(lighter.total.amount_minor <= heavier.total.amount_minor);
    }

    #[test]
    fn totals_are_the_sum_of_rounded_lines(
        tariff in rising_tariffs(),
        weights in collection::vec(1_u32..40_000, 1..6),
    ) {
        let mut request = request(1);
        request.parcels = weights.into_iter().map(parcel).collect();
        let quote = quote(&tariff, &request);
        let sum: i64 = quote.lines.iter().map(|line| line.rounded.amount_minor).sum();
        prop_assert_eq!(sum, quote.total.amount_minor);
        let step = i64::from(tariff.sheet().rounding.step_minor);
        prop_assert_eq!(quote.total.amount_minor % step, 0);
    }

    #[test]
    fn the_break_of_a_weight_is_the_first_that_holds_it(tariff in rising_tariffs()) {
        let home = tariff.sheet().zones.get("home").unwrap();
        let first = |weight| {
            let quote = quote(&tariff, &request(weight));
            quote.lines.first().unwrap().rate
        };
        if tariff.sheet().weight_step_g == 1 {
            for (entry, next) in home.breaks.iter().zip(home.breaks.iter().skip(1)) {
                prop_assert_eq!(first(entry.to_g), entry.price);
                prop_assert_eq!(first(entry.to_g + 1), next.price);
            }
            let last = home.breaks.last().unwrap();
            prop_assert_eq!(first(last.to_g), last.price);
            prop_assert_eq!(first(last.to_g + 1), home.above.as_ref().unwrap().price);
        }
    }
}

fn chosen(choice: &Choice) -> Option<&crate::domain::TariffRef> {
    match &choice.outcome {
        Outcome::Chosen { tariff, .. } => Some(tariff),
        Outcome::Held { .. } => None,
    }
}

proptest! {
    #[test]
    fn a_refused_or_denied_candidate_is_never_chosen(inputs in inputs()) {
        let snapshot = decide(inputs).unwrap();
        let rating = &snapshot.rating;
        let answers = rating.quotes.len() + rating.refused.len();
        prop_assert_eq!(answers, TARIFFS.len());
        if let Some(tariff) = chosen(&snapshot.choice) {
            prop_assert!(rating.refused.iter().all(|refused| refused.tariff != *tariff));
            let quote = snapshot.choice.quote(rating).unwrap();
            prop_assert!(!snapshot.inputs.rules.deny_carriers.contains(&quote.carrier));
        }
    }

    #[test]
    fn the_winner_is_cheapest_of_those_in_time(inputs in inputs()) {
        let wanted = inputs.wanted;
        let snapshot = decide(inputs).unwrap();
        let Outcome::Chosen { late, latest, .. } = &snapshot.choice.outcome else {
            return Ok(());
        };
        if !late && let Some(wanted) = wanted {
            prop_assert!(latest.unwrap() <= wanted);
        }
        let candidates = &snapshot.choice.candidates;
        let winner = candidates.first().unwrap().compared.as_ref().unwrap().effective;
        for candidate in candidates {
            let in_time = wanted.is_none_or(|day| candidate.latest.is_some_and(|l| l <= day));
            if let Some(compared) = &candidate.compared && (in_time || *late) {
                prop_assert!(winner <= compared.effective);
            }
        }
    }

    #[test]
    fn the_order_of_tariffs_changes_nothing(
        (inputs, shuffled) in inputs().prop_flat_map(|inputs| {
            let tariffs = inputs.tariffs.clone();
            (Just(inputs), Just(tariffs).prop_shuffle())
        }),
    ) {
        let mut other = inputs.clone();
        other.tariffs = shuffled;
        prop_assert_eq!(decide(inputs).unwrap(), decide(other).unwrap());
    }

    #[test]
    fn later_shipping_is_never_delivered_earlier(offset in 0_i64..300, later in 0_i64..20) {
        let tariffs = &TARIFFS[..];
        let at = |days: i64| {
            let mut request = request(900);
            request.ship_date = (NOW.date() + time::Duration::days(days)).into();
            rate(tariffs, &request, None, NOW).unwrap().quotes
        };
        for (one, other) in at(offset).iter().zip(at(offset + later)) {
            let (Some(one), Some(other)) = (&one.transit, &other.transit) else {
                continue;
            };
            prop_assert!(one.latest <= other.latest);
            prop_assert!(one.earliest <= one.latest && one.handover <= one.earliest);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        let _ = Tariff::from_toml(&text);
        let _ = Tariff::from_json(&text);
    }

    #[test]
    fn a_damaged_tariff_is_refused_or_rated_and_never_panics(
        which in 0..DEMO.len(),
        at in any::<sample::Index>(),
        length in 0_usize..30,
        with in "[0-9a-z\"'#=,.{}\\[\\]\n -]{0,12}",
    ) {
        let text = DEMO.get(which).unwrap().1;
        let from = at.index(text.len());
        let to = (from + length).min(text.len());
        let (Some(head), Some(tail)) = (text.get(..from), text.get(to..)) else {
            return Ok(());
        };
        if let Ok(tariff) = Tariff::from_toml(&format!("{head}{with}{tail}")) {
            let rating = rated(&[tariff], &request(1_000_000));
            prop_assert_eq!(rating.quotes.len() + rating.refused.len(), 1);
        }
    }
}

proptest! {
    // Each case writes and reads all demonstration tariffs.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn recomputing_is_the_identity(inputs in inputs()) {
        let snapshot = decide(inputs).unwrap();
        let bytes = serde_json::to_vec(&snapshot).unwrap();
        prop_assert_eq!(&serde_json::to_vec(&recompute(&snapshot).unwrap()).unwrap(), &bytes);
        let read: Snapshot = serde_json::from_slice(&bytes).unwrap();
        prop_assert!(verify(&read).is_ok());
    }
}
