//! What customs are told of goods that come back: what was declared on the way out, turned round.
//!
//! Value, origin and description stay as they were: declared as new goods they would be taxed again.
//! Nothing is decided here about relief or refund; the reference to the way out makes both possible.

use std::collections::BTreeMap;

use colibri_carriers::{Customs, Rejection};
use colibri_events::{
    customs::v1::{DeclarationReady, Item, ParcelContents},
    labels::v1::ReturnContent,
};

use super::customs;

/// Digits of an HS code that all tariffs share.
const SHARED_DIGITS: usize = 6;

/// Contents that did not go out so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The entry's article was not declared.
    #[error("no such article went out")]
    Sku(usize),
    /// More of it than went out, or none.
    #[error("from 1 to as many as went out")]
    Quantity(usize),
    /// The entry names a parcel that is not there.
    #[error("no such parcel comes back")]
    Parcel(usize),
    /// Nobody said what is in which of the parcels, and they are not those that went out.
    #[error("what is in which parcel is not told")]
    Untold,
}

/// The declaration of the way back in so many parcels. `home`: it goes where the sender's numbers
/// are valid.
///
/// # Errors
/// [`Wrong`] when the contents did not go out.
pub fn declaration(
    out: &DeclarationReady,
    contents: &[ReturnContent],
    parcels: usize,
    home: bool,
) -> Result<DeclarationReady, Wrong> {
    let parcels = match (contents, parcels) {
        ([], same) if same == out.parcels.len() => out.parcels.clone(),
        ([], 1) => {
            let items = out.parcels.iter().flat_map(|parcel| parcel.items.clone());
            vec![ParcelContents { items: items.collect() }]
        }
        ([], _) => return Err(Wrong::Untold),
        (told, count) => taken(out, told, count)?,
    };
    let number = |number: &String| if home { number.clone() } else { String::new() };
    Ok(DeclarationReady {
        tenant_id: out.tenant_id.clone(),
        version: 1,
        parcels: parcels.into_iter().map(shared).collect(),
        contents_assumed: contents.is_empty() && out.contents_assumed,
        // Who gets the goods back pays what is due, or shows why nothing is.
        incoterm: "DAP".to_owned(),
        reason: "return".to_owned(),
        // Nothing is sold: papers cite the invoice by which the goods went out.
        invoice_number: out.invoice_number.clone(),
        invoice_date: out.invoice_date,
        sender_eori: number(&out.sender_eori),
        sender_vat: number(&out.sender_vat),
        declaration_id: out.declaration_id.clone(),
        at: out.at,
        ..DeclarationReady::default()
    })
}

/// Takes what is told from what went out, line by line: one article may have gone at two prices.
fn taken(
    out: &DeclarationReady,
    told: &[ReturnContent],
    count: usize,
) -> Result<Vec<ParcelContents>, Wrong> {
    let mut left: Vec<Item> = out.parcels.iter().flat_map(|parcel| parcel.items.clone()).collect();
    let mut parcels = vec![ParcelContents::default(); count];
    for (at, content) in told.iter().enumerate() {
        let place = usize::try_from(content.parcel).ok().and_then(|place| parcels.get_mut(place));
        let place = place.ok_or(Wrong::Parcel(at))?;
        if !left.iter().any(|item| item.sku == content.sku) {
            return Err(Wrong::Sku(at));
        }
        let mut wanted = content.quantity;
        for item in left.iter_mut().filter(|item| item.sku == content.sku) {
            let quantity = wanted.min(item.quantity);
            if quantity > 0 {
                place.items.push(Item { quantity, ..item.clone() });
            }
            item.quantity -= quantity;
            wanted -= quantity;
        }
        if wanted > 0 || content.quantity == 0 {
            return Err(Wrong::Quantity(at));
        }
    }
    Ok(parcels)
}

