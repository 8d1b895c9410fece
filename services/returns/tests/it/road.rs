//! A return from the request to its end, with both ledgers counted, under duplicates, late words
//! and many clicks at once.

use colibri_events::{returns::v1::*, tracking::v1::Headline};
use colibri_sandbox::PaymentOptions;
use futures::future::join_all;
use time::OffsetDateTime;

use crate::world::{World, as_new, line, png, request};

#[tokio::test(flavor = "multi_thread")]
async fn goods_and_money_reach_their_end_once() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("road", 2).await;

    let eligible = EligibleRequest { order: crate::world::order(&sold), ..Default::default() };
    let eligible = world.client().eligible(eligible).await.unwrap().into_inner();
    assert_eq!(eligible.lines.iter().map(|l| l.returnable).collect::<Vec<_>>(), [2, 1]);
    assert!(eligible.withdrawal_open && eligible.withdraw_until.is_some());

    let whole = RequestRequest {
        withdrawal: true,
        note: "Ottokar wrote this".into(),
        ..request("road-1", &sold, vec![line(1, 2, ""), line(2, 1, "")])
    };
    // The same request at once from many tabs is one return.
    let calls = (0..8).map(|_| {
        let (mut client, whole) = (world.client(), whole.clone());
        async move { client.request(whole).await }
    });
    let mut ids: Vec<String> = join_all(calls)
        .await
        .into_iter()
        .filter_map(|answer| answer.ok().map(|answer| answer.into_inner().return_id))
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let asked = world.asked(whole.clone()).await;
    assert_eq!(asked.return_id, ids[0]);
    let id = asked.return_id.clone();
    assert_eq!(world.shops.sold.lock().unwrap().len(), 1, "one label, however often it is asked");
    let parcel = asked.parcels[0].parcel_ids[0].clone();
    assert_eq!(asked.parcels[0].code.len(), 32);

    // Everything tracking can say, twice and in the wrong order.
    let now = OffsetDateTime::now_utc();
    world.delivered(&parcel, now, 9).await;
    world.scanned(&parcel, Headline::InTransit, "", 3).await;
    world.scanned(&parcel, Headline::Created, "", 1).await;
    world.delivered(&parcel, now, 10).await;
    let seen = world
        .until(&id, "it has arrived", |seen| seen.lines.iter().all(|l| goods(l).arrived == l.units))
        .await;
    assert_eq!(world.payments.asked(), 0, "a withdrawal waits for the goods");
    assert_eq!(seen.parcels[0].state, "arrived");

    received(&world, &id).await;
    graded(&world, &id).await;
    let seen = world
        .until(&id, "the money is back", |seen| {
            seen.refunds.len() == 3 && seen.refunds.iter().all(|r| r.state == "refunded")
        })
        .await;
    // Both shirts, the lamp and the way: all that was paid.
    let paid: i64 = world.payments.ledger().iter().map(|payment| payment.amount_minor).sum();
    assert_eq!((paid, world.payments.ledger().len()), (2 * 1999 + 3500 + 490, 3));
    assert_ne!(seen.state(), ReturnState::Closed, "goods are still at the bench");

    disposed(&world, &id).await;
    let seen = world.until(&id, "it is closed", |seen| seen.state() == ReturnState::Closed).await;
    assert_eq!(seen.attention, Vec::<String>::new());
    let balance = world.balance().await;
    assert!(balance.goods_close && balance.money_closes, "{balance:?}");
    assert_eq!((balance.returns, balance.closed, balance.labels), (1, 1, 1));
    assert_eq!(balance.funds[0].funds.unwrap().refunded_minor, paid);
    assert_eq!(balance.funds[0].exposure_minor, 0);
    let revealed = GetRequest { return_id: id, reveal: true, ..GetRequest::default() };
    let revealed = world.client().get(revealed).await.unwrap().into_inner();
    assert_eq!(revealed.note, "Ottokar wrote this");

    // The same units cannot come back a second time.
    let again = RequestRequest { request_id: "road-2".into(), ..whole };
    let refused = world.client().request(again).await.unwrap_err();
    assert_eq!(crate::world::codes(&refused), ("RET0005".into(), "ALREADY_RETURNED".into()));
    for (event, count) in [
        ("return_requested", 1),
        ("return_approved", 1),
        ("return_parcel_expected", 1),
        ("return_received", 1),
        ("refund_ordered", 3),
        ("refund_settled", 3),
        ("return_disposed", 2),
        ("return_closed", 1),
    ] {
        assert_eq!(world.events(event).await, count, "{event}");
    }
    world.stop().await;
}

fn goods(line: &ReturnedLine) -> Goods {
    line.goods.unwrap()
}

async fn received(world: &World, id: &str) {
    let counted = vec![
        CountedLine { line: 1, units: 2, ..CountedLine::default() },
        CountedLine { line: 2, units: 1, ..CountedLine::default() },
    ];
    let count = ReceiveRequest {
        return_id: id.into(),
        request_id: "count-1".into(),
        label: 1,
        counted,
        weight_g: 1400,
        complete: true,
    };
    let calls = (0..4).map(|_| {
        let (mut client, count) = (world.client(), count.clone());
        async move { client.receive(count).await.unwrap().into_inner() }
    });
    for answer in join_all(calls).await {
        let back = answer.r#return.unwrap();
        assert_eq!(back.lines.iter().map(|l| goods(l).received).collect::<Vec<_>>(), [2, 1]);
        assert!(back.signals.is_empty(), "{:?}", back.signals);
    }
}

