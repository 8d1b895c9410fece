//! Who must act on a parcel: told by events, answers and scans, and kept by what is read again.

use colibri_events::tracking::v1::{
    Headline, ParcelDeliveryFailed, ParcelStatusChanged, WatchRequest,
    tracking_service_client::TrackingServiceClient,
};

use crate::{
    remap::remap,
    webhooks::{SECRET, event},
    world::{Sent, World},
};

/// Who had to act, and who must now, of each change.
async fn turns(world: &World, sent: &Sent) -> Vec<(String, String)> {
    let all: Vec<ParcelStatusChanged> = world.bed.told(&sent.bought.parcel.to_string()).await;
    all.into_iter().map(|event| (event.previous_party, event.party)).collect()
}

fn turn(before: &str, after: &str) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_must_act_is_told_and_shown_and_changes_with_the_parcel() {
    let world = World::slow().await;
    let account = world.ups().await;
    let sent = world.sealed("ups", account, "1ZA1B2C36800000701").await;
    world.watched(&[&sent]).await;
    let client = world.bed.client(world.tenant, &["tracking:read"]);
    let asked = WatchRequest { parcel_id: sent.bought.parcel.to_string() };
    let mut watch = TrackingServiceClient::new(client).watch(asked).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().party, "");
    // On its way: nobody; tried: the receiver; clearance information needed: the shipper;
    // damaged: the carrier; on the round again: nobody.
    let said = [(5, ""), (22, "receiver"), (58, "shipper"), (59, "carrier"), (21, "")];
    for (at, (status, party)) in said.into_iter().enumerate() {
        let minute = 100 + 10 * i64::try_from(at).unwrap();
        let body = event(&sent.number, status, minute);
        world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
        let parcel = world.get(&sent, false).await;
        assert_eq!(parcel.party, party, "after {status}");
        assert_eq!(watch.message().await.unwrap().unwrap().party, party, "watched, {status}");
    }
    let parcel = world.get(&sent, false).await;
    let parties: Vec<&str> = parcel.scans.iter().map(|scan| scan.party.as_str()).collect();
    assert_eq!(parties, said.map(|(_, party)| party), "each scan keeps its own");
    let expected = [
        turn("", ""),
        turn("", "receiver"),
        turn("receiver", "shipper"),
        turn("shipper", "carrier"),
        turn("carrier", ""),
    ];
    assert_eq!(turns(&world, &sent).await, expected);
    let key = sent.bought.parcel.to_string();
    let failed: Vec<ParcelDeliveryFailed> = world.bed.told(&key).await;
    assert_eq!(failed.iter().map(|f| f.party.as_str()).collect::<Vec<_>>(), ["receiver"]);
    world.stop().await;
}

/// Reads everything of UPS again; what changed, and of how many parcels.
async fn remapped(world: &World, dry_run: bool) -> (u64, Vec<(String, String, u64)>) {
    let done = remap(world, "ups", dry_run).await.unwrap();
    let changed = done.headlines.into_iter().map(|c| (c.before, c.after, c.parcels)).collect();
    (done.parcels, changed)
}

async fn as_before(world: &World, sql: &'static str) {
    sqlx::query(sql).execute(&world.bed.admin).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_table_tells_who_must_act_now() {
    let world = World::slow().await;
    let account = world.ups().await;
    let sent = world.sealed("ups", account, "1ZA1B2C36800000702").await;
    let moving = world.sealed("ups", account, "1ZA1B2C36800000703").await;
    world.watched(&[&sent, &moving]).await;
    for (sent, status) in [(&sent, 64), (&moving, 5)] {
        let body = event(&sent.number, status, 100);
        world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
    }
    assert_eq!(world.get(&sent, false).await.party, "shipper", "refused by the receiver");
    // As an earlier release had it: a code that nobody knew.
    for sql in [
        "update tracking.scan set headline = 'unknown', sub_status = null, mapping_version = 1
          where code like '%64'",
        "update tracking.parcel set headline = 'created', sub_status = null, party = null
          where party is not null",
    ] {
        as_before(&world, sql).await;
    }
    assert_eq!(world.get(&sent, false).await.party, "");
    assert_eq!(remapped(&world, false).await.0, 1);
    let parcel = world.get(&sent, false).await;
    assert_eq!((parcel.headline(), parcel.party.as_str()), (Headline::Exception, "shipper"));
    assert_eq!(turns(&world, &sent).await, [turn("", "shipper"), turn("", "shipper")]);
    assert_eq!(remapped(&world, false).await.0, 0, "read once more, nothing is told again");

    // As an earlier release had it: the same meaning, but the receiver had to act.
    as_before(&world, "update tracking.parcel set party = 'receiver' where sub_status = 'refused'")
        .await;
    let text = |party: &str| format!("exception/refused ({party})");
    let changed = (1, vec![(text("receiver"), text("shipper"), 1)]);
    assert_eq!(remapped(&world, true).await, changed);
    assert_eq!(world.get(&sent, false).await.party, "receiver", "a dry run changes nothing");
    assert_eq!(remapped(&world, false).await, changed);
    assert_eq!(world.get(&sent, false).await.party, "shipper");
    assert_eq!(turns(&world, &sent).await.last(), Some(&turn("receiver", "shipper")));
    assert_eq!(turns(&world, &moving).await.len(), 1, "the other parcel is told nothing");
    assert_eq!(remapped(&world, false).await, (0, Vec::new()));
    world.stop().await;
}
