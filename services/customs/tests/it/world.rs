//! A tenant with a site, and stand-ins that publish what orders, pricing and accounts would. Persons,
//! streets and numbers are invented.

use std::collections::BTreeMap;

use colibri_events::{
    Event,
    accounts::v1::SiteChanged,
    customs::v1::{
        Declaration, DeclarationState, GetDeclarationRequest, Profile, PutProfileRequest,
        PutSkusRequest, PutSkusResponse, SkuInput, SuggestHsRequest,
        customs_service_client::CustomsServiceClient, get_declaration_request::By,
    },
    orders::v1::{FulfilmentRequested, Goods},
    pricing::v1::OfferChosen,
    types::v1::{Money, Parcel},
    vault::v1::Field,
};
use colibri_testkit::{BedOptions, Door, TestBed, WithToken, eventually, stand_in};
pub use colibri_testkit::{PATIENCE, code};
use colibri_types::{OrderId, ShipmentId, SiteId, TenantId};
use tonic::{Code, Status, service::interceptor::InterceptedService, transport::Channel};

/// A day on which rules, exchange rates and the sample tariff are known.
const NOW: &str = "2026-11-05T11:00:00Z";

/// Texts of the addressee that may stand nowhere but in the vault.
pub const CANARIES: [&str; 4] =
    ["Ottokar", "Canari", "Specimen Lane", "ottokar.canari@example.org"];

pub type Client = CustomsServiceClient<InterceptedService<Channel, WithToken>>;

pub struct World {
    pub bed: TestBed,
    pub tenant: TenantId,
    pub site: SiteId,
    doors: BTreeMap<&'static str, Door>,
}

/// An order across a border, as two services tell it.
#[derive(Debug, Clone)]
pub struct Order {
    pub shipment_id: ShipmentId,
    pub request: FulfilmentRequested,
    pub offer: OfferChosen,
}

