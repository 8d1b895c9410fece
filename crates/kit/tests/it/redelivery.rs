//! Messages that come twice, late, in another order, or were acknowledged by somebody else.

use async_nats::jetstream::consumer::PullConsumer;
use colibri_kit::{bus::consumer_name, telemetry::metrics};
use colibri_testkit::{BedOptions, TestBed};
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
