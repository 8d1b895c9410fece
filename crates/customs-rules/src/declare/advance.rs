//! Makes the record sent ahead of a parcel, from which each carrier's and post's own format is
//! mapped.

use rust_decimal::Decimal;
use time::Date;

use super::{
    facts::{Amount, Category, Parcel, Party, PersonKind},
    needs::Needs,
    record::{
        AdvanceDocument, AdvanceIds, AdvanceLine, AdvanceParty, AdvanceRecord, AdvanceScheme,
        AdvanceTotals, PostalAddress, TariffRef,
    },
    sums::Sums,
};
use crate::{
    assess::Missing,
    consignment::{Channel, Line, Scheme, Terms},
    identifiers::{OneStopShop, eori, gtin, one_stop_shop, s10, vat},
    place::Territory,
};

/// Version of the harmonised system that codes are of.
const HS_VERSION: &str = "HS2022";
/// Destinations that let nothing in without a number of the addressee. Remembered by the trade.
const REFERENCE_WANTED: [&str; 3] = ["BR", "KR", "TR"];

pub(super) fn kilograms(kg: Decimal) -> Decimal {
    let mut kg = super::sums::round(kg, 3);
    kg.rescale(3);
    kg
}

/// Makes the record of a parcel.
///
/// # Errors
/// Every field that is missing or cannot be right.
pub fn advance_record(parcel: &Parcel, sums: &Sums) -> Result<AdvanceRecord, Vec<Missing>> {
    let (consignment, facts) = (&parcel.consignment, &parcel.facts);
    let mut needs = Needs::default();
    item(parcel, &mut needs);
    let sender = party("seller", parcel.sender(), &mut needs);
    let addressee = party("buyer", parcel.addressee(), &mut needs);
    both_sides(parcel, &mut needs);
    let scheme = scheme(parcel, &mut needs);
    let lines: Vec<Option<AdvanceLine>> =
        consignment.lines.iter().map(|each| line(parcel, sums, each, &mut needs)).collect();
    let currency = consignment.currency;
    let paid = |amount: Decimal| (!amount.is_zero()).then(|| Amount::new(amount, currency));
    let totals = AdvanceTotals {
        value: Amount::new(sums.goods, currency),
        net_mass_kg: kilograms(sums.net_kg),
        transport_cost: paid(sums.freight),
        insurance_cost: paid(sums.insurance),
    };
    let previous = facts.outbound.as_ref().map(|out| out.item_id.clone()).unwrap_or_default();
    let record = || {
        Some(AdvanceRecord {
            item_id: facts.item_id.trim().to_uppercase(),
            previous_item_id: previous,
            service: facts.service.clone(),
            posting_date: facts.posting_date?,
            office_of_origin: facts.office_of_origin.clone(),
            category: parcel.category(),
            explanation: facts.explanation.clone(),
            gross_mass_kg: kilograms(sums.gross_kg),
            pieces: facts.pieces.unwrap_or(1),
            postage: facts.postage,
            insured_value: facts.insured_value,
            sender: sender?,
            addressee: addressee?,
            scheme,
            lines: lines.into_iter().collect::<Option<Vec<_>>>()?,
            totals,
            documents: documents(parcel),
        })
    };
    let record = record();
    needs.finish(record)
}

fn item(parcel: &Parcel, needs: &mut Needs) {
    let facts = &parcel.facts;
    let number = facts.item_id.trim();
    let known = facts.item_pending || !number.is_empty();
    needs.want(known, "facts.item_id", "S10 by post, else the house waybill");
    if parcel.consignment.channel == Channel::Post && !number.is_empty() {
        needs.want(!s10(number).is_invalid(), "facts.item_id", "is no S10 number");
    }
    needs.want(!facts.service.trim().is_empty(), "facts.service", "the service is needed");
    needs.want(facts.posting_date.is_some(), "facts.posting_date", "the day of posting is needed");
    needs.want(facts.pieces != Some(0), "facts.pieces", "is at least one");
    let explained = parcel.category() != Category::Other || !facts.explanation.trim().is_empty();
    needs.want(explained, "facts.explanation", "category Other needs an explanation");
}

