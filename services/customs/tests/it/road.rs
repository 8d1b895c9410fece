//! From an order to papers: incomplete, corrected, released, whatever the order of the facts.

use std::collections::BTreeSet;

use colibri_events::{
    customs::v1::{
        Declaration, DeclarationIncomplete, DeclarationReady, DeclarationState, DestinationTerms,
        GetDeclarationRequest, GetPaperRequest, Profile, ReassessRequest, SkuInput,
        get_declaration_request::By,
    },
    orders::v1::OrderCancelled,
    vault::v1::Field,
};
use colibri_types::{DeclarationId, TenantId};

use crate::world::{CANARIES, PATIENCE, World, code, goods, person, profile, shirt};

fn fields(declaration: &colibri_events::customs::v1::Declaration) -> BTreeSet<String> {
    declaration.missing.iter().map(|one| one.field.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_and_a_correction_releases_by_itself() {
    let world = World::start().await;
    let order = world.order("GB", vec![goods("TEE", 2), goods("NEW", 1)]).await;
    world.put_skus(&[SkuInput { confirmed: false, ..shirt("TEE") }]).await;
    world.tell(&order).await;
    let found = world.reaches(order.shipment_id, DeclarationState::Incomplete).await;
    let wanted = ["skus[TEE].hs_code", "skus[NEW]", "profile.eori"].map(str::to_owned);
    assert_eq!(fields(&found), BTreeSet::from(wanted));
    let said: Vec<DeclarationIncomplete> = world.said(order.shipment_id).await;
    assert_eq!((said.len(), said[0].version, said[0].missing.len()), (1, 1, 3));

    // Each correction is enough for its own field, the last one releases.
    let answer = world.put_skus(&[shirt("TEE"), shirt("NEW")]).await;
    assert_eq!(answer.waiting, 1);
    colibri_testkit::eventually("the profile is what is left", PATIENCE, || async {
        let now = world.get(order.shipment_id).await.ok()?;
        (fields(&now) == BTreeSet::from(["profile.eori".to_owned()])).then_some(())
    })
    .await;
    world.put_profile(profile()).await;
    let ready = world.reaches(order.shipment_id, DeclarationState::Ready).await;
    assert!(ready.missing.is_empty() && ready.revision >= 3);
    let kinds: Vec<&str> = ready.papers.iter().map(|paper| paper.kind.as_str()).collect();
    assert_eq!(kinds, ["invoice", "advance"]);
    let events: Vec<DeclarationReady> = world.said(order.shipment_id).await;
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.version, event.revision), (1, ready.revision));
    assert_eq!(event.parcels[0].items[0].hs_code, "61091000");
    assert_eq!(event.parcels[0].items.len(), 2);
    assert_eq!((event.scheme.as_str(), event.scheme_id.as_str()), ("supply_vat", "GB123456727"));
    assert_eq!((event.incoterm.as_str(), event.reason.as_str()), ("DAP", "sale"));
    found_by_each_id(&world, &ready, &event.declaration_id).await;
    assert!(event.rules.contains(&"gb-135".to_owned()));

    // The papers open, for this tenant only.
    let paper = |tenant: TenantId, at: usize| {
        let mut client = world.client_of(tenant);
        let document_id = ready.papers[at].document_id.clone();
        let request = GetPaperRequest { document_id, media_type: String::new() };
        async move { client.get_paper(request).await.map(|r| r.into_inner()) }
    };
    let invoice = paper(world.tenant, 0).await.unwrap();
    assert!(invoice.data.starts_with(b"%PDF"));
    let record = String::from_utf8(paper(world.tenant, 1).await.unwrap().data.to_vec()).unwrap();
    assert!(record.contains("Ottokar Canari") && record.contains("61091000"));
    assert_eq!(code(&paper(TenantId::generate(), 0).await.unwrap_err()), "CUS0001");
    nobody_is_named(&world).await;
    world.stop().await;
}

