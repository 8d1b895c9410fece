//! How many ordinary names are stopped, how many variants of listed ones are found, and how fast.
//!
//! `cargo run --release -p colibri-screening --example screening_eval [ENTRIES]`
//!
//! All names are invented (`invented/mod.rs`).
#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "a tool that prints figures")]

mod invented;

use std::time::{Duration, Instant};

use colibri_screening::{Format, Index, Party, Thresholds, Verdict};
use invented::{Dice, customer, listed};

/// Names that are asked for.
const ASKED: usize = 10_000;

/// A way in which a listed name comes back.
type Variant = (&'static str, fn(&str) -> Option<String>);

const VARIANTS: [Variant; 7] = [
    ("as listed", |name| Some(name.to_owned())),
    ("words turned", |name| {
        let (first, rest) = name.split_once(' ')?;
        Some(format!("{rest}, {first}"))
    }),
    ("an initial", |name| {
        let (first, rest) = name.split_once(' ')?;
        person(name).then_some(format!("{}. {rest}", first.chars().next()?))
    }),
    ("a letter lost", |name| {
        let longest = name.split(' ').max_by_key(|word| word.len())?;
        let shorter = format!("{}{}", &longest[..longest.len() - 3], &longest[longest.len() - 2..]);
        Some(name.replace(longest, &shorter))
    }),
    ("two letters swapped", |name| {
        let longest = name.split(' ').max_by_key(|word| word.len())?;
        let mut letters: Vec<char> = longest.chars().collect();
        let at = letters.len() - 3;
        letters.swap(at, at - 1);
        Some(name.replace(longest, &letters.into_iter().collect::<String>()))
    }),
    ("w for v, f for ph, ck", |name| {
        let text = name.replace('v', "w").replace('k', "ck").replace("sh", "sch");
        (text != name).then_some(text)
    }),
    ("middle word left out", |name| {
        let words: Vec<&str> = name.split(' ').collect();
        (words.len() == 3 && person(name)).then(|| format!("{} {}", words[0], words[2]))
    }),
];

fn person(name: &str) -> bool {
    let company = ["LLC", "GmbH", "Ltd", "S.A.", "OOO"];
    !company.iter().any(|form| name.ends_with(form))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let entries: usize = std::env::args().nth(1).map_or(Ok(50_000), |text| text.parse())?;
    let mut dice = Dice::new(7);
    let names: Vec<String> = (0..entries).map(|_| listed(&mut dice)).collect();
    let mut table = "id,kind,name\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        table.push_str(&format!("E{at},,\"{name}\"\n"));
    }
    let started = Instant::now();
    let list = Format::OwnCsv.read("invented", table.as_bytes())?;
    let index = Index::new(vec![list]);
    println!("entries     {entries}, read and indexed in {:.0} ms", ms(started.elapsed()));

    let mut dice = Dice::new(1_234);
    let (mut times, mut reviews, mut holds) = (Vec::new(), 0, 0);
    for _ in 0..ASKED {
        let name = customer(&mut dice);
        let party = Party { name: &name, ..Party::default() };
        let started = Instant::now();
        let found = index.screen(&party, Thresholds::default());
        times.push(started.elapsed());
        if let Some(hit) = found.hits.first().filter(|_| std::env::args().nth(2).is_some()) {
            println!("{name} ~ {} {} {:?}", hit.name, hit.score, hit.adjustments);
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
            if !seen && std::env::args().nth(2).is_some() {
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
