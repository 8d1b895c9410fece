//! A shop whose parcels were handed over: real orders, vault and returns; labels and tracking tell
//! what a test wants.

use colibri_events::{
    labels::v1::{self as labels, labels_service_server::LabelsServiceServer},
    tracking::v1::ParcelDelivered,
};
use colibri_kit::service::Definition;
pub use colibri_testkit::PATIENCE;
use colibri_testkit::{Door, eventually, stand_in};
use colibri_types::{ParcelId, ShipmentId};
use time::{Duration as Span, OffsetDateTime};

use crate::{
    standin::Labels,
    world::{World, key, order},
};

pub const PDF: &[u8] = b"%PDF-1.7 a way back";

pub struct Shop {
    pub world: World,
    labels: Door,
    tracking: Door,
}

impl Shop {
    pub async fn open(more: &[(&str, &str)]) -> Self {
        Self::by("ups", more).await
    }

    /// Whose parcels travel by this carrier, there and back.
    pub async fn by(carrier: &'static str, more: &[(&str, &str)]) -> Self {
        let (labels, tracking) = (Door::default(), Door::default());
        let sells = stand_in("labels", &labels).grpc(move |_, routes| {
            routes.add_service(LabelsServiceServer::new(Labels {
                media: "application/pdf",
                data: PDF,
                carrier,
            }));
        });
        let services: Vec<Box<dyn Definition>> = vec![
            colibri_vault::service(),
            colibri_accounts::service(),
            colibri_orders::service(),
            colibri_returns::service(),
            sells.build(),
            stand_in("tracking", &tracking).build(),
        ];
        let own = [("RETURNS__IDENTITY_FLOOR_MS", "1")];
        let settings: Vec<_> = own.iter().chain(more).copied().collect();
        let world = World::with(services, &settings).await;
        world.site().await;
        Self { world, labels, tracking }
    }

    /// An order that was handed over so many days ago; `None`: it is still on its way.
    pub async fn sold(&self, number: &str, days: Option<i64>) -> String {
        self.handed_over(number, &order(number), days).await
    }

    /// The same for a buyer with another e-mail.
    pub async fn sold_to(&self, email: &str, number: &str, days: Option<i64>) -> String {
        let mut bought = order(number);
        bought["ship_to"]["email"] = email.into();
        self.handed_over(number, &bought, days).await
    }

    async fn handed_over(
        &self,
        number: &str,
        bought: &serde_json::Value,
        days: Option<i64>,
    ) -> String {
        let made = self.world.clerk().post_with("/v1/orders", &key(number), bought).await;
        assert_eq!(made.status.as_u16(), 201, "{made:?}");
        let order_id = made.json()["order_id"].as_str().unwrap().to_owned();
        let id: colibri_types::OrderId = order_id.parse().unwrap();
        let known = || async {
            let sql = "select subject_ref from returns.sale where order_id = $1";
            let sql = sqlx::query_scalar::<_, sqlx::types::Uuid>(sql).bind(id.to_uuid());
            sql.fetch_optional(&self.world.bed.admin).await.unwrap()
        };
        let subject = eventually("returns knows the order", PATIENCE, known).await;
        let parcel = ParcelId::generate();
        let purchased = labels::LabelPurchased {
            parcel_id: parcel.to_string(),
            order_id: order_id.clone(),
            tenant_id: self.world.tenant.to_string(),
            shipment_id: ShipmentId::generate().to_string(),
            weight_g: 900,
            subject_ref: colibri_types::SubjectRef(subject).to_string(),
            ..labels::LabelPurchased::default()
        };
        self.labels.say(&purchased, "once").await;
        if let Some(days) = days {
            let at = OffsetDateTime::now_utc() - Span::days(days);
            let delivered = ParcelDelivered {
                parcel_id: parcel.to_string(),
                tenant_id: self.world.tenant.to_string(),
                version: 1,
                at: Some(prost_types::Timestamp { seconds: at.unix_timestamp(), nanos: 0 }),
                ..ParcelDelivered::default()
            };
            self.tracking.say(&delivered, "once").await;
            eventually("returns knows of the delivery", PATIENCE, || async {
                let sql = "select 1 from returns.parcel where parcel_id = $1
                            and delivered_at is not null and order_id is not null";
                let sql = sqlx::query_scalar::<_, i32>(sql).bind(parcel.to_uuid());
                sql.fetch_optional(&self.world.bed.admin).await.unwrap()
            })
            .await;
        }
        order_id
    }
}
