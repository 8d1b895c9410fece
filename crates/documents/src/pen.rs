//! What every output can draw, so that a layout is written once.

use crate::barcode::Barcode;
use crate::text::Font;

/// Dots of all drawing in this crate per millimetre: those of a 203 dpi thermal printer, so that
/// bars drawn in whole dots fall on its grid.
pub const DOTS_PER_MM: u32 = 8;

/// How a text lies on its x coordinate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Begins there.
    Left,
    /// Has its middle there.
    Center,
    /// Ends there.
    Right,
}

/// A box in dots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Left edge, from the page's left.
    pub x: u32,
    /// Upper edge, from the page's top.
    pub y: u32,
    /// Extent to the right.
    pub width: u32,
    /// Extent downwards.
    pub height: u32,
}

/// Draws on one page. Lengths are in dots of 1/8 mm from the top left corner.
pub trait Pen {
    /// Writes one line whose upper edge is at `at.1`, in a font of `size` dots.
    fn text(&mut self, at: (u32, u32), align: Align, font: Font, size: u32, text: &str);

    /// Blackens a box.
    fn fill(&mut self, area: Area);

    /// Draws a barcode around the middle `at.0` with its upper edge at `at.1`, its modules at
    /// most `module` dots wide. The caller keeps the quiet zones free.
    fn barcode(&mut self, at: (u32, u32), height: u32, module: u32, barcode: &Barcode);

    /// Draws the four sides of a box, `thickness` dots inwards.
    fn frame(&mut self, area: Area, thickness: u32) {
        let Area { x, y, width, height } = area;
        let inner = height.saturating_sub(2 * thickness);
        let right = x + width.saturating_sub(thickness);
        let bottom = y + height.saturating_sub(thickness);
        self.fill(Area { height: thickness, ..area });
        self.fill(Area { y: bottom, height: thickness, ..area });
        self.fill(Area { y: y + thickness, width: thickness, height: inner, ..area });
        self.fill(Area { x: right, y: y + thickness, width: thickness, height: inner });
    }
}
