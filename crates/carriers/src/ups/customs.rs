//! The invoice that UPS wants when goods leave a customs area.

use colibri_types::{Country, Currency, Money};

use super::{
    party::{LINE_MAX, clean, cut},
    wire::CodeOut,
    wire_ship::{Amount, Contacts, InternationalForms, PartyOut, Product, SoldTo, Unit},
};
use crate::{Incoterm, Item, Rejection, Shipment};

/// Members of the EU's customs union as UPS sees them (Monaco belongs to it).
const UNION: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK";

/// Lines of one invoice.
const LINES_MAX: usize = 50;
/// `Unit.Number` holds seven digits.
const QUANTITY_MAX: u32 = 9_999_999;

/// Do goods cross a customs border between these countries?
pub(super) fn border(from: Country, to: Country) -> bool {
    let pair = (from.as_str(), to.as_str());
    let inside = |country: &str| UNION.split(' ').any(|code| code == country);
    let domestic = from == to || matches!(pair, ("US", "PR") | ("PR", "US"));
    !(domestic || inside(pair.0) && inside(pair.1))
}

/// The invoice of a shipment.
pub(super) fn invoice(
    shipment: &Shipment,
    buyer: &PartyOut<'_>,
) -> Result<InternationalForms, Rejection> {
    let items: Vec<&Item> = shipment.parcels.iter().flat_map(|parcel| &parcel.items).collect();
    let currency = currency(shipment)?;
    if items.len() > LINES_MAX {
        let reason = format!("at most {LINES_MAX} lines on the customs invoice");
        return Err(Rejection::new("parcels.items", reason));
    }
    let number = cut(&shipment.order_number, LINE_MAX);
    Ok(InternationalForms {
        form_type: vec!["01"],
        contacts: Contacts {
            sold_to: SoldTo {
                name: buyer.name.clone(),
                attention_name: buyer.attention_name.clone(),
                phone: buyer.phone.clone(),
                address: {
                    let mut address = buyer.address.clone();
                    address.residential_address_indicator = None;
                    address
                },
            },
        },
        product: items.into_iter().map(product).collect::<Result<_, _>>()?,
        invoice_number: if number.is_empty() { shipment.attempt_ref.clone() } else { number },
        invoice_date: super::labels::day(shipment.ship_date),
        terms_of_shipment: shipment.incoterm.map(|incoterm| match incoterm {
            Incoterm::Dap => "DAP",
            Incoterm::Ddp => "DDP",
        }),
        reason_for_export: "SALE",
        currency_code: currency.to_string(),
    })
}

/// The one currency of all articles. A parcel without articles cannot cross a customs border.
fn currency(shipment: &Shipment) -> Result<Currency, Rejection> {
    if shipment.parcels.iter().any(|parcel| parcel.items.is_empty()) {
        let reason = "every parcel that crosses a customs border needs its articles";
        return Err(Rejection::new("parcels.items", reason));
    }
    let mut all = shipment.parcels.iter().flat_map(|parcel| &parcel.items);
    let first = all.next().map(|item| item.value.currency);
    match first {
        Some(currency) if all.all(|item| item.value.currency == currency) => Ok(currency),
        _ => Err(Rejection::new("parcels.items.value", "one currency for the whole invoice")),
    }
}

fn product(item: &Item) -> Result<Product, Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    let description = lines(&item.description);
    if description.is_empty() {
        return reject("parcels.items.description", "is missing");
    }
    if item.quantity == 0 || item.quantity > QUANTITY_MAX {
        return reject("parcels.items.quantity", "one to seven digits, not zero");
    }
    if item.value.amount_minor <= 0 {
        return reject("parcels.items.value", "greater than zero on a customs invoice");
    }
    if let Some(code) = &item.hs_code
        && !((6..=15).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        return reject("parcels.items.hs_code", "six to fifteen letters and digits");
    }
    let sku = cut(&item.sku, LINE_MAX);
    Ok(Product {
        description,
        unit: Unit {
            number: item.quantity.to_string(),
            unit_of_measurement: CodeOut { code: "PCS" },
            value: item.value.to_decimal().to_string(),
        },
        commodity_code: item.hs_code.clone(),
        part_number: (!sku.is_empty()).then_some(sku),
        origin_country_code: item.origin.map(|country| country.to_string()),
    })
}

/// A description in up to three lines; the rest is left out.
fn lines(text: &str) -> Vec<String> {
    let mut rest = clean(text);
    let mut lines = Vec::new();
    while !rest.is_empty() && lines.len() < 3 {
        let line = cut(&rest, LINE_MAX);
        rest = rest.strip_prefix(line.as_str()).unwrap_or_default().trim_start().to_owned();
        lines.push(line);
    }
    lines
}

/// Value of all articles: asked of shipments from the US to Canada and Puerto Rico.
pub(super) fn line_total(shipment: &Shipment) -> Result<Amount, Rejection> {
    let reject = |reason: &str| Rejection::new("parcels.items.value", reason);
    let mut total = Money::new(0, currency(shipment)?);
    for item in shipment.parcels.iter().flat_map(|parcel| &parcel.items) {
        let minor = item.value.amount_minor.checked_mul(i64::from(item.quantity));
        let line = minor.map(|minor| Money::new(minor, item.value.currency));
        let sum = line.and_then(|line| total.checked_add(line).ok());
        total = sum.ok_or_else(|| reject("too large"))?;
    }
    let whole = total.to_decimal().trunc();
    if whole.is_zero() || whole.is_sign_negative() || whole.to_string().len() > 8 {
        return Err(reject("1 to 99999999 for the whole shipment"));
    }
    Ok(amount(total))
}

/// Money as UPS writes it: text, currency apart.
pub(super) fn amount(money: Money) -> Amount {
    Amount {
        currency_code: money.currency.to_string(),
        monetary_value: money.to_decimal().to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn customs_borders_are_those_of_the_union() {
        for (from, to, expected) in [
            ("FR", "FR", false),
            ("FR", "DE", false),
            ("MC", "FR", false),
            ("FR", "GB", true),
            ("CH", "FR", true),
            ("US", "PR", false),
            ("US", "CA", true),
            ("GB", "GB", false),
        ] {
            assert_eq!(border(from.parse().unwrap(), to.parse().unwrap()), expected, "{from} {to}");
        }
    }

    #[test]
    fn long_descriptions_take_three_lines() {
        let text = "Hand-thrown ceramic cups with a celadon glaze, set of six, each wrapped in \
                    recycled paper, delivered with a certificate of the workshop";
        let lines = lines(text);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.chars().count() <= LINE_MAX));
        assert!(text.starts_with(&lines.join(" ")));
        assert_eq!(super::lines("  "), Vec::<String>::new());
    }
}
