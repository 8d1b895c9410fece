//! Corrected tables over past scans.

use colibri_events::tracking::v1::{
    Headline, RemapRequest, RemapResponse, tracking_service_client::TrackingServiceClient,
};
use tonic::{Code, Status};

use crate::{
    webhooks::{SECRET, event},
    world::{Sent, World, code},
};

pub async fn remap(world: &World, carrier: &str, dry_run: bool) -> Result<RemapResponse, Status> {
    let admin = world.bed.client(None, &["platform:admin"]);
    let asked = RemapRequest { carrier: carrier.to_owned(), dry_run };
    Ok(TrackingServiceClient::new(admin).remap(asked).await?.into_inner())
}

/// As an earlier release had it: code 21, on the vehicle, was in no table, and 5 was a delay.
async fn forget(world: &World) {
    for sql in [
        "update tracking.scan set headline = 'unknown', sub_status = null, mapping_version = 1
          where code like '%21'",
        "update tracking.scan set headline = 'delayed', sub_status = null, mapping_version = 1
          where code like '%5'",
        "update tracking.parcel set headline = 'delayed', sub_status = null",
    ] {
        sqlx::query(sql).execute(&world.bed.admin).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn corrected_tables_reach_past_parcels_and_say_what_changed() {
    let world = World::slow().await;
    let account = world.ups().await;
    let on_round = world.sealed("ups", account, "1ZA1B2C36800000601").await;
    let moving = world.sealed("ups", account, "1ZA1B2C36800000602").await;
    let judged = world.sealed("ups", account, "1ZA1B2C36800000603").await;
    let all = [&on_round, &moving, &judged];
    world.watched(&all).await;
    let tell = async |sent: &Sent, status: u16, minute: i64| {
        let body = event(&sent.number, status, minute);
        world.webhook(account, SECRET, body.as_bytes()).await.unwrap();
    };
    for sent in all {
        tell(sent, 5, 100).await;
    }
    tell(&on_round, 21, 200).await;
    let nothing = remap(&world, "", false).await.unwrap();
    assert_eq!((nothing.scans, nothing.codes.len(), nothing.parcels), (4, 0, 0));
    forget(&world).await;
    // Words, not the code, made this one a delay: nobody can read them again.
    let sql = "update tracking.scan set by_code = false where parcel_id = $1";
    let id = judged.bought.parcel.to_uuid();
    sqlx::query(sql).bind(id).execute(&world.bed.admin).await.unwrap();
    let version = world.get(&moving, false).await.version;

    let planned = remap(&world, "ups", true).await.unwrap();
    assert_eq!((planned.scans, planned.parcels, planned.codes.len()), (4, 2, 2));
    let changes: Vec<_> = planned
        .headlines
        .iter()
        .map(|c| (c.before.as_str(), c.after.as_str(), c.parcels))
        .collect();
    assert_eq!(changes, [("delayed", "in_transit", 1), ("delayed", "out_for_delivery", 1)]);
    let codes: Vec<_> =
        planned.codes.iter().map(|c| (c.before.as_str(), c.after.as_str(), c.scans)).collect();
    assert!(codes.contains(&("unknown", "out_for_delivery", 1)), "{codes:?}");
    assert!(codes.contains(&("delayed", "in_transit", 2)), "{codes:?}");
    assert_eq!(world.get(&moving, false).await.version, version, "a dry run changes nothing");
    assert_eq!(world.told(&moving).await, ["parcel_status_changed"]);

    let done = remap(&world, "ups", false).await.unwrap();
    assert_eq!(done, planned);
    assert_eq!(world.get(&on_round, false).await.headline(), Headline::OutForDelivery);
    assert_eq!(world.get(&moving, false).await.headline(), Headline::InTransit);
    assert_eq!(world.get(&judged, false).await.headline(), Headline::Delayed);
    assert_eq!(world.told(&moving).await, ["parcel_status_changed"; 2]);
    let again = remap(&world, "", false).await.unwrap();
    assert_eq!((again.codes.len(), again.parcels), (0, 0));
    let sql = "select count(*) from tracking.scan where mapping_version = 1";
    let old: i64 = sqlx::query_scalar(sql).fetch_one(&world.bed.admin).await.unwrap();
    assert_eq!(old, 1);

    let refused = remap(&world, "nobody", false).await.unwrap_err();
    assert_eq!((refused.code(), code(&refused).as_str()), (Code::InvalidArgument, "TRK0008"));
    let client = world.bed.client(world.tenant, &["tracking:read", "tracking:write"]);
    let asked = RemapRequest::default();
    let refused = TrackingServiceClient::new(client).remap(asked).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    world.stop().await;
}
