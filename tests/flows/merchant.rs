//! Invented merchants and their orders: parcels from Köln go by UPS, which can be asked about a
//! lost purchase, parcels from Lyon by Colissimo, which cannot.

use colibri_events::{
    accounts::v1::{accounts_service_client::AccountsServiceClient, *},
    orders::v1::{Line, OrderInput},
    pricing::v1::{ActivateTariffRequest, pricing_service_client::PricingServiceClient},
    types::v1::{Address, Money},
};
use colibri_types::TenantId;

use crate::{harness::World, http};

pub const UPS: &str = "ups";
pub const COLISSIMO: &str = "colissimo";
/// What the invented shop signs with, and what UPS shows when it pushes.
pub const WEBHOOK_SECRET: &str = "kanarien-geheimnis-4f1d2c";
pub const PUSH_SECRET: &str = "kanarien-druck-7b2e90aa";

/// A tenant with everything it needs to ship.
pub struct Merchant {
    pub tenant: TenantId,
    pub shopify: String,
    /// An API client.
    pub client: String,
    /// Account ids by carrier.
    pub accounts: Vec<(String, String)>,
    pub sites: Vec<Site>,
}

impl Merchant {
    pub fn account(&self, carrier: &str) -> &str {
        &self.accounts.iter().find(|(id, _)| id == carrier).unwrap().1
    }
}

/// Makes a tenant whose site addresses bear `mark`.
pub async fn merchant(world: &World, mark: &str) -> Merchant {
    // The process says it is ready: the very first call is answered.
    let mut platform = AccountsServiceClient::new(world.client(None, &["platform:admin"]));
    let request = CreateTenantRequest { name: "Flow Traders".into() };
    let made = platform.create_tenant(request).await.unwrap().into_inner();
    let tenant: TenantId = made.tenant_id.parse().unwrap();
    let mut accounts = AccountsServiceClient::new(world.operator(tenant));
    let mut sites = Vec::new();
    for (code, country) in [("koeln", "DE"), ("lyon", "FR")] {
        let mut address = address(country, mark);
        address.company = format!("Flow Traders {mark}");
        let request = CreateSiteRequest { code: code.into(), address: Some(address) };
        sites.push(accounts.create_site(request).await.unwrap().into_inner());
    }
    let mut ids = Vec::new();
    for carrier in [UPS, COLISSIMO] {
        let url = world.sandbox.url(carrier).unwrap();
        let request = carrier_account(carrier, &url);
        let account = accounts.register_carrier_account(request).await.unwrap().into_inner();
        if carrier == UPS {
            portal(world, &url, &account.account_id).await;
        }
        ids.push((carrier.to_owned(), account.account_id));
    }
    let request = RegisterChannelAccountRequest {
        code: "shop".into(),
        channel: "shopify".into(),
        webhook_secret: WEBHOOK_SECRET.into(),
        site_code: "koeln".into(),
        ..Default::default()
    };
    let shopify = accounts.register_channel_account(request).await.unwrap().into_inner();
    let request =
        CreateClientRequest { name: "warehouse".into(), scopes: vec!["orders:read".into()] };
    let client = accounts.create_client(request).await.unwrap().into_inner().client_id;
    let mut pricing = PricingServiceClient::new(world.operator(tenant));
    let ours = |name: &str| name.starts_with("colissimo-fr") || name.starts_with("ups-de");
    for (_, toml) in colibri_pricing::domain::DEMO.iter().filter(|(name, _)| ours(name)) {
        let request = ActivateTariffRequest { toml: (*toml).into() };
        pricing.activate_tariff(request).await.unwrap();
    }
    Merchant { tenant, shopify: shopify.account_id, client, accounts: ids, sites }
}

