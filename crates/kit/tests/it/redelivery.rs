//! Messages that come twice, late, in another order, or were acknowledged by somebody else.

use async_nats::jetstream::consumer::PullConsumer;
use colibri_events::orders::v1::OrderAmended;
use colibri_kit::{bus::consumer_name, telemetry::metrics};
use colibri_testkit::{BedOptions, TestBed, eventually};
use futures::StreamExt as _;

use crate::support::*;

/// What a stranger on the same durable does to the messages it gets.
async fn meddle(consumer: &mut PullConsumer, round: u64) {
    let mut messages = consumer.fetch().max_messages(7).messages().await.unwrap();
    while let Some(Ok(message)) = messages.next().await {
        match round % 3 {
            // Never answered: they come again much later, behind newer ones.
            0 => {}
            // At once again, behind what was delivered meanwhile.
            1 => message.ack_with(async_nats::jetstream::AckKind::Nak(None)).await.unwrap(),
            // Acknowledged, and with it everything before, though nothing was applied.
            _ => message.ack().await.unwrap(),
        }
    }
    // Delivered again from somewhere in the past, however often it was applied.
    if round.is_multiple_of(2) {
        consumer.reset(Some(1 + (round * 7) % 50)).await.unwrap();
    }
}

fn disturbed() -> bool {
    metrics::render().lines().any(|line| line.starts_with("bus_holes_total"))
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_reordered_and_stolen_messages_are_applied_once_and_in_order() {
    let door = Door::default();
    let options = BedOptions { durable: true, ..Default::default() };
    let bed = TestBed::start_with(vec![producer(&door), consumer()], options).await;
    door.shell().await;
    publish(&door, "key_0", "api").await;
    heard_count(&bed.admin, 1).await;
    let stream = bed.jetstream().await.get_stream("EV_ORDERS_0").await.unwrap();
    let mut durable: PullConsumer = stream.get_consumer(&consumer_name("pricing")).await.unwrap();
    let mut rounds = 0;
    // At least so many, and until the consumer was seen to stumble: who gets a message is luck.
    while rounds < 30 || !disturbed() {
        assert!(rounds < 500, "the stranger has disturbed nothing:\n{}", metrics::render());
        for i in 0..10 {
            publish(&door, &format!("key_{}", (rounds + i) % 7), "api").await;
        }
        meddle(&mut durable, rounds).await;
        rounds += 1;
    }
    heard_count(&bed.admin, 1 + 10 * i64::try_from(rounds).unwrap()).await;
    order_is_kept(&bed.admin).await;
    log_is_stream(&bed).await;
    bed.stop().await;
}

/// Publishes an event that the consumer has no handler for.
async fn publish_unheard(door: &Door, key: &str) {
    let mut cx = door.begin().await;
    let version = door.lock(&mut cx, key).await;
    let event = OrderAmended { order_id: key.to_owned(), version, ..Default::default() };
    cx.publish(&event, &version.to_string());
    cx.commit().await.unwrap();
}

async fn position_is(bed: &TestBed, wanted: i64) {
    eventually("the position is at the end", PATIENCE, || async {
        let sql = "select seq from pricing.position where consumer = 'orders'";
        let seq: i64 = sqlx::query_scalar(sql).fetch_one(&bed.admin).await.ok()?;
        assert!(seq <= wanted, "{seq} of {wanted}");
        (seq == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_handles_moves_the_position_with_what_somebody_does_or_alone() {
    let door = Door::default();
    let bed = TestBed::start(vec![producer(&door), consumer()]).await;
    door.shell().await;
    for n in 0..5 {
        publish_unheard(&door, "other").await;
        publish(&door, &format!("key_{n}"), "api").await;
        publish_unheard(&door, "other").await;
    }
    heard_count(&bed.admin, 5).await;
    // The last one is alone: nothing else will take the position there.
    position_is(&bed, 15).await;
    publish(&door, "key_0", "api").await;
    heard_count(&bed.admin, 6).await;
    position_is(&bed, 16).await;
    order_is_kept(&bed.admin).await;
    log_is_stream(&bed).await;
    bed.stop().await;
}
