//! Signals: raised with what was measured, explained, and never a refusal. The rest of them is
//! raised where codes, counts and photos are tested.

use colibri_events::{
    returns::v1::{orphan_clue::By, settle_orphan_request::Way, *},
    tracking::v1::{Headline, ParcelStatusChanged},
};
use colibri_sandbox::PaymentOptions;
use colibri_types::ReturnId;
use time::{Duration, OffsetDateTime, macros::format_description};

use crate::world::{Sold, World, as_new, line, order, png, request, timestamp};

const LIMITS: &str = "
[settings.limits]
weight_grams = 100
weight_percent = 10
unseen_days = 5
orders_min = 10
orphan_minor = 1000
graded_min = 2
drift_per_mille = 200
";

async fn rules(world: &World, changed: &[(&str, &str)]) {
    let known = world.client().get_policies(GetPoliciesRequest {}).await.unwrap().into_inner();
    let toml = changed.iter().fold(known.toml, |toml, (from, to)| {
        assert!(toml.contains(from), "{from}");
        toml.replace(from, to)
    });
    let toml = format!("{toml}{LIMITS}");
    world.client().put_policies(PutPoliciesRequest { toml }).await.unwrap();
}

fn own(id: &str, sold: &Sold, line: RequestLine) -> RequestRequest {
    RequestRequest { way_back: WayBack::Own.into(), ..request(id, sold, vec![line]) }
}

fn raised(seen: &Return) -> Vec<&str> {
    let innocent = seen.signals.iter().all(|signal| !signal.innocent.is_empty());
    assert!(innocent, "each says what else it may be: {:?}", seen.signals);
    seen.signals.iter().map(|signal| signal.code.as_str()).collect()
}

fn evidence(seen: &Return, code: &str, name: &str) -> i64 {
    let signal = seen.signals.iter().find(|signal| signal.code == code).unwrap();
    signal.evidence.iter().find(|item| item.name == name).unwrap().value
}

