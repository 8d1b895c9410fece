//! Commercial, pro forma and return invoices for customs, A4 upright.
//!
//! Any number of lines: pages carry a subtotal forward. Headings are English, or English with
//! French, German or Spanish beside it. Totals are summed here, so that a page cannot disagree with
//! its own lines. Not a tax invoice of a country: that is the shop's.

mod layout;
mod words;

use rust_decimal::Decimal;

pub use words::Language;

use crate::paper::{
    Currency, FormError, Goods, Paper, Party,
    sheet::{Sheet, finish},
    total,
};

/// A4.
pub const MICROMETRES: (u32, u32) = (210_000, 297_000);

/// What kind of invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goods that are sold.
    Commercial,
    /// Goods that are not: samples, gifts, repairs.
    ProForma,
    /// Goods that go back.
    Return,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// The goods.
    pub goods: Goods,
    /// Article number of the seller; empty: not printed.
    pub sku: String,
    /// Other identifiers with what they are: `("GTIN", "09521234543213")`.
    pub identifiers: Vec<(String, String)>,
    /// A preference for the origin is claimed.
    pub preference: bool,
}

/// Amounts beside the goods, in the currency of the invoice; `None`: not printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Amounts {
    /// Taken off the goods.
    pub discount: Option<Decimal>,
    /// Carriage.
    pub freight: Option<Decimal>,
    /// Insurance.
    pub insurance: Option<Decimal>,
    /// Anything else.
    pub other: Option<Decimal>,
    /// Tax that the invoice shows.
    pub tax: Option<Decimal>,
}

/// What an invoice says. Empty texts are not printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Its kind.
    pub kind: Kind,
    /// Of the headings.
    pub language: Language,
    /// Its number.
    pub number: String,
    /// Its day, as printed.
    pub date: String,
    /// Reference of the order.
    pub order: String,
    /// Number of the item or waybill.
    pub transport_document: String,
    /// Seller.
    pub seller: Party,
    /// Buyer.
    pub buyer: Party,
    /// Shipper, when another than the seller.
    pub shipper: Option<Party>,
    /// Where the goods go, when not to the buyer.
    pub ship_to: Option<Party>,
    /// Importer of record, when not the buyer.
    pub importer: Option<Party>,
    /// Term of delivery with its place: `"DAP Sampleton"`.
    pub incoterm: String,
    /// Why the goods travel, in words.
    pub reason: String,
    /// Terms of payment.
    pub payment: String,
    /// Of all values.
    pub currency: Currency,
    /// Lines.
    pub lines: Vec<Line>,
    /// Amounts beside the goods.
    pub amounts: Amounts,
    /// Packages.
    pub pieces: u32,
    /// With the packing, in kilograms; `None`: not printed.
    pub gross_kg: Option<Decimal>,
    /// Statements, each a paragraph: origin, licences, remarks.
    pub statements: Vec<String>,
    /// Who signs, with the function; empty: room for a pen.
    pub signature: String,
    /// Place and day of the signature.
    pub place_and_date: String,
}

/// Sums of an invoice, in its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// All lines.
    pub lines: Decimal,
    /// Lines less the discount.
    pub goods: Decimal,
    /// Goods and everything beside them.
    pub grand: Decimal,
}

impl Invoice {
    /// Its sums.
    ///
    /// # Errors
    /// [`FormError::Overflow`].
    pub fn sums(&self) -> Result<Sums, FormError> {
        let lines = total(self.lines.iter().map(|line| &line.goods))?;
        let amounts = &self.amounts;
        let less = amounts.discount.unwrap_or_default();
        let goods = lines.checked_sub(less).ok_or(FormError::Overflow)?;
        let mut grand = goods;
        for more in [amounts.freight, amounts.insurance, amounts.other, amounts.tax] {
            grand = grand.checked_add(more.unwrap_or_default()).ok_or(FormError::Overflow)?;
        }
        Ok(Sums { lines, goods, grand })
    }
}

/// Prints the invoice.
///
/// # Errors
/// [`FormError`] when a field is missing.
pub fn pdf(invoice: &Invoice) -> Result<Paper, FormError> {
    Ok(finish(sheets(invoice)?))
}

/// Its pages.
pub(crate) fn sheets(invoice: &Invoice) -> Result<Vec<Sheet>, FormError> {
    if invoice.lines.is_empty() {
        return Err(FormError::NoGoods);
    }
    let needed = [
        (invoice.number.trim().is_empty(), "number"),
        (invoice.date.trim().is_empty(), "date"),
        (invoice.seller.address().is_empty(), "seller"),
        (invoice.buyer.address().is_empty(), "buyer"),
        (invoice.incoterm.trim().is_empty(), "incoterm"),
        (invoice.reason.trim().is_empty(), "reason"),
    ];
    if let Some((_, field)) = needed.into_iter().find(|(absent, _)| *absent) {
        return Err(FormError::Missing { field });
    }
    layout::draw(invoice)
}
