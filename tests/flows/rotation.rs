//! A carrier account gets new credentials while labels are bought and parcels are asked about. The
//! carriers refuse the old ones at once; nothing is restarted, nothing is bought twice.

use std::{collections::BTreeMap, time::Duration};

use colibri_events::{
    accounts::v1::accounts_service_client::AccountsServiceClient,
    orders::v1::{SubmitRequest, orders_service_client::OrdersServiceClient},
};
use colibri_testkit::eventually;

use crate::{
    check,
    harness::{Options, World},
    http,
    merchant::{COLISSIMO, Merchant, UPS, carrier_account, merchant, order, renewed},
};

/// Orders before the rotation, in the middle of it, and after it.
const EACH: usize = 12;
/// A purchase that met the old credentials is tried again after half a minute.
const DRAIN: Duration = Duration::from_secs(180);
/// Where each carrier is asked about parcels.
const POLLS: &[(&str, &str)] = &[(UPS, "/api/track/v1/details/"), (COLISSIMO, "/suivi/v2/")];

async fn submit(world: &World, merchant: &Merchant, ids: &mut BTreeMap<String, String>) {
    let from = ids.len();
    let names: Vec<String> = (from..from + EACH).map(|n| format!("rotated-{n}")).collect();
    let inputs = names.iter().enumerate().map(|(n, name)| {
        let carrier = if n % 2 == 0 { UPS } else { COLISSIMO };
        order(name, carrier, "Schluesselbund")
    });
    let request = SubmitRequest { orders: inputs.collect(), ..Default::default() };
    let mut client = OrdersServiceClient::new(world.operator(merchant.tenant));
    let results = client.submit(request).await.unwrap().into_inner().results;
    ids.extend(names.into_iter().zip(results.into_iter().map(|result| result.order_id)));
}

/// Logs in at UPS by hand.
async fn login(world: &World, secret: &str) -> u16 {
    let url = format!("{}/security/v1/oauth/token", world.sandbox.url(UPS).unwrap());
    let basic = {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        STANDARD.encode(format!("kanarien-ups-client_id:{secret}"))
    };
    let headers = [
        ("authorization", format!("Basic {basic}")),
        ("content-type", "application/x-www-form-urlencoded".to_owned()),
        ("x-merchant-id", "A1B2C3".to_owned()),
    ];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let body = b"grant_type=client_credentials";
    http::send("POST", &url, &headers, body).await.unwrap().status
}

/// Answers to polls that were a yes, so far.
fn polled(world: &World, carrier: &str, path: &str) -> usize {
    let log = world.sandbox.log(carrier).unwrap();
    log.iter().filter(|entry| entry.path.starts_with(path) && entry.status == Some(200)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_rotated_while_purchases_and_polls_go_on() {
    let world = World::start(Options { rate: 3600, ..Options::default() }).await;
    let merchant = merchant(&world, "Schluesselbund").await;
    let mut ids = BTreeMap::new();
    submit(&world, &merchant, &mut ids).await;
    check::drained(&world, merchant.tenant, EACH, DRAIN).await;
    for (carrier, path) in POLLS {
        let what = format!("{carrier} is asked with the old credentials");
        eventually(&what, DRAIN, || async { (polled(&world, carrier, path) > 0).then_some(()) })
            .await;
    }
    let old = "kanarien-ups-client_secret";
    assert_eq!(login(&world, old).await, 200);

    // Purchases are under way while the account changes, at the carrier before it does here.
    submit(&world, &merchant, &mut ids).await;
    let mut accounts = AccountsServiceClient::new(world.operator(merchant.tenant));
    for carrier in [UPS, COLISSIMO] {
        let url = world.sandbox.url(carrier).unwrap();
        let request = carrier_account(carrier, &url);
        for secret in request.credentials.iter().filter(|c| renewed(carrier, &c.name)) {
            assert!(world.sandbox.revoke(carrier, &secret.value));
        }
        let mut request = request;
        for credential in request.credentials.iter_mut().filter(|c| renewed(carrier, &c.name)) {
            credential.value = format!("neu-{}", credential.value.replace("kanarien", "falke"));
        }
        let account = accounts.register_carrier_account(request).await.unwrap().into_inner();
        assert_eq!(account.account_id, merchant.account(carrier), "the same account");
    }
    assert_eq!(login(&world, old).await, 401, "the old secret is refused");
    assert_eq!(login(&world, &format!("neu-{}", old.replace("kanarien", "falke"))).await, 200);
    let before = POLLS.iter().map(|(carrier, path)| polled(&world, carrier, path));
    let before: Vec<usize> = before.collect();
    submit(&world, &merchant, &mut ids).await;

    check::drained(&world, merchant.tenant, 3 * EACH, DRAIN).await;
    assert_eq!(check::findings(&world, merchant.tenant, &ids).await, Vec::<String>::new());
    for carrier in [UPS, COLISSIMO] {
        let sold = check::sold(&world, carrier);
        assert_eq!(sold.len(), 3 * EACH / 2, "{carrier}");
        assert!(sold.values().all(|numbers| numbers.len() == 1), "{carrier}: twice");
    }
    for ((carrier, path), before) in POLLS.iter().zip(before) {
        let what = format!("{carrier} is asked with the new credentials");
        let more = || async { (polled(&world, carrier, path) > before).then_some(()) };
        eventually(&what, DRAIN, more).await;
    }
    world.stop().await;
}
