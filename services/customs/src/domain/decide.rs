//! Whether goods may cross a border, and what is missing when they may not.
//!
//! The seller's confirmed code comes first, then the code of the order's line; a suggestion is never
//! filed. What a person is called is not known here: [`with_persons`] adds it when the address was
//! opened, and the papers are checked again then.

use std::collections::HashMap;

use colibri_customs_rules::{
    assess::{Assessment, Missing, declaration_needs},
    consignment::{Channel, Consignment, Extra, Flow, Line, ProductIds, Terms},
    declare::{
        Amount, Declaration, Facts, InvoiceFacts, LineFacts, Parcel, Party, PersonKind, Signer,
        TaxId, prepare,
    },
    descriptions::{Context, Severity, check as judge},
    place::{Place, Territory},
};
use colibri_events::{
    customs::v1::{Finding, Item, ParcelContents, Profile, Sku},
    orders::v1::{FulfilmentRequested, Goods},
    pricing::v1::OfferChosen,
};
use colibri_types::{Country, Currency, ShipmentId};
use time::Date;

use super::{
    answer, contents,
    lacks::{name, uncertain},
    profile::incoterm,
    question::{any_level, code_for, kilograms, money},
    restricted::Restricted,
    scheme,
};
use crate::{
    config::Post,
    error::{self, finding},
    world::Book,
};

/// Lines of a declaration: with the words of each they fit into one event.
pub const LINES_MAX: usize = 200;

/// What is decided about.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What is shipped.
    pub request: &'a FulfilmentRequested,
    /// How.
    pub offer: &'a OfferChosen,
    /// Articles of the request that are known.
    pub skus: &'a HashMap<String, Sku>,
    /// The tenant's.
    pub profile: &'a Profile,
    /// The post that the carrier stands for; `None`: it is an express carrier.
    pub post: Option<&'a Post>,
    /// In the business calendar.
    pub today: Date,
}

/// What was decided.
#[derive(Debug, Default)]
pub struct Verdict {
    /// The parcel as papers want it, without persons; `None` where too much is missing.
    pub parcel: Option<Parcel>,
    /// What is in which parcel.
    pub contents: Vec<ParcelContents>,
    /// Landed cost; `None` where too much is missing.
    pub assessment: Option<Assessment>,
    /// Empty: nothing speaks against it but what only the address could say.
    pub missing: Vec<Finding>,
    /// Rules that restrict the goods; see [`super::restricted`], which finds them.
    pub restricted: Vec<Restricted>,
    /// By post or express.
    pub channel: &'static str,
    /// `DAP` or `DDP`.
    pub incoterm: String,
}

/// Decides.
#[must_use]
pub fn decide(ask: &Ask<'_>, book: &Book) -> Verdict {
    let incoterm = incoterm(ask.profile, &ask.request.country).to_owned();
    let mut verdict = Verdict {
        channel: if ask.post.is_some() { "post" } else { "express" },
        incoterm,
        ..Verdict::default()
    };
    let Some((lines, items)) = goods(ask, book, &mut verdict.missing) else { return verdict };
    let Some(mut way) = consignment(ask, lines, &verdict.incoterm, &mut verdict.missing) else {
        return verdict;
    };
    match contents::spread(&items, &ask.request.parcels) {
        Some(contents) => verdict.contents = contents,
        None => verdict.missing.push(finding(
            error::WEIGHT,
            "parcels",
            "weigh less than the goods that are in them",
        )),
    }
    let found = scheme::settle(&mut way, ask.profile, book);
    let (assessment, scheme_id) = match found {
        Ok(found) => found,
        Err(faults) => {
            verdict.missing.extend(faults.iter().map(|fault| name(fault, ask.request)));
            return verdict;
        }
    };
    let needs = declaration_needs(&way, book.shipped.world());
    let mut missing: Vec<Finding> = needs.iter().map(|need| name(need, ask.request)).collect();
    if way.terms == Terms::Ddp {
        missing.extend(uncertain(&assessment, ask.request));
    }
    verdict.assessment = Some(assessment);
    let parcel = papers(ask, way, scheme_id);
    if let Err(faults) = prepare(&parcel, book.shipped.world(), &book.sdr) {
        // Whose name and street these are is not known yet.
        let of_persons = |fault: &&Missing| {
            let side = fault.field.starts_with("buyer.") || fault.field.starts_with("seller.");
            side && fault.field != "seller.eori"
        };
        let own = faults.iter().filter(|fault| !of_persons(fault));
        missing.extend(own.map(|fault| name(fault, ask.request)));
    }
    for one in missing {
        let known = |other: &Finding| other.code == one.code && other.field == one.field;
        if !verdict.missing.iter().any(known) {
            verdict.missing.push(one);
        }
    }
    verdict.parcel = Some(parcel);
    verdict
}

