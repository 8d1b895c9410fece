#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
use std::io::{Cursor, Write};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::*;
use crate::WarningCode;

fn euro() -> Options {
    Options { currency: Some(Currency::EUR), ..Options::default() }
}

fn pack(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let how = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, text) in parts {
        zip.start_file(*name, how).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Parts of a workbook with these sheets, each given as the inside of `sheetData`. Cell styles:
/// 0 general, 1 date and time, 2 five digits with leading zeros.
fn parts(sheets: &[(&str, &str)], strings: &str) -> Vec<(&'static str, String)> {
    let files = ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"];
    let mut list = String::new();
    let mut rels = String::new();
    let mut out = Vec::new();
    for (index, (name, data)) in sheets.iter().enumerate() {
        let n = index + 1;
        list += &format!(r#"<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>"#);
        rels += &format!(
            r#"<Relationship Id="rId{n}" Type="{OFFICE}/worksheet"
                Target="worksheets/sheet{n}.xml"/>"#
        );
        out.push((
            files[index],
            format!(r#"{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>"#),
        ));
    }
    for (id, kind) in [("s", "styles"), ("t", "sharedStrings")] {
        rels += &format!(r#"<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/>"#);
    }
    let types = "http://schemas.openxmlformats.org/package/2006/content-types";
    out.push((
        "[Content_Types].xml",
        format!(
            r#"{HEAD}<Types xmlns="{types}">
            <Default Extension="xml" ContentType="application/xml"/></Types>"#
        ),
    ));
    out.push((
        "_rels/.rels",
        format!(
            r#"{HEAD}<Relationships xmlns="{RELS}">
            <Relationship Id="w" Type="{OFFICE}/officeDocument"
            Target="xl/workbook.xml"/></Relationships>"#
        ),
    ));
    out.push(("xl/workbook.xml", format!(
        r#"{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{list}</sheets></workbook>"#
    )));
    out.push((
        "xl/_rels/workbook.xml.rels",
        format!(r#"{HEAD}<Relationships xmlns="{RELS}">{rels}</Relationships>"#),
    ));
    out.push((
        "xl/styles.xml",
        format!(
            r#"{HEAD}<styleSheet xmlns="{MAIN}">
            <numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm"/>
            <numFmt numFmtId="165" formatCode="00000"/></numFmts>
            <cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/>
            <xf numFmtId="165" applyNumberFormat="1"/></cellXfs></styleSheet>"#
        ),
    ));
    out.push(("xl/sharedStrings.xml", format!(r#"{HEAD}<sst xmlns="{MAIN}">{strings}</sst>"#)));
    out
}

fn text(at: &str, value: &str) -> String {
    format!(r#"<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>"#)
}

/// Cells of row 1.
fn header(names: &[&str]) -> String {
    let cells: String =
        ('A'..).zip(names).map(|(column, name)| text(&format!("{column}1"), name)).collect();
    format!(r#"<row r="1">{cells}</row>"#)
}

fn stopped(bytes: &[u8]) -> Code {
    read_xlsx(bytes, &euro()).stopped.unwrap().code
}

fn orders_sheet() -> String {
    let names = ["Order number", "SKU", "Qty", "Price", "Postcode", "GTIN", "Order date", "City"];
    header(&names)
        + r#"<row r="2"><c r="A2"><v>1042</v></c><c r="B2" t="s"><v>0</v></c><c r="C2"><v>2</v></c>
        <c r="D2"><v>14.9</v></c><c r="E2" s="2"><v>1000</v></c><c r="F2"><v>2000001035016</v></c>
        <c r="G2" s="1"><v>46300.383333333331</v></c>
        <c r="H2" t="str"><f>A1</f><v>Essaiville</v></c></row>
        <row r="4"><c r="A4"><v>1043</v></c><c r="B4" t="s"><v>1</v></c><c r="C4"><v>1</v></c>
        <c r="D4"><v>0.30000000000000004</v></c></row>"#
}

const STRINGS: &str = "<si><t>MUG-35-BLU</t></si><si><t>TEA</t></si>";

#[test]
fn a_workbook_becomes_orders_as_people_see_them() {
    let bytes = pack(&parts(&[("Orders", &orders_sheet())], STRINGS));
    let report = read_xlsx(&bytes, &euro());
    assert_eq!(report.stopped, None);
    assert_eq!(report.refused().count(), 0, "{report:?}");
    assert_eq!(report.sheet.as_deref(), Some("Orders"));
    assert_eq!(report.orders.len(), 2);
    let order = &report.orders[0].order;
    assert_eq!(order.number, "1042");
    assert_eq!(order.lines[0].sku.as_deref(), Some("MUG-35-BLU"));
    assert_eq!((order.lines[0].quantity, order.lines[0].unit_price.amount_minor), (2, 1490));
    assert_eq!(order.lines[0].gtin.as_deref(), Some("2000001035016"));
    assert_eq!(order.placed_at.unwrap().to_string(), "2026-10-05T09:12:00");
    let to = order.ship_to.as_ref().unwrap();
    assert_eq!(to.postcode.as_deref(), Some("01000"), "the format shows five digits");
    assert_eq!(to.city.as_deref(), Some("Essaiville"), "the stored value of a formula");
    assert!(order.warnings.iter().any(|w| w.code == WarningCode::CodeFromNumber));
    assert_eq!(report.orders[1].rows, [4]);
    assert_eq!(report.orders[1].order.lines[0].unit_price.amount_minor, 30);
}

#[test]
fn cells_that_lost_their_value_refuse_their_row() {
    let names = ["Order number", "SKU", "Qty", "Price", "GTIN"];
    let row = |n: u32, sku: &str, last: &str| {
        format!(
            r#"<row r="{n}"><c r="A{n}"><v>{n}</v></c>{sku}
            <c r="C{n}"><v>1</v></c><c r="D{n}"><v>2</v></c>{last}</row>"#
        )
    };
    let data = header(&names)
        + &row(2, &text("B2", "MUG"), r#"<c r="E2"><v>12345678901234567890</v></c>"#)
        + &row(3, r#"<c r="B3" s="1"><v>46300</v></c>"#, "")
        + &row(4, r#"<c r="B4" t="e"><v>#REF!</v></c>"#, "")
        + &row(5, &text("B5", "MUG"), "");
    let report = read_xlsx(&pack(&parts(&[("S", &data)], "")), &euro());
    let errors: Vec<_> = report.refused().map(|e| (e.row, e.code, e.field)).collect();
    assert_eq!(
        errors,
        [
            (2, Code::CodeDestroyed, Some(Field::Gtin)),
            (3, Code::CodeDestroyed, Some(Field::Sku)),
            (4, Code::CellError, Some(Field::Sku)),
        ]
    );
    assert_eq!(report.orders.len(), 1);
}

#[test]
fn the_sheet_with_orders_is_found_or_asked_for() {
    let orders = orders_sheet();
    let notes = header(&["Notes", "More"]);
    let read = |sheets: &[(&str, &str)], options: &Options| {
        read_xlsx(&pack(&parts(sheets, STRINGS)), options)
    };
    let found = read(&[("Notes", &notes), ("Orders", &orders)], &euro());
    assert_eq!(found.sheet.as_deref(), Some("Orders"));
    let two = [("May", orders.as_str()), ("June", orders.as_str())];
    assert_eq!(read(&two, &euro()).stopped.unwrap().code, Code::SheetUnclear);
    let june = Options { sheet: Some("June".into()), ..euro() };
    assert_eq!(read(&two, &june).sheet.as_deref(), Some("June"));
    let july = Options { sheet: Some("July".into()), ..euro() };
    assert_eq!(read(&two, &july).stopped.unwrap().code, Code::SheetUnclear);
}

#[test]
fn a_far_cell_costs_nothing_and_odd_cells_stop() {
    let names = ["Order number", "SKU", "Qty", "Price"];
    let sheet = |rows: &str| pack(&parts(&[("S", &(header(&names) + rows))], ""));
    let far = read_xlsx(&sheet(r#"<row r="1048576"><c r="B1048576"><v>1</v></c></row>"#), &euro());
    let errors: Vec<_> = far.refused().map(|e| (e.row, e.code)).collect();
    assert_eq!(errors, [(1_048_576, Code::FieldMissing)]);
    for (rows, code) in [
        (r#"<row r="2"><c r="XFD2"><v>1</v></c></row>"#, Code::TooManyColumns),
        (
            r#"<row r="3"><c r="A3"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>"#,
            Code::NotXlsx,
        ),
        (r#"<row r="2"><c r="B2"><v>1</v></c><c r="B2"><v>2</v></c></row>"#, Code::NotXlsx),
        (r#"<row r="2"><c r="ZZZZZZZZZZ2"><v>1</v></c></row>"#, Code::NotXlsx),
    ] {
        assert_eq!(stopped(&sheet(rows)), code, "{rows}");
    }
}

#[test]
fn dangerous_archives_are_refused_before_they_are_read() {
    let good = parts(&[("Orders", &orders_sheet())], STRINGS);
    let with = |name: &'static str, text: String| {
        let mut parts = good.clone();
        parts.push((name, text));
        pack(&parts)
    };
    assert_eq!(stopped(b"PK\x03\x04 not a workbook"), Code::NotXlsx);
    assert_eq!(stopped(&with("xl/vbaProject.bin", String::new())), Code::ActiveContent);
    assert_eq!(
        stopped(&with("xl/externalLinks/externalLink1.xml", String::new())),
        Code::ActiveContent
    );
    let doctype = "<!doctype x [<!ENTITY a \"b\">]><x/>".to_owned();
    assert_eq!(stopped(&with("xl/other.xml", doctype)), Code::ActiveContent);
    assert_eq!(stopped(&with("../up.xml", String::new())), Code::ArchiveRefused);
    let bomb = with("xl/media/bomb.bin", "x".repeat(8 << 20));
    assert!(bomb.len() < 64 << 10);
    assert_eq!(stopped(&bomb), Code::ArchiveRefused);
    let mut many = good.clone();
    let names: Vec<String> = (0..200).map(|i| format!("x/{i}")).collect();
    for name in &names {
        many.push((Box::leak(name.clone().into_boxed_str()), String::new()));
    }
    assert_eq!(stopped(&pack(&many)), Code::ArchiveRefused);
    let few = Options { limits: Limits { cells: 1, ..Limits::default() }, ..euro() };
    assert_eq!(
        read_xlsx(&pack(&good), &few).stopped.unwrap().code,
        Code::ArchiveRefused,
        "two shared strings where one is allowed"
    );
}

/// Positions of the central directory's entry for a name.
fn directory_entry(bytes: &[u8], name: &str) -> usize {
    let found = (0..bytes.len()).find(|&at| {
        bytes[at..].starts_with(b"PK\x01\x02") && bytes[at + 46..].starts_with(name.as_bytes())
    });
    found.unwrap()
}

#[test]
fn a_directory_that_lies_about_sizes_is_refused() {
    let mut good = parts(&[("Orders", &orders_sheet())], STRINGS);
    good.push(("xl/media/bomb.bin", "x".repeat(8 << 20)));
    let mut bytes = pack(&good);
    let at = directory_entry(&bytes, "xl/media/bomb.bin");
    bytes[at + 24..at + 28].copy_from_slice(&100_u32.to_le_bytes());
    assert!(matches!(stopped(&bytes), Code::ArchiveRefused | Code::NotXlsx));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn a_damaged_workbook_never_panics(at in 0.0..1.0, byte: u8, cut in 0.5..1.0) {
        let mut bytes = pack(&parts(&[("Orders", &orders_sheet())], STRINGS));
        let place = (bytes.len() as f64 * at) as usize;
        bytes[place] = byte;
        let _ = read_xlsx(&bytes, &euro());
        bytes.truncate((bytes.len() as f64 * cut) as usize);
        let _ = read_xlsx(&bytes, &euro());
    }
}
