//! Shipments of several parcels where each parcel is its own at the carrier: voided one by one, and
//! settled with a number for each.

use std::collections::BTreeSet;

use colibri_events::labels::v1::{
    FoundParcels, SettleRequest, Shipment, ShipmentState, VoidRequest, settle_request::Decision,
};
use tonic::Status;

use crate::every::{Every, parcel, refusal};

const PARCELS: usize = 3;

/// Numbers that a carrier's ledger has for this kind of line.
fn numbers(every: &Every, carrier: &str, kind: &str) -> BTreeSet<String> {
    let ledger = every.world.sandbox.ledger(carrier).unwrap();
    ledger.into_iter().filter(|e| e.kind == kind).map(|e| e.tracking_number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parcel_is_voided_where_carriers_void_one_by_one() {
    let every = Every::plain().await;
    for id in ["gls", "dpd_fr"] {
        let carrier = colibri_carriers::by_id(id).unwrap();
        let bought = every.first_sold(carrier, None, PARCELS).await.expect(id);
        let sold = numbers(&every, id, "label");
        assert_eq!(sold.len(), PARCELS, "{id}");
        let request = VoidRequest { shipment_id: bought.shipment_id.clone() };
        let voided = every.world.client().void(request).await.unwrap().into_inner();
        assert_eq!((voided.state(), voided.code.as_str()), (ShipmentState::Voided, ""), "{id}");
        assert!(voided.parcels.iter().all(|parcel| parcel.voided), "{id}: {voided:?}");
        assert_eq!(numbers(&every, id, "void"), sold, "{id}");
    }
    every.world.stop().await;
}

async fn settle(every: &Every, lost: &Shipment, decision: Decision) -> Result<Shipment, Status> {
    let request = SettleRequest {
        shipment_id: lost.shipment_id.clone(),
        decision: Some(decision),
        reason: "looked into the carrier's web tool".into(),
    };
    every.world.client().settle(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_about_several_parcels_takes_a_number_for_each() {
    let every = Every::plain().await;
    let id = "gls";
    let known = every.first_sold(colibri_carriers::by_id(id).unwrap(), None, 1).await.expect(id);
    let before = numbers(&every, id, "label");
    every.world.faults(id, "buy.lost-answer=1,other.5xx=1");
    let mut request = every.purchase(id, &known.service, None);
    request.parcels = vec![parcel(); PARCELS];
    let lost = every.buy(request).await.unwrap();
    assert_eq!(lost.state(), ShipmentState::InDoubt);
    let found: Vec<String> = (&numbers(&every, id, "label") - &before).into_iter().collect();
    assert_eq!(found.len(), PARCELS);

    let all = |numbers: &[String]| {
        Decision::BoughtAsParcels(FoundParcels {
            tracking_numbers: numbers.to_vec(),
            shipment_number: String::new(),
        })
    };
    let twice = [&found[..2], &found[..1]].concat();
    for (wrong, field) in [
        (Decision::BoughtAs(found[0].clone()), "bought_as"),
        (all(&found[..2]), "bought_as_parcels"),
        (all(&twice), "bought_as_parcels"),
        (all(&[]), "bought_as_parcels"),
    ] {
        let refused = settle(&every, &lost, wrong).await.unwrap_err();
        assert_eq!(refusal(&refused), ("LBL0002".to_owned(), field.to_owned()));
    }
    let settled = settle(&every, &lost, all(&found)).await.unwrap();
    assert_eq!((settled.state(), settled.parcels.len()), (ShipmentState::Bought, PARCELS));
    let shown = every.world.get(lost.shipment_id.parse().unwrap()).await.unwrap();
    let shown: Vec<String> = shown.parcels.into_iter().map(|p| p.tracking_number).collect();
    assert_eq!(shown, found, "in the order they were told");
    every.world.stop().await;
}
