//! What a buyer is told of a shipment that no carrier would take: the field, and the limit there.

use colibri_carriers::Carrier;
use colibri_events::{
    labels::v1::{CheckShipmentRequest, ListRequest, PurchaseRequest, ShipmentState},
    types::v1::Address,
};
use colibri_kit::fault::RpcError;

use crate::{
    every::{Every, abroad, carriers, recipient},
    road::nothing_personal_outside_the_vault,
};

/// What is wrong, by the field that must be told. Who cuts names refuses the street instead.
const CUT_NAMES: &[&str] = &["dhl_express", "fedex", "gls", "ups"];

fn wrong(carrier: &str, field: &str, request: &mut PurchaseRequest) {
    let to = request.recipient.as_mut().unwrap();
    match field {
        "recipient.name" => {
            assert!(!CUT_NAMES.contains(&carrier));
            to.name = "Ottokar Canari ".repeat(12);
        }
        "recipient.lines" => to.lines = vec!["7 Impasse des Essais ".repeat(9)],
        "recipient.postcode" => to.postcode.clear(),
        _ => request.parcels[0].weight_g = 987_000,
    }
}

/// Field and limit of a purchase that is refused; each service and lane until it is this field.
async fn told(every: &Every, carrier: &dyn Carrier, field: &str) -> (PurchaseRequest, String) {
    let info = carrier.info();
    let each = |to: Address| info.services.iter().map(move |(code, _)| (*code, to.clone()));
    for (service, to) in each(recipient()).chain(each(abroad())) {
        let mut request = every.purchase(info.id, service, None);
        request.recipient = Some(to);
        wrong(info.id, field, &mut request);
        let status = every.buy(request.clone()).await.expect_err("beyond the limit");
        let error = RpcError::from_status(&status);
        assert_eq!(error.reason.as_deref(), Some("LBL0002"), "{} {field}: {status:?}", info.id);
        let first = error.fields.first().expect("a field");
        if first.field == field {
            return (request, first.description.clone());
        }
    }
    panic!("{}: {field} was never refused", info.id);
}

fn is_limit(text: &str) -> bool {
    let units = ["character", "letter", "digit", "kg", " g", "line"];
    units.iter().any(|unit| text.contains(unit))
        && !["Ottokar", "Canari", "Impasse", "987"].iter().any(|written| text.contains(written))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buyer_is_told_field_and_limit_by_every_carrier() {
    let every = Every::plain().await;
    for carrier in carriers() {
        let id = carrier.info().id;
        let long = if CUT_NAMES.contains(&id) { "recipient.lines" } else { "recipient.name" };
        for field in [long, "recipient.postcode", "parcels.weight"] {
            let (request, limit) = told(&every, carrier, field).await;
            assert!(is_limit(&limit), "{id} {field}: {limit}");
            if carrier.check().is_some() {
                checked(&every, request, field, &limit).await;
            }
        }
        assert_eq!(every.world.sandbox.ledger(id).unwrap(), [], "{id} sold something");
    }
    shown(&every).await;
    nothing_personal_outside_the_vault(&every.world).await;
    every.world.stop().await;
}

/// A question tells the same.
async fn checked(every: &Every, asked: PurchaseRequest, field: &str, limit: &str) {
    let request = CheckShipmentRequest {
        site_id: asked.site_id,
        account_id: asked.account_id,
        service: asked.service,
        recipient: asked.recipient,
        parcels: asked.parcels,
        wishes: None,
    };
    let answer = every.world.client().check_shipment(request).await.unwrap().into_inner();
    assert_eq!((answer.field.as_str(), answer.reason.as_str()), (field, limit));
    assert!(!answer.sold);
}

/// What is kept of each refusal tells it too.
async fn shown(every: &Every) {
    let request =
        ListRequest { state: ShipmentState::Refused.into(), limit: 500, ..ListRequest::default() };
    let listed = every.world.client().list(request).await.unwrap().into_inner().shipments;
    assert!(listed.len() >= 3 * carriers().count());
    for shipment in listed {
        assert!(!shipment.field.is_empty() && !shipment.reason.is_empty(), "{shipment:?}");
    }
}
