//! Where everything is on a label. Lengths are in dots of 1/8 mm.
//!
//! From the top: carrier and service; sender beside the facts of the parcel; recipient; sorting
//! cells; tracking number and barcode; note. What is at the foot has a fixed height, the
//! recipient gets the rest. Text shrinks, then wraps, then is cut; nothing overlaps.

use super::LabelSpec;
use crate::barcode::QUIET_ZONE_MODULES;
use crate::pen::{Align, Area, Pen};
use crate::text::{Font, clean, fit};

/// 3 mm at every edge: printers drift by up to 2 mm, and die-cut labels have round corners.
const MARGIN: u32 = 24;
/// Between a rule and the text inside it.
const PAD: u32 = 10;
const RULE: u32 = 3;
const CAPTION: u32 = 17;
const HEADER: u32 = 84;
const SENDER: u32 = 190;
const ROUTING: u32 = 88;
const NOTE: u32 = 52;
/// 25 mm: tall enough for scanners above a belt.
const BARS: u32 = 200;
/// Line pitch in percent of the font size.
const PITCH: u32 = 116;
/// Modules of 0.25 to 0.5 mm: thinner ones blur at 203 dpi, wider ones only take room.
const MODULES: [u32; 3] = [4, 3, 2];
const ROUTING_CELLS_MAX: usize = 4;

/// A label being drawn.
struct Sheet<'a> {
    pen: &'a mut dyn Pen,
    left: u32,
    right: u32,
    cut: bool,
}

/// Draws the label; whether some text was cut or left out.
pub(super) fn draw(spec: &LabelSpec, pen: &mut dyn Pen) -> bool {
    let (width, height) = spec.size.dots();
    let mut sheet = Sheet { pen, left: MARGIN, right: width - MARGIN, cut: false };
    sheet.header(spec, MARGIN);
    let sender = MARGIN + HEADER;
    sheet.rule(sender);
    sheet.sender(spec, sender + RULE);
    let recipient = sender + RULE + SENDER;
    sheet.rule(recipient);
    let foot = sheet.foot(spec, height - MARGIN);
    sheet.recipient(spec, recipient + RULE, foot);
    sheet.cut
}

