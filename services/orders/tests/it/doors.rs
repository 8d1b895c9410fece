//! What happens to one order at the door: accepted, held, refused, known.

use colibri_events::{
    orders::v1::*,
    types::v1::{Address, Date},
};
use prost_types::Timestamp;

use crate::world::{World, address, codes, order, parcel};

const ACCEPTED: i32 = OrderState::Accepted as i32;
const HELD: i32 = OrderState::Held as i32;

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_taken_in_once_and_asked_to_be_fulfilled() {
    let world = World::start().await;
    let first = world.submit_one(order("1001")).await;
    assert_eq!((first.state, first.refused.as_str(), first.replayed), (ACCEPTED, "", false));
    assert_eq!(world.told(&first.order_id).await, ["order_accepted", "fulfilment_requested"]);
    let asked: FulfilmentRequested = world.last(&first.order_id).await;
    assert_eq!(asked.origin_country, "FR");
    assert_eq!((asked.country.as_str(), asked.postcode_zone.as_str()), ("FR", "69003"));
    assert_eq!(asked.parcels, [parcel(2 * 420 + 2050)]);
    assert_eq!(asked.value.unwrap().amount_minor, 2 * 1490 + 4500);
    assert_eq!((asked.version, asked.residential), (1, true));

    let again = world.submit_one(order("1001")).await;
    assert!(again.replayed);
    assert_eq!((&again.order_id, again.state), (&first.order_id, ACCEPTED));
    let mut other = order("1001");
    other.lines[0].quantity = 3;
    let refused = world.submit_one(other).await;
    assert_eq!((refused.refused.as_str(), refused.order_id.as_str()), ("ORD0002", ""));
    assert_eq!(world.told(&first.order_id).await.len(), 2);

    let stored = world.get(&first.order_id).await;
    assert_eq!((stored.total_minor, stored.currency.as_str()), (7480, "EUR"));
    assert_eq!((stored.site_code.as_str(), stored.version), ("lyon", 1));
    assert_eq!(stored.shipment_id, asked.shipment_id);
    assert_eq!(stored.lines.len(), 2);
    assert!(stored.ship_to.is_none());
    seen_by_key_and_in_clear(&world, &first.order_id).await;
    world.stop().await;
}

