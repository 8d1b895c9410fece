//! CN22: the small customs declaration of the post, as a label or as a panel of a larger one.
//!
//! Field numbers, their order and the headings are those of the postal union's form, as posts
//! refuse others; the words of the certification are ours.

use rust_decimal::Decimal;

use crate::barcode::Barcode;
use crate::paper::{
    Category, Currency, FormError, Goods, Paper, Party, kilograms, money,
    sheet::{PAD, RULE, Sheet, Style, columns, finish, inside},
    total,
};
use crate::pen::Area;
use crate::text::Font;

/// Lines of goods that fit.
pub const LINES_MAX: usize = 4;

/// Heaviest item: 2 kg, the limit of letter post.
const KG_MAX: Decimal = Decimal::TWO;

/// Paper of the form, upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The form alone: 74 x 105 mm.
    Label,
    /// 100 x 150 mm: addressee above the form.
    Panel,
}

impl Size {
    /// Width and height in micrometres.
    #[must_use]
    pub const fn micrometres(self) -> (u32, u32) {
        match self {
            Self::Label => (74_000, 105_000),
            Self::Panel => (100_000, 150_000),
        }
    }
}

/// What a CN22 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cn22 {
    /// The paper.
    pub size: Size,
    /// The post that issues it, as printed.
    pub operator: String,
    /// Why the goods travel.
    pub category: Category,
    /// In words; needed with [`Category::Other`].
    pub explanation: String,
    /// Goods, one to four lines.
    pub goods: Vec<Goods>,
    /// Of all values.
    pub currency: Currency,
    /// Total weight (6), in kilograms.
    pub total_kg: Decimal,
    /// Day of the signature, as printed.
    pub date: String,
    /// Who signs; empty: room for a pen.
    pub signature: String,
    /// Sender.
    pub sender: Party,
    /// Addressee, printed on a panel.
    pub addressee: Party,
    /// Number of the item, printed as Code 128; empty: none.
    pub item_id: String,
    /// Reference of a tax scheme; empty: not printed. Such numbers are half secret: printed only
    /// where the post asks for it.
    pub scheme: String,
}

const HEADINGS: u32 = 60;

const TEXT: Style = Style::new(Font::Regular, &[20, 19, 18, 17, 16, 15, 14, 13]);
const FIGURE: Style = Style::new(Font::Regular, &[20, 18, 16, 14, 12]).right();
const STRONG: Style = Style::new(Font::Bold, &[24, 22, 20, 18, 16, 14]);

/// Prints the form.
///
/// # Errors
/// [`FormError`] when a field is missing or the goods need a CN23.
pub fn pdf(form: &Cn22) -> Result<Paper, FormError> {
    check(form)?;
    let barcode = match form.item_id.as_str() {
        "" => None,
        number => Some(Barcode::code128(number)?),
    };
    let (width_um, height_um) = form.size.micrometres();
    let mut sheet = Sheet::new(width_um, height_um);
    let (width, height) = (width_um / 125, height_um / 125);
    let page = Area { x: 16, y: 16, width: width - 32, height: height - 32 };
    let foot = barcode.as_ref();
    match form.size {
        Size::Label => draw(&mut sheet, page, form, foot)?,
        Size::Panel => {
            let top = Area { height: 360, ..page };
            address(&mut sheet, top, form);
            let rest = Area { y: page.y + 372, height: page.height - 372, ..page };
            draw(&mut sheet, rest, form, foot)?;
        }
    }
    Ok(finish(vec![sheet]))
}

fn check(form: &Cn22) -> Result<(), FormError> {
    let missing = |field| Err(FormError::Missing { field });
    if form.goods.is_empty() {
        return Err(FormError::NoGoods);
    }
    if form.goods.len() > LINES_MAX {
        return Err(FormError::TooManyLines { lines: form.goods.len(), max: LINES_MAX });
    }
    if form.total_kg > KG_MAX {
        return Err(FormError::TooHeavy { kg: form.total_kg, max: KG_MAX });
    }
    if form.operator.trim().is_empty() {
        return missing("operator");
    }
    if form.category == Category::Other && form.explanation.trim().is_empty() {
        return missing("explanation");
    }
    if form.sender.address().is_empty() {
        return missing("sender");
    }
    if form.goods.iter().any(|line| line.net_kg.is_none()) {
        return missing("net_kg");
    }
    Ok(())
}

