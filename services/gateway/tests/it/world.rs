//! A bed with all services behind the edge, and a merchant in Lyon.

use std::{net::SocketAddr, time::Duration};

use colibri_kit::service::Definition;
use colibri_testkit::{BedOptions, TestBed, eventually};
use colibri_types::TenantId;
use serde_json::{Value, json};

use crate::http::Api;

pub struct World {
    pub bed: TestBed,
    pub tenant: TenantId,
    pub address: SocketAddr,
}

pub fn settings(more: &[(&str, &str)]) -> BedOptions {
    let own = [("LISTEN", "127.0.0.1:0")];
    let all = own.iter().chain(more);
    // A key with a section of its own is taken as it is.
    let key = |(key, value): &(&str, &str)| {
        let key = match key.contains("__") {
            true => format!("COLIBRI_{key}"),
            false => format!("COLIBRI_GATEWAY__{key}"),
        };
        (key, (*value).to_owned())
    };
    BedOptions { settings: all.map(key).collect(), ..BedOptions::default() }
}

impl World {
    /// Only the edge: nothing behind it answers.
    pub async fn alone(more: &[(&str, &str)]) -> Self {
        Self::with(Vec::new(), more).await
    }

    /// Everything, and a site for the tenant.
    pub async fn whole() -> Self {
        let world = Self::with(
            vec![
                colibri_vault::service(),
                colibri_accounts::service(),
                colibri_orders::service(),
                colibri_pricing::service(),
                colibri_customs::service(),
                colibri_labels::service(),
                colibri_tracking::service(),
            ],
            &[],
        )
        .await;
        world.site().await;
        world
    }

    /// What orders need, and a site for the tenant.
    pub async fn for_orders() -> Self {
        let services =
            vec![colibri_vault::service(), colibri_accounts::service(), colibri_orders::service()];
        let world = Self::with(services, &[]).await;
        world.site().await;
        world
    }

    pub async fn with(mut services: Vec<Box<dyn Definition>>, more: &[(&str, &str)]) -> Self {
        let (edge, told) = colibri_gateway::announced();
        services.push(edge);
        let bed = TestBed::start_with(services, settings(more)).await;
        let address = told.borrow().expect("an address");
        Self { bed, tenant: TenantId::generate(), address }
    }

    /// Somebody of the tenant with these scopes.
    pub fn api(&self, scopes: &[&str]) -> Api {
        self.api_of(self.tenant, scopes)
    }

    pub fn api_of(&self, tenant: impl Into<Option<TenantId>>, scopes: &[&str]) -> Api {
        Api { address: self.address, token: self.bed.token(tenant, scopes) }
    }

    pub fn nobody(&self) -> Api {
        Api { address: self.address, token: String::new() }
    }

    pub fn clerk(&self) -> Api {
        self.api(&["orders:read", "orders:write"])
    }

    pub async fn site(&self) {
        let site = json!({ "code": "lyon", "address": {
            "company": "Faïencerie Exemple", "lines": ["1 place du Test"], "city": "Lyon",
            "postcode": "69003", "country": "FR" } });
        let made = self.api(&["accounts:write"]).post("/v1/sites", &site).await;
        assert_eq!(made.status.as_u16(), 201, "{made:?}");
        assert!(made.json()["site_id"].as_str().unwrap().starts_with("sit_"));
        eventually("orders knows the site", Duration::from_secs(30), || async {
            (self.count("select count(*) from orders.site").await > 0).then_some(())
        })
        .await;
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.bed.admin).await.unwrap()
    }

    pub async fn stop(self) {
        assert_eq!(self.bed.stop().await, Vec::<String>::new());
    }
}

/// An order that passes every check.
pub fn order(external_id: &str) -> Value {
    json!({
        "channel": "api", "external_id": external_id, "currency": "EUR",
        "lines": [
            { "sku": "MUG-35-BLU", "name": "Mug grès 35 cl", "quantity": 2,
              "unit_price": { "amount_minor": 1490, "currency": "EUR" }, "unit_weight_g": 420 },
        ],
        "ship_to": {
            "name": "Camille Exemple", "lines": ["12 rue des Essais"], "city": "Lyon",
            "postcode": "69003", "country": "FR", "phone": "06 39 98 01 23",
            "email": "camille.exemple@example.org",
        },
    })
}

/// A header with a key.
pub fn key(text: &str) -> [(&'static str, &str); 1] {
    [("idempotency-key", text)]
}
