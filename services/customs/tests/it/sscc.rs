//! A number of a logistic unit is issued once, whoever asks how often and whatever dies meanwhile.

use std::collections::BTreeSet;

use colibri_customs_rules::identifiers::sscc;
use colibri_events::customs::v1::{IssueSsccRequest, IssueSsccResponse};
use colibri_testkit::eventually;
use colibri_types::TenantId;
use tokio::task::JoinSet;
use tonic::Status;

use crate::world::{PATIENCE, World, code};

fn request(id: &str, count: u32) -> IssueSsccRequest {
    let company_prefix = "9521234".to_owned();
    IssueSsccRequest { request_id: id.to_owned(), company_prefix, extension: 3, count }
}

async fn issue(
    world: &World,
    tenant: TenantId,
    request: IssueSsccRequest,
) -> Result<IssueSsccResponse, Status> {
    world.client_of(tenant).issue_sscc(request).await.map(|r| r.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_issued_once() {
    let world = World::start().await;
    let tenant = world.tenant;
    let first = issue(&world, tenant, request("a", 2)).await.unwrap();
    assert_eq!(first.numbers, ["395212340000000007", "395212340000000014"]);
    assert!(first.numbers.iter().all(|number| sscc(number).is_well_formed()));
    let again = issue(&world, tenant, request("a", 2)).await.unwrap();
    assert_eq!((again.numbers, again.known_request), (first.numbers.clone(), true));
    assert_eq!(code(&issue(&world, tenant, request("a", 3)).await.unwrap_err()), "CUS0004");
    let other = TenantId::generate();
    assert_eq!(code(&issue(&world, other, request("a", 1)).await.unwrap_err()), "CUS0010");
    for (bad, wanted) in [
        (request("", 1), "CUS0002"),
        (request("b", 0), "CUS0003"),
        (request("b", 1_001), "CUS0003"),
        (IssueSsccRequest { company_prefix: "123".into(), ..request("b", 1) }, "CUS0002"),
        (IssueSsccRequest { extension: 10, ..request("b", 1) }, "CUS0002"),
    ] {
        assert_eq!(code(&issue(&world, tenant, bad).await.unwrap_err()), wanted);
    }

    // Forty at once, some with the same request.
    let requests = (0..40).map(|at| request(&format!("at-once-{}", at % 30), 25)).collect();
    let answers = at_once(&world, requests).await.join_all().await;
    let answers: Vec<Vec<String>> = answers.into_iter().map(|(_, all)| all.unwrap()).collect();
    let all: BTreeSet<String> = answers.iter().flatten().cloned().collect();
    assert_eq!(all.len(), 30 * 25);
    assert!(first.numbers.iter().all(|number| !all.contains(number)));

    // The last numbers of a series, and not one more.
    sqlx::query("update customs.sscc_series set next = 999999998")
        .execute(&world.bed.admin)
        .await
        .unwrap();
    assert_eq!(code(&issue(&world, tenant, request("end", 3)).await.unwrap_err()), "CUS0011");
    let end = issue(&world, tenant, request("end", 2)).await.unwrap();
    assert!(end.numbers[1].starts_with("39521234999999999"));
    assert_eq!(code(&issue(&world, tenant, request("over", 1)).await.unwrap_err()), "CUS0011");
    world.stop().await;
}

/// All at once, each with its own connection; in the order in which they were answered.
async fn at_once(
    world: &World,
    requests: Vec<IssueSsccRequest>,
) -> JoinSet<(String, Result<Vec<String>, Status>)> {
    let mut calls = JoinSet::new();
    for request in requests {
        let mut client = world.client();
        calls.spawn(async move {
            let id = request.request_id.clone();
            (id, client.issue_sscc(request).await.map(|r| r.into_inner().numbers))
        });
    }
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_database_gives_no_number_twice() {
    let mut world = World::start().await;
    let tenant = world.tenant;
    let mut told = Vec::new();
    for round in 0..3 {
        // Calls that the death of the server cuts at any place, and again afterwards.
        let (mut done, mut cut) = (Vec::new(), Vec::new());
        let ids: Vec<String> = (0..20).map(|at| format!("{round}-{at}")).collect();
        let requests = ids.iter().map(|id| request(id, 5)).collect();
        let mut calls = at_once(&world, requests).await;
        // The server dies when the first of them has its numbers.
        let (id, first) = calls.join_next().await.unwrap().unwrap();
        world.bed.postgres.kill9().unwrap();
        let mut answers = calls.join_all().await;
        answers.push((id, first));
        for (id, answer) in answers {
            match answer {
                Ok(numbers) => done.push((id, numbers)),
                Err(_) => cut.push(id),
            }
        }
        world.bed.postgres.restart().unwrap();
        for id in &ids {
            let answer = eventually("numbers after the restart", PATIENCE, || async {
                issue(&world, tenant, request(id, 5)).await.ok()
            })
            .await;
            // Who was answered before is answered the same.
            if let Some((_, numbers)) = done.iter().find(|(known, _)| known == id) {
                assert_eq!(&answer.numbers, numbers, "{id}");
            }
            told.extend(answer.numbers);
        }
        assert_eq!(done.len() + cut.len(), 20);
    }
    let all: BTreeSet<&String> = told.iter().collect();
    assert_eq!((told.len(), all.len()), (300, 300));
    world.stop().await;
}
