//! What the demo found, from the services' answers, the carriers' ledgers and the event logs.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    time::Duration,
};

use anyhow::Context as _;
use colibri_carriers::LabelFormat;
use colibri_events::{
    customs::v1::DeclarationState,
    labels::v1::{GetLabelRequest, LabelPurchased, labels_service_client::LabelsServiceClient},
    orders::v1::OrderState,
    tracking::v1::{GetRequest, Headline, tracking_service_client::TrackingServiceClient},
};
use colibri_kit::egress::{Egress, EgressLimits, Request};
use prost::Message as _;
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgPoolOptions};

use super::{back::Back, borders::Borders, send::Sent, watch::Seen};
use crate::{doctor, merchant::Merchant, stack::Stack};

/// A ledger of a simulated carrier: tracking numbers sold, per reference of ours.
#[derive(Debug, Default)]
struct Ledger {
    labels: usize,
    voids: usize,
    per_reference: BTreeMap<String, usize>,
}

/// Everything the demo can say.
pub struct Report {
    sent_orders: usize,
    refused: BTreeMap<String, usize>,
    refused_later: usize,
    replayed: usize,
    ignored: usize,
    seen: Seen,
    borders: Borders,
    back: Back,
    ledgers: BTreeMap<String, Ledger>,
    duplicate_labels: usize,
    lost_events: i64,
    problems: Vec<String>,
    took: Duration,
    label_ms: Vec<i64>,
    end_ms: Vec<i64>,
}

/// Asks everybody.
pub async fn collect(
    stack: &Stack,
    borders: Borders,
    sent: &Sent,
    (seen, back): (Seen, Back),
    took: Duration,
) -> anyhow::Result<Report> {
    let mut ledgers = BTreeMap::new();
    for (carrier, url) in stack.carrier_urls() {
        ledgers.insert(carrier.to_owned(), ledger(url).await?);
    }
    let sold: usize = ledgers.values().map(|l| l.labels - l.voids).sum();
    let findings = doctor::examine(&stack.kit).await?;
    let options = colibri_kit::service::database(&stack.kit).admin()?;
    let db = PgPoolOptions::new().max_connections(2).connect_with(options).await?;
    let (label_ms, end_ms) = times(&db).await?;
    let mut refused = BTreeMap::new();
    for code in &sent.refused {
        *refused.entry(code.clone()).or_default() += 1;
    }
    Ok(Report {
        sent_orders: sent.orders,
        refused,
        refused_later: sent.refused_later,
        replayed: sent.replayed,
        ignored: sent.ignored,
        duplicate_labels: sold.saturating_sub(seen.labels() + back.labels + back.swaps.labels),
        lost_events: findings.behind,
        problems: findings.wrong,
        seen,
        borders,
        back,
        ledgers,
        took,
        label_ms,
        end_ms,
    })
}

async fn ledger(url: &str) -> anyhow::Result<Ledger> {
    let request = Request {
        method: http::Method::GET,
        url: format!("{url}/_sandbox/ledger"),
        headers: Vec::new(),
        body: bytes::Bytes::new(),
        timeout: Duration::from_secs(10),
    };
    let answer = Egress::new(EgressLimits::default()).send("ledger", request).await?;
    let mut ledger = Ledger::default();
    for line in answer.body.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let entry: Value = serde_json::from_slice(line).context("a line of the ledger")?;
        let told =
            |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if told("kind") == "void" {
            ledger.voids += 1;
        } else {
            ledger.labels += 1;
            *ledger.per_reference.entry(told("reference")).or_default() += 1;
        }
    }
    Ok(ledger)
}

/// Real milliseconds from the order's event to its label, and from the label to the parcel's end.
async fn times(db: &PgPool) -> anyhow::Result<(Vec<i64>, Vec<i64>)> {
    type At = time::OffsetDateTime;
    let ordered: Vec<(String, At)> = sqlx::query_as(
        "select key, min(at) from orders.event_log
          where subject like 'colibri.orders.v1.fulfilment_requested.%' group by key",
    )
    .fetch_all(db)
    .await?;
    let ordered: HashMap<String, At> = ordered.into_iter().collect();
    let bought: Vec<(Vec<u8>, At)> = sqlx::query_as(
        "select payload, at from labels.event_log
          where subject like 'colibri.labels.v1.label_purchased.%'",
    )
    .fetch_all(db)
    .await?;
    let ended: Vec<(String, At)> = sqlx::query_as(
        "select key, max(at) from tracking.event_log
          where subject like 'colibri.tracking.v1.parcel_status_changed.%' group by key",
    )
    .fetch_all(db)
    .await?;
    let ended: HashMap<String, At> = ended.into_iter().collect();
    let (mut to_label, mut to_end) = (Vec::new(), Vec::new());
    for (payload, at) in bought {
        let event = LabelPurchased::decode(payload.as_slice())?;
        if let Some(start) = ordered.get(&event.order_id) {
            to_label.push(i64::try_from((at - *start).whole_milliseconds())?);
        }
        if let Some(end) = ended.get(&event.parcel_id) {
            to_end.push(i64::try_from((*end - at).whole_milliseconds())?);
        }
    }
    to_label.sort_unstable();
    to_end.sort_unstable();
    Ok((to_label, to_end))
}

