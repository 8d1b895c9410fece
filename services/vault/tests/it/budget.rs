use colibri_events::vault::v1::{Field, Flow};
use colibri_types::TenantId;

use crate::world::{self, OTTOKAR, put, record, reveal};

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_beyond_the_business_stops() {
    let settings = [("COLIBRI_VAULT__BUDGET__BASE_PER_DAY", "4")];
    let bed = world::bed_with(&settings).await;
    let tenant = TenantId::generate();
    let mut orders = world::vault(&bed, "orders", tenant);
    let one = put(&mut orders, vec![record("order:1", &OTTOKAR)]).await.remove(0);
    let open = async |orders: &mut world::Client, times: usize| {
        let refs = vec![one.as_str(); times];
        let answer = reveal(orders, Flow::OrderView, &[Field::Name], &refs).await;
        let denied: Vec<String> = answer.into_iter().map(|one| one.denied).collect();
        let opened = denied.iter().take_while(|code| code.is_empty()).count();
        assert!(denied[opened..].iter().all(|code| code == "VLT0006"), "{denied:?}");
        opened
    };
    // Four, and three for one person.
    assert_eq!(open(&mut orders, 9).await, 7);
    assert_eq!(open(&mut orders, 1).await, 0);
    // Other flows and services have their own; the same person again grants nothing.
    put(&mut orders, vec![record("order:1", &OTTOKAR)]).await;
    assert_eq!(open(&mut orders, 1).await, 0);
    let mut labels = world::vault(&bed, "labels", tenant);
    let seen = reveal(&mut labels, Flow::LabelPurchase, &[Field::Name], &[&one]).await;
    assert_eq!(seen[0].denied, "");
    put(&mut orders, vec![record("order:2", &OTTOKAR), record("order:3", &OTTOKAR)]).await;
    assert_eq!(open(&mut orders, 9).await, 6);
    // Many at once never open more than is left.
    put(&mut orders, vec![record("order:4", &OTTOKAR)]).await;
    let calls = (0..6).map(|_| {
        let mut client = world::vault(&bed, "orders", tenant);
        let one = one.clone();
        tokio::spawn(async move {
            let seen = reveal(&mut client, Flow::OrderView, &[Field::Name], &[&one]).await;
            usize::from(seen[0].denied.is_empty())
        })
    });
    let mut opened = 0;
    for call in calls.collect::<Vec<_>>() {
        opened += call.await.unwrap();
    }
    assert_eq!(opened, 3);
    assert_eq!(bed.stop().await, Vec::<String>::new());
}
