//! Where everything is on a CN23. Lengths are in dots of 1/8 mm.

use super::{Cn23, MICROMETRES};
use crate::barcode::Barcode;
use crate::paper::{
    Category, FormError, Goods, kilograms, money, net_total,
    sheet::{PAD, RULE, Sheet, Style, columns, inside},
    total,
};
use crate::pen::Area;
use crate::text::Font;

/// Rows of goods on the first page.
const ROWS_FIRST: usize = 5;
/// Rows of goods on a page that continues.
const ROWS_NEXT: usize = 16;
const HEADINGS: u32 = 46;
/// Two lines of a description.
const ROW: u32 = 48;
const MARGIN: u32 = 40;

const TEXT: Style = Style::new(Font::Regular, &[22, 21, 20, 19, 18, 17, 16, 15, 14]);
const FIGURE: Style = Style::new(Font::Regular, &[22, 20, 18, 16, 14]).right();
const STRONG: Style = Style::new(Font::Bold, &[26, 24, 22, 20, 18, 16]);
const SMALL: Style = Style::new(Font::Regular, &[17, 16, 15, 14, 13, 12]);

/// The goods of each page.
pub(super) fn pages(goods: &[Goods]) -> Vec<&[Goods]> {
    let (first, rest) = goods.split_at(goods.len().min(ROWS_FIRST));
    std::iter::once(first).chain(rest.chunks(ROWS_NEXT)).collect()
}

fn page() -> Area {
    let (width, height) = (MICROMETRES.0 / 125, MICROMETRES.1 / 125);
    Area { x: MARGIN, y: MARGIN, width: width - 2 * MARGIN, height: height - 2 * MARGIN }
}

/// Draws from the top of a page downwards.
struct Pen<'a> {
    sheet: Sheet,
    form: &'a Cn23,
    y: u32,
}

impl Pen<'_> {
    /// The next band of the page.
    fn band(&mut self, height: u32) -> Area {
        let band = Area { y: self.y, height: height + RULE, ..page() };
        self.y += height;
        band
    }
}

/// The first page: every field.
pub(super) fn first(
    form: &Cn23,
    barcode: Option<&Barcode>,
    goods: &[Goods],
    pages: usize,
) -> Result<Sheet, FormError> {
    let mut pen = Pen { sheet: Sheet::new(MICROMETRES.0, MICROMETRES.1), form, y: MARGIN };
    pen.title();
    pen.parties(barcode);
    pen.table(goods, ROWS_FIRST);
    pen.totals(pages)?;
    pen.foot();
    Ok(pen.sheet)
}

/// A page that continues; `at` counts from 0.
pub(super) fn next(
    form: &Cn23,
    barcode: Option<&Barcode>,
    goods: &[Goods],
    (at, count): (usize, usize),
) -> Result<Sheet, FormError> {
    let mut pen = Pen { sheet: Sheet::new(MICROMETRES.0, MICROMETRES.1), form, y: MARGIN };
    pen.title();
    let [left, right] = halves(pen.band(130));
    let words = format!("Continuation page {} of {count} / Suite, page {0} de {count}", at + 1);
    let inner = pen.sheet.cell(left, "Sender / Expéditeur");
    let mut lines = vec![words];
    lines.extend(form.sender.address().into_iter().take(2));
    pen.sheet.block(inner, TEXT, &lines);
    let inner = pen.sheet.cell(right, "No. of item / N° de l'envoi");
    if let Some(barcode) = barcode {
        pen.sheet.barcode(inner, 60, barcode);
    }
    pen.table(goods, ROWS_NEXT);
    let band = pen.band(56);
    pen.subtotal(band, goods)?;
    Ok(pen.sheet)
}

fn halves(area: Area) -> [Area; 2] {
    let half = area.width / 2;
    columns(area, [half, area.width - half - RULE])
}

