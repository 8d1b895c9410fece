//! Labels that nobody needs any more are void at the carrier, where the carrier can.

use colibri_events::{labels::v1::LabelVoided, returns::v1::*};
use colibri_sandbox::PaymentOptions;
use colibri_testkit::eventually;
use time::OffsetDateTime;

use crate::world::{PATIENCE, World, line, request, timestamp};

async fn called_off(world: &World, id: &str) {
    let cancel = CancelRequest { return_id: id.into(), buyer: true, ..CancelRequest::default() };
    let seen = world.client().cancel(cancel).await.unwrap().into_inner();
    assert_eq!(seen.state(), ReturnState::Closed);
}

/// What the label of a return that was called off is at the carrier.
async fn at_carrier(world: &World, id: &str, word: &str) -> ReturnParcel {
    let seen = world.until(id, word, |seen| seen.parcels[0].void == word).await;
    assert_eq!((seen.state(), seen.attention.len()), (ReturnState::Closed, 0));
    assert_eq!(seen.lines[0].goods.unwrap().cancelled, 1);
    seen.parcels[0].clone()
}

async fn figures(world: &World, figure: &str) -> usize {
    let sql = "select payload from returns.event_log where subject like '%figure_noted%'";
    let all: Vec<Vec<u8>> = sqlx::query_scalar(sql).fetch_all(&world.bed.admin).await.unwrap();
    let read = |bytes: &Vec<u8>| <FigureNoted as prost::Message>::decode(&bytes[..]).unwrap();
    let noted = all.iter().map(read).filter(|noted| noted.figure == figure);
    noted.inspect(|noted| assert_eq!(noted.amount.as_ref().unwrap().amount_minor, 690)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_of_a_return_that_was_called_off_is_void() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("void", 2).await;
    let asked = world.asked(request("v-1", &sold, vec![line(1, 1, "fit")])).await;
    let id = asked.return_id.clone();
    assert_eq!(asked.parcels[0].void, "");
    // Labels is away when it is called off: it is asked again.
    *world.shops.away.lock().unwrap() = true;
    called_off(&world, &id).await;
    eventually("labels was asked", PATIENCE, || async {
        (!world.shops.voids.lock().unwrap().is_empty()).then_some(())
    })
    .await;
    at_carrier(&world, &id, "wanted").await;
    *world.shops.away.lock().unwrap() = false;
    let parcel = at_carrier(&world, &id, "voided").await;
    assert_eq!((parcel.state.as_str(), parcel.code.as_str()), ("voided", ""));
    // Labels tells of it as well, twice: it is known.
    for n in 0..2 {
        let event = LabelVoided {
            shipment_id: parcel.shipment_id.clone(),
            tenant_id: world.tenant.to_string(),
            parcel_ids: parcel.parcel_ids.clone(),
            at: timestamp(OffsetDateTime::now_utc()),
            ..LabelVoided::default()
        };
        world.say("labels", &event, &format!("void-{n}")).await;
    }

    // The next one stays bought: the carrier has no void, and that is shown.
    *world.shops.keeps.lock().unwrap() = Some("LBL0006");
    let asked = world.asked(request("v-2", &sold, vec![line(1, 1, "fit")])).await;
    called_off(&world, &asked.return_id).await;
    let parcel = at_carrier(&world, &asked.return_id, "refused").await;
    assert_eq!(parcel.void_refused, "LBL0006");
    eventually("the costs are told", PATIENCE, || async {
        let told = (figures(&world, "label_cost").await, figures(&world, "label_void").await);
        (told == (2, 1)).then_some(())
    })
    .await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_is_bought_too_late_is_void_and_one_voided_elsewhere_carries_nothing() {
    let world = World::start(PaymentOptions::default()).await;
    let sold = world.in_hands("late", 2).await;
    *world.shops.away.lock().unwrap() = true;
    let late = request("l-1", &sold, vec![line(1, 1, "fit")]);
    let late = world.client().request(late).await.unwrap().into_inner().return_id;
    eventually("labels was asked", PATIENCE, || async {
        (*world.shops.asked.lock().unwrap() > 0).then_some(())
    })
    .await;
    called_off(&world, &late).await;
    *world.shops.away.lock().unwrap() = false;
    let parcel = at_carrier(&world, &late, "voided").await;
    assert_eq!(parcel.state, "voided");
    assert_eq!(world.shops.sold.lock().unwrap().len(), 1);

    let asked = world.asked(request("l-2", &sold, vec![line(1, 1, "fit")])).await;
    let event = LabelVoided {
        shipment_id: asked.parcels[0].shipment_id.clone(),
        tenant_id: world.tenant.to_string(),
        parcel_ids: asked.parcels[0].parcel_ids.clone(),
        at: timestamp(OffsetDateTime::now_utc()),
        ..LabelVoided::default()
    };
    world.say("labels", &event, "by-hand").await;
    let seen = world.until(&asked.return_id, "it is void", |s| s.parcels[0].void == "voided").await;
    assert_eq!(seen.parcels[0].state, "voided");
    assert_eq!(seen.lines[0].goods.unwrap().at_buyer, 1, "the goods are where they were");
    assert_eq!(world.shops.voids.lock().unwrap().len(), 1, "nobody is asked for what is void");
    world.stop().await;
}
