//! One question per method of customs, about one tenant's things.

use colibri_events::customs::v1::*;
use colibri_types::{DeclarationId, DocumentId, QuoteId, ShipmentId};

use crate::{
    attempts::{Attempt, new},
    isolation::Owner,
};

macro_rules! path {
    ($method:literal) => {
        concat!("/colibri.customs.v1.CustomsService/", $method)
    };
}

/// Articles and profiles are of the caller's tenant, whoever it is; shipments, quotes and papers are
/// named.
pub fn customs_calls(a: &Owner) -> Vec<Attempt> {
    let shipment_id = a.shipment.shipment_id.clone();
    let sku = SkuInput {
        sku: "SAME".into(),
        description: "Ceramic bowl for soup".into(),
        ..SkuInput::default()
    };
    let import = ImportSkusRequest {
        request_id: "isolation".into(),
        format: "csv".into(),
        data: "SKU,HS code\n".into(),
    };
    let suggest = SuggestHsRequest { text: "cotton t-shirt".into(), limit: 1 };
    let describe = CheckDescriptionRequest { text: "Gift".into(), ..Default::default() };
    let parcel = AssessParcel {
        lines: vec![AssessLine { sku: "SAME".into(), quantity: 1, ..AssessLine::default() }],
        ..AssessParcel::default()
    };
    let assess = AssessRequest { parcels: vec![parcel], keep: true, trace: true };
    let quote = GetQuoteRequest { quote_id: QuoteId::generate().to_string() };
    let by = Some(get_declaration_request::By::ShipmentId(shipment_id.clone()));
    let document_id = DocumentId::generate().to_string();
    let paper = GetPaperRequest { document_id, media_type: String::new() };
    let profile = Profile { signer: "mine now".into(), ..Profile::default() };
    let profile = PutProfileRequest { profile: Some(profile) };
    let list = ImportScreeningListRequest {
        name: "isolation".into(),
        format: "own-csv".into(),
        data: "id,name\n1,Sample Quandrill\n".into(),
        ..Default::default()
    };
    let screen = ScreenRequest { shipment_id: shipment_id.clone() };
    let decide = DecideScreeningRequest {
        shipment_id: shipment_id.clone(),
        party: "ship_to".into(),
        outcome: ScreeningOutcome::Cleared.into(),
        reason: ScreeningReason::OtherName.into(),
        case_number: "1".into(),
        ..Default::default()
    };
    let restriction = DecideRestrictionRequest {
        shipment_id: shipment_id.clone(),
        sku: "SAME".into(),
        rules: vec!["medicines".into()],
        outcome: ScreeningOutcome::Cleared.into(),
        reason: RestrictionReason::OtherGoods.into(),
        case_number: "1".into(),
        ..Default::default()
    };
    let sscc = IssueSsccRequest {
        request_id: "isolation".into(),
        company_prefix: "9521234".into(),
        extension: 0,
        count: 1,
    };
    let declared: ShipmentId = shipment_id.parse().unwrap();
    let back = PrepareReturnPaperRequest {
        declaration_id: DeclarationId::from_uuid(declared.to_uuid()).to_string(),
        shipment_id: ShipmentId::generate().to_string(),
        carrier: "ups".into(),
        items: vec![ReturnedItem { sku: "SAME".into(), quantity: 1 }],
        ..Default::default()
    };
    vec![
        new(path!("PutSkus"), &PutSkusRequest { skus: vec![sku] }).own(),
        new(path!("GetSku"), &GetSkuRequest { sku: "SAME".into() }).own().reads(),
        new(path!("ListSkus"), &ListSkusRequest::default()).own().reads(),
        new(path!("ImportSkus"), &import).own(),
        new(path!("SuggestHs"), &suggest).own().reads(),
        new(path!("CheckDescription"), &describe).own(),
        new(path!("PutProfile"), &profile).own(),
        new(path!("GetProfile"), &GetProfileRequest {}).own().reads(),
        new(path!("Assess"), &assess).own(),
        new(path!("GetQuote"), &quote),
        new(path!("GetDeclaration"), &GetDeclarationRequest { by }),
        new(path!("ListDeclarations"), &ListDeclarationsRequest::default()).own(),
        new(path!("Reassess"), &ReassessRequest { shipment_id }),
        new(path!("GetPaper"), &paper),
        new(path!("PrepareReturnPaper"), &back),
        new(path!("ImportScreeningList"), &list).own(),
        new(path!("ListScreeningLists"), &ListScreeningListsRequest {}).own(),
        new(path!("Screen"), &screen),
        new(path!("DecideScreening"), &decide),
        new(path!("DecideRestriction"), &restriction),
        new(path!("IssueSscc"), &sscc).own(),
    ]
}
