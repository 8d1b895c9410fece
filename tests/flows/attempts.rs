//! One question per method for tenants, about one tenant's things.

use colibri_events::{
    accounts::v1::*,
    labels::v1 as labels,
    orders::v1 as orders,
    pricing::v1 as pricing,
    tracking::v1 as tracking,
    types::v1::{Date, Parcel},
    vault::v1 as vault,
};
use prost::Message;

use crate::{
    customs_calls::customs_calls,
    isolation::Owner,
    merchant::{UPS, address, order},
};

/// Who asks.
#[derive(Clone, Copy)]
pub enum Who {
    Operator,
    /// One of our services, at the vault.
    Service(&'static str),
}

/// A question.
pub struct Attempt {
    pub path: &'static str,
    pub who: Who,
    pub request: Vec<u8>,
    /// Reads: its owner is answered, with the same bytes each time.
    pub shows: bool,
    /// Names something of the owner's: another tenant is denied. Otherwise it is answered about
    /// its own.
    pub names: bool,
}

pub fn new(path: &'static str, request: &impl Message) -> Attempt {
    let request = request.encode_to_vec();
    Attempt { path, who: Who::Operator, request, shows: false, names: true }
}

impl Attempt {
    /// Reads something named.
    pub fn reads(mut self) -> Self {
        self.shows = true;
        self
    }

    /// Answers about the caller's own, whoever it is.
    pub fn own(mut self) -> Self {
        self.names = false;
        self
    }

