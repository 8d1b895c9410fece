//! The nomenclature and the search over it.
use std::sync::OnceLock;

use colibri_customs_rules::{
    hs::{Index, Nomenclature, Source},
    identifiers::tariff_code,
};
use proptest::prelude::*;
use time::macros::date;

pub fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| Index::shipped().unwrap())
}

#[derive(serde::Deserialize)]
pub struct Known {
    pub description: String,
    pub hs6: String,
}

/// Lines of British shops with the codes that were declared. About half of them are in the index;
/// see [`unseen_lines`].
pub fn consumer_lines() -> Vec<Known> {
    let table = include_str!("../data/uk_consumer_descriptions.csv");
    csv::Reader::from_reader(table.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// Lines that are not in the index, nor any that begins with the same word: they measure it.
fn unseen_lines() -> Vec<Known> {
    let table = include_str!("../../data/uk_shop_lines.csv");
    let indexed: std::collections::BTreeSet<&str> =
        table.lines().filter_map(|line| line.rsplit_once(',')).map(|(term, _)| term).collect();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let unseen = |line: &Known| {
        let text = line.description.as_str();
        !indexed.contains(text) && !indexed.contains(quoted(text).as_str())
    };
    consumer_lines().into_iter().filter(unseen).collect()
}

#[test]
fn the_nomenclature_of_2022_is_whole() {
    let nomenclature = Nomenclature::shipped().unwrap();
    assert_eq!(nomenclature.subheadings().count(), 5_612);
    assert_eq!(Nomenclature::VALID_UNTIL, date!(2027 - 12 - 31));
    for (code, exists) in [
        ("610910", true),
        ("010121", true),
        ("970610", true),
        ("999999", false),
        ("610999", false),
        ("6109", false),
        ("61091", false),
        ("", false),
        ("é61091", false),
    ] {
        assert_eq!(nomenclature.exists(code), exists, "{code}");
    }
    assert!(nomenclature.heading("610910").unwrap().starts_with("T-shirts"));
    assert!(nomenclature.chapter("610910").unwrap().contains("knitted"));
    let below: Vec<&str> = nomenclature.below("6109").map(|entry| entry.code).collect();
    assert_eq!(below, ["610910", "610990"]);
    assert!(Nomenclature::read("hscode,description\n").is_err());
    assert!(Nomenclature::read("a,b\n1,2\n").is_err());
}

#[test]
fn codes_are_checked_against_the_nomenclature() {
    let nomenclature = index().nomenclature();
    let exists = |code: &str| nomenclature.exists(code);
    assert_eq!(tariff_code("6109.10", exists).unwrap().digits, "610910");
    assert!(tariff_code("999999", exists).is_err());
}

#[test]
fn goods_of_shops_are_found_in_three_languages() {
    for (text, heading) in [
        ("cotton t-shirt", "6109"),
        ("men's T-shirt, knitted cotton", "6109"),
        ("T-shirt en coton pour homme", "6109"),
        ("Baumwoll T-Shirt für Herren", "6109"),
        ("leather handbag", "4202"),
        ("sac à main en cuir", "4202"),
        ("Lederhandtasche", "4202"),
        ("brake disc, steel, for passenger car", "8708"),
        ("olive oil extra virgin", "1509"),
        ("huile d'olive", "1509"),
        ("Olivenöl", "1509"),
        ("umbrella", "6601"),
        ("umbrela", "6601"),
        ("wooden chair", "9401"),
        ("toothpaste", "3306"),
        ("electric guitar", "9207"),
        ("lipstick", "3304"),
        ("dog food", "2309"),
    ] {
        let found = index().headings(text, 5);
        assert!(found.contains(&heading), "{text}: {found:?}");
    }
}

#[test]
fn the_first_code_of_a_clear_text_says_why() {
    let found = index().search("cotton t-shirt", 5);
    assert!(!found.abstained);
    let first = found.candidates.first().unwrap();
    assert_eq!((first.hs6.as_str(), first.heading.as_str()), ("610910", "6109"));
    assert!(first.confidence > 0.0 && first.confidence < 1.0);
    let own = first.reasons.iter().find(|reason| reason.source == Source::Subheading).unwrap();
    assert_eq!(own.words, ["cotton", "tshirt"]);
    assert_eq!(own.text, first.text);
    let scores: Vec<f32> = found.candidates.iter().map(|c| c.score).collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn one_question_splits_the_first_candidates() {
    let question = index().search("men's shirt", 10).question.unwrap();
    assert!(question.choices.len() >= 2, "{question:?}");
    let most = question.choices.iter().map(|choice| choice.hs6.len()).max().unwrap();
    assert!(most < 6, "an answer that leaves everything splits nothing: {question:?}");
    // What the text says is not asked again.
    let asked = index().search("men's shirt, woven cotton", 10).question;
    assert!(asked.is_none_or(|q| q.about != "material" && q.about != "making"));
}

#[test]
fn nothing_is_offered_for_what_nobody_knows() {
    for text in ["", " ", "qzxv wkjhq", "1234567890", "!!!", "🙂🙂", "棉质恤", "the of and"]
    {
        let found = index().search(text, 10);
        assert!(found.abstained && found.candidates.is_empty(), "{text}: {found:?}");
        assert_eq!(found.question, None, "{text}");
    }
}

#[test]
fn the_same_text_always_gets_the_same_answer() {
    let other = Index::shipped().unwrap();
    for text in ["cotton t-shirt", "plastic box for food", "Holzstuhl", "gloss lipstick"] {
        assert_eq!(index().search(text, 20), other.search(text, 20), "{text}");
    }
}

#[test]
fn consumer_lines_are_found_as_often_as_measured() {
    let lines = unseen_lines();
    assert_eq!(lines.len(), 1_123);
    let taken: Vec<&Known> = lines.iter().step_by(2).collect();
    let (mut code, mut heading) = (0, 0);
    for line in &taken {
        let found = index().search(&line.description, 10).candidates;
        code += usize::from(found.iter().any(|c| c.hs6 == line.hs6));
        heading += usize::from(found.iter().any(|c| line.hs6.starts_with(&c.heading)));
    }
    // Measured with `--example hs_eval`; the floors are what a plain BM25 reaches, and half more.
    assert!(code * 100 >= taken.len() * 30, "{code} of {}", taken.len());
    assert!(heading * 100 >= taken.len() * 36, "{heading} of {}", taken.len());
}

#[test]
fn very_long_texts_are_read_only_so_far() {
    let long = "cotton t-shirt ".repeat(700);
    assert!(long.len() > 10_000);
    assert_eq!(index().headings(&long, 1), ["6109"]);
    assert!(index().search(&"x".repeat(10_000), 10).abstained);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_breaks_the_search(text in "\\PC{0,120}", limit in 0_usize..30) {
        let found = index().search(&text, limit);
        prop_assert!(found.candidates.len() <= limit);
        for candidate in &found.candidates {
            prop_assert!(index().nomenclature().exists(&candidate.hs6));
            prop_assert!((0.0..=1.0).contains(&candidate.confidence));
        }
    }
}
