//! How many ordinary names are stopped, how many variants of listed ones are found, and how fast.
//!
//! `cargo run --release -p colibri-screening --example screening_eval [ENTRIES [SEED]]`; with a third
//! argument, every hit and miss.
//!
//! All names are invented (`invented/mod.rs`).
#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "a tool that prints figures")]

mod invented;

use std::time::{Duration, Instant};

use colibri_screening::{Format, Index, Party, Thresholds, Verdict};
use invented::{Dice, VARIANTS, customer, listed};

/// Names that are asked for.
const ASKED: usize = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let entries: usize = std::env::args().nth(1).map_or(Ok(50_000), |text| text.parse())?;
    let seed: u64 = std::env::args().nth(2).map_or(Ok(7), |text| text.parse())?;
    let every = std::env::args().nth(3).is_some();
    let mut dice = Dice::new(seed);
    let names: Vec<String> = (0..entries).map(|_| listed(&mut dice)).collect();
    let mut table = "id,kind,name\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        table.push_str(&format!("E{at},,\"{name}\"\n"));
    }
    let started = Instant::now();
    let list = Format::OwnCsv.read("invented", table.as_bytes())?;
    let index = Index::new(vec![list]);
    println!("entries     {entries}, read and indexed in {:.0} ms", ms(started.elapsed()));

    let mut dice = Dice::new(seed + 1_227);
    let (mut times, mut reviews, mut holds) = (Vec::new(), 0, 0);
    for _ in 0..ASKED {
        let name = customer(&mut dice);
        let party = Party { name: &name, ..Party::default() };
        let started = Instant::now();
        let found = index.screen(&party, Thresholds::default());
        times.push(started.elapsed());
        if let Some(hit) = found.hits.first().filter(|_| every) {
            println!(
                "{name} ~ {} {} {:?} {:?}",
                hit.name,
                hit.score,
                hit.adjustments,
                hit.matched.iter().map(|m| (m.listed.as_str(), m.how, m.like)).collect::<Vec<_>>()
            );
        }
        reviews += u32::from(found.verdict == Verdict::Review);
        holds += u32::from(found.verdict == Verdict::Hold);
    }
    let share = |count: u32| f64::from(count) * 100.0 / ASKED as f64;
    println!(
        "ordinary    {ASKED} names: {:.2} % to review, {:.2} % held",
        share(reviews),
        share(holds)
    );
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 1_000];
    println!(
        "a name      p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms",
        ms(at(500)),
        ms(at(990)),
        ms(at(1_000))
    );
    for (what, variant) in VARIANTS {
        let (mut asked, mut found) = (0_u32, 0_u32);
        for (at, name) in names.iter().enumerate().step_by((entries / 2_000).max(1)) {
            let Some(text) = variant(name) else { continue };
            let party = Party { name: &text, ..Party::default() };
            let screened = index.screen(&party, Thresholds::default());
            asked += 1;
            // Namesakes fill the answer: what counts is that somebody looks.
            let own = screened.hits.iter().any(|hit| hit.entry == format!("E{at}"));
            let seen = own || screened.hits.len() >= 20;
            if !seen && every {
                println!("missed {text}, listed {name}: {:?}", screened.hits.first());
            }
            found += u32::from(seen);
        }
        println!(
            "found       {:6.2} % of {asked:5}: {what}",
            f64::from(found) * 100.0 / f64::from(asked.max(1))
        );
    }
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
