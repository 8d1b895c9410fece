//! Where everything is on an invoice. Lengths are in dots of 1/8 mm.
//!
//! Rows are as high as their text needs; pages are packed first and drawn then, so that each knows
//! how many there are.

use rust_decimal::Decimal;

use super::words::{self, Word};
use super::{Invoice, Kind, Line, MICROMETRES, Sums};
use crate::paper::{
    FormError, Party, kilograms, money, net_total,
    sheet::{PAD, PITCH, RULE, Sheet, Style, columns, inside},
    unit_value,
};
use crate::pen::Area;
use crate::text::{Font, clean, fit};

/// 15 mm: what office printers and hole punches want.
const MARGIN: u32 = 120;
const TEXT_SIZE: u32 = 24;
/// Between rows of goods.
const GAP: u32 = 12;
const HEADINGS: u32 = 68;
/// A row of a sum.
const SUM: u32 = 36;
const TITLE: u32 = 150;
const PARTIES: u32 = 300;
const TERMS: u32 = 84;

const TEXT: Style = Style::new(Font::Regular, &[TEXT_SIZE]);
const SMALL: Style = Style::new(Font::Regular, &[19, 18, 17, 16, 15, 14]);
const FIGURE: Style = Style::new(Font::Regular, &[24, 22, 20, 18, 16]).right();
const STRONG: Style = Style::new(Font::Bold, &[26, 24, 22, 20, 18]);
const PARTY: Style = Style::new(Font::Regular, &[24, 23, 22, 21, 20, 19, 18, 17, 16]);

fn page() -> Area {
    let (width, height) = (MICROMETRES.0 / 125, MICROMETRES.1 / 125);
    Area { x: MARGIN, y: MARGIN, width: width - 2 * MARGIN, height: height - 2 * MARGIN }
}

fn widths() -> [u32; 8] {
    let rest = [70, 150, 110, 120, 120, 170, 180];
    let [no, code, origin, quantity, net, each, value] = rest;
    let description = page().width - rest.iter().sum::<u32>() - RULE;
    [no, description, code, origin, quantity, net, each, value]
}

/// A line with its text wrapped.
struct Row<'a> {
    no: usize,
    line: &'a Line,
    text: Vec<String>,
    height: u32,
}

fn row<'a>(invoice: &Invoice, no: usize, line: &'a Line) -> Row<'a> {
    let mut words = vec![clean(&line.goods.description)];
    let mut ids: Vec<String> = Vec::new();
    if !line.sku.is_empty() {
        ids.push(format!("SKU {}", line.sku));
    }
    ids.extend(line.identifiers.iter().map(|(kind, id)| format!("{kind} {id}")));
    if line.preference {
        ids.push(invoice.language.say(words::PREFERENCE));
    }
    if !ids.is_empty() {
        words.push(clean(&ids.join(", ")));
    }
    let [_, description, ..] = widths();
    // Taller than a page no row gets: what is more is cut, and said.
    let room = fit::Room { width_max: description - 2 * PAD, height_max: page().height / 3 };
    let text = fit::block(Font::Regular, &[TEXT_SIZE], room, PITCH, &words).lines;
    let rows = u32::try_from(text.len()).unwrap_or(u32::MAX).min(100);
    Row { no, line, text: words, height: rows * (TEXT_SIZE * PITCH / 100) + GAP }
}

/// Where the first row of a page begins: the first page has everything above its table.
const fn table_top(first: bool, extra_parties: bool) -> u32 {
    let parties = if extra_parties { 2 * PARTIES } else { PARTIES };
    MARGIN + TITLE + if first { parties + TERMS + 2 * GAP } else { 0 } + HEADINGS
}

