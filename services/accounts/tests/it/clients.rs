use colibri_events::accounts::v1::{
    CreateClientRequest, CreateSiteRequest, IssueTokenRequest, ListSitesRequest,
    accounts_service_client::AccountsServiceClient,
};
use colibri_testkit::WithToken;
use colibri_types::{ClientId, TenantId};
use tonic::{Code, service::interceptor::InterceptedService, transport::Channel};

use crate::world::{self, code, error, warehouse};

#[tokio::test(flavor = "multi_thread")]
async fn a_client_s_token_opens_what_its_scopes_say_and_no_other_secret_does() {
    let bed = world::bed().await;
    let tenant = TenantId::generate();
    let mut admin = world::admin(&bed, tenant);
    let create = |scopes: &[&str]| CreateClientRequest {
        name: "warehouse system".into(),
        scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
    };
    let made = admin.create_client(create(&["accounts:read"])).await.unwrap().into_inner();
    for wrong in [&["internal"][..], &["platform:admin"], &["*"], &[]] {
        let status = admin.create_client(create(wrong)).await.unwrap_err();
        assert_eq!(code(&status), "ACC0003", "{wrong:?}");
    }
    let status = admin.create_client(create(&["accounts:read", "orders"])).await.unwrap_err();
    assert_eq!(error(&status).1, ["scopes[1]"]);

    // No token is needed to ask for one.
    let url = format!("http://{}", bed.runtime.grpc);
    let channel = Channel::from_shared(url).unwrap().connect_lazy();
    let mut public = AccountsServiceClient::new(channel.clone());
    let request = IssueTokenRequest {
        client_id: made.client_id.clone(),
        client_secret: made.client_secret.clone(),
    };
    let other = admin.create_client(create(&["orders:write"])).await.unwrap().into_inner();
    for (id, secret) in [
        (made.client_id.clone(), format!("{}x", made.client_secret)),
        (made.client_id.clone(), String::new()),
        (made.client_id.clone(), other.client_secret),
        (ClientId::generate().to_string(), made.client_secret.clone()),
        ("admin".into(), made.client_secret.clone()),
        (made.client_id.clone(), "x".repeat(100_000)),
    ] {
        let wrong = IssueTokenRequest { client_id: id, client_secret: secret };
        let status = public.issue_token(wrong).await.unwrap_err();
        assert_eq!((status.code(), code(&status)), (Code::Unauthenticated, "ACC0004".into()));
    }
    let issued = public.issue_token(request).await.unwrap().into_inner();
    assert_eq!(issued.expires_in_s, 3_600);

    let with = WithToken(issued.access_token);
    let mut own = AccountsServiceClient::new(InterceptedService::new(channel, with));
    let site = CreateSiteRequest { code: "a".into(), address: Some(warehouse("1 rue Fictive")) };
    admin.create_site(site.clone()).await.unwrap();
    let sites = own.list_sites(ListSitesRequest {}).await.unwrap().into_inner().sites;
    assert_eq!(sites.len(), 1);
    assert_eq!(own.create_site(site).await.unwrap_err().code(), Code::PermissionDenied);

    let secret = made.client_secret.as_str();
    let body = secret.rsplit('_').next().unwrap();
    assert_eq!(world::holding(&bed, &[secret, body]).await, Vec::<String>::new());
    assert_eq!(bed.stop().await, Vec::<String>::new());
}
