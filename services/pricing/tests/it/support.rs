//! Pricing on a bed, with the two producers it hears played by the test.

use colibri_events::{
    Event,
    accounts::v1::{CarrierAccount, CarrierAccountChanged},
    orders::v1::{FulfilmentRequested, OrderCancelled},
    pricing::v1::{
        ActivateTariffRequest, OfferChosen, OfferUnavailable, TariffActivated, TariffSummary,
        pricing_service_client::PricingServiceClient,
    },
    types::v1 as types,
};
use colibri_kit::{
    db::Migration,
    fault::{BoxError, Fault, RpcError},
    service::{Cx, Definition, Host, Service},
};
pub use colibri_testkit::PATIENCE;
use colibri_testkit::{BedOptions, Door, TestBed, WithToken, eventually, stand_in};
use colibri_types::{AccountId, OrderId, ShipmentId, TenantId};
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

/// A Monday noon in Paris, when clocks stand still.
pub const NOW: &str = "2026-11-23T11:00:00Z";

/// Pricing, `orders` and `accounts` in one process.
pub struct World {
    pub bed: TestBed,
    orders: Door,
    accounts: Door,
}

/// Writes down what pricing says, as bytes: the test reads them.
fn listener() -> Box<dyn Definition> {
    async fn note<E: Event>(cx: &mut Cx<()>, event: &E) -> Result<(), Fault> {
        sqlx::query("insert into labels.heard (name, tenant, key, body) values ($1, $2, $3, $4)")
            .bind(E::NAME)
            .bind(event.tenant_id())
            .bind(event.key())
            .bind(event.encode_to_vec())
            .execute(cx.db())
            .await?;
        Ok(())
    }
    async fn chosen(cx: &mut Cx<()>, event: &OfferChosen) -> Result<(), Fault> {
        note(cx, event).await
    }
    async fn unavailable(cx: &mut Cx<()>, event: &OfferUnavailable) -> Result<(), Fault> {
        note(cx, event).await
    }
    async fn activated(cx: &mut Cx<()>, event: &TariffActivated) -> Result<(), Fault> {
        note(cx, event).await
    }
    Service::new("labels", |_: Host| async { Ok::<_, BoxError>(()) })
        .migrations(&[Migration {
            name: "0001_test",
            sql: "create table {svc}.heard (n int8 generated always as identity, name text,
                                            tenant text, key text, body bytea)",
        }])
        .on::<OfferChosen>(chosen)
        .on::<OfferUnavailable>(unavailable)
        .on::<TariffActivated>(activated)
        .build()
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(settings: &[(&str, &str)]) -> Self {
        let (orders, accounts) = (Door::default(), Door::default());
        let clock = format!("scaled:real={NOW},virtual={NOW},rate=0");
        let mut all = vec![("COLIBRI_KIT__CLOCK".to_owned(), clock)];
        all.extend(settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let services = vec![
            colibri_pricing::service(),
            stand_in("orders", &orders).build(),
            stand_in("accounts", &accounts).build(),
            listener(),
        ];
        let options = BedOptions { settings: all, durable: false };
        let bed = TestBed::start_with(services, options).await;
        Self { bed, orders, accounts }
    }

    /// Publishes events as `orders`, in one transaction. `fact` keeps repeated ones apart.
    pub async fn request(&self, events: &[FulfilmentRequested], fact: &str) {
        let mut cx = self.orders.begin().await;
        for (n, event) in events.iter().enumerate() {
            cx.publish(event, &format!("{fact}:{n}"));
        }
        cx.commit().await.unwrap();
    }

    pub async fn cancel(&self, of: &FulfilmentRequested) {
        let event = OrderCancelled {
            order_id: of.order_id.clone(),
            tenant_id: of.tenant_id.clone(),
            shipment_id: of.shipment_id.clone(),
            version: of.version,
            at: None,
        };
        self.orders.say(&event, "cancelled").await;
    }

    /// Publishes an account as `accounts` and waits until pricing knows it.
    pub async fn account(&self, tenant: TenantId, account: &CarrierAccount, version: u64) {
        let event = CarrierAccountChanged {
            account_id: account.account_id.clone(),
            tenant_id: tenant.to_string(),
            account: Some(account.clone()),
            version,
        };
        self.accounts.say(&event, &version.to_string()).await;
        let id: AccountId = account.account_id.parse().unwrap();
        eventually("the account is known", PATIENCE, || async {
            let known: i64 =
                sqlx::query_scalar("select version from pricing.account where account_id = $1")
                    .bind(id.to_uuid())
                    .fetch_optional(&self.bed.admin)
                    .await
                    .unwrap()?;
            (known >= i64::try_from(version).unwrap()).then_some(())
        })
        .await;
    }

    pub fn client(
        &self,
        tenant: TenantId,
    ) -> PricingServiceClient<InterceptedService<Channel, WithToken>> {
        PricingServiceClient::new(self.bed.client(tenant, &["pricing:write"]))
    }

    pub async fn activate(&self, tenant: TenantId, toml: &str) -> Result<TariffSummary, RpcError> {
        let request = ActivateTariffRequest { toml: toml.to_owned() };
        let answer = self.client(tenant).activate_tariff(request).await;
        answer.map(tonic::Response::into_inner).map_err(|s: Status| RpcError::from_status(&s))
    }

    /// Everything said of this name about a key (or a tenant, for tariffs), in order.
    pub async fn said<E: Event>(&self, about: &str) -> Vec<E> {
        let bodies: Vec<Vec<u8>> = sqlx::query_scalar(
            "select body from labels.heard
              where name = $1 and (key = $2 or tenant = $2) order by n",
        )
        .bind(E::NAME)
        .bind(about)
        .fetch_all(&self.bed.admin)
        .await
        .unwrap();
        bodies.iter().map(|body| E::decode(body.as_slice()).unwrap()).collect()
    }

    /// Waits until so much was said of this name.
    pub async fn hear<E: Event>(&self, about: &str, count: usize) -> Vec<E> {
        eventually(&format!("{count} {} of {about}", E::NAME), PATIENCE, || async {
            let said = self.said::<E>(about).await;
            (said.len() >= count).then_some(said)
        })
        .await
    }

    /// Waits until pricing has applied everything that `orders` published so far: nothing that was
    /// published before this can still have an effect.
    pub async fn settled(&self) {
        let marker = request(TenantId::generate());
        self.request(std::slice::from_ref(&marker), "settled").await;
        self.hear::<OfferUnavailable>(&marker.shipment_id, 1).await;
    }

    pub async fn state(&self, of: &FulfilmentRequested) -> Option<(String, i64)> {
        let id: ShipmentId = of.shipment_id.parse().unwrap();
        sqlx::query_as("select state, version from pricing.offer where shipment_id = $1")
            .bind(id.to_uuid())
            .fetch_optional(&self.bed.admin)
            .await
            .unwrap()
    }

    pub async fn stop(self) {
        assert_eq!(self.bed.stop().await, Vec::<String>::new());
    }
}

