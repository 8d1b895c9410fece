//! Words, towns, names and numbers are nowhere but in the vault.

use futures::StreamExt as _;
use sqlx::AssertSqlSafe;

use crate::{
    carriers::TOWN,
    webhooks::{SECRET, event, list},
    world::World,
};

const NUMBER: &str = "1ZA1B2C36800000777";

fn canaries() -> Vec<String> {
    let words = ["Ottokar Kanari", TOWN, NUMBER, SECRET];
    let both = words.iter().flat_map(|word| [(*word).to_owned(), word.to_lowercase()]);
    both.collect()
}

fn found(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    canaries().into_iter().filter(|canary| text.contains(canary.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_word_place_or_number_leaves_the_vault() {
    let world = World::slow().await;
    let account = world.ups().await;
    let sent = world.sealed("ups", account, NUMBER).await;
    world.watched(&[&sent]).await;
    let events = [(38, 60), (21, 480), (22, 600), (197, 700), (11, 800)];
    let events = events.map(|(status, minute)| event(NUMBER, status, minute));
    world.webhook(account, SECRET, &list(&events)).await.unwrap();
    let parcel = world.get(&sent, true).await;
    assert_eq!((parcel.scans[0].place.as_str(), parcel.scans.len()), (TOWN, 5));
    assert!(world.told(&sent).await.len() >= 3);

    let columns = "select table_name::text, column_name::text from information_schema.columns
                    where table_schema = 'tracking'";
    let columns: Vec<(String, String)> =
        sqlx::query_as(columns).fetch_all(&world.bed.admin).await.unwrap();
    let mut bytes = 0;
    for (table, column) in columns {
        let sql = format!(
            "select case when pg_typeof({column}) = 'bytea'::regtype
                    then decode(substr({column}::text, 3), 'hex')
                    else convert_to({column}::text, 'UTF8') end
               from tracking.{table} where {column} is not null"
        );
        let values: Vec<Vec<u8>> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&world.bed.admin).await.unwrap();
        for value in values {
            bytes += value.len();
            assert_eq!(found(&value), Vec::<String>::new(), "{table}.{column}");
        }
    }
    assert!(bytes > 2_000, "looked at too little");

    let js = world.bed.jetstream().await;
    let mut names = js.stream_names();
    let mut messages = 0;
    while let Some(name) = names.next().await {
        let stream = js.get_stream(name.unwrap()).await.unwrap();
        let last = stream.cached_info().state.last_sequence;
        for sequence in 1..=last {
            let message = stream.get_raw_message(sequence).await.unwrap();
            messages += 1;
            assert_eq!(found(&message.payload), Vec::<String>::new(), "{}", message.subject);
            assert_eq!(found(format!("{:?}", message.headers).as_bytes()), Vec::<String>::new());
        }
    }
    assert!(messages >= 5, "{messages} messages");
    world.stop().await;
}
