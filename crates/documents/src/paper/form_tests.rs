//! Reads the printed forms back: sizes, fields, figures and bars.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::barcode::reader;
use crate::cn22::{self, Cn22, Size};
use crate::cn23::{self, Cn23};
use crate::invoice::{self, Amounts, Invoice, Kind, Language, Line};
use crate::pdf::read_back::{File, bars, find, shown};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn euro() -> Currency {
    Currency { code: "EUR".into(), digits: 2 }
}

fn seller() -> Party {
    Party {
        name: "Zoé Œuvré".into(),
        business: "Atelier Exemple Société à responsabilité limitée".into(),
        street: vec!["1 rue de l'Exemple".into(), "Bâtiment B".into()],
        postcode: "00000".into(),
        city: "Villexemple".into(),
        region: String::new(),
        country: "FRANCE (FR)".into(),
        phone: "+33000000000".into(),
        email: "shop@example.org".into(),
        references: vec![("EORI".into(), "FR00000000000000".into())],
    }
}

fn buyer() -> Party {
    Party {
        name: "Łukasz Example-Müller von und zu Sehr-Langname der Dritte".into(),
        street: vec!["2 Sample Road".into()],
        postcode: "AA1 1AA".into(),
        city: "Sampleton".into(),
        country: "UNITED KINGDOM (GB)".into(),
        phone: "+440000000000".into(),
        email: "pat@example.com".into(),
        ..Party::default()
    }
}

fn goods(no: usize) -> Goods {
    Goods {
        description: format!("Men's T-shirt no. {no}, knitted cotton, « été »"),
        quantity: 3,
        unit: String::new(),
        net_kg: Some(dec("0.3")),
        value: dec("29.97"),
        code: "610910".into(),
        origin: "PT".into(),
    }
}

fn cn22_of(lines: usize, size: Size) -> Cn22 {
    Cn22 {
        size,
        operator: "La Poste Exemple".into(),
        category: Category::SaleOfGoods,
        explanation: String::new(),
        goods: (1..=lines).map(goods).collect(),
        currency: euro(),
        total_kg: dec("1.42"),
        date: "2026-11-23".into(),
        signature: "Zoé Œuvré".into(),
        sender: seller(),
        addressee: buyer(),
        item_id: "LX100000025FR".into(),
        scheme: String::new(),
    }
}

fn cn23_of(lines: usize) -> Cn23 {
    Cn23 {
        operator: "La Poste Exemple".into(),
        item_id: "CP100000021FR".into(),
        sender: seller(),
        addressee: Party { references: vec![("VAT".into(), "GB123456727".into())], ..buyer() },
        goods: (1..=lines).map(goods).collect(),
        currency: euro(),
        gross_kg: dec("4.1"),
        postage: "19.00 EUR".into(),
        category: Category::ReturnedGoods,
        explanation: "goods do not fit".into(),
        comments: vec!["returned goods, original item LX100000025FR".into()],
        licences: vec![],
        certificates: vec!["PHYTO-7".into()],
        invoice: "INV-2026-001".into(),
        date: "2026-11-23".into(),
        signature: "Zoé Œuvré".into(),
        office_of_origin: "Villexemple".into(),
        posting_date: "2026-11-23".into(),
    }
}

fn invoice_of(lines: usize, language: Language) -> Invoice {
    let line = |no| Line {
        goods: goods(no),
        sku: format!("TS-{no}"),
        identifiers: vec![("GTIN".into(), "09521234543213".into())],
        preference: no == 2,
    };
    Invoice {
        kind: Kind::Commercial,
        language,
        number: "INV-2026-001".into(),
        date: "2026-11-22".into(),
        order: "ORD-77".into(),
        transport_document: "LX100000025FR".into(),
        seller: seller(),
        buyer: buyer(),
        shipper: None,
        ship_to: None,
        importer: None,
        incoterm: "DAP Sampleton".into(),
        reason: "Sale".into(),
        payment: "paid".into(),
        currency: euro(),
        lines: (1..=lines).map(line).collect(),
        amounts: Amounts {
            discount: Some(dec("1.00")),
            freight: Some(dec("9.00")),
            ..Amounts::default()
        },
        pieces: 1,
        gross_kg: Some(dec("1.42")),
        statements: vec!["No licence required.".into()],
        signature: "Zoé Œuvré, manager".into(),
        place_and_date: "Villexemple, 2026-11-22".into(),
    }
}

