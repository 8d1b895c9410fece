//! What comes back over a border names the declaration it went out under, whichever is told first.

use colibri_events::returns::v1::*;
use colibri_sandbox::PaymentOptions;
use colibri_testkit::eventually;
use prost::Message as _;

use crate::world::{PATIENCE, World, line, request};

/// Declarations that were told to whoever waits for the parcels of a return.
async fn expected(world: &World, id: &str) -> Vec<String> {
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(
        "select payload from returns.event_log
          where key = $1 and subject like '%.return_parcel_expected.%' order by seq",
    )
    .bind(id)
    .fetch_all(&world.bed.admin)
    .await
    .unwrap();
    let read = |bytes: &Vec<u8>| ReturnParcelExpected::decode(bytes.as_slice()).unwrap();
    rows.iter().map(|bytes| read(bytes).declaration_id).collect()
}

async fn known(world: &World, count: i64) {
    eventually("returns heard of the declarations", PATIENCE, || async {
        let sql = "select count(*) from returns.declaration";
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&world.bed.admin).await.unwrap();
        (found == count).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_over_the_border_names_the_declaration_of_the_way_out() {
    let world = World::start(PaymentOptions::default()).await;
    // Declared, sold, handed over: the usual order, and a second revision of the same declaration.
    let sold = world.sold_to("abroad", "GB").await;
    let declaration = world.declared(&sold, 1).await;
    world.declared(&sold, 2).await;
    // Nothing was declared for what stays inside, or its declaration is not heard of.
    let home = world.in_hands("home", 2).await;
    let silent = world.handed_over(world.sold_to("silent", "CH").await, 2).await;
    // Inside the country by its code, outside of its taxes: declared all the same.
    let island = world.sold("island").await;
    let of_island = world.declared(&island, 1).await;
    known(&world, 2).await;
    let sold = world.handed_over(sold, 2).await;
    let island = world.handed_over(island, 2).await;
    for (name, sold, border, wanted) in [
        ("abroad", &sold, true, declaration.as_str()),
        ("home", &home, false, ""),
        ("silent", &silent, true, ""),
        ("island", &island, true, of_island.as_str()),
    ] {
        let asked = world.asked(request(name, sold, vec![line(1, 1, "changed_mind")])).await;
        assert_eq!((asked.cross_border, asked.declaration_id.as_str()), (border, wanted), "{name}");
        let told = eventually("a label was told of", PATIENCE, || async {
            let told = expected(&world, &asked.return_id).await;
            (!told.is_empty()).then_some(told)
        })
        .await;
        assert_eq!(told, [wanted], "{name}");
        // Over the border labels are told what comes back; elsewhere nobody asks.
        let label = world.shops.wanted.lock().unwrap()[&format!("{}-1", asked.return_id)].clone();
        let contents = label.contents.iter().map(|c| (c.sku.as_str(), c.quantity, c.parcel));
        let shirt: &[_] = if border { &[("SHIRT", 1, 0)] } else { &[] };
        assert_eq!(contents.collect::<Vec<_>>(), shirt, "{name}");
        if name == "silent" {
            // Heard of late: the return learns of it.
            let late = world.declared(sold, 1).await;
            let seen = world
                .until(&asked.return_id, "it is linked", |seen| !seen.declaration_id.is_empty())
                .await;
            assert_eq!((seen.declaration_id, seen.cross_border), (late, true));
        }
    }
    world.stop().await;
}