/// The papers and records of a decided parcel, now that the address was opened.
///
/// # Errors
/// Every field that is missing.
pub fn with_persons(
    parcel: &Parcel,
    seller: Party,
    buyer: Party,
    request: &FulfilmentRequested,
    book: &Book,
) -> Result<(Parcel, Declaration), Vec<Finding>> {
    let ids = Party { eori: parcel.seller.eori.clone(), ..seller };
    let tax_ids = parcel.seller.tax_ids.clone();
    let seller = Party { person_type: Some(PersonKind::Legal), tax_ids, ..ids };
    let parcel = Parcel { seller, buyer, ..parcel.clone() };
    match prepare(&parcel, book.shipped.world(), &book.sdr) {
        Ok(declaration) => Ok((parcel, declaration)),
        Err(faults) => Err(faults.iter().map(|fault| name(fault, request)).collect()),
    }
}

/// Number of the invoice that goes with a shipment: the same for its whole life.
#[must_use]
pub fn invoice_number(profile: &Profile, shipment: ShipmentId) -> String {
    let prefix = match profile.invoice_prefix.as_str() {
        "" => "CI-",
        own => own,
    };
    let id = shipment.to_string();
    // The end of the id is random: sixty bits that no two shipments of a tenant share.
    let at = id.len().saturating_sub(12);
    format!("{prefix}{}", id.get(at..).unwrap_or(&id))
}

/// Lines as rules want them, and items as carriers want them; `None` when one of them is no line.
fn goods(ask: &Ask<'_>, book: &Book, missing: &mut Vec<Finding>) -> Option<(Vec<Line>, Vec<Item>)> {
    let all = &ask.request.goods;
    if ask.request.goods_left_out || all.is_empty() || all.len() > LINES_MAX {
        let detail = format!("1 to {LINES_MAX} lines can be declared");
        missing.push(finding(error::LINES, "goods", detail));
        return None;
    }
    let before = missing.len();
    let mut lines = Vec::with_capacity(all.len());
    let mut items = Vec::with_capacity(all.len());
    for (at, each) in all.iter().enumerate() {
        let (line, item) = one(at, each, ask, book, missing).unzip();
        lines.extend(line);
        items.extend(item);
    }
    if Territory::of(&place(&ask.request.origin_country, &ask.request.origin_zone)?).customs == "EU"
        && ask.profile.eori.is_empty()
    {
        let detail = "a firm in the European Union exports under its EORI number";
        missing.push(finding(error::PROFILE, "profile.eori", detail));
    }
    (missing.len() == before).then_some((lines, items))
}

