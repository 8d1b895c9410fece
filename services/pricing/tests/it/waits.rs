//! Shipments without an offer wait, and are released by what they lacked.

use colibri_events::pricing::v1::{OfferChosen, OfferUnavailable, TariffActivated};
use colibri_types::TenantId;

use crate::support::{World, account, request, tariff};

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_shipment_is_released_by_a_tariff_an_account_or_rules() {
    let world = World::start().await;
    let (tenant, other) = (TenantId::generate(), TenantId::generate());
    let (waits, signed, off) = (request(tenant), request(tenant), request(tenant));
    let elsewhere = request(other);
    let mut signed = signed;
    signed.options = vec!["signature".into()];
    let all = [waits.clone(), signed.clone(), off.clone(), elsewhere.clone()];
    world.request(&all, "1").await;
    for one in &all {
        let said: Vec<OfferUnavailable> = world.hear(&one.shipment_id, 1).await;
        let codes: Vec<&str> = said[0].reasons.iter().map(|r| r.code.as_str()).collect();
        assert_eq!(codes, ["PRC0042", "PRC0105"], "no tariff at all");
    }
    world.cancel(&off).await;
    world.settled().await;
    assert_eq!(world.state(&off).await, Some(("cancelled".into(), 1)));

    // A tariff alone does not help, nor is the same told twice.
    world.activate(tenant, &tariff("alpha-s1", 1, "alpha", "S1", "9.00")).await.unwrap();
    assert_eq!(world.state(&waits).await.unwrap().0, "waiting");
    world.account(tenant, &account("a", "alpha"), 1).await;
    let chosen: Vec<OfferChosen> = world.hear(&waits.shipment_id, 1).await;
    assert_eq!((chosen[0].carrier.as_str(), chosen[0].version), ("alpha", 1));
    world.hear::<OfferChosen>(&signed.shipment_id, 1).await;
    world.settled().await;
    assert_eq!(world.said::<OfferUnavailable>(&waits.shipment_id).await.len(), 1);
    assert_eq!(world.said::<OfferChosen>(&waits.shipment_id).await.len(), 1);
    assert_eq!(world.said::<OfferChosen>(&off.shipment_id).await, []);
    assert_eq!(world.said::<OfferChosen>(&elsewhere.shipment_id).await, []);
    assert_eq!(world.said::<TariffActivated>(&tenant.to_string()).await.len(), 1);

    // Rules put in by hand count at once, unreadable ones hold everything.
    rules(&world, tenant, r#"{"currency": "EUR", "when_late": "perhaps"}"#).await;
    let held = request(tenant);
    world.request(std::slice::from_ref(&held), "2").await;
    let said: Vec<OfferUnavailable> = world.hear(&held.shipment_id, 1).await;
    assert_eq!(said[0].reasons[0].code, "PRC0106");
    rules(&world, tenant, r#"{"currency":"EUR","when_late":"hold","deny_carriers":["alpha"]}"#)
        .await;
    let denied = request(tenant);
    world.request(std::slice::from_ref(&denied), "3").await;
    let said: Vec<OfferUnavailable> = world.hear(&denied.shipment_id, 1).await;
    let codes: Vec<&str> = said[0].reasons.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["PRC0043", "PRC0037"]);
    // The task finds both by the generation alone: nobody told it.
    rules(&world, tenant, r#"{"currency": "EUR", "when_late": "hold"}"#).await;
    world.hear::<OfferChosen>(&held.shipment_id, 1).await;
    world.hear::<OfferChosen>(&denied.shipment_id, 1).await;
    world.stop().await;
}

async fn rules(world: &World, tenant: TenantId, rules: &str) {
    sqlx::query(
        "insert into pricing.rules (tenant_id, rules) values ($1, $2::jsonb)
         on conflict (tenant_id) do update set rules = excluded.rules",
    )
    .bind(tenant.to_uuid())
    .bind(serde_json::from_str::<serde_json::Value>(rules).unwrap())
    .execute(&world.bed.admin)
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_one_transaction_may_release_are_all_released() {
    let world = World::start_with(&[("COLIBRI_PRICING__RETRY_POLL_MS", "100")]).await;
    let tenant = TenantId::generate();
    world.account(tenant, &account("a", "alpha"), 1).await;
    let many: Vec<_> = (0..1100).map(|_| request(tenant)).collect();
    for (n, some) in many.chunks(400).enumerate() {
        world.request(some, &n.to_string()).await;
    }
    world.settled().await;
    world.activate(tenant, &tariff("alpha-s1", 1, "alpha", "S1", "9.00")).await.unwrap();
    let chosen: Vec<OfferChosen> = world.hear(&tenant.to_string(), many.len()).await;
    let shipments: std::collections::BTreeSet<_> =
        chosen.iter().map(|offer| offer.shipment_id.as_str()).collect();
    assert_eq!((chosen.len(), shipments.len()), (many.len(), many.len()));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tariff_activated_while_orders_stream_in_leaves_none_waiting() {
    let world = World::start().await;
    let tenant = TenantId::generate();
    world.account(tenant, &account("a", "alpha"), 1).await;
    let many: Vec<_> = (0..600).map(|_| request(tenant)).collect();
    let stream = async {
        for (n, some) in many.chunks(30).enumerate() {
            world.request(some, &n.to_string()).await;
        }
    };
    let activate = async {
        world.hear::<OfferUnavailable>(&tenant.to_string(), 1).await;
        world.activate(tenant, &tariff("alpha-s1", 1, "alpha", "S1", "9.00")).await.unwrap();
    };
    tokio::join!(stream, activate);
    let chosen: Vec<OfferChosen> = world.hear(&tenant.to_string(), many.len()).await;
    assert_eq!(chosen.len(), many.len());
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_in_two_currencies_wait_for_a_rate() {
    let world = World::start().await;
    let tenant = TenantId::generate();
    world.account(tenant, &account("a", "alpha"), 1).await;
    world.account(tenant, &account("b", "beta"), 1).await;
    let dollars = |id, carrier, currency: &str| {
        tariff(id, 1, carrier, "S1", "9.00").replace("\"EUR\"", &format!("\"{currency}\""))
    };
    world.activate(tenant, &dollars("alpha-s1", "alpha", "USD")).await.unwrap();
    world.activate(tenant, &dollars("beta-s1", "beta", "GBP")).await.unwrap();
    let shipment = request(tenant);
    world.request(std::slice::from_ref(&shipment), "1").await;
    let said: Vec<OfferUnavailable> = world.hear(&shipment.shipment_id, 1).await;
    let codes: Vec<&str> = said[0].reasons.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["PRC0044", "PRC0039"]);
    sqlx::query(
        "insert into pricing.fx (day, base, usable_days, rates)
         values ('2026-11-20', 'EUR', 4, '{\"USD\": \"1.10\", \"GBP\": \"0.80\"}')",
    )
    .execute(&world.bed.admin)
    .await
    .unwrap();
    let chosen: Vec<OfferChosen> = world.hear(&shipment.shipment_id, 1).await;
    assert_eq!(chosen[0].carrier, "alpha");
    assert_eq!(chosen[0].amount.as_ref().unwrap().currency, "USD");
    world.stop().await;
}