fn address(sheet: &mut Sheet, area: Area, form: &Cn22) {
    let inner = sheet.cell(area, "To / Destinataire");
    let style = Style::new(Font::Bold, &[36, 34, 32, 30, 28, 26, 24, 22, 20]);
    let mut lines = form.addressee.address();
    lines.extend(form.addressee.contact());
    sheet.block(inner, style, &lines);
}

/// The form from top to bottom; the rows of goods get the height that is left.
fn draw(
    sheet: &mut Sheet,
    area: Area,
    form: &Cn22,
    barcode: Option<&Barcode>,
) -> Result<(), FormError> {
    let band = |y: u32, height: u32| Area { x: area.x, y, width: area.width, height };
    let mut y = area.y;
    head(sheet, band(y, 92), form);
    y += 92 - RULE;
    category(sheet, band(y, 112), form);
    y += 112 - RULE;
    let foot = foot_height(barcode.is_some());
    let rows = (area.y + area.height).saturating_sub(y + foot);
    goods(sheet, band(y, rows), form);
    y += rows - RULE;
    totals(sheet, band(y, 56), form)?;
    y += 56 - RULE;
    sign(sheet, band(y, 98), form);
    y += 98 - RULE;
    sender(sheet, band(y, (area.y + area.height).saturating_sub(y)), form, barcode);
    Ok(())
}

/// Totals, signature and sender.
const fn foot_height(with_barcode: bool) -> u32 {
    56 + 98 + if with_barcode { 196 } else { 106 }
}

fn head(sheet: &mut Sheet, area: Area, form: &Cn22) {
    sheet.frame(area);
    let inner = inside(area);
    let [left, right] = columns(inner, [inner.width * 74 / 100, inner.width * 26 / 100 - RULE]);
    let row = |column: Area, y: u32, height: u32| Area { y: column.y + y, height, ..column };
    let title = "CUSTOMS DECLARATION / DÉCLARATION EN DOUANE";
    sheet.line(row(left, 0, 24), STRONG, title);
    sheet.line(row(right, 0, 30), Style::new(Font::Bold, &[30, 26]).right(), "CN 22");
    let small = Style::new(Font::Regular, &[17, 16, 15, 14, 13, 12]);
    sheet.line(row(left, 26, 18), small, "May be opened officially / Peut être ouvert d'office");
    let [operator, notice] =
        columns(row(inner, 46, 38), [inner.width * 56 / 100, inner.width * 44 / 100 - RULE]);
    let words = format!("Designated operator / Opérateur désigné: {}", form.operator);
    sheet.block(operator, small, &[words]);
    let words = "Important! See instructions / Voir les instructions".to_owned();
    sheet.block(notice, small, &[words]);
}

fn category(sheet: &mut Sheet, area: Area, form: &Cn22) {
    sheet.frame(area);
    let inner = inside(area);
    for (place, (category, words)) in (0..).zip(Category::BOXES) {
        let width = inner.width * if place % 2 == 0 { 46 } else { 54 } / 100;
        let x = inner.x + if place % 2 == 0 { 0 } else { inner.width * 46 / 100 };
        let cell = Area { x, y: inner.y + place / 2 * 26, width, height: 24 };
        sheet.tick(cell, category == form.category, words);
    }
    let words = format!("Explanation / Explication: {}", form.explanation);
    let last = Area { y: inner.y + 80, height: 24, ..inner };
    sheet.line(last, Style::new(Font::Regular, &[18, 17, 16, 15, 14, 13]), &words);
}

/// Widths of the five columns.
fn widths(width: u32) -> [u32; 5] {
    let part = |percent: u32| width * percent / 100;
    let rest = [part(13), part(15), part(17), part(12)];
    let [kg, value, code, origin] = rest;
    [width - rest.iter().sum::<u32>() - RULE, kg, value, code, origin]
}