/// A return finds the declaration by the id that it was told, or by its order.
async fn found_by_each_id(world: &World, ready: &Declaration, told: &str) {
    assert!(told.starts_with("dcl_") && told == ready.declaration_id, "{told}");
    let ask = async |by: By, tenant: TenantId| {
        let request = GetDeclarationRequest { by: Some(by) };
        world.client_of(tenant).get_declaration(request).await.map(|r| r.into_inner())
    };
    let by_id = By::DeclarationId(told.to_owned());
    for by in [by_id.clone(), By::OrderId(ready.order_id.clone())] {
        assert_eq!(&ask(by, world.tenant).await.unwrap(), ready);
    }
    for (by, tenant) in [
        (by_id, TenantId::generate()),
        (By::DeclarationId(ready.shipment_id.clone()), world.tenant),
        (By::DeclarationId(DeclarationId::generate().to_string()), world.tenant),
    ] {
        assert_eq!(code(&ask(by, tenant).await.unwrap_err()), "CUS0001");
    }
}

/// No text of the addressee lies in the schema of customs.
async fn nobody_is_named(world: &World) {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', table_schema, table_name) from information_schema.tables
          where table_schema = 'customs' and table_type = 'BASE TABLE'",
    )
    .fetch_all(&world.bed.admin)
    .await
    .unwrap();
    assert!(tables.len() > 8);
    for table in tables {
        for canary in CANARIES {
            let sql = format!(
                "select count(*) from {table} t
                  where position($1 in t::text) > 0
                     or position(encode(convert_to($1, 'UTF8'), 'hex') in t::text) > 0"
            );
            let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(canary);
            let count: i64 = query.fetch_one(&world.bed.admin).await.unwrap();
            assert_eq!(count, 0, "{canary} in {table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_and_reordered_facts_come_to_the_same() {
    let world = World::start().await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    let order = world.order("CH", vec![goods("TEE", 3)]).await;
    // The offer first, and everything twice.
    world.say("pricing", &order.offer, "chosen 1").await;
    world.say("orders", &order.request, "requested 1").await;
    world.say("pricing", &order.offer, "chosen 1 again").await;
    world.say("orders", &order.request, "requested 1 again").await;
    let ready = world.reaches(order.shipment_id, DeclarationState::Ready).await;
    // A later version replaces the earlier one; the earlier one again changes nothing.
    let mut later = order.clone();
    later.request.version = 2;
    later.offer.version = 2;
    later.request.goods[0].quantity = 1;
    world.say("pricing", &later.offer, "chosen 2").await;
    world.say("orders", &later.request, "requested 2").await;
    world.say("orders", &order.request, "requested 1 late").await;
    let second = colibri_testkit::eventually("version 2 is ready", PATIENCE, || async {
        let now = world.get(order.shipment_id).await.ok()?;
        (now.version == 2 && now.state() == DeclarationState::Ready).then_some(now)
    })
    .await;
    assert_eq!((ready.revision, second.revision), (1, 2));
    let events: Vec<DeclarationReady> = world.said(order.shipment_id).await;
    let told: Vec<(u64, u32)> = events.iter().map(|e| (e.version, e.revision)).collect();
    assert_eq!(told, [(1, 1), (2, 2)]);
    assert_eq!(events[1].parcels[0].items[0].quantity, 1);
    // Asked again it is a new revision, with papers of its own.
    let request = ReassessRequest { shipment_id: order.shipment_id.to_string() };
    world.client().reassess(request).await.unwrap();
    let third = colibri_testkit::eventually("revision 3 is ready", PATIENCE, || async {
        let now = world.get(order.shipment_id).await.ok()?;
        (now.revision == 3 && now.state() == DeclarationState::Ready).then_some(now)
    })
    .await;
    assert_ne!(third.papers, second.papers);
    // Off is off.
    let off = OrderCancelled {
        order_id: order.request.order_id.clone(),
        tenant_id: world.tenant.to_string(),
        shipment_id: order.shipment_id.to_string(),
        version: 3,
        ..OrderCancelled::default()
    };
    world.say("orders", &off, "off").await;
    world.reaches(order.shipment_id, DeclarationState::Cancelled).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_destination_has_its_own_needs() {
    let world = World::start().await;
    world.put_skus(&[shirt("TEE"), SkuInput { hts10: String::new(), ..shirt("SIX") }]).await;
    let ddp = DestinationTerms { country: "NO".into(), incoterm: "DDP".into() };
    let ioss = "IM2500000017".to_owned();
    world.put_profile(Profile { destinations: vec![ddp], ioss, ..profile() }).await;
    // The United States want ten digits, and never zeros at the end of six.
    let us = world.order("US", vec![goods("SIX", 1)]).await;
    // By post there is a form of the post, and room for its number.
    let mut ch = world.order("CH", vec![goods("TEE", 1)]).await;
    ch.offer.carrier = "colissimo".into();
    // The Canary Islands are inside the customs territory and outside of its taxes.
    let mut ic = world.order("ES", vec![goods("TEE", 1)]).await;
    ic.request.postcode_zone = "35001".into();
    // Who promises to pay must know how much: the sample's rates are no promise.
    let no = world.order("NO", vec![goods("TEE", 10)]).await;
    // What the shop does not know: weight, and a price.
    let mut light = world.order("GB", vec![goods("TEE", 1)]).await;
    light.request.goods[0].unit_weight_g = 0;
    light.request.goods[0].unit_price = None;
    // More lines than a declaration holds.
    let mut long = world.order("GB", vec![goods("TEE", 1); 3]).await;
    long.request.goods = vec![goods("TEE", 1); 1000];
    // Nobody to reach.
    let mut silent = person("GB");
    silent.remove(&Field::Email);
    let silent = world.order_for("GB", &silent, vec![goods("TEE", 1)]).await;
    // Two parcels: the pieces are spread, and it is said.
    let mut two = world.order("GB", vec![goods("TEE", 10)]).await;
    two.request.parcels[0].weight_g = 1_000;
    two.request.parcels.push(two.request.parcels[0]);
    for order in [&us, &ch, &ic, &no, &light, &long, &silent, &two] {
        world.tell(order).await;
    }
    let lacks = async |id| fields(&world.reaches(id, DeclarationState::Incomplete).await);
    let set = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(lacks(us.shipment_id).await, set(&["skus[SIX].hts10"]));
    assert_eq!(lacks(no.shipment_id).await, set(&["duty"]));
    let wanted = set(&["goods[0].unit_weight_g", "goods[0].unit_price"]);
    assert_eq!(lacks(light.shipment_id).await, wanted);
    assert_eq!(lacks(long.shipment_id).await, set(&["goods"]));
    assert_eq!(lacks(silent.shipment_id).await, set(&["ship_to.phone"]));
    let post = world.reaches(ch.shipment_id, DeclarationState::Ready).await;
    let kinds: Vec<&str> = post.papers.iter().map(|paper| paper.kind.as_str()).collect();
    assert_eq!((kinds, post.channel.as_str()), (vec!["cn23", "invoice", "advance"], "post"));
    let islands = world.reaches(ic.shipment_id, DeclarationState::Ready).await;
    assert!(!islands.papers.is_empty());
    let told: Vec<DeclarationReady> = world.said(ic.shipment_id).await;
    let scheme = (told[0].scheme.as_str(), told[0].scheme_id.as_str());
    assert_eq!(scheme, ("", ""), "no one-stop shop outside of the Union's taxes");
    world.reaches(two.shipment_id, DeclarationState::Ready).await;
    let events: Vec<DeclarationReady> = world.said(two.shipment_id).await;
    let pieces: Vec<u32> = events[0].parcels.iter().map(|p| p.items[0].quantity).collect();
    assert!(events[0].contents_assumed);
    assert_eq!(pieces, [6, 4]);
    world.stop().await;
}
