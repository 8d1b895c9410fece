//! A party that is like somebody on a list holds the parcel until a person has decided. Lists and
//! persons are invented.

use colibri_events::customs::v1::{
    DecideScreeningRequest, Declaration, DeclarationIncomplete, DeclarationReady, DeclarationState,
    ImportScreeningListRequest, ListScreeningListsRequest, ReassessRequest, ScreenRequest,
    ScreenResponse, ScreeningEntry, ScreeningList, ScreeningOutcome, ScreeningReason,
    ScreeningVerdict,
};
use colibri_events::vault::v1::Field;
use colibri_testkit::eventually;
use colibri_types::{ShipmentId, TenantId};
use tonic::Status;

use crate::world::{CANARIES, PATIENCE, World, code, goods, person, profile, shirt};

const HEADER: &str = "id,kind,name,quality,countries\n";

fn request(rows: &str) -> ImportScreeningListRequest {
    ImportScreeningListRequest {
        name: "own".into(),
        format: "own-csv".into(),
        data: format!("{HEADER}{rows}").into_bytes().into(),
        ..ImportScreeningListRequest::default()
    }
}

async fn import(
    world: &World,
    request: ImportScreeningListRequest,
) -> Result<ScreeningList, Status> {
    world.client().import_screening_list(request).await.map(|r| r.into_inner())
}

async fn screen(world: &World, id: ShipmentId) -> Result<ScreenResponse, Status> {
    let request = ScreenRequest { shipment_id: id.to_string() };
    world.client().screen(request).await.map(|r| r.into_inner())
}

fn decision(id: ShipmentId, entry: &str, outcome: ScreeningOutcome) -> DecideScreeningRequest {
    let reason = match outcome {
        ScreeningOutcome::Confirmed => ScreeningReason::SameParty,
        _ => ScreeningReason::OtherPlace,
    };
    DecideScreeningRequest {
        shipment_id: id.to_string(),
        party: "ship_to".into(),
        entries: vec![ScreeningEntry { list: "own".into(), entry_id: entry.into() }],
        outcome: outcome.into(),
        reason: reason.into(),
        case_number: "CASE-17".into(),
    }
}

fn held(declaration: &Declaration, with: &str) -> bool {
    let all = declaration.missing.iter();
    let codes: Vec<(&str, &str)> = all.map(|m| (m.code.as_str(), m.field.as_str())).collect();
    codes == [(with, "ship_to")]
}

