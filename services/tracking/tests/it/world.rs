//! A bed with vault and tracking, a tenant with accounts, and parcels.

use std::time::Duration;

use colibri_events::{
    tracking::v1::{
        GetRequest, Header, Headline, IngestWebhookRequest, IngestWebhookResponse, Parcel,
        tracking_service_client::TrackingServiceClient,
    },
    vault::v1::{Field, FieldValue, PutRequest, Record},
};
use colibri_kit::{
    clock::{self, SharedClock},
    rpc::Peer,
};
pub use colibri_testkit::code;
use colibri_testkit::{BedOptions, Door, TestBed, eventually, stand_in};
use colibri_types::{AccountId, ParcelId, ShipmentId, TenantId};
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::datetime};
use tonic::Status;

use crate::{
    carriers::{Sim, TOWN},
    neighbours::{self, Bought},
};

/// Patience for things that take milliseconds, on a machine that is doing other work.
pub const PATIENCE: Duration = Duration::from_secs(90);
/// What fast clocks show when they start.
const START: OffsetDateTime = datetime!(2026-03-02 08:00 UTC);

pub struct World {
    pub bed: TestBed,
    pub clock: SharedClock,
    pub labels: Door,
    pub accounts: Door,
    pub tenant: TenantId,
}

/// A parcel with its number.
#[derive(Clone)]
pub struct Sent {
    pub bought: Bought,
    pub number: String,
}

impl World {
    /// At the machine's pace: nothing is polled within a test.
    pub async fn slow() -> Self {
        Self::slow_with(&[]).await
    }

    pub async fn slow_with(settings: &[(&str, &str)]) -> Self {
        Self::start("system".to_owned(), settings).await
    }

    /// So many times faster than the machine.
    pub async fn fast(rate: u32, settings: &[(&str, &str)]) -> Self {
        let real = OffsetDateTime::now_utc().format(&Rfc3339).unwrap();
        let shown = START.format(&Rfc3339).unwrap();
        Self::start(format!("scaled:real={real},virtual={shown},rate={rate}"), settings).await
    }

