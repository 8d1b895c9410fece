//! What is answered over gRPC.

use colibri_events::{
    pricing::v1::{
        ExplainRequest, ListTariffsRequest, OfferChosen, OfferUnavailable, RateRequest,
        TariffActivated,
    },
    types::v1 as types,
};
use colibri_kit::fault::RpcError;
use colibri_pricing::{decision::Record, domain::DEMO};
use colibri_types::{ShipmentId, TenantId};

use crate::support::{World, account, request, tariff};

fn question() -> RateRequest {
    RateRequest {
        origin_country: "FR".into(),
        origin_zone: "69002".into(),
        country: "FR".into(),
        postcode_zone: "75001".into(),
        parcels: vec![types::Parcel { weight_g: 1000, ..Default::default() }],
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_and_choices_are_answered_without_any_effect() {
    let world = World::start().await;
    let tenant = TenantId::generate();
    let mut client = world.client(tenant);
    let empty = client.rate(question()).await.unwrap().into_inner();
    assert_eq!((empty.quotes.len(), empty.refused.len()), (0, 0));
    let alpha = account("a", "alpha");
    world.account(tenant, &alpha, 1).await;
    world.account(tenant, &account("b", "beta"), 1).await;
    for (id, carrier, price) in
        [("alpha-s1", "alpha", "9.00"), ("beta-s1", "beta", "5.00"), ("gamma-s1", "gamma", "1.00")]
    {
        world.activate(tenant, &tariff(id, 1, carrier, "S1", price)).await.unwrap();
    }
    let rated = client.rate(question()).await.unwrap().into_inner();
    let prices: Vec<_> = rated
        .quotes
        .iter()
        .map(|q| (q.carrier.as_str(), q.total.as_ref().unwrap().amount_minor))
        .collect();
    assert_eq!(prices, [("beta", 500), ("alpha", 900)]);
    assert_eq!(rated.quotes[1].account_id, alpha.account_id);
    assert_eq!(rated.quotes[0].lines[0].code, "base");
    assert_eq!(rated.quotes[0].lines[0].unrounded, "5.00");
    assert_eq!((rated.refused.len(), rated.refused[0].code.as_str()), (1, "PRC0104"));

    let chosen = client.choose(question()).await.unwrap().into_inner();
    assert_eq!(chosen.chosen.unwrap().carrier, "beta");
    assert_eq!(chosen.reason, "the cheapest offer");
    let elsewhere = RateRequest { country: "JP".into(), ..question() };
    let held = client.choose(elsewhere).await.unwrap().into_inner();
    assert!(held.chosen.is_none() && held.reason.starts_with("PRC0042: "), "{}", held.reason);
    assert!(held.refused.iter().any(|r| r.code == "PRC0022"));

    for (change, code, field) in [
        ((|q| q.parcels.clear()) as fn(&mut RateRequest), "PRC0014", "parcels"),
        (|q| q.origin_country = "fr".into(), "PRC0101", "origin_country"),
        (|q| q.options = vec!["teleport".into()], "PRC0102", "options[0]"),
        (
            |q| q.wanted_by = Some(types::Date { year: 2026, month: 2, day: 30 }),
            "PRC0101",
            "wanted_by",
        ),
        (
            |q| q.ship_date = Some(types::Date { year: 2026, month: 11, day: 22 }),
            "PRC0015",
            "ship_date",
        ),
    ] {
        let mut wrong = question();
        change(&mut wrong);
        let error = RpcError::from_status(&client.rate(wrong).await.unwrap_err());
        assert_eq!(
            (error.code, error.reason.as_deref()),
            (tonic::Code::InvalidArgument, Some(code))
        );
        assert_eq!(error.fields[0].field, field);
    }
    let offers: i64 = sqlx::query_scalar("select count(*) from pricing.offer")
        .fetch_one(&world.bed.admin)
        .await
        .unwrap();
    assert_eq!(offers, 0);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_explained_and_recomputed_even_after_its_tariff_was_replaced() {
    let world = World::start().await;
    let tenant = TenantId::generate();
    for carrier in ["ups", "colissimo"] {
        world.account(tenant, &account(carrier, carrier), 1).await;
    }
    for (_, text) in DEMO {
        world.activate(tenant, text).await.unwrap();
    }
    let shipment = request(tenant);
    world.request(std::slice::from_ref(&shipment), "1").await;
    let chosen: Vec<OfferChosen> = world.hear(&shipment.shipment_id, 1).await;
    let mut client = world.client(tenant);
    let explain = ExplainRequest { shipment_id: shipment.shipment_id.clone() };
    let before = client.explain(explain.clone()).await.unwrap().into_inner();
    assert!(before.recomputed_equal);
    let record: Record = serde_json::from_str(&before.snapshot_json).unwrap();
    assert_eq!(record.account.unwrap().to_string(), chosen[0].account_id);
    let quote = record.decision.choice.quote(&record.decision.rating).unwrap();
    assert_eq!(quote.total.amount_minor, chosen[0].amount.as_ref().unwrap().amount_minor);

    // Every tariff is replaced; the old decision still stands on the old figures.
    for (_, text) in DEMO {
        let next =
            text.replace("\nversion = 1\n", "\nversion = 2\n").replace("price = \"", "price = \"1");
        world.activate(tenant, &next).await.unwrap();
    }
    let after = client.explain(explain.clone()).await.unwrap().into_inner();
    assert_eq!(before, after);
    let other = request(tenant);
    world.request(std::slice::from_ref(&other), "2").await;
    let dearer: Vec<OfferChosen> = world.hear(&other.shipment_id, 1).await;
    assert!(
        dearer[0].amount.as_ref().unwrap().amount_minor
            > chosen[0].amount.as_ref().unwrap().amount_minor
    );
    let listed = client.list_tariffs(ListTariffsRequest {}).await.unwrap().into_inner().tariffs;
    assert_eq!(listed.len(), DEMO.len());
    assert!(listed.iter().all(|t| t.version == 2));

    // A changed record is noticed.
    let id: ShipmentId = shipment.shipment_id.parse().unwrap();
    let total = chosen[0].amount.as_ref().unwrap().amount_minor;
    let forged = before
        .snapshot_json
        .replace(&format!("\"amount_minor\":{total}"), &format!("\"amount_minor\":{}", total - 1));
    assert_ne!(forged, before.snapshot_json);
    sqlx::query("update pricing.offer set record = $2 where shipment_id = $1")
        .bind(id.to_uuid())
        .bind(forged.as_bytes())
        .execute(&world.bed.admin)
        .await
        .unwrap();
    let found = client.explain(explain).await.unwrap().into_inner();
    assert!(!found.recomputed_equal);

    // What was never rated has reasons only; what was never heard of is not found.
    let mut broken = request(tenant);
    broken.parcels.clear();
    world.request(std::slice::from_ref(&broken), "3").await;
    world.hear::<OfferUnavailable>(&broken.shipment_id, 1).await;
    let explain = ExplainRequest { shipment_id: broken.shipment_id };
    let said = client.explain(explain).await.unwrap().into_inner();
    assert_eq!(said.snapshot_json, r#"{"reasons":["PRC0014 parcels"],"state":"refused"}"#);
    for unknown in [ShipmentId::generate().to_string(), "nonsense".to_owned()] {
        let explain = ExplainRequest { shipment_id: unknown };
        let error = RpcError::from_status(&client.explain(explain).await.unwrap_err());
        assert_eq!((error.code, error.reason.as_deref()), (tonic::Code::NotFound, Some("PRC0103")));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tariff_is_checked_as_a_whole_and_a_version_never_changes() {
    let world = World::start().await;
    let tenant = TenantId::generate();
    let good = tariff("alpha-s1", 1, "alpha", "S1", "9.00");
    let two_wrong = good.replace("weight_step_g = 1", "weight_step_g = 0").replace("9.00", "-9.00");
    let error = world.activate(tenant, &two_wrong).await.unwrap_err();
    assert_eq!(error.code, tonic::Code::InvalidArgument);
    let mut fields: Vec<_> =
        error.fields.iter().map(|f| (f.field.as_str(), f.code.as_str())).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [("toml.weight_step_g", "PRC0012"), ("toml.zones.all.breaks[0].price", "PRC0008")]
    );
    for text in ["nonsense", &good.replace("weight_step_g", "weight_stepp_g")] {
        let error = world.activate(tenant, text).await.unwrap_err();
        assert_eq!(error.reason.as_deref(), Some("PRC0001"));
        assert_eq!(error.fields[0].field, "toml");
    }
    let huge = format!("{good}\n#{}", "x".repeat(1024 * 1024));
    let error = world.activate(tenant, &huge).await.unwrap_err();
    assert_eq!(error.reason.as_deref(), Some("PRC0001"));
    assert_eq!(world.said::<TariffActivated>(&tenant.to_string()).await, []);

    let summary = world.activate(tenant, &good).await.unwrap();
    assert_eq!((summary.tariff_id.as_str(), summary.version), ("alpha-s1", 1));
    assert_eq!(
        (summary.valid_from.as_str(), summary.valid_to.as_str()),
        ("2026-01-01", "2026-12-31")
    );
    // Again, also with other comments: the same version, told once.
    assert_eq!(world.activate(tenant, &good).await.unwrap(), summary);
    let commented = format!("# Rewritten\n{good}");
    assert_eq!(world.activate(tenant, &commented).await.unwrap(), summary);
    let error = world.activate(tenant, &good.replace("9.00", "8.00")).await.unwrap_err();
    assert_eq!(
        (error.code, error.reason.as_deref()),
        (tonic::Code::AlreadyExists, Some("PRC0107"))
    );

    // A version for part of the year stands beside the first, one for all of it replaces both; an
    // older one that comes late takes no part.
    let version = |n: u32| good.replace("version = 1", &format!("version = {n}"));
    let part = version(2).replace("valid_from = \"2026-01-01\"", "valid_from = \"2026-12-01\"");
    world.activate(tenant, &part).await.unwrap();
    let mut client = world.client(tenant);
    let mut versions = async || {
        let listed = client.list_tariffs(ListTariffsRequest {}).await.unwrap().into_inner();
        listed.tariffs.iter().map(|t| t.version).collect::<Vec<_>>()
    };
    assert_eq!(versions().await, [1, 2]);
    world.activate(tenant, &version(4)).await.unwrap();
    assert_eq!(versions().await, [4]);
    world.activate(tenant, &version(3)).await.unwrap();
    assert_eq!(versions().await, [4]);
    let told: Vec<TariffActivated> = world.hear(&tenant.to_string(), 4).await;
    assert_eq!(told.iter().map(|t| t.version).collect::<Vec<_>>(), [1, 2, 4, 3]);
    world.stop().await;
}
