//! Many orders at once, request ids, lists.

use colibri_events::orders::v1::*;

use crate::world::{World, code, order};

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_answered_in_its_order_and_listed_page_by_page() {
    let world = World::start().await;
    // Every tenth order comes a second time within the batch, and every hundredth is broken.
    let id = |n: usize| format!("b-{}", if n % 10 == 9 { n - 1 } else { n });
    let mut inputs: Vec<OrderInput> = (0..500).map(|n| order(&id(n))).collect();
    for n in (0..500).step_by(100) {
        inputs[n].lines.clear();
    }
    let results = world.submit(inputs.clone()).await;
    assert_eq!(results.len(), 500);
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result.refused == "ORD0001", n % 100 == 0, "{n}");
        assert_eq!(result.replayed, n % 10 == 9, "{n}");
        if n % 10 == 9 {
            assert_eq!(result.order_id, results[n - 1].order_id);
        }
    }
    assert_eq!(world.count("select count(*) from orders.orders").await, 445);
    inputs.push(order("one too many"));
    let request = SubmitRequest { orders: inputs, request_id: String::new() };
    assert_eq!(code(&world.client().submit(request).await.unwrap_err()), "ORD0003");

    let mut seen = Vec::new();
    let mut request = ListRequest { limit: 100, ..ListRequest::default() };
    loop {
        let page = world.client().list(request.clone()).await.unwrap().into_inner();
        assert!(page.orders.len() <= 100);
        seen.extend(page.orders.into_iter().map(|o| (o.received_at.unwrap().seconds, o.order_id)));
        if page.next_page.is_empty() {
            break;
        }
        request.page = page.next_page;
    }
    assert_eq!(seen.len(), 445);
    assert!(seen.is_sorted_by(|a, b| a.0 >= b.0));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 445);
    let wrong = ListRequest { page: "ord_1".into(), ..ListRequest::default() };
    assert_eq!(code(&world.client().list(wrong).await.unwrap_err()), "ORD0008");
    let held = ListRequest { state: OrderState::Held.into(), ..ListRequest::default() };
    assert_eq!(world.client().list(held).await.unwrap().into_inner().orders, []);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_names_one_batch_for_ever() {
    let world = World::start().await;
    let mut unpaid = order("r-2");
    unpaid.payment = "pending".into();
    let mut broken = order("r-3");
    broken.lines.clear();
    let request =
        |orders: Vec<OrderInput>, id: &str| SubmitRequest { orders, request_id: id.to_owned() };
    // A call of which nothing is taken in may be corrected under the same id.
    let refused = request(vec![broken.clone()], "batch-1");
    let answer = world.client().submit(refused).await.unwrap().into_inner();
    assert_eq!((answer.known_request, answer.results[0].refused.as_str()), (false, "ORD0001"));
    let batch = request(vec![order("r-1"), unpaid.clone(), broken], "batch-1");
    let first = world.client().submit(batch.clone()).await.unwrap().into_inner();
    assert!(!first.known_request);
    // Meanwhile the payment comes: repeating the first call must not undo it.
    unpaid.payment = "paid".into();
    let paid = world.submit_one(unpaid).await;
    assert_eq!((paid.state(), paid.replayed), (OrderState::Accepted, true));
    let again = world.client().submit(batch).await.unwrap().into_inner();
    assert!(again.known_request);
    let states: Vec<OrderState> = again.results.iter().map(SubmitResult::state).collect();
    use OrderState::{Accepted, Unspecified};
    assert_eq!(states, [Accepted, Accepted, Unspecified]);
    assert!(again.results[0].replayed && again.results[1].replayed);
    assert_eq!(again.results[2].refused, "ORD0001");
    let other = request(vec![order("r-4")], "batch-1");
    assert_eq!(code(&world.client().submit(other).await.unwrap_err()), "ORD0011");
    let malformed = request(vec![order("r-4")], &"x".repeat(101));
    assert_eq!(code(&world.client().submit(malformed).await.unwrap_err()), "ORD0009");
    world.stop().await;
}
