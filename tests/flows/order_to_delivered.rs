//! One order, told by a shop's webhook, followed through every service until UPS has handed it
//! over: by pushes and by polls, with times as the carrier stated them.

use std::{collections::BTreeSet, time::Duration};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_events::{
    labels::v1::{GetLabelRequest, ShipmentState},
    orders::v1::OrderState,
    pricing::v1::{ExplainRequest, pricing_service_client::PricingServiceClient},
    tracking::v1::{
        GetRequest, Headline, Parcel, Scan, tracking_service_client::TrackingServiceClient,
    },
};
use colibri_testkit::eventually;
use serde_json::{Value, json};
use time::macros::format_description;

use crate::{
    check,
    harness::{Options, World},
    http,
    merchant::{Merchant, UPS, WEBHOOK_SECRET, merchant},
};

const PATIENCE: Duration = Duration::from_secs(180);

/// A paid order of two mugs for Köln, in the shape that Shopify documents.
pub fn shopify_order(id: u64, mark: &str) -> Value {
    let address = json!({
        "first_name": "Jonna", "last_name": mark, "name": format!("Jonna {mark}"),
        "company": null, "address1": format!("Musterhafen {mark} 7"), "address2": null,
        "zip": "50667", "city": "Köln", "province": null, "province_code": null,
        "country": "Germany", "country_code": "DE", "phone": "+493023125014",
    });
    let line = json!({
        "id": id * 10 + 1, "product_id": 81, "variant_id": 91, "sku": "MUG-35",
        "title": format!("Becher {mark}"), "variant_title": null, "name": format!("Becher {mark}"),
        "quantity": 2, "current_quantity": 2, "fulfillable_quantity": 2,
        "fulfillment_status": null, "price": "14.90", "total_discount": "0.00",
        "discount_allocations": [], "grams": 420, "requires_shipping": true, "taxable": true,
        "gift_card": false, "properties": [], "tax_lines": [],
    });
    json!({
        "id": id, "name": format!("#{mark}{id}"), "number": 1, "order_number": 1001, "test": false,
        "source_name": "web", "tags": "", "created_at": "2026-10-05T09:12:31+02:00",
        "processed_at": "2026-10-05T09:12:30+02:00", "updated_at": "2026-10-05T09:15:02+02:00",
        "cancelled_at": null, "cancel_reason": null, "closed_at": null,
        "financial_status": "paid", "fulfillment_status": null, "currency": "EUR",
        "presentment_currency": "EUR", "taxes_included": true,
        "total_line_items_price": "29.80", "total_discounts": "0.00", "subtotal_price": "29.80",
        "total_tax": "0.00", "total_price": "29.80", "current_total_price": "29.80",
        "total_weight": 840, "email": format!("{}@example.org", mark.to_lowercase()),
        "phone": null, "customer_locale": "de-DE", "note": format!("bitte leise {mark}"),
        "discount_codes": [], "discount_applications": [], "shipping_address": address,
        "billing_address": address, "line_items": [line], "shipping_lines": [],
        "tax_lines": [], "note_attributes": [], "fulfillments": [], "refunds": [],
    })
}

/// Sends a webhook as the shop does, signed over the very bytes; answers status and body.
pub async fn webhook(world: &World, merchant: &Merchant, body: &str, key: &str) -> (u16, Value) {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), body.as_bytes());
    let signature = STANDARD.encode(tag);
    let headers = [
        ("content-type", "application/json"),
        ("x-shopify-topic", "orders/create"),
        ("x-shopify-shop-domain", "flows.example"),
        ("x-shopify-webhook-id", "flows-1"),
        ("x-shopify-event-id", "flows-1"),
        ("x-shopify-hmac-sha256", &signature),
    ];
    let url = format!("{}/v1/hooks/channels/{}", world.rest, merchant.shopify);
    let answer = http::send("POST", &url, &headers, body.as_bytes()).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shops_order_is_accepted_priced_labelled_scanned_and_delivered() {
    let world = World::start(Options { rate: 7200, push: true, ..Options::default() }).await;
    let merchant = merchant(&world, "Wegweiser").await;
    let body = shopify_order(5_987_000_000_777, "Wegweiser").to_string();
    let (status, _) = webhook(&world, &merchant, &body, "another secret").await;
    assert_eq!(status, 401, "a wrong signature is refused");
    for _ in 0..2 {
        let (status, answer) = webhook(&world, &merchant, &body, WEBHOOK_SECRET).await;
        assert_eq!(status, 202, "{answer}");
    }
    let shipment = bought(&world, &merchant).await;
    let (carrier, amount) = (shipment.carrier.as_str(), shipment.amount.clone());
    assert_eq!((carrier, amount.map(|a| a.currency)), (UPS, Some("EUR".to_owned())));
    let request = ExplainRequest { shipment_id: shipment.shipment_id.clone() };
    let mut pricing = PricingServiceClient::new(world.operator(merchant.tenant));
    let why = pricing.explain(request).await.unwrap().into_inner();
    assert!(why.recomputed_equal && why.snapshot_json.contains("ups"), "{}", why.snapshot_json);
    let parcel_id = shipment.parcels[0].parcel_id.clone();
    let request = GetLabelRequest { parcel_id: parcel_id.clone(), media_type: String::new() };
    let label = world.labels(merchant.tenant).get_label(request).await.unwrap().into_inner();
    assert!(label.data.len() > 500, "{} bytes of {}", label.data.len(), label.media_type);

    let parcel = ended(&world, &merchant, &parcel_id).await;
    assert_eq!(parcel.headline(), Headline::Delivered, "{parcel:?}");
    let pushes = world.sandbox.totals(UPS).unwrap();
    let polls = world.sandbox.log(UPS).unwrap();
    let polls = polls.iter().filter(|entry| entry.path.starts_with("/api/track/v1/details/"));
    assert!(pushes.pushes_delivered > 0, "nothing was pushed: {pushes:?}");
    assert!(polls.count() > 0, "nothing was polled");
    times(&world, &parcel).await;
    world.settled(PATIENCE).await;
    assert_eq!(check::backbone_findings(&world).await, Vec::<String>::new());
    world.stop().await;
}

