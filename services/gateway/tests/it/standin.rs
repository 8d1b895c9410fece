//! Stand-ins for labels and tracking, whose answers a test decides: what the edge makes of files
//! and streams does not need a parcel that was really sent.

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
};

use colibri_events::{
    labels::v1::{
        self as labels,
        labels_service_server::{LabelsService, LabelsServiceServer},
    },
    tracking::v1::{
        self as tracking,
        tracking_service_server::{TrackingService, TrackingServiceServer},
    },
};
use colibri_kit::{
    fault::Fault,
    service::{Definition, Host, Service},
};
use colibri_types::{ParcelId, ShipmentId};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};

/// A label file of this type for every parcel, as labels would answer.
pub fn labels(media: &'static str, data: &'static [u8]) -> Box<dyn Definition> {
    Service::new("labels", |_host: Host| async { Ok(()) })
        .grpc(move |_, routes| {
            routes.add_service(LabelsServiceServer::new(Labels { media, data, carrier: "ups" }));
        })
        .build()
}

/// Sells ways back, and has one label file for every parcel.
pub struct Labels {
    pub media: &'static str,
    pub data: &'static [u8],
    /// Of the way out, and of ways back.
    pub carrier: &'static str,
}

fn unused<T>() -> Result<T, Status> {
    Err(Fault::bug("not asked for in this test").into())
}

#[tonic::async_trait]
impl LabelsService for Labels {
    async fn get_label(
        &self,
        request: Request<labels::GetLabelRequest>,
    ) -> Result<Response<labels::Label>, Status> {
        let request = request.into_inner();
        if !["", self.media].contains(&request.media_type.as_str()) {
            return Err(Fault::not_found("LBL0004", "no label of this type").into());
        }
        Ok(Response::new(labels::Label {
            parcel_id: request.parcel_id,
            media_type: self.media.to_owned(),
            data: self.data.into(),
        }))
    }

    async fn get(
        &self,
        _: Request<labels::GetRequest>,
    ) -> Result<Response<labels::Shipment>, Status> {
        let carrier = self.carrier.to_owned();
        Ok(Response::new(labels::Shipment { carrier, ..labels::Shipment::default() }))
    }

    async fn list(
        &self,
        _: Request<labels::ListRequest>,
    ) -> Result<Response<labels::ListResponse>, Status> {
        unused()
    }

    async fn purchase(
        &self,
        _: Request<labels::PurchaseRequest>,
    ) -> Result<Response<labels::Shipment>, Status> {
        unused()
    }

    async fn void(
        &self,
        _: Request<labels::VoidRequest>,
    ) -> Result<Response<labels::Shipment>, Status> {
        unused()
    }

    async fn settle(
        &self,
        _: Request<labels::SettleRequest>,
    ) -> Result<Response<labels::Shipment>, Status> {
        unused()
    }

    async fn find_service_points(
        &self,
        _: Request<labels::FindServicePointsRequest>,
    ) -> Result<Response<labels::FindServicePointsResponse>, Status> {
        unused()
    }

    async fn quote_rates(
        &self,
        _: Request<labels::QuoteRatesRequest>,
    ) -> Result<Response<labels::QuoteRatesResponse>, Status> {
        unused()
    }

    async fn check_shipment(
        &self,
        _: Request<labels::CheckShipmentRequest>,
    ) -> Result<Response<labels::CheckShipmentResponse>, Status> {
        unused()
    }

    async fn purchase_return(
        &self,
        request: Request<labels::PurchaseReturnRequest>,
    ) -> Result<Response<labels::Shipment>, Status> {
        Ok(Response::new(labels::Shipment {
            shipment_id: ShipmentId::generate().to_string(),
            state: labels::ShipmentState::Bought.into(),
            carrier: self.carrier.into(),
            parcels: vec![labels::ParcelLabel {
                parcel_id: ParcelId::generate().to_string(),
                ..labels::ParcelLabel::default()
            }],
            way_back: true,
            outbound_shipment_id: request.into_inner().shipment_id,
            ..labels::Shipment::default()
        }))
    }

