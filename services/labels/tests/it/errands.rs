//! Collections, closed days and returns at every carrier that offers them.

use colibri_carriers::Carrier;
use colibri_events::{
    labels::v1::{
        BookPickupRequest, CancelPickupRequest, CloseManifestRequest, ErrandState,
        GetManifestPaperRequest, GetManifestRequest, ListManifestsRequest, ListPickupsRequest,
        Manifest, Pickup, PurchaseReturnRequest, SettleErrandRequest, Shipment, ShipmentState,
        settle_errand_request::Decision,
    },
    types::v1::Date,
};
use colibri_types::{PickupId, TenantId};
use tonic::Status;

use crate::{
    every::{Every, carriers, refusal},
    world::World,
};

const NOT_OFFERED: &str = "LBL0018";

/// The next working day: carriers collect on no other.
fn next_day() -> Date {
    let mut day = time::OffsetDateTime::now_utc().date();
    loop {
        day = day.next_day().unwrap();
        if !matches!(day.weekday(), time::Weekday::Saturday | time::Weekday::Sunday) {
            let (year, month, day) = day.to_calendar_date();
            return Date { year, month: u8::from(month).into(), day: day.into() };
        }
    }
}

fn booking(every: &Every, carrier: &str, shipment: Option<&Shipment>) -> BookPickupRequest {
    BookPickupRequest {
        request_id: format!("{carrier}-pickup"),
        site_id: every.world.site.to_string(),
        account_id: every.account(carrier),
        day: Some(next_day()),
        ready: "13:00".into(),
        close: "18:00".into(),
        service: shipment.map(|s| s.service.clone()).unwrap_or_default(),
        destination_country: "FR".into(),
        parcels: 1,
        weight_g: 800,
        instructions: "dock 3".into(),
        shipment_ids: shipment.map(|s| s.shipment_id.clone()).into_iter().collect(),
    }
}

async fn book(world: &World, request: BookPickupRequest) -> Result<Pickup, Status> {
    world.client().book_pickup(request).await.map(tonic::Response::into_inner)
}

