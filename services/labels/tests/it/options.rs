//! Options of delivery reach the carrier that sells them; the others refuse them by name.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use colibri_carriers::{Carrier, OptionKind};
use colibri_events::{
    labels::v1::{FindServicePointsRequest, PurchaseReturnRequest, Wishes},
    types::v1::{Money, ServicePoint},
};

use crate::every::{Every, carriers, recipient, recorder, refusal};

const SAFE_PLACE: &str = "hinter Tor QX7";

/// The wish of an option, and how it may be spelt in what the carrier is asked.
async fn wish(every: &Every, carrier: &dyn Carrier, kind: OptionKind) -> (Wishes, Vec<String>) {
    let eur = |amount_minor| Some(Money { amount_minor, currency: "EUR".into() });
    let none = Wishes::default();
    let amounts = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    match kind {
        OptionKind::Signature => (Wishes { signature: true, ..none }, Vec::new()),
        OptionKind::Saturday => (Wishes { saturday: true, ..none }, Vec::new()),
        // Whole euros at some carriers, steps at Colissimo.
        OptionKind::Insurance if carrier.info().id == "colissimo" => {
            (Wishes { insured_value: eur(50_000), ..none }, vec!["50000".to_owned()])
        }
        OptionKind::Insurance => {
            (Wishes { insured_value: eur(37_900), ..none }, amounts("379", "37900"))
        }
        OptionKind::CashOnDelivery => {
            (Wishes { cash_on_delivery: eur(15_370), ..none }, amounts("153.7", "15370"))
        }
        OptionKind::ServicePoint => {
            let point = point(every, carrier).await;
            let id = point.id.clone();
            (Wishes { service_point: Some(point), ..none }, vec![id])
        }
        OptionKind::SafePlace => {
            let encoded = SAFE_PLACE.replace(' ', "%20");
            (Wishes { safe_place: SAFE_PLACE.into(), ..none }, amounts(SAFE_PLACE, &encoded))
        }
    }
}

/// A point as the carrier finds it; an invented one where it finds none.
async fn point(every: &Every, carrier: &dyn Carrier) -> ServicePoint {
    let request = FindServicePointsRequest {
        account_id: every.account(carrier.info().id),
        near: Some(recipient()),
        limit: 1,
        ..Default::default()
    };
    let found = every.world.client().find_service_points(request).await;
    let found = found.ok().and_then(|answer| answer.into_inner().points.pop());
    let invented = ServicePoint { id: "P12345".into(), ..Default::default() };
    found.and_then(|found| found.point).unwrap_or(invented)
}

/// Every carrier, and the bytes that each was last asked.
async fn overheard() -> (Every, BTreeMap<String, Arc<Mutex<Vec<u8>>>>) {
    let heard = Mutex::new(BTreeMap::new());
    let every = Every::start(async |id, url| {
        let (url, kept) = recorder(url).await;
        heard.lock().unwrap().insert(id.to_owned(), kept);
        url
    })
    .await;
    (every, heard.into_inner().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_reaches_the_carrier_or_is_refused_by_its_name() {
    let (every, heard) = overheard().await;
    let mut reached: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for carrier in carriers() {
        let info = carrier.info();
        let kept = &heard[info.id];
        for kind in OptionKind::ALL {
            let (wishes, spelt) = wish(&every, carrier, *kind).await;
            if info.options.contains(kind) {
                kept.lock().unwrap().clear();
                if every.first_sold(carrier, Some(&wishes), 1).await.is_none() {
                    continue;
                }
                let asked = String::from_utf8_lossy(&kept.lock().unwrap()).into_owned();
                let said = spelt.is_empty() || spelt.iter().any(|text| asked.contains(text));
                assert!(said, "{} was not told {}", info.id, kind.as_str());
                reached.entry(kind.as_str()).or_default().push(info.id);
            } else {
                let sold = every.world.count(info.id, "label");
                let service = info.services[0].0;
                let request = every.purchase(info.id, service, Some(wishes));
                let (code, field) = refusal(&every.buy(request).await.unwrap_err());
                let named = format!("options.{}", kind.as_str());
                assert_eq!((code.as_str(), field), ("LBL0002", named), "{}", info.id);
                assert_eq!(every.world.count(info.id, "label"), sold, "{}", info.id);
            }
        }
    }
    // What is sold from France, at home or abroad; the rest is for other lanes.
    for (kind, least) in
        [("signature", 5), ("insurance", 8), ("service_point", 8), ("cash_on_delivery", 4)]
    {
        let count = reached.get(kind).map_or(0, Vec::len);
        assert!(count >= least, "{kind} reached {count} carriers: {reached:?}");
    }
    // As their documents have it.
    assert_eq!(reached["saturday"], ["chronopost", "dhl_express", "fedex", "gls", "ups"]);
    assert_eq!(reached["safe_place"], ["dhl_express", "gls"]);
    crate::road::nothing_personal_outside_the_vault(&every.world).await;
    holds_nothing(&every, SAFE_PLACE).await;
    every.world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_point_of_a_return_reaches_the_carrier_whose_labels_name_it() {
    let (every, heard) = overheard().await;
    for (id, named) in [("mondial_relay", true), ("colissimo", false)] {
        let carrier = colibri_carriers::by_id(id).unwrap();
        assert_eq!(carrier.names_drop_off(), named, "{id}");
        let bought = every.first_sold(carrier, None, 1).await.expect(id);
        let kept = &heard[id];
        kept.lock().unwrap().clear();
        let request = |point: &str| PurchaseReturnRequest {
            request_id: format!("{id}-drop-off"),
            shipment_id: bought.shipment_id.clone(),
            drop_off: Some(ServicePoint { id: point.into(), ..Default::default() }),
            ..Default::default()
        };
        let mut client = every.world.client();
        let back = client.purchase_return(request("066974")).await.unwrap().into_inner();
        assert!(back.way_back, "{id}");
        let asked = String::from_utf8_lossy(&kept.lock().unwrap()).into_owned();
        assert_eq!(asked.contains("066974"), named, "{id}: {asked}");
        // Another point does not make it another purchase.
        let again = client.purchase_return(request("070001")).await.unwrap().into_inner();
        assert_eq!(again.shipment_id, back.shipment_id, "{id}");
        let wrong = client.purchase_return(request("")).await.unwrap_err();
        assert_eq!(refusal(&wrong), ("LBL0002".to_owned(), "drop_off.id".to_owned()));
    }
    every.world.stop().await;
}

/// The words of a safe place are personal: they stand in no row of labels.
async fn holds_nothing(every: &Every, text: &str) {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let found: i64 = sqlx::query_scalar(
        "select count(*) from labels.shipment s where s::text like $1 or s::text like $2",
    )
    .bind(format!("%{text}%"))
    .bind(format!("%{hex}%"))
    .fetch_one(&every.world.bed.admin)
    .await
    .unwrap();
    assert_eq!(found, 0, "a safe place stands in a shipment");
}