/// The first article of which all ways back together would carry more than went out. What was not
/// declared is not counted.
#[must_use]
pub fn too_many<'a>(
    out: &DeclarationReady,
    back: impl IntoIterator<Item = &'a DeclarationReady>,
) -> Option<&'a str> {
    let items = |one: &'a DeclarationReady| one.parcels.iter().flat_map(|parcel| &parcel.items);
    let mut left: BTreeMap<&str, u64> = BTreeMap::new();
    for item in out.parcels.iter().flat_map(|parcel| &parcel.items) {
        *left.entry(&item.sku).or_default() += u64::from(item.quantity);
    }
    back.into_iter().flat_map(items).find_map(|item| {
        let open = left.entry(&item.sku).or_default();
        match open.checked_sub(item.quantity.into()) {
            Some(rest) => {
                *open = rest;
                None
            }
            None => Some(item.sku.as_str()),
        }
    })
}

/// Codes as deep as the destination wanted them mean nothing in another tariff.
fn shared(mut parcel: ParcelContents) -> ParcelContents {
    for item in &mut parcel.items {
        if let Some(code) = item.hs_code.get(..SHARED_DIGITS) {
            item.hs_code = code.to_owned();
        }
    }
    parcel
}

/// Facts beside the articles. The numbers are of whom the goods go back to.
///
/// # Errors
/// As [`customs::facts`].
pub fn facts(declared: &DeclarationReady, outbound: &str) -> Result<Customs, Rejection> {
    let there = customs::facts(declared)?;
    let recipient_tax_id = match there.sender_eori.is_empty() {
        true => there.sender_vat,
        false => there.sender_eori,
    };
    let mut went_out_by = format!("shipment {outbound}");
    if !declared.declaration_id.is_empty() {
        went_out_by.push_str(", declaration ");
        went_out_by.push_str(&declared.declaration_id);
    }
    Ok(Customs {
        sender_eori: String::new(),
        sender_vat: String::new(),
        recipient_tax_id,
        went_out_by,
        ..there
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use colibri_carriers::ExportReason;
    use colibri_events::types::v1::{Date, Money};
    use proptest::prelude::*;

    use super::*;

    fn item(sku: &str, quantity: u32, minor: i64) -> Item {
        Item {
            sku: sku.into(),
            description: "Stoneware mug".into(),
            hs_code: "6912002310".into(),
            origin_country: "PT".into(),
            quantity,
            unit_weight_g: 420,
            unit_value: Some(Money { amount_minor: minor, currency: "EUR".into() }),
        }
    }

    /// Two parcels; one article went at two prices.
    fn out() -> DeclarationReady {
        let parcel = |items: &[Item]| ParcelContents { items: items.to_vec() };
        DeclarationReady {
            shipment_id: "shp_1".into(),
            version: 3,
            revision: 2,
            parcels: vec![
                parcel(&[item("MUG", 2, 1490), item("BOWL", 1, 2200)]),
                parcel(&[item("MUG", 1, 990)]),
            ],
            contents_assumed: true,
            incoterm: "DDP".into(),
            reason: "sale".into(),
            invoice_number: "CI-1".into(),
            invoice_date: Some(Date { year: 2026, month: 11, day: 5 }),
            sender_eori: "DE123456789012345".into(),
            sender_vat: "DE123456788".into(),
            scheme: "ioss".into(),
            scheme_id: "IM2760000012".into(),
            freight: Some(Money { amount_minor: 900, currency: "EUR".into() }),
            declaration_id: "dcl_1".into(),
            ..DeclarationReady::default()
        }
    }

    fn content(sku: &str, quantity: u32, parcel: u32) -> ReturnContent {
        ReturnContent { sku: sku.into(), quantity, parcel }
    }

    fn counts(parcel: &ParcelContents) -> Vec<(&str, u32, i64)> {
        let value = |item: &Item| item.unit_value.as_ref().unwrap().amount_minor;
        parcel.items.iter().map(|i| (i.sku.as_str(), i.quantity, value(i))).collect()
    }

    #[test]
    fn what_comes_back_is_declared_as_it_went_out_and_as_a_return() {
        let back = declaration(&out(), &[content("MUG", 3, 0)], 1, true).unwrap();
        assert_eq!(counts(&back.parcels[0]), [("MUG", 2, 1490), ("MUG", 1, 990)]);
        assert_eq!(back.parcels[0].items[0].hs_code, "691200", "six digits mean the same at home");
        assert_eq!((back.version, back.revision), (1, 0));
        assert_eq!((back.incoterm.as_str(), back.reason.as_str()), ("DAP", "return"));
        assert_eq!((back.scheme.as_str(), back.scheme_id.as_str()), ("", ""));
        assert!(!back.contents_assumed && back.freight.is_none() && back.duty.is_none());

        let told = facts(&back, "shp_1").unwrap();
        assert_eq!(told.reason, ExportReason::Return);
        assert_eq!((told.ioss.as_str(), told.invoice_number.as_str()), ("", "CI-1"));
        assert_eq!((told.sender_eori.as_str(), told.sender_vat.as_str()), ("", ""));
        assert_eq!(told.recipient_tax_id, "DE123456789012345");
        assert_eq!(told.went_out_by, "shipment shp_1, declaration dcl_1");

        let elsewhere = declaration(&out(), &[content("MUG", 1, 0)], 1, false).unwrap();
        assert_eq!(facts(&elsewhere, "shp_1").unwrap().recipient_tax_id, "");
    }

    #[test]
    fn everything_comes_back_as_it_went_or_in_one_parcel() {
        let same = declaration(&out(), &[], 2, true).unwrap();
        assert_eq!(same.parcels.iter().map(|p| p.items.len()).collect::<Vec<_>>(), [2, 1]);
        assert!(same.contents_assumed, "nobody told it on the way out either");
        assert_eq!(declaration(&out(), &[], 1, true).unwrap().parcels[0].items.len(), 3);
        assert_eq!(declaration(&out(), &[], 3, true), Err(Wrong::Untold));
    }

    #[test]
    fn what_did_not_go_out_does_not_come_back() {
        for (contents, wrong) in [
            (vec![content("CUP", 1, 0)], Wrong::Sku(0)),
            (vec![content("MUG", 3, 0), content("MUG", 1, 0)], Wrong::Quantity(1)),
            (vec![content("BOWL", 2, 0)], Wrong::Quantity(0)),
            (vec![content("BOWL", 0, 0)], Wrong::Quantity(0)),
            (vec![content("BOWL", 1, 1)], Wrong::Parcel(0)),
        ] {
            assert_eq!(declaration(&out(), &contents, 1, true), Err(wrong));
        }
    }

    #[test]
    fn several_ways_back_carry_no_more_than_went_out() {
        let way = |contents: &[ReturnContent]| declaration(&out(), contents, 1, true).unwrap();
        let (two, one) = (way(&[content("MUG", 2, 0)]), way(&[content("MUG", 1, 0)]));
        let bowl = way(&[content("BOWL", 1, 0)]);
        assert_eq!(too_many(&out(), [&two, &one, &bowl]), None, "three mugs and a bowl went out");
        assert_eq!(too_many(&out(), [&two, &one, &one]), Some("MUG"));
        assert_eq!(too_many(&out(), [&bowl, &way(&[])]), Some("BOWL"), "everything, and more");
    }

    proptest! {
        /// Whatever is asked: refused, or exactly what was asked and never more than went out.
        #[test]
        fn pieces_are_neither_made_nor_lost(
            asked in prop::collection::vec((0_usize..3, 0_u32..4, 0_u32..3), 1..6),
        ) {
            let skus = ["MUG", "BOWL", "CUP"];
            let told: Vec<_> = asked.iter().map(|(s, q, p)| content(skus[*s], *q, *p)).collect();
            let total = |parcels: &[ParcelContents], sku: &str| -> u32 {
                let all = parcels.iter().flat_map(|parcel| &parcel.items);
                all.filter(|item| item.sku == sku).map(|item| item.quantity).sum()
            };
            if let Ok(back) = declaration(&out(), &told, 2, true) {
                for sku in skus {
                    let of = told.iter().filter(|c| c.sku == sku);
                    let wanted: u32 = of.map(|c| c.quantity).sum();
                    prop_assert_eq!(total(&back.parcels, sku), wanted);
                    prop_assert!(wanted <= total(&out().parcels, sku));
                }
            }
        }
    }
}
