//! What is kept of a return beside its changes: articles, reasons, what was wanted.

use std::collections::BTreeMap;

use colibri_events::types::v1::ServicePoint;
use colibri_returns_rules::{
    case::{Case, LineNo},
    grade::{Category, Effect},
    legal::Basis,
    money::Outcome,
    policy::Trigger,
};
use colibri_types::Currency;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

/// One line that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AboutLine {
    /// Article.
    pub sku: String,
    /// Category of the article, as rules name it.
    pub category: String,
    /// Weight of one unit in grams; None: not known.
    pub weight_g: Option<u32>,
    /// Units asked for.
    pub units: u32,
    /// Code; empty: none was told.
    pub reason: String,
    /// What the buyer wants.
    pub outcome: Outcome,
    /// On what ground.
    pub basis: Basis,
    /// Sealed answers, if there are any.
    pub answers: Option<Uuid>,
}

/// By which way it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WayBack {
    /// A printed label.
    Label,
    /// A label, and a code for a counter.
    Code,
    /// The buyer's own means.
    Own,
}

/// A point of a carrier, as it was told: a shop or locker, nobody's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The carrier's.
    pub id: String,
    /// As its sign says; empty, as the rest: not told.
    pub name: String,
    /// At most three.
    pub lines: Vec<String>,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

impl From<ServicePoint> for Point {
    fn from(point: ServicePoint) -> Self {
        let ServicePoint { id, name, lines, postcode, city, country } = point;
        Self { id, name, lines, postcode, city, country }
    }
}

impl From<Point> for ServicePoint {
    fn from(point: Point) -> Self {
        let Point { id, name, lines, postcode, city, country } = point;
        Self { id, name, lines, postcode, city, country }
    }
}

/// A return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Of every amount.
    pub currency: Currency,
    /// Sales channel.
    pub channel: String,
    /// Country of the buyer.
    pub country: String,
    /// Lines that were asked for.
    pub lines: BTreeMap<LineNo, AboutLine>,
    /// Articles of the order, for what comes unasked.
    pub skus: BTreeMap<LineNo, String>,
    /// By the door "withdraw from the contract".
    pub withdrawal: bool,
    /// By which way it comes.
    pub way_back: WayBack,
    /// A customs border lies on the way.
    pub cross_border: bool,
    /// The declaration it came in on; empty: none is known.
    #[serde(default)]
    pub declaration_id: String,
    /// Where it is to be dropped off; None: not told.
    #[serde(default)]
    pub drop_off: Option<Point>,
    /// Asked by the buyer.
    pub by_buyer: bool,
    /// The delivery charge is paid back with it.
    pub delivery: bool,
    /// Fee, in minor units, that was shown before.
    pub fee: i64,
    /// Version of the rules.
    pub rules: u32,
    /// Units with visible use wait for a person.
    pub reduce_by_person: bool,
    /// When the parcel was delivered.
    pub delivered_at: Option<OffsetDateTime>,
}

impl About {
    /// Article of a line; empty: not of this order.
    #[must_use]
    pub fn sku(&self, line: LineNo) -> &str {
        self.skus.get(&line).map_or("", String::as_str)
    }

    /// What the buyer wants for a line.
    #[must_use]
    pub fn outcome(&self, line: LineNo) -> Outcome {
        self.lines.get(&line).map_or(Outcome::Refund, |line| line.outcome)
    }

    /// Graded units of a line whose money a person decides about.
    #[must_use]
    pub fn for_person(&self, case: &Case, number: LineNo, grades: &Grades) -> u32 {
        let Some(line) = case.lines().get(&number) else { return 0 };
        let ours = self.lines.get(&number).is_some_and(|line| line.basis == Basis::Conformity);
        let category = self.lines.get(&number).map_or("", |line| line.category.as_str());
        let Some(definitions) = grades.get(category) else {
            return line.custody().received_so_far();
        };
        let units = definitions.grades.iter().filter(|definition| match definition.effect {
            Effect::Full => false,
            Effect::ReductionAllowed => self.reduce_by_person && !ours,
            Effect::ByReason => !ours,
            Effect::Stop => true,
        });
        units.map(|definition| line.custody().graded(definition.grade)).sum()
    }
}

/// Definitions of grades by category.
pub type Grades = BTreeMap<String, Category>;

/// Units of a line that may be paid for now, by where they are.
#[must_use]
pub fn payable(case: &Case, number: LineNo, trigger: Trigger, for_person: u32) -> u32 {
    let Some(line) = case.lines().get(&number) else { return 0 };
    let reached = line.reached(trigger);
    // What a grade leaves to a person is theirs as soon as it is graded.
    reached.saturating_sub(for_person).min(line.payable())
}