/// A party, with every field that it lacks named below `side`.
fn party(side: &str, party: &Party, needs: &mut Needs) -> Option<AdvanceParty> {
    let firm_only = party.name.trim().is_empty();
    let name = if firm_only { &party.business } else { &party.name };
    let mut want = |holds: bool, field: &str, reason: &str| {
        needs.want(holds, &format!("{side}.{field}"), reason);
    };
    want(!name.trim().is_empty(), "name", "a name is needed");
    let street = party.lines.iter().any(|line| !line.trim().is_empty());
    want(street, "lines", "street and number are needed");
    want(!party.city.trim().is_empty(), "city", "the town is needed");
    want(party.country.is_some(), "country", "the country is needed");
    let phone = party.phone.trim();
    let digits = phone.strip_prefix('+').map(|rest| rest.replace([' ', '-', '.', '(', ')'], ""));
    let international = digits.is_some_and(|digits| {
        (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    });
    want(phone.is_empty() || international, "phone", "is not in international form (+33...)");
    let email = party.email.trim();
    let at =
        email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    want(email.is_empty() || at, "email", "is no e-mail address");
    let number = !party.eori.is_empty() && eori(&party.eori).is_invalid();
    want(!number, "eori", "is no EORI number");
    Some(AdvanceParty {
        name: name.clone(),
        business: if firm_only { String::new() } else { party.business.clone() },
        person_type: party.person_type,
        address: PostalAddress {
            lines: party.lines.clone(),
            postcode: party.postcode.clone(),
            city: party.city.clone(),
            region: party.region.clone(),
            country: party.country?,
        },
        email: email.to_owned(),
        phone: phone.to_owned(),
        eori: party.eori.clone(),
        tax_ids: party.tax_ids.clone(),
        importer_reference: party.importer_reference.clone(),
    })
}

/// What is asked of one side only.
fn both_sides(parcel: &Parcel, needs: &mut Needs) {
    let (sender, addressee) = (parcel.sender(), parcel.addressee());
    let reached = !addressee.phone.trim().is_empty() || !addressee.email.trim().is_empty();
    let reason = "customs and carrier must reach the addressee: telephone or e-mail";
    needs.want(reached, "buyer.phone", reason);
    let union = Territory::of(&parcel.consignment.from).customs == "EU";
    let firm = sender.person_type == Some(PersonKind::Legal);
    if union && firm && parcel.commercial() {
        let reason = "a firm in the European Union exports under its EORI number";
        needs.want(!sender.eori.trim().is_empty(), "seller.eori", reason);
    }
    let to = parcel.consignment.to.country.as_str();
    if REFERENCE_WANTED.contains(&to) {
        let known = !addressee.importer_reference.trim().is_empty();
        let reason = "the destination asks for a number of the addressee";
        needs.want(known, "buyer.importer_reference", reason);
    }
}

/// Name of a scheme in records.
const fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Ioss => "Ioss",
        Scheme::SpecialArrangement => "SpecialArrangement",
        Scheme::StandardVat => "StandardVat",
        Scheme::SupplyVat => "SupplyVat",
        Scheme::Voec => "Voec",
        Scheme::VendorGst => "VendorGst",
        Scheme::RemessaConforme => "RemessaConforme",
        Scheme::Import => "Import",
    }
}

