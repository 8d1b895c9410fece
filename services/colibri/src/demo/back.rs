//! A tenth of the delivered parcels comes back: asked for, labelled, followed, counted, graded,
//! paid back, and booked, each by the door that its person uses.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use colibri_events::{
    returns::v1::{returns_service_client::ReturnsServiceClient, *},
    tracking::v1::Headline,
};
use colibri_kit::rpc::Peer;
use colibri_returns_rules::grade;
use serde_json::{Value, json};

use super::watch::{self, Seen};
use crate::{merchant::Merchant, stack::Stack};

type Client = ReturnsServiceClient<Peer>;

/// Calls again while a service is away for a moment: every call here may be repeated.
macro_rules! call {
    ($client:expr, $method:ident, $request:expr) => {{
        let request = $request;
        let mut tries = 0;
        loop {
            match $client.$method(request.clone()).await {
                Err(status) if status.code() == tonic::Code::Unavailable && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
                answer => break answer,
            }
        }
    }};
}
/// Calls of one question while a service is away: ten seconds.
const TRIES: u32 = 20;

/// Reasons that buyers give, in turn.
const REASONS: [&str; 6] =
    ["size_small", "changed_mind", "defective_on_arrival", "", "colour_differs", "wrong_item"];

/// What came back.
#[derive(Debug, Default)]
pub struct Back {
    /// A tenth of the delivered parcels.
    pub wanted: usize,
    /// Returns asked for.
    pub asked: usize,
    /// Of those, over a customs border.
    pub cross_border: usize,
    /// Labels bought for the way back.
    pub labels: usize,
    /// At their end, both machines.
    pub closed: usize,
    /// Goods and money of all returns.
    pub balance: Balance,
    /// Refunds in the payment side's own ledger, and their sum in minor units of any currency.
    pub paid: (usize, i64),
    /// A key that was paid twice.
    pub paid_twice: usize,
}

impl Back {
    /// Every return is closed and both ledgers say the same.
    pub fn is_good(&self) -> bool {
        let told: i64 = self.refunds().map(|funds| funds.refunded_minor).sum();
        let count: u32 = self.balance.funds.iter().map(|funds| funds.refunds).sum();
        self.asked == self.wanted
            && self.closed == self.asked
            && self.balance.goods_close
            && self.balance.money_closes
            && self.paid_twice == 0
            && usize::try_from(count).is_ok_and(|count| count == self.paid.0)
            && told == self.paid.1
    }

    fn refunds(&self) -> impl Iterator<Item = &Funds> {
        self.balance.funds.iter().filter_map(|funds| funds.funds.as_ref())
    }

    /// For the summary.
    pub fn json(&self) -> Value {
        let goods = self.balance.goods.unwrap_or_default();
        let money = |funds: &CurrencyFunds| {
            let all = funds.funds.unwrap_or_default();
            json!({
                "currency": funds.currency,
                "paid_minor": funds.paid_minor,
                "refunded_minor": all.refunded_minor,
                "open_minor": all.pending_minor
                    + all.due_minor
                    + all.ordered_minor
                    + all.in_doubt_minor,
                "denied_minor": all.denied_minor,
                "exposure_minor": funds.exposure_minor,
                "refunds": funds.refunds,
            })
        };
        json!({
            "asked": self.asked,
            "cross_border": self.cross_border,
            "goods": {
                "advised": goods.advised,
                "disposed": goods.disposed,
                "not_returned": goods.not_returned,
                "cancelled": goods.cancelled,
                "lost": goods.lost,
                "closes": self.balance.goods_close,
            },
            "money": {
                "currencies": self.balance.funds.iter().map(money).collect::<Vec<_>>(),
                "payment_ledger_minor": self.paid.1,
                "payment_ledger_refunds": self.paid.0,
                "paid_twice": self.paid_twice,
                "closes": self.balance.money_closes,
            },
        })
    }
}