/// Every text of every page.
fn texts(paper: &Paper) -> Vec<Vec<String>> {
    let latin = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect::<String>();
    let file = File::open(&paper.pdf);
    file.streams().into_iter().map(|page| shown(page).into_iter().map(latin).collect()).collect()
}

/// Wrapped texts of all pages as one, blank between lines.
fn whole(paper: &Paper) -> String {
    texts(paper).concat().join(" ")
}

/// Sizes of the pages in millimetres.
fn millimetres(paper: &Paper) -> Vec<(u32, u32)> {
    let file = File::open(&paper.pdf);
    let pages = file.containing(b"/MediaBox");
    let size = |page: &&[u8]| {
        let from = find(page, b"/MediaBox [0 0 ").unwrap() + 15;
        let end = find(&page[from..], b"]").unwrap();
        let text = std::str::from_utf8(&page[from..from + end]).unwrap();
        let mut sides = text.split(' ').map(|points| points.parse::<f64>().unwrap());
        let mm = |points: f64| (points * 25.4 / 72.0).round() as u32;
        (mm(sides.next().unwrap()), mm(sides.next().unwrap()))
    };
    pages.iter().map(size).collect()
}

fn barcode(paper: &Paper, height: &str) -> String {
    let file = File::open(&paper.pdf);
    let widths = bars(file.streams()[0], height);
    let module = widths.last().unwrap() / 2;
    let widths: Vec<u8> = widths.iter().map(|width| width / module).collect();
    reader::read(&widths).unwrap()
}

