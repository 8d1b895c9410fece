//! A thin layer for ZPL II: fields, boxes and barcodes in one label format.
//!
//! Lengths come in dots of 1/8 mm and leave in the printer's dots. Text is UTF-8 (`^CI28`) with
//! everything but plain ASCII as hexadecimal escapes, so that the program itself is ASCII and no
//! text can smuggle in a command. Characters outside the printer's font are its own matter.
//!
//! Not here: layout, fonts to download, graphics, printer settings beyond the format.

use std::fmt::Write as _;

use crate::barcode::Barcode;
use crate::barcode::code128::{FNC1, Set};
use crate::pen::{Align, Area, DOTS_PER_MM, Pen};
use crate::text::{Font, width};

/// Resolution of the print head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dpi {
    /// 8 dots per millimetre, the common label printer.
    Dpi203,
    /// 12 dots per millimetre.
    Dpi300,
    /// 24 dots per millimetre.
    Dpi600,
}

impl Dpi {
    /// Printer's dots per millimetre; printers called 300 and 600 dpi have exactly 12 and 24.
    fn per_mm(self) -> u32 {
        match self {
            Self::Dpi203 => 8,
            Self::Dpi300 => 12,
            Self::Dpi600 => 24,
        }
    }
}

/// One label format under the pen.
pub struct Format {
    dpi: Dpi,
    width: u32,
    program: String,
}

impl Format {
    /// Opens a format; the size is in dots of 1/8 mm.
    #[must_use]
    pub fn new(dpi: Dpi, width: u32, height: u32) -> Self {
        let mut format = Self { dpi, width, program: String::with_capacity(2048) };
        let (width, height) = (format.scale(width), format.scale(height));
        // ^PW and ^LL: the printer may remember the size of another job.
        format.put(format_args!("^XA\n^CI28\n^PW{width}\n^LL{height}\n^LH0,0\n"));
        format
    }

    /// Closes the format and gives the program, which ends with a line feed.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.program.push_str("^XZ\n");
        self.program
    }

    fn scale(&self, length: u32) -> u32 {
        (length * self.dpi.per_mm()).div_ceil(DOTS_PER_MM)
    }

    fn scale_down(&self, length: u32) -> u32 {
        length * self.dpi.per_mm() / DOTS_PER_MM
    }

    fn put(&mut self, part: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.program.write_fmt(part);
    }
}

impl Pen for Format {
    /// Bold or not is the printer's font, which is narrower than Helvetica-Bold, whose widths
    /// decided where text goes.
    fn text(&mut self, at: (u32, u32), align: Align, font: Font, size: u32, text: &str) {
        // The resident font is always bold: bold widths hold for every font but Courier.
        let measured = if font == Font::Mono { font } else { Font::Bold };
        let wide = width(measured, size, text);
        // In a ^FB block a backslash is a command of its own and cannot be escaped, so such a
        // line is placed by our measure.
        let block = align != Align::Left && !text.contains('\\');
        let room = match align {
            Align::Left => 0,
            Align::Center => 2 * at.0.min(self.width.saturating_sub(at.0)),
            Align::Right => at.0,
        };
        let half = if block { room } else { wide };
        let x = match align {
            Align::Left => at.0,
            Align::Center => at.0.saturating_sub(half / 2),
            Align::Right => at.0.saturating_sub(half),
        };
        let (x, y, height) = (self.scale(x), self.scale(at.1), self.scale(size));
        self.put(format_args!("^FO{x},{y}^A0N,{height},{height}"));
        if block {
            let side = if align == Align::Center { 'C' } else { 'R' };
            let room = self.scale(room);
            self.put(format_args!("^FB{room},1,0,{side},0"));
        }
        let data = escape(text);
        self.put(format_args!("^FH_^FD{data}^FS\n"));
    }

    fn fill(&mut self, area: Area) {
        self.frame(area, area.width.min(area.height));
    }

    fn frame(&mut self, area: Area, thickness: u32) {
        let [x, y] = [area.x, area.y].map(|length| self.scale(length));
        let [width, height, line] =
            [area.width, area.height, thickness].map(|length| self.scale(length).max(1));
        self.put(format_args!("^FO{x},{y}^GB{width},{height},{line}^FS\n"));
    }

    /// The printer draws the bars, from the code sets that [`Barcode`] chose.
    fn barcode(&mut self, at: (u32, u32), height: u32, module: u32, barcode: &Barcode) {
        // Rounded down to whole printer's dots: a module of 3/8 mm has 4.5 dots at 300 dpi.
        let module = self.scale_down(module).max(1);
        let wide = barcode.modules() * module;
        let x = self.scale(at.0).saturating_sub(wide / 2);
        let (y, height) = (self.scale(at.1), self.scale(height));
        let data = code128_data(barcode.symbols());
        self.put(format_args!("^BY{module},3,{height}\n"));
        self.put(format_args!("^FO{x},{y}^BCN,{height},N,N,N,N^FD{data}^FS\n"));
    }
}

/// Field data under `^FH_`: the command prefixes, the escape itself and all but printable ASCII
/// as `_` and two hexadecimal digits per UTF-8 byte.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'^' | b'~' | b'_' => _ = write!(out, "_{byte:02X}"),
            b' '..=b'}' => out.push(char::from(byte)),
            _ => _ = write!(out, "_{byte:02X}"),
        }
    }
    out
}

/// Field data of `^BC` in mode N, where every code set is said: start and change codes by their
/// invocations, set A and C as pairs of digits, set B as text.
fn code128_data(symbols: &[u8]) -> String {
    let mut out = String::with_capacity(symbols.len() * 2);
    let mut set = Set::B;
    for symbol in symbols.iter().copied() {
        let change = [Set::A, Set::B, Set::C]
            .into_iter()
            .find(|to| symbol == to.start() || (*to != set && symbol == to.switch()));
        match (change, set, symbol) {
            (Some(to), ..) => {
                out.push_str(invocation(to, symbol == to.start()));
                set = to;
            }
            (None, _, FNC1) => out.push_str(">8"),
            (None, Set::C, pair) => _ = write!(out, "{pair:02}"),
            (None, _, 95) => out.push_str(">1"),
            (None, Set::A, pair) => _ = write!(out, "{pair:02}"),
            (None, Set::B, 30) => out.push_str(">0"),
            (None, Set::B, 62) => out.push_str("><"),
            (None, Set::B, 94) => out.push_str(">="),
            (None, Set::B, value) => out.push(char::from(value + 32)),
        }
    }
    out
}

fn invocation(set: Set, start: bool) -> &'static str {
    match (set, start) {
        (Set::A, true) => ">9",
        (Set::B, true) => ">:",
        (Set::C, true) => ">;",
        (Set::A, false) => ">7",
        (Set::B, false) => ">6",
        (Set::C, false) => ">5",
    }
}
