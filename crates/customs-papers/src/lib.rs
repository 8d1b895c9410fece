//! From what customs wants to know of a parcel to the papers and records as files.
//!
//! Figures come from the one set of sums of the declaration, so that no two papers disagree. The
//! number of the import one-stop shop is printed nowhere: anybody could use it. Deliberately not
//! here: which papers are needed (the rules say it), how they are drawn, storing them.

use colibri_customs_rules::{
    consignment::{Line, Scheme},
    declare::{Category, Declaration, Form, LineSum, LowValueOutcome, Parcel, Party as RulesParty},
};
use colibri_documents::{
    cn22::{self, Cn22, Size},
    cn23::{self, Cn23},
    invoice::{self, Amounts, Invoice, Kind, Language, Line as InvoiceLine},
    paper::{self, Currency, FormError, Goods, Paper, Party},
    way_back,
};
use colibri_types::Country;
use rust_decimal::Decimal;

/// Why a paper could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// It cannot be drawn; the source names the field.
    #[error("draw the {kind}")]
    Draw {
        /// Which paper.
        kind: &'static str,
        /// Why.
        source: FormError,
    },
    /// A record cannot be written as JSON.
    #[error("write the record {kind}")]
    Record {
        /// Which record.
        kind: &'static str,
        /// Why.
        source: serde_json::Error,
    },
}

/// A file to be written.
#[derive(Debug)]
pub struct File {
    /// What it is: `cn22`, `invoice`, `advance` ...
    pub kind: &'static str,
    /// `pdf` or `json`.
    pub extension: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
    /// What a person should know of it.
    pub notes: Vec<&'static str>,
}

/// How papers are to look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Of a CN22.
    pub size: Size,
    /// Of an invoice.
    pub language: Language,
}

/// All files of a parcel.
///
/// # Errors
/// A paper that cannot be drawn, which names its field.
pub fn files(parcel: &Parcel, made: &Declaration, look: Look) -> Result<Vec<File>, PaperError> {
    let mut files = Vec::new();
    for form in &made.choice.forms {
        let (kind, paper) = match form {
            Form::Cn22 => ("cn22", cn22::pdf(&cn22_of(parcel, made, look))),
            Form::Cn23 => ("cn23", cn23::pdf(&cn23_of(parcel, made))),
            Form::CommercialInvoice => {
                ("invoice", invoice::pdf(&invoice_of(parcel, made, look, Kind::Commercial)))
            }
            Form::ProFormaInvoice => {
                ("invoice", invoice::pdf(&invoice_of(parcel, made, look, Kind::ProForma)))
            }
            Form::ReturnInvoice => {
                ("invoice", invoice::pdf(&invoice_of(parcel, made, look, Kind::Return)))
            }
        };
        files.push(drawn(kind, paper.map_err(|source| PaperError::Draw { kind, source })?));
    }
    if let Some(record) = &made.advance {
        files.push(data("advance", record)?);
    }
    if let LowValueOutcome::Record(record) = &made.low_value {
        files.push(data("low-value", record)?);
    }
    Ok(files)
}

/// Papers of goods that go back, as one file; `None`: no border asks for any.
///
/// # Errors
/// A paper that cannot be drawn, which names its field.
pub fn way_back(
    parcel: &Parcel,
    made: &Declaration,
    look: Look,
) -> Result<Option<File>, PaperError> {
    let forms = &made.choice.forms;
    // The large form of the post is right for all that the small one is.
    let postal = forms.iter().any(|form| matches!(form, Form::Cn22 | Form::Cn23));
    let form = postal.then(|| cn23_of(parcel, made));
    let invoiced = forms.contains(&Form::ReturnInvoice);
    let invoice = invoiced.then(|| invoice_of(parcel, made, look, Kind::Return));
    if form.is_none() && invoice.is_none() {
        return Ok(None);
    }
    let kind = "return";
    let paper = way_back::pdf(form.as_ref(), invoice.as_ref());
    let paper = paper.map_err(|source| PaperError::Draw { kind, source })?;
    Ok(Some(drawn(kind, paper)))
}

fn drawn(kind: &'static str, paper: Paper) -> File {
    let mut notes = Vec::new();
    if paper.lost {
        notes.push("some letters are spelled in others; the record sent ahead has them");
    }
    if paper.cut {
        notes.push("some text is cut, marked with ...; shorten it");
    }
    File { kind, extension: "pdf", bytes: paper.pdf, notes }
}

/// A record as JSON for people and machines.
///
/// # Errors
/// None that a record is known to cause.
pub fn data(kind: &'static str, record: &impl serde::Serialize) -> Result<File, PaperError> {
    let wrong = |source| PaperError::Record { kind, source };
    let mut bytes = serde_json::to_vec_pretty(record).map_err(wrong)?;
    bytes.push(b'\n');
    Ok(File { kind, extension: "json", bytes, notes: Vec::new() })
}

