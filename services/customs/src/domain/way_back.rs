//! What went out, turned round: the parcel that comes back as papers want it.
//!
//! Value, origin and description stay as they were declared, whatever became of the article since:
//! declared as new goods they would be taxed again. Which relief or refund is due is not decided.

use colibri_customs_rules::{
    consignment::{Channel, Consignment, Flow, Line, ProductIds, Terms},
    declare::{Facts, InvoiceFacts, Outbound, Parcel, Party, TaxId},
    place::Place,
};
use colibri_events::{
    customs::v1::{DeclarationReady, Item, ReturnedItem},
    orders::v1::FulfilmentRequested,
};
use time::Date;

use super::question::{day, kilograms, money};
use crate::config::Post;

/// Digits of an HS code that all tariffs share.
const SHARED_DIGITS: usize = 6;

/// What papers of a way back are made from.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// As it was declared on the way out.
    pub told: &'a DeclarationReady,
    /// The way out.
    pub request: &'a FulfilmentRequested,
    /// What comes back.
    pub items: &'a [ReturnedItem],
    /// The service of the carrier, or the carrier where none is told.
    pub service: &'a str,
    /// With the packing, in grams; 0: not told.
    pub weight_g: u32,
    /// The post that the carrier stands for; `None`: it is an express carrier.
    pub post: Option<&'a Post>,
    /// In the business calendar.
    pub today: Date,
}

/// An entry that did not go out so: its place, and the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSent(pub usize, pub &'static str);

/// Takes what comes back from what went out, line by line: one article may have gone at two prices.
///
/// # Errors
/// [`NotSent`] for an article that did not go out, or for more of it than did.
pub fn taken(told: &DeclarationReady, items: &[ReturnedItem]) -> Result<Vec<Item>, NotSent> {
    let mut left: Vec<Item> = told.parcels.iter().flat_map(|parcel| parcel.items.clone()).collect();
    let mut back = Vec::new();
    for (at, wanted) in items.iter().enumerate() {
        if !left.iter().any(|item| item.sku == wanted.sku) {
            return Err(NotSent(at, "sku"));
        }
        let mut open = wanted.quantity;
        for item in left.iter_mut().filter(|item| item.sku == wanted.sku) {
            let quantity = open.min(item.quantity);
            if quantity > 0 {
                back.push(Item { quantity, ..item.clone() });
            }
            item.quantity -= quantity;
            open -= quantity;
        }
        if open > 0 || wanted.quantity == 0 {
            return Err(NotSent(at, "quantity"));
        }
    }
    Ok(back)
}

/// The parcel that comes back. `None`: what was told cannot be read as goods of one currency.
#[must_use]
pub fn parcel(ask: &Ask<'_>, back: &[Item], buyer: Party, site: Party) -> Option<Parcel> {
    let (told, request) = (ask.told, ask.request);
    let lines: Option<Vec<Line>> =
        (1..).zip(back).map(|(no, item)| line(no, item)).collect::<Option<_>>();
    let lines = lines?;
    let currency = money(back.first()?.unit_value.as_ref()?)?.currency;
    let net: u64 = back.iter().map(|i| u64::from(i.quantity) * u64::from(i.unit_weight_g)).sum();
    let from = Place {
        country: request.country.parse().ok()?,
        postcode: request.postcode_zone.clone(),
        subdivision: String::new(),
    };
    let (country, postcode) = (site.country?, site.postcode.clone());
    let to = Place { country, postcode, subdivision: String::new() };
    // Numbers of whom the goods go back to are valid where they were declared from.
    let home = to.country.as_str() == request.origin_country;
    let number = |number: &String| if home { number.clone() } else { String::new() };
    let vat = number(&told.sender_vat);
    let tax_ids = (!vat.is_empty()).then(|| TaxId { kind: "VAT".into(), number: vat });
    let site =
        Party { eori: number(&told.sender_eori), tax_ids: tax_ids.into_iter().collect(), ..site };
    let facts = Facts {
        item_pending: true,
        service: ask.service.to_owned(),
        product: ask.post.map(|post| post.product_of(ask.service)),
        operator: ask.post.map(|post| post.operator.clone()).unwrap_or_default(),
        posting_date: Some(ask.today),
        // A box never weighs less than what is in it.
        gross_kg: Some(kilograms(u64::from(ask.weight_g).max(net))),
        pieces: Some(1),
        // The carrier is told the same: nothing is sold, and no new invoice is written.
        invoice: told.invoice_date.and_then(day).map(|date| InvoiceFacts {
            number: told.invoice_number.clone(),
            date,
            payment: String::new(),
        }),
        outbound: Some(Outbound {
            item_id: told.shipment_id.clone(),
            declaration_kind: String::new(),
            declaration: told.declaration_id.clone(),
            date: None,
        }),
        ..Facts::default()
    };
    let consignment = Consignment {
        date: ask.today,
        from,
        to,
        channel: if ask.post.is_some() { Channel::Post } else { Channel::Express },
        flow: Flow::Return,
        scheme: None,
        dataset: None,
        // Who gets the goods back pays what is due, or shows why nothing is.
        terms: Terms::Dap,
        currency,
        lines,
        discount: rust_decimal::Decimal::ZERO,
        freight: None,
        insurance: None,
        carrier_fees: Vec::new(),
    };
    let (shipper, ship_to, importer) = (None, None, None);
    Some(Parcel { consignment, seller: buyer, buyer: site, shipper, ship_to, importer, facts })
}

fn line(no: u32, item: &Item) -> Option<Line> {
    let value = money(item.unit_value.as_ref()?)?.to_decimal();
    let code = item.hs_code.get(..SHARED_DIGITS).unwrap_or(&item.hs_code);
    let grams = u64::from(item.unit_weight_g) * u64::from(item.quantity);
    Some(Line {
        no,
        description: item.description.clone(),
        code: code.to_owned(),
        origin: item.origin_country.parse().ok(),
        quantity: item.quantity,
        value: value.checked_mul(item.quantity.into())?,
        net_kg: Some(kilograms(grams)),
        litres: None,
        duty: None,
        preference: false,
        excise: false,
        tax_rate: None,
        product_ids: ProductIds { merchant: item.sku.clone(), ..ProductIds::default() },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_events::{customs::v1::ParcelContents, types::v1::Money};

    use super::*;

    fn item(sku: &str, quantity: u32, amount_minor: i64) -> Item {
        let unit_value = Some(Money { amount_minor, currency: "EUR".into() });
        Item { sku: sku.into(), quantity, unit_value, ..Item::default() }
    }

    fn back(sku: &str, quantity: u32) -> ReturnedItem {
        ReturnedItem { sku: sku.into(), quantity }
    }

    #[test]
    fn what_comes_back_went_out_and_keeps_its_price() {
        let parcel = |items: &[Item]| ParcelContents { items: items.to_vec() };
        let parcels = vec![parcel(&[item("MUG", 2, 1490)]), parcel(&[item("MUG", 1, 990)])];
        let told = DeclarationReady { parcels, ..DeclarationReady::default() };
        let both = taken(&told, &[back("MUG", 3)]).unwrap();
        assert_eq!(both, [item("MUG", 2, 1490), item("MUG", 1, 990)]);
        for (items, wrong) in [
            (vec![back("CUP", 1)], NotSent(0, "sku")),
            (vec![back("MUG", 4)], NotSent(0, "quantity")),
            (vec![back("MUG", 3), back("MUG", 1)], NotSent(1, "quantity")),
            (vec![back("MUG", 0)], NotSent(0, "quantity")),
        ] {
            assert_eq!(taken(&told, &items), Err(wrong));
        }
    }
}
