//! What orders hears from labels, applied as the bus applies it.

use std::time::Duration;

use colibri_events::{
    labels::v1::{LabelPurchased, LabelVoided},
    orders::v1::*,
};
use colibri_kit::{
    db::Migration,
    fault::BoxError,
    service::{Definition, Host, Service, Shell},
};
use colibri_testkit::{TestBed, eventually};
use colibri_types::TenantId;
use tokio::sync::mpsc;

use crate::world::{World, code, order, parcel};

/// Says what labels would say, as a service of that name.
#[allow(clippy::large_enum_variant, reason = "a handful of them")]
enum Say {
    Purchased(LabelPurchased),
    Voided(LabelVoided),
}

fn labels(mut says: mpsc::UnboundedReceiver<Say>) -> Box<dyn Definition> {
    const MIGRATIONS: &[Migration] = &[Migration { name: "0001_init", sql: "select 1" }];
    Service::new("labels", |_: Host| async { Ok::<_, BoxError>(()) })
        .migrations(MIGRATIONS)
        .publishes()
        .task("say", |shell: Shell<()>, shutdown| async move {
            let mut said = 0;
            loop {
                let say = tokio::select! {
                    say = says.recv() => say,
                    () = shutdown.triggered() => return,
                };
                let Some(say) = say else { return };
                said += 1;
                let fact = said.to_string();
                let mut cx = shell.begin_log().await.unwrap();
                match say {
                    Say::Purchased(event) => cx.publish(&event, &fact),
                    Say::Voided(event) => cx.publish(&event, &fact),
                }
                cx.commit().await.unwrap();
            }
        })
        .build()
}

async fn labelled(world: &World, wanted: bool) {
    eventually("orders has heard of the label", Duration::from_secs(20), || async {
        let sql = "select labelled_at is not null from orders.orders";
        let is: bool = sqlx::query_scalar(sql).fetch_one(&world.bed.admin).await.unwrap();
        (is == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bought_label_forbids_holding_until_it_is_void() {
    let (say, says) = mpsc::unbounded_channel();
    let services = vec![
        colibri_vault::service(),
        colibri_accounts::service(),
        colibri_orders::service(),
        labels(says),
    ];
    let world = World { bed: TestBed::start(services).await, tenant: TenantId::generate() };
    world.site(world.tenant, "lyon", "FR", "69003").await;
    let taken = world.submit_one(order("1")).await;
    let asked: FulfilmentRequested = world.last(&taken.order_id).await;
    let bought = LabelPurchased {
        order_id: taken.order_id.clone(),
        tenant_id: world.tenant.to_string(),
        shipment_id: asked.shipment_id.clone(),
        parcel_count: 2,
        ..LabelPurchased::default()
    };
    // One event per parcel, and one of a label without an order.
    say.send(Say::Purchased(LabelPurchased { parcel_index: 1, ..bought.clone() })).unwrap();
    say.send(Say::Purchased(LabelPurchased { parcel_index: 2, ..bought.clone() })).unwrap();
    say.send(Say::Purchased(LabelPurchased { order_id: String::new(), ..bought.clone() })).unwrap();
    labelled(&world, true).await;
    let hold = || HoldRequest { order_id: taken.order_id.clone() };
    assert_eq!(code(&world.client().hold(hold()).await.unwrap_err()), "ORD0005");
    // Somebody else's label of the same number is nothing to this order.
    let foreign = LabelVoided {
        order_id: taken.order_id.clone(),
        tenant_id: TenantId::generate().to_string(),
        shipment_id: asked.shipment_id.clone(),
        ..LabelVoided::default()
    };
    say.send(Say::Voided(foreign.clone())).unwrap();
    let void = LabelVoided { tenant_id: world.tenant.to_string(), ..foreign };
    say.send(Say::Voided(void)).unwrap();
    labelled(&world, false).await;
    let held = world.client().hold(hold()).await.unwrap().into_inner();
    assert_eq!(held.state(), OrderState::Held);
    let amend = AmendRequest {
        order_id: taken.order_id.clone(),
        parcels: vec![parcel(700)],
        ..AmendRequest::default()
    };
    assert!(world.client().amend(amend).await.is_ok());
    world.stop().await;
}
