//! The invented merchant of the demo and the sandbox: sites, accounts, tariffs.

use std::time::Duration;

use anyhow::Context as _;
use colibri_carriers::AccountField;
use colibri_events::{
    accounts::v1::{
        CreateSiteRequest, CreateTenantRequest, Credential, Host, RegisterCarrierAccountRequest,
        RegisterChannelAccountRequest, accounts_service_client::AccountsServiceClient,
    },
    customs::v1::{
        ImportSkusRequest, Profile, PutProfileRequest, customs_service_client::CustomsServiceClient,
    },
    pricing::v1::{ActivateTariffRequest, pricing_service_client::PricingServiceClient},
    types::v1::Address,
};
use colibri_kit::egress::{Egress, EgressLimits, Request};
use colibri_pricing::domain::{DEMO, DEMO_TOWNS};
use colibri_types::TenantId;
use serde::{Deserialize, Serialize};

use crate::stack::Stack;

/// What was made, kept beside the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Merchant {
    /// Tenant.
    pub tenant: TenantId,
    /// Account of the Shopify shop.
    pub shopify: String,
    /// Account of the WooCommerce shop.
    pub woocommerce: String,
}

/// Secret that the invented shops sign their webhooks with.
pub const WEBHOOK_SECRET: &str = "an invented secret of the demo shops";
/// Credential that the simulated UPS pushes with.
const PUSH_SECRET: &str = "an invented push credential";
/// Weight of one piece where WooCommerce tells none, in grams.
const WOOCOMMERCE_UNIT_WEIGHT_G: u32 = 400;

/// Sites: code, street, city, postcode, subdivision, country. Nobody lives there.
const SITES: [[&str; 6]; 5] = [
    ["lyon", "14 quai des Essais", "Lyon", "69002", "", "FR"],
    ["koeln", "Musterhafen 7", "Köln", "50667", "", "DE"],
    ["madrid", "Calle de los Ensayos 21", "Madrid", "28013", "M", "ES"],
    ["leeds", "3 Specimen Yard", "Leeds", "LS1 4DY", "", "GB"],
    ["columbus", "500 Example Avenue", "Columbus", "43215", "OH", "US"],
];

/// Requests that make the merchant's sites.
pub fn sites() -> impl Iterator<Item = CreateSiteRequest> {
    SITES.into_iter().map(site_request)
}

/// Makes the merchant on the first call; answers the same one afterwards.
pub async fn ensure(stack: &Stack) -> anyhow::Result<Merchant> {
    let path = stack.data.join("merchant.json");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Ok(serde_json::from_str(&text)?);
    }
    let request = CreateTenantRequest { name: "Colibri Demo Traders".to_owned() };
    let mut platform = AccountsServiceClient::new(stack.peer("accounts", None));
    let tenant = platform.create_tenant(request).await.context("make the demo tenant")?;
    let tenant: TenantId = tenant.into_inner().tenant_id.parse()?;
    let mut accounts = AccountsServiceClient::new(stack.peer("accounts", tenant));
    for site in sites() {
        accounts.create_site(site).await.context("make a demo site")?;
    }
    for (carrier, url) in stack.carrier_urls() {
        let request = carrier_account(carrier, url)?;
        let account = accounts.register_carrier_account(request).await;
        let account = account.context("register a carrier")?.into_inner();
        if carrier == "ups" {
            portal(stack, url, &account.account_id).await.context("tell UPS where to push")?;
        }
    }
    let shopify = channel_account("shopify", 0);
    let shopify = accounts.register_channel_account(shopify).await?.into_inner().account_id;
    let woocommerce = channel_account("woocommerce", WOOCOMMERCE_UNIT_WEIGHT_G);
    let woocommerce = accounts.register_channel_account(woocommerce).await?.into_inner();
    let mut pricing = PricingServiceClient::new(stack.peer("pricing", tenant));
    for (_, toml) in DEMO.iter().chain(DEMO_TOWNS) {
        let request = ActivateTariffRequest { toml: (*toml).to_owned() };
        pricing.activate_tariff(request).await.context("activate a demo tariff")?;
    }
    customs(stack, tenant).await.context("tell customs of the demo's articles")?;
    let merchant = Merchant { tenant, shopify, woocommerce: woocommerce.account_id };
    std::fs::write(&path, serde_json::to_string_pretty(&merchant)?)?;
    std::fs::write(stack.data.join("tenant"), tenant.to_string())?;
    Ok(merchant)
}

