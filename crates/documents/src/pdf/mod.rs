//! A thin page-drawing layer: text, filled boxes, frames and barcodes on pages, as PDF bytes.
//!
//! Draws through [`Pen`]. The fonts are the base-14 ones in WinAnsi, not embedded.
//!
//! Not here: layout (see [`crate::label`]), colours, images, and document metadata, since a date
//! would make two equal documents differ.

#[cfg(test)]
pub(crate) mod read_back;

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

use crate::barcode::Barcode;
use crate::pen::{Align, Area, DOTS_PER_MM, Pen};
use crate::text::{Font, width, win_ansi};

/// PDF points (1/72 inch) per dot.
const POINTS_PER_DOT: f32 = 72.0 / 25.4 / 8.0;

/// Where the baseline is below the top of a line, in percent of the font size: Helvetica's
/// ascenders are 72 %, its descenders 21 %.
const BASELINE_PERCENT: u32 = 76;

const FONTS: [(Font, Name<'static>, Name<'static>); 3] = [
    (Font::Regular, Name(b"R"), Name(b"Helvetica")),
    (Font::Bold, Name(b"B"), Name(b"Helvetica-Bold")),
    (Font::Mono, Name(b"M"), Name(b"Courier")),
];

/// One page under the pen.
pub struct Page {
    width_pt: f32,
    height_pt: f32,
    height_dots: f32,
    content: Content,
    lost: bool,
}

impl Page {
    /// An empty page; the size is in micrometres, because formats in inches are no whole dots.
    #[must_use]
    pub fn new(width_um: u32, height_um: u32) -> Self {
        let points = |um: u32| (um as f32 * 72.0 / 25_400.0 * 100.0).round() / 100.0;
        let dots = (height_um * DOTS_PER_MM / 1000) as f32;
        let (width_pt, height_pt) = (points(width_um), points(height_um));
        let mut content = Content::new();
        let shift = height_pt - dots * POINTS_PER_DOT;
        content.transform([POINTS_PER_DOT, 0.0, 0.0, POINTS_PER_DOT, 0.0, shift]);
        Self { width_pt, height_pt, height_dots: dots, content, lost: false }
    }

    fn rect(&mut self, area: Area) {
        let bottom = self.height_dots - (area.y + area.height) as f32;
        self.content.rect(area.x as f32, bottom, area.width as f32, area.height as f32);
    }
}

impl Pen for Page {
    /// Characters outside WinAnsi are transliterated and noted in [`Document::lost`].
    fn text(&mut self, at: (u32, u32), align: Align, font: Font, size: u32, text: &str) {
        let (bytes, lost) = win_ansi(text);
        self.lost |= lost;
        let width = width(font, size, text) as f32;
        let left = match align {
            Align::Left => at.0 as f32,
            Align::Center => at.0 as f32 - width / 2.0,
            Align::Right => at.0 as f32 - width,
        };
        let baseline = self.height_dots - (at.1 + size * BASELINE_PERCENT / 100) as f32;
        let name = FONTS.iter().find(|known| known.0 == font).map_or(Name(b"R"), |known| known.1);
        self.content
            .begin_text()
            .set_font(name, size as f32)
            .next_line((left * 10.0).round() / 10.0, baseline)
            .show(Str(&bytes))
            .end_text();
    }

    fn fill(&mut self, area: Area) {
        self.rect(area);
        self.content.fill_nonzero();
    }

    fn barcode(&mut self, at: (u32, u32), height: u32, module: u32, barcode: &Barcode) {
        let left = at.0.saturating_sub(barcode.modules() * module / 2);
        for (start, width) in barcode.bars() {
            self.rect(Area { x: left + start * module, y: at.1, width: width * module, height });
        }
        self.content.fill_nonzero();
    }
}

/// Pages in order.
#[derive(Default)]
pub struct Document {
    pages: Vec<Page>,
}

impl Document {
    /// A document without pages; one that is finished so has none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a page.
    pub fn push(&mut self, page: Page) {
        self.pages.push(page);
    }

    /// Some character was outside WinAnsi and is shown as another.
    #[must_use]
    pub fn lost(&self) -> bool {
        self.pages.iter().any(|page| page.lost)
    }

    /// The file.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let mut last = 0;
        let mut next = || {
            last += 1;
            Ref::new(last)
        };
        let (catalog, tree) = (next(), next());
        let fonts = FONTS.map(|(_, name, base)| (next(), name, base));
        let pages: Vec<(Ref, Ref, Page)> =
            self.pages.into_iter().map(|page| (next(), next(), page)).collect();

        let mut pdf = Pdf::new();
        let mut root = pdf.catalog(catalog);
        root.pages(tree);
        // A label scaled "to fit" has bars that no scanner reads.
        root.viewer_preferences().pair(Name(b"PrintScaling"), Name(b"None"));
        root.finish();
        for (id, _, base) in fonts {
            pdf.type1_font(id).base_font(base).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree).kids(pages.iter().map(|page| page.0)).count(count);
        for (id, content, page) in pages {
            let mut writer = pdf.page(id);
            writer.parent(tree).contents(content);
            writer.media_box(Rect::new(0.0, 0.0, page.width_pt, page.height_pt));
            let mut resources = writer.resources();
            let mut dictionary = resources.fonts();
            for (font, name, _) in fonts {
                dictionary.pair(name, font);
            }
            dictionary.finish();
            resources.finish();
            writer.finish();
            pdf.stream(content, &page.content.finish());
        }
        pdf.finish()
    }
}
