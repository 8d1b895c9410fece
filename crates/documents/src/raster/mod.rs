//! A black and white raster at 8 dots per millimetre, for carriers that answer with images.
//!
//! Text is a small bitmap font stretched to the widths of Helvetica, so that what fits in the PDF
//! fits here. Legible, not beautiful.

mod font;

use crate::barcode::Barcode;
use crate::pen::{Align, Area, DOTS_PER_MM, Pen};
use crate::text::{Charset, Font, char_permille, transliterate, width};

/// Paper under the pen.
pub(crate) struct Canvas {
    width: u32,
    height: u32,
    /// One byte per dot, row by row: 1 is white, as in a PNG of one bit.
    dots: Vec<u8>,
}

impl Canvas {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        let count = usize::try_from(width * height).unwrap_or_default();
        Self { width, height, dots: vec![1; count] }
    }

    /// The file.
    pub(crate) fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_compression(png::Compression::Fast);
        let per_metre = DOTS_PER_MM * 1000;
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: per_metre,
            yppu: per_metre,
            unit: png::Unit::Meter,
        }));
        let row = usize::try_from(self.width).unwrap_or(usize::MAX).max(1);
        let packed: Vec<u8> = self
            .dots
            .chunks(row)
            .flat_map(|row| row.chunks(8))
            .map(|eight| (0..8).fold(0, |byte, i| byte << 1 | eight.get(i).unwrap_or(&1)))
            .collect();
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&packed)?;
        writer.finish()?;
        Ok(file)
    }

    /// One character in a cell of `advance` by `size` dots.
    fn glyph(&mut self, at: (u32, u32), advance: u32, size: u32, bold: bool, c: char) {
        let rows = font::rows(c);
        let ink = rows.iter().fold(0, |all, row| all | row);
        let (first, last) = (ink.leading_zeros().saturating_sub(3), ink.trailing_zeros());
        let columns = 5_u32.saturating_sub(first + last);
        // A gap of a column on the right; the cap height of Helvetica is 72 % of its size.
        let stretch = |column: u32| column * advance / (columns + 1);
        let top = |row: u32| size * 4 / 100 + row * size * 72 / 700;
        for (row, bits) in (0..).zip(rows) {
            for column in (0..columns).filter(|column| bits >> (4 - first - column) & 1 == 1) {
                let (from, to) = (stretch(column), stretch(column + 1) + u32::from(bold));
                self.fill(Area {
                    x: at.0 + from,
                    y: at.1 + top(row),
                    width: (to - from).max(1),
                    height: top(row + 1) - top(row),
                });
            }
        }
    }
}

impl Pen for Canvas {
    fn text(&mut self, at: (u32, u32), align: Align, font: Font, size: u32, text: &str) {
        let measured = width(font, size, text);
        let left = match align {
            Align::Left => at.0,
            Align::Center => at.0.saturating_sub(measured / 2),
            Align::Right => at.0.saturating_sub(measured),
        };
        let text = transliterate(text, Charset::Ascii).text;
        // Respelling may be wider than what was measured: squeeze it into the same place.
        let room = u64::from(width(font, size, &text).min(measured));
        let whole: u64 = text.chars().map(|c| u64::from(char_permille(font, c))).sum();
        let place = |permille: u64| {
            let along = permille * room / whole.max(1);
            left.saturating_add(u32::try_from(along).unwrap_or(u32::MAX))
        };
        let mut done = 0;
        for c in text.chars() {
            let from = place(done);
            done += u64::from(char_permille(font, c));
            self.glyph((from, at.1), place(done) - from, size, font == Font::Bold, c);
        }
    }

    fn fill(&mut self, area: Area) {
        for y in area.y..(area.y + area.height).min(self.height) {
            let from = y * self.width + area.x.min(self.width);
            let to = y * self.width + (area.x + area.width).min(self.width);
            let range = usize::try_from(from).ok().zip(usize::try_from(to).ok());
            let row = range.and_then(|(from, to)| self.dots.get_mut(from..to));
            row.into_iter().for_each(|row| row.fill(0));
        }
    }

    fn barcode(&mut self, at: (u32, u32), height: u32, module: u32, barcode: &Barcode) {
        let left = at.0.saturating_sub(barcode.modules() * module / 2);
        for (start, width) in barcode.bars() {
            self.fill(Area { x: left + start * module, y: at.1, width: width * module, height });
        }
    }
}