/// UPS keeps the destination of its pushes in its portal, where a person types it.
async fn portal(world: &World, ups: &str, account: &str) {
    let url = format!("{}/v1/hooks/carriers/{account}", world.rest);
    let body = serde_json::json!({ "url": url, "apiKey": PUSH_SECRET }).to_string();
    let url = format!("{ups}/portal/track-alert-webhook");
    let headers = [("content-type", "application/json")];
    let answer = http::send("POST", &url, &headers, body.as_bytes()).await.unwrap();
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
}

/// An account at a simulated carrier, every field of its form filled.
pub fn carrier_account(carrier: &str, url: &str) -> RegisterCarrierAccountRequest {
    let info = colibri_carriers::by_id(carrier).unwrap().info();
    let value = |name: &str| match name {
        "shipper_number" => "A1B2C3".to_owned(),
        "contract_number" => "123456".to_owned(),
        "webhook_secret" => PUSH_SECRET.to_owned(),
        "declared_freight_cents" => "500".to_owned(),
        other => format!("kanarien-{carrier}-{other}"),
    };
    let fields = info.account_fields.iter();
    RegisterCarrierAccountRequest {
        code: format!("{carrier}-flows"),
        carrier: carrier.into(),
        credentials: fields
            .map(|field| Credential { name: field.name.into(), value: value(field.name) })
            .collect(),
        hosts: info
            .hosts
            .iter()
            .map(|(name, _)| Host { name: (*name).into(), url: url.into() })
            .collect(),
        ..Default::default()
    }
}

/// Is this a secret that the carrier checks, and that a rotation renews?
pub fn renewed(carrier: &str, field: &str) -> bool {
    let info = colibri_carriers::by_id(carrier).unwrap().info();
    let secret = |f: &&colibri_carriers::AccountField| f.name == field && f.secret;
    field != "webhook_secret" && info.account_fields.iter().any(|f| secret(&f))
}

/// Values of the carriers' secret fields, which must never be seen in clear.
pub fn secrets() -> Vec<String> {
    let mut all = vec![WEBHOOK_SECRET.to_owned(), PUSH_SECRET.to_owned()];
    for carrier in [UPS, COLISSIMO] {
        let request = carrier_account(carrier, "http://127.0.0.1");
        let info = colibri_carriers::by_id(carrier).unwrap().info();
        let secret = |name: &str| info.account_fields.iter().any(|f| f.name == name && f.secret);
        all.extend(request.credentials.into_iter().filter(|c| secret(&c.name)).map(|c| c.value));
    }
    all
}

/// A person nobody is, at an address that exists.
pub fn address(country: &str, mark: &str) -> Address {
    let german = country == "DE";
    let pick = |de: &str, fr: &str| if german { de.to_owned() } else { fr.to_owned() };
    Address {
        name: format!("Jonna {mark}"),
        lines: vec![pick(&format!("Musterhafen {mark} 7"), &format!("12 rue {mark}"))],
        city: pick("Köln", "Lyon"),
        postcode: pick("50667", "69003"),
        country: country.into(),
        phone: pick("+493023125014", "+33639980123"),
        email: format!("{}@example.org", mark.to_lowercase()),
        ..Address::default()
    }
}

/// An order that passes every check and goes with the carrier.
pub fn order(external_id: &str, carrier: &str, mark: &str) -> OrderInput {
    let eur = |amount_minor| Some(Money { amount_minor, currency: "EUR".into() });
    let (site, country) = if carrier == UPS { ("koeln", "DE") } else { ("lyon", "FR") };
    OrderInput {
        channel: "api".into(),
        external_id: external_id.into(),
        number: format!("#{mark}-{external_id}"),
        currency: "EUR".into(),
        lines: vec![Line {
            sku: "MUG-35".into(),
            name: format!("Becher {mark}"),
            quantity: 2,
            unit_price: eur(1490),
            unit_weight_g: 420,
            ..Line::default()
        }],
        ship_to: Some(address(country, mark)),
        site_code: site.into(),
        note: format!("bitte leise {mark}"),
        payment: "paid".into(),
        ..OrderInput::default()
    }
}