/// Carriers that sold nothing: the demo is about all of them.
fn silent<'a>(sold: impl Iterator<Item = (&'a str, usize)>) -> Vec<&'static str> {
    let sold: Vec<&str> = sold.filter(|(_, labels)| *labels > 0).map(|(id, _)| id).collect();
    let all = colibri_carriers::all().iter().map(|carrier| carrier.info().id);
    all.filter(|id| !sold.contains(id)).collect()
}

fn percentile(sorted: &[i64], percent: usize) -> i64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}

impl Report {
    /// Every accepted order has exactly one label in the ledgers and reached its end, and so has
    /// everything that came back.
    pub fn is_good(&self) -> bool {
        self.seen.complete
            && self.duplicate_labels == 0
            && self.lost_events == 0
            && self.problems.is_empty()
            && self.answered() == self.sent_orders
            && self.sold() == self.seen.labels() + self.back.labels + self.back.swaps.labels
            && self.back.is_good()
            && self.borders.is_good()
            && silent(self.ledgers.iter().map(|(id, l)| (id.as_str(), l.labels))).is_empty()
    }

    fn refused(&self) -> usize {
        self.refused.values().sum::<usize>() + self.refused_later
    }

    /// Each told thing is in exactly one state, or it is missing here.
    fn answered(&self) -> usize {
        let kept = [OrderState::Accepted, OrderState::Held].map(|state| self.seen.in_state(state));
        kept.iter().sum::<usize>() + self.refused() + self.replayed + self.ignored
    }

    fn sold(&self) -> usize {
        self.ledgers.values().map(|l| l.labels - l.voids).sum()
    }

    /// Writes labels, one timeline and the summary.
    pub async fn write(
        &self,
        stack: &Stack,
        merchant: &Merchant,
        out: &Path,
    ) -> anyhow::Result<()> {
        let folder = out.join("labels");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        let mut client = LabelsServiceClient::new(stack.peer("labels", merchant.tenant));
        for shipment in &self.seen.shipments {
            for parcel in &shipment.parcels {
                let parcel_id = parcel.parcel_id.clone();
                let request = GetLabelRequest { parcel_id, media_type: String::new() };
                let label = client.get_label(request).await?.into_inner();
                let known = LabelFormat::ALL.iter().find(|f| f.media_type() == label.media_type);
                let extension = known.map_or("bin", |format| format.as_str());
                let name = format!("{}-{}.{extension}", shipment.carrier, label.parcel_id);
                std::fs::write(folder.join(name), &label.data)?;
            }
        }
        self.write_timeline(stack, merchant, out).await?;
        let summary = serde_json::to_string_pretty(&self.summary())?;
        std::fs::write(out.join("summary.json"), summary + "\n")?;
        Ok(())
    }

    async fn write_timeline(
        &self,
        stack: &Stack,
        merchant: &Merchant,
        out: &Path,
    ) -> anyhow::Result<()> {
        // The parcel with the most to tell: attempts before the end.
        let Some(parcel) = self.seen.parcels.iter().max_by_key(|p| (p.attempts, p.version)) else {
            return Ok(());
        };
        let mut client = TrackingServiceClient::new(stack.peer("tracking", merchant.tenant));
        let request = GetRequest { parcel_id: parcel.parcel_id.clone(), reveal: true };
        let parcel = client.get(request).await?.into_inner();
        let mut text = format!(
            "{} {} at {}: {}\n",
            parcel.parcel_id,
            parcel.tracking_number,
            parcel.carrier,
            parcel.headline().as_str_name().trim_start_matches("HEADLINE_").to_lowercase()
        );
        for scan in &parcel.scans {
            let offset =
                if scan.utc_offset.is_empty() { "offset not stated" } else { &scan.utc_offset };
            text += &format!(
                "  {:<19} {:<17} {:<16} {:<20} {:<8} {} {}\n",
                scan.local_time,
                offset,
                scan.headline,
                scan.sub_status,
                scan.code,
                scan.place,
                scan.text
            );
        }
        std::fs::write(out.join("timeline.txt"), text)?;
        Ok(())
    }

