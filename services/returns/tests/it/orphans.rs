//! What came and belongs to no open return is held, matched and settled by a person, and each unit
//! is counted in one place.

use colibri_events::returns::v1::{orphan_clue::By, settle_orphan_request::Way, *};
use colibri_sandbox::PaymentOptions;
use colibri_testkit::eventually;
use colibri_types::TenantId;
use futures::future::join_all;

use crate::world::{PATIENCE, World, as_new, code, codes, line, request};

fn clue(by: By) -> Option<OrphanClue> {
    Some(OrphanClue { by: Some(by) })
}

fn shirts(id: &str, units: u32, number: &str) -> RecordOrphanRequest {
    RecordOrphanRequest {
        request_id: id.into(),
        clue: clue(By::TrackingNumber(number.into())),
        items: vec![OrphanUnits { sku: "SHIRT".into(), units }],
        weight_g: 600,
        ..RecordOrphanRequest::default()
    }
}

fn settle(orphan: &str, id: &str, units: u32, way: Way) -> SettleOrphanRequest {
    SettleOrphanRequest {
        orphan_id: orphan.into(),
        request_id: id.into(),
        item: 1,
        units,
        way: Some(way),
        reason: "label_torn".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_announced_is_held_and_counted_in_one_place() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("lost", 2).await;
    world.numbered(&sold, &sold.parcel_id, "1ZSENDER").await;
    let calls = (0..6).map(|_| {
        let (mut client, found) = (world.client(), shirts("o-1", 2, "1ZNOBODY"));
        async move { client.record_orphan(found).await }
    });
    let mut ids: Vec<String> = join_all(calls)
        .await
        .into_iter()
        .filter_map(|a| Some(a.ok()?.into_inner().orphan_id))
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "recorded once");
    let id = ids.remove(0);
    let seen =
        world.client().record_orphan(shirts("o-1", 2, "1ZNOBODY")).await.unwrap().into_inner();
    assert_eq!((seen.orphan_id.as_str(), seen.order_id.as_str()), (id.as_str(), ""));
    let other = world.client().record_orphan(shirts("o-1", 1, "")).await.unwrap_err();
    assert_eq!(code(&other), "RET0002", "an empty number is none");
    let other = world.client().record_orphan(shirts("o-1", 1, "1ZNOBODY")).await.unwrap_err();
    assert_eq!(code(&other), "RET0007");
    assert_eq!(world.balance().await.orphan_units, 2);

    // By the number of the way out, or that of the order.
    for by in [By::TrackingNumber("1ZSENDER".into()), By::OrderNumber(sold.number.clone())] {
        let matched = MatchOrphanRequest { orphan_id: id.clone(), clue: clue(by) };
        let matched = world.client().match_orphan(matched).await.unwrap().into_inner();
        assert_eq!(matched.order_id, sold.order_id);
    }
    let nowhere = clue(By::OrderNumber("#none".into()));
    let nowhere = MatchOrphanRequest { orphan_id: id.clone(), clue: nowhere };
    let refused = world.client().match_orphan(nowhere).await.unwrap_err();
    assert_eq!(codes(&refused), ("RET0002".into(), "UNKNOWN".into()));

    let own = RequestRequest {
        way_back: WayBack::Own.into(),
        ..request("o-2", &sold, vec![line(1, 1, "fit")])
    };
    let back = world.client().request(own).await.unwrap().into_inner().return_id;
    let get = GetOrphanRequest { orphan_id: id.clone() };
    let seen = world.client().get_orphan(get.clone()).await.unwrap().into_inner();
    assert_eq!(seen.return_ids, std::slice::from_ref(&back));
    let into = || Way::ToReturn(IntoReturn { return_id: back.clone(), line: 1 });
    let two = world.client().settle_orphan(settle(&id, "s-0", 2, into())).await.unwrap_err();
    assert_eq!(codes(&two), ("RET0006".into(), "QUANTITY_EXCEEDS_ADVISED".into()));
    // One unit is awaited: many clicks, of one person and of several, move one.
    let calls = (0..8).map(|n| {
        let (mut client, one) = (world.client(), settle(&id, &format!("s-{}", n / 4), 1, into()));
        async move { client.settle_orphan(one).await }
    });
    let answers = join_all(calls).await;
    assert!(answers.iter().any(Result::is_ok));
    let seen = world.client().get_orphan(get).await.unwrap().into_inner();
    assert_eq!((seen.items[0].units, seen.items[0].held, seen.moves.len()), (2, 1, 1));
    let goods = world.get(&back).await.lines[0].goods.unwrap();
    assert_eq!((goods.advised, goods.received, goods.surplus), (1, 1, 0));
    assert_eq!(world.balance().await.orphan_units, 1);

    let early = Way::End(OrphanEnd::Recycled.into());
    let early = world.client().settle_orphan(settle(&id, "s-5", 1, early)).await.unwrap_err();
    assert_eq!(codes(&early), ("RET0006".into(), "NOT_EXPIRED".into()));
    let sent = settle(&id, "s-6", 1, Way::End(OrphanEnd::SentBack.into()));
    for _ in 0..2 {
        let seen = world.client().settle_orphan(sent.clone()).await.unwrap().into_inner();
        assert!(seen.settled && seen.moves.len() == 2);
    }
    let open = ListOrphansRequest::default();
    assert!(world.client().list_orphans(open).await.unwrap().into_inner().orphans.is_empty());
    eventually("events tell of it", PATIENCE, || async {
        let told = (world.events("orphan_found").await, world.events("orphan_settled").await);
        (told == (1, 2)).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_leaves_the_return_and_the_return_closes() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("extra", 2).await;
    let asked = world.asked(request("e-1", &sold, vec![line(1, 1, "fit")])).await;
    let id = asked.return_id.clone();
    world.numbered(&sold, &asked.parcels[0].parcel_ids[0], "1ZBACK").await;
    let known = world.client().record_orphan(shirts("e-2", 1, "1ZBACK")).await.unwrap_err();
    assert_eq!(codes(&known), ("RET0021".into(), "OPEN_RETURN".into()));

    let counted = vec![
        CountedLine { line: 1, units: 2, ..CountedLine::default() },
        CountedLine { line: 0, units: 1, sku: "BRICK".into(), ..CountedLine::default() },
    ];
    let count = ReceiveRequest {
        return_id: id.clone(),
        request_id: "count".into(),
        label: 1,
        counted,
        ..ReceiveRequest::default()
    };
    world.client().receive(count).await.unwrap();
    let extra = |request: &str, extra: &str, units| SettleExtraRequest {
        return_id: id.clone(),
        request_id: request.into(),
        line: 0,
        extra: extra.into(),
        units,
        sku: if extra == "foreign" { "BRICK".into() } else { String::new() },
    };
    let many = world.client().settle_extra(extra("x-0", "surplus", 2)).await.unwrap_err();
    assert_eq!(codes(&many), ("RET0006".into(), "QUANTITY_EXCEEDS_ADVISED".into()));
    let mut held = Vec::new();
    for (request, word) in [("x-1", "surplus"), ("x-1", "surplus"), ("x-2", "foreign")] {
        held.push(world.client().settle_extra(extra(request, word, 1)).await.unwrap().into_inner());
    }
    assert_eq!(held[0], held[1]);
    assert_eq!((held[1].items[0].sku.as_str(), held[2].items[0].sku.as_str()), ("SHIRT", "BRICK"));
    assert_eq!(held[2].why(), OrphanWhy::WrongGoods);
    assert_eq!((held[2].found_in.as_str(), held[2].order_id.as_str()), (&*id, &*sold.order_id));
    assert_eq!(world.balance().await.orphan_units, 2);
    let seen = world.get(&id).await;
    assert!(!seen.attention.contains(&"EXTRA_FOUND".to_owned()), "{:?}", seen.attention);

    let grade = GradeRequest {
        return_id: id.clone(),
        request_id: "grade".into(),
        line: 1,
        units: 1,
        criteria: as_new(),
        ..GradeRequest::default()
    };
    world.client().grade(grade).await.unwrap();
    let shelf = DisposeRequest {
        return_id: id.clone(),
        request_id: "shelf".into(),
        line: 1,
        grade: "A".into(),
        disposition: "restock".into(),
        units: 1,
        ..DisposeRequest::default()
    };
    world.client().dispose(shelf).await.unwrap();
    // The wrong article is a signal for a person, who decides about the money.
    for code in ["F02"] {
        let settle =
            SettleSignalRequest { return_id: id.clone(), code: code.into(), confirmed: false };
        world.client().settle_signal(settle).await.unwrap();
    }
    world.until(&id, "it is closed", |seen| seen.state() == ReturnState::Closed).await;

    let mut other = world.client_of(TenantId::generate());
    let get = GetOrphanRequest { orphan_id: held[2].orphan_id.clone() };
    assert_eq!(code(&other.get_orphan(get).await.unwrap_err()), "RET0020");
    let take = settle(&held[2].orphan_id, "t", 1, Way::End(OrphanEnd::SentBack.into()));
    assert_eq!(code(&other.settle_orphan(take).await.unwrap_err()), "RET0020");
    let all = ListOrphansRequest { all: true, ..ListOrphansRequest::default() };
    assert!(other.list_orphans(all).await.unwrap().into_inner().orphans.is_empty());
    assert_eq!(world.balance().await.orphan_units, 2);
    world.stop().await;
}
