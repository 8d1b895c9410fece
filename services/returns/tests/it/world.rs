//! A tenant that sold something. Persons and addresses are invented.

use std::{collections::BTreeMap, sync::Arc};

use colibri_events::{
    Event,
    customs::v1::DeclarationReady,
    labels::v1::LabelPurchased,
    orders::v1::{self as orders, FulfilmentRequested},
    returns::v1::{returns_service_client::ReturnsServiceClient, *},
    tracking::v1::{Headline, ParcelDelivered, ParcelStatusChanged},
    types::v1::Money,
    vault::v1::{Field, FieldValue, PutRequest, Record},
};
use colibri_kit::fault::RpcError;
use colibri_sandbox::{PaymentOptions, Payments};
use colibri_testkit::{BedOptions, Door, TestBed, WithToken, eventually, stand_in};
pub use colibri_testkit::{PATIENCE, code};
use colibri_types::{DeclarationId, OrderId, ParcelId, ShipmentId, SiteId, TenantId};
use prost_types::Timestamp;
use time::{Duration as Span, OffsetDateTime};
use tonic::{Status, service::interceptor::InterceptedService, transport::Channel};

use crate::neighbours::{self, Shops};

pub type Client = ReturnsServiceClient<InterceptedService<Channel, WithToken>>;

pub struct World {
    pub bed: TestBed,
    pub payments: Payments,
    pub shops: Arc<Shops>,
    pub tenant: TenantId,
    doors: BTreeMap<&'static str, Door>,
}

/// An order that was sold and sent.
#[derive(Clone)]
pub struct Sold {
    pub order_id: String,
    pub shipment_id: String,
    pub parcel_id: String,
    pub subject_ref: String,
    pub number: String,
    pub email: String,
    pub postcode: String,
}

pub fn timestamp(at: OffsetDateTime) -> Option<Timestamp> {
    Some(Timestamp { seconds: at.unix_timestamp(), nanos: 0 })
}

/// Public code and the field's own.
pub fn codes(status: &Status) -> (String, String) {
    let error = RpcError::from_status(status);
    let field = error.fields.first().map(|field| field.code.clone()).unwrap_or_default();
    (error.reason.unwrap_or_default(), field)
}

