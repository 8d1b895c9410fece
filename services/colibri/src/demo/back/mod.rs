//! A tenth of the delivered parcels comes back: asked for, labelled, followed, counted, graded,
//! paid back, and booked, each by the door that its person uses. Two of them are exchanged, and one
//! comes without having been announced.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use colibri_events::{
    returns::v1::{returns_service_client::ReturnsServiceClient, *},
    tracking::v1::{Headline, Parcel},
};
use colibri_kit::rpc::Peer;
use colibri_returns_rules::grade;
use colibri_types::TenantId;

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
                Err(status)
                    if status.code() == tonic::Code::Unavailable
                        && tries < $crate::demo::back::TRIES =>
                {
                    tries += 1;
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                }
                answer => break answer,
            }
        }
    }};
}
/// Calls of one question while a service is away: ten seconds.
const TRIES: u32 = 20;

mod stray;
mod sums;
mod swap;

pub use sums::Back;

/// Reasons that buyers give, in turn.
const REASONS: [&str; 6] =
    ["size_small", "changed_mind", "defective_on_arrival", "", "colour_differs", "wrong_item"];
/// Value up to which what came without a return raises no signal, in minor units.
const SMALL_MINOR: i64 = 10_000;

/// What is special about a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing.
    Plain,
    /// Exchanged for something that costs less.
    Cheaper,
    /// Exchanged for something that costs more.
    Dearer,
    /// The goods come before anybody announces them.
    Stray,
}

/// A return on its way.
struct Open {
    id: String,
    kind: Kind,
    /// Of the goods that came first.
    orphan: Option<String>,
    /// Counted although no carrier brought the parcel.
    handed_in: bool,
}

/// Who does it, and where.
#[derive(Clone, Copy)]
struct Place<'a> {
    stack: &'a Stack,
    tenant: TenantId,
}

/// Sends back, and waits until everything is at its end or patience is over.
pub async fn all(
    stack: &Stack,
    merchant: &Merchant,
    seen: &Seen,
    patience_s: u64,
) -> anyhow::Result<Back> {
    let mut client = ReturnsServiceClient::new(stack.peer("returns", merchant.tenant));
    let place = Place { stack, tenant: merchant.tenant };
    let delivered: Vec<_> =
        seen.parcels.iter().filter(|parcel| parcel.headline() == Headline::Delivered).collect();
    let wanted = delivered.len().div_ceil(10);
    generous(&mut client).await?;
    let mut back = Back { wanted, ..Back::default() };
    let mut open: Vec<Open> = Vec::new();
    let mut special = vec![Kind::Cheaper, Kind::Stray, Kind::Dearer];
    let nobodys = stray::nobodys(&mut client).await?;
    // Each tenth first, then whoever may still send back: windows close while others travel.
    let spread = (0..10).flat_map(|first| delivered.iter().skip(first).step_by(10));
    for parcel in spread {
        if open.len() == wanted {
            break;
        }
        // A replacement goes to somebody to whom no border lies on the way.
        let inland = |order: &&colibri_events::orders::v1::Order| {
            order.order_id == parcel.order_id && order.country == "FR"
        };
        let kind = match special.last() {
            Some(kind) if seen.orders.iter().any(|order| inland(&order)) => *kind,
            _ => Kind::Plain,
        };
        if let Some((asked, orphan)) = ask(&mut client, place, (parcel, open.len()), kind).await? {
            back.cross_border += usize::from(asked.cross_border);
            if kind != Kind::Plain {
                special.pop();
            }
            open.push(Open { id: asked.return_id, kind, orphan, handed_in: false });
        }
    }
    back.asked = open.len();
    back.strays.look(&mut client).await?;
    stray::settle(&mut client, &nobodys, 1, None).await?;
    back.closed = until_closed(&mut client, place, &mut open, patience_s).await?;
    count(&mut client, place, &mut back, &open).await?;
    Ok(back)
}

