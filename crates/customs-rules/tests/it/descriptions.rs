//! The gate against bad descriptions: the reference's cases, its two figures, its laws.
use colibri_customs_rules::descriptions::{Code, Context, Finding, Severity, check, refused};
use proptest::prelude::*;
use time::macros::date;

use crate::hs::{consumer_lines, index};

fn context() -> Context<'static> {
    Context::new(index())
}

fn codes(text: &str, context: &Context<'_>) -> Vec<(Code, Severity)> {
    check(text, context).iter().map(|finding| (finding.code, finding.severity)).collect()
}

fn found(text: &str, context: &Context<'_>, code: Code) -> Option<Finding> {
    check(text, context).into_iter().find(|finding| finding.code == code)
}

#[test]
fn texts_that_say_nothing_are_refused_for_the_right_reason() {
    for (text, code) in [
        ("", Code::Empty),
        ("  ... ", Code::Empty),
        ("no commercial value", Code::Empty),
        ("Clothes", Code::StopWordAlone),
        ("Electronics and accessories", Code::StopWordAlone),
        ("clothing, footwear & accessories", Code::StopWordAlone),
        ("various clothes", Code::StopWordAlone),
        ("garment", Code::StopWordAlone),
        ("Spare parts", Code::StopWordAlone),
        ("Vêtements", Code::StopWordAlone),
        ("vetements et chaussures", Code::StopWordAlone),
        ("PIÈCES DÉTACHÉES", Code::StopWordAlone),
        ("pieces detachees", Code::StopWordAlone),
        ("Clothes - value for customs purposes only", Code::StopWordAlone),
        ("Freight of all kinds", Code::StopWordAlone),
        ("Gift", Code::GiftWording),
        ("birthday present for my friend", Code::GiftWording),
        ("Cadeau de Noël", Code::GiftWording),
        ("6109100010", Code::CodeOnly),
        ("6109.10.00", Code::CodeOnly),
        ("AW-2231-BLK", Code::CodeOnly),
        ("SKU 12345", Code::CodeOnly),
        ("n/a", Code::Placeholder),
        ("see invoice", Code::Placeholder),
        ("XXX", Code::Placeholder),
        ("voir facture", Code::Placeholder),
        ("TV", Code::TooShort),
        ("棉质T恤", Code::Script),
    ] {
        let findings = check(text, &context());
        let first = findings.first().unwrap_or_else(|| panic!("{text}: nothing found"));
        assert_eq!((first.code, first.severity), (code, Severity::Error), "{text}: {findings:?}");
    }
}

#[test]
fn texts_that_name_goods_pass() {
    for text in [
        "LED lamp, table, steel base",
        "men's T-shirt, knitted cotton",
        "brake disc, steel, for passenger car",
        "wireless headphones with lithium-ion battery in equipment",
        "Wooden gift box, empty",
        "Leather bags for cameras",
        "Spare parts: toner drum for laser printer",
        "fish oil capsules",
        "3-pack twisted natural jute yarn",
        "Robe en coton, femme",
        "Schrauben aus Stahl",
        "pregnancy test",
        "gift wrapping paper",
    ] {
        let findings = check(text, &context());
        assert!(!refused(&findings), "{text}: {findings:?}");
    }
    let lamp = codes("LED lamp, table, steel base", &context());
    assert!(lamp.iter().all(|(_, severity)| *severity == Severity::Note), "{lamp:?}");
}

#[test]
fn general_terms_among_others_only_warn() {
    for (text, code, severity) in [
        ("Wooden gift box, empty", Code::GiftWording, Severity::Note),
        ("Wooden gift box, empty", Code::StopWordInside, Severity::Warning),
        ("Leather bags for cameras", Code::StopWordInside, Severity::Warning),
        ("Spare parts: toner drum for laser printer", Code::StopWordInside, Severity::Warning),
        // Not documented: it may be refused, so it only warns.
        ("Tools", Code::StopWordAlone, Severity::Warning),
        ("Outils", Code::StopWordAlone, Severity::Warning),
        ("electronics and tools", Code::StopWordAlone, Severity::Warning),
        ("parts of steel", Code::StopWordInside, Severity::Warning),
    ] {
        assert!(codes(text, &context()).contains(&(code, severity)), "{text}");
    }
}

