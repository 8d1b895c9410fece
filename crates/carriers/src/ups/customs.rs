//! What UPS wants when goods leave a customs area: the invoice, tax numbers, the one-stop shop.

use colibri_types::{Currency, Money};

use super::{
    order::Way,
    party::{LINE_MAX, clean, cut},
    wire::CodeOut,
    wire_extras::{AgentTaxNumbers, FreightCharges, GlobalTaxInformation, TaxNumber, VendorInfo},
    wire_ship::{Amount, Contacts, InternationalForms, PartyOut, Product, SoldTo, Unit},
};
use crate::{Contact, Customs, ExportReason, Incoterm, Item, Rejection, Shipment, wire::border};

/// Lines of one invoice.
const LINES_MAX: usize = 50;
/// `Unit.Number` holds seven digits.
const QUANTITY_MAX: u32 = 9_999_999;

/// What customs make of the request.
#[derive(Default)]
pub(super) struct Papers {
    pub forms: Option<InternationalForms>,
    /// Papers only: no invoice.
    pub documents: bool,
    pub taxes: Option<GlobalTaxInformation>,
    pub vendor: Option<VendorInfo>,
}

fn reject<T>(field: &'static str, reason: impl Into<String>) -> Result<T, Rejection> {
    Err(Rejection::new(field, reason))
}

/// What UPS must know of a shipment that crosses a customs border.
pub(super) fn declare(
    shipment: &Shipment,
    buyer: &PartyOut<'_>,
    way: Way,
) -> Result<Papers, Rejection> {
    let Some(customs) = &shipment.customs else {
        return reject("customs", "UPS needs the reason and the invoice across this border");
    };
    let documents = customs.reason == ExportReason::Documents;
    if documents {
        papers_only(shipment)?;
    }
    Ok(Papers {
        forms: if documents { None } else { Some(invoice(shipment, customs, buyer, way)?) },
        documents,
        taxes: taxes(customs, &shipment.recipient)?,
        vendor: vendor(customs, &shipment.recipient)?,
    })
}

/// UPS has no mark for papers from the US, nor to its neighbours.
fn papers_only(shipment: &Shipment) -> Result<(), Rejection> {
    let is = |country: Option<colibri_types::Country>, codes: &[&str]| {
        country.is_some_and(|country| codes.contains(&country.as_str()))
    };
    if is(shipment.sender.country, &["US"]) || is(shipment.recipient.country, &["CA", "PR", "MX"]) {
        return reject("customs.reason", "UPS takes no papers without an invoice on this lane");
    }
    Ok(())
}

/// The invoice of a shipment; on the way back the partial one, which is all that UPS takes there.
fn invoice(
    shipment: &Shipment,
    customs: &Customs,
    buyer: &PartyOut<'_>,
    way: Way,
) -> Result<InternationalForms, Rejection> {
    let items: Vec<&Item> = shipment.parcels.iter().flat_map(|parcel| &parcel.items).collect();
    let currency = border::currency(shipment)?;
    if items.len() > LINES_MAX {
        let reason = format!("at most {LINES_MAX} lines on the customs invoice");
        return reject("parcels.items", reason);
    }
    let number = clean(&customs.invoice_number);
    if number.is_empty() || number.chars().count() > LINE_MAX {
        return reject("customs.invoice_number", format!("one to {LINE_MAX} characters"));
    }
    let order = cut(&shipment.order_number, LINE_MAX);
    Ok(InternationalForms {
        form_type: vec![if way == Way::Back { "05" } else { "01" }],
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
        invoice_number: number,
        invoice_date: super::labels::day(customs.invoice_date),
        purchase_order_number: (!order.is_empty()).then_some(order),
        terms_of_shipment: shipment.incoterm.map(|incoterm| match incoterm {
            Incoterm::Dap => "DAP",
            Incoterm::Ddp => "DDP",
        }),
        reason_for_export: reason(customs.reason),
        freight_charges: freight(customs, currency)?,
        declaration_statement: border::returned(customs),
        currency_code: currency.to_string(),
    })
}

const fn reason(reason: ExportReason) -> &'static str {
    match reason {
        ExportReason::Sale => "SALE",
        ExportReason::Gift => "GIFT",
        ExportReason::Sample => "SAMPLE",
        ExportReason::Return => "RETURN",
        ExportReason::Repair => "REPAIR",
        // UPS takes any other word too.
        ExportReason::Documents => "DOCUMENTS",
    }
}

/// UPS gives it no currency of its own: it is in the invoice's.
fn freight(customs: &Customs, currency: Currency) -> Result<Option<FreightCharges>, Rejection> {
    let Some(freight) = customs.freight else { return Ok(None) };
    if freight.currency != currency || freight.amount_minor < 0 {
        return reject("customs.freight", "not below zero, in the currency of the articles");
    }
    Ok(Some(FreightCharges { monetary_value: freight.to_decimal().to_string() }))
}

/// A tax number without blanks; `None` for an empty one.
fn tax_number(field: &'static str, number: &str) -> Result<Option<String>, Rejection> {
    let plain: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    if plain.chars().count() > LINE_MAX || !plain.is_ascii() {
        return reject(field, format!("at most {LINE_MAX} letters and digits"));
    }
    Ok((!plain.is_empty()).then_some(plain))
}

/// Numbers of both sides, those that are known. EORI has a purpose of its own.
fn taxes(customs: &Customs, to: &Contact) -> Result<Option<GlobalTaxInformation>, Rejection> {
    let number =
        |number, role, purpose, kind| TaxNumber { number, role, encrypted: "0", purpose, kind };
    let eori = tax_number("customs.sender_eori", &customs.sender_eori)?;
    let vat = tax_number("customs.sender_vat", &customs.sender_vat)?;
    let received = tax_number("customs.recipient_tax_id", &customs.recipient_tax_id)?;
    let sent: Vec<TaxNumber> = [
        eori.map(|eori| number(eori, "06", "02", "0002")),
        vat.map(|vat| number(vat, "06", "01", "1002")),
    ]
    .into_iter()
    .flatten()
    .collect();
    // A company's number, or a person's.
    let kind = if to.company.trim().is_empty() { "0005" } else { "1002" };
    let received = received.map(|tax| number(tax, "18", "01", kind));
    let agents: Vec<AgentTaxNumbers> = [("20", sent), ("30", received.into_iter().collect())]
        .into_iter()
        .filter(|(_, numbers)| !numbers.is_empty())
        .map(|(agent_role, numbers)| AgentTaxNumbers {
            agent_role,
            tax_identification_number: numbers,
        })
        .collect();
    Ok((!agents.is_empty())
        .then_some(GlobalTaxInformation { agent_tax_identification_number: agents }))
}

/// The one-stop shop and its like, told apart by how their numbers begin.
fn vendor(customs: &Customs, to: &Contact) -> Result<Option<VendorInfo>, Rejection> {
    let number = tax_number("customs.ioss", &customs.ioss)?;
    Ok(number.map(|number| VendorInfo {
        kind: match number.as_str() {
            ioss if ioss.starts_with("IM") => "0356",
            voec if voec.starts_with("VOEC") => "0357",
            _ => "0000",
        },
        number,
        consignee: if to.company.trim().is_empty() { "02" } else { "01" },
    }))
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
    let mut total = Money::new(0, border::currency(shipment)?);
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
    use super::*;

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