/// Rows by page, and the height of what closes the last one.
fn pack<'a>(rows: Vec<Row<'a>>, extra: bool, closing: u32) -> Vec<Vec<Row<'a>>> {
    let bottom = page().y + page().height - SUM;
    let mut pages: Vec<Vec<Row<'a>>> = Vec::new();
    let mut current = Vec::new();
    let mut y = table_top(true, extra);
    for row in rows {
        if y + row.height > bottom && !current.is_empty() {
            pages.push(std::mem::take(&mut current));
            // After the row that brings the subtotal forward.
            y = table_top(false, extra) + SUM;
        }
        y += row.height;
        current.push(row);
    }
    pages.push(current);
    if y + closing > page().y + page().height {
        pages.push(Vec::new());
    }
    pages
}

/// All pages.
pub(super) fn draw(invoice: &Invoice) -> Result<Vec<Sheet>, FormError> {
    let sums = invoice.sums()?;
    let statements = invoice.statements.len() + 1;
    let statements = u32::try_from(statements).unwrap_or(1).min(12) * 64;
    let closing = sum_rows(invoice, sums).len() as u32 * SUM + statements + 160;
    let extra = [&invoice.shipper, &invoice.ship_to, &invoice.importer].iter().any(|p| p.is_some());
    let lines = invoice.lines.iter().enumerate();
    let rows = lines.map(|(at, line)| row(invoice, at + 1, line)).collect();
    let pages = pack(rows, extra, closing);
    let count = pages.len();
    let mut running = Decimal::ZERO;
    let mut sheets = Vec::new();
    for (at, rows) in pages.into_iter().enumerate() {
        let mut pen = Pen { sheet: Sheet::new(MICROMETRES.0, MICROMETRES.1), invoice, y: MARGIN };
        pen.title(at + 1, count);
        if at == 0 {
            pen.parties();
            pen.terms();
        }
        pen.headings();
        if at > 0 {
            pen.sum(words::BROUGHT, running, false);
        }
        for row in &rows {
            pen.row(row);
            running = running.checked_add(row.line.goods.value).ok_or(FormError::Overflow)?;
        }
        if at + 1 < count {
            pen.rule();
            pen.sum(words::FORWARD, running, false);
        } else {
            pen.close(sums, statements);
        }
        sheets.push(pen.sheet);
    }
    Ok(sheets)
}

/// Sums below the table; only those that there are.
fn sum_rows(invoice: &Invoice, sums: Sums) -> Vec<(Word, Decimal, bool)> {
    let amounts = &invoice.amounts;
    let mut rows = Vec::new();
    if let Some(discount) = amounts.discount {
        rows.push((words::LINES_TOTAL, sums.lines, false));
        rows.push((words::DISCOUNT, -discount, false));
    }
    rows.push((words::GOODS_TOTAL, sums.goods, false));
    for (word, amount) in [
        (words::FREIGHT, amounts.freight),
        (words::INSURANCE, amounts.insurance),
        (words::OTHER, amounts.other),
        (words::TAX, amounts.tax),
    ] {
        rows.extend(amount.map(|amount| (word, amount, false)));
    }
    rows.push((words::GRAND, sums.grand, true));
    rows
}

/// Draws from the top of a page downwards.
struct Pen<'a> {
    sheet: Sheet,
    invoice: &'a Invoice,
    y: u32,
}

