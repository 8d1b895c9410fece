//! The RPCs: decode, call, encode. Scopes and the tenant were checked by the kit.

mod assess;
mod declarations;
mod import;
mod restricted;
mod screening;
mod skus;
mod sscc;
mod way_back;
mod words;

use colibri_events::customs::v1::{customs_service_server::CustomsService, *};
use colibri_kit::{auth::Caller, fault::Fault, service::Shell};
use colibri_types::TenantId;
use tonic::{Request, Response, Status};

use crate::Customs;

/// The service.
pub struct Api(pub Shell<Customs>);

/// Answers a call with the function of the same name.
macro_rules! answer {
    ($self:ident, $request:ident, $call:path) => {{
        let tenant = tenant(&$request)?;
        Ok(Response::new($call(&$self.0, tenant, $request.into_inner()).await?))
    }};
}

#[tonic::async_trait]
impl CustomsService for Api {
    async fn put_skus(
        &self,
        request: Request<PutSkusRequest>,
    ) -> Result<Response<PutSkusResponse>, Status> {
        let tenant = tenant(&request)?;
        let actor = Caller::of(&request)?.subject.clone();
        Ok(Response::new(skus::put(&self.0, tenant, &actor, request.into_inner()).await?))
    }

    async fn get_sku(&self, request: Request<GetSkuRequest>) -> Result<Response<Sku>, Status> {
        answer!(self, request, skus::get)
    }

    async fn list_skus(
        &self,
        request: Request<ListSkusRequest>,
    ) -> Result<Response<ListSkusResponse>, Status> {
        answer!(self, request, skus::list)
    }

    async fn import_skus(
        &self,
        request: Request<ImportSkusRequest>,
    ) -> Result<Response<ImportSkusReport>, Status> {
        let tenant = tenant(&request)?;
        let actor = Caller::of(&request)?.subject.clone();
        Ok(Response::new(import::import(&self.0, tenant, &actor, request.into_inner()).await?))
    }

    async fn suggest_hs(
        &self,
        request: Request<SuggestHsRequest>,
    ) -> Result<Response<SuggestHsResponse>, Status> {
        answer!(self, request, words::suggest)
    }

    async fn check_description(
        &self,
        request: Request<CheckDescriptionRequest>,
    ) -> Result<Response<CheckDescriptionResponse>, Status> {
        answer!(self, request, words::describe)
    }

    async fn put_profile(
        &self,
        request: Request<PutProfileRequest>,
    ) -> Result<Response<Profile>, Status> {
        answer!(self, request, skus::put_profile)
    }

    async fn get_profile(
        &self,
        request: Request<GetProfileRequest>,
    ) -> Result<Response<Profile>, Status> {
        answer!(self, request, skus::get_profile)
    }

    async fn assess(
        &self,
        request: Request<AssessRequest>,
    ) -> Result<Response<AssessResponse>, Status> {
        answer!(self, request, assess::assess)
    }

    async fn get_quote(
        &self,
        request: Request<GetQuoteRequest>,
    ) -> Result<Response<Quote>, Status> {
        answer!(self, request, assess::quote)
    }

    async fn get_declaration(
        &self,
        request: Request<GetDeclarationRequest>,
    ) -> Result<Response<Declaration>, Status> {
        answer!(self, request, declarations::get)
    }

    async fn list_declarations(
        &self,
        request: Request<ListDeclarationsRequest>,
    ) -> Result<Response<ListDeclarationsResponse>, Status> {
        answer!(self, request, declarations::list)
    }

    async fn reassess(
        &self,
        request: Request<ReassessRequest>,
    ) -> Result<Response<Declaration>, Status> {
        answer!(self, request, declarations::reassess)
    }

    async fn get_paper(
        &self,
        request: Request<GetPaperRequest>,
    ) -> Result<Response<Paper>, Status> {
        answer!(self, request, declarations::paper)
    }

    async fn prepare_return_paper(
        &self,
        request: Request<PrepareReturnPaperRequest>,
    ) -> Result<Response<PrepareReturnPaperResponse>, Status> {
        answer!(self, request, way_back::prepare_paper)
    }

    async fn import_screening_list(
        &self,
        request: Request<ImportScreeningListRequest>,
    ) -> Result<Response<ScreeningList>, Status> {
        answer!(self, request, screening::import)
    }

    async fn list_screening_lists(
        &self,
        request: Request<ListScreeningListsRequest>,
    ) -> Result<Response<ListScreeningListsResponse>, Status> {
        answer!(self, request, screening::lists)
    }

    async fn screen(
        &self,
        request: Request<ScreenRequest>,
    ) -> Result<Response<ScreenResponse>, Status> {
        answer!(self, request, screening::screen)
    }

    async fn decide_screening(
        &self,
        request: Request<DecideScreeningRequest>,
    ) -> Result<Response<ScreenResponse>, Status> {
        let tenant = tenant(&request)?;
        let actor = Caller::of(&request)?.subject.clone();
        let decided = screening::decide(&self.0, tenant, &actor, request.into_inner());
        Ok(Response::new(decided.await?))
    }

    async fn decide_restriction(
        &self,
        request: Request<DecideRestrictionRequest>,
    ) -> Result<Response<Declaration>, Status> {
        let tenant = tenant(&request)?;
        let actor = Caller::of(&request)?.subject.clone();
        let decided = restricted::decide(&self.0, tenant, &actor, request.into_inner());
        Ok(Response::new(decided.await?))
    }

    async fn issue_sscc(
        &self,
        request: Request<IssueSsccRequest>,
    ) -> Result<Response<IssueSsccResponse>, Status> {
        answer!(self, request, sscc::issue)
    }
}

fn tenant<T>(request: &Request<T>) -> Result<TenantId, Fault> {
    Caller::of(request)?.tenant()
}

/// Items of a page.
fn page_size(limit: u32) -> i64 {
    match limit {
        0 => 50,
        limit => i64::from(limit.min(500)),
    }
}
