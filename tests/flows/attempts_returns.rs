//! One question per method of returns, about one tenant's order.

use colibri_events::returns::v1::*;

use crate::{
    attempts::{Attempt, new},
    isolation::Owner,
};

macro_rules! path {
    ($method:literal) => {
        concat!("/colibri.returns.v1.ReturnsService/", $method)
    };
}

/// Nothing of this world is delivered, so nothing comes back: ids of returns are nobody's. What a
/// stranger may do with a return that exists is tested beside the service.
pub fn return_calls(a: &Owner) -> Vec<Attempt> {
    let return_id = colibri_types::ReturnId::generate().to_string();
    let id = || return_id.clone();
    let by = order_ref::By::OrderId(a.shipment.order_id.clone());
    let order = || Some(OrderRef { by: Some(by.clone()) });
    let request_id = || "isolation".to_owned();
    let line = RequestLine { line: 1, units: 1, reason: "fit".into(), ..Default::default() };
    let request = RequestRequest {
        request_id: request_id(),
        order: order(),
        lines: vec![line],
        ..Default::default()
    };
    let toml = "versions = []\nlegal_days = {}".to_owned();
    let ask = EligibleRequest { order: order(), ..Default::default() };
    let photo = PutPhotoRequest { order: order(), data: b"no photo".to_vec().into() };
    let scan = DropOffRequest {
        code: "0".repeat(32),
        place_ref: "p".into(),
        receipt: "r".into(),
        weight_g: 0,
    };
    let seen = GetPhotoRequest { return_id: id(), photo_id: id() };
    let count = ReceiveRequest { return_id: id(), request_id: request_id(), ..Default::default() };
    let grade = GradeRequest {
        return_id: id(),
        request_id: request_id(),
        line: 1,
        units: 1,
        ..Default::default()
    };
    let dispose = DisposeRequest {
        return_id: id(),
        request_id: request_id(),
        line: 1,
        grade: "A".into(),
        disposition: "restock".into(),
        units: 1,
        ..Default::default()
    };
    let stock = AnswerStockRequest { return_id: id(), booking: 0, answer: "confirmed".into() };
    let money = DecideRefundRequest {
        return_id: id(),
        request_id: request_id(),
        decision: Some(decide_refund_request::Decision::ApproveMinor(1)),
        ..Default::default()
    };
    let told = ConfirmRefundRequest { return_id: id(), key: "k".into(), state: "refunded".into() };
    let settle = SettleDoubtRequest {
        return_id: id(),
        key: "k".into(),
        happened: true,
        reason: "isolation".into(),
    };
    let signal = SettleSignalRequest { return_id: id(), code: "F01".into(), confirmed: true };
    let sent = SendReplacementRequest {
        return_id: id(),
        request_id: request_id(),
        exchange: 1,
        replacement_order_id: a.shipment.order_id.clone(),
        guarantee: false,
    };
    let keep = KeepRequest { return_id: id(), request_id: request_id(), line: 1, units: 1 };
    let balance = GetBalanceRequest { order_id: a.shipment.order_id.clone() };
    let mut all = vec![
        new(path!("PutPolicies"), &PutPoliciesRequest { toml }).own(),
        new(path!("GetPolicies"), &GetPoliciesRequest {}).own(),
        new(path!("Eligible"), &ask).reads(),
        new(path!("PutPhoto"), &photo),
        new(path!("GetPhoto"), &seen),
        new(path!("Request"), &request),
        new(path!("Get"), &GetRequest { return_id: id(), ..Default::default() }),
        new(path!("List"), &ListRequest::default()).own(),
        new(
            path!("Decide"),
            &DecideRequest { return_id: id(), approve: true, ..Default::default() },
        ),
        new(path!("Cancel"), &CancelRequest { return_id: id(), ..Default::default() }),
        new(
            path!("ChooseDropOff"),
            &ChooseDropOffRequest { return_id: id(), ..Default::default() },
        ),
        new(path!("GetLabel"), &GetLabelRequest { return_id: id(), ..Default::default() }),
        new(
            path!("GetCustomsPaper"),
            &GetCustomsPaperRequest { return_id: id(), ..Default::default() },
        ),
        new(path!("DropOff"), &scan),
        new(path!("Receive"), &count),
        new(path!("Grade"), &grade),
        new(path!("Dispose"), &dispose),
        new(path!("AnswerStock"), &stock),
        new(path!("DecideRefund"), &money),
        new(path!("ConfirmRefund"), &told),
        new(path!("SettleDoubt"), &settle),
        new(path!("SettleSignal"), &signal),
        new(path!("SendReplacement"), &sent),
        new(path!("Keep"), &keep),
        new(path!("CloseNotReturned"), &CloseNotReturnedRequest { return_id: id() }),
        new(path!("GetBalance"), &balance).own(),
    ];
    all.extend(exchange_calls(&return_id));
    all.extend(orphan_calls(a, &return_id));
    all
}

