//! Reads the PDF back: its cross-reference table, its streams, its strings and its bars.

use super::super::*;
use super::spec;
use crate::barcode::reader;
use crate::pdf::read_back::{File, bars, find, shown};

#[test]
fn the_file_is_well_formed_and_says_how_to_print_it() {
    let bytes = pdf(&spec());
    let file = File::open(&bytes);
    let pages = file.containing(b"/Type /Page\n");
    assert_eq!(pages.len(), 1);
    assert!(find(pages[0], b"/MediaBox [0 0 288 432]").is_some());
    assert_eq!(file.containing(b"/PrintScaling /None").len(), 1);
    assert_eq!(file.containing(b"/Encoding /WinAnsiEncoding").len(), 3);
    assert!(find(&bytes, b"Date").is_none());
}

#[test]
fn every_line_is_in_the_file_in_win_ansi() {
    let bytes = pdf(&spec());
    let texts = shown(File::open(&bytes).streams()[0]);
    for wanted in [
        &b"Atelier M\xFCller"[..],
        b"Stra\xDFe des \xD1and\xFA 12",
        b"14 rue de l'\x8Cuvre (3^e)",
        b"\x80_~\\",
        b"SPECIMEN \x96 NOT VALID FOR CARRIAGE",
        b"1.250 kg",
    ] {
        assert!(texts.iter().any(|text| text == wanted), "{wanted:?}");
    }
}

#[test]
fn the_bars_in_the_file_read_back() {
    let wide = Barcode::gs1_128(&[("420", "10001"), ("92", "61299987745321000123456")]).unwrap();
    let wanted = "\u{1D}42010001\u{1D}9261299987745321000123456";
    for size in [LabelSize::Inch4x6, LabelSize::A6, LabelSize::Cm10x15] {
        let bytes = pdf(&LabelSpec { barcode: wide.clone(), size, ..spec() });
        let widths = bars(File::open(&bytes).streams()[0], "200");
        let module = widths.last().unwrap() / 2;
        assert!(module >= 2);
        let widths: Vec<u8> = widths.iter().map(|width| width / module).collect();
        assert_eq!(reader::read(&widths).unwrap(), wanted);
    }
}

#[test]
fn a_shipment_has_a_page_for_each_label() {
    let second = LabelSpec { parcel_index: 2, size: LabelSize::A6, ..spec() };
    let bytes = pdf_pages(&[spec(), second]);
    let file = File::open(&bytes);
    assert_eq!(file.containing(b"/Type /Page\n").len(), 2);
    let streams = file.streams();
    assert!(shown(streams[0]).contains(&b"1 / 2".to_vec()));
    assert!(shown(streams[1]).contains(&b"2 / 2".to_vec()));
}