/// A country with its English name: `PORTUGAL (PT)`.
fn country(code: Option<Country>) -> String {
    let Some(code) = code else { return String::new() };
    match colibri_addresses::country(code.as_str()) {
        Some(known) => format!("{} ({code})", known.name.to_uppercase()),
        None => code.to_string(),
    }
}

fn party(party: &RulesParty) -> Party {
    let mut references = Vec::new();
    if !party.eori.is_empty() {
        references.push(("EORI".to_owned(), party.eori.clone()));
    }
    let ids = party.tax_ids.iter().map(|id| (id.kind.clone(), id.number.clone()));
    references.extend(ids);
    if !party.importer_reference.is_empty() {
        references.push(("Importer".to_owned(), party.importer_reference.clone()));
    }
    Party {
        name: party.name.clone(),
        business: party.business.clone(),
        street: party.lines.clone(),
        postcode: party.postcode.clone(),
        city: party.city.clone(),
        region: party.region.clone(),
        country: country(party.country),
        phone: party.phone.clone(),
        email: party.email.clone(),
        references,
    }
}

fn currency(parcel: &Parcel) -> Currency {
    let currency = parcel.consignment.currency;
    Currency { code: currency.to_string(), digits: currency.digits() }
}

fn goods(parcel: &Parcel, line: &Line, value: Decimal) -> Goods {
    let facts = parcel.line_facts(line.no).cloned().unwrap_or_default();
    Goods {
        description: if facts.latin.is_empty() { line.description.clone() } else { facts.latin },
        quantity: line.quantity,
        unit: facts.unit,
        net_kg: line.net_kg,
        value,
        code: line.code.clone(),
        origin: line.origin.map(|origin| origin.to_string()).unwrap_or_default(),
    }
}

/// Goods with the values that are declared or invoiced.
fn all_goods(parcel: &Parcel, made: &Declaration, of: impl Fn(&LineSum) -> Decimal) -> Vec<Goods> {
    let sums = &made.sums.lines;
    let value = |no| sums.iter().find(|sum| sum.no == no).map(&of).unwrap_or_default();
    let lines = &parcel.consignment.lines;
    lines.iter().map(|line| goods(parcel, line, value(line.no))).collect()
}

const fn category(category: Category) -> paper::Category {
    match category {
        Category::Gift => paper::Category::Gift,
        Category::Documents => paper::Category::Documents,
        Category::SaleOfGoods => paper::Category::SaleOfGoods,
        Category::CommercialSample => paper::Category::CommercialSample,
        Category::ReturnedGoods => paper::Category::ReturnedGoods,
        Category::Other => paper::Category::Other,
    }
}

fn posting_date(parcel: &Parcel) -> String {
    parcel.facts.posting_date.map(|day| day.to_string()).unwrap_or_default()
}

/// Of a return: what ties it to the way out.
fn went_out(parcel: &Parcel) -> Option<String> {
    let out = parcel.facts.outbound.as_ref()?;
    let mut words = format!("Returned goods, original item {}", out.item_id);
    if !out.declaration.is_empty() {
        let kind = [out.declaration_kind.as_str(), " "].concat();
        words += &format!(", declaration {}{}", kind.trim_start(), out.declaration);
    }
    Some(words)
}

fn cn22_of(parcel: &Parcel, made: &Declaration, look: Look) -> Cn22 {
    let facts = &parcel.facts;
    Cn22 {
        size: look.size,
        operator: facts.operator.clone(),
        category: category(parcel.category()),
        explanation: facts.explanation.clone(),
        goods: all_goods(parcel, made, |sum| sum.declared),
        currency: currency(parcel),
        total_kg: made.sums.gross_kg,
        date: posting_date(parcel),
        signature: facts.signer.name.clone(),
        sender: party(parcel.sender()),
        addressee: party(parcel.addressee()),
        item_id: facts.item_id.trim().to_uppercase(),
        scheme: String::new(),
    }
}

/// Numbers of a kind, each once.
fn numbers<'a>(all: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for number in all.filter(|number| !number.trim().is_empty()) {
        if !known.contains(number) {
            known.push(number.clone());
        }
    }
    known
}