fn goods(sheet: &mut Sheet, area: Area, form: &Cn22) {
    let head = columns(Area { height: HEADINGS, ..area }, widths(area.width));
    let value = format!("Value / Valeur {} (3)", form.currency.code);
    let captions = [
        "Quantity and detailed description of contents / Quantité et description détaillée (1)",
        "Weight / Poids kg (2)",
        &value,
        "HS tariff no. / N° tarifaire SH (4)",
        "Country of origin / Pays d'origine (5)",
    ];
    for (cell, caption) in head.into_iter().zip(captions) {
        sheet.frame(cell);
        let style = Style::new(Font::Regular, &[15, 14, 13, 12, 11, 10]);
        sheet.block(inside(cell), style, &[caption.to_owned()]);
    }
    let body = Area { y: area.y + HEADINGS - RULE, height: area.height - HEADINGS + RULE, ..area };
    for cell in columns(body, widths(area.width)) {
        sheet.frame(cell);
    }
    let count = u32::try_from(LINES_MAX).unwrap_or(4);
    let row = (body.height - RULE) / count;
    for (place, line) in (0..).zip(&form.goods) {
        let band = Area { y: body.y + place * row, height: row, ..body };
        let [what, kg, value, code, origin] = columns(band, widths(area.width)).map(inside);
        let unit = if line.unit.is_empty() { String::new() } else { format!(" {}", line.unit) };
        let words = format!("{}{unit} {}", line.quantity, line.description);
        sheet.block(what, TEXT, &[words]);
        let text = Style::new(Font::Regular, &[20, 18, 16, 14, 12]);
        let first = |cell: Area| Area { height: 22, ..cell };
        sheet.line(first(kg), FIGURE, &line.net_kg.map(kilograms).unwrap_or_default());
        sheet.line(first(value), FIGURE, &money(line.value, form.currency.digits));
        sheet.line(first(code), text, &line.code);
        sheet.line(first(origin), text, &line.origin);
    }
}

fn totals(sheet: &mut Sheet, area: Area, form: &Cn22) -> Result<(), FormError> {
    let half = area.width / 2;
    let [kg, value] = columns(area, [half, area.width - half - RULE]);
    let inner = sheet.cell(kg, "Total weight / Poids total, kg (6)");
    sheet.line(inner, STRONG.right(), &kilograms(form.total_kg));
    let inner = sheet.cell(value, "Total value / Valeur totale (7)");
    let sum = money(total(&form.goods)?, form.currency.digits);
    sheet.line(inner, STRONG.right(), &format!("{sum} {}", form.currency.code));
    Ok(())
}

const CERTIFICATION: &str = "I certify that the particulars of this declaration are correct and \
    that this item contains no dangerous article and none that law, postal or customs rules \
    prohibit.";

fn sign(sheet: &mut Sheet, area: Area, form: &Cn22) {
    sheet.frame(area);
    let inner = inside(area);
    let style = Style::new(Font::Regular, &[15, 14, 13, 12, 11]);
    sheet.block(Area { height: 38, ..inner }, style, &[CERTIFICATION.to_owned()]);
    let caption = Area { y: inner.y + 40, height: 16, ..inner };
    let words = "Date and sender's signature / Date et signature de l'expéditeur (8)";
    sheet.line(caption, style, words);
    let line = Area { y: inner.y + 58, height: 30, ..inner };
    let words = format!("{}   {}", form.date, form.signature);
    sheet.line(line, Style::new(Font::Regular, &[24, 22, 20, 18, 16, 14]), &words);
}

fn sender(sheet: &mut Sheet, area: Area, form: &Cn22, barcode: Option<&Barcode>) {
    let mut inner = sheet.cell(area, "Sender's name and address / Nom et adresse de l'expéditeur");
    if let Some(barcode) = barcode {
        let y = area.y + area.height - 98;
        let band = Area { y, x: area.x + RULE, width: area.width - 2 * RULE, height: 92 };
        sheet.barcode(band, 64, barcode);
        inner.height = y.saturating_sub(inner.y + PAD);
    }
    let mut numbers = form.sender.contact();
    numbers.extend(form.sender.numbers());
    numbers.extend(Some(form.scheme.clone()).filter(|scheme| !scheme.is_empty()));
    let lines = [form.sender.address().join(", "), numbers.join(", ")];
    sheet.block(inner, TEXT, &lines);
}
