//! How good the search for codes is, on a file of texts with known codes.
//!
//! `cargo run --release -p colibri-customs-rules --example hs_eval -- FILE [--half 0|1]`
//!
//! The file is a CSV with the columns `description` and `hs6`; `--half` takes every second line
//! only, so that what was fitted on one half is measured on the other. An answer that abstains
//! counts as wrong everywhere.
#![allow(clippy::print_stdout, reason = "a tool that prints figures")]

use std::time::Instant;

use colibri_customs_rules::{
    descriptions::{Context, check, refused},
    hs::{Index, Suggestions},
};

/// Places that are looked at.
const PLACES: usize = 10;

#[derive(serde::Deserialize)]
struct Row {
    description: String,
    hs6: String,
}

#[derive(Default)]
struct Score {
    code: [u32; 3],
    /// The heading, among that many codes.
    near: [u32; 3],
    /// The heading, among that many headings.
    heading: [u32; 3],
    abstained: u32,
    asked: u32,
}

/// What was said of how sure, against what came true.
#[derive(Default, Clone, Copy)]
struct Bin {
    answers: u32,
    right: u32,
    said: f64,
}

impl Score {
    fn add(&mut self, answer: &Suggestions, headings: &[&str], hs6: &str) {
        self.abstained += u32::from(answer.abstained);
        self.asked += u32::from(answer.question.is_some());
        if answer.abstained {
            return;
        }
        let heading = hs6.get(..4).unwrap_or_default();
        for (at, first) in [1, 5, PLACES].into_iter().enumerate() {
            let among = || answer.candidates.iter().take(first);
            self.code[at] += u32::from(among().any(|c| c.hs6 == hs6));
            self.near[at] += u32::from(among().any(|c| c.heading == heading));
            self.heading[at] += u32::from(headings.iter().take(first).any(|h| *h == heading));
        }
    }

    fn print(&self, all: usize) {
        let share = |count: u32| f64::from(count) / all.max(1) as f64;
        for (what, counts) in [
            ("hs6", &self.code),
            ("heading, in first codes", &self.near),
            ("heading, in first headings", &self.heading),
        ] {
            let [one, five, ten] = counts.map(share);
            println!("{what:27} @1 {one:.3} @5 {five:.3} @10 {ten:.3}");
        }
        println!("abstained   {} ({:.3})", self.abstained, share(self.abstained));
        println!("questions   {} ({:.3})", self.asked, share(self.asked));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("hs_eval FILE [--half 0|1]")?;
    let half: Option<usize> = match arguments.next().as_deref() {
        Some("--half") => Some(arguments.next().ok_or("--half 0 or --half 1")?.parse()?),
        _ => None,
    };
    let rows: Vec<Row> = csv::Reader::from_path(&file)?.deserialize().collect::<Result<_, _>>()?;
    let taken = rows.iter().enumerate().filter(|(at, _)| half.is_none_or(|half| at % 2 == half));
    let rows: Vec<&Row> = taken.map(|(_, row)| row).collect();

    let started = Instant::now();
    let index = Index::shipped()?;
    let loaded = started.elapsed();

    let context = Context::new(&index);
    let refusals = rows.iter().filter(|row| refused(&check(&row.description, &context))).count();
    let mut score = Score::default();
    let mut bins = [Bin::default(); 10];
    let mut times = Vec::with_capacity(rows.len());
    for row in &rows {
        let started = Instant::now();
        let answer = index.search(&row.description, PLACES);
        times.push(started.elapsed());
        score.add(&answer, &index.headings(&row.description, PLACES), &row.hs6);
        for candidate in answer.candidates.iter().take(PLACES) {
            let said = f64::from(candidate.confidence);
            if let Some(bin) = bins.get_mut((said * 10.0) as usize) {
                bin.answers += 1;
                bin.said += said;
                bin.right += u32::from(candidate.hs6 == row.hs6);
            }
        }
    }
    score.print(rows.len());
    println!("gate        {refusals} texts refused");
    println!("calibration of each candidate: said, came true, answers");
    let mut off = 0.0;
    let answers: u32 = bins.iter().map(|bin| bin.answers).sum();
    for bin in bins.iter().filter(|bin| bin.answers > 0) {
        let (said, right) =
            (bin.said / f64::from(bin.answers), f64::from(bin.right) / f64::from(bin.answers));
        println!("            {said:.3} {right:.3} {}", bin.answers);
        off += (said - right).abs() * f64::from(bin.answers) / f64::from(answers.max(1));
    }
    println!("off by      {off:.3} on average");
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
    println!("loaded in   {:.1} ms", loaded.as_secs_f64() * 1e3);
    println!(
        "a query     p50 {:.2} ms p99 {:.2} ms",
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3
    );
    Ok(())
}
