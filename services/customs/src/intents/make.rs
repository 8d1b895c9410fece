//! From a decided declaration and opened addresses to its files and what is told about it.

use std::collections::HashMap;

use aws_lc_rs::digest;
use colibri_customs_papers::{File, Look, files};
use colibri_customs_rules::{
    consignment::{Flow, Scheme},
    declare::{Declaration, Parcel, Party, PersonKind},
};
use colibri_documents::{cn22::Size, invoice::Language};
use colibri_events::{
    customs::v1::{self as pb, DeclarationReady, Finding, Sku},
    vault::v1::{Field, FieldValue},
};
use colibri_kit::fault::Fault;
use colibri_types::DocumentId;
use colibri_vault_client::value;
use prost::Message as _;
use uuid::Uuid;

use super::leaving::Covered;
use crate::{
    domain::{
        answer,
        decide::{self, Verdict},
        export::{Leaving, leaving},
        question::date,
        restricted::Restricted,
    },
    error::{self, finding},
    screening::Found,
    store::declarations::{Key, Paper, Row},
    world::Book,
};

/// Namespace of paper ids, fixed for ever.
const NAMESPACE: Uuid = Uuid::from_u128(0x6b0f_1d92_c4a7_5e38_8f21_90ab_37de_5514);
/// Bytes of an event: below what the outbox takes, with room for its headers.
const EVENT_BYTES_MAX: usize = 45_000;

/// A paper ready to be sealed.
#[derive(Debug)]
pub struct Drawn {
    /// Where it will lie.
    pub paper: Paper,
    /// The file.
    pub bytes: Vec<u8>,
}

/// What became of a declaration.
#[derive(Debug)]
pub enum Made {
    /// Papers are drawn.
    Ready(Box<Ready>),
    /// Something is missing that only the address could say.
    Lacks(Vec<Finding>),
    /// A party is like somebody on a list: a person has to look.
    Held(Vec<Found>),
}

/// A complete declaration.
#[derive(Debug)]
pub struct Ready {
    /// Its papers and records.
    pub drawn: Vec<Drawn>,
    /// What is shown.
    pub shown: pb::Declaration,
    /// What is told, but for the instant.
    pub event: DeclarationReady,
    /// As the export side sees it.
    pub leaving: Leaving,
    /// The export declaration that it shares with others of its day.
    pub covered: Option<Covered>,
}

/// A party of the papers from an opened record.
#[must_use]
pub fn party(fields: &[FieldValue]) -> Party {
    let get = |field| value(fields, field).unwrap_or_default().trim().to_owned();
    let (company, street, email) = (get(Field::Company), get(Field::Street), get(Field::Email));
    let lines = street.lines().map(str::trim).filter(|line| !line.is_empty());
    let firm = !company.is_empty();
    Party {
        name: get(Field::Name),
        person_type: Some(if firm { PersonKind::Legal } else { PersonKind::Natural }),
        business: company,
        lines: lines.map(str::to_owned).collect(),
        postcode: get(Field::Postcode),
        city: get(Field::City),
        region: get(Field::Subdivision),
        country: get(Field::Country).parse().ok(),
        phone: international(&get(Field::Phone), !email.is_empty()),
        email,
        ..Party::default()
    }
}

/// A number in international form. One that is in the form of its own country is of no use to
/// another; it is left out where the e-mail is known, and asked for where it is not.
fn international(phone: &str, or_email: bool) -> String {
    let kept: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    match (kept.strip_prefix("00"), kept.starts_with('+')) {
        (_, true) => kept,
        (Some(rest), false) => format!("+{rest}"),
        (None, false) if or_email => String::new(),
        (None, false) => kept,
    }
}

/// Draws everything.
///
/// # Errors
/// [`Fault::Bug`] when a paper cannot be drawn although nothing was missing.
pub fn make(
    row: &Row,
    verdict: Verdict,
    seller: Party,
    buyer: Party,
    language: Language,
    (skus, book): (&HashMap<String, Sku>, &Book),
) -> Result<Made, Fault> {
    let Some((request, _)) = row.facts.complete() else {
        return Err(Fault::bug("a declaration without its facts"));
    };
    let Some(parcel) = verdict.parcel.as_ref().filter(|_| verdict.missing.is_empty()) else {
        return Ok(Made::Lacks(verdict.missing));
    };
    let (parcel, made) = match decide::with_persons(parcel, seller, buyer, request, book) {
        Ok(made) => made,
        Err(missing) => return Ok(Made::Lacks(missing)),
    };
    let look = Look { size: Size::Label, language };
    let files = files(&parcel, &made, look).map_err(Fault::bug)?;
    let notes = files.iter().flat_map(|file| file.notes.iter().map(|note| (*note).to_owned()));
    let reasons = made.choice.reasons.iter().chain(&made.choice.elsewhere).cloned();
    let reasons: Vec<String> = reasons.chain(notes).collect();
    let drawn: Vec<Drawn> =
        files.into_iter().map(|file| drawn((row.key, row.revision), file)).collect();
    let event = event(row, &verdict, &parcel, &made, &drawn);
    if event.encoded_len() > EVENT_BYTES_MAX {
        let detail = "the words of all lines are more than one declaration here can hold";
        return Ok(Made::Lacks(vec![finding(error::LINES, "goods", detail)]));
    }
    let refs = drawn.iter().map(|drawn| paper_ref(&drawn.paper));
    let shown = pb::Declaration {
        channel: verdict.channel.to_owned(),
        incoterm: verdict.incoterm,
        assessment: verdict.assessment.as_ref().map(|found| answer::assessment(found, true)),
        papers: refs.collect(),
        restrictions: verdict.restricted.iter().map(Restricted::wire).collect(),
        reasons,
        ..pb::Declaration::default()
    };
    let leaving = leaving(&parcel, request, skus, row.key.shipment_id, book.shipped.world());
    Ok(Made::Ready(Box::new(Ready { drawn, shown, event, leaving, covered: None })))
}