impl World {
    pub async fn start(options: PaymentOptions) -> Self {
        let payments = Payments::start(options).await.unwrap();
        let shops = Arc::new(Shops::default());
        let doors = BTreeMap::from(
            ["orders", "labels", "tracking", "customs"].map(|n| (n, Door::default())),
        );
        let services = vec![
            colibri_vault::service(),
            neighbours::orders(&doors["orders"], &shops),
            neighbours::labels(&doors["labels"], &shops),
            stand_in("tracking", &doors["tracking"]).build(),
            stand_in("customs", &doors["customs"]).build(),
            colibri_returns::service(),
        ];
        let settings = [
            ("COLIBRI_RETURNS__PAYMENT_URL", payments.url()),
            ("COLIBRI_RETURNS__PAYMENT_TOKEN", colibri_sandbox::PAYMENT_TOKEN),
            ("COLIBRI_RETURNS__PAYMENT_TIMEOUT_MS", "2000"),
            ("COLIBRI_RETURNS__LEASE_S", "20"),
            ("COLIBRI_RETURNS__LOOK_UP_S", "1"),
            ("COLIBRI_RETURNS__IDENTITY_FLOOR_MS", "1"),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
        let options = BedOptions { settings, ..BedOptions::default() };
        let bed = TestBed::start_with(services, options).await;
        Self { bed, payments, shops, tenant: TenantId::generate(), doors }
    }

    pub fn client(&self) -> Client {
        self.client_of(self.tenant)
    }

    pub fn client_of(&self, tenant: TenantId) -> Client {
        ReturnsServiceClient::new(self.bed.client(tenant, &["returns:read", "returns:write"]))
    }

    /// Publishes an event as its producer does.
    pub async fn say<E: Event>(&self, service: &'static str, event: &E, fact: &str) {
        self.doors[service].say(event, fact).await;
    }

    /// Two shirts at 19.99 and one lamp at 35.00, 4.90 for the way, from France to a buyer there.
    pub async fn sold(&self, name: &str) -> Sold {
        self.sold_to(name, "FR").await
    }

    /// As [`World::sold`], to a buyer in this country.
    pub async fn sold_to(&self, name: &str, country: &str) -> Sold {
        let (order, shipment, parcel) =
            (OrderId::generate(), ShipmentId::generate(), ParcelId::generate());
        let mut sold = Sold {
            order_id: order.to_string(),
            shipment_id: shipment.to_string(),
            parcel_id: parcel.to_string(),
            subject_ref: String::new(),
            number: format!("#{name}"),
            email: format!("{name}@example.org"),
            postcode: "69002".into(),
        };
        let buyer = [
            (Field::Name, "Ottokar Canari"),
            (Field::OrderNumber, &sold.number),
            (Field::Email, &sold.email),
            (Field::Postcode, &sold.postcode),
        ];
        let key = format!("order:{name}");
        let subject_ref = self.bed.seal("orders", self.tenant, &key, buyer).await;
        sold.subject_ref.clone_from(&subject_ref);
        let eur = |amount_minor| Some(Money { amount_minor, currency: "EUR".into() });
        let line = |sku: &str, quantity, price, unit_weight_g| orders::Line {
            sku: sku.into(),
            quantity,
            unit_price: eur(price),
            unit_weight_g,
            ..orders::Line::default()
        };
        let known = orders::Order {
            order_id: sold.order_id.clone(),
            channel: "api".into(),
            country: country.into(),
            currency: "EUR".into(),
            lines: vec![line("SHIRT", 2, 1999, 250), line("LAMP", 1, 3500, 900)],
            received_at: timestamp(OffsetDateTime::now_utc() - Span::days(4)),
            shipping_paid: eur(490),
            ..orders::Order::default()
        };
        self.shops.orders.lock().unwrap().insert(sold.order_id.clone(), known);
        let request = FulfilmentRequested {
            order_id: sold.order_id.clone(),
            tenant_id: self.tenant.to_string(),
            shipment_id: shipment.to_string(),
            site_id: SiteId::generate().to_string(),
            origin_country: "FR".into(),
            country: country.into(),
            crosses_customs_border: country != "FR",
            subject_ref: subject_ref.clone(),
            version: 1,
            ..FulfilmentRequested::default()
        };
        self.say("orders", &request, "requested").await;
        let purchased = LabelPurchased {
            parcel_id: sold.parcel_id.clone(),
            order_id: sold.order_id.clone(),
            tenant_id: self.tenant.to_string(),
            shipment_id: shipment.to_string(),
            weight_g: 1400,
            subject_ref,
            ..LabelPurchased::default()
        };
        self.say("labels", &purchased, "bought").await;
        sold
    }

    /// Labels seals the number of a parcel.
    pub async fn numbered(&self, sold: &Sold, parcel_id: &str, number: &str) {
        let value = number.into();
        let record = Record {
            external_key: format!("parcel:{parcel_id}"),
            owner_ref: sold.subject_ref.clone(),
            r#ref: parcel_id.into(),
            fields: vec![FieldValue { field: Field::TrackingNumber.into(), value }],
        };
        let request = PutRequest { records: vec![record] };
        self.bed.vault("labels", self.tenant).put(request).await.unwrap();
    }

    /// Tracking tells of a parcel.
    pub async fn scanned(&self, parcel_id: &str, headline: Headline, sub: &str, version: u64) {
        let event = ParcelStatusChanged {
            parcel_id: parcel_id.into(),
            tenant_id: self.tenant.to_string(),
            headline: headline.into(),
            sub_status: sub.into(),
            version,
            at: timestamp(OffsetDateTime::now_utc()),
            ..ParcelStatusChanged::default()
        };
        self.say("tracking", &event, &format!("s{version}")).await;
    }

    pub async fn delivered(&self, parcel_id: &str, at: OffsetDateTime, version: u64) {
        let event = ParcelDelivered {
            parcel_id: parcel_id.into(),
            tenant_id: self.tenant.to_string(),
            version,
            at: timestamp(at),
            ..ParcelDelivered::default()
        };
        self.say("tracking", &event, &format!("d{version}")).await;
    }

    /// Sold, sent and handed over so many days ago; known here.
    pub async fn in_hands(&self, name: &str, days: i64) -> Sold {
        self.handed_over(self.sold(name).await, days).await
    }

    /// Customs said that a shipment may leave, under its declaration; answers the id.
    pub async fn declared(&self, sold: &Sold, revision: u32) -> String {
        let shipment: ShipmentId = sold.shipment_id.parse().unwrap();
        let declaration_id = DeclarationId::from_uuid(shipment.to_uuid()).to_string();
        let event = DeclarationReady {
            shipment_id: sold.shipment_id.clone(),
            tenant_id: self.tenant.to_string(),
            order_id: sold.order_id.clone(),
            version: 1,
            revision,
            declaration_id: declaration_id.clone(),
            ..DeclarationReady::default()
        };
        self.say("customs", &event, &format!("1:{revision}")).await;
        declaration_id
    }

    /// Handed over so many days ago; known here.
    pub async fn handed_over(&self, sold: Sold, days: i64) -> Sold {
        self.delivered(&sold.parcel_id, OffsetDateTime::now_utc() - Span::days(days), 1).await;
        let parcel: ParcelId = sold.parcel_id.parse().unwrap();
        eventually("returns knows of the delivery", PATIENCE, || async {
            let sql = "select 1 from returns.parcel p join returns.sale s using (order_id)
                        where p.parcel_id = $1 and p.delivered_at is not null";
            let found: Option<i32> = sqlx::query_scalar(sql)
                .bind(parcel.to_uuid())
                .fetch_optional(&self.bed.admin)
                .await
                .unwrap();
            found
        })
        .await;
        sold
    }

    pub async fn get(&self, id: &str) -> Return {
        let request = GetRequest { return_id: id.into(), ..GetRequest::default() };
        self.client().get(request).await.unwrap().into_inner()
    }

    /// Waits until a return is so.
    pub async fn until(&self, id: &str, what: &str, is: impl Fn(&Return) -> bool) -> Return {
        eventually(what, PATIENCE, || async {
            let seen = self.get(id).await;
            is(&seen).then_some(seen)
        })
        .await
    }

    /// Asked for, with its label.
    pub async fn asked(&self, request: RequestRequest) -> Return {
        let asked = self.client().request(request).await.unwrap().into_inner();
        self.until(&asked.return_id, "the label is issued", |seen| {
            seen.parcels.iter().all(|parcel| parcel.state != "wanted")
        })
        .await
    }

    pub async fn balance(&self) -> Balance {
        self.client().get_balance(GetBalanceRequest::default()).await.unwrap().into_inner()
    }

    pub async fn events(&self, name: &str) -> i64 {
        let like = format!("colibri.returns.v1.{name}.%");
        let sql = "select count(*) from returns.event_log where subject like $1";
        sqlx::query_scalar(sql).bind(like).fetch_one(&self.bed.admin).await.unwrap()
    }

    pub async fn stop(self) {
        assert_eq!(self.bed.stop().await, Vec::<String>::new());
    }
}

pub fn order(sold: &Sold) -> Option<OrderRef> {
    Some(OrderRef { by: Some(order_ref::By::OrderId(sold.order_id.clone())) })
}

pub fn identity(number: &str, email: &str, postcode: &str) -> Identity {
    Identity { order_number: number.into(), email: email.into(), postcode: postcode.into() }
}

pub fn line(line: u32, units: u32, reason: &str) -> RequestLine {
    RequestLine { line, units, reason: reason.into(), ..RequestLine::default() }
}

pub fn request(id: &str, sold: &Sold, lines: Vec<RequestLine>) -> RequestRequest {
    RequestRequest {
        request_id: id.into(),
        order: order(sold),
        lines,
        way_back: WayBack::Code.into(),
        ..RequestRequest::default()
    }
}

/// Answers of a unit that is as new.
pub fn as_new() -> Vec<Criterion> {
    let yes = [
        "seal_intact",
        "no_sign_of_use",
        "complete",
        "packaging_sellable",
        "works",
        "no_use_beyond_trying",
        "clean",
    ];
    let no = [
        "other_article",
        "empty_box",
        "counterfeit_suspected",
        "serial_differs",
        "leaks",
        "battery_swollen",
        "hygiene_seal_broken",
        "recalled",
    ];
    let criterion = |yes| move |code: &str| Criterion { code: code.into(), yes };
    yes.into_iter().map(criterion(true)).chain(no.into_iter().map(criterion(false))).collect()
}

/// A PNG of one pixel.
pub fn png() -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let len = u32::try_from(data.len()).unwrap().to_be_bytes();
        [&len[..], name, data, &[0; 4]].concat()
    };
    let head = b"\x89PNG\r\n\x1a\n".to_vec();
    [head, chunk(b"IHDR", &[0; 13]), chunk(b"IDAT", b"x"), chunk(b"IEND", b"")].concat()
}
