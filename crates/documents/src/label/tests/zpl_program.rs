//! Reads the ZPL back with a small parser of its own.

use super::super::*;
use super::{any_spec, spec};
use proptest::prelude::*;

/// A field as the printer would see it.
#[derive(Debug, Default, Clone, PartialEq)]
struct Field {
    origin: Option<(u32, u32)>,
    /// Commands with their parameters, without `^FO`, `^FH` and `^FD`.
    commands: Vec<String>,
    data: Option<String>,
}

#[derive(Debug, Default)]
struct Program {
    setup: Vec<String>,
    fields: Vec<Field>,
}

fn hex_decode(data: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = data.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'_' {
            let pair = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(pair, 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn parse(program: &str) -> Program {
    assert!(program.is_ascii(), "the program is plain ASCII");
    assert!(!program.contains('~'), "no control command");
    let body = program.strip_prefix("^XA\n^CI28\n").unwrap().strip_suffix("^XZ\n").unwrap();
    assert!(!body.contains("^XA") && !body.contains("^XZ"), "one format");
    let mut parsed = Program::default();
    let mut field: Option<Field> = None;
    let mut hexadecimal = false;
    for command in body.strip_prefix('^').unwrap().split('^') {
        // Line feeds after a command mean nothing to a printer, but data has none.
        let (name, parameters) = command.trim_end_matches('\n').split_at(2);
        match (name, &mut field) {
            ("FO", None) => {
                let (x, y) = parameters.split_once(',').unwrap();
                let origin = Some((x.parse().unwrap(), y.parse().unwrap()));
                field = Some(Field { origin, ..Field::default() });
                hexadecimal = false;
            }
            ("FO", Some(open)) => panic!("{open:?} is not closed"),
            ("FH", Some(_)) => {
                assert_eq!(parameters, "_");
                hexadecimal = true;
            }
            ("FD", Some(open)) => {
                assert_eq!(open.data, None, "one ^FD per field");
                let text = parameters.to_owned();
                open.data = Some(if hexadecimal { hex_decode(&text) } else { text });
            }
            ("FS", Some(_)) => {
                assert_eq!(parameters, "");
                parsed.fields.extend(field.take());
            }
            (_, Some(open)) => open.commands.push(command.to_owned()),
            (_, None) => parsed.setup.push(command.trim_end().to_owned()),
        }
    }
    assert_eq!(field, None, "the last field is closed");
    parsed
}

impl Program {
    fn texts(&self) -> Vec<String> {
        let is_text = |field: &&Field| field.commands.iter().any(|c| c.starts_with("A0N"));
        self.fields.iter().filter(is_text).filter_map(|field| field.data.clone()).collect()
    }

    fn barcode(&self) -> (&Field, &str) {
        let is_code = |field: &&Field| field.commands.iter().any(|c| c.starts_with("BC"));
        let mut codes = self.fields.iter().filter(is_code);
        let code = codes.next().unwrap();
        assert_eq!(codes.next(), None, "one barcode");
        (code, code.data.as_deref().unwrap())
    }
}

/// Text of `^BC` data in mode N, by the printer's table of invocation codes; FNC1 as `\u{1D}`.
fn code128_text(data: &str) -> String {
    let mut text = String::new();
    let mut set = 'B';
    let mut rest = data.chars();
    while let Some(c) = rest.next() {
        if c == '>' {
            match rest.next().unwrap() {
                '9' | '7' => set = 'A',
                ':' | '6' => set = 'B',
                ';' | '5' => set = 'C',
                '8' => text.push('\u{1D}'),
                '0' => text.push('>'),
                '<' => text.push('^'),
                '=' => text.push('~'),
                '1' => text.push(if set == 'A' { '\u{1F}' } else { '\u{7F}' }),
                other => panic!("invocation >{other}"),
            }
        } else if set == 'B' {
            text.push(c);
        } else {
            let pair = format!("{c}{}", rest.next().unwrap());
            let value: u8 = pair.parse().unwrap();
            match (set, value) {
                ('C', _) => text.push_str(&pair),
                (_, 0..=63) => text.push(char::from(value + 32)),
                _ => text.push(char::from(value - 64)),
            }
        }
    }
    text
}

#[test]
fn every_text_comes_back_as_it_was() {
    let texts = parse(&zpl(&spec(), Dpi::Dpi203)).texts();
    let spec = spec();
    for line in spec.sender.iter().chain(&spec.recipient).chain(&spec.routing) {
        assert!(texts.contains(line), "{line}");
    }
    for line in [&spec.carrier_name, &spec.service, &spec.tracking_number] {
        assert!(texts.contains(line), "{line}");
    }
    assert!(texts.contains(&spec.note.unwrap()));
}

#[test]
fn no_text_can_smuggle_in_a_command() {
    let evil = "x^FS^XZ^XA~JR_5E\r\n^FDy";
    let program = zpl(&LabelSpec { recipient: vec![evil.into()], ..spec() }, Dpi::Dpi203);
    assert!(parse(&program).texts().contains(&"x^FS^XZ^XA~JR_5E ^FDy".to_owned()));
}

#[test]
fn printers_of_all_resolutions_get_the_same_millimetres() {
    for (dpi, per_mm, module) in [(Dpi::Dpi203, 8, 4), (Dpi::Dpi300, 12, 6), (Dpi::Dpi600, 24, 12)]
    {
        let program = parse(&zpl(&LabelSpec { size: LabelSize::A6, ..spec() }, dpi));
        let size = [format!("PW{}", 105 * per_mm), format!("LL{}", 148 * per_mm)];
        assert_eq!(program.setup[..2], size);
        let height = 25 * per_mm;
        assert_eq!(program.setup[3], format!("BY{module},3,{height}"));
        let (code, _) = program.barcode();
        assert_eq!(code.commands, [format!("BCN,{height},N,N,N,N")]);
        let wide = spec().barcode.modules() * module;
        assert_eq!(code.origin.unwrap().0, (105 * per_mm - wide) / 2);
    }
}

#[test]
fn gs1_data_keeps_its_function_characters() {
    let barcode = Barcode::gs1_128(&[("420", "10001"), ("92", "a5>~^")]).unwrap_err();
    assert!(matches!(barcode, crate::barcode::BarcodeError::Charset { .. }));
    let barcode = Barcode::gs1_128(&[("420", "10001"), ("92", "a5>_")]).unwrap();
    let program = parse(&zpl(&LabelSpec { barcode, ..spec() }, Dpi::Dpi203));
    assert_eq!(code128_text(program.barcode().1), "\u{1D}42010001\u{1D}92a5>_");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_label_is_a_well_formed_program(spec in any_spec()) {
        let program = parse(&zpl(&spec, Dpi::Dpi300));
        for field in &program.fields {
            let draws = field.commands.iter().any(|command| command.starts_with("GB"));
            prop_assert_eq!(draws, field.data.is_none());
        }
    }

    #[test]
    fn the_printer_is_told_the_payload(payload in "[\\x00-\\x1C -~\\x7F]{1,12}") {
        let barcode = Barcode::code128(&payload).unwrap();
        let program = parse(&zpl(&LabelSpec { barcode, ..spec() }, Dpi::Dpi203));
        prop_assert_eq!(code128_text(program.barcode().1), payload);
    }
}
