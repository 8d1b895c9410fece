//! Goods that a rule restricts where they go hold the parcel until a person has decided.

use colibri_events::customs::v1::{
    DecideRestrictionRequest, Declaration, DeclarationIncomplete, DeclarationState,
    RestrictionReason, ScreeningOutcome,
};
use colibri_testkit::eventually;
use colibri_types::{ShipmentId, TenantId};
use tonic::Status;

use crate::world::{PATIENCE, World, code, goods, profile, shirt};

const TABLE: &str = "\
id,hs,keyword,destination,postcode,origin,channel,carrier,from,to,outcome,document,text,source,status
shirts-ch,6109,,CH,,,,,,,licence,textile,No shirts without a licence,an act,documented
shirts-no,610910,,NO,,,,,,,block,,No shirts at all,an act,documented
cotton,,cotton,,,,,,,,warn,,Cotton is thirsty,an act,remembered
late,61,,CH,,,,,2027-01-01,,block,,Not yet in force,an act,documented
";

fn decision(id: ShipmentId, rule: &str) -> DecideRestrictionRequest {
    DecideRestrictionRequest {
        shipment_id: id.to_string(),
        sku: "TEE".into(),
        rules: vec![rule.into()],
        outcome: ScreeningOutcome::Cleared.into(),
        reason: RestrictionReason::Document.into(),
        document_number: "LIC-2026/17".into(),
        case_number: "CASE-9".into(),
    }
}

async fn decide(world: &World, request: DecideRestrictionRequest) -> Result<Declaration, Status> {
    world.client().decide_restriction(request).await.map(|r| r.into_inner())
}

fn held(declaration: &Declaration, with: &str) -> bool {
    let all = declaration.missing.iter();
    let codes: Vec<(&str, &str)> = all.map(|m| (m.code.as_str(), m.field.as_str())).collect();
    codes == [(with, "skus[TEE]")]
}

#[tokio::test(flavor = "multi_thread")]
async fn restricted_goods_wait_for_a_person_and_the_papers_name_the_licence() {
    let folder = std::env::temp_dir().join(format!("restricted-{}", ShipmentId::generate()));
    std::fs::create_dir(&folder).unwrap();
    let table = folder.join("restrictions.csv");
    std::fs::write(&table, TABLE).unwrap();
    let own =
        [("RESTRICTIONS", table.to_str().unwrap()), ("POSTS__COLISSIMO__SERVICES__PKT", "letter")];
    let world = World::start_with(&own).await;
    world.put_skus(&[shirt("TEE")]).await;
    world.put_profile(profile()).await;
    let mut order = world.order("CH", vec![goods("TEE", 1)]).await;
    (order.offer.carrier, order.offer.service) = ("colissimo".into(), "PKT".into());
    let id = order.shipment_id;
    world.tell(&order).await;
    let found = world.reaches(id, DeclarationState::Incomplete).await;
    assert!(held(&found, "CUS0118"), "{:?}", found.missing);
    let wanted = "RESTRICTED_GOODS: shirts-ch (licence): No shirts without a licence";
    assert_eq!(found.missing[0].detail, wanted);
    let rules: Vec<(&str, &str)> =
        found.restrictions.iter().map(|r| (r.rule.as_str(), r.outcome.as_str())).collect();
    assert_eq!(rules, [("shirts-ch", "licence"), ("cotton", "warn")]);
    let said: Vec<DeclarationIncomplete> = world.said(id).await;
    assert_eq!((said.len(), said[0].missing[0].field.as_str()), (1, "skus[TEE]"));

    // What makes no sense, or is about a rule that does not hold here, is not recorded.
    let good = decision(id, "shirts-ch");
    let no = DecideRestrictionRequest { document_number: String::new(), ..good.clone() };
    for (request, wanted) in [
        (decision(id, "shirts-no"), "CUS0001"),
        (decision(id, "cotton"), "CUS0001"),
        (DecideRestrictionRequest { sku: "NEW".into(), ..good.clone() }, "CUS0001"),
        (decision(ShipmentId::generate(), "shirts-ch"), "CUS0001"),
        (no.clone(), "CUS0002"),
        (DecideRestrictionRequest { outcome: 0, ..good.clone() }, "CUS0002"),
        (DecideRestrictionRequest { case_number: String::new(), ..good.clone() }, "CUS0002"),
        (DecideRestrictionRequest { rules: Vec::new(), ..good.clone() }, "CUS0003"),
    ] {
        assert_eq!(
            code(&decide(&world, request.clone()).await.unwrap_err()),
            wanted,
            "{request:?}"
        );
    }
    let mut foreign = world.client_of(TenantId::generate());
    let refused = foreign.decide_restriction(good.clone()).await.unwrap_err();
    assert_eq!(code(&refused), "CUS0001");

    // Confirmed it stays, cleared it goes by itself, and the number of the licence is on CN23.
    let stays = DecideRestrictionRequest {
        outcome: ScreeningOutcome::Confirmed.into(),
        reason: RestrictionReason::NotAllowed.into(),
        ..no
    };
    decide(&world, stays).await.unwrap();
    eventually("held for good", PATIENCE, || async {
        held(&world.get(id).await.ok()?, "CUS0119").then_some(())
    })
    .await;
    decide(&world, good).await.unwrap();
    let ready = world.reaches(id, DeclarationState::Ready).await;
    let kinds: Vec<&str> = ready.papers.iter().map(|paper| paper.kind.as_str()).collect();
    assert_eq!(kinds, ["cn23", "invoice", "advance"], "a licence is named on CN23");
    let told = ready.restrictions[0].decision.clone().unwrap();
    assert_eq!(
        (told.document_number.as_str(), told.case_number.as_str()),
        ("LIC-2026/17", "CASE-9")
    );
    assert!(!told.decided_by.is_empty() && ready.restrictions[1].decision.is_none());

    // The next one is not asked about; another destination, or another code, is.
    let again = world.order("CH", vec![goods("TEE", 2)]).await;
    world.tell(&again).await;
    world.reaches(again.shipment_id, DeclarationState::Ready).await;
    let norway = world.order("NO", vec![goods("TEE", 1)]).await;
    world.tell(&norway).await;
    let found = world.reaches(norway.shipment_id, DeclarationState::Incomplete).await;
    assert!(held(&found, "CUS0118"), "{:?}", found.missing);
    world
        .put_skus(&[colibri_events::customs::v1::SkuInput {
            cn8: "61099020".into(),
            hs6: "610990".into(),
            hts10: String::new(),
            description: "Men's T-shirt, wool, knitted".into(),
            ..shirt("TEE")
        }])
        .await;
    // The block names 610910 only: the corrected code releases it.
    let freed = world.reaches(norway.shipment_id, DeclarationState::Ready).await;
    assert_eq!(freed.restrictions, []);
    let other = world.order("CH", vec![goods("TEE", 1)]).await;
    world.tell(&other).await;
    let found = world.reaches(other.shipment_id, DeclarationState::Incomplete).await;
    assert!(held(&found, "CUS0118"), "decided about another code: {:?}", found.missing);
    world.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}
