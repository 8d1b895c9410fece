//! CN23: the customs declaration of the post for dearer, heavier or controlled goods, 210 x 148 mm.
//!
//! The first page has every field and the totals of all goods. Goods that do not fit go on to
//! continuation pages, each with its subtotal. Field numbers, their order and the headings are
//! those of the postal union's form; the words of the certification are ours.

mod layout;

use rust_decimal::Decimal;

use crate::barcode::Barcode;
use crate::paper::{
    Category, Currency, FormError, Goods, Paper, Party,
    sheet::{Sheet, finish},
};

/// 210 x 148 mm: A5 across.
pub const MICROMETRES: (u32, u32) = (210_000, 148_000);

/// What a CN23 says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cn23 {
    /// The post that issues it, as printed.
    pub operator: String,
    /// Number of the item (S10), printed as Code 128; empty: room for the post's own sticker.
    pub item_id: String,
    /// Sender; the references are its customs references.
    pub sender: Party,
    /// Addressee; the references are those of the importer.
    pub addressee: Party,
    /// Goods, any number of lines.
    pub goods: Vec<Goods>,
    /// Of all values.
    pub currency: Currency,
    /// Total gross weight (4), in kilograms, with the packing.
    pub gross_kg: Decimal,
    /// Postal charges (9), as printed: `"9.00 EUR"`.
    pub postage: String,
    /// Why the goods travel (10).
    pub category: Category,
    /// In words; needed with [`Category::Other`].
    pub explanation: String,
    /// Comments (11): quarantine, restrictions; on a return the item and declaration of the way out.
    pub comments: Vec<String>,
    /// Numbers of licences (12); empty: not ticked.
    pub licences: Vec<String>,
    /// Numbers of certificates (13); empty: not ticked.
    pub certificates: Vec<String>,
    /// Number of the invoice (14); empty: not ticked.
    pub invoice: String,
    /// Day of the signature, as printed (15).
    pub date: String,
    /// Who signs; empty: room for a pen.
    pub signature: String,
    /// Office of origin; empty: left to the post.
    pub office_of_origin: String,
    /// Day of posting, as printed; empty: left to the post.
    pub posting_date: String,
}

/// Prints the form.
///
/// # Errors
/// [`FormError`] when a field is missing.
pub fn pdf(form: &Cn23) -> Result<Paper, FormError> {
    Ok(finish(sheets(form)?))
}

/// Its pages.
pub(crate) fn sheets(form: &Cn23) -> Result<Vec<Sheet>, FormError> {
    check(form)?;
    let barcode = match form.item_id.as_str() {
        "" => None,
        number => Some(Barcode::code128(number)?),
    };
    let barcode = barcode.as_ref();
    let mut pages = Vec::new();
    let groups = layout::pages(&form.goods);
    let count = groups.len();
    for (at, group) in groups.into_iter().enumerate() {
        pages.push(match at {
            0 => layout::first(form, barcode, group, count)?,
            _ => layout::next(form, barcode, group, (at, count))?,
        });
    }
    Ok(pages)
}

fn check(form: &Cn23) -> Result<(), FormError> {
    let missing = |field| Err(FormError::Missing { field });
    if form.goods.is_empty() {
        return Err(FormError::NoGoods);
    }
    if form.operator.trim().is_empty() {
        return missing("operator");
    }
    if form.sender.address().is_empty() {
        return missing("sender");
    }
    if form.addressee.address().is_empty() {
        return missing("addressee");
    }
    if form.category == Category::Other && form.explanation.trim().is_empty() {
        return missing("explanation");
    }
    if form.goods.iter().any(|line| line.net_kg.is_none()) {
        return missing("net_kg");
    }
    // Goods go back under a contract of whom they go to: the sender pays nothing and knows no price.
    if form.postage.trim().is_empty() && form.category != Category::ReturnedGoods {
        return missing("postage");
    }
    Ok(())
}
