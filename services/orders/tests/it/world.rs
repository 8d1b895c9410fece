//! A bed with a merchant in France, orders in the making, and looks at what came of them.

use std::time::Duration;

use colibri_events::{
    Event,
    accounts::v1::{
        CreateSiteRequest, RegisterChannelAccountRequest,
        accounts_service_client::AccountsServiceClient,
    },
    orders::v1::{orders_service_client::OrdersServiceClient, *},
    types::v1::{Address, Money, Parcel},
};
use colibri_kit::{fault::RpcError, rpc::Peer};
use colibri_testkit::{TestBed, WithToken, eventually};
use colibri_types::TenantId;
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

pub type Client = OrdersServiceClient<InterceptedService<Channel, WithToken>>;

pub struct World {
    pub bed: TestBed,
    pub tenant: TenantId,
}

impl World {
    /// A bed whose tenant has a site in Lyon.
    pub async fn start() -> Self {
        let world = Self::without_site().await;
        world.site(world.tenant, "lyon", "FR", "69003").await;
        world
    }

    pub async fn without_site() -> Self {
        let services =
            vec![colibri_vault::service(), colibri_accounts::service(), colibri_orders::service()];
        Self { bed: TestBed::start(services).await, tenant: TenantId::generate() }
    }

    /// Makes a site and waits until orders has heard of it.
    pub async fn site(&self, tenant: TenantId, code: &str, country: &str, postcode: &str) {
        let address = Address {
            company: "Faïencerie Exemple".into(),
            lines: vec!["1 place du Test".into()],
            city: "Ville".into(),
            postcode: postcode.into(),
            country: country.into(),
            ..Address::default()
        };
        let request = CreateSiteRequest { code: code.into(), address: Some(address) };
        let peer = self.bed.peer("gateway", "accounts", tenant);
        AccountsServiceClient::new(peer).create_site(request).await.unwrap();
        eventually("orders knows the site", Duration::from_secs(20), || async {
            let known: i64 = sqlx::query_scalar(
                "select count(*) from orders.site where tenant_id = $1 and code = $2",
            )
            .bind(tenant.to_uuid())
            .bind(code)
            .fetch_one(&self.bed.admin)
            .await
            .unwrap();
            (known == 1).then_some(())
        })
        .await;
    }

    pub async fn channel(&self, code: &str, channel: &str, secret: &str) -> String {
        let request = RegisterChannelAccountRequest {
            code: code.into(),
            channel: channel.into(),
            webhook_secret: secret.into(),
            ..RegisterChannelAccountRequest::default()
        };
        let peer = self.bed.peer("gateway", "accounts", self.tenant);
        let account = AccountsServiceClient::new(peer).register_channel_account(request).await;
        account.unwrap().into_inner().account_id
    }

    pub fn client(&self) -> Client {
        self.client_of(self.tenant, &["orders:read", "orders:write"])
    }

    pub fn client_of(&self, tenant: TenantId, scopes: &[&str]) -> Client {
        OrdersServiceClient::new(self.bed.client(tenant, scopes))
    }

    /// As the gateway calls.
    pub fn gateway(&self) -> OrdersServiceClient<Peer> {
        OrdersServiceClient::new(self.bed.peer("gateway", "orders", None))
    }

    pub async fn submit(&self, orders: Vec<OrderInput>) -> Vec<SubmitResult> {
        let request = SubmitRequest { orders, request_id: String::new() };
        self.client().submit(request).await.unwrap().into_inner().results
    }

    pub async fn submit_one(&self, order: OrderInput) -> SubmitResult {
        self.submit(vec![order]).await.remove(0)
    }

    pub async fn get(&self, order_id: &str) -> Order {
        let by = Some(get_request::By::OrderId(order_id.into()));
        let request = GetRequest { by, reveal: false };
        self.client().get(request).await.unwrap().into_inner()
    }

    /// What orders told of an aggregate, in its order: names.
    pub async fn told(&self, order_id: &str) -> Vec<String> {
        let events = self.events(order_id).await;
        events.into_iter().map(|(name, _)| name).collect()
    }

    /// The last event of this kind about an aggregate.
    pub async fn last<E: Event>(&self, order_id: &str) -> E {
        let events = self.events(order_id).await;
        let (_, payload) = events.iter().rev().find(|(name, _)| name == E::NAME).unwrap();
        E::decode(payload.as_slice()).unwrap()
    }

    /// Events of an aggregate, once the relay has numbered all of them.
    async fn events(&self, order_id: &str) -> Vec<(String, Vec<u8>)> {
        eventually("the outbox is empty", Duration::from_secs(20), || async {
            let waiting: i64 = sqlx::query_scalar("select count(*) from orders.outbox")
                .fetch_one(&self.bed.admin)
                .await
                .unwrap();
            (waiting == 0).then_some(())
        })
        .await;
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
            "select subject, payload from orders.event_log where key = $1 order by seq",
        )
        .bind(order_id)
        .fetch_all(&self.bed.admin)
        .await
        .unwrap();
        let name = |subject: &str| subject.split('.').nth(3).unwrap().to_owned();
        rows.into_iter().map(|(subject, payload)| (name(&subject), payload)).collect()
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.bed.admin).await.unwrap()
    }

    pub async fn stop(self) {
        assert_eq!(self.bed.stop().await, Vec::<String>::new());
    }
}

/// Its public code.
pub fn code(status: &Status) -> String {
    RpcError::from_status(status).reason.unwrap_or_default()
}

pub fn codes(reasons: &[Explanation]) -> Vec<&str> {
    reasons.iter().map(|reason| reason.code.as_str()).collect()
}

pub fn address() -> Address {
    Address {
        name: "Camille Exemple".into(),
        lines: vec!["12 rue des Essais".into(), "Bât. B".into()],
        city: "Lyon".into(),
        postcode: "69003".into(),
        country: "FR".into(),
        phone: "06 39 98 01 23".into(),
        email: "camille.exemple@example.org".into(),
        ..Address::default()
    }
}

/// An order that passes every check.
pub fn order(external_id: &str) -> OrderInput {
    let eur = |amount_minor| Some(Money { amount_minor, currency: "EUR".into() });
    let line = |sku: &str, quantity, price, unit_weight_g| Line {
        sku: sku.into(),
        name: "Mug grès 35 cl".into(),
        quantity,
        unit_price: eur(price),
        unit_weight_g,
        ..Line::default()
    };
    OrderInput {
        channel: "api".into(),
        external_id: external_id.into(),
        number: format!("#{external_id}"),
        currency: "EUR".into(),
        lines: vec![line("MUG-35-BLU", 2, 1490, 420), line("TEA-08-BLK", 1, 4500, 2050)],
        ship_to: Some(address()),
        shipping_paid: eur(490),
        ..OrderInput::default()
    }
}

pub fn parcel(weight_g: u32) -> Parcel {
    Parcel { weight_g, ..Parcel::default() }
}
