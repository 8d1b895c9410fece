//! The RPCs: decode, call, encode. Scopes and the tenant were checked by the kit.

mod again;
pub mod ask;
mod back;
mod begin;
mod buy;
mod check;
mod decide;
mod errands;
mod manifests;
mod once;
mod questions;
mod serve;
mod wait;

use colibri_events::labels::v1::{labels_service_server::LabelsService, *};
use colibri_kit::{
    auth::Caller,
    fault::Fault,
    service::{Cx, Shell},
};
use colibri_types::{ShipmentId, TenantId};
use tonic::{Request, Response, Status};

use crate::{
    Labels,
    error::codes,
    store::read::{self, Which},
};

/// The service.
pub struct Api(pub Shell<Labels>);

#[tonic::async_trait]
impl LabelsService for Api {
    async fn get(&self, request: Request<GetRequest>) -> Result<Response<Shipment>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(serve::get(&self.0, tenant, request.into_inner()).await?))
    }

    async fn list(&self, request: Request<ListRequest>) -> Result<Response<ListResponse>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(serve::list(&self.0, tenant, request.into_inner()).await?))
    }

    async fn purchase(
        &self,
        request: Request<PurchaseRequest>,
    ) -> Result<Response<Shipment>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(buy::purchase(&self.0, tenant, request.into_inner()).await?))
    }

    async fn get_label(
        &self,
        request: Request<GetLabelRequest>,
    ) -> Result<Response<Label>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(serve::label(&self.0, tenant, request.into_inner()).await?))
    }

    async fn void(&self, request: Request<VoidRequest>) -> Result<Response<Shipment>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(decide::void(&self.0, tenant, request.into_inner()).await?))
    }

    async fn settle(&self, request: Request<SettleRequest>) -> Result<Response<Shipment>, Status> {
        let tenant = tenant(&request)?;
        let actor = Caller::of(&request)?.subject.clone();
        Ok(Response::new(decide::settle(&self.0, tenant, &actor, request.into_inner()).await?))
    }

    async fn find_service_points(
        &self,
        request: Request<FindServicePointsRequest>,
    ) -> Result<Response<FindServicePointsResponse>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(questions::points(&self.0, tenant, request.into_inner()).await?))
    }

    async fn quote_rates(
        &self,
        request: Request<QuoteRatesRequest>,
    ) -> Result<Response<QuoteRatesResponse>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(questions::rates(&self.0, tenant, request.into_inner()).await?))
    }

    async fn check_shipment(
        &self,
        request: Request<CheckShipmentRequest>,
    ) -> Result<Response<CheckShipmentResponse>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(questions::check(&self.0, tenant, request.into_inner()).await?))
    }

    async fn purchase_return(
        &self,
        request: Request<PurchaseReturnRequest>,
    ) -> Result<Response<Shipment>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(back::purchase(&self.0, tenant, request.into_inner()).await?))
    }

    async fn book_pickup(
        &self,
        request: Request<BookPickupRequest>,
    ) -> Result<Response<Pickup>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(errands::book(&self.0, tenant, request.into_inner()).await?))
    }

    async fn cancel_pickup(
        &self,
        request: Request<CancelPickupRequest>,
    ) -> Result<Response<Pickup>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(errands::cancel(&self.0, tenant, request.into_inner()).await?))
    }

    async fn list_pickups(
        &self,
        request: Request<ListPickupsRequest>,
    ) -> Result<Response<ListPickupsResponse>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(errands::list(&self.0, tenant, request.into_inner()).await?))
    }

    async fn close_manifest(
        &self,
        request: Request<CloseManifestRequest>,
    ) -> Result<Response<Manifest>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(manifests::close(&self.0, tenant, request.into_inner()).await?))
    }

    async fn list_manifests(
        &self,
        request: Request<ListManifestsRequest>,
    ) -> Result<Response<ListManifestsResponse>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(manifests::list(&self.0, tenant, request.into_inner()).await?))
    }

    async fn get_manifest(
        &self,
        request: Request<GetManifestRequest>,
    ) -> Result<Response<Manifest>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(manifests::get(&self.0, tenant, request.into_inner()).await?))
    }

    async fn get_manifest_paper(
        &self,
        request: Request<GetManifestPaperRequest>,
    ) -> Result<Response<Label>, Status> {
        let tenant = tenant(&request)?;
        Ok(Response::new(manifests::paper(&self.0, tenant, request.into_inner()).await?))
    }

    async fn settle_errand(
        &self,
        request: Request<SettleErrandRequest>,
    ) -> Result<Response<SettleErrandResponse>, Status> {
        let tenant = tenant(&request)?;
        let actor = Caller::of(&request)?.subject.clone();
        let request = request.into_inner();
        Ok(Response::new(errands::settle(&self.0, tenant, &actor, request).await?))
    }
}

fn tenant<T>(request: &Request<T>) -> Result<TenantId, Fault> {
    Caller::of(request)?.tenant()
}

fn unknown() -> Fault {
    Fault::not_found(codes::UNKNOWN, "no such shipment or parcel")
}

fn shipment_id(text: &str) -> Result<ShipmentId, Fault> {
    text.parse().map_err(|_| unknown())
}

/// One shipment as shown.
async fn show(cx: &mut Cx<Labels>, tenant: TenantId, which: Which) -> Result<Shipment, Fault> {
    let mut shown = read::show(cx.db(), tenant, which).await?;
    shown.pop().map(|(_, shipment)| shipment).ok_or_else(unknown)
}
