//! The RPCs: decode, call, encode. Scopes and the tenant were checked by the kit.

mod again;
mod buy;
mod check;
mod decide;
mod serve;
mod wait;

use colibri_events::labels::v1::{
    GetLabelRequest, GetRequest, Label, ListRequest, ListResponse, PurchaseRequest, SettleRequest,
    Shipment, VoidRequest, labels_service_server::LabelsService,
};
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
