//! Label files: each format that a carrier offers comes as a file of that format, and what comes is
//! judged by its bytes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_carriers::{HttpResponse, Label, LabelFormat, Shipment, Step, all, sim::Desk};

use crate::world::{Suite, worlds};

/// How a file begins or must look, said apart from the code that judges it.
fn looks_like(format: LabelFormat, file: &[u8]) -> bool {
    let has = |part: &[u8]| file.windows(part.len()).any(|window| window == part);
    let text = std::str::from_utf8(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    match format {
        LabelFormat::Pdf => file.starts_with(b"%PDF-"),
        LabelFormat::Zpl => file.starts_with(b"^XA") && text.trim_end().ends_with("^XZ"),
        LabelFormat::Png => file.starts_with(b"\x89PNG\r\n"),
        LabelFormat::Gif => file.starts_with(b"GIF8"),
        LabelFormat::Epl => {
            lines.contains(&"N")
                && lines.last() == Some(&"P1")
                && lines.iter().any(|line| line.starts_with("B40,80,0,1,"))
        }
        LabelFormat::Dpl => file.starts_with(b"\x02") && has(b"\x02L\r") && text.ends_with("\rE\r"),
        LabelFormat::Ipl => lines.iter().all(|l| l.starts_with('\u{2}') && l.ends_with('\u{3}')),
        LabelFormat::Tpcl => {
            lines.first() == Some(&"{D1524,1016,1500|}")
                && lines.iter().all(|line| line.starts_with('{') && line.ends_with("|}"))
        }
    }
}

const PROGRAMS: &[LabelFormat] =
    &[LabelFormat::Zpl, LabelFormat::Epl, LabelFormat::Dpl, LabelFormat::Ipl, LabelFormat::Tpcl];

#[test]
fn a_label_is_a_file_of_the_format_it_says() {
    for mut world in worlds(22) {
        let shipment = world.shipment();
        for format in world.carrier.info().formats {
            let purchase = world.sold(&Shipment { format: *format, ..shipment.clone() });
            let label = &purchase.labels[0];
            assert_eq!(label.format, *format, "{}", world.id());
            let text = String::from_utf8_lossy(&label.data);
            assert!(looks_like(*format, &label.data), "{} {format:?}: {text}", world.id());
            assert_eq!(LabelFormat::of_bytes(&label.data), Some(*format), "{}", world.id());
            if PROGRAMS[1..].contains(format) {
                let number = digits(&label.tracking_number);
                let said = text.lines().filter(|line| digits(line).contains(&number)).count()
                    + text.split('\r').filter(|line| digits(line).contains(&number)).count();
                assert!(
                    said >= 2,
                    "{} {format:?}: the number as text and bars: {text}",
                    world.id()
                );
            }
        }
    }
}

fn digits(text: &str) -> String {
    let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.drain(..digits.len().saturating_sub(8));
    digits
}

/// What is read of a purchase whose file was exchanged for another.
fn with_file(world: &mut Desk, shipment: &Shipment, other: &[u8]) -> Label {
    let labels = world.labels();
    let request = labels.request(&world.call(), shipment).unwrap();
    let answer = world.send(&request);
    let read = |answer: &HttpResponse| match labels.response(answer, shipment) {
        Ok(Step::Done(purchase)) => purchase.labels.into_iter().next().unwrap(),
        other => panic!("{}: {other:?}", shipment.service),
    };
    let good = read(&answer);
    assert!(!good.data.is_empty(), "the answer has the file");
    let packed = (STANDARD.encode(&good.data).into_bytes(), STANDARD.encode(other).into_bytes());
    let plain = (good.data.to_vec(), other.to_vec());
    let body = [packed, plain].iter().find_map(|(from, to)| {
        let at = answer.body.windows(from.len()).position(|part| part == from)?;
        let (head, tail) = answer.body.split_at(at);
        Some([head, to, &tail[from.len()..]].concat())
    });
    read(&HttpResponse { body: body.expect("the file lies in the answer").into(), ..answer })
}

#[test]
fn another_file_than_was_asked_for_is_never_taken_for_it() {
    let mut exchanged = 0;
    for mut world in worlds(23) {
        let id = world.id();
        let programs: Vec<LabelFormat> =
            PROGRAMS.iter().copied().filter(|p| world.carrier.info().formats.contains(p)).collect();
        for format in programs {
            let shipment = Shipment { format, ..world.shipment() };
            let pdf = with_file(&mut world, &shipment, b"%PDF-1.4\n%%EOF\n");
            let refused = pdf.data.is_empty() || pdf.format == LabelFormat::Pdf;
            assert!(refused, "{id}: a PDF taken for {format:?}");
            for noise in [&b"not a label"[..], b"<html>gateway</html>", b"{\"error\":1}"] {
                let none = with_file(&mut world, &shipment, noise);
                assert!(none.data.is_empty(), "{id}: {format:?} of noise");
            }
            exchanged += 1;
        }
    }
    // Each carrier has ZPL; EPL: 4, DPL: 2, IPL: 2, TPCL: 1.
    assert_eq!(exchanged, 8 + 4 + 2 + 2 + 1);
}

/// The table of docs/carriers.md says which carrier has which.
#[test]
fn the_documents_say_who_offers_which_format() {
    let page = include_str!("../../../../docs/carriers.md");
    for carrier in all() {
        let info = carrier.info();
        let words: Vec<&str> = info.formats.iter().map(|format| format.as_str()).collect();
        let row = format!("| `{}` | {} |", info.id, words.join(", "));
        assert!(page.contains(&row), "docs/carriers.md lacks the row {row}");
    }
}