    async fn start(text: String, settings: &[(&str, &str)]) -> Self {
        let clock = clock::parse(&text).unwrap();
        let mut all = vec![
            ("COLIBRI_KIT__CLOCK".to_owned(), text),
            ("COLIBRI_TRACKING__POLL_TICK_MS".to_owned(), "10".to_owned()),
            ("COLIBRI_VAULT__BUDGET__BASE_PER_DAY".to_owned(), "100000".to_owned()),
        ];
        all.extend(settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        let (labels, accounts) = (Door::default(), Door::default());
        let services = vec![
            colibri_vault::service(),
            stand_in("labels", &labels).build(),
            neighbours::accounts(&accounts),
            colibri_tracking::service(),
        ];
        let options = BedOptions { settings: all, ..BedOptions::default() };
        let bed = TestBed::start_with(services, options).await;
        Self { bed, clock, labels, accounts, tenant: TenantId::generate() }
    }

    /// The tenant's account at a simulated carrier, known to tracking.
    pub async fn account(&self, sim: &Sim) -> AccountId {
        let account = AccountId::generate();
        self.bed.seal_credentials(self.tenant, account, sim.credentials()).await;
        let hosts = sim.hosts();
        neighbours::account_changed(&self.accounts, self.tenant, account, sim.id, &hosts, 1).await;
        let admin = &self.bed.admin;
        eventually("tracking knows the account", PATIENCE, || async {
            let sql = "select 1 from tracking.account where account_id = $1";
            let found = sqlx::query_scalar::<_, i32>(sql).bind(account.to_uuid());
            found.fetch_optional(admin).await.unwrap()
        })
        .await;
        account
    }

    /// An account at a simulated UPS.
    pub async fn ups(&self) -> AccountId {
        self.account(&Sim::start("ups", self.clock.clone(), 1).await).await
    }

    /// A parcel of a person of its own, sealed as orders and labels do, not told of yet.
    pub async fn sealed(&self, carrier: &'static str, account: AccountId, number: &str) -> Sent {
        let parcel = ParcelId::generate();
        let person = [(Field::Name, "Ottokar Kanari"), (Field::City, TOWN)];
        let key = format!("order:test:{parcel}");
        let subject = self.bed.seal("orders", self.tenant, &key, person).await;
        let number_of =
            FieldValue { field: Field::TrackingNumber.into(), value: number.to_owned() };
        let numbers = Record {
            external_key: format!("parcel:{parcel}"),
            owner_ref: subject.clone(),
            r#ref: parcel.to_string(),
            fields: vec![number_of],
        };
        let put = PutRequest { records: vec![numbers] };
        self.bed.vault("labels", self.tenant).put(put).await.unwrap();
        let bought = Bought {
            parcel,
            shipment: ShipmentId::generate(),
            tenant: self.tenant,
            account,
            carrier,
            subject,
            at: self.clock.now(),
            asked: None,
            promised: None,
        };
        Sent { bought, number: number.to_owned() }
    }

    /// Tells of parcels and waits until they are watched.
    pub async fn watched(&self, sent: &[&Sent]) {
        let bought: Vec<Bought> = sent.iter().map(|sent| sent.bought.clone()).collect();
        neighbours::purchased(&self.labels, &bought).await;
        for sent in sent {
            eventually("the parcel is watched", PATIENCE, || async {
                self.try_get(&sent.bought.parcel.to_string(), false).await.ok()
            })
            .await;
        }
    }

    pub fn client(&self) -> TrackingServiceClient<Peer> {
        TrackingServiceClient::new(self.bed.peer("gateway", "tracking", self.tenant))
    }

    pub async fn try_get(&self, parcel: &str, reveal: bool) -> Result<Parcel, Status> {
        let request = GetRequest { parcel_id: parcel.to_owned(), reveal };
        Ok(self.client().get(request).await?.into_inner())
    }

    pub async fn get(&self, sent: &Sent, reveal: bool) -> Parcel {
        self.try_get(&sent.bought.parcel.to_string(), reveal).await.unwrap()
    }

    /// Waits until the parcel shows this headline.
    pub async fn shows(&self, sent: &Sent, headline: Headline) -> Parcel {
        eventually(&format!("{headline:?}"), PATIENCE, || async {
            let parcel = self.get(sent, false).await;
            (parcel.headline() == headline).then_some(parcel)
        })
        .await
    }

    /// A carrier's call, as the gateway hands it on.
    pub async fn webhook(
        &self,
        account: AccountId,
        secret: &str,
        body: &[u8],
    ) -> Result<IngestWebhookResponse, Status> {
        let header = Header { name: "x-api-key".into(), value: secret.into() };
        let request = IngestWebhookRequest {
            account_id: account.to_string(),
            headers: vec![header],
            body: body.to_vec().into(),
        };
        let mut client = TrackingServiceClient::new(self.bed.peer("gateway", "tracking", None));
        Ok(client.ingest_webhook(request).await?.into_inner())
    }

    /// Names of tracking's events about a parcel, in order.
    pub async fn told(&self, sent: &Sent) -> Vec<String> {
        let sql = "select split_part(subject, '.', 4) from tracking.event_log
                    where key = $1 order by seq";
        eventually("the outbox is empty", PATIENCE, || async {
            let left = "select count(*) from tracking.outbox";
            let left: i64 = sqlx::query_scalar(left).fetch_one(&self.bed.admin).await.unwrap();
            (left == 0).then_some(())
        })
        .await;
        let key = sent.bought.parcel.to_string();
        sqlx::query_scalar(sql).bind(key).fetch_all(&self.bed.admin).await.unwrap()
    }

    pub async fn stop(self) {
        assert_eq!(self.bed.stop().await, Vec::<String>::new());
    }
}
