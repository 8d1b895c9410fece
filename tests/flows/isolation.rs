//! Two tenants with the same data: whatever one asks with the other's ids, it learns nothing and
//! changes nothing. Every method for tenants in the contracts is called; a new one fails this test
//! until it is.

use std::{collections::BTreeSet, time::Duration};

use bytes::{Buf as _, BufMut as _};
use colibri_events::{
    METHODS,
    customs::v1::{
        Profile, PutProfileRequest, PutSkusRequest, SkuInput,
        customs_service_client::CustomsServiceClient,
    },
    labels::v1::{LabelPurchased, Shipment, ShipmentState},
    orders::v1::{SubmitRequest, orders_service_client::OrdersServiceClient},
};
use colibri_testkit::eventually;
use colibri_types::TenantId;
use prost::Message as _;
use tonic::{
    Code, Request, Status,
    client::{Grpc, GrpcService},
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{Body, StdError},
};

use crate::{
    attempts::{Attempt, Who, attempts},
    check,
    harness::{Options, SERVICES, World},
    merchant::{COLISSIMO, Merchant, UPS, merchant, order},
};

const PATIENCE: Duration = Duration::from_secs(90);

/// Methods whose answers to their owner need not hold one of its ids or marks.
const UNMARKED: [&str; 6] =
    ["/ListTariffs", "/Explain", "/GetLabel", "/OpenCredentials", "/ListJournal", "/SuggestHs"];

/// A tenant and everything that belongs to it.
pub struct Owner {
    pub merchant: Merchant,
    pub shipment: Shipment,
    pub subject_ref: String,
    pub tracking_number: String,
    /// Texts that only this tenant may be told.
    private: BTreeSet<String>,
}

impl Owner {
    async fn make(world: &World, mark: &str) -> Self {
        let merchant = merchant(world, mark).await;
        let tenant = merchant.tenant;
        articles(world, tenant, mark).await;
        let orders = vec![order("same-1", UPS, mark), order("same-2", COLISSIMO, mark)];
        let request = SubmitRequest { orders, request_id: "same".into() };
        OrdersServiceClient::new(world.operator(tenant)).submit(request).await.unwrap();
        let seen = eventually("both labels are bought and followed", PATIENCE, || async {
            let seen = check::look(world, tenant).await;
            let bought = seen.shipments.iter().filter(|s| s.state() == ShipmentState::Bought);
            (bought.count() == 2 && seen.parcels.len() == 2).then_some(seen)
        })
        .await;
        let shipment = seen.shipments.iter().find(|s| s.carrier == UPS).unwrap().clone();
        let purchased = purchased(world, &shipment).await;
        let number = check::sold(world, UPS).remove(&shipment.attempt_ref).unwrap().remove(0);
        let mut private: BTreeSet<String> =
            [mark, &purchased.subject_ref, &number].into_iter().map(str::to_owned).collect();
        private.extend(seen.orders.iter().map(|order| order.order_id.clone()));
        for shipment in &seen.shipments {
            private.insert(shipment.shipment_id.clone());
            private.insert(shipment.attempt_ref.clone());
            for parcel in &shipment.parcels {
                private.insert(parcel.parcel_id.clone());
                private.extend(parcel.document_ids.iter().cloned());
            }
        }
        private
            .extend(merchant.sites.iter().flat_map(|s| [s.site_id.clone(), s.address_ref.clone()]));
        private.extend(merchant.accounts.iter().map(|(_, id)| id.clone()));
        private.extend([merchant.shopify.clone(), merchant.client.clone()]);
        private.insert(tenant.to_string());
        private.retain(|text| !text.is_empty());
        let subject_ref = purchased.subject_ref;
        Self { merchant, shipment, subject_ref, tracking_number: number, private }
    }

    /// What of this tenant's stands in `answer` and not in the question itself.
    fn told(&self, question: &[u8], answer: &[u8]) -> Vec<&str> {
        let holds = |bytes: &[u8], text: &str| {
            bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()))
        };
        let private = self.private.iter().map(String::as_str);
        private.filter(|text| holds(answer, text) && !holds(question, text)).collect()
    }
}

/// An article and a profile that bear the mark.
async fn articles(world: &World, tenant: TenantId, mark: &str) {
    let mut customs = CustomsServiceClient::new(world.operator(tenant));
    let sku = SkuInput {
        sku: "SAME".into(),
        description: format!("Ceramic mug for coffee, {mark}"),
        hs6: "691200".into(),
        confirmed: true,
        ..SkuInput::default()
    };
    let kept = customs.put_skus(PutSkusRequest { skus: vec![sku] }).await.unwrap().into_inner();
    assert!(kept.results[0].kept, "{kept:?}");
    let profile = Profile { signer: mark.into(), ..Profile::default() };
    customs.put_profile(PutProfileRequest { profile: Some(profile) }).await.unwrap();
}

