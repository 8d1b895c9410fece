//! Articles, their import, and the profile: what is kept, what is refused, and who sees it.

use colibri_events::customs::v1::{
    GetProfileRequest, GetSkuRequest, ImportSkusRequest, ListSkusRequest, Profile,
    PutProfileRequest, PutSkusRequest, SkuInput,
};
use colibri_types::TenantId;

use crate::world::{World, code, shirt};

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_kept_by_tenant_and_wrong_ones_are_named() {
    let world = World::start().await;
    let wrong = |change: fn(&mut SkuInput)| {
        let mut sku = shirt("WRONG");
        change(&mut sku);
        sku
    };
    let inputs = [
        shirt("GOOD"),
        wrong(|sku| sku.hs6 = "4032093".into()),
        wrong(|sku| sku.hts10 = "610910".into()),
        wrong(|sku| sku.description = "🎁🎁🎁".into()),
        wrong(|sku| sku.description = "clothes".into()),
        wrong(|sku| sku.origin_country = "ZZ".into()),
        wrong(|sku| sku.gtin = "9521234543214".into()),
        wrong(|sku| sku.cn8 = "64039996".into()),
    ];
    let answer = world.put_skus(&inputs).await;
    let fields: Vec<(bool, &str)> = answer
        .results
        .iter()
        .map(|r| (r.kept, r.refused.first().map_or("", |f| f.field.as_str())))
        .collect();
    let wanted = [
        (true, ""),
        (false, "hs6"),
        (false, "hts10"),
        (false, "description"),
        (false, "description"),
        (false, "origin_country"),
        (false, "gtin"),
        (false, "cn8"),
    ];
    assert_eq!(fields, wanted);
    let lost = &answer.results[1].refused[0];
    assert!(lost.detail.contains("04032093") || lost.detail.contains("6 digits"), "{lost:?}");

    let get = |tenant: TenantId, sku: &str| {
        let (mut client, sku) = (world.client_of(tenant), sku.to_owned());
        async move { client.get_sku(GetSkuRequest { sku }).await.map(|r| r.into_inner()) }
    };
    let kept = get(world.tenant, "GOOD").await.unwrap();
    assert!(!kept.confirmed_by.is_empty() && kept.confirmed_at.is_some());
    assert_eq!((kept.version, kept.nomenclature.as_str()), (1, "HS 2022"));
    assert_eq!(code(&get(world.tenant, "WRONG").await.unwrap_err()), "CUS0001");
    assert_eq!(code(&get(TenantId::generate(), "GOOD").await.unwrap_err()), "CUS0001");

    // The same again changes nothing; other codes need a new confirmation.
    world.put_skus(&[shirt("GOOD")]).await;
    assert_eq!(get(world.tenant, "GOOD").await.unwrap().version, 1);
    let other = SkuInput { cn8: String::new(), confirmed: false, ..shirt("GOOD") };
    world.put_skus(&[other]).await;
    let changed = get(world.tenant, "GOOD").await.unwrap();
    assert_eq!((changed.version, changed.confirmed_by.as_str()), (2, ""));
    let list = ListSkusRequest { unconfirmed: true, ..Default::default() };
    let listed = world.client().list_skus(list).await.unwrap().into_inner();
    assert_eq!(listed.skus.len(), 1);

    let many = PutSkusRequest { skus: vec![shirt("X"); 501] };
    assert_eq!(code(&world.client().put_skus(many).await.unwrap_err()), "CUS0003");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_articles_has_a_report_for_each_row_and_is_taken_once() {
    let world = World::start().await;
    let csv = "Article;Description;HS code;Origin;Confirmed\n\
               TEE;Men's T-shirt, cotton, knitted;6109.10;PT;yes\n\
               MUG;Ceramic mug for coffee;691200;FR;oui\n\
               BAD;Spare parts;691200;FR;yes\n\
               TEE;Men's T-shirt, cotton, knitted;6109.10;PT;yes\n\
               ZERO;Ceramic mug for coffee;69120;FR;maybe\n";
    let request = |id: &str, data: &str| ImportSkusRequest {
        request_id: id.to_owned(),
        format: "csv".to_owned(),
        data: data.as_bytes().to_vec().into(),
    };
    let mut client = world.client();
    let report = client.import_skus(request("one", csv)).await.unwrap().into_inner();
    assert_eq!((report.rows, report.kept, report.refused), (5, 2, 3));
    let refused: Vec<(u32, &str)> = report
        .reports
        .iter()
        .filter(|r| matches!(r.row, 4..=6) && !r.code.is_empty())
        .map(|r| (r.row, r.column.as_str()))
        .collect();
    assert_eq!(refused, [(4, "description"), (5, "sku"), (6, "confirmed")]);
    for row in 2..=6 {
        assert!(report.reports.iter().any(|r| r.row == row), "row {row} has no fate");
    }
    let again = client.import_skus(request("one", csv)).await.unwrap().into_inner();
    assert!(again.known_request && again.import_id == report.import_id);
    let other = client.import_skus(request("one", "sku,hs6\nA,610910\n")).await.unwrap_err();
    assert_eq!(code(&other), "CUS0004");
    let no_header = client.import_skus(request("two", "name,price\nA,1\n")).await.unwrap_err();
    assert_eq!(code(&no_header), "CHN0022");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_checked_as_numbers_and_belongs_to_its_tenant() {
    let world = World::start().await;
    let kept = world.put_profile(crate::world::profile()).await;
    assert_eq!((kept.eori.as_str(), kept.version), ("FR12345678200010", 1));
    let bad = Profile { eori: "G1123456".into(), ..Profile::default() };
    let refused = world.client().put_profile(PutProfileRequest { profile: Some(bad) }).await;
    assert_eq!(code(&refused.unwrap_err()), "CUS0002");
    let own = world.client().get_profile(GetProfileRequest {}).await.unwrap().into_inner();
    assert_eq!(own, kept);
    let mut stranger = world.client_of(TenantId::generate());
    let other = stranger.get_profile(GetProfileRequest {}).await.unwrap().into_inner();
    assert_eq!(other, Profile::default());
    world.stop().await;
}