impl Sheet<'_> {
    fn width(&self) -> u32 {
        self.right - self.left
    }

    fn rule(&mut self, y: u32) {
        let area = Area { x: self.left, y, width: self.width(), height: RULE };
        self.pen.fill(area);
    }

    fn caption(&mut self, x: u32, y: u32, text: &str) {
        self.pen.text((x, y), Align::Left, Font::Regular, CAPTION, text);
    }

    /// One line in the middle of a band from `y`, `height` high.
    fn line(&mut self, x: u32, band: (u32, u32), align: Align, style: Style<'_>, text: &str) {
        let text = clean(text);
        let fitted = fit::line(style.font, style.sizes, style.width_max, &text);
        self.cut |= fitted.cut;
        let (y, height) = band;
        let top = y + height.saturating_sub(fitted.size) / 2;
        for line in &fitted.lines {
            self.pen.text((x, top), align, style.font, fitted.size, line);
        }
    }

    fn block(&mut self, area: Area, style: Style<'_>, lines: &[String]) {
        let lines: Vec<String> = lines.iter().map(|line| clean(line)).collect();
        let room = fit::Room { width_max: area.width, height_max: area.height };
        let fitted = fit::block(style.font, style.sizes, room, PITCH, &lines);
        self.cut |= fitted.cut;
        for (row, line) in (0..).zip(&fitted.lines) {
            let y = area.y + row * fitted.size * PITCH / 100;
            self.pen.text((area.x, y), Align::Left, style.font, fitted.size, line);
        }
    }

    fn header(&mut self, spec: &LabelSpec, y: u32) {
        let (carrier, service) = (self.width() * 54 / 100, self.width() * 43 / 100);
        let band = (y, HEADER - PAD);
        let style = Style { font: Font::Bold, sizes: &[60, 52, 44, 36, 28], width_max: carrier };
        self.line(self.left, band, Align::Left, style, &spec.carrier_name);
        let style = Style { font: Font::Bold, sizes: &[40, 34, 28, 22], width_max: service };
        self.line(self.right, band, Align::Right, style, &spec.service);
    }

    fn sender(&mut self, spec: &LabelSpec, y: u32) {
        let facts = self.width() * 36 / 100;
        let middle = self.right - facts;
        self.pen.fill(Area { x: middle, y, width: RULE, height: SENDER });
        if !spec.sender.is_empty() {
            self.caption(self.left, y + PAD, "FROM");
        }
        let top = y + PAD + CAPTION + 6;
        let area = Area {
            x: self.left,
            y: top,
            width: middle - self.left - PAD,
            height: y + SENDER - PAD - top,
        };
        let style = Style { font: Font::Regular, sizes: &[26, 23, 20], width_max: area.width };
        self.block(area, style, &spec.sender);
        self.facts(spec, middle + RULE + PAD, y);
    }

    /// Parcel and weight side by side over the reference.
    fn facts(&mut self, spec: &LabelSpec, x: u32, y: u32) {
        let column = (self.right - x) * 42 / 100;
        let rest = self.right - x - column;
        let sizes = &[28, 25, 22, 18];
        let value = |width_max| Style { font: Font::Bold, sizes, width_max };
        let upper = (y + PAD + CAPTION, 48);
        let count = format!("{} / {}", spec.parcel_index, spec.parcel_count);
        self.caption(x, y + PAD, "PARCEL");
        self.line(x, upper, Align::Left, value(column - PAD), &count);
        if let Some(weight_g) = spec.weight_g {
            let weight = kilograms(weight_g);
            self.caption(x + column, y + PAD, "WEIGHT");
            self.line(x + column, upper, Align::Left, value(rest), &weight);
        }
        if let Some(reference) = &spec.reference {
            let lower = y + SENDER / 2;
            self.caption(x, lower, "REFERENCE");
            let area = Area {
                x,
                y: lower + CAPTION + 8,
                width: self.right - x,
                height: SENDER / 2 - CAPTION - 8 - PAD,
            };
            let style = Style { font: Font::Bold, sizes: &[30, 25, 21, 18], width_max: area.width };
            self.block(area, style, std::slice::from_ref(reference));
        }
    }

    fn recipient(&mut self, spec: &LabelSpec, y: u32, end: u32) {
        self.caption(self.left, y + PAD, "SHIP TO");
        let top = y + PAD + CAPTION + 12;
        let area = Area { x: self.left, y: top, width: self.width(), height: end - PAD - top };
        let style = Style {
            font: Font::Bold,
            sizes: &[50, 46, 42, 38, 34, 30, 26, 22],
            width_max: area.width,
        };
        self.block(area, style, &spec.recipient);
    }

    /// Everything below the recipient, from the bottom upwards; where its upper edge is.
    fn foot(&mut self, spec: &LabelSpec, bottom: u32) -> u32 {
        let middle = (self.left + self.right) / 2;
        let mut y = bottom;
        if let Some(note) = &spec.note {
            y -= NOTE;
            let area = Area { x: self.left, y, width: self.width(), height: NOTE };
            self.pen.frame(area, RULE);
            let width_max = area.width - 4 * PAD;
            let style = Style { font: Font::Bold, sizes: &[34, 29, 24, 20], width_max };
            self.line(middle, (y, NOTE), Align::Center, style, note);
            y -= PAD;
        }
        y -= 30;
        let style = Style { font: Font::Mono, sizes: &[26, 22, 18], width_max: self.width() };
        self.line(middle, (y, 28), Align::Center, style, spec.barcode.human_readable());
        y -= BARS + 6;
        let modules = spec.barcode.modules() + 2 * QUIET_ZONE_MODULES;
        // Quiet zones may reach into the margin: nothing else is printed there.
        let room = self.right + self.left;
        let module = MODULES.into_iter().find(|module| modules * module <= room).unwrap_or(2);
        self.pen.barcode((middle, y), BARS, module, &spec.barcode);
        y -= 52;
        let style = Style { font: Font::Bold, sizes: &[40, 34, 28, 22], width_max: self.width() };
        self.line(middle, (y, 46), Align::Center, style, &spec.tracking_number);
        y -= CAPTION;
        self.caption(self.left, y, "TRACKING NUMBER");
        y -= PAD + RULE;
        self.rule(y);
        self.routing(spec, y)
    }

    /// Cells of equal width that stand on `bottom`; where their upper edge is.
    fn routing(&mut self, spec: &LabelSpec, bottom: u32) -> u32 {
        let count = spec.routing.len().min(ROUTING_CELLS_MAX);
        self.cut |= spec.routing.len() > count;
        let Some(cell) = u32::try_from(count).ok().and_then(|n| self.width().checked_div(n)) else {
            return bottom;
        };
        let y = bottom - ROUTING;
        self.rule(y);
        for (column, code) in (0..).zip(spec.routing.iter().take(count)) {
            let x = self.left + column * cell;
            if column > 0 {
                self.pen.fill(Area { x, y, width: RULE, height: ROUTING });
            }
            let width_max = cell - 2 * PAD;
            let style = Style { font: Font::Bold, sizes: &[60, 50, 40, 32, 24], width_max };
            let band = (y + RULE, ROUTING - RULE);
            self.line(x + cell / 2, band, Align::Center, style, code);
        }
        y
    }
}

/// How a text may look.
#[derive(Clone, Copy)]
struct Style<'a> {
    font: Font,
    /// Descending.
    sizes: &'a [u32],
    width_max: u32,
}

/// Grams as kilograms with three decimals, without rounding.
fn kilograms(weight_g: u32) -> String {
    format!("{}.{:03} kg", weight_g / 1000, weight_g % 1000)
}
