use colibri_events::accounts::v1::{
    CreateClientRequest, CreateSiteRequest, IssueTokenRequest, ListClientsRequest,
    ListSitesRequest, RevokeClientRequest, RotateClientSecretRequest,
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

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_changed_with_or_without_overlap_and_a_client_revoked() {
    let bed = world::bed().await;
    let (tenant, other) = (TenantId::generate(), TenantId::generate());
    let mut admin = world::admin(&bed, tenant);
    let create =
        CreateClientRequest { name: "warehouse".into(), scopes: vec!["orders:read".into()] };
    let made = admin.create_client(create.clone()).await.unwrap().into_inner();
    let id = made.client_id.clone();
    let url = format!("http://{}", bed.runtime.grpc);
    let public = AccountsServiceClient::new(Channel::from_shared(url).unwrap().connect_lazy());
    let accepted = async |secret: &str| {
        let (client_id, client_secret) = (id.clone(), secret.to_owned());
        match public.clone().issue_token(IssueTokenRequest { client_id, client_secret }).await {
            Ok(_) => true,
            Err(status) => {
                assert_eq!(code(&status), "ACC0004");
                false
            }
        }
    };
    let rotate = |overlap_s| RotateClientSecretRequest { client_id: id.clone(), overlap_s };

    let one = made.client_secret;
    let two = admin.rotate_client_secret(rotate(0)).await.unwrap().into_inner();
    assert_eq!(two.old_secret_until, None);
    let two = two.client_secret;
    assert!(!accepted(&one).await && accepted(&two).await);
    let three = admin.rotate_client_secret(rotate(600)).await.unwrap().into_inner();
    assert!(three.old_secret_until.is_some());
    let three = three.client_secret;
    assert!(accepted(&two).await && accepted(&three).await);
    // The overlap ends.
    let end = "update accounts.client set previous_until = now() - interval '1 ms'";
    sqlx::query(end).execute(&bed.admin).await.unwrap();
    assert!(!accepted(&two).await && accepted(&three).await);
    // Only the last two: a second change stops the oldest.
    let four = admin.rotate_client_secret(rotate(600)).await.unwrap().into_inner().client_secret;
    let five = admin.rotate_client_secret(rotate(600)).await.unwrap().into_inner().client_secret;
    assert!(!accepted(&three).await && accepted(&four).await && accepted(&five).await);
    let status = admin.rotate_client_secret(rotate(604_801)).await.unwrap_err();
    assert_eq!(error(&status), ("ACC0018".into(), vec!["overlap_s".into()]));

    // Nobody else's.
    let mut stranger = world::admin(&bed, other);
    let revoke = || RevokeClientRequest { client_id: id.clone() };
    for status in [
        stranger.revoke_client(revoke()).await.unwrap_err(),
        stranger.rotate_client_secret(rotate(0)).await.unwrap_err(),
        admin.revoke_client(RevokeClientRequest { client_id: "x".into() }).await.unwrap_err(),
    ] {
        assert_eq!((status.code(), code(&status)), (Code::NotFound, "ACC0016".into()));
    }
    let list = async |admin: &mut world::Client| {
        admin.list_clients(ListClientsRequest {}).await.unwrap().into_inner().clients
    };
    assert_eq!(list(&mut stranger).await, []);
    assert!(accepted(&five).await);

    let revoked = admin.revoke_client(revoke()).await.unwrap().into_inner();
    assert!(revoked.revoked_at.is_some() && revoked.old_secret_until.is_none());
    assert_eq!(admin.revoke_client(revoke()).await.unwrap().into_inner(), revoked);
    for secret in [&one, &two, &three, &four, &five, ""] {
        assert!(!accepted(secret).await);
    }
    let status = admin.rotate_client_secret(rotate(0)).await.unwrap_err();
    assert_eq!((status.code(), code(&status)), (Code::FailedPrecondition, "ACC0017".into()));
    let second = admin.create_client(create).await.unwrap().into_inner().client_id;
    let listed: Vec<(String, bool)> =
        list(&mut admin).await.into_iter().map(|c| (c.client_id, c.revoked_at.is_some())).collect();
    assert_eq!(listed, [(second, false), (id.clone(), true)]);
    assert_eq!(world::holding(&bed, &[&one, &four, &five]).await, Vec::<String>::new());
    assert_eq!(bed.stop().await, Vec::<String>::new());
}