async fn close(every: &Every, carrier: &str) -> Result<Manifest, Status> {
    let request = CloseManifestRequest {
        site_id: every.world.site.to_string(),
        account_id: every.account(carrier),
        day: None,
    };
    every.world.client().close_manifest(request).await.map(tonic::Response::into_inner)
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_closed_days_and_returns_where_they_are_offered() {
    let every = Every::plain().await;
    let mut done: Vec<(&str, &str)> = Vec::new();
    for carrier in carriers() {
        let id = carrier.info().id;
        let bought = every.first_sold(carrier, None, 1).await;
        if pickup(&every, carrier, bought.as_ref()).await {
            done.push(("pickup", id));
        }
        if let Some(bought) = &bought
            && way_back(&every, carrier, bought).await
        {
            done.push(("return", id));
        }
        if manifest(&every, carrier, bought.as_ref()).await {
            done.push(("manifest", id));
        }
    }
    println!("{done:?}");
    let count = |what: &str| done.iter().filter(|(done, _)| *done == what).count();
    assert!(count("pickup") >= 3 && count("return") >= 3 && count("manifest") >= 2, "{done:?}");
    doubts(&every).await;
    let list = ListPickupsRequest::default();
    let listed = every.world.client().list_pickups(list.clone()).await.unwrap().into_inner();
    assert!(listed.pickups.len() >= count("pickup"));
    let mut stranger = every.world.client_of(TenantId::generate());
    assert_eq!(stranger.list_pickups(list).await.unwrap().into_inner().pickups, []);
    let other = CancelPickupRequest { pickup_id: listed.pickups[0].pickup_id.clone() };
    assert_eq!(refusal(&stranger.cancel_pickup(other).await.unwrap_err()).0, "LBL0019");
    crate::road::nothing_personal_outside_the_vault(&every.world).await;
    every.world.stop().await;
}

async fn pickup(every: &Every, carrier: &dyn Carrier, bought: Option<&Shipment>) -> bool {
    let id = carrier.info().id;
    let request = booking(every, id, bought);
    let Some(pickups) = carrier.pickups() else {
        assert_eq!(refusal(&book(&every.world, request).await.unwrap_err()).0, NOT_OFFERED);
        return false;
    };
    let booked = book(&every.world, request.clone()).await.unwrap();
    if booked.state() != ErrandState::Done {
        println!("{id}: {booked:?}");
        assert_eq!(booked.state(), ErrandState::Refused, "{id}");
        assert!(!(booked.carrier_code.is_empty() && booked.field.is_empty()), "{id}");
        return false;
    }
    assert!(!booked.confirmation.is_empty(), "{id}");
    let asked = every.world.sandbox.requests(id).unwrap();
    assert_eq!(book(&every.world, request.clone()).await.unwrap(), booked, "the same again");
    assert_eq!(every.world.sandbox.requests(id).unwrap(), asked, "{id} was not asked twice");
    let other = BookPickupRequest { parcels: 2, ..request };
    assert_eq!(refusal(&book(&every.world, other).await.unwrap_err()).0, "LBL0015");
    let cancel = CancelPickupRequest { pickup_id: booked.pickup_id.clone() };
    let answer = every.world.client().cancel_pickup(cancel).await;
    if pickups.cancellation().is_none() {
        assert_eq!(refusal(&answer.unwrap_err()).0, NOT_OFFERED, "{id}");
    } else {
        let cancelled = answer.unwrap().into_inner();
        assert_eq!(cancelled.state(), ErrandState::Cancelled, "{id}: {cancelled:?}");
    }
    true
}

async fn way_back(every: &Every, carrier: &dyn Carrier, bought: &Shipment) -> bool {
    let info = carrier.info();
    for (service, _) in info.services {
        let request = PurchaseReturnRequest {
            request_id: format!("{}-{service}-back", info.id),
            shipment_id: bought.shipment_id.clone(),
            service: (*service).to_owned(),
            ..Default::default()
        };
        let answer = every.world.client().purchase_return(request.clone()).await;
        let shipment = match answer {
            Ok(shipment) => shipment.into_inner(),
            Err(status) if carrier.returns().is_none() => {
                assert_eq!(refusal(&status).0, NOT_OFFERED, "{}", info.id);
                return false;
            }
            Err(status) => {
                let code = refusal(&status).0;
                assert!(["LBL0002", "LBL0003"].contains(&code.as_str()), "{}: {status:?}", info.id);
                continue;
            }
        };
        assert_eq!(shipment.state(), ShipmentState::Bought, "{}: {shipment:?}", info.id);
        assert!(shipment.way_back, "{}", info.id);
        assert_eq!(shipment.outbound_shipment_id, bought.shipment_id);
        let again = every.world.client().purchase_return(request).await.unwrap().into_inner();
        assert_eq!(again.shipment_id, shipment.shipment_id, "bought once");
        let sold = every.world.sold(info.id, &shipment.attempt_ref);
        assert_eq!(sold.len(), 1, "{}: the ledger knows it once", info.id);
        let unnamed = PurchaseReturnRequest {
            request_id: format!("{}-unnamed", info.id),
            shipment_id: bought.shipment_id.clone(),
            ..Default::default()
        };
        let unnamed = every.world.client().purchase_return(unnamed).await.unwrap().into_inner();
        assert_eq!(unnamed.state(), ShipmentState::Bought, "{}: {unnamed:?}", info.id);
        let back = PurchaseReturnRequest {
            request_id: format!("{}-twice", info.id),
            shipment_id: shipment.shipment_id,
            ..Default::default()
        };
        let refused = every.world.client().purchase_return(back).await.unwrap_err();
        assert_eq!(refusal(&refused).0, "LBL0005", "a way back has none");
        return true;
    }
    println!("{} sells no way back within France", info.id);
    false
}

async fn manifest(every: &Every, carrier: &dyn Carrier, bought: Option<&Shipment>) -> bool {
    let id = carrier.info().id;
    if carrier.manifests().is_none() {
        assert_eq!(refusal(&close(every, id).await.unwrap_err()).0, NOT_OFFERED, "{id}");
        return false;
    }
    let bought = bought.unwrap();
    let closed = close(every, id).await.unwrap();
    assert_eq!(closed.state(), ErrandState::Done, "{id}: {closed:?}");
    let parcels: Vec<_> = bought.parcels.iter().map(|p| p.parcel_id.clone()).collect();
    assert_eq!(closed.parcel_ids, parcels, "{id}: what goes out, not what comes back");
    let asked = every.world.sandbox.requests(id).unwrap();
    assert_eq!(close(every, id).await.unwrap(), closed, "nothing is left: the same");
    assert_eq!(every.world.sandbox.requests(id).unwrap(), asked, "{id} was not asked twice");
    let request = GetManifestRequest { manifest_id: closed.manifest_id.clone() };
    let got = every.world.client().get_manifest(request.clone()).await.unwrap().into_inner();
    assert_eq!(got, closed);
    let asked = GetManifestPaperRequest {
        manifest_id: closed.manifest_id.clone(),
        media_type: String::new(),
    };
    let mut stranger = every.world.client_of(TenantId::generate());
    assert_eq!(refusal(&stranger.get_manifest(request).await.unwrap_err()).0, "LBL0019");
    let denied = stranger.get_manifest_paper(asked.clone()).await.unwrap_err();
    assert_eq!(refusal(&denied).0, "LBL0019");
    match every.world.client().get_manifest_paper(asked).await {
        Ok(paper) => {
            let paper = paper.into_inner();
            assert_eq!(paper.media_type, closed.media_type, "{id}");
            assert!(!paper.data.is_empty(), "{id}");
        }
        Err(status) => {
            assert_eq!((refusal(&status).0.as_str(), closed.media_type.as_str()), ("LBL0004", ""));
        }
    }
    assert_eq!(every.world.said_of(&closed.manifest_id, "manifest_closed").await, 1, "{id}");
    true
}

/// A lost answer: shown, never asked again, settled by a person.
async fn doubts(every: &Every) {
    let id = "gls";
    let mut request = booking(every, id, None);
    request.service = every
        .first_sold(colibri_carriers::by_id(id).unwrap(), None, 1)
        .await
        .map(|s| s.service)
        .unwrap();
    request.request_id = "lost".into();
    every.world.faults(id, "other.lost-answer=1");
    let lost = book(&every.world, request.clone()).await.unwrap();
    assert_eq!((lost.state(), lost.code.as_str()), (ErrandState::InDoubt, "LBL0009"));
    let closed = close(every, id).await.unwrap();
    assert_eq!(closed.state(), ErrandState::InDoubt);
    every.world.faults(id, "");
    let asked = every.world.sandbox.requests(id).unwrap();
    assert_eq!(book(&every.world, request).await.unwrap().state(), ErrandState::InDoubt);
    assert_eq!(close(every, id).await.unwrap().state(), ErrandState::InDoubt);
    assert_eq!(every.world.sandbox.requests(id).unwrap(), asked, "never asked again by itself");
    let settle = |errand_id: &str, decision| SettleErrandRequest {
        errand_id: errand_id.to_owned(),
        decision: Some(decision),
        reason: "asked the depot".into(),
    };
    let mut client = every.world.client();
    let came = settle(&lost.pickup_id, Decision::HappenedAs("K-17".into()));
    let settled = client.settle_errand(came.clone()).await.unwrap().into_inner();
    assert_eq!(settled.state(), ErrandState::Done);
    assert_eq!(refusal(&client.settle_errand(came).await.unwrap_err()).0, "LBL0007");
    let not = settle(&closed.manifest_id, Decision::NotHappened(true));
    let settled = client.settle_errand(not).await.unwrap().into_inner();
    assert_eq!(settled.state(), ErrandState::Refused);
    // Its parcels are free again: the day can be closed after all.
    let again = close(every, id).await.unwrap();
    assert_eq!((again.state(), &again.parcel_ids), (ErrandState::Done, &closed.parcel_ids));
    let list = |state: ErrandState, limit| ListManifestsRequest {
        state: state.into(),
        limit,
        ..ListManifestsRequest::default()
    };
    let newest = client.list_manifests(list(ErrandState::Unspecified, 1)).await.unwrap();
    let newest = newest.into_inner();
    assert_eq!((&newest.manifests[0], newest.manifests.len()), (&again, 1));
    assert!(!newest.next_page.is_empty(), "the refused one comes next");
    let refused = client.list_manifests(list(ErrandState::Refused, 0)).await.unwrap().into_inner();
    let ids: Vec<&str> = refused.manifests.iter().map(|m| m.manifest_id.as_str()).collect();
    assert_eq!(ids, [closed.manifest_id.as_str()]);
    let many = client.list_manifests(list(ErrandState::Done, 501)).await.unwrap_err();
    assert_eq!(refusal(&many), ("LBL0002".to_owned(), "limit".to_owned()));
    let unknown = settle(&PickupId::generate().to_string(), Decision::NotHappened(true));
    assert_eq!(refusal(&client.settle_errand(unknown).await.unwrap_err()).0, "LBL0019");
}
