//! Nothing of a person outside the vault, and nothing of a tenant for another.

use std::time::Duration;

use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use colibri_events::{orders::v1::*, types::v1::Address};
use colibri_kit::db::Role;
use colibri_types::TenantId;
use futures::StreamExt as _;
use sqlx::{Connection as _, PgConnection};

use crate::world::{World, address, code, order, parcel};

/// Invented words that stand nowhere else.
const CANARIES: [&str; 8] = [
    "Quirinalde",
    "Zwetschgenweg",
    "Kanarienstadt",
    "quirinalde@example.org",
    "5550199",
    "Papageienfreundin",
    "NUMMER-KANARI",
    "Voliere GmbH",
];

fn canary(id: &str) -> OrderInput {
    let mut input = order(id);
    input.number = "NUMMER-KANARI".into();
    input.note = "Papageienfreundin, bitte klingeln".into();
    input.ship_to = Some(Address {
        name: "Quirinalde Muster".into(),
        company: "Voliere GmbH".into(),
        lines: vec!["Zwetschgenweg 7".into()],
        city: "Kanarienstadt".into(),
        postcode: "10115".into(),
        country: "DE".into(),
        phone: "+1 555 0199 5550199".into(),
        email: "quirinalde@example.org".into(),
        ..Address::default()
    });
    input
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_of_a_person_is_in_a_table_or_on_the_stream() {
    let world = World::start().await;
    let taken = world.submit_one(canary("1")).await;
    let mut wrong = canary("2");
    wrong.ship_to.as_mut().unwrap().postcode = "Quirinalde".into();
    let held = world.submit_one(wrong).await;
    assert_eq!((taken.state(), held.state()), (OrderState::Accepted, OrderState::Held));
    let amend = AmendRequest {
        order_id: held.order_id.clone(),
        ship_to: canary("2").ship_to,
        parcels: vec![parcel(100)],
        ..AmendRequest::default()
    };
    world.client().amend(amend).await.unwrap();
    let csv = "order number,sku,qty,unit price,currency,weight (g),recipient,street,postcode,city,\
               country\nNUMMER-KANARI,A,1,2.50,EUR,200,Quirinalde Muster,Zwetschgenweg 7,\
               Quirinalde,Kanarienstadt,DE\n";
    let file = ImportRequest {
        request_id: "canary".into(),
        format: "csv".into(),
        data: csv.as_bytes().to_vec().into(),
    };
    let report = world.client().import(file).await.unwrap().into_inner();
    assert_eq!(report.held, 1, "{report:?}");
    world.told(&held.order_id).await;

    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
          where table_schema = 'orders' and table_type = 'BASE TABLE'",
    )
    .fetch_all(&world.bed.admin)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    for table in tables {
        let sql = format!("select t::text from orders.{table} t");
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&world.bed.admin).await.unwrap();
        for row in rows {
            // The external id of an imported order is the number in the file: the sender's choice.
            clean(&row.replace("NUMMER-KANARI", ""), &table);
        }
    }
    on_the_stream(&world).await;
    world.stop().await;
}

/// Bytes are searched as text and, where a table shows them in hexadecimal, as that.
fn clean(text: &str, place: &str) {
    for word in CANARIES {
        assert!(!text.contains(word), "{word} in {place}");
        let hex: String = word.bytes().map(|b| format!("{b:02x}")).collect();
        assert!(!text.contains(&hex), "{word} in {place}, as bytes");
    }
}

async fn on_the_stream(world: &World) {
    let stream = world.bed.jetstream().await.get_stream("EV_ORDERS_0").await.unwrap();
    let all = pull::Config { deliver_policy: DeliverPolicy::All, ..pull::Config::default() };
    let consumer = stream.create_consumer(all).await.unwrap();
    let mut messages = consumer.fetch().max_messages(1000).messages().await.unwrap();
    let mut seen = 0;
    while let Some(message) = messages.next().await {
        let message = message.unwrap();
        clean(&String::from_utf8_lossy(&message.payload), "the stream");
        clean(&format!("{:?}", message.headers), "a header");
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_sees_nothing_by_rpc_or_by_sql() {
    let world = World::start().await;
    let mine = world.submit_one(order("1")).await;
    let other = TenantId::generate();
    let mut client = world.client_of(other, &["orders:read", "orders:write"]);
    let id = mine.order_id.clone();
    let by = Some(get_request::By::OrderId(id.clone()));
    let get = client.get(GetRequest { by, reveal: true }).await.unwrap_err();
    assert_eq!((get.code(), code(&get)), (tonic::Code::NotFound, "ORD0004".into()));
    let hold = client.hold(HoldRequest { order_id: id.clone() }).await.unwrap_err();
    let release = ReleaseRequest { order_id: id.clone(), overrule: vec![] };
    let release = client.release(release).await.unwrap_err();
    let cancel = client.cancel(CancelRequest { order_id: id.clone() }).await.unwrap_err();
    let amend =
        AmendRequest { order_id: id.clone(), ship_to: Some(address()), ..AmendRequest::default() };
    let amend = client.amend(amend).await.unwrap_err();
    for refused in [hold, release, cancel, amend] {
        assert_eq!(code(&refused), "ORD0004");
    }
    let list = client.list(ListRequest::default()).await.unwrap().into_inner();
    assert_eq!(list.orders, []);
    // The same order key at another tenant is another order.
    let theirs = client.submit(SubmitRequest { orders: vec![order("1")], ..Default::default() });
    let theirs = theirs.await.unwrap().into_inner().results.remove(0);
    assert_ne!(theirs.order_id, id);
    assert_eq!(crate::world::codes(&theirs.reasons), ["NO_SITE"]);

    let mut db = PgConnection::connect_with(&world.bed.role("orders", Role::Rpc)).await.unwrap();
    let all = "select count(*) from orders.orders";
    let seen: i64 = sqlx::query_scalar(all).fetch_one(&mut db).await.unwrap();
    assert_eq!(seen, 0, "without a tenant nothing is seen");
    let set = "select set_config('colibri.tenant', $1, false)";
    let as_other = other.to_uuid().to_string();
    sqlx::query(set).bind(as_other).execute(&mut db).await.unwrap();
    let seen: i64 = sqlx::query_scalar(all).fetch_one(&mut db).await.unwrap();
    assert_eq!(seen, 1, "its own");
    let touched = sqlx::query("update orders.orders set version = 99 where tenant_id = $1")
        .bind(world.tenant.to_uuid())
        .execute(&mut db)
        .await
        .unwrap();
    assert_eq!(touched.rows_affected(), 0);
    let planted = sqlx::query(
        "insert into orders.site (site_id, tenant_id, code, country, postcode_zone)
         values ($1, $2, 'x', 'FR', '')",
    )
    .bind(TenantId::generate().to_uuid())
    .bind(world.tenant.to_uuid())
    .execute(&mut db)
    .await;
    assert!(planted.is_err(), "a row of another tenant");
    let deadline = Duration::from_secs(5);
    tokio::time::timeout(deadline, db.close()).await.unwrap().unwrap();
    world.stop().await;
}