fn paper_ref(paper: &Paper) -> pb::PaperRef {
    pb::PaperRef {
        document_id: paper.document_id.to_string(),
        kind: paper.kind.to_owned(),
        media_type: paper.media_type.to_owned(),
    }
}

/// Adds a paper that is due after all.
pub fn add(ready: &mut Ready, of: (Key, u32), file: File) -> Paper {
    let drawn = drawn(of, file);
    let paper = drawn.paper.clone();
    ready.shown.papers.push(paper_ref(&paper));
    ready.event.document_ids.push(paper.document_id.to_string());
    ready.drawn.push(drawn);
    paper
}

/// The id of a paper follows from its content: drawn again it is the same, or another paper.
#[must_use]
pub fn drawn((key, revision): (Key, u32), file: File) -> Drawn {
    let hash = digest::digest(&digest::SHA256, &file.bytes);
    let mut name = format!("{}\0{revision}\0{}\0", key.shipment_id, file.kind);
    name.extend(hash.as_ref().iter().map(|byte| format!("{byte:02x}")));
    let media_type = match file.extension {
        "pdf" => "application/pdf",
        _ => "application/json",
    };
    let document_id = DocumentId::derived(&NAMESPACE, name.as_bytes());
    Drawn { paper: Paper { document_id, kind: file.kind, media_type }, bytes: file.bytes }
}

const fn scheme(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Ioss => "ioss",
        Scheme::SpecialArrangement => "special_arrangement",
        Scheme::StandardVat => "standard_vat",
        Scheme::SupplyVat => "supply_vat",
        Scheme::Voec => "voec",
        Scheme::VendorGst => "vendor_gst",
        Scheme::RemessaConforme => "remessa_conforme",
        Scheme::Import => "import",
    }
}

const fn reason(flow: Flow) -> &'static str {
    match flow {
        Flow::B2c | Flow::B2b => "sale",
        Flow::Gift => "gift",
        Flow::Return => "return",
        Flow::Sample => "sample",
        Flow::Documents => "documents",
    }
}

fn event(
    row: &Row,
    verdict: &Verdict,
    parcel: &Parcel,
    made: &Declaration,
    drawn: &[Drawn],
) -> DeclarationReady {
    let (way, facts) = (&parcel.consignment, &parcel.facts);
    let request = row.facts.request.clone().unwrap_or_default();
    let found = verdict.assessment.as_ref();
    let shown = found.map(|found| answer::assessment(found, false)).unwrap_or_default();
    let totals = shown.totals.unwrap_or_default();
    let invoice = facts.invoice.as_ref();
    let vat = parcel.seller.tax_ids.iter().find(|id| id.kind == "VAT");
    let record = made.advance.as_ref();
    DeclarationReady {
        shipment_id: row.key.shipment_id.to_string(),
        tenant_id: row.key.tenant_id.to_string(),
        order_id: row.key.order_id.map(|id| id.to_string()).unwrap_or_default(),
        version: row.version,
        revision: row.revision,
        parcels: verdict.contents.clone(),
        contents_assumed: verdict.contents.len() > 1,
        incoterm: record.map_or(verdict.incoterm.clone(), |r| r.scheme.incoterm.clone()),
        reason: reason(way.flow).to_owned(),
        invoice_number: invoice.map(|invoice| invoice.number.clone()).unwrap_or_default(),
        invoice_date: invoice.map(|invoice| date(invoice.date)),
        sender_eori: parcel.seller.eori.clone(),
        sender_vat: vat.map(|id| id.number.clone()).unwrap_or_default(),
        scheme_id: facts.scheme_id.clone(),
        scheme: way.scheme.map(scheme).unwrap_or_default().to_owned(),
        freight: request.shipping_paid,
        duty: totals.duty,
        tax: totals.tax,
        fees: totals.fees,
        rules: shown.rules,
        document_ids: drawn.iter().map(|drawn| drawn.paper.document_id.to_string()).collect(),
        at: None,
        declaration_id: row.key.declaration_id().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_is_international_or_not_told() {
        assert_eq!(international("+33 1 99 00 00 01", true), "+33199000001");
        assert_eq!(international("0033 199000001", false), "+33199000001");
        assert_eq!(international("01 99 00 00 01", true), "");
        assert_eq!(international("01 99 00 00 01", false), "0199000001");
    }
}
