//! A tenant with a site, accounts at simulated carriers, and stand-ins that publish what orders,
//! pricing and accounts would. Persons, streets and numbers are invented.

use std::collections::BTreeMap;

use colibri_events::{
    Event,
    accounts::v1::{CarrierAccount, CarrierAccountChanged, Host as WireHost, SiteChanged},
    labels::v1::{
        GetRequest, ListRequest, Shipment, ShipmentState, get_request::By,
        labels_service_client::LabelsServiceClient,
    },
    orders::v1::{FulfilmentRequested, OrderCancelled},
    pricing::v1::OfferChosen,
    types::v1::{Money, Parcel},
    vault::v1::Field,
};
use colibri_kit::clock::{self, SharedClock};
use colibri_sandbox::{CarrierOptions, Sandbox, SandboxOptions};
use colibri_testkit::{BedOptions, Door, TestBed, WithToken, eventually, stand_in};
pub use colibri_testkit::{PATIENCE, code};
use colibri_types::{AccountId, OrderId, ShipmentId, SiteId, TenantId};
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

pub type Client = LabelsServiceClient<InterceptedService<Channel, WithToken>>;

/// Texts of the addressees that may stand nowhere but in the vault.
pub const CANARIES: &[&str] =
    &["Ottokar", "Canari", "Impasse", "ottokar.canari@example.org", "0600990011", "#CANARY-77"];

pub struct World {
    pub bed: TestBed,
    pub sandbox: Sandbox,
    pub tenant: TenantId,
    pub site: SiteId,
    pub ups: AccountId,
    pub colissimo: AccountId,
    doors: BTreeMap<&'static str, Door>,
}

/// An order, as two services tell it.
#[derive(Debug, Clone)]
pub struct Order {
    pub order_id: OrderId,
    pub shipment_id: ShipmentId,
    pub request: FulfilmentRequested,
    pub offer: OfferChosen,
}

/// Default person; a test changes what it is about.
pub fn person() -> BTreeMap<Field, &'static str> {
    BTreeMap::from([
        (Field::Name, "Ottokar Canari"),
        (Field::Street, "7 Impasse des Essais"),
        (Field::City, "Lyon"),
        (Field::Postcode, "69002"),
        (Field::Country, "FR"),
        (Field::Phone, "0600990011"),
        (Field::Email, "ottokar.canari@example.org"),
        (Field::OrderNumber, "#CANARY-77"),
    ])
}

impl World {
    pub async fn start() -> Self {
        Self::with("system", &[]).await
    }

    /// `clock` is the business clock of services and carriers alike.
    pub async fn with(clock: &str, settings: &[(&str, &str)]) -> Self {
        let shared: SharedClock = clock::parse(clock).unwrap();
        let ids = colibri_carriers::all().iter().map(|carrier| carrier.info().id);
        let carriers = ids.map(CarrierOptions::new).collect();
        let options = SandboxOptions { carriers, clock: shared, admin: None };
        let sandbox = Sandbox::start(options).await.unwrap();
        let doors = BTreeMap::from(
            ["orders", "pricing", "accounts", "customs"].map(|n| (n, Door::default())),
        );
        let mut services = vec![colibri_vault::service(), colibri_labels::service()];
        services.extend(doors.iter().map(|(name, door)| stand_in(name, door).build()));
        let mut all = vec![
            ("COLIBRI_KIT__CLOCK", clock.to_owned()),
            ("COLIBRI_LABELS__LOOK_UP_S", "1".to_owned()),
            ("COLIBRI_LABELS__CALL_TIMEOUT_MS", "2000".to_owned()),
            ("COLIBRI_LABELS__LEASE_S", "20".to_owned()),
        ];
        all.extend(settings.iter().map(|(key, value)| (*key, (*value).to_owned())));
        let settings = all.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let options = BedOptions { settings, ..BedOptions::default() };
        let bed = TestBed::start_with(services, options).await;
        let mut world = Self {
            bed,
            sandbox,
            tenant: TenantId::generate(),
            site: SiteId::generate(),
            ups: AccountId::generate(),
            colissimo: AccountId::generate(),
            doors,
        };
        world.furnish().await;
        world
    }