fn one(
    at: usize,
    goods: &Goods,
    ask: &Ask<'_>,
    book: &Book,
    missing: &mut Vec<Finding>,
) -> Option<(Line, Item)> {
    let of_sku = |field: &str| format!("skus[{}].{field}", goods.sku);
    let of_order = |field: &str| format!("goods[{at}].{field}");
    let known = ask.skus.get(&goods.sku);
    let Some((sku, input)) = known.and_then(|sku| Some((sku, sku.input.as_ref()?))) else {
        let field = format!("skus[{}]", goods.sku);
        missing.push(finding(error::SKU_UNKNOWN, field, "customs know nothing of the article"));
        return None;
    };
    let code = code(goods, sku, &ask.request.country, book);
    let mut want = |holds: bool, code: &str, field: String, detail: &str| {
        if !holds {
            missing.push(finding(code, field, detail));
        }
    };
    let unconfirmed = !input.hs6.is_empty() && sku.confirmed_at.is_none();
    let detail = match unconfirmed {
        true => "nobody stands for the code that is kept",
        false => "there is no tariff code",
    };
    want(code.is_some(), error::CODE_MISSING, of_sku("hs_code"), detail);
    let text = &input.description;
    let hs = code.as_deref().and_then(|code| code.get(..6));
    let context = Context { hs, date: Some(ask.today), ..Context::new(&book.index) };
    let refusal = match text.as_str() {
        "" => Some("there is no description".to_owned()),
        text => judge(text, &context)
            .into_iter()
            .find(|found| found.severity == Severity::Error)
            .map(|found| found.message),
    };
    let detail = refusal.as_deref().unwrap_or_default();
    want(refusal.is_none(), error::DESCRIPTION, of_sku("description"), detail);
    let origin = [&input.origin_country, &goods.origin_country];
    let origin = origin.into_iter().find_map(|text| text.parse::<Country>().ok());
    let detail = "where it was made is not known";
    want(origin.is_some(), error::ORIGIN, of_sku("origin_country"), detail);
    let (weight, count) = (goods.unit_weight_g, goods.quantity);
    want(weight > 0, error::WEIGHT, of_order("unit_weight_g"), "the weight of a piece is needed");
    want(count > 0, error::VALUE, of_order("quantity"), "is at least one");
    let price = goods.unit_price.as_ref().and_then(money);
    let price = price.filter(|price| price.amount_minor > 0);
    let detail = "is above zero, also for goods that nobody pays for, and has a currency";
    want(price.is_some(), error::VALUE, of_order("unit_price"), detail);
    let (code, price, origin) = (code?, price?, origin?);
    if refusal.is_some() || weight == 0 || count == 0 {
        return None;
    }
    let value = price.to_decimal().checked_mul(count.into())?;
    let grams = u64::from(weight) * u64::from(count);
    let line = Line {
        no: u32::try_from(at + 1).unwrap_or(u32::MAX),
        description: text.clone(),
        code: code.clone(),
        origin: Some(origin),
        quantity: count,
        value,
        net_kg: Some(kilograms(grams)),
        litres: None,
        duty: None,
        preference: false,
        excise: input.excise,
        tax_rate: None,
        product_ids: ProductIds {
            merchant: goods.sku.clone(),
            manufacturer: input.manufacturer_id.clone(),
            gtin: input.gtin.clone(),
        },
    };
    let item = Item {
        sku: goods.sku.clone(),
        description: text.clone(),
        hs_code: code,
        origin_country: origin.to_string(),
        quantity: count,
        unit_weight_g: weight,
        unit_value: Some(answer::money(price)),
    };
    Some((line, item))
}

/// The code that is filed: what the seller stands for, else what the order says. An order may know
/// more digits of the same code.
fn code(goods: &Goods, sku: &Sku, country: &str, book: &Book) -> Option<String> {
    let told = match goods.hs_code.as_str() {
        "" => None,
        text => any_level(text, book).ok(),
    };
    let input = sku.input.as_ref()?;
    let own = code_for(input, country);
    if sku.confirmed_at.is_none() || own.is_empty() {
        return told;
    }
    let deeper = told.filter(|told| country == "US" && told.starts_with(own));
    Some(deeper.unwrap_or_else(|| own.to_owned()))
}

fn place(country: &str, zone: &str) -> Option<Place> {
    let country = country.parse().ok()?;
    Some(Place { country, postcode: zone.to_owned(), subdivision: String::new() })
}

