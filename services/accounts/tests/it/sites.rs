use colibri_events::{
    accounts::v1::{CreateSiteRequest, CreateTenantRequest, ListSitesRequest, SiteChanged},
    types::v1::Address,
    vault::v1::{Field, Flow, RevealManyRequest},
};
use colibri_types::TenantId;
use tonic::Code;

use crate::world::{self, code, error, warehouse};

const STREET: &str = "12 rue du Canari Imaginaire";

#[tokio::test(flavor = "multi_thread")]
async fn a_site_keeps_its_address_in_the_vault() {
    let bed = world::bed().await;
    let mut operator = world::client(&bed, None, &["platform:admin"]);
    let tenant = CreateTenantRequest { name: " Muster Versand ".into() };
    let tenant = operator.create_tenant(tenant).await.unwrap().into_inner();
    assert_eq!(tenant.name, "Muster Versand");
    let tenant: TenantId = tenant.tenant_id.parse().unwrap();
    let nameless = operator.create_tenant(CreateTenantRequest::default()).await.unwrap_err();
    assert_eq!(error(&nameless), ("ACC0001".into(), vec!["name".into()]));
    let mut admin = world::admin(&bed, tenant);
    let refused = admin.create_tenant(CreateTenantRequest { name: "x".into() }).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);

    let create = |code: &str, address: Address| CreateSiteRequest {
        code: code.into(),
        address: Some(address),
    };
    let site = admin.create_site(create("paris-1", warehouse(STREET))).await.unwrap().into_inner();
    assert_eq!(site.address, Some(warehouse(STREET)));
    let wrong = Address { postcode: "7501".into(), ..warehouse(STREET) };
    let wrong = admin.create_site(create("paris-2", wrong)).await.unwrap_err();
    assert_eq!(error(&wrong), ("ACC0002".into(), vec!["address.postcode".into()]));
    assert!(!wrong.message().contains("7501"));
    let wrong = admin.create_site(create("Paris", warehouse(STREET))).await.unwrap_err();
    assert_eq!(code(&wrong), "ACC0009");

    // Labels opens the sender by its ref; nothing else is known of the address.
    let mut labels = world::vault(&bed, "labels", tenant);
    let request = RevealManyRequest {
        flow: Flow::LabelPurchase as i32,
        fields: vec![Field::Street as i32],
        refs: vec![site.address_ref.clone()],
    };
    let opened = labels.reveal_many(request).await.unwrap().into_inner().records.remove(0);
    assert_eq!(opened.fields[0].value, STREET);

    // The same code again: another address, the same site.
    let moved = Address { postcode: "75008".into(), ..warehouse("7 rue Nouvelle") };
    let again = admin.create_site(create("paris-1", moved.clone())).await.unwrap().into_inner();
    assert_eq!((&again.site_id, &again.address_ref), (&site.site_id, &site.address_ref));
    admin.create_site(create("lyon", warehouse("1 quai Inventé"))).await.unwrap();
    let listed = admin.list_sites(ListSitesRequest {}).await.unwrap().into_inner().sites;
    let codes: Vec<&str> = listed.iter().map(|site| site.code.as_str()).collect();
    assert_eq!(codes, ["lyon", "paris-1"]);
    assert_eq!(listed[1].address, Some(moved));
    let mut other = world::admin(&bed, TenantId::generate());
    let none = other.list_sites(ListSitesRequest {}).await.unwrap().into_inner().sites;
    assert_eq!(none, []);
    let theirs = other.create_site(create("paris-1", warehouse(STREET))).await.unwrap();
    assert_ne!(theirs.into_inner().site_id, site.site_id);

    let events = world::events::<SiteChanged>(&bed, 4).await;
    let seen: Vec<(&str, &str)> =
        events.iter().map(|e| (e.code.as_str(), e.postcode_zone.as_str())).collect();
    let expected =
        [("paris-1", "75011"), ("paris-1", "75008"), ("lyon", "75011"), ("paris-1", "75011")];
    assert_eq!(seen, expected);
    assert_eq!(events[0].address_ref, site.address_ref);
    let canaries = [STREET, "rue Nouvelle", "+33199000000"];
    assert_eq!(world::holding(&bed, &canaries).await, Vec::<String>::new());
    // The scan finds what is there in clear.
    assert!(!world::holding(&bed, &["paris-1"]).await.is_empty());
    assert_eq!(bed.stop().await, Vec::<String>::new());
}