/// Nothing that was asked for lies beside the lists themselves.
async fn nobody_is_named(world: &World) {
    for table in ["screening_hit", "screening_decision", "declaration", "outbox", "event_log"] {
        for canary in CANARIES {
            let sql = format!(
                "select count(*) from customs.{table} t where position($1 in t::text) > 0
                     or position(encode(convert_to($1, 'UTF8'), 'hex') in t::text) > 0"
            );
            let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(canary);
            let count: i64 = query.fetch_one(&world.bed.admin).await.unwrap();
            assert_eq!(count, 0, "{canary} in {table}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hit_holds_the_parcel_until_a_person_has_decided() {
    let world = World::start().await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    let list = "P1,person,\"Canari, Ottokar Emil\",primary,BR\nP2,person,Somebody Else,primary,\n";
    let loaded = import(&world, request(list)).await.unwrap();
    assert_eq!((loaded.version, loaded.entries, loaded.stale), (1, 2, false));

    let order = world.order("GB", vec![goods("TEE", 1)]).await;
    let id = order.shipment_id;
    world.tell(&order).await;
    let found = world.reaches(id, DeclarationState::Incomplete).await;
    assert!(held(&found, "CUS0116"), "{:?}", found.missing);
    let detail = &found.missing[0].detail;
    assert!(detail.starts_with("SCREENING_HIT: P1 of own, "), "{detail}");
    let said: Vec<DeclarationIncomplete> = world.said(id).await;
    assert_eq!((said.len(), said[0].missing[0].field.as_str()), (1, "ship_to"));

    // What a person is shown, with the reasons.
    let shown = screen(&world, id).await.unwrap();
    let parties: Vec<(&str, ScreeningVerdict)> =
        shown.parties.iter().map(|p| (p.party.as_str(), p.verdict())).collect();
    assert_eq!(parties[0], ("site", ScreeningVerdict::Clear));
    assert_eq!(parties[1].0, "ship_to");
    assert!(matches!(parties[1].1, ScreeningVerdict::Review | ScreeningVerdict::Hold));
    let hit = &shown.parties[1].hits[0];
    assert_eq!(
        (hit.entry_id.as_str(), hit.kind.as_str(), hit.quality.as_str()),
        ("P1", "person", "primary")
    );
    assert!(hit.score >= 800 && hit.decision.is_none(), "{hit:?}");
    assert!(hit.matched.contains(&"canari (same)".to_owned()), "{:?}", hit.matched);
    assert_eq!(hit.adjustments, ["other_country"]);
    assert_eq!(code(&screen(&world, ShipmentId::generate()).await.unwrap_err()), "CUS0001");

    // A decision that makes no sense, or is about nobody here, is not recorded.
    let decide = async |request: DecideScreeningRequest| {
        world.client().decide_screening(request).await.map(|r| r.into_inner())
    };
    let cleared = decision(id, "P1", ScreeningOutcome::Cleared);
    for (request, wanted) in [
        (decision(id, "P2", ScreeningOutcome::Cleared), "CUS0001"),
        (DecideScreeningRequest { party: "site".into(), ..cleared.clone() }, "CUS0001"),
        (DecideScreeningRequest { case_number: String::new(), ..cleared.clone() }, "CUS0002"),
        (DecideScreeningRequest { reason: 0, ..cleared.clone() }, "CUS0002"),
        (DecideScreeningRequest { outcome: 0, ..cleared.clone() }, "CUS0002"),
        (decision(ShipmentId::generate(), "P1", ScreeningOutcome::Cleared), "CUS0001"),
    ] {
        assert_eq!(code(&decide(request.clone()).await.unwrap_err()), wanted, "{request:?}");
    }
    assert!(held(&world.get(id).await.unwrap(), "CUS0116"));

    // Cleared: released by itself, and remembered.
    let after = decide(cleared).await.unwrap();
    assert_eq!(after.parties[1].verdict(), ScreeningVerdict::Clear);
    let decided = after.parties[1].hits[0].decision.clone().unwrap();
    assert_eq!((decided.case_number.as_str(), decided.decided_by.is_empty()), ("CASE-17", false));
    let ready = world.reaches(id, DeclarationState::Ready).await;
    assert!(ready.missing.is_empty());
    let again = ReassessRequest { shipment_id: id.to_string() };
    world.client().reassess(again).await.unwrap();
    eventually("drawn once more without a question", PATIENCE, || async {
        let now = world.get(id).await.ok()?;
        (now.revision > ready.revision && now.state() == DeclarationState::Ready).then_some(())
    })
    .await;

    // The authority changes the entry: the decision was about another one.
    let changed = list.replace("Emil", "Emilio");
    let loaded = import(&world, request(&changed)).await.unwrap();
    assert_eq!(loaded.version, 2);
    // Ready it was, and held it is, by itself.
    let found = world.reaches(id, DeclarationState::Incomplete).await;
    assert!(held(&found, "CUS0116"), "{:?}", found.missing);
    // Confirmed: it stays.
    decide(decision(id, "P1", ScreeningOutcome::Confirmed)).await.unwrap();
    eventually("held for good", PATIENCE, || async {
        held(&world.get(id).await.ok()?, "CUS0117").then_some(())
    })
    .await;
    let events: Vec<DeclarationReady> = world.said(id).await;
    assert_eq!(events.len(), 2);
    nobody_is_named(&world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ready_is_compared_with_a_list_that_comes_afterwards() {
    let world = World::start().await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    let named = world.order("GB", vec![goods("TEE", 1)]).await;
    let mut who = person("GB");
    who.insert(Field::Name, "Wilhelmine Probst");
    let other = world.order_for("GB", &who, vec![goods("TEE", 1)]).await;
    for order in [&named, &other] {
        world.tell(order).await;
        world.reaches(order.shipment_id, DeclarationState::Ready).await;
    }
    let loaded = import(&world, request("P1,person,Ottokar Canari,primary,\n")).await.unwrap();
    assert_eq!(loaded.waiting, 2);
    let id = named.shipment_id;
    let found = world.reaches(id, DeclarationState::Incomplete).await;
    assert!(held(&found, "CUS0116") && found.revision == 2, "{found:?}");
    let said: Vec<DeclarationIncomplete> = world.said(id).await;
    assert_eq!(
        (said.len(), said[0].revision, said[0].missing[0].field.as_str()),
        (1, 2, "ship_to")
    );
    eventually("the other one was compared", PATIENCE, || async {
        let sql = "select count(*) from customs.declaration where rescreen";
        let left: i64 = sqlx::query_scalar(sql).fetch_one(&world.bed.admin).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    let stays = world.get(other.shipment_id).await.unwrap();
    assert_eq!((stays.state(), stays.revision), (DeclarationState::Ready, 1));
    // A person looks: it goes on by itself, as a later revision.
    let cleared = decision(id, "P1", ScreeningOutcome::Cleared);
    world.client().decide_screening(cleared).await.unwrap();
    let ready = world.reaches(id, DeclarationState::Ready).await;
    assert_eq!(ready.revision, 3);
    nobody_is_named(&world).await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_whole_or_not_at_all() {
    let world = World::start().await;
    let rows: Vec<String> =
        (0..100).map(|at| format!("E{at},person,Sample Number{at} Quandrill,primary,\n")).collect();
    let all = rows.concat();
    assert_eq!(import(&world, request(&all)).await.unwrap().entries, 100);
    // The same file again is the same version.
    assert_eq!(import(&world, request(&all)).await.unwrap().version, 1);
    for (bad, wanted) in [
        (request(""), "CUS0008"),
        (ImportScreeningListRequest { format: "eu-fsf-xml".into(), ..request(&all) }, "CUS0008"),
        (ImportScreeningListRequest { format: "odd".into(), ..request(&all) }, "CUS0002"),
        (ImportScreeningListRequest { name: "No Name".into(), ..request(&all) }, "CUS0002"),
        (ImportScreeningListRequest { part: 2, ..request(&all) }, "CUS0002"),
        (ImportScreeningListRequest { data: Vec::new().into(), ..request(&all) }, "CUS0002"),
        (request(&rows[..90].concat()), "CUS0009"),
    ] {
        assert_eq!(code(&import(&world, bad).await.unwrap_err()), wanted);
    }
    let fewer =
        ImportScreeningListRequest { fewer_is_right: true, ..request(&rows[..90].concat()) };
    assert_eq!(import(&world, fewer).await.unwrap().version, 2);

    // In parts, in any order; before the last part nothing counts.
    let file = request(&all).data;
    let part = |number: u32, from: usize, to: usize| ImportScreeningListRequest {
        name: "parts".into(),
        data: file.slice(from..to),
        part: number,
        parts: 3,
        upload_id: "u1".into(),
        ..request("")
    };
    let (first, second) = (file.len() / 3, file.len() / 2);
    for one in [part(3, second, file.len()), part(1, 0, first), part(1, 0, first)] {
        assert_eq!(import(&world, one).await.unwrap().version, 0);
    }
    let whole = import(&world, part(2, first, second)).await.unwrap();
    assert_eq!((whole.version, whole.entries), (1, 100));
    let names = async |tenant: TenantId| -> Vec<(String, u64)> {
        let request = ListScreeningListsRequest {};
        let answer = world.client_of(tenant).list_screening_lists(request).await.unwrap();
        answer.into_inner().lists.into_iter().map(|list| (list.name, list.version)).collect()
    };
    let wanted = [("own".to_owned(), 2), ("parts".to_owned(), 1)];
    assert_eq!(names(world.tenant).await, wanted);
    assert_eq!(names(TenantId::generate()).await, []);
    world.stop().await;
}