/// Counts and grades units of the first line; with use beyond trying when `worn`.
async fn bench(world: &World, sold: &Sold, id: &str, units: u32, worn: bool) -> GradeResponse {
    let mut client = world.client();
    let counted = vec![CountedLine { line: 1, units, ..CountedLine::default() }];
    let count = ReceiveRequest {
        return_id: id.into(),
        request_id: format!("count-{id}"),
        counted,
        ..ReceiveRequest::default()
    };
    client.receive(count).await.unwrap();
    let mut photo_ids = Vec::new();
    let mut criteria = as_new();
    if worn {
        for _ in 0..3 {
            let photo = PutPhotoRequest { order: order(sold), data: png().into() };
            photo_ids.push(client.put_photo(photo).await.unwrap().into_inner().photo_id);
        }
        let used = ["no_sign_of_use", "no_use_beyond_trying", "seal_intact"];
        for known in criteria.iter_mut().filter(|known| used.contains(&known.code.as_str())) {
            known.yes = false;
        }
    }
    let grade = GradeRequest {
        return_id: id.into(),
        request_id: format!("grade-{id}"),
        line: 1,
        units,
        criteria,
        photo_ids,
        ..GradeRequest::default()
    };
    client.grade(grade).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn worn_though_sent_back_by_choice_is_f04_and_by_fault_is_not() {
    let world = World::start(PaymentOptions::default()).await;
    for (name, reason, expected) in
        [("choice", "changed_mind", &["F04"][..]), ("fault", "defective_on_arrival", &[])]
    {
        let sold = world.in_hands(name, 2).await;
        let asked = own(name, &sold, line(1, 1, reason));
        let id = world.client().request(asked).await.unwrap().into_inner().return_id;
        let graded = bench(&world, &sold, &id, 1, true).await;
        assert_eq!(graded.grade, "C", "{:?}", graded.because);
        let seen = world.get(&id).await;
        assert_eq!(raised(&seen), expected, "{reason}");
        assert_ne!(seen.state(), ReturnState::Rejected);
    }
    assert_eq!(world.events("signal_raised").await, 1);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn something_of_value_without_a_return_is_f09() {
    let world = World::start(PaymentOptions::default()).await;
    rules(&world, &[]).await;
    let sold = world.in_hands("value", 2).await;
    let asked = own("v-1", &sold, line(1, 1, "fit"));
    let id = world.client().request(asked).await.unwrap().into_inner().return_id;
    let found = RecordOrphanRequest {
        request_id: "v-2".into(),
        clue: Some(OrphanClue { by: Some(By::OrderId(sold.order_id.clone())) }),
        items: vec![OrphanUnits { sku: "SHIRT".into(), units: 1 }],
        ..RecordOrphanRequest::default()
    };
    let orphan = world.client().record_orphan(found).await.unwrap().into_inner();
    let settle = SettleOrphanRequest {
        orphan_id: orphan.orphan_id,
        request_id: "v-3".into(),
        item: 1,
        units: 1,
        way: Some(Way::ToReturn(IntoReturn { return_id: id.clone(), line: 1 })),
        reason: "label_torn".into(),
    };
    world.client().settle_orphan(settle).await.unwrap();
    let seen = world.get(&id).await;
    assert_eq!(raised(&seen), ["F09"]);
    let (value, limit) = (evidence(&seen, "F09", "value_minor"), 1000);
    assert_eq!((value, evidence(&seen, "F09", "limit_minor")), (1999, limit));
    assert_eq!(seen.lines[0].goods.unwrap().received, 1, "it is counted all the same");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paid_back_and_never_seen_is_f13() {
    let world = World::start(PaymentOptions::default()).await;
    // Paid when it is asked for, to be sent on the same day.
    let quick = [("\"on_inspection\"", "\"on_request\""), ("send_days = 14", "send_days = 0")];
    rules(&world, &quick).await;
    let sold = world.in_hands("unseen", 2).await;
    let asked = own("u-1", &sold, line(1, 1, "fit"));
    let id = world.client().request(asked).await.unwrap().into_inner().return_id;
    let seen = world
        .until(&id, "it is paid back", |seen| {
            seen.refunds.iter().any(|refund| refund.state == "refunded")
        })
        .await;
    assert_eq!(raised(&seen), Vec::<&str>::new());
    // A day later.
    let sql = "update returns.return_case set next_look_at = now() where return_id = $1";
    let number: ReturnId = id.parse().unwrap();
    sqlx::query(sql).bind(number.to_uuid()).execute(&world.bed.admin).await.unwrap();
    let seen = world.until(&id, "a person is told", |seen| !seen.signals.is_empty()).await;
    assert_eq!(raised(&seen), ["F13"]);
    assert_eq!(evidence(&seen, "F13", "exposure_minor"), 1999);
    assert_eq!(world.payments.ledger().len(), 1, "what was paid stays paid");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_that_cannot_have_been_then_is_f14() {
    let world = World::start(PaymentOptions::default()).await;
    let now = OffsetDateTime::now_utc();
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let long_ago = (now - Duration::days(5)).format(format).unwrap();
    let soon = (now + Duration::days(3)).format(format).unwrap();
    let fine = (now - Duration::hours(20)).format(format).unwrap();
    for (name, local, offset, expected) in [
        ("early", &long_ago, "+00:00", &["F14"][..]),
        ("future", &soon, "+01:00", &["F14"]),
        // A wrong time zone is no wonder, and without an offset nothing is known.
        ("zone", &fine, "+00:00", &[]),
        ("local", &long_ago, "", &[]),
    ] {
        let sold = world.in_hands(name, 2).await;
        let asked = world.asked(request(name, &sold, vec![line(1, 1, "fit")])).await;
        let scan = ParcelStatusChanged {
            parcel_id: asked.parcels[0].parcel_ids[0].clone(),
            tenant_id: world.tenant.to_string(),
            headline: Headline::InTransit.into(),
            local_time: local.clone(),
            utc_offset: offset.into(),
            version: 2,
            at: timestamp(now),
            ..ParcelStatusChanged::default()
        };
        world.say("tracking", &scan, name).await;
        let moved = |seen: &Return| seen.lines[0].goods.unwrap().in_transit == 1;
        let seen = world.until(&asked.return_id, "it is on its way", moved).await;
        assert_eq!(raised(&seen), expected, "{name}");
        assert!(seen.signals.iter().all(|signal| signal.step == "ask_photo"));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_that_grade_otherwise_are_statistics_and_no_signal() {
    let world = World::start(PaymentOptions::default()).await;
    rules(&world, &[]).await;
    // Each order is of a site of its own.
    for (name, worn) in [("gentle", false), ("strict", true)] {
        let sold = world.in_hands(name, 2).await;
        let asked = own(name, &sold, line(1, 2, "defective_on_arrival"));
        let id = world.client().request(asked).await.unwrap().into_inner().return_id;
        bench(&world, &sold, &id, 2, worn).await;
        // Told again, it is counted once.
        let seen = world.get(&id).await;
        assert_eq!(raised(&seen), Vec::<&str>::new(), "it is about us, not about the buyer");
    }
    let ask = GetGradeQualityRequest::default();
    let told = world.client().get_grade_quality(ask).await.unwrap().into_inner();
    assert_eq!((told.graded_min, told.drift_per_mille), (2, 200));
    let of = |by: &str| told.groups.iter().filter(|group| group.by == by).collect::<Vec<_>>();
    let sites = of("site");
    assert_eq!(sites.len(), 2);
    for site in &sites {
        assert!(site.drifts && site.who.starts_with("sit_"), "{site:?}");
        assert_eq!((site.units, site.peer_units, site.low_units + site.peer_low_units), (2, 2, 2));
    }
    // One inspector has nobody to be compared with.
    let inspectors = of("inspector");
    assert_eq!(inspectors.len(), 1);
    assert_eq!((inspectors[0].units, inspectors[0].peer_units), (4, 0));
    assert!(!inspectors[0].drifts && !inspectors[0].who.contains("ser"));
    let far = GetGradeQualityRequest { days: 731 };
    let refused = world.client().get_grade_quality(far).await.unwrap_err();
    assert_eq!(crate::world::code(&refused), "RET0002");
    world.stop().await;
}