#[test]
fn a_term_judges_no_record_from_before_it_was_added() {
    let on = |date| Context { date: Some(date), ..context() };
    assert!(refused(&check("Headwear", &on(date!(2026 - 02 - 02)))));
    assert!(!refused(&check("Headwear", &on(date!(2026 - 02 - 01)))));
    assert!(refused(&check("Headwear", &context())));
}

#[test]
fn what_is_known_besides_the_text_is_used() {
    let base = context();
    let coded = |hs| Context { hs: Some(hs), ..base };
    let named = Context { names: &["Atelier Zéphyrin", "Nordwind"], ..base };
    for (text, context, code, severity) in [
        ("atelier zephyrin", named, Code::CompanyOrBrandOnly, Severity::Error),
        (
            "NORDWIND",
            Context { hs: Some("610910"), ..named },
            Code::CompanyOrBrandOnly,
            Severity::Warning,
        ),
        ("Quxbrandy", base, Code::TooShort, Severity::Warning),
        ("women's dress", coded("620449"), Code::MissingMaterial, Severity::Warning),
        ("handbag for women", coded("420221"), Code::MissingMaterial, Severity::Warning),
        ("toner drum parts", base, Code::MissingUse, Severity::Warning),
        ("live horses", coded("850760"), Code::HsConflict, Severity::Warning),
        (
            "5 cotton shirts",
            Context { quantity: Some(3), ..base },
            Code::QuantityInside,
            Severity::Warning,
        ),
        ("perfume spray", base, Code::DangerousHint, Severity::Note),
        ("power tool with lithium battery", base, Code::DangerousHint, Severity::Note),
    ] {
        assert!(
            codes(text, &context).contains(&(code, severity)),
            "{text}: {:?}",
            check(text, &context)
        );
    }
    for (text, context, code) in [
        ("women's dress, woven viscose", coded("620444"), Code::MissingMaterial),
        ("Lederhandtasche", coded("420221"), Code::MissingMaterial),
        ("cotton t-shirt", coded("610910"), Code::HsConflict),
        ("3 cotton shirts", Context { quantity: Some(3), ..base }, Code::QuantityInside),
        ("500 ml shampoo", Context { quantity: Some(1), ..base }, Code::QuantityInside),
        ("3-piece tool set", Context { quantity: Some(1), ..base }, Code::QuantityInside),
        ("brake parts for passenger car", base, Code::MissingUse),
        ("Nordwind wool scarf", named, Code::CompanyOrBrandOnly),
    ] {
        assert_eq!(found(text, &context, code), None, "{text}");
    }
}

#[test]
fn other_scripts_are_written_in_latin_letters_where_that_is_known() {
    let cyrillic = found("Футболка хлопок", &context(), Code::Script).unwrap();
    assert_eq!(cyrillic.severity, Severity::Warning);
    assert_eq!(cyrillic.suggestion.as_deref(), Some("Futbolka khlopok"));
    let greek = found("πουκάμισο", &context(), Code::Script).unwrap();
    assert_eq!(greek.suggestion.as_deref(), Some("poykamiso"));
    let any = Context { latin: false, ..context() };
    assert_eq!(found("棉质T恤", &any, Code::Script), None);
    assert_eq!(found("Größe éàç ñ", &context(), Code::Script), None);
}

#[test]
fn a_text_that_is_too_long_is_cut_at_a_word_and_keeps_the_thing() {
    let short = Context { characters_max: Some(20), ..context() };
    for (text, cut) in [
        ("cotton shirt for men with long sleeves", "cotton shirt for men"),
        ("very beautiful hand made vintage chair, oak", "hand made vintage chair"),
    ] {
        let long =
            found(text, &Context { characters_max: Some(cut.len()), ..short }, Code::TooLong);
        assert_eq!(long.unwrap().suggestion.as_deref(), Some(cut));
    }
    assert_eq!(found("cotton shirt", &short, Code::TooLong), None);
}

