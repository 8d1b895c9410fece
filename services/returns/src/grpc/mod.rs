//! The RPCs: decode, call, encode. Scopes and the tenant were checked by the kit.

mod agree;
mod ask;
mod bench;
mod checks;
mod counter;
mod elsewhere;
pub mod exchange;
mod money;
mod orders;
mod orphans;
mod papers;
mod people;
mod quality;
mod read;
mod request;
mod settle;
mod view;

use colibri_events::returns::v1::{returns_service_server::ReturnsService, *};
use colibri_kit::{auth::Caller, fault::Fault, service::Shell};
use colibri_types::{ReturnId, TenantId};
use tonic::{Request, Response, Status};

use crate::{
    Returns,
    error::{UNKNOWN, fault},
};

/// The service.
pub struct Api(pub Shell<Returns>);

/// Who calls.
pub struct Who {
    tenant: TenantId,
    subject: String,
}

fn who<T>(request: &Request<T>) -> Result<Who, Fault> {
    let caller = Caller::of(request)?;
    Ok(Who { tenant: caller.tenant()?, subject: caller.subject.clone() })
}

fn return_id(text: &str) -> Result<ReturnId, Fault> {
    text.parse().map_err(|_| fault(UNKNOWN))
}

macro_rules! api {
    ($($name:ident($request:ident) -> $answer:ident = $call:path;)*) => {
        #[tonic::async_trait]
        impl ReturnsService for Api {
            $(async fn $name(
                &self,
                request: Request<$request>,
            ) -> Result<Response<$answer>, Status> {
                let who = who(&request)?;
                Ok(Response::new($call(&self.0, &who, request.into_inner()).await?))
            })*
        }
    };
}

api! {
    put_policies(PutPoliciesRequest) -> PutPoliciesResponse = papers::put_policies;
    get_policies(GetPoliciesRequest) -> GetPoliciesResponse = papers::get_policies;
    eligible(EligibleRequest) -> EligibleResponse = ask::eligible;
    put_photo(PutPhotoRequest) -> PutPhotoResponse = papers::put_photo;
    get_photo(GetPhotoRequest) -> Photo = papers::get_photo;
    request(RequestRequest) -> Return = request::request;
    get(GetRequest) -> Return = read::get;
    list(ListRequest) -> ListResponse = read::list;
    decide(DecideRequest) -> Return = people::decide;
    cancel(CancelRequest) -> Return = people::cancel;
    choose_drop_off(ChooseDropOffRequest) -> Return = counter::choose;
    get_label(GetLabelRequest) -> ReturnLabel = papers::get_label;
    get_customs_paper(GetCustomsPaperRequest) -> ReturnPaper = papers::get_customs_paper;
    drop_off(DropOffRequest) -> DropOffResponse = counter::drop_off;
    receive(ReceiveRequest) -> ReceiveResponse = bench::receive;
    grade(GradeRequest) -> GradeResponse = bench::grade;
    dispose(DisposeRequest) -> Return = bench::dispose;
    answer_stock(AnswerStockRequest) -> Return = bench::answer_stock;
    decide_refund(DecideRefundRequest) -> Return = money::decide_refund;
    confirm_refund(ConfirmRefundRequest) -> Return = money::confirm_refund;
    settle_doubt(SettleDoubtRequest) -> Return = money::settle_doubt;
    refunded_elsewhere(RefundedElsewhereRequest) -> Return = elsewhere::refunded;
    hold_refunds(HoldRefundsRequest) -> Return = elsewhere::hold;
    get_grade_quality(GetGradeQualityRequest) -> GradeQuality = quality::grades;
    settle_signal(SettleSignalRequest) -> Return = people::settle_signal;
    start_exchange(StartExchangeRequest) -> Return = exchange::start;
    move_exchange(MoveExchangeRequest) -> Return = exchange::step;
    settle_difference(SettleDifferenceRequest) -> Return = exchange::difference;
    send_replacement(SendReplacementRequest) -> Return = exchange::send_replacement;
    keep(KeepRequest) -> Return = people::keep;
    close_not_returned(CloseNotReturnedRequest) -> Return = people::close_not_returned;
    get_balance(GetBalanceRequest) -> Balance = read::balance;
    record_orphan(RecordOrphanRequest) -> Orphan = orphans::record;
    get_orphan(GetOrphanRequest) -> Orphan = orphans::get;
    list_orphans(ListOrphansRequest) -> ListOrphansResponse = orphans::list;
    match_orphan(MatchOrphanRequest) -> Orphan = orphans::match_to;
    settle_orphan(SettleOrphanRequest) -> Orphan = settle::orphan;
    settle_extra(SettleExtraRequest) -> Orphan = settle::extra;
}
