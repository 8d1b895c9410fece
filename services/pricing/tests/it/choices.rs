//! What is chosen, and how often.

use colibri_events::{
    pricing::v1::{ExplainRequest, OfferChosen, OfferUnavailable},
    types::v1 as types,
};
use colibri_types::TenantId;

use crate::support::{World, account, request, tariff};

#[tokio::test(flavor = "multi_thread")]
async fn each_version_is_chosen_once_and_the_latest_wins_in_any_order() {
    let world = World::start().await;
    let tenant = TenantId::generate();
    let dear = account("a", "alpha");
    let cheap = account("b", "beta");
    world.account(tenant, &dear, 1).await;
    world.account(tenant, &cheap, 1).await;
    world.activate(tenant, &tariff("alpha-s1", 1, "alpha", "S1", "9.00")).await.unwrap();
    world.activate(tenant, &tariff("beta-s2", 1, "beta", "S2", "5.00")).await.unwrap();

    // The same event three times: twice in one transaction, once more later.
    let first = request(tenant);
    world.request(&[first.clone(), first.clone()], "one").await;
    world.request(std::slice::from_ref(&first), "again").await;
    world.settled().await;
    let said: Vec<OfferChosen> = world.said(&first.shipment_id).await;
    assert_eq!(said.len(), 1);
    let offer = &said[0];
    assert_eq!((offer.carrier.as_str(), offer.service.as_str()), ("beta", "S2"));
    assert_eq!(offer.account_id, cheap.account_id);
    assert_eq!(offer.order_id, first.order_id);
    assert_eq!(offer.amount, Some(types::Money { amount_minor: 500, currency: "EUR".into() }));
    // A Monday noon: one to two working days.
    assert_eq!(offer.promised_earliest, Some(types::Date { year: 2026, month: 11, day: 24 }));
    assert_eq!(offer.promised_latest, Some(types::Date { year: 2026, month: 11, day: 25 }));
    assert!(!offer.late && offer.offer_id.starts_with("ofr_"));

    // Version 3 before version 2: 2 changes nothing any more.
    let mut third = request(tenant);
    third.version = 3;
    let mut second = third.clone();
    second.version = 2;
    second.parcels[0].weight_g = 99_000;
    world.request(std::slice::from_ref(&third), "three").await;
    world.request(std::slice::from_ref(&second), "two").await;
    world.settled().await;
    let said: Vec<OfferChosen> = world.said(&third.shipment_id).await;
    assert_eq!(said.iter().map(|offer| offer.version).collect::<Vec<_>>(), [3]);
    assert_eq!(world.said::<OfferUnavailable>(&third.shipment_id).await, []);

    // A later version is chosen anew, under another id.
    let mut fourth = third.clone();
    fourth.version = 4;
    world.request(&[third.clone(), fourth.clone(), second], "four").await;
    let said: Vec<OfferChosen> = world.hear(&third.shipment_id, 2).await;
    assert_eq!(said[1].version, 4);
    assert_ne!(said[0].offer_id, said[1].offer_id);
    assert_eq!(world.state(&third).await, Some(("chosen".into(), 4)));

    // Hundreds at once, in one slice or several: one offer each.
    let many: Vec<_> = (0..300).map(|_| request(tenant)).collect();
    world.request(&many, "many").await;
    world.settled().await;
    for one in &many {
        assert_eq!(world.said::<OfferChosen>(&one.shipment_id).await.len(), 1);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_own_enabled_accounts_that_may_ship_from_there_are_used() {
    let world = World::start().await;
    let (tenant, other) = (TenantId::generate(), TenantId::generate());
    for whose in [tenant, other] {
        world.activate(whose, &tariff("alpha-s1", 1, "alpha", "S1", "9.00")).await.unwrap();
    }
    // The other tenant has the cheaper tariff, the account and everything.
    world.activate(other, &tariff("beta-s2", 1, "beta", "S2", "5.00")).await.unwrap();
    world.account(other, &account("b", "beta"), 1).await;
    let mut off = account("a", "alpha");
    off.disabled = true;
    world.account(tenant, &off, 1).await;
    let mut german = account("b", "alpha");
    german.origin_countries = vec!["DE".into()];
    world.account(tenant, &german, 1).await;

    let shipment = request(tenant);
    world.request(std::slice::from_ref(&shipment), "1").await;
    let said: Vec<OfferUnavailable> = world.hear(&shipment.shipment_id, 1).await;
    let codes: Vec<&str> = said[0].reasons.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["PRC0042", "PRC0104"]);

    // Two that fit: the first by code. An older version of the disabled one changes nothing.
    let (late, early) = (account("z", "alpha"), account("m", "alpha"));
    world.account(tenant, &late, 1).await;
    let chosen: Vec<OfferChosen> = world.hear(&shipment.shipment_id, 1).await;
    assert_eq!(chosen[0].account_id, late.account_id);
    world.account(tenant, &early, 1).await;
    let next = request(tenant);
    world.request(std::slice::from_ref(&next), "2").await;
    let chosen: Vec<OfferChosen> = world.hear(&next.shipment_id, 1).await;
    assert_eq!(chosen[0].account_id, early.account_id);
    assert_eq!(chosen[0].carrier, "alpha", "the other tenant's tariff of beta is not ours");

    // Switched on with version 3; version 2, which switched it off, comes late.
    off.disabled = false;
    world.account(tenant, &off, 3).await;
    off.disabled = true;
    world.account(tenant, &off, 2).await;
    let mut again = request(tenant);
    world.request(std::slice::from_ref(&again), "3").await;
    let chosen: Vec<OfferChosen> = world.hear(&again.shipment_id, 1).await;
    assert_eq!(chosen[0].account_id, off.account_id);
    world.account(tenant, &off, 4).await;
    again = request(tenant);
    world.request(std::slice::from_ref(&again), "4").await;
    let chosen: Vec<OfferChosen> = world.hear(&again.shipment_id, 1).await;
    assert_eq!(chosen[0].account_id, early.account_id);

    // Nor can the other tenant read what was decided here.
    let explain = ExplainRequest { shipment_id: shipment.shipment_id.clone() };
    let status = world.client(other).explain(explain).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::NotFound);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_priced_is_told_with_its_field() {
    let world = World::start().await;
    let tenant = TenantId::generate();
    world.account(tenant, &account("a", "alpha"), 1).await;
    world.activate(tenant, &tariff("alpha-s1", 1, "alpha", "S1", "9.00")).await.unwrap();
    let mut cases = Vec::new();
    let mut broken =
        |code, field, change: fn(&mut colibri_events::orders::v1::FulfilmentRequested)| {
            let mut event = request(tenant);
            change(&mut event);
            cases.push((event, code, field));
        };
    broken("PRC0014", "parcels", |e| e.parcels.clear());
    broken("PRC0016", "postcode_zone", |e| e.postcode_zone = "75/1".into());
    broken("PRC0101", "country", |e| e.country = "ZZ".into());
    broken("PRC0101", "value.currency", |e| e.value.as_mut().unwrap().currency = "??".into());
    broken("PRC0101", "parcels[0]", |e| e.parcels[0].length_mm = 10);
    broken("PRC0102", "options[0]", |e| e.options = vec!["teleport".into()]);
    let events: Vec<_> = cases.iter().map(|(event, ..)| event.clone()).collect();
    let good = request(tenant);
    world.request(&events, "broken").await;
    world.request(std::slice::from_ref(&good), "good").await;
    for (event, code, field) in &cases {
        let said: Vec<OfferUnavailable> = world.hear(&event.shipment_id, 1).await;
        let reason = &said[0].reasons[0];
        assert_eq!((reason.code.as_str(), reason.field.as_str()), (*code, *field));
        assert_eq!(world.state(event).await.unwrap().0, "refused");
    }
    world.hear::<OfferChosen>(&good.shipment_id, 1).await;
    // A corrected version is chosen.
    let (mut event, ..) = cases.remove(0);
    event.version = 2;
    event.parcels = good.parcels.clone();
    world.request(std::slice::from_ref(&event), "corrected").await;
    world.hear::<OfferChosen>(&event.shipment_id, 1).await;
    world.stop().await;
}
