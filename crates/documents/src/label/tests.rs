#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::barcode::{QUIET_ZONE_MODULES, reader};
use crate::text::width;
use proptest::prelude::*;

fn lines(text: &[&str]) -> Vec<String> {
    text.iter().map(|line| (*line).to_owned()).collect()
}

pub(super) fn spec() -> LabelSpec {
    LabelSpec {
        carrier_name: "Nordpost".into(),
        service: "Express 12:00".into(),
        tracking_number: "3SABCD0123456789".into(),
        barcode: Barcode::code128("3SABCD0123456789").unwrap(),
        sender: lines(&["Atelier Müller", "Straße des Ñandú 12", "75011 Paris", "FRANCE"]),
        recipient: lines(&["Zoé Exemple", "14 rue de l'Œuvre (3^e)", "1000 Testville", "€_~\\"]),
        weight_g: Some(1250),
        reference: Some("ORD-2026-000123".into()),
        parcel_index: 1,
        parcel_count: 2,
        routing: lines(&["FR-75", "HUB 012", "A7"]),
        size: LabelSize::Inch4x6,
        note: Some("SPECIMEN – NOT VALID FOR CARRIAGE".into()),
    }
}

/// Notes the boxes that are blackened or written in.
#[derive(Default)]
struct Boxes {
    ink: Vec<(Area, String)>,
    texts: Vec<String>,
}

impl Pen for Boxes {
    fn text(&mut self, at: (u32, u32), align: Align, font: Font, size: u32, text: &str) {
        let width = width(font, size, text);
        let x = match align {
            Align::Left => at.0,
            Align::Center => at.0.checked_sub(width / 2).unwrap(),
            Align::Right => at.0.checked_sub(width).unwrap(),
        };
        // From the ascender to below the descender: 76 % and 21 % of the size.
        let area = Area { x, y: at.1, width, height: size * 97 / 100 };
        self.texts.push(text.to_owned());
        if !text.is_empty() {
            self.ink.push((area, text.to_owned()));
        }
    }

    fn fill(&mut self, area: Area) {
        self.ink.push((area, "fill".into()));
    }

    /// A frame is its sides, which meet in the corners: kept apart here.
    fn frame(&mut self, area: Area, _: u32) {
        for y in [area.y, area.y + area.height - 3] {
            self.ink.push((Area { y, height: 3, ..area }, "fill".into()));
        }
    }

    fn barcode(&mut self, at: (u32, u32), height: u32, module: u32, barcode: &Barcode) {
        assert!((2..=4).contains(&module));
        let width = (barcode.modules() + 2 * QUIET_ZONE_MODULES) * module;
        let x = at.0.checked_sub(width.div_ceil(2)).expect("quiet zone inside the label");
        self.ink.push((Area { x, y: at.1, width, height }, "barcode".into()));
    }
}

fn overlap(a: &Area, b: &Area) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

