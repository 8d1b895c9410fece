//! What customs cost: a parcel of ten lines in the domain and through gRPC in batches, the search of
//! codes, and how long its index takes to load.

use std::{hint::black_box, time::Instant};

use anyhow::Context as _;
use colibri_customs_rules::{
    assess::{Shipped, assess},
    consignment::{Channel, Consignment, Flow, Line, ProductIds, Terms},
    hs::Index,
    place::Place,
};
use colibri_events::{
    customs::v1::{
        AssessLine, AssessParcel, AssessRequest, Place as WirePlace,
        customs_service_client::CustomsServiceClient,
    },
    types::v1::{Date as WireDate, Money},
};
use rust_decimal::Decimal;
use time::macros::date;

use super::{Figure, cpu, world::World};
use crate::merchant;

/// Lines of a parcel.
const LINES: u32 = 10;
/// Assessments in the domain.
const TURNS: u32 = 20_000;
/// Parcels of one call, and calls.
const BATCH: usize = 500;
const CALLS: usize = 20;
/// Descriptions as buyers and shops write them, each searched as often as `SEARCHES` says.
const TEXTS: [&str; 12] = [
    "cotton t-shirt",
    "stoneware mug for coffee",
    "men's leather shoes with rubber sole",
    "led desk lamp",
    "wireless bluetooth headphones",
    "jigsaw puzzle 1000 pieces",
    "écharpe en laine",
    "stainless steel water bottle",
    "wooden gift box, empty",
    "phone case plastic",
    "organic green tea 100 g",
    "children's picture book",
];
const SEARCHES: usize = 200;
/// HS6 codes of the sample tariff, so that every line has a figure.
const CODES: [&str; 5] = ["610910", "420221", "640399", "691200", "851830"];

/// Runs everything.
pub async fn run() -> anyhow::Result<Vec<Figure>> {
    let mut figures = vec![domain()?];
    figures.extend(search()?);
    figures.extend(batches().await?);
    Ok(figures)
}

fn parcel() -> anyhow::Result<Consignment> {
    let place = |country: &str| -> anyhow::Result<Place> {
        let (postcode, subdivision) = (String::new(), String::new());
        Ok(Place { country: country.parse()?, postcode, subdivision })
    };
    let line = |no: u32, code: &str| Line {
        no,
        description: format!("Goods of the kind {code}, number {no}"),
        code: code.to_owned(),
        origin: "PT".parse().ok(),
        quantity: 2,
        value: Decimal::new(3800, 2),
        net_kg: Some(Decimal::new(3, 1)),
        litres: None,
        duty: None,
        preference: false,
        excise: false,
        tax_rate: None,
        product_ids: ProductIds::default(),
    };
    Ok(Consignment {
        date: date!(2026 - 11 - 05),
        from: place("FR")?,
        to: place("GB")?,
        channel: Channel::Express,
        flow: Flow::B2c,
        scheme: None,
        dataset: None,
        terms: Terms::Dap,
        currency: "EUR".parse()?,
        lines: (1..=LINES).zip(CODES.iter().cycle()).map(|(no, code)| line(no, code)).collect(),
        discount: Decimal::ZERO,
        freight: None,
        insurance: None,
        carrier_fees: Vec::new(),
    })
}

fn domain() -> anyhow::Result<Figure> {
    let (world, parcel) = (Shipped::read()?, parcel()?);
    let once = || assess(&parcel, world.world()).map_err(|faults| anyhow::anyhow!("{faults:?}"));
    anyhow::ensure!(once()?.totals.duty.amount_minor > 0, "nothing was counted");
    let start = cpu::own();
    for _ in 0..TURNS {
        black_box(assess(black_box(&parcel), world.world()).is_ok());
    }
    let us = (cpu::own() - start) * 1e6 / f64::from(TURNS);
    Ok(Figure::new("customs: CPU of a parcel of ten lines", us, "µs").bar(50.0))
}

fn search() -> anyhow::Result<Vec<Figure>> {
    let start = Instant::now();
    let index = Index::shipped()?;
    let load = start.elapsed().as_secs_f64() * 1000.0;
    let mut times: Vec<f64> = Vec::with_capacity(SEARCHES * TEXTS.len());
    for text in TEXTS.iter().cycle().take(SEARCHES * TEXTS.len()) {
        let start = Instant::now();
        black_box(index.search(black_box(text), 10));
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_unstable_by(f64::total_cmp);
    let p99 = times.get(times.len() * 99 / 100).copied().context("nothing was searched")?;
    Ok(vec![
        Figure::new("customs: search of a code, p99", p99, "ms").bar(5.0),
        Figure::new("customs: load of the index", load, "ms").bar(200.0),
    ])
}

async fn batches() -> anyhow::Result<Option<Figure>> {
    let world = World::start("bench-customs", 1).await?;
    let tenant = merchant::ensure(&world.stack).await?.tenant;
    let mut client = CustomsServiceClient::new(world.stack.peer("customs", tenant));
    let line = |code: &&str| AssessLine {
        description: format!("Goods of the kind {code}"),
        code: (*code).to_owned(),
        origin_country: "PT".to_owned(),
        quantity: 2,
        value: Some(Money { amount_minor: 3800, currency: "EUR".to_owned() }),
        net_weight_g: 300,
        ..AssessLine::default()
    };
    let place =
        |country: &str| Some(WirePlace { country: country.to_owned(), ..WirePlace::default() });
    let lines = CODES.iter().cycle().take(LINES as usize).map(line).collect();
    let parcel = AssessParcel {
        date: Some(WireDate { year: 2026, month: 11, day: 5 }),
        from: place("FR"),
        to: place("GB"),
        channel: "express".to_owned(),
        flow: "b2c".to_owned(),
        lines,
        ..AssessParcel::default()
    };
    let request = AssessRequest { parcels: vec![parcel; BATCH], keep: false, trace: false };
    // The first call reads rules, rates and the nomenclature.
    let first = client.assess(request.clone()).await?.into_inner().results;
    let counted = first.iter().all(|result| result.assessment.is_some());
    anyhow::ensure!(first.len() == BATCH && counted, "a parcel was not assessed");
    let start = cpu::own();
    for _ in 0..CALLS {
        client.assess(request.clone()).await?;
    }
    let rate = (BATCH * CALLS) as f64 / (cpu::own() - start);
    world.stop().await?;
    let name = "customs: assessments through gRPC, batches of 500";
    let mut figure = Figure::new(name, rate, "parcels/CPU-s").bar(10_000.0);
    figure.note = "ten lines each, asking and answering side together; the limit is the bar".into();
    Ok(Some(figure))
}