/// Default person; a test changes what it is about.
pub fn person(country: &'static str) -> BTreeMap<Field, &'static str> {
    BTreeMap::from([
        (Field::Name, "Ottokar Canari"),
        (Field::Street, "7 Specimen Lane"),
        (Field::City, "Sampleton"),
        (Field::Postcode, "AA1 1AA"),
        (Field::Country, country),
        (Field::Email, "ottokar.canari@example.org"),
    ])
}

/// An article that may cross any border.
pub fn shirt(sku: &str) -> SkuInput {
    SkuInput {
        sku: sku.to_owned(),
        description: "Men's T-shirt, cotton, knitted".to_owned(),
        hs6: "610910".to_owned(),
        cn8: "61091000".to_owned(),
        hts10: "6109100012".to_owned(),
        origin_country: "PT".to_owned(),
        confirmed: true,
        ..SkuInput::default()
    }
}

pub fn profile() -> Profile {
    Profile {
        eori: "FR12345678200010".to_owned(),
        vat_gb: "GB123456727".to_owned(),
        signer: "Export desk".to_owned(),
        ..Profile::default()
    }
}

fn euro(amount_minor: i64) -> Option<Money> {
    Some(Money { amount_minor, currency: "EUR".to_owned() })
}

pub fn goods(sku: &str, quantity: u32) -> Goods {
    Goods {
        sku: sku.to_owned(),
        quantity,
        unit_price: euro(1900),
        unit_weight_g: 150,
        ..Goods::default()
    }
}

impl World {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With settings of its own, `COLIBRI_CUSTOMS__` left out.
    pub async fn start_with(own: &[(&str, &str)]) -> Self {
        let doors = BTreeMap::from(
            ["orders", "pricing", "accounts", "labels"].map(|n| (n, Door::default())),
        );
        let mut services = vec![colibri_vault::service(), colibri_customs::service()];
        services.extend(doors.iter().map(|(name, door)| stand_in(name, door).build()));
        let clock = format!("scaled:real={NOW},virtual={NOW},rate=0");
        let own = own.iter().map(|(k, v)| (format!("COLIBRI_CUSTOMS__{k}"), (*v).to_owned()));
        let clock = [("COLIBRI_KIT__CLOCK".to_owned(), clock)];
        let settings: Vec<(String, String)> = clock.into_iter().chain(own).collect();
        let bed =
            TestBed::start_with(services, BedOptions { settings, ..BedOptions::default() }).await;
        let world = Self { bed, tenant: TenantId::generate(), site: SiteId::generate(), doors };
        world.put_site(world.site, "FR", "44000").await;
        world.rules_are_read().await;
        world
    }

    /// The first call has the rules read, which takes longer on a busy machine than a call may. Whoever
    /// calls again finds them read.
    async fn rules_are_read(&self) {
        let request = SuggestHsRequest { text: "cotton t-shirt".into(), limit: 1 };
        eventually("the rules are read", PATIENCE, || async {
            match self.client().suggest_hs(request.clone()).await {
                Err(status) if status.code() == Code::DeadlineExceeded => None,
                answer => Some(answer.unwrap()),
            }
        })
        .await;
    }

    /// A place that parcels leave from.
    pub async fn put_site(&self, site: SiteId, country: &'static str, postcode: &'static str) {
        let address = BTreeMap::from([
            (Field::Company, "Atelier Exemple"),
            (Field::Street, "1 quai des Essais"),
            (Field::City, "Sampleville"),
            (Field::Postcode, postcode),
            (Field::Country, country),
            (Field::Phone, "+33200000001"),
        ]);
        let event = SiteChanged {
            site_id: site.to_string(),
            tenant_id: self.tenant.to_string(),
            code: country.into(),
            country: country.into(),
            postcode_zone: postcode.into(),
            address_ref: self
                .bed
                .seal("accounts", self.tenant, &format!("site:{site}"), address)
                .await,
        };
        self.say("accounts", &event, "1").await;
    }

    /// Publishes an event as its producer does.
    pub async fn say<E: Event>(&self, service: &'static str, event: &E, fact: &str) {
        self.doors[service].say(event, fact).await;
    }

    pub async fn order(&self, country: &'static str, lines: Vec<Goods>) -> Order {
        self.order_for(country, &person(country), lines).await
    }

    /// An order that crosses a border by UPS, sealed but not yet told to anybody.
    pub async fn order_for(
        &self,
        country: &str,
        person: &BTreeMap<Field, &str>,
        lines: Vec<Goods>,
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
            origin_zone: "44000".into(),
            subject_ref,
            country: country.into(),
            parcels: vec![Parcel { weight_g: 2_000, ..Parcel::default() }],
            residential: true,
            version: 1,
            crosses_customs_border: true,
            goods: lines,
            shipping_paid: euro(900),
            ..FulfilmentRequested::default()
        };
        let offer = OfferChosen {
            tenant_id: self.tenant.to_string(),
            order_id: order_id.to_string(),
            shipment_id: shipment_id.to_string(),
            carrier: "ups".to_owned(),
            service: "11".to_owned(),
            amount: euro(1815),
            version: 1,
            crosses_customs_border: true,
            ..OfferChosen::default()
        };
        Order { shipment_id, request, offer }
    }

    pub async fn tell(&self, order: &Order) {
        let version = order.request.version;
        self.say("orders", &order.request, &format!("requested {version}")).await;
        self.say("pricing", &order.offer, &format!("chosen {version}")).await;
    }

    pub fn client(&self) -> Client {
        self.client_of(self.tenant)
    }

    pub fn client_of(&self, tenant: TenantId) -> Client {
        CustomsServiceClient::new(self.bed.client(tenant, &["customs:read", "customs:write"]))
    }

    pub async fn put_skus(&self, skus: &[SkuInput]) -> PutSkusResponse {
        let request = PutSkusRequest { skus: skus.to_vec() };
        self.client().put_skus(request).await.unwrap().into_inner()
    }

    pub async fn put_profile(&self, profile: Profile) -> Profile {
        let request = PutProfileRequest { profile: Some(profile) };
        self.client().put_profile(request).await.unwrap().into_inner()
    }

    pub async fn get(&self, id: ShipmentId) -> Result<Declaration, Status> {
        let by = Some(By::ShipmentId(id.to_string()));
        self.client().get_declaration(GetDeclarationRequest { by }).await.map(|r| r.into_inner())
    }

    /// Waits until a declaration is in this state.
    pub async fn reaches(&self, id: ShipmentId, state: DeclarationState) -> Declaration {
        let what = format!("{id} is {state:?}");
        eventually(&what, PATIENCE, || async {
            let declaration = self.get(id).await.ok()?;
            (declaration.state() == state).then_some(declaration)
        })
        .await
    }

    /// Events of customs about a shipment, oldest first.
    pub async fn said<E: Event>(&self, id: ShipmentId) -> Vec<E> {
        let rows: Vec<Vec<u8>> = sqlx::query_scalar(
            "select payload from (
               select payload, seq as n, 0 as kind from customs.event_log
                where key = $1 and subject like $2
               union all
               select payload, id, 1 from customs.outbox where key = $1 and subject like $2) e
              order by kind, n",
        )
        .bind(id.to_string())
        .bind(format!("%.{}.%", E::NAME))
        .fetch_all(&self.bed.admin)
        .await
        .unwrap();
        rows.iter().map(|bytes| E::decode(bytes.as_slice()).unwrap()).collect()
    }

    pub async fn stop(self) {
        assert_eq!(self.bed.stop().await, Vec::<String>::new(), "tasks left");
    }
}