fn cn23_of(parcel: &Parcel, made: &Declaration) -> Cn23 {
    let facts = &parcel.facts;
    let mut sender = party(parcel.sender());
    if !facts.scheme_id.is_empty() && parcel.consignment.scheme != Some(Scheme::Ioss) {
        sender.references.push(("Scheme".to_owned(), facts.scheme_id.clone()));
    }
    let mut comments = facts.comments.clone();
    comments.extend(went_out(parcel));
    let postage = facts.postage.map(|paid| format!("{} {}", paid.amount, paid.currency));
    Cn23 {
        operator: facts.operator.clone(),
        item_id: facts.item_id.trim().to_uppercase(),
        sender,
        addressee: party(parcel.addressee()),
        goods: all_goods(parcel, made, |sum| sum.declared),
        currency: currency(parcel),
        gross_kg: made.sums.gross_kg,
        postage: postage.unwrap_or_default(),
        category: category(parcel.category()),
        explanation: facts.explanation.clone(),
        comments,
        licences: numbers(facts.lines.values().map(|line| &line.licence)),
        certificates: numbers(facts.lines.values().map(|line| &line.certificate)),
        invoice: facts.invoice.as_ref().map(|i| i.number.clone()).unwrap_or_default(),
        date: posting_date(parcel),
        signature: facts.signer.name.clone(),
        office_of_origin: facts.office_of_origin.clone(),
        posting_date: posting_date(parcel),
    }
}

fn invoice_line(parcel: &Parcel, line: &Line, goods: Goods) -> InvoiceLine {
    let ids = &line.product_ids;
    let mut identifiers = Vec::new();
    for (kind, id) in [("Manufacturer", &ids.manufacturer), ("GTIN", &ids.gtin)] {
        if !id.is_empty() {
            identifiers.push((kind.to_owned(), id.clone()));
        }
    }
    let originating = parcel.line_facts(line.no).is_some_and(|facts| facts.originating);
    InvoiceLine {
        goods,
        sku: ids.merchant.clone(),
        identifiers,
        preference: line.preference && originating,
    }
}

fn invoice_of(parcel: &Parcel, made: &Declaration, look: Look, kind: Kind) -> Invoice {
    let (facts, sums) = (&parcel.facts, &made.sums);
    let given = |amount: Decimal| (!amount.is_zero()).then_some(amount);
    let goods = all_goods(parcel, made, |sum| sum.invoiced);
    let lines = parcel.consignment.lines.iter().zip(goods);
    let named = facts.invoice.as_ref();
    let date = named.map(|i| i.date.to_string()).unwrap_or_default();
    let stated = named.map(|i| i.payment.clone()).filter(|payment| !payment.is_empty());
    let free =
        (kind != Kind::Commercial).then(|| "No charge, value for customs purposes only".to_owned());
    let term = made.advance.as_ref().map(|record| record.scheme.incoterm.clone());
    let place = match facts.incoterm_place.trim() {
        "" => &parcel.addressee().city,
        place => place,
    };
    let licences = numbers(facts.lines.values().map(|line| &line.licence));
    let mut statements = Vec::new();
    statements.extend(went_out(parcel).map(|words| format!("{words}. No sale.")));
    if !licences.is_empty() {
        statements.push(format!("Licences: {}", licences.join(", ")));
    }
    let signer = &facts.signer;
    let signed = [signer.name.as_str(), &signer.function].into_iter().filter(|w| !w.is_empty());
    let signed: Vec<&str> = signed.collect();
    // A buyer who signs with a pen writes the day of it.
    let by_pen = kind == Kind::Return && signer.name.is_empty();
    let at = [signer.place.as_str(), &date].into_iter().filter(|w| !w.is_empty() && !by_pen);
    let at: Vec<&str> = at.collect();
    Invoice {
        kind,
        language: look.language,
        number: named.map(|i| i.number.clone()).unwrap_or_default(),
        order: facts.order_reference.clone(),
        transport_document: facts.item_id.clone(),
        seller: party(&parcel.seller),
        buyer: party(&parcel.buyer),
        shipper: parcel.shipper.as_ref().map(party),
        ship_to: parcel.ship_to.as_ref().map(party),
        importer: parcel.importer.as_ref().map(party),
        incoterm: format!("{} {place}", term.unwrap_or_default()),
        reason: reason(parcel).to_owned(),
        payment: stated.or(free).unwrap_or_default(),
        currency: currency(parcel),
        lines: lines.map(|(line, goods)| invoice_line(parcel, line, goods)).collect(),
        amounts: Amounts {
            discount: given(sums.discount),
            freight: given(sums.freight),
            insurance: given(sums.insurance),
            other: given(sums.other),
            tax: given(sums.tax),
        },
        pieces: facts.pieces.unwrap_or(1),
        gross_kg: given(sums.gross_kg),
        statements,
        signature: signed.join(", "),
        place_and_date: at.join(", "),
        date,
    }
}

fn reason(parcel: &Parcel) -> &str {
    match parcel.category() {
        Category::Gift => "Gift",
        Category::Documents => "Documents",
        Category::SaleOfGoods => "Sale of goods",
        Category::CommercialSample => "Commercial sample",
        Category::ReturnedGoods => "Returned goods",
        Category::Other => &parcel.facts.explanation,
    }
}
