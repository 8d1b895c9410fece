//! Stand-ins: orders that knows some orders, labels that sells ways back, tracking that tells.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use colibri_events::{
    labels::v1::{labels_service_server::LabelsServiceServer, *},
    orders::v1::{self as orders, orders_service_server::OrdersServiceServer},
    types::v1::Money,
};
use colibri_kit::{fault::Fault, service::Definition};
use colibri_testkit::{Door, stand_in};
use colibri_types::{ParcelId, ShipmentId};
use tonic::{Request, Response, Status};

/// Orders by id, and what labels sold, by request id.
#[derive(Default)]
pub struct Shops {
    pub orders: Mutex<BTreeMap<String, orders::Order>>,
    pub sold: Mutex<BTreeMap<String, Shipment>>,
    /// Requests to buy a way back.
    pub asked: Mutex<u32>,
    /// The last of each request id.
    pub wanted: Mutex<BTreeMap<String, PurchaseReturnRequest>>,
    /// Labels refuses with this code.
    pub refuses: Mutex<Option<&'static str>>,
    /// Labels is away.
    pub away: Mutex<bool>,
    /// Labels keeps what should be void, with this code.
    pub keeps: Mutex<Option<&'static str>>,
    /// Shipments that should be void, as often as it was asked.
    pub voids: Mutex<Vec<String>>,
}

pub fn orders(door: &Door, shops: &Arc<Shops>) -> Box<dyn Definition> {
    let shops = shops.clone();
    stand_in("orders", door)
        .grpc(move |_, routes| {
            routes.add_service(OrdersServiceServer::new(Orders(shops)));
        })
        .build()
}

pub fn labels(door: &Door, shops: &Arc<Shops>) -> Box<dyn Definition> {
    let shops = shops.clone();
    stand_in("labels", door)
        .grpc(move |_, routes| {
            routes.add_service(LabelsServiceServer::new(Labels(shops)));
        })
        .build()
}

struct Orders(Arc<Shops>);
struct Labels(Arc<Shops>);

macro_rules! service {
    (
        $service:path, $type:ty, { $($own:tt)* }
        $($name:ident($request:path) -> $answer:path;)*
    ) => {
        #[tonic::async_trait]
        impl $service for $type {
            $($own)*
            $(async fn $name(&self, _: Request<$request>) -> Result<Response<$answer>, Status> {
                Err(Status::unimplemented(stringify!($name)))
            })*
        }
    };
}

service! {
    orders::orders_service_server::OrdersService, Orders, {
    async fn get(
        &self,
        request: Request<orders::GetRequest>,
    ) -> Result<Response<orders::Order>, Status> {
        let Some(orders::get_request::By::OrderId(id)) = request.into_inner().by else {
            return Err(Status::invalid_argument("by"));
        };
        let known = self.0.orders.lock().unwrap().get(&id).cloned();
        let known = known.ok_or_else(|| Fault::not_found("ORD0004", "no such order"))?;
        Ok(Response::new(known))
    }

    }
        submit(orders::SubmitRequest) -> orders::SubmitResponse;
        list(orders::ListRequest) -> orders::ListResponse;
        hold(orders::HoldRequest) -> orders::Order;
        release(orders::ReleaseRequest) -> orders::Order;
        amend(orders::AmendRequest) -> orders::Order;
        cancel(orders::CancelRequest) -> orders::Order;
        import(orders::ImportRequest) -> orders::ImportReport;
        ingest_webhook(orders::IngestWebhookRequest) -> orders::IngestWebhookResponse;
}

service! {
    labels_service_server::LabelsService, Labels, {
    async fn purchase_return(
        &self,
        request: Request<PurchaseReturnRequest>,
    ) -> Result<Response<Shipment>, Status> {
        let request = request.into_inner();
        *self.0.asked.lock().unwrap() += 1;
        let id = request.request_id.clone();
        self.0.wanted.lock().unwrap().insert(id, request.clone());
        if *self.0.away.lock().unwrap() {
            return Err(Status::unavailable("away"));
        }
        if let Some(code) = *self.0.refuses.lock().unwrap() {
            return Err(Fault::failed_precondition(code, "not sold").into());
        }
        let mut sold = self.0.sold.lock().unwrap();
        let shipment = sold.entry(request.request_id).or_insert_with(|| Shipment {
            shipment_id: ShipmentId::generate().to_string(),
            state: ShipmentState::Bought.into(),
            carrier: "ups".into(),
            parcels: vec![ParcelLabel {
                parcel_id: ParcelId::generate().to_string(),
                ..ParcelLabel::default()
            }],
            amount: Some(Money { amount_minor: 690, currency: "EUR".into() }),
            way_back: true,
            outbound_shipment_id: request.shipment_id,
            ..Shipment::default()
        });
        Ok(Response::new(shipment.clone()))
    }

    async fn void(&self, request: Request<VoidRequest>) -> Result<Response<Shipment>, Status> {
        let id = request.into_inner().shipment_id;
        self.0.voids.lock().unwrap().push(id.clone());
        if *self.0.away.lock().unwrap() {
            return Err(Status::unavailable("away"));
        }
        if let Some(code) = *self.0.keeps.lock().unwrap() {
            return Err(Fault::failed_precondition(code, "not void").into());
        }
        let mut sold = self.0.sold.lock().unwrap();
        let found = sold.values_mut().find(|shipment| shipment.shipment_id == id);
        let shipment = found.ok_or_else(|| Fault::not_found("LBL0001", "no such shipment"))?;
        shipment.set_state(ShipmentState::Voided);
        Ok(Response::new(shipment.clone()))
    }

    }
        get(GetRequest) -> Shipment;
        list(ListRequest) -> ListResponse;
        purchase(PurchaseRequest) -> Shipment;
        get_label(GetLabelRequest) -> Label;
        settle(SettleRequest) -> Shipment;
        find_service_points(FindServicePointsRequest) -> FindServicePointsResponse;
        quote_rates(QuoteRatesRequest) -> QuoteRatesResponse;
        check_shipment(CheckShipmentRequest) -> CheckShipmentResponse;
        book_pickup(BookPickupRequest) -> Pickup;
        cancel_pickup(CancelPickupRequest) -> Pickup;
        list_pickups(ListPickupsRequest) -> ListPickupsResponse;
        close_manifest(CloseManifestRequest) -> Manifest;
        list_manifests(ListManifestsRequest) -> ListManifestsResponse;
        get_manifest(GetManifestRequest) -> Manifest;
        get_manifest_paper(GetManifestPaperRequest) -> Label;
        settle_errand(SettleErrandRequest) -> SettleErrandResponse;
}