fn consignment(
    ask: &Ask<'_>,
    lines: Vec<Line>,
    incoterm: &str,
    missing: &mut Vec<Finding>,
) -> Option<Consignment> {
    let request = ask.request;
    let (from, to) = (
        place(&request.origin_country, &request.origin_zone),
        place(&request.country, &request.postcode_zone),
    );
    let (Some(from), Some(to)) = (from, to) else {
        missing.push(finding(error::DESTINATION, "country", "is no country that is known"));
        return None;
    };
    let prices = request.goods.iter().filter_map(|goods| goods.unit_price.as_ref());
    let mut currencies: Vec<Currency> = prices.filter_map(|p| p.currency.parse().ok()).collect();
    currencies.dedup();
    let [currency] = currencies.as_slice() else {
        missing.push(finding(error::VALUE, "goods", "are priced in several currencies"));
        return None;
    };
    let freight = request.shipping_paid.as_ref().and_then(money);
    let freight = freight.filter(|paid| paid.currency == *currency && paid.amount_minor >= 0);
    Some(Consignment {
        date: ask.today,
        from,
        to,
        channel: if ask.post.is_some() { Channel::Post } else { Channel::Express },
        // Who buys decides, never the value: a company in the address is a business.
        flow: if request.residential { Flow::B2c } else { Flow::B2b },
        scheme: None,
        dataset: None,
        terms: if incoterm == "DDP" { Terms::Ddp } else { Terms::Dap },
        currency: *currency,
        lines,
        discount: rust_decimal::Decimal::ZERO,
        freight: freight.map(|f| Extra { amount: f.to_decimal(), shown_separately: true }),
        insurance: None,
        carrier_fees: Vec::new(),
    })
}

fn papers(ask: &Ask<'_>, way: Consignment, scheme_id: String) -> Parcel {
    let (request, profile) = (ask.request, ask.profile);
    let union = Territory::of(&way.from).customs == "EU";
    let (eori, vat) = match union {
        true => (&profile.eori, &profile.vat),
        false => (&profile.eori_gb, &profile.vat_gb),
    };
    let tax_ids = (!vat.is_empty()).then(|| TaxId { kind: "VAT".into(), number: vat.clone() });
    let grams: u64 = request.parcels.iter().map(|parcel| u64::from(parcel.weight_g)).sum();
    let amount = |amount: &colibri_events::types::v1::Money| {
        money(amount).map(|money| Amount::new(money.to_decimal(), money.currency))
    };
    let shipment = request.shipment_id.parse().ok();
    let lines = way.lines.iter().map(|line| (line.no, LineFacts::default()));
    let facts = Facts {
        item_pending: true,
        service: ask.offer.service.clone(),
        product: ask.post.map(|post| post.product_of(&ask.offer.service)),
        operator: ask.post.map(|post| post.operator.clone()).unwrap_or_default(),
        posting_date: Some(ask.today),
        gross_kg: Some(kilograms(grams)),
        pieces: u32::try_from(request.parcels.len()).ok(),
        postage: ask.offer.amount.as_ref().and_then(amount),
        insured_value: request.insured_value.as_ref().and_then(amount),
        invoice: shipment.map(|shipment| InvoiceFacts {
            number: invoice_number(profile, shipment),
            date: ask.today,
            payment: String::new(),
        }),
        scheme_id,
        signer: Signer {
            name: profile.signer.clone(),
            function: String::new(),
            place: profile.signer_place.clone(),
        },
        lines: lines.collect(),
        ..Facts::default()
    };
    let seller = Party {
        person_type: Some(PersonKind::Legal),
        eori: eori.clone(),
        tax_ids: tax_ids.into_iter().collect(),
        ..Party::default()
    };
    Parcel {
        consignment: way,
        seller,
        buyer: Party::default(),
        shipper: None,
        ship_to: None,
        importer: None,
        facts,
    }
}