/// Articles of the shops as customs want them; three lack something on purpose.
const ARTICLES: &[u8] = include_bytes!("../demo/articles.csv");

/// What the merchant is registered as, invented, and its articles.
async fn customs(stack: &Stack, tenant: TenantId) -> anyhow::Result<()> {
    let mut client = CustomsServiceClient::new(stack.peer("customs", tenant));
    let profile = Profile {
        eori: "FR12345678200010".to_owned(),
        eori_gb: "GB123456727000".to_owned(),
        vat: "FR11123456782".to_owned(),
        vat_gb: "GB123456727".to_owned(),
        ioss: "IM2500000017".to_owned(),
        signer: "Export desk".to_owned(),
        signer_place: "Lyon".to_owned(),
        ..Profile::default()
    };
    client.put_profile(PutProfileRequest { profile: Some(profile) }).await?;
    let request = ImportSkusRequest {
        request_id: "demo-articles".to_owned(),
        format: "csv".to_owned(),
        data: ARTICLES.into(),
    };
    let report = client.import_skus(request).await?.into_inner();
    let told = report.reports.into_iter().filter(|row| !row.code.is_empty());
    let refused: Vec<_> = told.map(|r| format!("{}: {} {}", r.sku, r.column, r.detail)).collect();
    anyhow::ensure!(report.refused == 0, "articles refused: {}", refused.join("; "));
    Ok(())
}

fn site_request(
    [code, street, city, postcode, subdivision, country]: [&str; 6],
) -> CreateSiteRequest {
    CreateSiteRequest {
        code: code.to_owned(),
        address: Some(Address {
            name: "Warehouse".to_owned(),
            company: "Colibri Demo Traders".to_owned(),
            lines: vec![street.to_owned()],
            city: city.to_owned(),
            postcode: postcode.to_owned(),
            subdivision: subdivision.to_owned(),
            country: country.to_owned(),
            phone: "+33199000001".to_owned(),
            email: "warehouse@example.com".to_owned(),
        }),
    }
}

/// UPS keeps the destination of its pushes in its portal, where a person types it.
async fn portal(stack: &Stack, ups: &str, account: &str) -> anyhow::Result<()> {
    let url = format!("{}/v1/hooks/carriers/{account}", stack.rest);
    let request = Request {
        method: http::Method::POST,
        url: format!("{ups}/portal/track-alert-webhook"),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: serde_json::json!({ "url": url, "apiKey": PUSH_SECRET }).to_string().into(),
        timeout: Duration::from_secs(10),
    };
    let answer = Egress::new(EgressLimits::default()).send("portal", request).await?;
    anyhow::ensure!(answer.status == 200, "the simulated portal answers {}", answer.status);
    Ok(())
}

/// An account at a simulated carrier: every field of its form filled with an invented value, every
/// host pointed at the simulator.
fn carrier_account(carrier: &str, url: &str) -> anyhow::Result<RegisterCarrierAccountRequest> {
    let info = colibri_carriers::by_id(carrier).context("carrier not installed")?.info();
    let value = |field: &AccountField| match field.name {
        "webhook_secret" => PUSH_SECRET.to_owned(),
        _ => field.example.to_owned(),
    };
    Ok(RegisterCarrierAccountRequest {
        code: format!("{carrier}-demo"),
        carrier: carrier.to_owned(),
        credentials: info
            .account_fields
            .iter()
            .map(|field| Credential { name: field.name.to_owned(), value: value(field) })
            .collect(),
        hosts: info
            .hosts
            .iter()
            .map(|(name, _)| Host { name: (*name).to_owned(), url: url.to_owned() })
            .collect(),
        origin_countries: Vec::new(),
        disabled: false,
    })
}

fn channel_account(channel: &str, unit_weight_g: u32) -> RegisterChannelAccountRequest {
    RegisterChannelAccountRequest {
        code: format!("{channel}-demo"),
        channel: channel.to_owned(),
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        site_code: String::new(),
        default_unit_weight_g: unit_weight_g,
    }
}
