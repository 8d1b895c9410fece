//! What customs declared, as a connector is told it.

use colibri_carriers::{Customs, ExportReason, Incoterm, Item, Rejection};
use colibri_events::customs::v1::{DeclarationReady, Item as Declared};
use colibri_types::{Currency, Grams, Money};
use time::{Date, Month};

use super::build::money;

/// The articles of one parcel.
#[must_use]
pub fn items(declared: &DeclarationReady, parcel: usize) -> Vec<Item> {
    let contents = declared.parcels.get(parcel).map(|parcel| parcel.items.as_slice());
    contents.unwrap_or_default().iter().map(item).collect()
}

fn item(declared: &Declared) -> Item {
    // Customs declare no article without a value.
    let value = declared.unit_value.as_ref().and_then(money);
    Item {
        sku: declared.sku.clone(),
        description: declared.description.clone(),
        quantity: declared.quantity,
        weight: Grams(declared.unit_weight_g),
        value: value.unwrap_or(Money::new(0, Currency::EUR)),
        hs_code: (!declared.hs_code.is_empty()).then(|| declared.hs_code.clone()),
        origin: declared.origin_country.parse().ok(),
    }
}

/// Who pays at the border.
#[must_use]
pub fn incoterm(declared: &DeclarationReady) -> Incoterm {
    if declared.incoterm == "DDP" { Incoterm::Ddp } else { Incoterm::Dap }
}

/// Facts beside the articles.
///
/// # Errors
/// [`Rejection`] when the day of the invoice is no day.
pub fn facts(declared: &DeclarationReady) -> Result<Customs, Rejection> {
    let day = declared.invoice_date.and_then(|date| {
        let month = Month::try_from(u8::try_from(date.month).ok()?).ok()?;
        Date::from_calendar_date(date.year, month, u8::try_from(date.day).ok()?).ok()
    });
    let invoice_date = day.ok_or_else(|| Rejection::new("customs.invoice_date", "is no day"))?;
    let ioss = match declared.scheme.as_str() {
        "ioss" | "voec" => declared.scheme_id.clone(),
        _ => String::new(),
    };
    // Below the limit of the destination its own VAT number of the seller is on the record.
    let sender_vat = match declared.scheme.as_str() {
        "supply_vat" => declared.scheme_id.clone(),
        _ => declared.sender_vat.clone(),
    };
    Ok(Customs {
        invoice_number: declared.invoice_number.clone(),
        invoice_date,
        reason: match declared.reason.as_str() {
            "gift" => ExportReason::Gift,
            "sample" => ExportReason::Sample,
            "return" => ExportReason::Return,
            "documents" => ExportReason::Documents,
            _ => ExportReason::Sale,
        },
        sender_eori: declared.sender_eori.clone(),
        sender_vat,
        ioss,
        recipient_tax_id: String::new(),
        freight: declared.freight.as_ref().and_then(money),
        went_out_by: String::new(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use colibri_events::{
        customs::v1::ParcelContents,
        types::v1::{Date as WireDate, Money as WireMoney},
    };

    use super::*;

    fn declared() -> DeclarationReady {
        let money = |amount_minor| WireMoney { amount_minor, currency: "EUR".into() };
        let item = Declared {
            sku: "MUG".into(),
            description: "Stoneware mug".into(),
            hs_code: "691200".into(),
            origin_country: "PT".into(),
            quantity: 2,
            unit_weight_g: 420,
            unit_value: Some(money(1490)),
        };
        DeclarationReady {
            parcels: vec![ParcelContents::default(), ParcelContents { items: vec![item] }],
            incoterm: "DDP".into(),
            reason: "sale".into(),
            invoice_number: "CI-1".into(),
            invoice_date: Some(WireDate { year: 2026, month: 11, day: 5 }),
            sender_eori: "DE123456789012345".into(),
            sender_vat: "DE123456788".into(),
            scheme: "supply_vat".into(),
            scheme_id: "GB123456727".into(),
            freight: Some(money(900)),
            ..DeclarationReady::default()
        }
    }

    #[test]
    fn a_connector_is_told_what_was_declared_by_parcel() {
        let declared = declared();
        assert_eq!(items(&declared, 0), []);
        assert_eq!(items(&declared, 7), []);
        let told = &items(&declared, 1)[0];
        assert_eq!((told.quantity, told.weight, told.value.amount_minor), (2, Grams(420), 1490));
        assert_eq!(told.hs_code.as_deref(), Some("691200"));
        assert_eq!(incoterm(&declared), Incoterm::Ddp);
        let facts = facts(&declared).unwrap();
        assert_eq!((facts.sender_vat.as_str(), facts.ioss.as_str()), ("GB123456727", ""));
        assert_eq!(facts.freight.unwrap().amount_minor, 900);
        let ioss = DeclarationReady { scheme: "ioss".into(), ..declared };
        assert_eq!(super::facts(&ioss).unwrap().ioss, "GB123456727");
        assert!(super::facts(&DeclarationReady { invoice_date: None, ..ioss }).is_err());
    }
}