/// A request of one kilogram from Lyon to Paris.
pub fn request(tenant: TenantId) -> FulfilmentRequested {
    FulfilmentRequested {
        order_id: OrderId::generate().to_string(),
        tenant_id: tenant.to_string(),
        shipment_id: ShipmentId::generate().to_string(),
        site_id: colibri_types::SiteId::generate().to_string(),
        origin_country: "FR".to_owned(),
        origin_zone: "69002".to_owned(),
        subject_ref: colibri_types::SubjectRef::generate().to_string(),
        country: "FR".to_owned(),
        postcode_zone: "75001".to_owned(),
        parcels: vec![types::Parcel { weight_g: 1000, ..Default::default() }],
        value: Some(types::Money { amount_minor: 4200, currency: "EUR".to_owned() }),
        residential: true,
        version: 1,
        ..FulfilmentRequested::default()
    }
}

pub fn account(code: &str, carrier: &str) -> CarrierAccount {
    CarrierAccount {
        account_id: AccountId::generate().to_string(),
        code: code.to_owned(),
        carrier: carrier.to_owned(),
        hosts: Vec::new(),
        origin_countries: Vec::new(),
        disabled: false,
    }
}

/// A tariff from France to France, Belgium and the United States at one price.
pub fn tariff(id: &str, version: u32, carrier: &str, service: &str, price: &str) -> String {
    format!(
        r#"
id = "{id}"
version = {version}
carrier = "{carrier}"
service = "{service}"
label = "Test"
currency = "EUR"
valid_from = "2026-01-01"
valid_to = "2026-12-31"
weight_step_g = 1
unknown_dimensions = "weight_only"
multi_parcel = "per_parcel"
rounding = {{ mode = "half_up", per = "line", step_minor = 1 }}
options = ["signature"]
origin = {{ country = "FR" }}

[calendar]
cutoff = "16:00"
collection_days = ["mon", "tue", "wed", "thu", "fri"]
working_days = ["mon", "tue", "wed", "thu", "fri"]
known_to = "2026-12-31"

[zones.all]
countries = ["FR", "BE", "US"]
breaks = [{{ to_g = 30000, price = "{price}" }}]
transit = {{ days_min = 1, days_max = 2 }}
"#
    )
}