#[test]
fn set_phrases_are_taken_out() {
    let text = "cotton shirt, no commercial value, blue";
    let noise = found(text, &context(), Code::NoisePhrase).unwrap();
    assert_eq!(&text[noise.span], "no commercial value");
    assert_eq!(noise.suggestion.as_deref(), Some("cotton shirt blue"));
    assert!(!refused(&check(text, &context())));
}

#[derive(serde::Deserialize)]
struct Term {
    term: String,
    status: String,
}

/// Texts made of general terms only: each documented term in several dresses, and pairs of them.
fn general_texts() -> Vec<String> {
    let tables = [
        include_str!("../../data/goods_description_stop_words.csv"),
        include_str!("../../data/general_terms.csv"),
    ];
    let terms: Vec<String> = tables
        .iter()
        .flat_map(|table| {
            csv::Reader::from_reader(table.as_bytes())
                .into_deserialize::<Term>()
                .map(Result::unwrap)
        })
        .filter(|term| term.status == "documented")
        .map(|term| term.term)
        .collect();
    let mut texts = Vec::new();
    for (at, term) in terms.iter().enumerate() {
        let other = &terms[(at * 7 + 3) % terms.len()];
        texts.push(term.clone());
        texts.push(term.to_uppercase());
        texts.push(format!(" {}. ", term.to_lowercase()));
        texts.push(format!("various {term}"));
        texts.push(format!("{term} and {other}"));
        texts.push(format!("{term}, {other}"));
        texts.push(format!("{other} & {term} - no commercial value"));
        // One more or one fewer at the end of the last word.
        texts.push(match term.strip_suffix('s') {
            Some(one) => one.to_owned(),
            None => format!("{term}s"),
        });
    }
    texts
}

#[test]
fn general_texts_are_refused_and_good_ones_are_not() {
    let general = general_texts();
    let refusals = general.iter().filter(|text| refused(&check(text, &context()))).count();
    assert!(refusals * 100 >= general.len() * 95, "{refusals} of {}", general.len());

    let lines = consumer_lines().into_iter().map(|line| line.description);
    let nomenclature = index().nomenclature();
    let texts = nomenclature.subheadings().step_by(8).map(|entry| entry.text.to_owned());
    let good: Vec<String> = lines.chain(texts).collect();
    assert!(good.len() > 3_000);
    let wrong: Vec<&String> =
        good.iter().filter(|text| refused(&check(text, &context()))).collect();
    assert!(wrong.len() * 100 <= good.len(), "{} of {}: {wrong:?}", wrong.len(), good.len());
}

#[test]
fn ten_thousand_characters_and_odd_signs_are_judged() {
    for text in [
        "a".repeat(10_000),
        "cotton shirt, ".repeat(800),
        "🙂".repeat(5_000),
        "\u{301}\u{301}".to_owned(),
        "ﬁ ǅ ß İ".to_owned(),
        "\0\u{7f}\u{202e}".to_owned(),
    ] {
        let context = Context { characters_max: Some(60), quantity: Some(2), ..context() };
        for finding in check(&text, &context) {
            assert!(text.get(finding.span.clone()).is_some(), "{finding:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_breaks_the_gate(text in "\\PC{0,80}", most in 0_usize..40, code in "[0-9]{0,8}") {
        let context = Context {
            characters_max: Some(most),
            quantity: Some(1),
            hs: Some(&code),
            names: &["", "Nordwind"],
            ..context()
        };
        let findings = check(&text, &context);
        prop_assert_eq!(&findings, &check(&text, &context));
        for finding in &findings {
            prop_assert!(text.get(finding.span.clone()).is_some());
            if finding.code == Code::TooLong {
                let fits = |cut: &String| cut.chars().count() <= most;
                prop_assert!(finding.suggestion.as_ref().is_none_or(fits));
            }
        }
        prop_assert!(findings.is_sorted_by(|a, b| a.severity >= b.severity));
    }
}