/// Sends back, and waits until everything is at its end or patience is over.
pub async fn all(
    stack: &Stack,
    merchant: &Merchant,
    seen: &Seen,
    patience_s: u64,
) -> anyhow::Result<Back> {
    let mut client = ReturnsServiceClient::new(stack.peer("returns", merchant.tenant));
    let delivered: Vec<_> =
        seen.parcels.iter().filter(|parcel| parcel.headline() == Headline::Delivered).collect();
    let wanted = delivered.len().div_ceil(10);
    generous(&mut client).await?;
    let mut back = Back { wanted, ..Back::default() };
    let mut open = Vec::new();
    // Each tenth first, then whoever may still send back: windows close while others travel.
    let spread = (0..10).flat_map(|first| delivered.iter().skip(first).step_by(10));
    for parcel in spread {
        if open.len() == wanted {
            break;
        }
        if let Some(asked) = ask(&mut client, &parcel.order_id, open.len()).await? {
            back.cross_border += usize::from(asked.cross_border);
            open.push(asked.return_id);
        }
    }
    back.asked = open.len();
    let end = Instant::now() + Duration::from_secs(patience_s);
    while !open.is_empty() && Instant::now() < end {
        let tracked = watch::look(stack, merchant.tenant).await?;
        let mut left = Vec::new();
        for id in open {
            if !step(&mut client, &id, &tracked).await? {
                left.push(id);
            }
        }
        open = left;
        println!("returns: {} of {} closed", back.asked - open.len(), back.asked);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    back.closed = back.asked - open.len();
    let balance = call!(client, get_balance, GetBalanceRequest::default())?.into_inner();
    back.labels = usize::try_from(balance.labels)?;
    back.balance = balance;
    let mut ledger = stack.payments();
    back.paid = (ledger.len(), ledger.iter().map(|payment| payment.amount_minor).sum());
    ledger.sort_by(|a, b| a.key.cmp(&b.key));
    ledger.dedup_by(|a, b| a.key == b.key);
    back.paid_twice = back.paid.0 - ledger.len();
    Ok(back)
}

/// The demonstration's merchant takes back for a year: days pass in seconds here.
async fn generous(client: &mut Client) -> anyhow::Result<()> {
    let known = call!(client, get_policies, GetPoliciesRequest {})?.into_inner();
    let toml = known
        .toml
        .replace("window_days = 30", "window_days = 365")
        .replace("send_days = 14", "send_days = 90");
    call!(client, put_policies, PutPoliciesRequest { toml })?;
    Ok(())
}

/// Asks for the first line of an order that may come back; None: none may.
async fn ask(client: &mut Client, order_id: &str, n: usize) -> anyhow::Result<Option<Return>> {
    let order = || Some(OrderRef { by: Some(order_ref::By::OrderId(order_id.to_owned())) });
    let reason = REASONS.get(n % REASONS.len()).copied().unwrap_or_default();
    let withdrawal = reason.is_empty();
    let question = EligibleRequest { order: order(), withdrawal, reason: reason.to_owned() };
    let eligible = call!(client, eligible, question)?.into_inner();
    let Some(line) = eligible.lines.iter().find(|line| line.returnable > 0) else {
        return Ok(None);
    };
    let way_back = if n.is_multiple_of(2) { WayBack::Label } else { WayBack::Code };
    let request = RequestRequest {
        request_id: format!("demo-{order_id}"),
        order: order(),
        withdrawal,
        lines: vec![RequestLine {
            line: line.line,
            units: line.returnable,
            reason: reason.to_owned(),
            ..RequestLine::default()
        }],
        way_back: way_back.into(),
        ..RequestRequest::default()
    };
    Ok(Some(call!(client, request, request)?.into_inner()))
}

/// Does what is next for a return; true: it is closed.
async fn step(client: &mut Client, id: &str, tracked: &Seen) -> anyhow::Result<bool> {
    let request = GetRequest { return_id: id.to_owned(), ..GetRequest::default() };
    let known = call!(client, get, request)?.into_inner();
    if known.state() == ReturnState::Closed {
        return Ok(true);
    }
    for parcel in &known.parcels {
        if !parcel.code.is_empty() {
            let scan = DropOffRequest {
                code: parcel.code.clone(),
                place_ref: "demo-counter".to_owned(),
                receipt: format!("demo-{}", parcel.label),
                weight_g: 0,
            };
            // The carrier may have scanned it first: then the counter is late and told so.
            let _ = client.drop_off(scan).await;
        }
    }
    let here = |parcel: &ReturnParcel| match parcel.state.as_str() {
        "arrived" | "refused" => true,
        // The carrier brought it back to the buyer, who comes to the shop.
        _ => parcel.parcel_ids.iter().any(|id| {
            let of = tracked.parcels.iter().find(|tracked| tracked.parcel_id == *id);
            of.is_some_and(|tracked| tracked.headline() == Headline::Returned)
        }),
    };
    for line in &known.lines {
        let goods = line.goods.unwrap_or_default();
        let way = goods.at_buyer + goods.dropped + goods.in_transit + goods.arrived;
        if way > 0 && known.parcels.iter().all(here) {
            bench(client, id, line.line, way).await?;
        }
    }
    for booking in known.bookings.iter().filter(|booking| booking.state == "asked") {
        let answer = "confirmed".to_owned();
        let request =
            AnswerStockRequest { return_id: id.to_owned(), booking: booking.number, answer };
        call!(client, answer_stock, request)?;
    }
    Ok(false)
}

/// Counts, grades and shelves.
async fn bench(client: &mut Client, id: &str, line: u32, units: u32) -> anyhow::Result<()> {
    let key = format!("demo-{id}-{line}");
    let counted = vec![CountedLine { line, units, ..CountedLine::default() }];
    let count = ReceiveRequest {
        return_id: id.to_owned(),
        request_id: key.clone(),
        counted,
        ..ReceiveRequest::default()
    };
    call!(client, receive, count).context("count at the bench")?;
    let category = grade::default_category()?;
    let signs = |code: &str| category.grades.iter().any(|grade| grade.signs.contains(code));
    let criteria = category.criteria();
    let criteria = criteria
        .into_iter()
        .map(|code| Criterion { code: code.to_owned(), yes: !signs(code) })
        .collect();
    let grade = GradeRequest {
        return_id: id.to_owned(),
        request_id: key.clone(),
        line,
        units,
        criteria,
        ..GradeRequest::default()
    };
    let graded = call!(client, grade, grade).context("grade at the bench")?.into_inner();
    let dispose = DisposeRequest {
        return_id: id.to_owned(),
        request_id: key,
        line,
        grade: graded.grade,
        disposition: graded.dispositions.first().cloned().unwrap_or_default(),
        units,
        ..DisposeRequest::default()
    };
    call!(client, dispose, dispose).context("put on the shelf")?;
    Ok(())
}