async fn purchased(world: &World, shipment: &Shipment) -> LabelPurchased {
    let payload: Vec<u8> = sqlx::query_scalar(
        "select payload from labels.event_log
          where key = $1 and subject like 'colibri.labels.v1.label_purchased.%'",
    )
    .bind(&shipment.shipment_id)
    .fetch_one(&world.admin)
    .await
    .unwrap();
    LabelPurchased::decode(payload.as_slice()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_learns_and_changes_nothing_of_another() {
    // Nothing moves by itself: what changes between two looks, somebody changed.
    let world = World::start(Options { rate: 1, ..Options::default() }).await;
    let alpha = Owner::make(&world, "Alphakranich").await;
    let beta = Owner::make(&world, "Betareiher").await;
    world.settled(PATIENCE).await;
    let attempts = attempts(&alpha);
    let covered: BTreeSet<&str> = attempts.iter().map(|attempt| attempt.path).collect();
    let runs =
        |path: &str| SERVICES.iter().any(|name| path.starts_with(&format!("/colibri.{name}.")));
    let of_tenants = METHODS.iter().filter(|(path, policy)| policy.tenant && runs(path));
    let declared: BTreeSet<&str> = of_tenants.map(|(path, _)| *path).collect();
    let either: Vec<_> = covered.symmetric_difference(&declared).collect();
    assert!(either.is_empty(), "for tenants and not tried here, or the other way: {either:?}");

    let before = looks(&world, &alpha, &attempts).await;
    for attempt in &attempts {
        let answer = call(&world, attempt, &beta).await;
        match answer {
            Ok(bytes) => {
                let told = alpha.told(&attempt.request, &bytes);
                assert_eq!(told, Vec::<&str>::new(), "{} told another tenant", attempt.path);
                assert!(!attempt.names, "{} answered about another's id", attempt.path);
            }
            Err(status) => {
                let denied = matches!(
                    status.code(),
                    Code::NotFound | Code::PermissionDenied | Code::InvalidArgument
                );
                assert!(denied && attempt.names, "{}: {status:?}", attempt.path);
                let text = format!("{} {:?}", status.message(), status.details());
                assert_eq!(alpha.told(&attempt.request, text.as_bytes()), Vec::<&str>::new());
            }
        }
    }
    world.settled(PATIENCE).await;
    assert_eq!(looks(&world, &alpha, &attempts).await, before, "another tenant changed something");
    assert_eq!(check::sold(&world, UPS).len(), 2, "nothing was voided or bought");
    world.stop().await;
}

/// What the owner sees by the same questions: they are good ones, and nothing changed.
async fn looks(world: &World, owner: &Owner, attempts: &[Attempt]) -> Vec<(&'static str, Vec<u8>)> {
    let mut answers = Vec::new();
    for attempt in attempts.iter().filter(|attempt| attempt.shows) {
        let answer = call(world, attempt, owner).await;
        let answer = answer.unwrap_or_else(|status| panic!("{}: {status:?}", attempt.path));
        // An id in the question proves nothing when it comes back.
        let told = !owner.told(&attempt.request, &answer).is_empty();
        let unmarked = UNMARKED.iter().any(|name| attempt.path.ends_with(name));
        let shown = told || (unmarked && !answer.is_empty());
        assert!(shown, "{} shows its owner nothing", attempt.path);
        // Each look is noted in the journal itself.
        if !attempt.path.ends_with("/ListJournal") {
            answers.push((attempt.path, answer));
        }
    }
    answers
}

async fn call(world: &World, attempt: &Attempt, caller: &Owner) -> Result<Vec<u8>, Status> {
    let tenant = caller.merchant.tenant;
    let request = attempt.request.clone();
    match attempt.who {
        Who::Operator => raw(world.operator(tenant), attempt.path, request).await,
        Who::Service(name) => raw(world.peer(name, "vault", tenant), attempt.path, request).await,
    }
}

/// The first message of an answer, as bytes.
async fn raw<T>(service: T, path: &'static str, request: Vec<u8>) -> Result<Vec<u8>, Status>
where
    T: GrpcService<tonic::body::Body>,
    T::ResponseBody: Body<Data = bytes::Bytes> + Send + 'static,
    <T::ResponseBody as Body>::Error: Into<StdError>,
    T::Error: Into<StdError>,
{
    let mut grpc = Grpc::new(service);
    grpc.ready().await.map_err(|error| Status::from_error(error.into()))?;
    let path = http::uri::PathAndQuery::from_static(path);
    let mut answer = grpc.server_streaming(Request::new(request), path, Bytes).await?.into_inner();
    Ok(answer.message().await?.unwrap_or_default())
}

/// Messages as they are on the wire: one call for every method.
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining()).to_vec()))
    }
}