    async fn furnish(&mut self) {
        let address = BTreeMap::from([
            (Field::Company, "Atelier Exemple"),
            (Field::Name, "Expedition"),
            (Field::Street, "1 quai des Essais"),
            (Field::City, "Nantes"),
            (Field::Postcode, "44000"),
            (Field::Country, "FR"),
            (Field::Phone, "0200000001"),
        ]);
        let address_ref = self.bed.seal("accounts", self.tenant, "site:main", address).await;
        let site = SiteChanged {
            site_id: self.site.to_string(),
            tenant_id: self.tenant.to_string(),
            code: "main".into(),
            country: "FR".into(),
            postcode_zone: "44000".into(),
            address_ref,
        };
        self.say("accounts", &site, "1").await;
        let secret = [("client_id", "id"), ("client_secret", "s"), ("shipper_number", "A1B2C3")];
        self.account(self.ups, "ups", &["api"], &secret, 1).await;
        let keys = [("api_key", "k"), ("suivi_key", "s"), ("contract_number", "123456")];
        self.account(self.colissimo, "colissimo", &["colissimo", "suivi"], &keys, 1).await;
        self.knows_accounts(2).await;
    }

    /// Waits until labels has heard of the site and of so many accounts.
    pub async fn knows_accounts(&self, count: i64) {
        eventually("labels knows site and accounts", PATIENCE, || async {
            let query = "select (select count(*) from labels.site)
                              + (select count(*) from labels.account)";
            let known: i64 = sqlx::query_scalar(query).fetch_one(&self.bed.admin).await.unwrap();
            (known == count + 1).then_some(())
        })
        .await;
    }

    pub async fn account(
        &self,
        id: AccountId,
        carrier: &str,
        hosts: &[&str],
        fields: &[(&str, &str)],
        version: u64,
    ) {
        let url = self.sandbox.url(carrier).unwrap();
        self.account_at(&url, id, carrier, hosts, fields, version).await;
    }

    pub async fn account_at(
        &self,
        url: &str,
        id: AccountId,
        carrier: &str,
        hosts: &[&str],
        fields: &[(&str, &str)],
        version: u64,
    ) {
        self.bed.seal_credentials(self.tenant, id, fields.iter().copied()).await;
        let host = |name: &&str| WireHost { name: (*name).to_owned(), url: url.to_owned() };
        let account = CarrierAccount {
            account_id: id.to_string(),
            code: carrier.to_owned(),
            carrier: carrier.to_owned(),
            hosts: hosts.iter().map(host).collect(),
            ..CarrierAccount::default()
        };
        let event = CarrierAccountChanged {
            account_id: id.to_string(),
            tenant_id: self.tenant.to_string(),
            account: Some(account),
            version,
        };
        self.say("accounts", &event, &version.to_string()).await;
    }

    /// Publishes an event as its producer does.
    pub async fn say<E: Event>(&self, service: &'static str, event: &E, fact: &str) {
        self.doors[service].say(event, fact).await;
    }

    pub async fn order(&self, account: AccountId, service: &str) -> Order {
        self.order_for(account, service, &person(), 1).await
    }

    /// An order for this person, sealed but not yet told to anybody.
    pub async fn order_for(
        &self,
        account: AccountId,
        service: &str,
        person: &BTreeMap<Field, &str>,
        parcels: usize,
    ) -> Order {
        let (order_id, shipment_id) = (OrderId::generate(), ShipmentId::generate());
        let (key, person) = (format!("order:{order_id}"), person.iter().map(|(f, v)| (*f, *v)));
        let subject_ref = self.bed.seal("orders", self.tenant, &key, person).await;
        let request = FulfilmentRequested {
            order_id: order_id.to_string(),
            tenant_id: self.tenant.to_string(),
            shipment_id: shipment_id.to_string(),
            site_id: self.site.to_string(),
            origin_country: "FR".into(),
            subject_ref,
            country: "FR".into(),
            parcels: vec![Parcel { weight_g: 800, ..Parcel::default() }; parcels],
            value: Some(Money { amount_minor: 4200, currency: "EUR".into() }),
            version: 1,
            ..FulfilmentRequested::default()
        };
        let carrier = if account == self.ups { "ups" } else { "colissimo" };
        let offer = OfferChosen {
            tenant_id: self.tenant.to_string(),
            order_id: order_id.to_string(),
            shipment_id: shipment_id.to_string(),
            carrier: carrier.to_owned(),
            service: service.to_owned(),
            account_id: account.to_string(),
            amount: Some(Money { amount_minor: 815, currency: "EUR".into() }),
            version: 1,
            ..OfferChosen::default()
        };
        Order { order_id, shipment_id, request, offer }
    }