async fn bought(world: &World, merchant: &Merchant) -> colibri_events::labels::v1::Shipment {
    eventually("the label is bought", PATIENCE, || async {
        let seen = check::look(world, merchant.tenant).await;
        assert_eq!(seen.orders.len(), 1, "told twice, one order");
        assert_eq!(seen.orders[0].state(), OrderState::Accepted, "{:?}", seen.orders[0].reasons);
        let bought =
            |s: &_| colibri_events::labels::v1::Shipment::state(s) == ShipmentState::Bought;
        seen.shipments.into_iter().find(bought)
    })
    .await
}

/// The parcel at its end, words and places opened once: each opening is charged.
async fn ended(world: &World, merchant: &Merchant, parcel_id: &str) -> Parcel {
    let mut client = TrackingServiceClient::new(world.operator(merchant.tenant));
    let ask = |reveal| GetRequest { parcel_id: parcel_id.to_owned(), reveal };
    eventually("the parcel reaches its end", PATIENCE, || {
        let (mut client, request) = (client.clone(), ask(false));
        async move {
            let parcel = client.get(request).await.ok()?.into_inner();
            // Everything that is told of it has come, not only the last word.
            let told = world.sandbox.totals(UPS).unwrap().pushes_waiting == 0;
            let over = matches!(parcel.headline(), Headline::Delivered | Headline::Returned);
            (over && told).then_some(())
        }
    })
    .await;
    client.get(ask(true)).await.unwrap().into_inner()
}

/// Each time is the carrier's own, as its raw answer states it; an offset is the stated one, the
/// one that follows from the stated GMT time, or that of the only zone of the place, else none.
async fn times(world: &World, parcel: &Parcel) {
    assert!(parcel.scans.len() >= 4, "{:?}", parcel.scans);
    let raw = raw_activities(world, &parcel.tracking_number).await;
    let told: BTreeSet<String> = raw.iter().filter_map(local).collect();
    let ours: BTreeSet<String> = parcel.scans.iter().map(|scan| digits(&scan.local_time)).collect();
    assert_eq!(ours, told, "local times are those that UPS states");
    for Scan { local_time, utc_offset, country, .. } in &parcel.scans {
        // Köln has one zone and winter or summer time, whatever else somebody might invent.
        let known = ["", "+01:00", "+02:00"].contains(&utc_offset.as_str());
        assert!(known, "{local_time} {utc_offset} {country}");
    }
    for activity in &raw {
        let Some(stated) = activity["gmtOffset"].as_str().filter(|text| !text.is_empty()) else {
            continue;
        };
        let at = local(activity).unwrap();
        let ours = parcel.scans.iter().find(|scan| digits(&scan.local_time) == at).unwrap();
        assert_eq!(ours.utc_offset, stated, "{at}");
    }
    let delivered = parcel.scans.iter().rev().find(|scan| scan.headline == "delivered").unwrap();
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let readable = time::PrimitiveDateTime::parse(&delivered.local_time, format);
    assert!(readable.is_ok(), "{}", delivered.local_time);
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn local(activity: &Value) -> Option<String> {
    let (date, time) = (activity["date"].as_str()?, activity["time"].as_str().unwrap_or(""));
    Some(digits(date) + &if time.is_empty() { String::new() } else { format!("{time:0>6}") })
}

/// What UPS answers, asked past Colibri.
async fn raw_activities(world: &World, number: &str) -> Vec<Value> {
    let url = world.sandbox.url(UPS).unwrap();
    let pair = STANDARD.encode("kanarien-ups-client_id:kanarien-ups-client_secret");
    let basic = format!("Basic {pair}");
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", basic.as_str()),
        ("x-merchant-id", "A1B2C3"),
    ];
    let token = format!("{url}/security/v1/oauth/token");
    let form = b"grant_type=client_credentials";
    let answer = http::send("POST", &token, &headers, form).await.unwrap();
    let token: Value = serde_json::from_slice(&answer.body).unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let headers =
        [("authorization", bearer.as_str()), ("transid", "flows"), ("transactionsrc", "flows")];
    let url = format!("{url}/api/track/v1/details/{number}");
    let answer = http::send("GET", &url, &headers, b"").await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    let package = &answer["trackResponse"]["shipment"][0]["package"][0];
    package["activity"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}