    fn by(mut self, service: &'static str) -> Self {
        self.who = Who::Service(service);
        self
    }
}

/// Every method for tenants, about `a`'s things.
pub fn attempts(a: &Owner) -> Vec<Attempt> {
    let mut all = accounts(a);
    all.extend(order_calls(a));
    all.extend(price_calls(a));
    all.extend(customs_calls(a));
    all.extend(label_calls(a));
    all.extend(tracking_calls(a));
    all.extend(crate::attempts_returns::return_calls(a));
    all.extend(vault_calls(a));
    all
}

macro_rules! path {
    (accounts $method:literal) => {
        concat!("/colibri.accounts.v1.AccountsService/", $method)
    };
    (labels $method:literal) => {
        concat!("/colibri.labels.v1.LabelsService/", $method)
    };
    (orders $method:literal) => {
        concat!("/colibri.orders.v1.OrdersService/", $method)
    };
    (pricing $method:literal) => {
        concat!("/colibri.pricing.v1.PricingService/", $method)
    };
    (tracking $method:literal) => {
        concat!("/colibri.tracking.v1.TrackingService/", $method)
    };
    (vault $method:literal) => {
        concat!("/colibri.vault.v1.VaultService/", $method)
    };
}

/// Codes are of a tenant: the other one's account of the same code is another account.
fn accounts(a: &Owner) -> Vec<Attempt> {
    let site =
        CreateSiteRequest { code: "koeln".into(), address: Some(address("DE", "Betareiher")) };
    let client = CreateClientRequest { name: "x".into(), scopes: vec!["orders:read".into()] };
    let carrier = RegisterCarrierAccountRequest {
        code: format!("{UPS}-flows"),
        carrier: UPS.into(),
        disabled: true,
        ..Default::default()
    };
    let channel = RegisterChannelAccountRequest {
        code: "shop".into(),
        channel: "shopify".into(),
        webhook_secret: "another tenant's secret".into(),
        ..Default::default()
    };
    let client_id = || a.merchant.client.clone();
    let revoke = RevokeClientRequest { client_id: client_id() };
    let rotate = RotateClientSecretRequest { client_id: client_id(), overlap_s: 60 };
    let check = CheckAccountRequest { account_id: a.merchant.account(UPS).to_owned() };
    vec![
        new(path!(accounts "CheckAccount"), &check),
        new(path!(accounts "ListClients"), &ListClientsRequest {}).own().reads(),
        new(path!(accounts "RevokeClient"), &revoke),
        new(path!(accounts "RotateClientSecret"), &rotate),
        new(path!(accounts "CreateSite"), &site).own(),
        new(path!(accounts "ListSites"), &ListSitesRequest {}).own().reads(),
        new(path!(accounts "CreateClient"), &client).own(),
        new(path!(accounts "RegisterCarrierAccount"), &carrier).own(),
        new(path!(accounts "ListCarrierAccounts"), &ListCarrierAccountsRequest {}).own().reads(),
        new(path!(accounts "RegisterChannelAccount"), &channel).own(),
    ]
}

fn order_calls(a: &Owner) -> Vec<Attempt> {
    let order_id = a.shipment.order_id.clone();
    let id = || order_id.clone();
    let by = |by| orders::GetRequest { by: Some(by), reveal: true };
    let by_id = by(orders::get_request::By::OrderId(id()));
    let amend = orders::AmendRequest {
        order_id: id(),
        ship_to: Some(address("DE", "Betareiher")),
        ..Default::default()
    };
    let release = orders::ReleaseRequest { order_id: id(), overrule: Vec::new() };
    // The same external id and number as the other's: known to the one who told it.
    let again = vec![order("same-1", UPS, "Betareiher")];
    let submit = orders::SubmitRequest { orders: again, request_id: String::new() };
    let file = orders::ImportRequest {
        request_id: "isolation".into(),
        format: "csv".into(),
        data: "Order number,SKU,Quantity,Unit price,Currency\n".into(),
    };
    let list = orders::ListRequest::default();
    vec![
        new(path!(orders "Get"), &by_id).reads(),
        new(path!(orders "List"), &list).own().reads(),
        new(path!(orders "Hold"), &orders::HoldRequest { order_id: id() }),
        new(path!(orders "Release"), &release),
        new(path!(orders "Amend"), &amend),
        new(path!(orders "Cancel"), &orders::CancelRequest { order_id: id() }),
        new(path!(orders "Submit"), &submit).own(),
        new(path!(orders "Import"), &file).own(),
    ]
}

fn price_calls(a: &Owner) -> Vec<Attempt> {
    let rate = pricing::RateRequest {
        origin_country: "DE".into(),
        origin_zone: "50".into(),
        country: "DE".into(),
        postcode_zone: "10".into(),
        parcels: vec![Parcel { weight_g: 900, ..Parcel::default() }],
        ship_date: Some(Date { year: 2026, month: 11, day: 23 }),
        ..Default::default()
    };
    let explain = pricing::ExplainRequest { shipment_id: a.shipment.shipment_id.clone() };
    let tariff = colibri_pricing::domain::DEMO.iter().find(|(name, _)| *name == "ups-gb-11");
    let tariff = pricing::ActivateTariffRequest { toml: tariff.unwrap().1.into() };
    let list = pricing::ListTariffsRequest {};
    vec![
        new(path!(pricing "Rate"), &rate).own().reads(),
        new(path!(pricing "Choose"), &rate).own().reads(),
        new(path!(pricing "Explain"), &explain).reads(),
        new(path!(pricing "ActivateTariff"), &tariff).own(),
        new(path!(pricing "ListTariffs"), &list).own().reads(),
    ]
}

fn label_calls(a: &Owner) -> Vec<Attempt> {
    let shipment_id = a.shipment.shipment_id.clone();
    let parcel_id = a.shipment.parcels[0].parcel_id.clone();
    let by = Some(labels::get_request::By::ShipmentId(shipment_id.clone()));
    let settle = labels::SettleRequest {
        shipment_id: shipment_id.clone(),
        decision: Some(labels::settle_request::Decision::GiveUp(true)),
        reason: "mine now".into(),
    };
    let purchase = labels::PurchaseRequest {
        request_id: "isolation".into(),
        site_id: a.merchant.sites[0].site_id.clone(),
        account_id: a.merchant.account(UPS).into(),
        service: "11".into(),
        recipient: Some(address("DE", "Betareiher")),
        parcels: vec![Parcel { weight_g: 900, ..Parcel::default() }],
        ..Default::default()
    };
    let label = labels::GetLabelRequest { parcel_id, media_type: String::new() };
    let list = labels::ListRequest::default();
    let mut all = carrier_calls(a);
    all.extend([
        new(path!(labels "Get"), &labels::GetRequest { by, reveal: true }).reads(),
        new(path!(labels "List"), &list).own().reads(),
        new(path!(labels "Purchase"), &purchase),
        new(path!(labels "GetLabel"), &label).reads(),
        new(path!(labels "Void"), &labels::VoidRequest { shipment_id }),
        new(path!(labels "Settle"), &settle),
    ]);
    all
}

/// Questions and errands: all name the other's site or account.
fn carrier_calls(a: &Owner) -> Vec<Attempt> {
    let (site_id, account_id) =
        (a.merchant.sites[0].site_id.clone(), a.merchant.account(UPS).to_owned());
    let parcels = vec![Parcel { weight_g: 900, ..Parcel::default() }];
    let recipient = Some(address("DE", "Betareiher"));
    let points = labels::FindServicePointsRequest {
        account_id: account_id.clone(),
        near: recipient.clone(),
        ..Default::default()
    };
    let rates = labels::QuoteRatesRequest {
        site_id: site_id.clone(),
        account_id: account_id.clone(),
        service: "11".into(),
        recipient: recipient.clone(),
        parcels: parcels.clone(),
        wishes: None,
    };
    let check = labels::CheckShipmentRequest {
        site_id: site_id.clone(),
        account_id: account_id.clone(),
        service: "11".into(),
        recipient,
        parcels,
        wishes: None,
    };
    let back = labels::PurchaseReturnRequest {
        request_id: "isolation".into(),
        shipment_id: a.shipment.shipment_id.clone(),
        ..Default::default()
    };
    let pickup = labels::BookPickupRequest {
        request_id: "isolation".into(),
        site_id: site_id.clone(),
        account_id: account_id.clone(),
        day: Some(Date { year: 2026, month: 11, day: 24 }),
        ready: "13:00".into(),
        close: "18:00".into(),
        parcels: 1,
        weight_g: 900,
        ..Default::default()
    };
    let close = labels::CloseManifestRequest { site_id, account_id, day: None };
    let pickup_id = colibri_types::PickupId::generate().to_string();
    let manifest_id = colibri_types::ManifestId::generate().to_string();
    let cancel = labels::CancelPickupRequest { pickup_id: pickup_id.clone() };
    let media_type = String::new();
    let paper = labels::GetManifestPaperRequest { manifest_id: manifest_id.clone(), media_type };
    let get = labels::GetManifestRequest { manifest_id };
    let settle = labels::SettleErrandRequest {
        errand_id: pickup_id,
        decision: Some(labels::settle_errand_request::Decision::NotHappened(true)),
        reason: "mine now".into(),
    };
    let list = labels::ListPickupsRequest::default();
    let manifests = labels::ListManifestsRequest::default();
    vec![
        new(path!(labels "FindServicePoints"), &points),
        new(path!(labels "QuoteRates"), &rates),
        new(path!(labels "CheckShipment"), &check),
        new(path!(labels "PurchaseReturn"), &back),
        new(path!(labels "BookPickup"), &pickup),
        new(path!(labels "CancelPickup"), &cancel),
        new(path!(labels "ListPickups"), &list).own(),
        new(path!(labels "CloseManifest"), &close),
        new(path!(labels "GetManifest"), &get),
        new(path!(labels "ListManifests"), &manifests).own(),
        new(path!(labels "GetManifestPaper"), &paper),
        new(path!(labels "SettleErrand"), &settle),
    ]
}

fn tracking_calls(a: &Owner) -> Vec<Attempt> {
    let parcel_id = a.shipment.parcels[0].parcel_id.clone();
    let id = || parcel_id.clone();
    let list = tracking::ListRequest { limit: 10, ..Default::default() };
    let (number, country) = (a.tracking_number.clone(), "FR".to_owned());
    let typed = tracking::RedetectRequest { number, country };
    vec![
        new(path!(tracking "Get"), &tracking::GetRequest { parcel_id: id(), reveal: true }).reads(),
        new(path!(tracking "List"), &list).own().reads(),
        new(path!(tracking "Watch"), &tracking::WatchRequest { parcel_id: id() }).reads(),
        new(path!(tracking "ListAlerts"), &tracking::ListAlertsRequest::default()).own(),
        new(path!(tracking "Redetect"), &typed).own(),
    ]
}

fn vault_calls(a: &Owner) -> Vec<Attempt> {
    use vault::{Field, FieldValue, Flow};
    let name = FieldValue { field: Field::Name.into(), value: "Betareiher".into() };
    let under = vault::Record {
        external_key: "isolation".into(),
        owner_ref: a.subject_ref.clone(),
        r#ref: a.shipment.parcels[0].parcel_id.clone(),
        fields: vec![name],
    };
    let (flow, fields) = (Flow::LabelPurchase.into(), vec![Field::Name.into()]);
    let one = vault::RevealRequest { flow, fields: fields.clone(), r#ref: a.subject_ref.clone() };
    let many = vault::RevealManyRequest { flow, fields, refs: vec![a.subject_ref.clone()] };
    let number = vault::MatchManyRequest {
        field: Field::TrackingNumber.into(),
        values: vec![a.tracking_number.clone()],
    };
    let person = vault::MatchPersonRequest {
        order_number: "#Alphakranich-same-1".into(),
        email: "alphakranich@example.org".into(),
        ..Default::default()
    };
    let document_id = a.shipment.parcels[0].document_ids[0].clone();
    let document = vault::Document {
        document_id: document_id.clone(),
        owner_ref: a.subject_ref.clone(),
        media_type: "text/plain".into(),
        data: "mine now".into(),
    };
    let documents = vault::PutDocumentsRequest { documents: vec![document] };
    let serve = vault::GetDocumentRequest { flow: Flow::LabelServe.into(), document_id };
    let account_id = a.merchant.account(UPS).to_owned();
    let mine = vault::CredentialField { name: "client_secret".into(), value: "mine now".into() };
    let put = vault::PutCredentialsRequest { account_id: account_id.clone(), fields: vec![mine] };
    let open = vault::OpenCredentialsRequest { flow: Flow::CarrierCall.into(), account_id };
    let journal = vault::ListJournalRequest { r#ref: a.subject_ref.clone(), limit: 10 };
    vec![
        new(path!(vault "Put"), &vault::PutRequest { records: vec![under] }).by("labels"),
        new(path!(vault "Reveal"), &one).by("labels").reads(),
        // Denied item by item: the answer holds nothing but the question's own ref.
        new(path!(vault "RevealMany"), &many).by("labels").own().reads(),
        new(path!(vault "MatchMany"), &number).by("tracking").own().reads(),
        new(path!(vault "MatchPerson"), &person).by("returns").own(),
        new(path!(vault "PutDocuments"), &documents).by("labels"),
        new(path!(vault "GetDocument"), &serve).by("labels").reads(),
        // Sealed under the caller's own tenant: the other's stay as they are.
        new(path!(vault "PutCredentials"), &put).by("accounts").own(),
        new(path!(vault "OpenCredentials"), &open).by("labels").own().reads(),
        new(path!(vault "ListJournal"), &journal).own().reads(),
    ]
}