async fn seen_by_key_and_in_clear(world: &World, order_id: &str) {
    let key = ExternalKey { channel: "api".into(), external_id: "1001".into() };
    let by = Some(get_request::By::External(key));
    let request = GetRequest { by: by.clone(), reveal: true };
    let seen = world.client().get(request.clone()).await.unwrap().into_inner();
    assert_eq!(seen.order_id, order_id);
    assert_eq!(seen.ship_to.unwrap(), address());
    // Reading suffices to see the order, not the person.
    let mut reader = world.client_of(world.tenant, &["orders:read"]);
    assert!(reader.get(GetRequest { by, reveal: false }).await.is_ok());
    assert_eq!(reader.get(request).await.unwrap_err().code(), tonic::Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_go_yet_is_held_with_its_reasons() {
    let world = World::start().await;
    let mut number = 0;
    let mut changed = |change: fn(&mut OrderInput)| {
        number += 1;
        let mut input = order(&format!("held-{number}"));
        change(&mut input);
        input
    };
    let cases: Vec<(OrderInput, &[&str])> = vec![
        (changed(|o| o.payment = "pending".into()), &["UNPAID"]),
        (changed(|o| o.payment = "authorized".into()), &["UNPAID"]),
        (changed(|o| o.payment = "something new".replace(' ', "_")), &["UNPAID"]),
        (changed(|o| o.test = true), &["TEST_ORDER"]),
        (changed(|o| o.lines[1].unit_weight_g = 0), &["WEIGHT_MISSING"]),
        (changed(|o| o.parcels = vec![parcel(1_000_001)]), &["PARCEL_LIMITS"]),
        (changed(|o| o.parcels = vec![parcel(500), parcel(0)]), &["PARCEL_LIMITS"]),
        (changed(|o| o.site_code = "nowhere".into()), &["NO_SITE"]),
        (changed(|o| o.ship_to = None), &["ADDRESS_MISSING"]),
        (changed(|o| o.ship_to.as_mut().unwrap().postcode.clear()), &["ADR0005"]),
        (
            changed(|o| {
                o.test = true;
                o.payment = "refunded".into();
                o.ship_to.as_mut().unwrap().city.clear();
            }),
            &["ADR0004", "TEST_ORDER", "UNPAID"],
        ),
    ];
    let inputs = cases.iter().map(|(input, _)| input.clone()).collect();
    let results = world.submit(inputs).await;
    for ((_, wanted), result) in cases.iter().zip(&results) {
        assert_eq!((result.state, &codes(&result.reasons)[..]), (HELD, *wanted), "{result:?}");
        assert!(result.reasons.iter().all(|reason| !reason.detail.is_empty()));
        assert_eq!(world.told(&result.order_id).await, ["order_held"]);
        let stored = world.get(&result.order_id).await;
        assert_eq!(codes(&stored.reasons), *wanted);
        assert_eq!(stored.shipment_id, "");
    }
    let event: OrderHeld = world.last(&results[10].order_id).await;
    assert_eq!(event.reasons[0].field, "ship_to.city");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_border_holds_no_order_and_its_goods_are_told_without_their_names() {
    let world = World::start().await;
    let mut abroad = order("swiss");
    swiss(&mut abroad);
    abroad.lines[0].hs_code = "610910".into();
    abroad.lines[0].origin_country = "PT".into();
    // Inside the customs union, outside of its VAT: papers all the same.
    let mut island = order("island");
    island.ship_to.as_mut().unwrap().postcode = "97410".into();
    let results = world.submit(vec![abroad.clone(), island, order("at-home")]).await;
    let mut told = Vec::new();
    for result in &results {
        assert_eq!(result.state(), OrderState::Accepted, "{result:?}");
        told.push(world.last::<FulfilmentRequested>(&result.order_id).await);
    }
    let borders: Vec<bool> = told.iter().map(|event| event.crosses_customs_border).collect();
    assert_eq!(borders, [true, true, false]);
    assert_eq!(told[2].goods, []);
    let goods = &told[0].goods;
    assert_eq!(goods.len(), abroad.lines.len());
    assert_eq!((goods[0].hs_code.as_str(), goods[0].origin_country.as_str()), ("610910", "PT"));
    assert_eq!(goods[0].unit_price, abroad.lines[0].unit_price);
    let bytes = prost::Message::encode_to_vec(&told[0]);
    let name = abroad.lines[0].name.as_bytes();
    assert!(!name.is_empty() && !bytes.windows(name.len()).any(|part| part == name));
    world.stop().await;
}

fn swiss(order: &mut OrderInput) {
    order.ship_to = Some(Address {
        name: "Camille Exemple".into(),
        lines: vec!["Testgasse 3".into()],
        city: "Bern".into(),
        postcode: "3011".into(),
        country: "CH".into(),
        ..Address::default()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_chosen_by_wish_then_country_then_age() {
    let world = World::without_site().await;
    let waiting = world.submit_one(order("no-site")).await;
    assert_eq!(codes(&waiting.reasons), ["NO_SITE"]);
    world.site(world.tenant, "lyon", "FR", "69003").await;
    world.site(world.tenant, "berlin", "DE", "10115").await;
    world.site(world.tenant, "paris", "FR", "75008").await;
    let to = |id: &str, country: &str, site: &str| {
        let mut input = order(id);
        let (postcode, subdivision) = match country {
            "DE" => ("10115", ""),
            "IT" => ("20121", "MI"),
            _ => ("69003", ""),
        };
        let address = input.ship_to.as_mut().unwrap();
        address.country = country.into();
        address.postcode = postcode.into();
        address.subdivision = subdivision.into();
        input.site_code = site.into();
        input
    };
    for (id, country, wish, wanted) in [
        ("a", "FR", "", "lyon"),
        ("b", "DE", "", "berlin"),
        ("c", "IT", "", "lyon"),
        ("d", "FR", "berlin", "berlin"),
        ("e", "DE", "paris", "paris"),
    ] {
        let result = world.submit_one(to(id, country, wish)).await;
        assert_eq!(result.state, ACCEPTED, "{:?}", result.reasons);
        assert_eq!(world.get(&result.order_id).await.site_code, wanted, "{id}");
    }
    // The order that waited goes once somebody releases it.
    let request = ReleaseRequest { order_id: waiting.order_id, overrule: vec![] };
    let released = world.client().release(request).await.unwrap().into_inner();
    assert_eq!((released.state, released.site_code.as_str()), (ACCEPTED, "lyon"));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_whose_event_has_not_come_is_asked_for() {
    let world = World::start().await;
    // As if the event were still on its way.
    sqlx::query("delete from orders.site").execute(&world.bed.admin).await.unwrap();
    let result = world.submit_one(order("early")).await;
    assert_eq!(result.state, ACCEPTED, "{:?}", result.reasons);
    assert_eq!(world.get(&result.order_id).await.site_code, "lyon");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_form_is_refused_by_its_fields_and_stored_nowhere() {
    let world = World::start().await;
    let mut broken = order("broken");
    broken.currency = "euro".into();
    let mut many = order("many");
    many.lines[0].quantity = 0;
    many.lines[1].unit_price = None;
    many.wanted_by = Some(Date { year: 2026, month: 2, day: 30 });
    many.updated_at = Some(Timestamp { seconds: i64::MAX, nanos: 0 });
    many.ship_to.as_mut().unwrap().country = "Atlantis".into();
    let results = world.submit(vec![broken, many, order("fine"), OrderInput::default()]).await;
    assert_eq!(results[0].refused, "ORD0001");
    let fields =
        |result: &SubmitResult| result.reasons.iter().map(|r| r.field.clone()).collect::<Vec<_>>();
    assert_eq!(fields(&results[0]), ["currency"]);
    let wanted =
        ["updated_at", "lines[0].quantity", "lines[1].unit_price", "wanted_by", "ship_to.country"];
    assert_eq!(fields(&results[1]), wanted);
    assert_eq!((results[2].state, results[2].refused.as_str()), (ACCEPTED, ""));
    assert_eq!(results[3].refused, "ORD0001");
    assert_eq!(world.count("select count(*) from orders.orders").await, 1);
    let shown = format!("{:?}", results[1]);
    assert!(!shown.contains("Atlantis"), "{shown}");
    world.stop().await;
}