fn assert_says(paper: &Paper, wanted: &[&str]) {
    let text = whole(paper);
    for words in wanted {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
}

#[test]
fn a_cn22_has_its_size_every_field_and_a_barcode_on_both_papers() {
    for (size, mm) in [(Size::Label, (74, 105)), (Size::Panel, (100, 150))] {
        let paper = cn22::pdf(&cn22_of(4, size)).unwrap();
        assert_eq!((millimetres(&paper), paper.cut), (vec![mm], false));
        assert_says(
            &paper,
            &["CN 22", "La Poste Exemple", "(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)"],
        );
        assert_says(&paper, &["DÉCLARATION EN DOUANE", "Important!", "d'office", "X", "Vente"]);
        assert_says(&paper, &["29.97", "0.300", "610910", "PT", "119.88 EUR", "1.420"]);
        assert_says(&paper, &["2026-11-23", "1 rue de l'Exemple", "00000 Villexemple"]);
        assert_eq!(barcode(&paper, "64"), "LX100000025FR");
    }
}

#[test]
fn what_a_cn22_may_not_hold_is_sent_to_cn23() {
    let heavy = Cn22 { total_kg: dec("2.001"), ..cn22_of(1, Size::Label) };
    assert!(cn22::pdf(&heavy).unwrap_err().to_string().contains("use CN23"));
    let just = Cn22 { total_kg: dec("2.000"), ..cn22_of(1, Size::Label) };
    assert!(cn22::pdf(&just).is_ok());
    let many = cn22::pdf(&cn22_of(5, Size::Label)).unwrap_err();
    assert_eq!(many, FormError::TooManyLines { lines: 5, max: 4 });
    let other = Cn22 { category: Category::Other, ..cn22_of(1, Size::Label) };
    assert_eq!(cn22::pdf(&other).unwrap_err(), FormError::Missing { field: "explanation" });
}

#[test]
fn a_cn23_has_its_size_every_field_and_a_barcode() {
    let paper = cn23::pdf(&cn23_of(5)).unwrap();
    assert_eq!((millimetres(&paper), paper.cut), (vec![(210, 148)], false));
    for field in 1..=15 {
        assert_says(&paper, &[&format!("({field})")]);
    }
    assert_says(&paper, &["CN 23", "Retour de marchandise", "goods do not fit", "PHYTO-7"]);
    assert_says(
        &paper,
        &["FR00000000000000", "VAT GB123456727", "pat@example.com", "INV-2026-001"],
    );
    assert_says(&paper, &["149.85 EUR", "4.100", "19.00 EUR", "original item LX100000025FR"]);
    assert_eq!(barcode(&paper, "81"), "CP100000021FR");
}

#[test]
fn many_goods_go_on_with_subtotals_and_the_first_page_has_all() {
    for (lines, pages, last) in [(8, 2, "89.91 EUR"), (40, 4, "89.91 EUR")] {
        let paper = cn23::pdf(&cn23_of(lines)).unwrap();
        assert_eq!((paper.pages, millimetres(&paper).len()), (pages, pages));
        let texts = texts(&paper);
        let sum = money(dec("29.97") * Decimal::from(lines), 2);
        assert!(texts[0].contains(&format!("{sum} EUR")));
        assert!(texts[pages - 1].contains(&last.to_owned()));
        for no in 1..=lines {
            assert_says(&paper, &[&format!("T-shirt no. {no}, ")]);
        }
    }
}

#[test]
fn an_invoice_multiplies_and_adds_up() {
    let paper = invoice::pdf(&invoice_of(1, Language::English)).unwrap();
    assert_eq!(millimetres(&paper), vec![(210, 297)]);
    let page = &texts(&paper)[0];
    let after = |text: &str| page.iter().position(|shown| shown == text).unwrap();
    // Quantity, weight, unit value, line value: in this order and apart.
    assert_eq!(page[after("0.300") - 1..after("0.300") + 3], ["3", "0.300", "9.99", "29.97"]);
    assert_says(&paper, &["Commercial invoice", "INV-2026-001", "Page 1 / 1", "DAP Sampleton"]);
    assert_says(&paper, &["-1.00 EUR", "28.97 EUR", "37.97 EUR", "SKU TS-1, GTIN 09521234543213"]);
    assert_says(&paper, &["No licence required.", "true and correct", "Zo\u{e9}", "Sale", "paid"]);
}

#[test]
fn long_invoices_carry_their_subtotals() {
    for (lines, language) in
        [(8, Language::French), (40, Language::German), (90, Language::Spanish)]
    {
        let invoice = invoice_of(lines, language);
        let paper = invoice::pdf(&invoice).unwrap();
        assert!(!paper.cut);
        let pages = texts(&paper);
        assert_eq!(pages.len(), paper.pages);
        assert!(lines < 40 || paper.pages > 1);
        let mut running = Decimal::ZERO;
        for (at, page) in pages.iter().enumerate() {
            let count = page.iter().filter(|text| *text == "29.97").count();
            let carried = format!("{} EUR", money(running, 2));
            assert!(at == 0 || page.contains(&carried), "page {at} brings {carried}");
            running += dec("29.97") * Decimal::from(count);
            let carried = format!("{} EUR", money(running, 2));
            assert!(at + 1 == pages.len() || page.contains(&carried));
        }
        assert_eq!(running, dec("29.97") * Decimal::from(lines));
        let grand = format!("{} EUR", money(running + dec("8.00"), 2));
        assert!(pages.last().unwrap().contains(&grand));
    }
}

#[test]
fn letters_that_the_fonts_lack_are_spelled_and_said() {
    let paper = cn23::pdf(&cn23_of(1)).unwrap();
    assert!(paper.lost, "the name has a letter outside the fonts");
    assert_says(&paper, &["Lukasz Example-M\u{fc}ller"]);
    let plain = Cn23 { addressee: seller(), ..cn23_of(1) };
    assert!(!cn23::pdf(&plain).unwrap().lost);
}

#[test]
fn the_same_form_gives_the_same_bytes() {
    let cn22 = cn22_of(3, Size::Panel);
    assert_eq!(cn22::pdf(&cn22).unwrap(), cn22::pdf(&cn22).unwrap());
    assert_eq!(cn23::pdf(&cn23_of(8)).unwrap(), cn23::pdf(&cn23_of(8)).unwrap());
    let invoice = invoice_of(40, Language::French);
    assert_eq!(invoice::pdf(&invoice).unwrap(), invoice::pdf(&invoice).unwrap());
}

#[test]
fn what_is_missing_is_named() {
    let without = Invoice { number: " ".into(), ..invoice_of(1, Language::English) };
    assert_eq!(invoice::pdf(&without).unwrap_err(), FormError::Missing { field: "number" });
    let empty = Cn23 { goods: vec![], ..cn23_of(1) };
    assert_eq!(cn23::pdf(&empty).unwrap_err(), FormError::NoGoods);
    let mut weightless = cn23_of(1);
    weightless.goods[0].net_kg = None;
    assert_eq!(cn23::pdf(&weightless).unwrap_err(), FormError::Missing { field: "net_kg" });
}
