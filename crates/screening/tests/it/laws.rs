//! Laws of the comparison.
use std::sync::OnceLock;

use colibri_screening::{Format, Index, Party, Thresholds};
use proptest::prelude::*;

use crate::invented::{Dice, customer, listed};

fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut dice = Dice::new(3);
        let mut table = "id,kind,name\n".to_owned();
        for at in 0..400 {
            table.push_str(&format!("E{at},,\"{}\"\n", listed(&mut dice)));
        }
        Index::new(vec![Format::OwnCsv.read("test", table.as_bytes()).unwrap()])
    })
}

fn scores(name: &str) -> Vec<(String, u16)> {
    let low = Thresholds::new(500, 920).unwrap();
    let found = index().screen(&Party { name, ..Party::default() }, low);
    let mut all: Vec<(String, u16)> =
        found.hits.into_iter().map(|hit| (hit.entry, hit.score)).collect();
    all.sort();
    all
}

/// A listed name, or one of a customer.
fn name(seed: u64, from_list: bool) -> String {
    match from_list {
        true => {
            let entries = &index().lists()[0].entries;
            entries[Dice::new(seed).below(entries.len())].names[0].text.clone()
        }
        false => customer(&mut Dice::new(seed)),
    }
}

/// Letters with marks in place of plain ones.
fn marked(name: &str, which: u64) -> String {
    let mut bits = which;
    name.chars()
        .map(|c| {
            bits = bits.rotate_left(1);
            match (bits & 1, c) {
                (1, 'a') => "á".to_owned(),
                (1, 'e') => "e\u{308}".to_owned(),
                (1, 'o') => "ö".to_owned(),
                (1, 'n') => "ñ".to_owned(),
                (1, 'c') => "ç".to_owned(),
                (1, 's') => "š".to_owned(),
                (1, 'u') => "u\u{301}".to_owned(),
                _ => c.to_string(),
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_order_of_words_does_not_matter(
        seed in 1_u64.., listed in any::<bool>(), turn in 0_usize..6, back in any::<bool>(),
    ) {
        let name = name(seed, listed);
        let mut words: Vec<&str> = name.split(' ').collect();
        let turn = turn % words.len();
        words.rotate_left(turn);
        if back {
            words.reverse();
        }
        prop_assert_eq!(scores(&words.join(" ")), scores(&name));
    }

    #[test]
    fn marks_case_and_signs_do_not_matter(
        seed in 1_u64.., listed in any::<bool>(), which in any::<u64>(),
    ) {
        let name = name(seed, listed);
        prop_assert_eq!(scores(&marked(&name, which)), scores(&name));
        prop_assert_eq!(scores(&name.to_uppercase()), scores(&name));
        prop_assert_eq!(scores(&name.replace(' ', ", ")), scores(&name));
    }

    #[test]
    fn whoever_is_listed_is_found_for_certain(seed in 1_u64..) {
        let name = name(seed, true);
        let best = scores(&name).into_iter().map(|(_, score)| score).max();
        prop_assert_eq!(best, Some(1_000), "{}", name);
    }

    #[test]
    fn a_stranger_word_never_raises_a_score(seed in 1_u64.., listed in any::<bool>()) {
        let name = name(seed, listed);
        let with = scores(&format!("{name} Qxzvjkwert"));
        let without = scores(&name);
        for (entry, score) in with {
            let before = without.iter().find(|(id, _)| *id == entry).map(|(_, score)| *score);
            prop_assert!(before.is_some_and(|before| score <= before), "{} {}", name, entry);
        }
    }

    #[test]
    fn no_text_breaks_it(name in "\\PC{0,200}") {
        let found = index().screen(&Party { name: &name, ..Party::default() }, Thresholds::default());
        prop_assert!(found.hits.iter().all(|hit| (800..=1_000).contains(&hit.score)));
        prop_assert!(found.hits.is_sorted_by(|a, b| a.score >= b.score));
    }

    #[test]
    fn no_bytes_break_a_reader(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        text in "[<>/a-z=\"{}\\[\\]:,;&!\\n ]{0,120}",
    ) {
        for format in Format::ALL {
            let _ = (format.read("x", &bytes), format.read("x", text.as_bytes()));
        }
    }
}