fn scheme(parcel: &Parcel, needs: &mut Needs) -> AdvanceScheme {
    let (consignment, facts) = (&parcel.consignment, &parcel.facts);
    let id = facts.scheme_id.trim();
    let at_sale = |scheme: &Scheme| {
        matches!(scheme, Scheme::Ioss | Scheme::SupplyVat | Scheme::Voec | Scheme::VendorGst)
    };
    if consignment.scheme.as_ref().is_some_and(at_sale) {
        needs.want(!id.is_empty(), "facts.scheme_id", "the number under the scheme is needed");
    }
    let good = match consignment.scheme {
        _ if id.is_empty() => true,
        Some(Scheme::Ioss) => !one_stop_shop(id, OneStopShop::Import).is_invalid(),
        Some(Scheme::SupplyVat) => !vat(id).is_invalid(),
        _ => true,
    };
    needs.want(good, "facts.scheme_id", "is no number of the scheme");
    let (incoterm, payer) = match consignment.terms {
        Terms::Ddp => ("DDP", "sender"),
        Terms::Dap => ("DAP", "receiver"),
    };
    let stated = facts.incoterm.trim().to_ascii_uppercase();
    AdvanceScheme {
        scheme: consignment.scheme.map(scheme_name).unwrap_or_default().to_owned(),
        scheme_id: id.to_owned(),
        tax_paid: facts.tax_paid,
        incoterm: if stated.is_empty() { incoterm.to_owned() } else { stated },
        payer: payer.to_owned(),
    }
}

/// Letters that no reader of Latin script reads: neither forms nor records take them.
fn latin(text: &str) -> bool {
    let beyond = |c: char| c > '\u{24F}' && !('\u{1E00}'..='\u{1EFF}').contains(&c);
    !text.chars().any(|c| c.is_alphabetic() && beyond(c))
}

fn line(parcel: &Parcel, sums: &Sums, line: &Line, needs: &mut Needs) -> Option<AdvanceLine> {
    let commercial = parcel.commercial();
    let facts = parcel.line_facts(line.no).cloned().unwrap_or_default();
    let mut want = |holds: bool, field: &str, reason: &str| {
        needs.want_of(line.no, holds, field, reason);
    };
    let description = if facts.latin.trim().is_empty() { &line.description } else { &facts.latin };
    want(latin(description), "description", "is not in Latin letters: give `latin` beside it");
    want(line.net_kg.is_some(), "net_kg", "the net weight is needed");
    if commercial {
        want(line.code.len() >= 6, "code", "six digits of the tariff are needed at least");
        want(line.origin.is_some(), "origin", "the country of origin is needed");
    }
    let number = &line.product_ids.gtin;
    want(number.is_empty() || !gtin(number).is_invalid(), "product_ids.gtin", "is no GTIN");
    let original = if description == &line.description { "" } else { &line.description };
    let hs = (!line.code.is_empty()).then(|| TariffRef {
        code: line.code.clone(),
        level: line.code.len(),
        version: HS_VERSION.to_owned(),
    });
    Some(AdvanceLine {
        no: line.no,
        description: description.clone(),
        description_original: original.to_owned(),
        quantity: Decimal::from(line.quantity),
        unit: if facts.unit.is_empty() { "PCE".to_owned() } else { facts.unit },
        net_mass_kg: kilograms(line.net_kg?),
        value: Amount::new(sums.declared(line.no), parcel.consignment.currency),
        hs,
        origin: line.origin,
        product_ids: AdvanceIds::from(&line.product_ids),
        licence: facts.licence,
        certificate: facts.certificate,
        dangerous_un: facts.dangerous_un,
    })
}

fn documents(parcel: &Parcel) -> Vec<AdvanceDocument> {
    let facts = &parcel.facts;
    let mut all = Vec::new();
    let mut add = |kind: &str, number: &str, date: Option<Date>| {
        if !number.trim().is_empty() {
            let (kind, number) = (kind.to_owned(), number.to_owned());
            all.push(AdvanceDocument { kind, number, date });
        }
    };
    if let Some(invoice) = &facts.invoice {
        add("invoice", &invoice.number, Some(invoice.date));
    }
    for line in facts.lines.values() {
        add("licence", &line.licence, None);
        add("certificate", &line.certificate, None);
    }
    add("export_declaration", &facts.export_mrn, None);
    if let Some(out) = &facts.outbound {
        let kind = if out.declaration_kind.is_empty() { "previous" } else { &out.declaration_kind };
        add(kind, &out.declaration, out.date);
    }
    all
}