fn exchange_calls(return_id: &str) -> Vec<Attempt> {
    let id = || return_id.to_owned();
    let request_id = || "isolation".to_owned();
    let swap = StartExchangeRequest {
        return_id: id(),
        request_id: request_id(),
        line: 1,
        units: 1,
        sku: "X".into(),
        price_minor: 1,
        ..Default::default()
    };
    let swapped = MoveExchangeRequest {
        return_id: id(),
        request_id: request_id(),
        exchange: 1,
        step: "confirm".into(),
        ..Default::default()
    };
    let above = SettleDifferenceRequest {
        return_id: id(),
        request_id: request_id(),
        exchange: 1,
        amount_minor: 1,
        state: "paid".into(),
    };
    let elsewhere = RefundedElsewhereRequest {
        return_id: id(),
        request_id: request_id(),
        line: 1,
        amount_minor: 1,
        origin: "shop".into(),
    };
    vec![
        new(path!("StartExchange"), &swap),
        new(path!("MoveExchange"), &swapped),
        new(path!("SettleDifference"), &above),
        new(path!("RefundedElsewhere"), &elsewhere),
        new(path!("HoldRefunds"), &HoldRefundsRequest { return_id: id(), hold: true }),
        new(path!("GetGradeQuality"), &GetGradeQualityRequest::default()).own(),
    ]
}

fn orphan_calls(a: &Owner, return_id: &str) -> Vec<Attempt> {
    let id = || return_id.to_owned();
    let request_id = || "isolation".to_owned();
    let orphan_id = colibri_types::OrphanId::generate().to_string();
    let orphan = || orphan_id.clone();
    let clue = OrphanClue { by: Some(orphan_clue::By::OrderId(a.shipment.order_id.clone())) };
    let found = RecordOrphanRequest {
        request_id: request_id(),
        clue: Some(clue.clone()),
        items: vec![OrphanUnits { sku: "X".into(), units: 1 }],
        ..Default::default()
    };
    let into = IntoReturn { return_id: id(), line: 1 };
    let settled = SettleOrphanRequest {
        orphan_id: orphan(),
        request_id: request_id(),
        item: 1,
        units: 1,
        way: Some(settle_orphan_request::Way::ToReturn(into)),
        reason: "found".into(),
    };
    let extra = SettleExtraRequest {
        return_id: id(),
        request_id: request_id(),
        extra: "surplus".into(),
        units: 1,
        ..Default::default()
    };
    vec![
        new(path!("RecordOrphan"), &found).own(),
        new(path!("GetOrphan"), &GetOrphanRequest { orphan_id: orphan() }),
        new(path!("ListOrphans"), &ListOrphansRequest::default()).own(),
        new(path!("MatchOrphan"), &MatchOrphanRequest { orphan_id: orphan(), clue: Some(clue) }),
        new(path!("SettleOrphan"), &settled),
        new(path!("SettleExtra"), &extra),
    ]
}
