#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::domain::tests::{config, pace};

const UPS: Ability = Ability { carrier: "ups", calls_per_second: 10, batch_max: 1 };

fn watch(volume: Option<u32>) -> Watch {
    let mut watch = config().watch;
    let row = CarrierRow { volume, ..CarrierRow::default() };
    watch.carriers.insert("ups".to_owned(), row);
    watch
}

fn plan(watch: &Watch) -> Plan {
    Plan::new(pace(), watch, [UPS])
}

#[test]
fn few_parcels_are_asked_for_as_the_table_says() {
    let plan = plan(&watch(Some(1_000)));
    assert_eq!(*plan.of("ups"), pace());
    assert_eq!(*plan.of("another"), pace());
    assert_eq!(plan.share("ups"), Share { calls_per_second: 10, percent: 50, quota: None });
    let rooms: Vec<_> = plan.rooms(40).collect();
    assert_eq!(rooms, [("ups", 200)]);
}

#[test]
fn a_wanted_latency_is_half_an_interval() {
    let mut watch = watch(None);
    let row = watch.carriers.get_mut("ups").unwrap();
    row.latency_s.insert(Class::OutForDelivery, 300);
    row.latency_s.insert(Class::Created, 1);
    let plan = plan(&watch);
    let pace = plan.of("ups");
    assert_eq!((pace.out_for_delivery_s, pace.created_s), (600, 60));
}

#[test]
fn what_matters_least_gives_way_first() {
    let wide = plan(&watch(Some(60_000)));
    let (wide, plain) = (wide.of("ups"), pace());
    assert!(wide.created_s > plain.created_s, "{wide:?}");
    assert_eq!(wide.out_for_delivery_s, plain.out_for_delivery_s);
    let flood = plan(&watch(Some(400_000)));
    let flood = flood.of("ups");
    assert!(flood.out_for_delivery_s > plain.out_for_delivery_s);
    assert_eq!(flood.created_s, 86_400);
}

proptest! {
    /// Planned questions stay within the budget, unless all are asked once a day already; and
    /// nothing is asked for more often than wanted.
    #[test]
    fn plans_stay_within_what_the_carrier_bears(
        volume in 1_u32..2_000_000,
        calls_per_second in 1_u16..100,
        batch_max in 1_usize..30,
    ) {
        let watch = watch(Some(volume));
        let ability = Ability { calls_per_second, batch_max, ..UPS };
        let plan = Plan::new(pace(), &watch, [ability]);
        let (mut planned, mut plain) = (*plan.of("ups"), pace());
        let mut calls = 0.0;
        let mut seldom = true;
        for (class, row) in &watch.classes {
            let interval = *class.interval(&mut planned);
            prop_assert!(interval >= *class.interval(&mut plain));
            seldom &= interval >= 86_400;
            let parcels = f64::from(volume) * f64::from(row.percent) / 100.0;
            calls += parcels / f64::from(interval) / batch_max as f64;
        }
        let bearable = f64::from(calls_per_second) * 0.5;
        prop_assert!(seldom || calls <= bearable * 1.001 + 0.01, "{calls} of {bearable}");
    }
}
