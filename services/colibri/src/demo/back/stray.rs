//! What came without a return: held, matched by a person, settled; each unit in one place.

use anyhow::Context as _;
use colibri_events::{
    returns::v1::{orphan_clue::By, settle_orphan_request::Way, *},
    tracking::v1::{self as tracking, tracking_service_client::TrackingServiceClient},
};
use colibri_types::TenantId;
use serde_json::{Value, json};

use super::Client;
use crate::stack::Stack;

/// Most orphans of one page.
const PAGE: u32 = 500;

/// What became of things without a return, counted.
#[derive(Debug, Default)]
pub struct Strays {
    /// Things recorded.
    found: usize,
    /// Units in them.
    units: u32,
    /// Units that were held in the middle, by the balance of the service.
    held_at_first: u32,
    /// Units that returns count now.
    into_returns: u32,
    /// Units that went back to whoever had sent them.
    sent_back: u32,
    /// Units that are still held.
    held: u32,
    /// Units that the returns which took them in have counted and shelved.
    shelved: u32,
}

impl Strays {
    /// Everything found is in one place, and the returns have what was given to them. `held` is
    /// what the balance of the service says at the end.
    pub fn is_good(&self, held: u32) -> bool {
        self.into_returns > 0
            && self.held_at_first == self.units
            && self.units == self.into_returns + self.sent_back + self.held
            && self.into_returns == self.shelved
            && self.held == held
            && held == 0
    }

    pub fn json(&self) -> Value {
        json!({
            "found": self.found,
            "units": self.units,
            "units_held_at_first": self.held_at_first,
            "units_into_returns": self.into_returns,
            "units_sent_back": self.sent_back,
            "units_held": self.held,
        })
    }

    pub fn lines(&self) -> Vec<(String, String)> {
        vec![
            ("came without a return".to_owned(), self.found.to_string()),
            ("  units held at first".to_owned(), self.held_at_first.to_string()),
            ("  units matched into returns".to_owned(), self.into_returns.to_string()),
            ("  units sent back".to_owned(), self.sent_back.to_string()),
            ("  units still held".to_owned(), self.held.to_string()),
        ]
    }

    /// Notes what the service holds now, while nothing is settled.
    pub async fn look(&mut self, client: &mut Client) -> anyhow::Result<()> {
        let balance = call!(client, get_balance, GetBalanceRequest::default())?.into_inner();
        self.held_at_first = balance.orphan_units;
        Ok(())
    }

    /// Reads all of them at the end.
    pub async fn read(&mut self, client: &mut Client) -> anyhow::Result<()> {
        let request = ListOrphansRequest { all: true, limit: PAGE, page: String::new() };
        let all = call!(client, list_orphans, request)?.into_inner();
        self.found = all.orphans.len();
        for orphan in &all.orphans {
            self.units += orphan.items.iter().map(|item| item.units).sum::<u32>();
            self.held += orphan.items.iter().map(|item| item.held).sum::<u32>();
            for gone in &orphan.moves {
                match gone.end() {
                    OrphanEnd::Matched => self.into_returns += gone.units,
                    OrphanEnd::SentBack => self.sent_back += gone.units,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// A return whose goods came so has them.
    pub fn add(&mut self, known: &Return) {
        let disposed = known.lines.iter().map(|line| line.goods.unwrap_or_default().disposed);
        self.shelved += disposed.sum::<u32>();
    }
}

/// Goods of a parcel lie at the bench, in a box whose label of the way back is gone: recorded, and
/// matched by a person who reads the number of the way out. The id of the orphan.
pub async fn found(
    client: &mut Client,
    (stack, tenant): (&Stack, TenantId),
    parcel: &tracking::Parcel,
    (sku, units): (&str, u32),
) -> anyhow::Result<String> {
    let orphan = record(client, &parcel.order_id, (sku, units)).await?;
    let mut numbers = TrackingServiceClient::new(stack.peer("tracking", tenant));
    let reveal = tracking::GetRequest { parcel_id: parcel.parcel_id.clone(), reveal: true };
    let number = call!(numbers, get, reveal)?.into_inner().tracking_number;
    let clue = Some(OrphanClue { by: Some(By::TrackingNumber(number)) });
    let matched = MatchOrphanRequest { orphan_id: orphan.clone(), clue };
    let matched = call!(client, match_orphan, matched).context("match by its number")?;
    let order = matched.into_inner().order_id;
    anyhow::ensure!(order == parcel.order_id, "the number leads to another order");
    Ok(orphan)
}

async fn record(
    client: &mut Client,
    name: &str,
    (sku, units): (&str, u32),
) -> anyhow::Result<String> {
    let request = RecordOrphanRequest {
        request_id: format!("demo-{name}"),
        items: vec![OrphanUnits { sku: sku.to_owned(), units }],
        ..RecordOrphanRequest::default()
    };
    let known = call!(client, record_orphan, request).context("record what nobody announced")?;
    Ok(known.into_inner().orphan_id)
}

/// Something of another shop, whose sender is on the box. The id of the orphan.
pub async fn nobodys(client: &mut Client) -> anyhow::Result<String> {
    record(client, "of-another-shop", ("", 1)).await
}

/// A person settles all units of an orphan.
pub async fn settle(
    client: &mut Client,
    orphan: &str,
    units: u32,
    into: Option<(&str, u32)>,
) -> anyhow::Result<()> {
    let way = match into {
        Some((id, line)) => Way::ToReturn(IntoReturn { return_id: id.to_owned(), line }),
        None => Way::End(OrphanEnd::SentBack.into()),
    };
    let request = SettleOrphanRequest {
        orphan_id: orphan.to_owned(),
        request_id: "demo".to_owned(),
        item: 1,
        units,
        way: Some(way),
        reason: if into.is_some() { "label_torn" } else { "not_ours" }.to_owned(),
    };
    call!(client, settle_orphan, request).context("settle what nobody announced")?;
    Ok(())
}
