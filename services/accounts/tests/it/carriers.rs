use colibri_events::{
    accounts::v1::{
        CarrierAccountChanged, CreateSiteRequest, Host, ListCarrierAccountsRequest,
        RegisterCarrierAccountRequest, RegisterChannelAccountRequest, ResolveAccountRequest,
        accounts_service_client::AccountsServiceClient, resolve_account_response::Account,
    },
    vault::v1::{Flow, OpenCredentialsRequest},
};
use colibri_testkit::TestBed;
use colibri_types::{AccountId, TenantId};
use tonic::Code;

use crate::world::{self, code, error, form, warehouse};

const SECRET: &str = "sk-canary-40f1";
const NEWER: &str = "sk-canary-77c2";

async fn opened(bed: &TestBed, tenant: TenantId, flow: Flow, from: &str, id: &str) -> String {
    let request = OpenCredentialsRequest { flow: flow as i32, account_id: id.to_owned() };
    let opened = world::vault(bed, from, tenant).open_credentials(request).await.unwrap();
    opened.into_inner().fields.remove(0).value
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_account_keeps_its_id_and_its_secrets_stay_in_the_vault() {
    let bed = world::bed().await;
    let tenant = TenantId::generate();
    let mut admin = world::admin(&bed, tenant);
    let (one, two) = (known("colissimo"), known("ups"));
    let base = RegisterCarrierAccountRequest {
        code: "main".into(),
        carrier: one.info().id.into(),
        credentials: form(one, SECRET),
        ..RegisterCarrierAccountRequest::default()
    };
    refusals(&mut admin, &base).await;
    let host = Host { name: one.info().hosts[0].0.into(), url: "http://127.0.0.1:9/sim".into() };
    let first = RegisterCarrierAccountRequest { hosts: vec![host], ..base.clone() };
    let made = admin.register_carrier_account(first).await.unwrap().into_inner();
    let id = made.account_id.clone();
    assert_eq!(opened(&bed, tenant, Flow::CarrierCall, "labels", &id).await, SECRET);

    let newer = RegisterCarrierAccountRequest { credentials: form(one, NEWER), ..base.clone() };
    let again = admin.register_carrier_account(newer).await.unwrap().into_inner();
    assert_eq!((again.account_id.as_str(), again.hosts.len()), (id.as_str(), 0));
    assert_eq!(opened(&bed, tenant, Flow::CarrierTrack, "tracking", &id).await, NEWER);
    // The kill switch, without sending credentials again.
    let off = RegisterCarrierAccountRequest { credentials: vec![], disabled: true, ..base.clone() };
    assert!(admin.register_carrier_account(off).await.unwrap().into_inner().disabled);
    assert_eq!(opened(&bed, tenant, Flow::CarrierCall, "labels", &id).await, NEWER);
    let other = RegisterCarrierAccountRequest {
        carrier: two.info().id.into(),
        credentials: form(two, SECRET),
        ..base.clone()
    };
    let taken = admin.register_carrier_account(other).await.unwrap_err();
    assert_eq!((taken.code(), code(&taken)), (Code::AlreadyExists, "ACC0010".into()));

    let request = ListCarrierAccountsRequest {};
    let listed = admin.list_carrier_accounts(request).await.unwrap().into_inner().accounts;
    assert_eq!((listed.len(), listed[0].disabled), (1, true));
    let mut stranger = world::admin(&bed, TenantId::generate());
    let none = stranger.list_carrier_accounts(request).await.unwrap().into_inner().accounts;
    assert_eq!(none, []);
    let theirs = stranger.register_carrier_account(base).await.unwrap().into_inner();
    assert_ne!(theirs.account_id, id);

    let events = world::events::<CarrierAccountChanged>(&bed, 4).await;
    let mine: Vec<_> = events.iter().filter(|e| e.account_id == id).collect();
    assert_eq!(mine.iter().map(|e| e.version).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(mine[2].account.as_ref(), Some(&listed[0]));
    resolving(&bed, tenant, &id).await;
    assert_eq!(world::holding(&bed, &[SECRET, NEWER]).await, Vec::<String>::new());
    assert_eq!(bed.stop().await, Vec::<String>::new());
}

fn known(id: &str) -> &'static dyn colibri_carriers::Carrier {
    colibri_carriers::by_id(id).unwrap()
}

async fn refusals(admin: &mut world::Client, base: &RegisterCarrierAccountRequest) {
    let host = |name: &str, url: &str| Host { name: name.into(), url: url.into() };
    let real = known(&base.carrier).info().hosts[0].0;
    for (request, code, field) in [
        (
            RegisterCarrierAccountRequest { carrier: "pigeon".into(), ..base.clone() },
            "ACC0005",
            "carrier",
        ),
        (
            RegisterCarrierAccountRequest { credentials: vec![], ..base.clone() },
            "ACC0006",
            &format!("credentials.{}", base.credentials[0].name),
        ),
        (RegisterCarrierAccountRequest { code: "A B".into(), ..base.clone() }, "ACC0009", "code"),
        (
            RegisterCarrierAccountRequest {
                hosts: vec![host(real, "http://carrier.example")],
                ..base.clone()
            },
            "ACC0011",
            "hosts[0].url",
        ),
        (
            RegisterCarrierAccountRequest { origin_countries: vec!["ZZ".into()], ..base.clone() },
            "ACC0012",
            "origin_countries[0]",
        ),
    ] {
        let status = admin.register_carrier_account(request).await.unwrap_err();
        let (found, fields) = error(&status);
        assert_eq!((found.as_str(), fields[0].as_str()), (code, field));
    }
}

async fn resolving(bed: &TestBed, tenant: TenantId, id: &str) {
    let ask = |id: &str| ResolveAccountRequest { account_id: id.to_owned() };
    let mut gateway = AccountsServiceClient::new(bed.peer("gateway", "accounts", None));
    let found = gateway.resolve_account(ask(id)).await.unwrap().into_inner();
    assert_eq!(found.tenant_id, tenant.to_string());
    assert!(matches!(found.account, Some(Account::Carrier(one)) if one.account_id == id));
    for unknown in [AccountId::generate().to_string(), "x".into()] {
        let status = gateway.resolve_account(ask(&unknown)).await.unwrap_err();
        assert_eq!((status.code(), code(&status)), (Code::NotFound, "ACC0008".into()));
    }
    let mut outside = world::admin(bed, tenant);
    let status = outside.resolve_account(ask(id)).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_account_verifies_with_its_own_secret() {
    let bed = world::bed().await;
    let tenant = TenantId::generate();
    let mut admin = world::admin(&bed, tenant);
    let channel = colibri_channels::all()[0].info().id;
    let base = RegisterChannelAccountRequest {
        code: "shop-fr".into(),
        channel: channel.into(),
        webhook_secret: SECRET.into(),
        ..RegisterChannelAccountRequest::default()
    };
    for (request, code) in [
        (RegisterChannelAccountRequest { channel: "bazaar".into(), ..base.clone() }, "ACC0007"),
        (RegisterChannelAccountRequest { site_code: "paris".into(), ..base.clone() }, "ACC0014"),
        (
            RegisterChannelAccountRequest { webhook_secret: String::new(), ..base.clone() },
            "ACC0006",
        ),
        (
            RegisterChannelAccountRequest { default_unit_weight_g: 1_000_001, ..base.clone() },
            "ACC0006",
        ),
    ] {
        let status = admin.register_channel_account(request).await.unwrap_err();
        assert_eq!(world::code(&status), code);
    }
    let made = admin.register_channel_account(base.clone()).await.unwrap().into_inner();
    let id = made.account_id.clone();
    assert_eq!(opened(&bed, tenant, Flow::ChannelVerify, "orders", &id).await, SECRET);
    let site = CreateSiteRequest { code: "paris".into(), address: Some(warehouse("2 rue Feinte")) };
    admin.create_site(site).await.unwrap();
    let moved = RegisterChannelAccountRequest {
        webhook_secret: String::new(),
        site_code: "paris".into(),
        default_unit_weight_g: 400,
        ..base
    };
    let again = admin.register_channel_account(moved).await.unwrap().into_inner();
    assert_eq!((again.account_id.as_str(), again.site_code.as_str()), (id.as_str(), "paris"));
    assert_eq!(opened(&bed, tenant, Flow::ChannelVerify, "orders", &id).await, SECRET);
    let mut orders = AccountsServiceClient::new(bed.peer("orders", "accounts", None));
    let found = orders.resolve_account(ResolveAccountRequest { account_id: id }).await.unwrap();
    let found = found.into_inner();
    assert_eq!(found.tenant_id, tenant.to_string());
    assert_eq!(found.account, Some(Account::Channel(again)));
    assert_eq!(world::holding(&bed, &[SECRET]).await, Vec::<String>::new());
    assert_eq!(bed.stop().await, Vec::<String>::new());
}
