//! Whether accounts work, asked of every simulated carrier.

use std::sync::Arc;

use colibri_carriers::Carrier;
use colibri_events::accounts::v1::{
    AccountVerdict, CarrierAccount, CheckAccountRequest, Credential, Host,
    RegisterCarrierAccountRequest,
};
use colibri_kit::clock::SystemClock;
use colibri_sandbox::{CarrierOptions, Sandbox, SandboxOptions};
use colibri_types::{AccountId, TenantId};

use crate::world::{self, Client, code};

/// What the simulated carriers refuse in any secret.
const WRONG: &str = "wrong";

async fn sandbox() -> Sandbox {
    let ids = colibri_carriers::all().iter().map(|carrier| carrier.info().id);
    let options = SandboxOptions {
        carriers: ids.map(CarrierOptions::new).collect(),
        clock: Arc::new(SystemClock),
        admin: None,
    };
    Sandbox::start(options).await.unwrap()
}

/// Every field with its example, and with `secret` in the secret ones when there is one.
fn form(carrier: &dyn Carrier, secret: Option<&str>) -> Vec<Credential> {
    let fields = carrier.info().account_fields.iter();
    let value = |field: &colibri_carriers::AccountField| match secret {
        Some(secret) if field.secret => secret.to_owned(),
        _ => field.example.to_owned(),
    };
    fields.map(|field| Credential { name: field.name.into(), value: value(field) }).collect()
}

fn request(carrier: &dyn Carrier, url: &str) -> RegisterCarrierAccountRequest {
    let hosts = carrier.info().hosts.iter();
    RegisterCarrierAccountRequest {
        code: carrier.info().id.into(),
        carrier: carrier.info().id.into(),
        credentials: form(carrier, None),
        hosts: hosts.map(|(name, _)| Host { name: (*name).into(), url: url.into() }).collect(),
        ..Default::default()
    }
}

async fn register(admin: &mut Client, request: RegisterCarrierAccountRequest) -> CarrierAccount {
    admin.register_carrier_account(request).await.unwrap().into_inner()
}

async fn verdict(admin: &mut Client, account_id: &str) -> Result<AccountVerdict, String> {
    let asked = CheckAccountRequest { account_id: account_id.to_owned() };
    match admin.check_account(asked).await {
        Ok(answer) => Ok(answer.into_inner().verdict()),
        Err(status) => Err(code(&status)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_carrier_says_whether_an_account_works_or_that_it_cannot() {
    let bed = world::bed().await;
    let sandbox = sandbox().await;
    let tenant = TenantId::generate();
    let mut admin = world::admin(&bed, tenant);
    let (mut proved, mut refused) = (Vec::new(), Vec::new());
    for carrier in colibri_carriers::all() {
        let id = carrier.info().id;
        let asked = request(*carrier, &sandbox.url(id).unwrap());
        let account = register(&mut admin, asked.clone()).await.account_id;
        let before = sandbox.requests(id).unwrap();
        let works = verdict(&mut admin, &account).await;
        if works == Err("ACC0019".to_owned()) {
            assert_eq!(sandbox.requests(id).unwrap(), before, "{id} was asked nothing");
            assert!(carrier.account_check().is_none(), "{id}");
            continue;
        }
        assert_eq!(works, Ok(AccountVerdict::Works), "{id}");
        assert!(sandbox.requests(id).unwrap() > before, "{id} was asked");
        proved.push(id);
        // Registered again with other secrets: the next question uses them.
        let spoilt = form(*carrier, Some(WRONG));
        register(
            &mut admin,
            RegisterCarrierAccountRequest { credentials: spoilt, ..asked.clone() },
        )
        .await;
        assert_eq!(verdict(&mut admin, &account).await, Ok(AccountVerdict::Refused), "{id}");
        refused.push(id);
        key_by_key(&mut admin, *carrier, &asked).await;
        register(&mut admin, asked.clone()).await;
        assert_eq!(verdict(&mut admin, &account).await, Ok(AccountVerdict::Works), "{id} again");
    }
    assert_eq!(proved, CAN_BE_PROVED, "each of them, and no other");
    assert_eq!(refused, proved);
    edges(&mut admin, &sandbox, tenant, &bed).await;
    for carrier in colibri_carriers::all() {
        assert_eq!(sandbox.ledger(carrier.info().id).unwrap(), [], "nothing was bought");
    }
    assert_eq!(bed.stop().await, Vec::<String>::new());
    sandbox.stop().await;
}

/// Who can say whether an account works: by a login, or by a call that costs nothing.
const CAN_BE_PROVED: &[&str] =
    &["chronopost", "colissimo", "dhl_express", "dpd_fr", "fedex", "gls", "mondial_relay", "ups"];

/// Secrets that no free call uses: of carriers' calls to us, of searches for points, and of an
/// interface that only sells.
const UNPROVED: &[(&str, &str)] = &[
    ("dhl_express", "webhook_secret"),
    ("dpd_fr", "pudo_key"),
    ("mondial_relay", "connect_password"),
    ("ups", "webhook_secret"),
];

/// Each secret alone is wrong: the account does not work.
async fn key_by_key(
    admin: &mut Client,
    carrier: &dyn Carrier,
    asked: &RegisterCarrierAccountRequest,
) {
    let id = carrier.info().id;
    for field in carrier.info().account_fields.iter().filter(|field| field.secret) {
        let mut credentials = form(carrier, None);
        let spoilt = credentials.iter_mut().find(|credential| credential.name == field.name);
        spoilt.unwrap().value = WRONG.to_owned();
        let request = RegisterCarrierAccountRequest { credentials, ..asked.clone() };
        let account = register(admin, request).await.account_id;
        let told = verdict(admin, &account).await;
        let proved = !UNPROVED.contains(&(id, field.name));
        assert_eq!(told == Ok(AccountVerdict::Refused), proved, "{id} {}: {told:?}", field.name);
    }
}

async fn edges(
    admin: &mut Client,
    sandbox: &Sandbox,
    tenant: TenantId,
    bed: &colibri_testkit::TestBed,
) {
    let ups = colibri_carriers::by_id("ups").unwrap();
    // Nobody listens there.
    let gone = register(admin, request(ups, "http://127.0.0.1:9")).await.account_id;
    assert_eq!(verdict(admin, &gone).await, Ok(AccountVerdict::Unreachable));
    // The kill switch: nothing is sent.
    let off = request(ups, &sandbox.url("ups").unwrap());
    let off = RegisterCarrierAccountRequest { disabled: true, ..off };
    let account = register(admin, off.clone()).await.account_id;
    let before = sandbox.requests("ups").unwrap();
    assert_eq!(verdict(admin, &account).await, Err("ACC0020".to_owned()));
    assert_eq!(sandbox.requests("ups").unwrap(), before);
    register(admin, RegisterCarrierAccountRequest { disabled: false, ..off }).await;
    assert_eq!(verdict(admin, &account).await, Ok(AccountVerdict::Works));
    // Another tenant's account is no account.
    let mut stranger = world::admin(bed, TenantId::generate());
    assert_eq!(verdict(&mut stranger, &account).await, Err("ACC0008".to_owned()));
    let unknown = AccountId::generate().to_string();
    assert_eq!(verdict(admin, &unknown).await, Err("ACC0008".to_owned()));
    let mut reader = world::client(bed, tenant, &["accounts:read"]);
    let asked = CheckAccountRequest { account_id: account };
    let denied = reader.check_account(asked).await.unwrap_err();
    assert_eq!(denied.code(), tonic::Code::PermissionDenied);
}
