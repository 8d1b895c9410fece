//! Carriers' calls: proven, read, matched, and taken in once.

use colibri_events::tracking::v1::Headline;
use colibri_types::AccountId;
use time::{Duration, OffsetDateTime};
use tonic::Code;

use crate::{
    carriers::TOWN,
    world::{World, code},
};

pub const SECRET: &str = "hook-credential";

/// A pushed event of UPS: status code, and the minute of yesterday at which it happened.
pub fn event(number: &str, status: u16, minute: i64) -> String {
    let day = OffsetDateTime::now_utc().date().previous_day().unwrap();
    event_at(number, status, day.midnight().assume_utc() + Duration::minutes(minute))
}

/// A pushed event of UPS at a moment.
pub fn event_at(number: &str, status: u16, at: OffsetDateTime) -> String {
    let (year, month, date) = (at.year(), u8::from(at.month()), at.day());
    let (hour, minute) = (at.hour(), at.minute());
    // A type that no table knows either, where the code is unknown.
    let kind = match status {
        11 => "D",
        197 => "Z",
        _ => "I",
    };
    format!(
        r#"{{"trackingNumber":"{number}","localActivityDate":"{year}{month:02}{date:02}",
            "localActivityTime":"{hour:02}{minute:02}00",
            "activityLocation":{{"city":"{TOWN}","country":"DE"}},
            "activityStatus":{{"type":"{kind}","code":"XX","description":"Ottokar Kanari {status}",
                               "descriptionCode":"{status:03}"}},
            "gmtActivityDate":"{year}{month:02}{date:02}",
            "gmtActivityTime":"{hour:02}{minute:02}00","gmtOffset":"+00.00"}}"#
    )
}

pub fn list(events: &[String]) -> Vec<u8> {
    format!("[{}]", events.join(",")).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_must_prove_itself_and_counts_once() {
    let world = World::slow().await;
    let account = world.ups().await;
    let number = "1ZA1B2C36800000008";
    let sent = world.sealed("ups", account, number).await;
    world.watched(&[&sent]).await;
    let body = list(&[event(number, 5, 100)]);

    for (account, secret) in [(account, "wrong"), (account, ""), (AccountId::generate(), SECRET)] {
        let refused = world.webhook(account, secret, &body).await.unwrap_err();
        let known = (refused.code(), code(&refused));
        assert_eq!(known, (Code::Unauthenticated, "TRK0002".to_owned()), "{account} {secret}");
    }
    for broken in [b"".as_slice(), b"{", b"[]", b"<html>", br#"{"trackingNumber":"1Z"}"#] {
        let refused = world.webhook(account, SECRET, broken).await.unwrap_err();
        assert_eq!((refused.code(), code(&refused).as_str()), (Code::InvalidArgument, "TRK0003"));
    }
    assert_eq!(world.get(&sent, false).await.version, 1, "nothing was taken in");

    let first = world.webhook(account, SECRET, &body).await.unwrap();
    assert_eq!((first.scans, first.fresh, first.unmatched, first.replayed), (1, 1, 0, false));
    let parcel = world.get(&sent, true).await;
    assert_eq!((parcel.headline(), parcel.version), (Headline::InTransit, 2));
    assert_eq!(parcel.scans[0].text, "Ottokar Kanari 5");
    assert_eq!((parcel.scans[0].place.as_str(), parcel.scans[0].country.as_str()), (TOWN, "DE"));
    assert_eq!(world.get(&sent, false).await.scans[0].text, "", "words need reveal");

    let replay = world.webhook(account, SECRET, &body).await.unwrap();
    assert!(replay.replayed && replay.fresh == 0);
    // The same event in another body is no replay, and nothing new.
    let again = list(&[event(number, 5, 100), event("1ZA1B2C36800000099", 11, 110)]);
    let told = world.webhook(account, SECRET, &again).await.unwrap();
    assert_eq!((told.scans, told.fresh, told.unmatched, told.replayed), (2, 0, 1, false));
    assert_eq!(world.get(&sent, false).await.version, 2);
    assert_eq!(world.told(&sent).await, ["parcel_status_changed"]);

    // A code that no table knows is kept, shown and moves nothing.
    let unknown = world.webhook(account, SECRET, event(number, 197, 120).as_bytes()).await;
    assert_eq!(unknown.unwrap().fresh, 1);
    let parcel = world.get(&sent, false).await;
    assert_eq!((parcel.headline(), parcel.scans.len()), (Headline::InTransit, 2));
    assert_eq!(parcel.scans[1].headline, "unknown");
    assert!(parcel.scans[1].code.contains("197"), "{}", parcel.scans[1].code);
    assert_eq!(world.told(&sent).await, ["parcel_status_changed"]);
    world.stop().await;
}
