//! Reads the PDF back: its cross-reference table, its streams, its strings and its bars.

use super::super::*;
use super::spec;
use crate::barcode::reader;

/// A PDF taken apart by its own cross-reference table.
struct File<'a> {
    objects: Vec<&'a [u8]>,
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn number(bytes: &[u8]) -> usize {
    let digits: Vec<u8> = bytes
        .iter()
        .copied()
        .skip_while(u8::is_ascii_whitespace)
        .take_while(u8::is_ascii_digit)
        .collect();
    String::from_utf8(digits).unwrap().parse().unwrap()
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Self {
        assert!(bytes.starts_with(b"%PDF-1."));
        assert!(bytes.ends_with(b"%%EOF"));
        let start = bytes.len() - 9 - 20;
        let tail = &bytes[start..];
        let table = number(&tail[find(tail, b"startxref").unwrap() + 9..]);
        let text = &bytes[table..];
        assert!(text.starts_with(b"xref\n0 "));
        let count = number(&text[7..]);
        let first = find(&text[5..], b"\n").unwrap() + 6;
        let objects = (1..count).map(|id| {
            let entry = &text[first + id * 20..][..20];
            assert_eq!(&entry[17..18], b"n", "object {id} is in use");
            let body = &bytes[number(entry)..];
            let head = format!("{id} 0 obj");
            assert!(body.starts_with(head.as_bytes()), "object {id} is where the table says");
            let end = find(body, b"endobj").unwrap();
            &body[head.len()..end]
        });
        Self { objects: objects.collect() }
    }

    fn containing(&self, what: &[u8]) -> Vec<&'a [u8]> {
        self.objects.iter().copied().filter(|object| find(object, what).is_some()).collect()
    }

    fn streams(&self) -> Vec<&'a [u8]> {
        let streams = self.containing(b"\nstream\n").into_iter().map(|object| {
            let length = number(&object[find(object, b"/Length").unwrap() + 7..]);
            let from = find(object, b"\nstream\n").unwrap() + 8;
            assert!(object[from + length..].starts_with(b"\nendstream"));
            &object[from..from + length]
        });
        streams.collect()
    }
}

/// Operand strings of `Tj`, unescaped.
fn shown(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut strings = Vec::new();
    let mut rest = stream;
    while let Some(end) = find(rest, b" Tj\n") {
        let line = rest[..end].iter().rposition(|b| *b == b'\n').unwrap() + 1;
        strings.push(unescape(&rest[line..end]));
        rest = &rest[end + 4..];
    }
    strings
}

fn unescape(literal: &[u8]) -> Vec<u8> {
    if let Some(hex) = literal.strip_prefix(b"<") {
        let pairs = hex.strip_suffix(b">").unwrap().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        return pairs.map(byte).collect();
    }
    let inner = literal.strip_prefix(b"(").unwrap().strip_suffix(b")").unwrap();
    let mut bytes = Vec::new();
    let mut rest = inner.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => bytes.push(*rest.next().unwrap()),
            _ => bytes.push(*byte),
        }
    }
    bytes
}

/// Bars, which alone are 200 dots high: widths of bar, space, bar ... in dots.
fn bars(stream: &[u8]) -> Vec<u8> {
    let mut edges = Vec::new();
    for line in stream.split(|b| *b == b'\n') {
        let line = String::from_utf8_lossy(line).into_owned();
        let fields: Vec<&str> = line.split(' ').collect();
        if let [x, _, width, "200", "re"] = fields[..] {
            let (x, width): (u32, u32) = (x.parse().unwrap(), width.parse().unwrap());
            edges.extend([x, x + width]);
        }
    }
    edges.windows(2).map(|pair| u8::try_from(pair[1] - pair[0]).unwrap()).collect()
}

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
        let widths = bars(File::open(&bytes).streams()[0]);
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
