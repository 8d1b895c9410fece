//! Carriers that say no, or not now.

use colibri_events::{
    labels::v1::{LabelRefused, ShipmentState},
    vault::v1::Field,
};
use colibri_testkit::eventually;
use colibri_types::AccountId;

use crate::{
    road::nothing_personal_outside_the_vault,
    stubborn::stubborn,
    world::{PATIENCE, World, person},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_told_with_its_reason_and_a_later_version_is_bought() {
    let world = World::start().await;
    // The carrier's own no, in words that quote the address.
    let no = r#"{"messages": [{"id": "30221", "type": "ERROR", "messageContent":
        "no street Impasse des Essais for Ottokar Canari", "replacementValues": []}]}"#;
    let url = stubborn(400, "application/json", no).await;
    let account = AccountId::generate();
    let keys = [("api_key", "k"), ("suivi_key", "s")];
    world.account_at(&url, account, "colissimo", &["colissimo"], &keys, 1).await;
    let refused = world.order(account, "DOM").await;
    // What the connector knows before any call.
    let mut wrong = person();
    wrong.insert(Field::Postcode, "6900");
    let rejected = world.order_for(world.colissimo, "DOM", &wrong, 1).await;
    let mut unknown = world.order(world.ups, "11").await;
    unknown.request.options = vec!["by_balloon".into()];
    for order in [&refused, &rejected, &unknown] {
        world.tell(order).await;
    }
    let seen = world.reaches(refused.shipment_id, ShipmentState::Refused).await;
    assert_eq!((seen.code.as_str(), seen.carrier_code.as_str()), ("LBL0003", "30221"));
    let seen = world.reaches(rejected.shipment_id, ShipmentState::Refused).await;
    assert_eq!((seen.code.as_str(), seen.field.as_str()), ("LBL0002", "recipient.postcode"));
    assert_eq!(seen.reason, "a French postcode has five digits");
    let seen = world.reaches(unknown.shipment_id, ShipmentState::Refused).await;
    assert_eq!((seen.code.as_str(), seen.field.as_str()), ("LBL0002", "options"));
    for order in [&refused, &rejected, &unknown] {
        let told: Vec<LabelRefused> = world.bed.told(&order.shipment_id.to_string()).await;
        assert_eq!(told.len(), 1);
        let seen = world.get(order.shipment_id).await.unwrap();
        let shown = (seen.code, seen.carrier_code, seen.field, seen.reason);
        let event = told.into_iter().next().unwrap();
        assert_eq!((event.code, event.carrier_code, event.field, event.reason), shown);
    }
    // The buyer learns field and limit by the event, and nothing of what was written there.
    let told: Vec<LabelRefused> = world.bed.told(&rejected.shipment_id.to_string()).await;
    assert_eq!((told[0].code.as_str(), told[0].field.as_str()), ("LBL0002", "recipient.postcode"));
    assert_eq!(told[0].reason, "a French postcode has five digits");
    assert_eq!(world.count("colissimo", "label") + world.count("ups", "label"), 0);

    // The order is amended: another version, and this time it is bought.
    let (mut request, mut offer) = (unknown.request.clone(), unknown.offer.clone());
    (request.version, offer.version) = (2, 2);
    request.options.clear();
    world.say("pricing", &offer, "chosen 2").await;
    world.say("orders", &request, "requested 2").await;
    let bought = world.reaches(unknown.shipment_id, ShipmentState::Bought).await;
    assert_eq!((bought.code.as_str(), bought.field.as_str()), ("", ""));
    assert_eq!(bought.reason, "");
    nothing_personal_outside_the_vault(&world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_carrier_and_a_refused_account_are_waited_for() {
    let world = World::start().await;
    world.faults("colissimo", "buy.429=1");
    let busy = world.order(world.colissimo, "DOM").await;
    world.tell(&busy).await;
    eventually("it was put off", PATIENCE, || async {
        let query = "select max(attempt) from labels.intent where code = 'LBL0017'";
        let attempts: Option<i32> =
            sqlx::query_scalar(query).fetch_one(&world.bed.admin).await.unwrap();
        (attempts? >= 2).then_some(())
    })
    .await;
    assert_eq!(world.get(busy.shipment_id).await.unwrap().state(), ShipmentState::Buying);
    world.faults("colissimo", "");
    let bought = world.reaches(busy.shipment_id, ShipmentState::Bought).await;
    assert_eq!(world.sold("colissimo", &bought.attempt_ref).len(), 1);

    let secret = [("client_id", "id"), ("client_secret", "wrong"), ("shipper_number", "A1B2C3")];
    world.account(world.ups, "ups", &["api"], &secret, 2).await;
    eventually("the account is known", PATIENCE, || async {
        let query = "select count(*) from labels.account where version = 2";
        let known: i64 = sqlx::query_scalar(query).fetch_one(&world.bed.admin).await.unwrap();
        (known == 1).then_some(())
    })
    .await;
    let order = world.order(world.ups, "11").await;
    world.tell(&order).await;
    let shown = eventually("why it waits is shown", PATIENCE, || async {
        let shipment = world.get(order.shipment_id).await.ok()?;
        (!shipment.code.is_empty()).then_some(shipment)
    })
    .await;
    assert_eq!((shown.state(), shown.code.as_str()), (ShipmentState::Buying, "LBL0010"));
    assert_eq!(world.count("ups", "label"), 0);
    world.stop().await;
}