/// Does what is next for each until all are at their end; how many are.
async fn until_closed(
    client: &mut Client,
    place: Place<'_>,
    open: &mut [Open],
    patience_s: u64,
) -> anyhow::Result<usize> {
    let end = Instant::now() + Duration::from_secs(patience_s);
    let mut done = vec![false; open.len()];
    loop {
        let tracked = watch::look(place.stack, place.tenant).await?;
        for (one, done) in open.iter_mut().zip(&mut done) {
            if !*done {
                *done = step(client, place, one, &tracked).await?;
            }
        }
        let closed = done.iter().filter(|done| **done).count();
        println!("returns: {closed} of {} closed", open.len());
        if closed == open.len() || Instant::now() > end {
            return Ok(closed);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Reads what everybody says at the end.
async fn count(
    client: &mut Client,
    place: Place<'_>,
    back: &mut Back,
    open: &[Open],
) -> anyhow::Result<()> {
    let mut ledger = place.stack.payments();
    let tracked = watch::look(place.stack, place.tenant).await?;
    let paid = |key: &str| {
        let of = ledger.iter().filter(|payment| payment.key == key);
        of.map(|payment| payment.amount_minor).sum::<i64>()
    };
    for one in open {
        let request = GetRequest { return_id: one.id.clone(), ..GetRequest::default() };
        let known = call!(client, get, request)?.into_inner();
        for parcel in &known.parcels {
            if parcel.refused.is_empty() {
                if known.cross_border {
                    back.border_labels += 1;
                    let (return_id, label) = (one.id.clone(), parcel.label);
                    let asked = GetCustomsPaperRequest { return_id, label, ..Default::default() };
                    let paper = call!(client, get_customs_paper, asked)?.into_inner();
                    back.border_papers += usize::from(paper.data.starts_with(b"%PDF"));
                }
                *back.carried.entry(parcel.state.clone()).or_default() += 1;
            } else {
                *back.refused.entry(parcel.refused.clone()).or_default() += 1;
            }
        }
        back.handed_in += usize::from(one.handed_in);
        back.swaps.add(&known, &tracked, paid);
        if one.kind == Kind::Stray {
            back.strays.add(&known);
        }
    }
    back.strays.read(client).await?;
    let balance = call!(client, get_balance, GetBalanceRequest::default())?.into_inner();
    back.labels = usize::try_from(balance.labels)?;
    back.balance = balance;
    back.paid = (ledger.len(), ledger.iter().map(|payment| payment.amount_minor).sum());
    ledger.sort_by(|a, b| a.key.cmp(&b.key));
    ledger.dedup_by(|a, b| a.key == b.key);
    back.paid_twice = back.paid.0 - ledger.len();
    Ok(())
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

/// Asks for the first line of an order that may come back, and the orphan that came first; None:
/// nothing of it may, or not in this way.
async fn ask(
    client: &mut Client,
    place: Place<'_>,
    (parcel, n): (&Parcel, usize),
    kind: Kind,
) -> anyhow::Result<Option<(Return, Option<String>)>> {
    let order_id = &parcel.order_id;
    let order = || Some(OrderRef { by: Some(order_ref::By::OrderId(order_id.clone())) });
    let reason = match kind {
        Kind::Plain => REASONS.get(n % REASONS.len()).copied().unwrap_or_default(),
        Kind::Cheaper | Kind::Dearer | Kind::Stray => "size_large",
    };
    let withdrawal = reason.is_empty();
    let question = EligibleRequest { order: order(), withdrawal, reason: reason.to_owned() };
    let eligible = call!(client, eligible, question)?.into_inner();
    let fits = |line: &&EligibleLine| {
        let price = line.unit_price.as_ref().map_or(0, |price| price.amount_minor);
        let value = price * i64::from(line.returnable);
        line.returnable > 0
            && match kind {
                Kind::Plain => true,
                Kind::Stray => value < SMALL_MINOR,
                Kind::Cheaper | Kind::Dearer => line.outcomes().any(|o| o == Outcome::Exchange),
            }
    };
    let Some(line) = eligible.lines.iter().find(fits) else { return Ok(None) };
    let (way_back, outcome) = match kind {
        Kind::Stray => (WayBack::Own, Outcome::Refund),
        Kind::Cheaper | Kind::Dearer => (WayBack::Label, Outcome::Exchange),
        Kind::Plain if n.is_multiple_of(2) => (WayBack::Label, Outcome::Refund),
        Kind::Plain => (WayBack::Code, Outcome::Refund),
    };
    let mut orphan = None;
    if kind == Kind::Stray {
        let units = (line.sku.as_str(), line.returnable);
        let place = (place.stack, place.tenant);
        orphan = Some(stray::found(client, place, parcel, units).await?);
    }
    let request = RequestRequest {
        request_id: format!("demo-{order_id}"),
        order: order(),
        withdrawal,
        lines: vec![RequestLine {
            line: line.line,
            units: line.returnable,
            reason: reason.to_owned(),
            outcome: outcome.into(),
            ..RequestLine::default()
        }],
        way_back: way_back.into(),
        ..RequestRequest::default()
    };
    Ok(Some((call!(client, request, request)?.into_inner(), orphan)))
}

/// How a parcel of the way back comes to the bench.
enum Came {
    /// The carrier brought it.
    Carried,
    /// By other means: there is no label, or the carrier gave it back to the buyer.
    HandedIn,
    /// Not yet.
    Not,
}

fn came(parcel: &ReturnParcel, tracked: &Seen) -> Came {
    let given_back = || {
        parcel.parcel_ids.iter().any(|id| {
            let of = tracked.parcels.iter().find(|tracked| tracked.parcel_id == *id);
            of.is_some_and(|tracked| tracked.headline() == Headline::Returned)
        })
    };
    match parcel.state.as_str() {
        "arrived" => Came::Carried,
        "refused" => Came::HandedIn,
        _ if given_back() => Came::HandedIn,
        _ => Came::Not,
    }
}

/// Does what is next for a return; true: it is closed, and a replacement has arrived.
async fn step(
    client: &mut Client,
    place: Place<'_>,
    one: &mut Open,
    tracked: &Seen,
) -> anyhow::Result<bool> {
    let request = GetRequest { return_id: one.id.clone(), ..GetRequest::default() };
    let known = call!(client, get, request)?.into_inner();
    let closed = known.state() == ReturnState::Closed;
    if matches!(one.kind, Kind::Cheaper | Kind::Dearer) {
        let there = (place.stack, place.tenant);
        let arrived = swap::step(client, there, (one.kind, &known), tracked).await?;
        if closed {
            return Ok(arrived);
        }
    }
    if closed {
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
    let ways: Vec<Came> = known.parcels.iter().map(|parcel| came(parcel, tracked)).collect();
    for line in &known.lines {
        let goods = line.goods.unwrap_or_default();
        let way = goods.at_buyer + goods.dropped + goods.in_transit + goods.arrived;
        if way == 0 || ways.iter().any(|came| matches!(came, Came::Not)) {
            continue;
        }
        if let Some(orphan) = &one.orphan {
            stray::settle(client, orphan, way, Some((&one.id, line.line))).await?;
        } else {
            one.handed_in |= ways.iter().any(|came| matches!(came, Came::HandedIn));
            receive(client, &one.id, line.line, way).await?;
        }
        shelve(client, &one.id, line.line, way).await?;
    }
    for booking in known.bookings.iter().filter(|booking| booking.state == "asked") {
        let answer = "confirmed".to_owned();
        let request =
            AnswerStockRequest { return_id: one.id.clone(), booking: booking.number, answer };
        call!(client, answer_stock, request)?;
    }
    Ok(false)
}

/// Counts.
async fn receive(client: &mut Client, id: &str, line: u32, units: u32) -> anyhow::Result<()> {
    let counted = vec![CountedLine { line, units, ..CountedLine::default() }];
    let count = ReceiveRequest {
        return_id: id.to_owned(),
        request_id: format!("demo-{id}-{line}"),
        counted,
        ..ReceiveRequest::default()
    };
    call!(client, receive, count).context("count at the bench")?;
    Ok(())
}

/// Grades and shelves.
async fn shelve(client: &mut Client, id: &str, line: u32, units: u32) -> anyhow::Result<()> {
    let key = format!("demo-{id}-{line}");
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