    async fn book_pickup(
        &self,
        _: Request<labels::BookPickupRequest>,
    ) -> Result<Response<labels::Pickup>, Status> {
        unused()
    }

    async fn cancel_pickup(
        &self,
        _: Request<labels::CancelPickupRequest>,
    ) -> Result<Response<labels::Pickup>, Status> {
        unused()
    }

    async fn list_pickups(
        &self,
        _: Request<labels::ListPickupsRequest>,
    ) -> Result<Response<labels::ListPickupsResponse>, Status> {
        unused()
    }

    async fn close_manifest(
        &self,
        _: Request<labels::CloseManifestRequest>,
    ) -> Result<Response<labels::Manifest>, Status> {
        unused()
    }

    async fn list_manifests(
        &self,
        _: Request<labels::ListManifestsRequest>,
    ) -> Result<Response<labels::ListManifestsResponse>, Status> {
        unused()
    }

    async fn get_manifest(
        &self,
        _: Request<labels::GetManifestRequest>,
    ) -> Result<Response<labels::Manifest>, Status> {
        unused()
    }

    async fn get_manifest_paper(
        &self,
        _: Request<labels::GetManifestPaperRequest>,
    ) -> Result<Response<labels::Label>, Status> {
        unused()
    }

    async fn settle_errand(
        &self,
        _: Request<labels::SettleErrandRequest>,
    ) -> Result<Response<labels::SettleErrandResponse>, Status> {
        unused()
    }
}

type Told = Result<tracking::Parcel, Fault>;

/// Tracking that says what a test says, and remembers what came in by webhook.
#[derive(Clone)]
pub struct Tracking {
    news: Arc<Mutex<Option<mpsc::UnboundedReceiver<Told>>>>,
    pub delivered: Arc<Mutex<Vec<tracking::IngestWebhookRequest>>>,
}

impl Tracking {
    /// With the news of the next watcher.
    pub fn new() -> (Self, mpsc::UnboundedSender<Told>) {
        let (tell, news) = mpsc::unbounded_channel();
        let news = Arc::new(Mutex::new(Some(news)));
        (Self { news, delivered: Arc::default() }, tell)
    }

    pub fn service(&self) -> Box<dyn Definition> {
        let this = self.clone();
        Service::new("tracking", |_host: Host| async { Ok(()) })
            .grpc(move |_, routes| {
                routes.add_service(TrackingServiceServer::new(this));
            })
            .build()
    }
}

#[tonic::async_trait]
impl TrackingService for Tracking {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<tracking::Parcel, Status>> + Send>>;

    async fn watch(
        &self,
        _: Request<tracking::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let news = self.news.lock().unwrap().take();
        let news = news.ok_or_else(|| Fault::not_found("TRK0001", "no such parcel"))?;
        let stream = futures::stream::unfold(news, |mut news| async {
            news.recv().await.map(|told| (told, news))
        });
        Ok(Response::new(Box::pin(stream.map(|told| told.map_err(Status::from)))))
    }

    async fn ingest_webhook(
        &self,
        request: Request<tracking::IngestWebhookRequest>,
    ) -> Result<Response<tracking::IngestWebhookResponse>, Status> {
        self.delivered.lock().unwrap().push(request.into_inner());
        Ok(Response::new(tracking::IngestWebhookResponse::default()))
    }

    async fn get(
        &self,
        _: Request<tracking::GetRequest>,
    ) -> Result<Response<tracking::Parcel>, Status> {
        unused()
    }

    async fn list(
        &self,
        _: Request<tracking::ListRequest>,
    ) -> Result<Response<tracking::ListResponse>, Status> {
        unused()
    }

    async fn list_alerts(
        &self,
        _: Request<tracking::ListAlertsRequest>,
    ) -> Result<Response<tracking::ListAlertsResponse>, Status> {
        unused()
    }

    async fn redetect(
        &self,
        _: Request<tracking::RedetectRequest>,
    ) -> Result<Response<tracking::RedetectResponse>, Status> {
        unused()
    }

    async fn remap(
        &self,
        _: Request<tracking::RemapRequest>,
    ) -> Result<Response<tracking::RemapResponse>, Status> {
        unused()
    }
}