fn any_spec() -> impl Strategy<Value = LabelSpec> {
    let line = || prop_oneof!["[A-Za-z0-9 ]{0,30}", "\\PC{0,90}", "[WM]{0,120}"];
    let few = move || prop::collection::vec(line(), 0..12);
    let size =
        prop_oneof![Just(LabelSize::Inch4x6), Just(LabelSize::A6), Just(LabelSize::Cm10x15),];
    let names = (line(), line(), line(), few(), few(), few());
    let facts = (any::<Option<u32>>(), prop::option::of(line()), any::<u32>(), any::<u32>());
    let rest = ("[!-~]{1,28}", prop::option::of(line()), size);
    (names, facts, rest).prop_filter_map("fits", |(names, facts, (payload, note, size))| {
        let (carrier_name, service, tracking_number, sender, recipient, routing) = names;
        let (weight_g, reference, parcel_index, parcel_count) = facts;
        Some(LabelSpec {
            carrier_name,
            service,
            tracking_number,
            barcode: Barcode::code128(&payload).ok()?,
            sender,
            recipient,
            weight_g,
            reference,
            parcel_index,
            parcel_count,
            routing,
            size,
            note,
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_overlaps_and_nothing_leaves_the_label(spec in any_spec()) {
        let mut boxes = Boxes::default();
        layout::draw(&spec, &mut boxes);
        let (width, height) = spec.size.dots();
        for (area, name) in &boxes.ink {
            prop_assert!(area.x + area.width <= width, "{name} {area:?}");
            prop_assert!(area.y + area.height <= height, "{name} {area:?}");
        }
        for (index, (area, name)) in boxes.ink.iter().enumerate() {
            for (other, other_name) in &boxes.ink[..index] {
                // Rules may touch rules.
                if name == "fill" && other_name == "fill" {
                    continue;
                }
                prop_assert!(!overlap(area, other), "{name} {area:?} over {other_name} {other:?}");
            }
        }
    }
}

#[test]
fn everything_in_the_specification_is_printed() {
    let mut boxes = Boxes::default();
    assert!(!layout::draw(&spec(), &mut boxes));
    let printed = |text: &str| boxes.texts.iter().any(|line| line == text);
    let spec = spec();
    for text in spec.sender.iter().chain(&spec.recipient).chain(&spec.routing) {
        assert!(printed(text), "{text}");
    }
    for text in ["Nordpost", "Express 12:00", "1 / 2", "1.250 kg", "ORD-2026-000123"] {
        assert!(printed(text), "{text}");
    }
    assert!(printed("3SABCD0123456789"));
    assert!(printed("SPECIMEN – NOT VALID FOR CARRIAGE"));
}

#[test]
fn what_is_absent_has_no_caption() {
    let mut boxes = Boxes::default();
    let bare = LabelSpec { weight_g: None, reference: None, sender: vec![], ..spec() };
    layout::draw(&bare, &mut boxes);
    for caption in ["WEIGHT", "REFERENCE", "FROM"] {
        assert!(!boxes.texts.iter().any(|text| text == caption), "{caption}");
    }
}

#[test]
fn losses_are_reported() {
    assert_eq!(fidelity(&spec()), Fidelity { lost: false, cut: false });
    let lost = LabelSpec { recipient: lines(&["Łukasz"]), ..spec() };
    assert_eq!(fidelity(&lost), Fidelity { lost: true, cut: false });
    let cut = LabelSpec { recipient: vec!["line".into(); 40], ..spec() };
    assert_eq!(fidelity(&cut), Fidelity { lost: false, cut: true });
    let cut = LabelSpec { routing: vec!["A".into(); 5], ..spec() };
    assert_eq!(fidelity(&cut), Fidelity { lost: false, cut: true });
}

#[test]
fn the_same_specification_gives_the_same_bytes() {
    assert_eq!(pdf(&spec()), pdf(&spec()));
    assert_eq!(zpl(&spec(), Dpi::Dpi300), zpl(&spec(), Dpi::Dpi300));
    assert_eq!(png(&spec()).unwrap(), png(&spec()).unwrap());
}

#[test]
fn a_hostile_length_is_only_cut() {
    let endless = "Ж".repeat(200_000);
    let spec = LabelSpec {
        carrier_name: endless.clone(),
        recipient: vec![endless],
        parcel_index: u32::MAX,
        weight_g: Some(u32::MAX),
        ..spec()
    };
    assert!(fidelity(&spec).cut);
    assert!(zpl(&spec, Dpi::Dpi600).len() < 20_000);
}

#[test]
fn debug_shows_nobody() {
    let shown = format!("{:?}", spec());
    for hidden in ["Zoé", "Müller", "3SABCD", "ORD-2026", "Testville"] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
}

#[test]
fn the_barcode_reads_back_from_the_png() {
    let file = png(&spec()).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
    let mut packed = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut packed).unwrap();
    assert_eq!((info.width, info.height), (812, 1219));
    let dark = |x: usize, y: usize| packed[y * info.line_size + x / 8] >> (7 - x % 8) & 1 == 0;
    let readings = (0..1219).filter_map(|y| {
        let mut runs: Vec<(bool, u8)> = Vec::new();
        for x in 0..812 {
            match runs.last_mut() {
                Some((ink, run)) if *ink == dark(x, y) => *run = run.saturating_add(1),
                _ => runs.push((dark(x, y), 1)),
            }
        }
        // Without the white at both ends; the stop symbol ends in a bar of two modules.
        let runs: Vec<u8> = runs.get(1..runs.len() - 1)?.iter().map(|run| run.1).collect();
        let module = (runs.last()? / 2).max(1);
        reader::read(&runs.iter().map(|run| run / module).collect::<Vec<_>>()).ok()
    });
    let readings: Vec<String> = readings.collect();
    assert!(readings.len() >= 200, "{} rows", readings.len());
    assert!(readings.iter().all(|text| text == "3SABCD0123456789"));
}

mod pdf_file;
mod zpl_program;
