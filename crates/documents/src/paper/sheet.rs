//! A page of a form under the pen: framed cells with captions, lines, blocks and ticks.
//!
//! Lengths are in dots of 1/8 mm. Text shrinks, then wraps, then is cut and noted: nothing leaves
//! its cell.

use super::Paper;
use crate::barcode::{Barcode, QUIET_ZONE_MODULES};
use crate::pdf::{Document, Page};
use crate::pen::{Align, Area, Pen};
use crate::text::{Font, clean, fit};

/// Thickness of a frame.
pub(crate) const RULE: u32 = 2;
/// Between a frame and the text inside it.
pub(crate) const PAD: u32 = 8;
/// Line pitch in percent of the font size.
pub(crate) const PITCH: u32 = 114;
/// Of captions, 3.9 to 5.3 points as on the printed forms.
const CAPTIONS: &[u32] = &[15, 14, 13, 12, 11];

/// How a text may look.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) font: Font,
    /// Descending.
    pub(crate) sizes: &'static [u32],
    pub(crate) align: Align,
}

impl Style {
    pub(crate) const fn new(font: Font, sizes: &'static [u32]) -> Self {
        Self { font, sizes, align: Align::Left }
    }

    pub(crate) const fn right(self) -> Self {
        Self { align: Align::Right, ..self }
    }

    pub(crate) const fn center(self) -> Self {
        Self { align: Align::Center, ..self }
    }
}

/// A page being drawn.
pub(crate) struct Sheet {
    page: Page,
    cut: bool,
}

impl Sheet {
    /// An empty page, its size in micrometres.
    pub(crate) fn new(width_um: u32, height_um: u32) -> Self {
        Self { page: Page::new(width_um, height_um), cut: false }
    }

    pub(crate) fn frame(&mut self, area: Area) {
        self.page.frame(area, RULE);
    }

    pub(crate) fn fill(&mut self, area: Area) {
        self.page.fill(area);
    }

    /// Frames a cell and writes its caption; what is left inside.
    pub(crate) fn cell(&mut self, area: Area, caption: &str) -> Area {
        self.frame(area);
        let inner = inside(area);
        if caption.is_empty() {
            return inner;
        }
        let height_max = inner.height.min(36);
        let room = fit::Room { width_max: inner.width, height_max };
        let text = [caption.to_owned()];
        let fitted = fit::block(Font::Regular, CAPTIONS, room, PITCH, &text);
        self.cut |= fitted.cut;
        let rows = self.rows(inner, Style::new(Font::Regular, CAPTIONS), &fitted);
        let used = rows + 2;
        Area { y: inner.y + used, height: inner.height.saturating_sub(used), ..inner }
    }

    /// One line in the middle of the height of an area.
    pub(crate) fn line(&mut self, area: Area, style: Style, text: &str) {
        let text = clean(text);
        let fitted = fit::line(style.font, style.sizes, area.width, &text);
        self.cut |= fitted.cut;
        let top = area.y + area.height.saturating_sub(fitted.size) / 2;
        self.rows(Area { y: top, ..area }, style, &fitted);
    }

    /// Lines from the top of an area, wrapped where they are too long; how high they are.
    pub(crate) fn block(&mut self, area: Area, style: Style, lines: &[String]) -> u32 {
        let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
        let room = fit::Room { width_max: area.width, height_max: area.height };
        let fitted = fit::block(style.font, style.sizes, room, PITCH, &lines);
        self.cut |= fitted.cut;
        self.rows(area, style, &fitted)
    }

    fn rows(&mut self, area: Area, style: Style, fitted: &fit::Fitted) -> u32 {
        let x = match style.align {
            Align::Left => area.x,
            Align::Center => area.x + area.width / 2,
            Align::Right => area.x + area.width,
        };
        let mut y = area.y;
        for line in &fitted.lines {
            self.page.text((x, y), style.align, style.font, fitted.size, line);
            y += fitted.size * PITCH / 100;
        }
        y - area.y
    }

    /// A box, crossed or not, with its words to the right.
    pub(crate) fn tick(&mut self, area: Area, on: bool, words: &str) {
        let side = 20.min(area.height);
        let y = area.y + (area.height - side) / 2;
        let square = Area { x: area.x, y, width: side, height: side };
        self.page.frame(square, RULE);
        if on {
            let middle = (square.x + side / 2, square.y + 1);
            self.page.text(middle, Align::Center, Font::Bold, 20, "X");
        }
        let words_x = area.x + side + PAD;
        let width = (area.x + area.width).saturating_sub(words_x);
        let style = Style::new(Font::Regular, &[17, 16, 15, 14, 13, 12, 11]);
        self.line(Area { x: words_x, width, ..area }, style, words);
    }

    /// A barcode in the middle of an area with its number below, its bars `height` high.
    pub(crate) fn barcode(&mut self, area: Area, height: u32, barcode: &Barcode) {
        let wide = barcode.modules() + 2 * QUIET_ZONE_MODULES;
        let module = [3, 2].into_iter().find(|module| wide * module <= area.width).unwrap_or(2);
        self.page.barcode((area.x + area.width / 2, area.y), height, module, barcode);
        let below = Area { y: area.y + height + 4, height: 24, ..area };
        let style = Style::new(Font::Mono, &[24, 22, 20, 18]).center();
        self.line(below, style, barcode.human_readable());
    }
}

/// What is inside a frame.
pub(crate) fn inside(area: Area) -> Area {
    Area {
        x: area.x + PAD,
        y: area.y + RULE + 3,
        width: area.width.saturating_sub(2 * PAD),
        height: area.height.saturating_sub(2 * RULE + 4),
    }
}

/// Side by side from `area.x`, as wide as given.
pub(crate) fn columns<const N: usize>(area: Area, widths: [u32; N]) -> [Area; N] {
    let mut x = area.x;
    widths.map(|width| {
        // Neighbours share the line between them.
        let column = Area { x, width: width + RULE, ..area };
        x += width;
        column
    })
}

/// Pages as one file.
pub(crate) fn finish(sheets: Vec<Sheet>) -> Paper {
    let cut = sheets.iter().any(|sheet| sheet.cut);
    let pages = sheets.len();
    let mut document = Document::new();
    for sheet in sheets {
        document.push(sheet.page);
    }
    let lost = document.lost();
    Paper { pdf: document.finish(), pages, lost, cut }
}