async fn graded(world: &World, id: &str) {
    for (at, units) in [(1, 2), (2, 1)] {
        let grade = GradeRequest {
            return_id: id.into(),
            request_id: format!("grade-{at}"),
            line: at,
            units,
            criteria: as_new(),
            ..GradeRequest::default()
        };
        let calls = (0..4).map(|_| {
            let (mut client, grade) = (world.client(), grade.clone());
            async move { client.grade(grade).await.unwrap().into_inner() }
        });
        for answer in join_all(calls).await {
            assert_eq!((answer.computed.as_str(), answer.grade.as_str()), ("A", "A"));
            assert_eq!(answer.dispositions, ["restock"]);
        }
    }
}

async fn disposed(world: &World, id: &str) {
    for (at, units) in [(1, 2), (2, 1)] {
        let dispose = DisposeRequest {
            return_id: id.into(),
            request_id: format!("dispose-{at}"),
            line: at,
            grade: "A".into(),
            disposition: "restock".into(),
            units,
            ..DisposeRequest::default()
        };
        let first = world.client().dispose(dispose.clone()).await.unwrap().into_inner();
        let second = world.client().dispose(dispose.clone()).await.unwrap().into_inner();
        assert_eq!(first.bookings, second.bookings, "one command, however often it comes");
        let other = DisposeRequest { request_id: format!("again-{at}"), ..dispose };
        let refused = world.client().dispose(other).await.unwrap_err();
        let known = crate::world::codes(&refused);
        assert_eq!(known, ("RET0006".into(), "UNIT_ALREADY_DISPOSED".into()));
    }
    for booking in 0..2 {
        let answer =
            AnswerStockRequest { return_id: id.into(), booking, answer: "confirmed".into() };
        let back = world.client().answer_stock(answer).await.unwrap().into_inner();
        assert_eq!(back.bookings[booking as usize].state, "confirmed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_matter_with_goods_goes_to_a_person_and_clicks_pay_once() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("clicks", 1).await;
    let photo = PutPhotoRequest { order: crate::world::order(&sold), data: png().into() };
    let mut photos = Vec::new();
    for _ in 0..4 {
        photos.push(world.client().put_photo(photo.clone()).await.unwrap().into_inner().photo_id);
    }
    let asked = world.asked(request("c-1", &sold, vec![line(2, 1, "changed_mind")])).await;
    let id = asked.return_id;
    let counted = vec![
        CountedLine { line: 2, units: 1, ..CountedLine::default() },
        CountedLine { line: 0, units: 1, sku: "BRICK".into(), ..CountedLine::default() },
    ];
    let count = ReceiveRequest {
        return_id: id.clone(),
        request_id: "count".into(),
        label: 1,
        counted,
        ..ReceiveRequest::default()
    };
    let found = world.client().receive(count).await.unwrap().into_inner();
    assert_eq!(found.found.iter().map(|f| f.foreign).sum::<u32>(), 1);
    assert!(found.r#return.unwrap().attention.contains(&"EXTRA_FOUND".to_owned()));

    // Broken, and not our fault: a person decides, whatever is clicked how often.
    let broken = |criterion: &mut Criterion| {
        criterion.yes &= !matches!(criterion.code.as_str(), "works" | "clean" | "complete");
    };
    let mut criteria = as_new();
    criteria.iter_mut().for_each(broken);
    let grade = GradeRequest {
        return_id: id.clone(),
        request_id: "grade".into(),
        line: 2,
        units: 1,
        criteria,
        photo_ids: photos.clone(),
        ..GradeRequest::default()
    };
    let without = GradeRequest { photo_ids: Vec::new(), ..grade.clone() };
    let refused = world.client().grade(without).await.unwrap_err();
    assert_eq!(crate::world::codes(&refused), ("RET0002".into(), "MISSING".into()));
    let graded = world.client().grade(grade).await.unwrap().into_inner();
    assert_eq!(graded.grade, "D");
    assert!(graded.r#return.unwrap().attention.contains(&"GRADE_NEEDS_DECISION".to_owned()));
    assert_eq!(world.payments.asked(), 0);

    let clicks = (0..20).map(|n| {
        let mut client = world.client();
        let decide = DecideRefundRequest {
            return_id: id.clone(),
            request_id: format!("click-{}", n % 10),
            line: 2,
            decision: Some(decide_refund_request::Decision::ApproveMinor(3500)),
            ..DecideRefundRequest::default()
        };
        async move { client.decide_refund(decide).await.is_ok() }
    });
    let fine = join_all(clicks).await.into_iter().filter(|fine| *fine).count();
    assert!(fine >= 1);
    world.until(&id, "it is paid", |seen| seen.refunds.iter().any(|r| r.state == "refunded")).await;
    assert_eq!(world.payments.ledger().len(), 1, "twenty clicks, one refund");
    assert_eq!(world.payments.ledger()[0].amount_minor, 3500);
    let shown = GetPhotoRequest { return_id: id.clone(), photo_id: photos[0].clone() };
    let shown = world.client().get_photo(shown).await.unwrap().into_inner();
    assert_eq!((shown.media_type.as_str(), shown.data.to_vec()), ("image/png", png()));
    world.stop().await;
}