impl Pen<'_> {
    fn title(&mut self) {
        let band = self.band(64);
        self.sheet.frame(band);
        let inner = inside(band);
        let parts = [inner.width * 28 / 100, inner.width * 56 / 100, inner.width * 16 / 100];
        let [operator, title, number] = columns(inner, parts);
        let words = ["Designated operator / Opérateur désigné".into(), self.form.operator.clone()];
        self.sheet.block(operator, SMALL, &words);
        let style = Style::new(Font::Bold, &[34, 32, 30]).center();
        self.sheet.line(title, style, "CUSTOMS DECLARATION / DÉCLARATION EN DOUANE");
        let number = Area { width: number.width - 2 * RULE, ..number };
        self.sheet.line(number, Style::new(Font::Bold, &[44]).right(), "CN 23");
    }

    fn parties(&mut self, barcode: Option<&Barcode>) {
        let form = self.form;
        let [from, item] = halves(self.band(172));
        let width = from.width - RULE;
        let [sender, reference] = columns(from, [width * 64 / 100, width - width * 64 / 100]);
        let inner = self.sheet.cell(sender, "From / De: Sender / Expéditeur");
        let mut lines = form.sender.address();
        lines.extend(form.sender.contact());
        self.sheet.block(inner, TEXT, &lines);
        let caption = "Sender's customs reference (if any) / Référence en douane de l'expéditeur";
        let inner = self.sheet.cell(reference, caption);
        self.sheet.block(inner, TEXT, &form.sender.numbers());
        let caption = "No. of item (bar code) / N° de l'envoi (code à barres)";
        let mut inner = self.sheet.cell(item, caption);
        if let Some(barcode) = barcode {
            self.sheet.barcode(Area { y: inner.y + 6, ..inner }, 81, barcode);
        }
        inner = Area { y: inner.y + 122, height: 22, ..inner };
        self.sheet.line(inner, SMALL, "May be opened officially / Peut être ouvert d'office");

        let [to, right] = halves(self.band(172));
        let inner = self.sheet.cell(to, "To / A: Addressee / Destinataire");
        self.sheet.block(inner, TEXT, &form.addressee.address());
        let upper = Area { height: 86 + RULE, ..right };
        let caption = "Importer/addressee reference (tax code, VAT no., importer code) / \
                       Référence de l'importateur ou du destinataire";
        let inner = self.sheet.cell(upper, caption);
        self.sheet.block(inner, TEXT, &form.addressee.numbers());
        let lower = Area { y: right.y + 86, height: 86 + RULE, ..right };
        let caption = "Importer/addressee telephone, fax, e-mail (if known) / \
                       Téléphone, fax, e-mail de l'importateur ou du destinataire";
        let inner = self.sheet.cell(lower, caption);
        self.sheet.block(inner, TEXT, &form.addressee.contact());
    }

    fn widths() -> [u32; 6] {
        let rest = [150, 150, 210, 200, 170];
        let [quantity, kg, value, code, origin] = rest;
        let first = page().width - rest.iter().sum::<u32>() - RULE;
        [first, quantity, kg, value, code, origin]
    }

    fn table(&mut self, goods: &[Goods], rows: usize) {
        let form = self.form;
        let value = format!("Value / Valeur {} (5)", form.currency.code);
        let captions = [
            "Detailed description of contents / Désignation détaillée du contenu (1)",
            "Quantity / Quantité (2)",
            "Net weight / Poids net kg (3)",
            &value,
            "HS tariff number / N° tarifaire du SH (7)",
            "Country of origin / Pays d'origine (8)",
        ];
        let head = self.band(HEADINGS);
        for (cell, caption) in columns(head, Self::widths()).into_iter().zip(captions) {
            self.sheet.frame(cell);
            self.sheet.block(inside(cell), SMALL, &[caption.to_owned()]);
        }
        let rows = u32::try_from(rows).unwrap_or_default();
        let body = self.band(rows * ROW);
        for cell in columns(body, Self::widths()) {
            self.sheet.frame(cell);
        }
        for (place, line) in (0..).zip(goods) {
            let band = Area { y: body.y + place * ROW, height: ROW + RULE, ..body };
            if place > 0 {
                self.sheet.fill(Area { height: 1, ..band });
            }
            let cells = columns(band, Self::widths()).map(inside);
            let [what, quantity, kg, value, code, origin] = cells;
            self.sheet.block(what, TEXT, std::slice::from_ref(&line.description));
            let first = |cell: Area| Area { height: 24, ..cell };
            let unit = if line.unit.is_empty() { String::new() } else { format!(" {}", line.unit) };
            self.sheet.line(first(quantity), FIGURE, &format!("{}{unit}", line.quantity));
            self.sheet.line(first(kg), FIGURE, &line.net_kg.map(kilograms).unwrap_or_default());
            self.sheet.line(first(value), FIGURE, &money(line.value, form.currency.digits));
            self.sheet.line(first(code), TEXT, &line.code);
            self.sheet.line(first(origin), TEXT, &line.origin);
        }
    }

    /// Totals of all goods, whatever the page.
    fn totals(&mut self, pages: usize) -> Result<(), FormError> {
        let form = self.form;
        let band = self.band(56);
        let width = band.width - RULE;
        let part = width / 4;
        let cells = columns(band, [width - 3 * part, part, part, part]);
        let [note, weight, value, postage] = cells;
        self.sheet.frame(note);
        if pages > 1 {
            let lines = form.goods.len();
            let words =
                format!("{lines} lines on {pages} pages / {lines} lignes sur {pages} pages");
            self.sheet.block(inside(note), SMALL, &[words, "Totals of all / Totaux".into()]);
        }
        let inner = self.sheet.cell(weight, "Total gross weight / Poids brut total, kg (4)");
        self.sheet.line(inner, STRONG.right(), &kilograms(form.gross_kg));
        let inner = self.sheet.cell(value, "Total value / Valeur totale (6)");
        let sum = money(total(&form.goods)?, form.currency.digits);
        self.sheet.line(inner, STRONG.right(), &format!("{sum} {}", form.currency.code));
        let inner = self.sheet.cell(postage, "Postal charges/Fees / Frais de port/Frais (9)");
        self.sheet.line(inner, STRONG.right(), &form.postage);
        Ok(())
    }

    /// What the goods of a page come to.
    fn subtotal(&mut self, band: Area, goods: &[Goods]) -> Result<(), FormError> {
        let [weight, value] = halves(band);
        let inner = self.sheet.cell(weight, "Subtotal of this page / Sous-total, kg net");
        let kg = net_total(goods).map(kilograms).unwrap_or_default();
        self.sheet.line(inner, STRONG.right(), &kg);
        let inner = self.sheet.cell(value, "Subtotal of this page / Sous-total de cette page");
        let digits = self.form.currency.digits;
        let sum = format!("{} {}", money(total(goods)?, digits), self.form.currency.code);
        self.sheet.line(inner, STRONG.right(), &sum);
        Ok(())
    }

    fn foot(&mut self) {
        let bottom = page().y + page().height;
        let height = bottom - self.y - RULE;
        let [left, right] = halves(self.band(height));
        self.category(Area { height: 136, ..left });
        let comments = Area { y: left.y + 136 - RULE, height: 110, ..left };
        let caption = "Comments (11): goods subject to quarantine, sanitary/phytosanitary \
                       inspection or other restrictions / Observations";
        let inner = self.sheet.cell(comments, caption);
        self.sheet.block(inner, TEXT, &self.form.comments);
        let y = comments.y + comments.height - RULE;
        self.documents(Area { y, height: (left.y + left.height).saturating_sub(y), ..left });
        self.signature(right);
    }

    fn category(&mut self, area: Area) {
        let form = self.form;
        let inner = self.sheet.cell(area, "Category of item / Catégorie de l'envoi (10)");
        for (place, (category, words)) in (0..).zip(Category::BOXES) {
            let width = inner.width / 2;
            let x = inner.x + place % 2 * width;
            let cell = Area { x, y: inner.y + place / 2 * 25, width: width - PAD, height: 24 };
            self.sheet.tick(cell, category == form.category, words);
        }
        let words = format!("Explanation / Explication: {}", form.explanation);
        let last = Area { y: inner.y + 77, height: 30, ..inner };
        self.sheet.line(last, TEXT, &words);
    }

    fn documents(&mut self, area: Area) {
        let form = self.form;
        let width = area.width - RULE;
        let third = width / 3;
        let invoice = if form.invoice.is_empty() { vec![] } else { vec![form.invoice.clone()] };
        let cells = columns(area, [third, third, width - 2 * third]);
        let words = [
            ("Licence / Licence (12)", "No(s). of licence(s) / N°", &form.licences),
            ("Certificate / Certificat (13)", "No(s). of certificate(s) / N°", &form.certificates),
            ("Invoice / Facture (14)", "No. of invoice / N° de la facture", &invoice),
        ];
        for (cell, (title, caption, numbers)) in cells.into_iter().zip(words) {
            self.sheet.frame(cell);
            let inner = inside(cell);
            self.sheet.tick(Area { height: 26, ..inner }, !numbers.is_empty(), title);
            let caption_area = Area { y: inner.y + 28, height: 18, ..inner };
            self.sheet.line(caption_area, SMALL, caption);
            let rest = Area { y: inner.y + 50, height: inner.height.saturating_sub(50), ..inner };
            self.sheet.block(rest, TEXT, numbers);
        }
    }

    fn signature(&mut self, area: Area) {
        let form = self.form;
        let office = Area { height: 90, ..area };
        let caption = "Office of origin/Date of posting / Bureau d'origine/Date de dépôt";
        let inner = self.sheet.cell(office, caption);
        let words = [form.office_of_origin.clone(), form.posting_date.clone()];
        let lines: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
        self.sheet.block(inner, TEXT, &lines);
        let y = office.y + office.height - RULE;
        let rest = Area { y, height: (area.y + area.height).saturating_sub(y), ..area };
        self.sheet.frame(rest);
        let inner = inside(rest);
        let style = Style::new(Font::Regular, &[19, 18, 17, 16, 15]);
        self.sheet.block(Area { height: 70, ..inner }, style, &[CERTIFICATION.to_owned()]);
        let caption = Area { y: inner.y + 74, height: 20, ..inner };
        let words = "Date and sender's signature / Date et signature de l'expéditeur (15)";
        self.sheet.line(caption, SMALL, words);
        let line = Area { y: inner.y + 100, height: 40, ..inner };
        let words = format!("{}   {}", form.date, form.signature);
        self.sheet.line(line, Style::new(Font::Regular, &[28, 26, 24, 22, 20, 18]), &words);
    }
}

const CERTIFICATION: &str = "I certify that the particulars of this declaration are correct and \
    that this item contains no dangerous article and none that law, postal or customs rules \
    prohibit. / Je certifie que cette déclaration est exacte et que cet envoi ne contient aucun \
    objet dangereux ou interdit.";
