#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use colibri_testkit::{Door, TestBed, stand_in};
use sqlx::Connection as _;
use time::macros::datetime;

use super::*;

const DAY: OffsetDateTime = datetime!(2026-11-23 00:00 UTC);
const GLS: Quota = Quota::a_day(500);

async fn bed() -> TestBed {
    let (labels, accounts) = (Door::default(), Door::default());
    let services = vec![
        colibri_vault::service(),
        stand_in("labels", &labels).build(),
        stand_in("accounts", &accounts).build(),
        crate::service(),
    ];
    TestBed::start(services).await
}

async fn connect(bed: &TestBed) -> PgConnection {
    PgConnection::connect_with(&bed.admin.connect_options()).await.unwrap()
}

/// Asks for questions each minute from `from` for so long; when each was booked.
async fn walk(
    db: &mut PgConnection,
    ids: (Uuid, Uuid),
    from: OffsetDateTime,
    minutes: i64,
) -> Vec<OffsetDateTime> {
    let mut booked = Vec::new();
    for minute in 0..minutes {
        let now = from + Duration::minutes(minute);
        while let Booked::Some(count) = book(db, ids, GLS, now).await.unwrap() {
            booked.extend(std::iter::repeat_n(now, usize::try_from(count).unwrap()));
        }
    }
    booked
}

fn within(booked: &[OffsetDateTime], from: OffsetDateTime, hours: i64) -> usize {
    let until = from + Duration::hours(hours);
    booked.iter().filter(|at| (from..until).contains(*at)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_quota_is_spread_and_survives_a_restart() {
    let mut bed = bed().await;
    let ids = (Uuid::from_u128(1), Uuid::from_u128(2));
    let mut db = connect(&bed).await;
    // From the morning on every minute somebody wants to ask.
    let mut booked = walk(&mut db, ids, DAY, 12 * 60).await;
    assert!(booked.len() <= 250 + 25, "{} by noon", booked.len());
    assert!(booked.len() >= 250, "{} by noon", booked.len());
    // The database starts again; no process remembers anything.
    drop(db);
    bed.postgres.restart().unwrap();
    let mut db = connect(&bed).await;
    let noon = DAY + Duration::hours(12);
    assert_eq!(book(&mut db, ids, GLS, noon).await.unwrap(), Booked::Some(1));
    booked.push(noon);
    let Booked::Wait(until) = book(&mut db, ids, GLS, noon).await.unwrap() else {
        panic!("all that the day has until noon was asked");
    };
    assert!(until > noon && until < noon + Duration::minutes(5), "{until}");
    booked.extend(walk(&mut db, ids, noon, 12 * 60).await);
    assert_eq!(booked.len(), 500, "the whole day, and not one more");
    // What ran ahead is missing in the last hour and a bit.
    for hour in 0..23 {
        let one = within(&booked, DAY + Duration::hours(hour), 1);
        assert!(one <= 21 + 25, "{one} in the hour from {hour}");
        assert!(one >= 10, "{one} in the hour from {hour}: the day was spent before");
    }
    // The next day has its own.
    let tomorrow = DAY + Duration::DAY;
    let next = walk(&mut db, ids, tomorrow, 24 * 60).await;
    assert_eq!(next.len(), 500);
    // Another account has another row.
    let other = (Uuid::from_u128(3), Uuid::from_u128(2));
    assert_eq!(book(&mut db, other, GLS, tomorrow).await.unwrap(), Booked::Some(1));
    bed.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spent_day_waits_for_the_next_whoever_asks() {
    let bed = bed().await;
    let ids = (Uuid::from_u128(1), Uuid::from_u128(2));
    let (mut one, mut two) = (connect(&bed).await, connect(&bed).await);
    let mut count = 0;
    for minute in 0..24 * 60 {
        let now = DAY + Duration::minutes(minute);
        for db in [&mut one, &mut two] {
            count += u32::from(book(db, ids, GLS, now).await.unwrap() == Booked::Some(1));
        }
    }
    assert_eq!(count, 500, "two processes share one day");
    let late = DAY + Duration::hours(23) + Duration::minutes(59);
    let Booked::Wait(until) = book(&mut one, ids, GLS, late).await.unwrap() else {
        panic!("the day is spent");
    };
    assert!(until >= DAY + Duration::DAY, "{until}");
    // A clock that is behind finds no day of its own.
    let behind = DAY - Duration::hours(1);
    assert!(matches!(book(&mut two, ids, GLS, behind).await.unwrap(), Booked::Wait(_)));
    // A large quota is taken in parts.
    let large = (Uuid::from_u128(9), Uuid::from_u128(2));
    let fedex = Quota::a_day(100_000);
    assert_eq!(book(&mut one, large, fedex, DAY).await.unwrap(), Booked::Some(100));
    bed.stop().await;
}
