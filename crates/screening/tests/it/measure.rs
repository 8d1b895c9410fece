//! What `--example screening_eval` measures, as a bar: a list of 10,000 names stops less than one of a
//! hundred ordinary ones, and its own are found however they are written.
use colibri_screening::{Format, Index, Party, Screened, Thresholds, Verdict};

use crate::invented::{Dice, VARIANTS, customer, listed};

const ENTRIES: usize = 10_000;
const ASKED: usize = 10_000;

fn ask(index: &Index, name: &str) -> Screened {
    index.screen(&Party { name, ..Party::default() }, Thresholds::default())
}

#[test]
fn of_ten_thousand_entries_few_stop_somebody_else_and_all_are_found() {
    let mut dice = Dice::new(7);
    let names: Vec<String> = (0..ENTRIES).map(|_| listed(&mut dice)).collect();
    let mut table = "id,kind,name\n".to_owned();
    for (at, name) in names.iter().enumerate() {
        table.push_str(&format!("E{at},,\"{name}\"\n"));
    }
    let index = Index::new(vec![Format::OwnCsv.read("test", table.as_bytes()).unwrap()]);
    let mut dice = Dice::new(1_234);
    let stopped =
        (0..ASKED).filter(|_| ask(&index, &customer(&mut dice)).verdict > Verdict::Clear).count();
    assert!(stopped < ASKED / 100, "{stopped} of {ASKED} ordinary names");
    for (what, variant) in VARIANTS {
        let (mut asked, mut found) = (0, 0);
        for (at, name) in names.iter().enumerate().step_by(10) {
            let Some(text) = variant(name) else { continue };
            let screened = ask(&index, &text);
            let own = screened.hits.iter().any(|hit| hit.entry == format!("E{at}"));
            asked += 1;
            // Namesakes fill the answer: what counts is that somebody looks.
            found += usize::from(own || screened.hits.len() >= 20);
        }
        // A letter less may be the name of somebody else on the list, who is then found instead.
        let bar = if what == "a letter lost" { 97 } else { 99 };
        assert!(asked > 200 && found * 100 >= asked * bar, "{what}: {found} of {asked}");
    }
}