impl Pen<'_> {
    fn band(&mut self, height: u32) -> Area {
        let band = Area { y: self.y, height, ..page() };
        self.y += height;
        band
    }

    fn say(&self, word: Word) -> String {
        self.invoice.language.say(word)
    }

    fn rule(&mut self) {
        let band = self.band(RULE);
        self.sheet.fill(band);
    }

    fn title(&mut self, at: usize, count: usize) {
        let invoice = self.invoice;
        let band = self.band(TITLE);
        let title = match invoice.kind {
            Kind::Commercial => words::COMMERCIAL,
            Kind::ProForma => words::PRO_FORMA,
            Kind::Return => words::RETURN,
        };
        let title = self.say(title);
        let upper = Area { height: 60, ..band };
        let width = upper.width * 78 / 100;
        let style = Style::new(Font::Bold, &[52, 48, 44, 40, 36]);
        self.sheet.line(Area { width, ..upper }, style, &title);
        let words = format!("{} {at} / {count}", self.say(words::PAGE));
        let page_style = Style::new(Font::Regular, &[24, 20]).right();
        self.sheet.line(upper, page_style, &words);
        let facts = [
            (words::NUMBER, &invoice.number),
            (words::DATE, &invoice.date),
            (words::ORDER, &invoice.order),
            (words::TRANSPORT, &invoice.transport_document),
        ];
        let lower = Area { y: band.y + 66, height: 72, ..band };
        let width = lower.width - RULE;
        let cells = columns(
            lower,
            [width * 24 / 100, width * 20 / 100, width * 24 / 100, {
                width - width * 24 / 100 * 2 - width * 20 / 100
            }],
        );
        for (cell, (word, text)) in cells.into_iter().zip(facts) {
            let caption = self.say(word);
            let inner = self.sheet.cell(cell, &caption);
            self.sheet.line(inner, STRONG, text);
        }
    }

    fn parties(&mut self) {
        let invoice = self.invoice;
        let band = self.band(PARTIES);
        let half = band.width / 2;
        let [left, right] = columns(band, [half, band.width - half - RULE]);
        // Of goods that go back nobody is seller or buyer: it is no sale.
        let (from, to) = match invoice.kind {
            Kind::Return => (words::SHIPPER, words::CONSIGNEE),
            Kind::Commercial | Kind::ProForma => (words::SELLER, words::BUYER),
        };
        self.party(left, from, &invoice.seller);
        self.party(right, to, &invoice.buyer);
        let others = [
            (words::SHIPPER, &invoice.shipper),
            (words::SHIP_TO, &invoice.ship_to),
            (words::IMPORTER, &invoice.importer),
        ];
        let others = others.into_iter().filter_map(|(word, party)| Some((word, party.as_ref()?)));
        let others: Vec<(Word, &Party)> = others.collect();
        let Some(part) =
            u32::try_from(others.len()).ok().and_then(|n| (band.width - RULE).checked_div(n))
        else {
            self.y += GAP;
            return;
        };
        let band = self.band(PARTIES);
        let mut x = band.x;
        for (word, party) in others {
            let area = Area { x, y: band.y - RULE, width: part + RULE, ..band };
            self.party(area, word, party);
            x += part;
        }
        self.y += GAP;
    }

    fn party(&mut self, area: Area, word: Word, party: &Party) {
        let caption = self.say(word);
        let inner = self.sheet.cell(area, &caption);
        let mut lines = party.address();
        lines.extend(party.contact());
        lines.extend(party.numbers());
        self.sheet.block(inner, PARTY, &lines);
    }

    fn terms(&mut self) {
        let invoice = self.invoice;
        let band = self.band(TERMS);
        let width = band.width - RULE;
        let part = width * 27 / 100;
        let cells = columns(band, [part, part, part, width - 3 * part]);
        let facts = [
            (words::INCOTERM, &invoice.incoterm),
            (words::REASON, &invoice.reason),
            (words::PAYMENT, &invoice.payment),
            (words::CURRENCY, &invoice.currency.code),
        ];
        for (cell, (word, text)) in cells.into_iter().zip(facts) {
            let caption = self.say(word);
            let inner = self.sheet.cell(cell, &caption);
            self.sheet.line(inner, STRONG, text);
        }
        self.y += GAP;
    }

    fn headings(&mut self) {
        let band = self.band(HEADINGS);
        let words = [
            words::NO,
            words::DESCRIPTION,
            words::CODE,
            words::ORIGIN,
            words::QUANTITY,
            words::NET,
            words::UNIT_VALUE,
            words::LINE_VALUE,
        ];
        for (cell, word) in columns(band, widths()).into_iter().zip(words) {
            self.sheet.frame(cell);
            let caption = self.say(word);
            self.sheet.block(inside(cell), SMALL, &[caption]);
        }
    }

    fn row(&mut self, row: &Row<'_>) {
        let band = self.band(row.height);
        let band = Area { y: band.y + GAP / 2, ..band };
        let goods = &row.line.goods;
        let digits = self.invoice.currency.digits;
        let pad = |cell: Area| Area {
            x: cell.x + PAD,
            width: cell.width.saturating_sub(2 * PAD),
            ..cell
        };
        let cells = columns(band, widths()).map(pad);
        let [no, description, code, origin, quantity, net, each, value] = cells;
        self.sheet.block(description, TEXT, &row.text);
        let first = |cell: Area| Area { height: TEXT_SIZE, ..cell };
        let text = Style::new(Font::Regular, &[24, 22, 20, 18, 16]);
        let unit = if goods.unit.is_empty() { String::new() } else { format!(" {}", goods.unit) };
        self.sheet.line(first(no), text, &row.no.to_string());
        self.sheet.line(first(code), text, &goods.code);
        self.sheet.line(first(origin), text, &goods.origin);
        self.sheet.line(first(quantity), FIGURE, &format!("{}{unit}", goods.quantity));
        self.sheet.line(first(net), FIGURE, &goods.net_kg.map(kilograms).unwrap_or_default());
        let each_text = unit_value(goods.value, goods.quantity, digits);
        self.sheet.line(first(each), FIGURE, &each_text);
        self.sheet.line(first(value), FIGURE, &money(goods.value, digits));
    }

    /// A sum at the right edge.
    fn sum(&mut self, word: Word, amount: Decimal, strong: bool) {
        let band = self.band(SUM);
        let style = if strong { STRONG } else { TEXT };
        let label = Area { width: band.width - 280, ..band };
        let words = self.say(word);
        self.sheet.line(label, style.right(), &words);
        let value = Area { x: band.x + band.width - 270, width: 270 - PAD, ..band };
        let text = money(amount, self.invoice.currency.digits);
        let text = format!("{text} {}", self.invoice.currency.code);
        let style = if strong { STRONG.right() } else { FIGURE };
        self.sheet.line(value, style, &text);
    }

    fn close(&mut self, sums: Sums, statements: u32) {
        let invoice = self.invoice;
        self.rule();
        let top = self.y;
        for (word, amount, strong) in sum_rows(invoice, sums) {
            self.sum(word, amount, strong);
        }
        // Weights beside the sums: there is always room for three rows.
        let end = self.y.max(top + 3 * SUM);
        let net = net_total(invoice.lines.iter().map(|line| &line.goods)).map(kilograms);
        let facts = [
            (words::PIECES, Some(invoice.pieces.to_string())),
            (words::NET_TOTAL, net),
            (words::GROSS_TOTAL, invoice.gross_kg.map(kilograms)),
        ];
        let mut y = top;
        for (word, text) in facts {
            if let Some(text) = text {
                let words = format!("{}: {text}", self.say(word));
                let area = Area { y, height: SUM, width: page().width * 42 / 100, ..page() };
                self.sheet.line(area, PARTY, &words);
                y += SUM;
            }
        }
        self.y = end + GAP;
        let band = self.band(statements);
        let caption = self.say(words::STATEMENTS);
        let inner = self.sheet.cell(band, &caption);
        let mut lines = invoice.statements.clone();
        lines.push(self.say(words::TRUTH));
        self.sheet.block(inner, PARTY, &lines);
        let band = self.band(130);
        let half = band.width / 2;
        let [left, right] = columns(band, [half, band.width - half - RULE]);
        for (cell, word, text) in [
            (left, words::PLACE, &invoice.place_and_date),
            (right, words::SIGNATURE, &invoice.signature),
        ] {
            let caption = self.say(word);
            let inner = self.sheet.cell(Area { y: cell.y - RULE, ..cell }, &caption);
            self.sheet.line(inner, PARTY, text);
        }
    }
}
