//! Random walks through the shipped rules with a payment provider that keeps its own ledger.
//!
//! Commands come twice, late and out of order; processes die between the intent, the mark, the
//! call and the answer. After every step every law is asked; at the end of each case both ledgers
//! must say the same.

mod check;
mod faults;
mod figures;
mod finish;
mod lost;
mod sim;
mod swaps;
mod tally;
mod walk;
mod words;

use faults::Fault;
use tally::Tally;
use walk::campaign;

/// Steps of the slice that runs with every change: seconds.
const SLICE: u64 = 200_000;
/// Steps of the campaign.
const CAMPAIGN: u64 = 10_000_000;
/// Steps within which a planted fault has to be found.
const PATIENCE: u64 = 400_000;

#[test]
fn no_law_is_broken_in_a_seeded_slice() {
    let mut tally = Tally::default();
    let found = campaign(20_261_122, SLICE, None, &mut tally);
    assert_eq!(found, None);
    tally.is_worth_it();
}

#[test]
#[ignore = "minutes; `make campaign` runs it"]
fn no_law_is_broken_in_the_campaign() {
    let steps = std::env::var("COLIBRI_CAMPAIGN_STEPS").ok();
    let steps = steps.map_or(CAMPAIGN, |steps| steps.parse().unwrap());
    let seed = std::env::var("COLIBRI_CAMPAIGN_SEED").ok();
    let seed = seed.map_or(1, |seed| seed.parse().unwrap());
    let mut tally = Tally::default();
    let found = campaign(seed, steps, None, &mut tally);
    println!("seed {seed}: {tally:#?}");
    assert_eq!(found, None);
    tally.is_worth_it();
}

#[test]
fn every_planted_fault_is_found() {
    let mut missed = Vec::new();
    for fault in Fault::ALL {
        match campaign(7, PATIENCE, Some(fault), &mut Tally::default()) {
            Some((step, law)) => println!("{fault:?}: step {step}, {law}"),
            None => missed.push(fault),
        }
    }
    assert_eq!(missed, Vec::new());
}
