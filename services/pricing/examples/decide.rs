//! Prints how many shipments a core decides in a second, and how large a record is. Run it in
//! release: `cargo run --release -p colibri-pricing --example decide`.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a tool that prints a figure")]

use std::{collections::BTreeSet, hint::black_box, time::Instant};

use colibri_events::{orders::v1::FulfilmentRequested, types::v1 as types};
use colibri_pricing::{
    Account, Book,
    decision::{Ask, Verdict, decide},
    domain::{LatePolicy, SelectionRules, demo_tariffs},
};
use colibri_types::{AccountId, Currency, OrderId, ShipmentId, TenantId};
use time::macros::datetime;

const SHIPMENTS: u32 = 5_000;

fn main() {
    let account = |carrier: &str| Account {
        id: AccountId::generate(),
        code: carrier.to_owned(),
        carrier: carrier.to_owned(),
        origins: BTreeSet::new(),
    };
    let rules = SelectionRules {
        currency: Currency::EUR,
        allow_carriers: None,
        deny_carriers: Vec::new(),
        prefer: Vec::new(),
        when_late: LatePolicy::CheapestLate,
    };
    let tariffs = demo_tariffs().expect("the demonstration tariffs hold");
    let book = Book::new(1, tariffs, vec![account("colissimo"), account("ups")], Some(rules), None);
    let now = datetime!(2026-11-23 11:00 UTC);
    for (name, country, zone, options) in [
        ("FR to FR", "FR", "75001", vec![]),
        ("FR to FR, signed", "FR", "75001", vec!["signature".to_owned()]),
        ("FR to DE", "DE", "10115", vec![]),
        ("FR to US", "US", "10001", vec![]),
    ] {
        let asks: Vec<Ask> = (0..SHIPMENTS)
            .map(|n| {
                let event = FulfilmentRequested {
                    order_id: OrderId::generate().to_string(),
                    tenant_id: TenantId::generate().to_string(),
                    shipment_id: ShipmentId::generate().to_string(),
                    origin_country: "FR".to_owned(),
                    origin_zone: "69002".to_owned(),
                    country: country.to_owned(),
                    postcode_zone: zone.to_owned(),
                    parcels: vec![types::Parcel {
                        weight_g: 200 + n % 5_000,
                        length_mm: 300,
                        width_mm: 200,
                        height_mm: 100,
                    }],
                    value: Some(types::Money { amount_minor: 4_200, currency: "EUR".to_owned() }),
                    options: options.clone(),
                    residential: true,
                    version: 1,
                    ..Default::default()
                };
                Ask::read(&event).expect("ids are well-formed")
            })
            .collect();
        let start = Instant::now();
        let (mut bytes, mut chosen) = (0, 0_u32);
        for ask in &asks {
            let decision = black_box(decide(black_box(ask), &book, now)).expect("decided");
            bytes += decision.record.as_ref().map_or(0, Vec::len);
            chosen += u32::from(matches!(decision.verdict, Verdict::Chosen(_)));
        }
        let took = start.elapsed();
        let rate = f64::from(SHIPMENTS) / took.as_secs_f64();
        let each = bytes / asks.len();
        println!(
            "{name}: {rate:.0} shipments/s, {chosen} of {SHIPMENTS} chosen, {each} B a record"
        );
    }
}
