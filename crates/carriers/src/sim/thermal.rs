//! Label programs of printers beside Zebra's: EPL2, DPL, IPL and TPCL, as simulated carriers send
//! them.
//!
//! Small and whole: the tracking number as text and as Code 128, the addresses as lines, and the
//! words that make it no real label. ASCII only: printers' fonts hold no more without setting up.

use std::fmt::Write as _;

use colibri_documents::{
    label::LabelSpec,
    text::{Charset, transliterate},
};

use crate::LabelFormat;

/// The program; empty for a format that is none of these languages.
pub(crate) fn program(spec: &LabelSpec, format: LabelFormat) -> Vec<u8> {
    let number = plain(&spec.tracking_number);
    let lines = lines(spec);
    match format {
        LabelFormat::Epl => epl(&number, &lines),
        LabelFormat::Dpl => dpl(&number, &lines),
        LabelFormat::Ipl => ipl(&number, &lines),
        LabelFormat::Tpcl => tpcl(&number, &lines),
        LabelFormat::Pdf | LabelFormat::Zpl | LabelFormat::Png | LabelFormat::Gif => String::new(),
    }
    .into_bytes()
}

/// ASCII without what these languages read as commands.
fn plain(text: &str) -> String {
    let ascii = transliterate(text, Charset::Ascii).text;
    let printable = |c: &char| c.is_ascii_graphic() || *c == ' ';
    let quoted = |c: &char| !matches!(c, '"' | '\\' | '{' | '}' | '|' | '^' | '~' | '<' | '>');
    ascii.chars().filter(printable).filter(quoted).collect()
}

/// What is printed beside the number.
fn lines(spec: &LabelSpec) -> Vec<String> {
    let parcel = format!("{} / {}", spec.parcel_index, spec.parcel_count);
    let first = [&spec.carrier_name, &spec.service].into_iter().cloned();
    let reference = spec.reference.iter().map(|reference| format!("REF {reference}"));
    let people = spec.sender.iter().chain(&spec.recipient).cloned();
    let all = first.chain(people).chain(reference).chain([parcel]).chain(spec.note.clone());
    all.map(|line| plain(&line)).filter(|line| !line.is_empty()).collect()
}

/// Dots of 1/8 mm between lines.
const LINE: usize = 30;
/// Above the first line stand number and bars.
const TOP: usize = 260;

/// Text `A x,y,rotation,font,h,v,N,"..."`; bars `B x,y,rotation,1,narrow,wide,height,N,"..."` with
/// 1 for Code 128.
fn epl(number: &str, lines: &[String]) -> String {
    let mut out = String::from("\nN\nq812\nQ1218,24\n");
    let _ = writeln!(out, "A40,30,0,4,1,1,N,\"{number}\"");
    let _ = writeln!(out, "B40,80,0,1,2,4,140,N,\"{number}\"");
    for (at, line) in lines.iter().enumerate() {
        let _ = writeln!(out, "A40,{},0,2,1,1,N,\"{line}\"", TOP + at * LINE);
    }
    out.push_str("P1\n");
    out
}

/// Records of rotation, font, width, height, three digits of font or bar height, row and column of
/// four digits each in hundredths of an inch from below; font `e` is Code 128.
fn dpl(number: &str, lines: &[String]) -> String {
    let mut out = String::from("\u{2}n\r\u{2}L\rD11\rH12\r");
    let _ = write!(out, "1911A1205600020{number}\r1e2206904600020{number}\r");
    for (at, line) in lines.iter().enumerate() {
        let row = 430_usize.saturating_sub(at * 15);
        let _ = write!(out, "1911A08{row:04}0020{line}\r");
    }
    out.push_str("Q0001\rE\r");
    out
}

/// Each command between STX and ETX: a format of fields (`H` text, `B` bars with `c6` for Code 128)
/// with their data fixed (`d3`), then the format is chosen and printed once.
fn ipl(number: &str, lines: &[String]) -> String {
    let mut out = String::new();
    let mut command = |text: &str| {
        let _ = writeln!(out, "\u{2}{text}\u{3}");
    };
    command("\u{1b}C");
    command("\u{1b}P");
    command("E1;F1");
    command(&format!("H1;o40,30;f0;c25;h24;w16;d3,{number}"));
    command(&format!("B2;o40,80;f0;c6,0;h140;w2;d3,{number}"));
    for (at, line) in lines.iter().enumerate() {
        command(&format!("H{};o40,{};f0;c25;h14;w10;d3,{line}", at + 3, TOP + at * LINE));
    }
    command("R");
    command("\u{1b}E1");
    command("\u{1e}1\u{1f}1\u{17}");
    out
}

/// Sizes in tenths of a millimetre; `PC` text and `RC` its data, `XB` bars (9 is Code 128) and `RB`
/// theirs, `XS` prints.
fn tpcl(number: &str, lines: &[String]) -> String {
    let mut out = String::from("{D1524,1016,1500|}\n{C|}\n");
    let _ = writeln!(out, "{{PC000;0050,0060,1,1,H,00,B|}}\n{{RC000;{number}|}}");
    let _ = writeln!(out, "{{XB00;0050,0100,9,3,03,0,0160|}}\n{{RB00;{number}|}}");
    for (at, line) in lines.iter().enumerate() {
        let (field, down) = (at + 1, 320 + at * 38);
        let _ = writeln!(out, "{{PC{field:03};0050,{down:04},1,1,C,00,B|}}");
        let _ = writeln!(out, "{{RC{field:03};{line}|}}");
    }
    out.push_str("{XS;I,0001,0002C4001|}\n");
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_documents::{barcode::Barcode, label::LabelSize};

    use super::*;

    fn spec() -> LabelSpec {
        LabelSpec {
            carrier_name: "Nordpost (simulated)".into(),
            service: "Express \"12\"".into(),
            tracking_number: "1ZA1B2C30310000002".into(),
            barcode: Barcode::code128("1ZA1B2C30310000002").unwrap(),
            sender: vec!["Atelier Exemple".into()],
            recipient: vec!["\u{c9}l\u{e9}onore {Fictive}|".into()],
            weight_g: Some(800),
            reference: Some("ATT1".into()),
            parcel_index: 1,
            parcel_count: 2,
            routing: Vec::new(),
            size: LabelSize::Cm10x15,
            note: Some("SPECIMEN".into()),
        }
    }

    #[test]
    fn each_program_is_of_its_language_and_says_the_number_as_text_and_as_bars() {
        let languages = [
            (LabelFormat::Epl, "A40,30,0,4,1,1,N,\"", "B40,80,0,1,2,4,140,N,\""),
            (LabelFormat::Dpl, "1911A1205600020", "1e2206904600020"),
            (LabelFormat::Ipl, "c25;h24;w16;d3,", "c6,0;h140;w2;d3,"),
            (LabelFormat::Tpcl, "{RC000;", "{RB00;"),
        ];
        for (format, text, bars) in languages {
            let program = program(&spec(), format);
            assert_eq!(LabelFormat::of_bytes(&program), Some(format), "{format:?}");
            let program = String::from_utf8(program).unwrap();
            for said in [text, bars] {
                assert!(program.contains(&format!("{said}1ZA1B2C30310000002")), "{program}");
            }
            assert!(program.contains("Eleonore Fictive") && program.contains("SPECIMEN"));
            assert!(program.is_ascii() && !program.contains("\"12\""));
        }
        assert!(program(&spec(), LabelFormat::Pdf).is_empty());
    }
}
