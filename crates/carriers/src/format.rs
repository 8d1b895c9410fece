//! Formats of label files: their names, and what a file is by its own bytes.
//!
//! Carriers send printers' programs as they send papers: what came is judged by its bytes and never
//! by what was asked for or by what the answer says about it. Not here: drawing, which belongs to
//! carriers (and to their simulators).

/// Format of a label file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LabelFormat {
    /// PDF.
    Pdf,
    /// Zebra programming language.
    Zpl,
    /// PNG image.
    Png,
    /// GIF image.
    Gif,
    /// Eltron programming language, version 2.
    Epl,
    /// Datamax programming language.
    Dpl,
    /// Intermec programming language.
    Ipl,
    /// Toshiba TEC's printer commands.
    Tpcl,
}

/// Where a program may have blanks or line ends before its first command.
const LEAD_MAX: usize = 64;
/// Where `^XA` may stand behind commands that set the printer up.
const EARLY: usize = 1024;
const STX: u8 = 0x02;
const ETX: u8 = 0x03;

impl LabelFormat {
    /// Every format.
    pub const ALL: &'static [Self] =
        &[Self::Pdf, Self::Zpl, Self::Png, Self::Gif, Self::Epl, Self::Dpl, Self::Ipl, Self::Tpcl];

    /// The word in configuration, and the ending of a file's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Zpl => "zpl",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Epl => "epl",
            Self::Dpl => "dpl",
            Self::Ipl => "ipl",
            Self::Tpcl => "tpcl",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == text)
    }

    /// Media type of the file.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Zpl => "application/zpl",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Epl => "application/epl",
            Self::Dpl => "application/dpl",
            Self::Ipl => "application/ipl",
            Self::Tpcl => "application/tpcl",
        }
    }

    /// What a file is by its bytes; `None`: nothing that a printer of labels takes.
    #[must_use]
    pub fn of_bytes(file: &[u8]) -> Option<Self> {
        let early = |magic: &[u8]| file.windows(magic.len()).take(EARLY).any(|part| part == magic);
        if file.starts_with(b"%PDF-") {
            return Some(Self::Pdf);
        }
        if file.starts_with(b"\x89PNG") {
            return Some(Self::Png);
        }
        if file.starts_with(b"GIF8") {
            return Some(Self::Gif);
        }
        if early(b"^XA") {
            return Some(Self::Zpl);
        }
        let lead = file.iter().take(LEAD_MAX).take_while(|b| b.is_ascii_whitespace()).count();
        let program = file.get(lead..).unwrap_or_default();
        match program.first() {
            Some(&STX) => stx(program),
            Some(b'{') => is_tpcl(program).then_some(Self::Tpcl),
            Some(b'A'..=b'Z' | b'a'..=b'z') => is_epl(program).then_some(Self::Epl),
            _ => None,
        }
    }
}

/// Intermec's commands stand between STX and ETX each; Datamax's begin with STX, and a label of
/// theirs is opened by `STX L` and ended by a line `E`.
fn stx(program: &[u8]) -> Option<LabelFormat> {
    let tail = program.trim_ascii_end();
    if program.contains(&ETX) {
        return tail.ends_with(&[ETX]).then_some(LabelFormat::Ipl);
    }
    let opened = program.windows(2).any(|pair| pair == [STX, b'L']);
    let ended = tail.ends_with(b"\rE") || tail.ends_with(b"\nE");
    (opened && ended).then_some(LabelFormat::Dpl)
}

/// `{C|}` .. `{XS;I,0001..|}`: each command in braces, and one that prints.
fn is_tpcl(program: &[u8]) -> bool {
    let has = |part: &[u8]| program.windows(part.len()).any(|window| window == part);
    has(b"|}") && has(b"{XS;") && program.trim_ascii_end().ends_with(b"|}")
}

/// A line `N` clears the image, the last one prints: `P1`, `P1,1` or `PA1`.
fn is_epl(program: &[u8]) -> bool {
    let lines = || program.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let last = lines().rfind(|line| !line.is_empty()).unwrap_or_default();
    let count = last.strip_prefix(b"PA").or(last.strip_prefix(b"P")).unwrap_or_default();
    let prints = count.first().is_some_and(u8::is_ascii_digit)
        && count.iter().all(|byte| byte.is_ascii_digit() || *byte == b',');
    prints && lines().any(|line| line == b"N")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_are() {
        let known: &[(&[u8], Option<LabelFormat>)] = &[
            (b"%PDF-1.4", Some(LabelFormat::Pdf)),
            (b"\x89PNG\r\n\x1a\n", Some(LabelFormat::Png)),
            (b"GIF89a", Some(LabelFormat::Gif)),
            (b"~SD15\n^XA^XZ", Some(LabelFormat::Zpl)),
            (b"\r\nN\r\nq812\r\nA10,10,0,3,1,1,N,\"a\"\r\nP1\r\n", Some(LabelFormat::Epl)),
            (b"N\nB1,1,0,1,2,2,50,N,\"1\"\nP1,2\n", Some(LabelFormat::Epl)),
            (b"\x02L\r191100000000000A\rE\r", Some(LabelFormat::Dpl)),
            (b"\x02\x1bC\x03\n\x02\x1bP\x03\x02R\x03", Some(LabelFormat::Ipl)),
            (b"{C|}\n{XS;I,0001,0002C4001|}\n", Some(LabelFormat::Tpcl)),
            // Halves, and what is none.
            (b"N\nA10,10,0,3,1,1,N,\"a\"\n", None),
            (b"No label\nP1\n", None),
            (b"\x02L\r191100000000000A\r", None),
            (b"\x02\x1bC\x03\x02R", None),
            (b"{C|}\n{PC000;", None),
            (b"{\"error\":\"{XS;\"}", None),
            (b"<html>", None),
            (b"", None),
        ];
        for (file, format) in known {
            let text = String::from_utf8_lossy(file);
            assert_eq!(LabelFormat::of_bytes(file), *format, "{text}");
        }
    }

    #[test]
    fn words_and_media_types_name_one_format_each() {
        for format in LabelFormat::ALL {
            assert_eq!(LabelFormat::parse(format.as_str()), Some(*format));
            let same = LabelFormat::ALL.iter().filter(|f| f.media_type() == format.media_type());
            assert_eq!(same.count(), 1);
        }
        assert_eq!(LabelFormat::parse("PDF"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_panic(file in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = LabelFormat::of_bytes(&file);
        }
    }
}
