//! What came back, in numbers that the services, the payment side and the carriers told, and
//! whether they agree.

use std::collections::BTreeMap;

use colibri_events::returns::v1::{Balance, CurrencyFunds, Funds};
use serde_json::{Value, json};

use super::{stray::Strays, swap::Swaps};

/// What came back.
#[derive(Debug, Default)]
pub struct Back {
    /// A tenth of the delivered parcels.
    pub wanted: usize,
    /// Returns asked for.
    pub asked: usize,
    /// Of those, over a customs border.
    pub cross_border: usize,
    /// Labels bought for those: the carrier was told what comes back.
    pub border_labels: usize,
    /// Customs papers that go with them.
    pub border_papers: usize,
    /// Labels bought for the way back.
    pub labels: usize,
    /// Parcels of the way back that have a label, by what became of it.
    pub carried: BTreeMap<String, usize>,
    /// Labels that could not be bought, by the code of labels: these goods do not travel with a
    /// carrier.
    pub refused: BTreeMap<String, usize>,
    /// Returns whose goods came by other means: no label was sold, or the carrier gave them back.
    pub handed_in: usize,
    /// At their end, both machines.
    pub closed: usize,
    /// Replacements.
    pub swaps: Swaps,
    /// What came without a return.
    pub strays: Strays,
    /// Goods and money of all returns.
    pub balance: Balance,
    /// Refunds in the payment side's own ledger, and their sum in minor units of any currency.
    pub paid: (usize, i64),
    /// A key that was paid twice.
    pub paid_twice: usize,
}

impl Back {
    /// Every return is closed, each unit and each amount is where the services and the payment
    /// side say, and there were a replacement and something without a return among them.
    pub fn is_good(&self) -> bool {
        let told: i64 = self.refunds().map(|funds| funds.refunded_minor).sum();
        let spent: i64 = self.refunds().map(|funds| funds.spent_minor).sum();
        let count: u32 = self.balance.funds.iter().map(|funds| funds.refunds).sum();
        self.asked == self.wanted
            && (self.cross_border == 0 || self.border_labels > 0)
            && self.border_papers == self.border_labels
            && self.closed == self.asked
            && self.carried.values().sum::<usize>() == self.labels
            && self.balance.goods_close
            && self.balance.money_closes
            && self.paid_twice == 0
            && usize::try_from(count).is_ok_and(|count| count == self.paid.0)
            && told == self.paid.1
            && self.swaps.is_good(spent)
            && self.strays.is_good(self.balance.orphan_units)
    }

    fn refunds(&self) -> impl Iterator<Item = &Funds> {
        self.balance.funds.iter().filter_map(|funds| funds.funds.as_ref())
    }

    /// Labels that the carriers refused.
    pub fn labels_refused(&self) -> usize {
        self.refused.values().sum()
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
                "spent_on_replacements_minor": all.spent_minor,
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
            "cross_border_labels": self.border_labels,
            "cross_border_papers": self.border_papers,
            "parcels": self.carried,
            "labels_refused": self.refused,
            "came_by_other_means": self.handed_in,
            "exchanges": self.swaps.json(),
            "orphans": self.strays.json(),
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

    /// Lines for people: what, and how many.
    pub fn lines(&self) -> Vec<(String, String)> {
        let line = |name: &str, value: usize| (name.to_owned(), value.to_string());
        let mut lines = vec![
            line("asked for", self.asked),
            line("  over a customs border", self.cross_border),
            line("  with a label and its customs paper", self.border_papers),
            line("    with a label of the carrier", self.border_labels),
            line("labels for the way back", self.labels),
        ];
        lines.extend(self.carried.iter().map(|(state, n)| line(&format!("  {state}"), *n)));
        lines.push(line("labels refused", self.labels_refused()));
        lines.extend(self.refused.iter().map(|(code, n)| line(&format!("  {code}"), *n)));
        lines.push(line("came by other means", self.handed_in));
        lines.extend(self.swaps.lines());
        lines.extend(self.strays.lines());
        lines.extend([
            line("closed", self.closed),
            line("refunds in the payment ledger", self.paid.0),
            line("refunded twice", self.paid_twice),
        ]);
        lines
    }
}