    pub async fn tell(&self, order: &Order) {
        self.say("orders", &order.request, "requested 1").await;
        self.say("pricing", &order.offer, "chosen 1").await;
    }

    pub async fn cancel(&self, order: &Order) {
        let event = OrderCancelled {
            order_id: order.order_id.to_string(),
            tenant_id: self.tenant.to_string(),
            shipment_id: order.shipment_id.to_string(),
            version: 9,
            ..OrderCancelled::default()
        };
        self.say("orders", &event, "cancelled").await;
    }

    /// An operator of the tenant.
    pub fn client(&self) -> Client {
        self.client_of(self.tenant)
    }

    pub fn client_of(&self, tenant: TenantId) -> Client {
        LabelsServiceClient::new(self.bed.client(tenant, &["labels:read", "labels:write"]))
    }

    pub async fn get(&self, id: ShipmentId) -> Result<Shipment, Status> {
        let by = Some(By::ShipmentId(id.to_string()));
        let request = GetRequest { by, reveal: true };
        self.client().get(request).await.map(tonic::Response::into_inner)
    }

    /// Waits until a shipment is in this state.
    pub async fn reaches(&self, id: ShipmentId, state: ShipmentState) -> Shipment {
        let what = format!("{id} is {state:?}");
        eventually(&what, PATIENCE, || async {
            let shipment = self.get(id).await.ok()?;
            (shipment.state() == state).then_some(shipment)
        })
        .await
    }

    pub async fn listed(&self, state: ShipmentState) -> Vec<Shipment> {
        let request = ListRequest { state: state.into(), ..ListRequest::default() };
        self.client().list(request).await.unwrap().into_inner().shipments
    }

    /// Labels that a carrier sold under a reference.
    pub fn sold(&self, carrier: &str, reference: &str) -> Vec<String> {
        let ledger = self.sandbox.ledger(carrier).unwrap();
        let sold = ledger.into_iter().filter(|l| l.kind == "label" && l.reference == reference);
        sold.map(|line| line.tracking_number).collect()
    }

    pub fn count(&self, carrier: &str, kind: &str) -> usize {
        self.sandbox.ledger(carrier).unwrap().iter().filter(|line| line.kind == kind).count()
    }

    /// What goes wrong at a carrier from now on.
    pub fn faults(&self, carrier: &str, text: &str) {
        self.sandbox.set_faults(carrier, text.parse().unwrap()).unwrap();
    }

    /// Events of labels about a shipment, by name.
    pub async fn said(&self, id: ShipmentId, name: &str) -> i64 {
        self.said_of(&id.to_string(), name).await
    }

    /// As [`World::said`], by the key of the events.
    pub async fn said_of(&self, key: &str, name: &str) -> i64 {
        let query = "select (select count(*) from labels.outbox where key = $1 and subject like $2)
                          + (select count(*) from labels.event_log
                              where key = $1 and subject like $2)";
        sqlx::query_scalar(query)
            .bind(key)
            .bind(format!("%.{name}.%"))
            .fetch_one(&self.bed.admin)
            .await
            .unwrap()
    }

    pub async fn stop(self) {
        assert_eq!(self.bed.stop().await, Vec::<String>::new(), "tasks left");
        self.sandbox.stop().await;
    }
}