    fn summary(&self) -> Value {
        let seconds = self.took.as_secs_f64();
        let ended = self.seen.ended();
        json!({
            "orders": self.sent_orders,
            "accepted": self.seen.in_state(OrderState::Accepted),
            "held": self.seen.in_state(OrderState::Held),
            "refused": self.refused(),
            "replayed": self.replayed,
            "ignored": self.ignored,
            "labels": self.seen.labels(),
            "delivered": self.seen.with(Headline::Delivered),
            "final": ended,
            "return_labels": self.back.labels,
            "return_labels_refused": self.back.labels_refused(),
            "returns_closed": self.back.closed,
            "refunds": self.back.paid.0,
            "returns": self.back.json(),
            "duplicate_labels": self.duplicate_labels,
            "lost_events": self.lost_events,
            "seconds": (seconds * 1000.0).round() / 1000.0,
            "parcels_per_second": (ended as f64 / seconds * 1000.0).round() / 1000.0,
            "held_for": self.seen.held_for(),
            "refused_for": self.refused,
            "labels_per_carrier": self.ledgers.iter().map(|(c, l)| (c.clone(), l.labels)).collect::<BTreeMap<_, _>>(),
            "order_to_label_ms": { "p50": percentile(&self.label_ms, 50), "p95": percentile(&self.label_ms, 95) },
            "label_to_end_ms": { "p50": percentile(&self.end_ms, 50), "p95": percentile(&self.end_ms, 95) },
            "customs": {
                "declarations": self.borders.declarations.len(),
                "ready": self.borders.in_state(DeclarationState::Ready),
                "by_country": self.borders.by_country(),
                "incomplete_at_first": self.borders.held.len(),
                "missing_at_first": self.borders.missing,
                "released_by_correction": self.borders.released(),
                "certificates_given": self.borders.certificates,
                "papers": self.borders.papers,
            },
            "problems": self.problems,
        })
    }

    /// Prints the table.
    pub fn print(&self, out: &Path) {
        let line = |name: &str, value: String| println!("  {name:<34}{value}");
        println!("\nOrders");
        line("told (messages, orders, rows)", self.sent_orders.to_string());
        line("accepted", self.seen.in_state(OrderState::Accepted).to_string());
        line("held", self.seen.in_state(OrderState::Held).to_string());
        for (reason, count) in self.seen.held_for() {
            line(&format!("  {reason}"), count.to_string());
        }
        line("refused with a reason", self.refused().to_string());
        for (reason, count) in &self.refused {
            line(&format!("  {reason}"), count.to_string());
        }
        line("  after a webhook was taken in", self.refused_later.to_string());
        line("told twice, known", self.replayed.to_string());
        line("not about a parcel", self.ignored.to_string());
        println!("Labels");
        for (carrier, ledger) in &self.ledgers {
            let again = ledger.per_reference.values().filter(|n| **n > 1).count();
            line(
                carrier,
                format!(
                    "{} sold, {} voided, {again} references twice; {}",
                    ledger.labels,
                    ledger.voids,
                    self.cost(carrier)
                ),
            );
        }
        println!("Customs");
        let borders = &self.borders;
        for (country, count) in borders.by_country() {
            line(&format!("declared to {country}"), count.to_string());
        }
        line("incomplete at first", borders.held.len().to_string());
        for (field, count) in &borders.missing {
            line(&format!("  {field}"), count.to_string());
        }
        line("released by a correction", borders.released().to_string());
        line("  certificates given", borders.certificates.to_string());
        line("papers", borders.papers.to_string());
        println!("Parcels");
        for headline in
            [Headline::Delivered, Headline::Returned, Headline::Exception, Headline::InTransit]
        {
            let name = headline.as_str_name().trim_start_matches("HEADLINE_").to_lowercase();
            line(&name, self.seen.with(headline).to_string());
        }
        println!("Returns");
        for (name, value) in self.back.lines() {
            line(&name, value);
        }
        println!("Times (real milliseconds)                   p50       p95");
        for (name, all) in [("order to label", &self.label_ms), ("label to end", &self.end_ms)] {
            line(name, format!("{:>9} {:>9}", percentile(all, 50), percentile(all, 95)));
        }
        println!("Proof");
        let labels = self.ledgers.iter().map(|(id, l)| (id.as_str(), l.labels));
        line("carriers that sold nothing", silent(labels).len().to_string());
        line("labels bought twice", self.duplicate_labels.to_string());
        line("events lost", self.lost_events.to_string());
        for problem in &self.problems {
            line("PROBLEM", problem.clone());
        }
        println!("\nwritten to {}: labels/, papers/, timeline.txt, summary.json", out.display());
    }

    fn cost(&self, carrier: &str) -> String {
        let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
        for shipment in self.seen.shipments.iter().filter(|s| s.carrier == carrier) {
            if let Some(amount) = &shipment.amount {
                *sums.entry(&amount.currency).or_default() += amount.amount_minor;
            }
        }
        let text = sums.iter().filter_map(|(currency, minor)| {
            let money = colibri_types::Money::new(*minor, currency.parse().ok()?);
            Some(money.to_string())
        });
        text.collect::<Vec<_>>().join(" + ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_carrier_that_sold_nothing_is_noticed() {
        let all = || colibri_carriers::all().iter().map(|carrier| carrier.info().id);
        assert!(silent(all().map(|id| (id, 1))).is_empty());
        assert_eq!(silent(all().map(|id| (id, usize::from(id != "gls")))), ["gls"]);
        assert_eq!(silent(all().filter(|id| *id != "ups").map(|id| (id, 3))), ["ups"]);
    }
}
