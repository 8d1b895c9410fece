//! The same order from many sides at the same moment.

use colibri_events::orders::v1::*;
use futures::future::join_all;

use crate::world::{World, order};

const TASKS: usize = 32;

#[tokio::test(flavor = "multi_thread")]
async fn many_submissions_of_one_order_make_one_order_and_one_event() {
    let world = World::start().await;
    let submissions = (0..TASKS).map(|_| {
        let mut client = world.client();
        async move {
            let orders = vec![order("same"), order("same too")];
            client.submit(SubmitRequest { orders, request_id: String::new() }).await
        }
    });
    let answers = join_all(submissions).await;
    let mut ids = Vec::new();
    let mut new = 0;
    for answer in answers {
        let results = answer.unwrap().into_inner().results;
        new += results.iter().filter(|result| !result.replayed).count();
        ids.extend(results.into_iter().map(|result| (result.refused, result.order_id)));
    }
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), new), (2, 2));
    assert_eq!(world.count("select count(*) from orders.orders").await, 2);
    for (refused, id) in &ids {
        assert_eq!(refused, "");
        assert_eq!(world.told(id).await, ["order_accepted", "fulfilment_requested"]);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wins_the_order_points_to_the_address_that_was_checked() {
    let world = World::start().await;
    // Each task sends the order with another house number; one of them is the order.
    let submissions = (0..TASKS).map(|n| {
        let mut client = world.client();
        let mut input = order("contested");
        input.ship_to.as_mut().unwrap().lines = vec![format!("{n} rue des Essais")];
        async move {
            let request = SubmitRequest { orders: vec![input], request_id: String::new() };
            (n, client.submit(request).await.unwrap().into_inner().results.remove(0))
        }
    });
    let answers = join_all(submissions).await;
    let won: Vec<&(usize, SubmitResult)> =
        answers.iter().filter(|(_, result)| result.refused.is_empty()).collect();
    assert_eq!(won.len(), 1);
    assert!(answers.iter().all(|(_, r)| r.refused.is_empty() || r.refused == "ORD0002"));
    let (n, result) = won[0];
    let by = Some(get_request::By::OrderId(result.order_id.clone()));
    let seen = world.client().get(GetRequest { by, reveal: true }).await.unwrap().into_inner();
    assert_eq!(seen.ship_to.unwrap().lines, [format!("{n} rue des Essais")]);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revisions_of_a_held_order_end_in_the_newest_whatever_comes_first() {
    let world = World::start().await;
    let revision = |second: i64| {
        let mut input = order("revised");
        input.payment = "pending".into();
        input.lines[0].quantity = u32::try_from(second).unwrap();
        input.updated_at =
            Some(prost_types::Timestamp { seconds: 1_790_000_000 + second, nanos: 0 });
        input
    };
    // 7 is prime to 12: all of them, out of order, several at once.
    let submissions = (0..12).map(|n| {
        let mut client = world.client();
        let input = revision(n * 7 % 12 + 1);
        async move {
            let request = SubmitRequest { orders: vec![input], request_id: String::new() };
            client.submit(request).await.unwrap().into_inner().results.remove(0)
        }
    });
    let results = join_all(submissions).await;
    assert!(results.iter().all(|result| result.refused.is_empty()));
    let stored = world.get(&results[0].order_id).await;
    assert_eq!(stored.lines[0].quantity, 12);
    // One event of holding for each version, and no two versions alike.
    let told = world.told(&results[0].order_id).await;
    let held = told.iter().filter(|name| *name == "order_held").count();
    assert_eq!(u64::try_from(held).unwrap(), stored.version);
    world.stop().await;
}
