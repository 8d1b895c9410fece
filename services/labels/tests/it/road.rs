//! The main road: facts in any order, two processes, one label each, and nothing personal left.

use colibri_events::labels::v1::{GetLabelRequest, ShipmentState};
use colibri_testkit::eventually;
use colibri_types::TenantId;
use futures::StreamExt as _;

use crate::world::{CANARIES, Order, PATIENCE, World, code, person};

/// Tells the facts of some orders in another order each, some of them twice.
async fn tell_all(world: &World, orders: &[Order]) {
    for (n, order) in orders.iter().enumerate() {
        if n % 2 == 0 {
            world.say("pricing", &order.offer, "chosen 1").await;
        }
        world.say("orders", &order.request, "requested 1").await;
        if n % 3 == 0 {
            world.say("orders", &order.request, "requested again").await;
        }
        world.say("pricing", &order.offer, "chosen again").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_label_per_parcel_whatever_the_order_of_facts_and_the_number_of_processes() {
    // No answer is lost here: on a busy machine a short wait would make doubts.
    let patient = [("COLIBRI_LABELS__CALL_TIMEOUT_MS", "20000"), ("COLIBRI_LABELS__LEASE_S", "60")];
    let world = World::with("system", &patient).await;
    let other = world.bed.second(vec![colibri_labels::service()]).await;
    let mut orders = Vec::new();
    for n in 0..24 {
        orders.push(match n % 3 {
            0 => world.order(world.colissimo, "DOM").await,
            1 => world.order(world.ups, "11").await,
            _ => world.order_for(world.ups, "11", &person(), 3).await,
        });
    }
    tell_all(&world, &orders).await;
    for order in &orders {
        let shipment = world.reaches(order.shipment_id, ShipmentState::Bought).await;
        assert_eq!(shipment.order_id, order.order_id.to_string());
        assert_eq!(shipment.parcels.len(), order.request.parcels.len());
        let sold = world.sold(&shipment.carrier, &shipment.attempt_ref);
        let shown: Vec<_> = shipment.parcels.iter().map(|p| p.tracking_number.clone()).collect();
        assert_eq!(shown, sold, "the ledger knows exactly the parcels of {}", order.shipment_id);
        let told = world.said(order.shipment_id, "label_purchased").await;
        assert_eq!(usize::try_from(told).unwrap(), sold.len());
    }
    assert_eq!((world.count("colissimo", "label"), world.count("ups", "label")), (8, 8 + 24));
    labels_are_served_to_their_tenant_only(&world, &orders).await;
    nothing_personal_outside_the_vault(&world).await;
    assert_eq!(other.stop().await.unfinished, Vec::<String>::new());
    world.stop().await;
}

async fn labels_are_served_to_their_tenant_only(world: &World, orders: &[Order]) {
    for (order, media_type, start) in
        [(&orders[0], "application/pdf", &b"%PDF-"[..]), (&orders[1], "application/zpl", b"^XA")]
    {
        let shipment = world.get(order.shipment_id).await.unwrap();
        assert_eq!(shipment.parcels[0].media_types, [media_type]);
        let request = GetLabelRequest {
            parcel_id: shipment.parcels[0].parcel_id.clone(),
            media_type: String::new(),
        };
        let label = world.client().get_label(request.clone()).await.unwrap().into_inner();
        assert_eq!(label.media_type, media_type);
        assert!(label.data.windows(start.len()).any(|part| part == start));
        let strange = GetLabelRequest { media_type: "image/gif".into(), ..request.clone() };
        let refused = world.client().get_label(strange).await.unwrap_err();
        assert_eq!(code(&refused), "LBL0004");
        let mut stranger = world.client_of(TenantId::generate());
        assert_eq!(code(&stranger.get_label(request).await.unwrap_err()), "LBL0001");
        let by =
            Some(colibri_events::labels::v1::get_request::By::OrderId(order.order_id.to_string()));
        let ask = colibri_events::labels::v1::GetRequest { by, reveal: true };
        assert_eq!(code(&stranger.get(ask.clone()).await.unwrap_err()), "LBL0001");
        let mine = world.client().get(ask).await.unwrap().into_inner();
        assert_eq!(mine.shipment_id, order.shipment_id.to_string());
    }
}

/// Text, and the same as Postgres shows it inside `bytea`.
fn spellings(text: &str) -> [String; 2] {
    let hex = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    [text.to_owned(), hex]
}

pub async fn nothing_personal_outside_the_vault(world: &World) {
    let mut secrets: Vec<String> = CANARIES.iter().map(|&text| text.to_owned()).collect();
    for carrier in ["ups", "colissimo"] {
        let ledger = world.sandbox.ledger(carrier).unwrap();
        secrets.extend(ledger.into_iter().map(|line| line.tracking_number));
    }
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'labels'")
            .fetch_all(&world.bed.admin)
            .await
            .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let mut text = String::new();
    for table in tables {
        let query = format!("select t::text from labels.{table} t");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_all(&world.bed.admin)
            .await
            .unwrap();
        text.push_str(&rows.join("\n"));
    }
    let streamed = eventually("everything is streamed", PATIENCE, || async {
        let waiting: i64 = sqlx::query_scalar("select count(*) from labels.outbox")
            .fetch_one(&world.bed.admin)
            .await
            .unwrap();
        (waiting == 0).then_some(())
    });
    streamed.await;
    let stream = world.bed.jetstream().await.get_stream("EV_LABELS_0").await.unwrap();
    let count = stream.cached_info().state.last_sequence;
    assert!(count > 0);
    let options = async_nats::jetstream::consumer::pull::Config::default();
    let consumer = stream.create_consumer(options).await.unwrap();
    let mut messages = consumer.messages().await.unwrap().take(usize::try_from(count).unwrap());
    while let Some(message) = messages.next().await {
        let message = message.unwrap();
        text.push_str(&String::from_utf8_lossy(&message.payload));
        text.push_str(&format!("{:?}", message.headers));
    }
    for secret in secrets {
        for spelt in spellings(&secret) {
            assert!(!text.contains(&spelt), "{secret} stands outside the vault");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_format_is_asked_for_again_once() {
    let zpl = [("COLIBRI_LABELS__FORMATS__COLISSIMO", "zpl")];
    let world = World::with("system", &zpl).await;
    let order = world.order(world.colissimo, "DOM").await;
    world.tell(&order).await;
    let shipment = world.reaches(order.shipment_id, ShipmentState::Bought).await;
    assert_eq!(shipment.parcels[0].media_types, ["application/zpl"]);
    let ask = |media_type: &str| GetLabelRequest {
        parcel_id: shipment.parcels[0].parcel_id.clone(),
        media_type: media_type.to_owned(),
    };
    let first = world.client().get_label(ask("application/pdf")).await.unwrap().into_inner();
    assert!(first.data.starts_with(b"%PDF-"));
    let asked = world.sandbox.requests("colissimo");
    let second = world.client().get_label(ask("application/pdf")).await.unwrap().into_inner();
    assert_eq!(second.data, first.data);
    assert_eq!(world.sandbox.requests("colissimo"), asked, "it was kept");
    let zpl = world.client().get_label(ask("application/zpl")).await.unwrap().into_inner();
    assert!(zpl.data.starts_with(b"^XA") || zpl.data.windows(3).any(|part| part == b"^XA"));
    assert_eq!(world.count("colissimo", "label"), 1);
    world.stop().await;
}
