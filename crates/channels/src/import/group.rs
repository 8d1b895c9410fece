//! Rows of one order number become one order, whole or not at all.

use std::collections::HashMap;

use aws_lc_rs::digest;
use colibri_types::{Country, Currency, Grams, Money};
use rust_decimal::Decimal;

use super::{ImportedOrder, Options, RowError, RowOutcome, RowResult, fields::Field};
use crate::{Code, Line, Warning, WarningCode, number, order::CanonicalOrder, totals};

mod head;

/// One row as read, before its order is known.
pub(super) enum Seen {
    Draft(Draft),
    /// `key` is the order it belongs to, when that could be read.
    Refused {
        key: Option<String>,
        error: RowError,
    },
    Skipped {
        row: u64,
    },
}

/// A readable row.
pub(super) struct Draft {
    pub(super) row: u64,
    pub(super) key: String,
    /// Facts of the order: field, column from 1, value in one spelling.
    pub(super) head: Vec<(Field, u32, String)>,
    pub(super) line: LineDraft,
    pub(super) warnings: Vec<Warning>,
}

/// Facts of the line, before the currency is known.
#[derive(Default)]
pub(super) struct LineDraft {
    pub(super) sku: Option<String>,
    pub(super) name: Option<String>,
    pub(super) quantity: u32,
    pub(super) price: Decimal,
    pub(super) discount: Option<Decimal>,
    pub(super) tax: Option<Decimal>,
    pub(super) weight: Option<Grams>,
    pub(super) hs_code: Option<String>,
    pub(super) origin: Option<Country>,
    pub(super) gtin: Option<String>,
}

impl Draft {
    pub(super) fn new(row: u64, key: String) -> Self {
        Self { row, key, head: Vec::new(), line: LineDraft::default(), warnings: Vec::new() }
    }

    pub(super) fn error(&self, code: Code, field: Field) -> RowError {
        let column = self.head.iter().find(|(f, _, _)| *f == field);
        RowError {
            column: column.map(|(_, column, _)| *column),
            field: Some(field),
            ..RowError::row(code, self.row)
        }
    }
}

/// Groups rows; every row gets exactly one outcome, in the file's order.
pub(super) fn group(seen: Vec<Seen>, options: &Options) -> (Vec<ImportedOrder>, Vec<RowResult>) {
    let mut rows = Vec::with_capacity(seen.len());
    let mut groups: Vec<Vec<Draft>> = Vec::new();
    let mut group_of: HashMap<String, usize> = HashMap::new();
    let mut broken: HashMap<String, u64> = HashMap::new();
    for item in seen {
        match item {
            Seen::Skipped { row } => rows.push(RowResult { row, outcome: RowOutcome::Skipped }),
            Seen::Refused { key, error } => {
                if let Some(key) = key {
                    broken.entry(key).or_insert(error.row);
                }
                rows.push(refused(error));
            }
            Seen::Draft(draft) => {
                let next = groups.len();
                let index = *group_of.entry(draft.key.clone()).or_insert(next);
                if index == next {
                    groups.push(Vec::new());
                }
                if let Some(group) = groups.get_mut(index) {
                    group.push(draft);
                }
            }
        }
    }
    let mut orders = Vec::new();
    for drafts in groups {
        let numbers: Vec<u64> = drafts.iter().map(|draft| draft.row).collect();
        let culprit = drafts.first().and_then(|d| broken.get(&d.key)).copied();
        let built = match culprit {
            Some(row) => Err(RowError::row(Code::OrderIncomplete, row)),
            None => order(drafts, options),
        };
        match built {
            Ok(order) => {
                let index = orders.len();
                rows.extend(numbers.iter().map(|row| RowResult {
                    row: *row,
                    outcome: RowOutcome::Accepted { order: index },
                }));
                orders.push(ImportedOrder { order, rows: numbers });
            }
            Err(error) => rows.extend(numbers.iter().map(|row| with_culprit(*row, &error))),
        }
    }
    rows.sort_by_key(|result| result.row);
    (orders, rows)
}

fn refused(error: RowError) -> RowResult {
    RowResult { row: error.row, outcome: RowOutcome::Refused(error) }
}

/// The culprit keeps its error; the other rows of the order name it.
fn with_culprit(row: u64, error: &RowError) -> RowResult {
    if row == error.row {
        return refused(error.clone());
    }
    refused(RowError { other_row: Some(error.row), ..RowError::row(Code::OrderIncomplete, row) })
}

fn order(drafts: Vec<Draft>, options: &Options) -> Result<CanonicalOrder, RowError> {
    let mut facts = head::Facts::merge(&drafts)?;
    let Some(first) = drafts.first() else {
        return Err(RowError::file(Code::FieldMissing));
    };
    let currency = match facts.take(Field::Currency).and_then(|c| c.parse().ok()) {
        Some(currency) => currency,
        None => options.currency.ok_or_else(|| first.error(Code::FieldMissing, Field::Currency))?,
    };
    let mut lines: Vec<Line> = Vec::with_capacity(drafts.len());
    let mut equals: HashMap<LineKey<'_>, usize> = HashMap::new();
    for draft in &drafts {
        let facts = &draft.line;
        let key = (facts.sku.as_deref(), facts.name.as_deref(), facts.price);
        let before = equals.entry(key).or_default();
        lines.push(line(draft, currency, *before)?);
        *before += 1;
    }
    let mut order = head::build(facts, first, lines, currency, options)?;
    order.warnings.extend(drafts.into_iter().flat_map(|draft| draft.warnings));
    if !totals::add_up(&order) {
        order
            .warnings
            .push(Warning { code: WarningCode::TotalsMismatch, place: "total".to_owned() });
    }
    Ok(order)
}

/// An amount in the order's currency, never rounded: a finer one is a mistake or another meaning.
fn money(
    draft: &Draft,
    field: Field,
    amount: Decimal,
    currency: Currency,
) -> Result<Money, RowError> {
    let wrong = || draft.error(Code::AmountOutOfRange, field);
    if !number::fits(amount, currency) {
        return Err(wrong());
    }
    Money::from_decimal(amount, currency).map_err(|_| wrong())
}

/// What makes lines of one order equal: SKU, name and price.
type LineKey<'d> = (Option<&'d str>, Option<&'d str>, Decimal);

/// A line; `equals` is how many equal ones stand before it.
fn line(draft: &Draft, currency: Currency, equals: usize) -> Result<Line, RowError> {
    let facts = &draft.line;
    let unit_price = money(draft, Field::UnitPrice, facts.price, currency)?;
    let discount = facts.discount.unwrap_or_default();
    let discount = money(draft, Field::Discount, discount, currency)?;
    let tax = match facts.tax {
        Some(tax) => Some(money(draft, Field::Tax, tax, currency)?),
        None => None,
    };
    let gross = totals::times(unit_price, facts.quantity, "")
        .map_err(|_| draft.error(Code::AmountOutOfRange, Field::UnitPrice))?;
    if discount.amount_minor > gross.amount_minor {
        return Err(draft.error(Code::AmountOutOfRange, Field::Discount));
    }
    let name = facts.name.clone().or_else(|| facts.sku.clone());
    let name = name.ok_or_else(|| draft.error(Code::FieldMissing, Field::ItemName))?;
    Ok(Line {
        line_id: line_id(facts.sku.as_deref(), &name, unit_price, equals),
        line_id_derived: true,
        sku: facts.sku.clone(),
        variant_ref: None,
        name,
        quantity: facts.quantity,
        fulfillable_quantity: facts.quantity,
        unit_price,
        discount,
        total: Money::new(gross.amount_minor - discount.amount_minor, currency),
        tax,
        unit_weight: facts.weight,
        requires_shipping: true,
        hs_code: facts.hs_code.clone(),
        origin: facts.origin,
        gtin: facts.gtin.clone(),
        bundle_parent: None,
        customisation: None,
    })
}

/// Files have no line ids: the same line at the same place among equals keeps its id when the
/// file comes again, wherever its rows then stand.
fn line_id(sku: Option<&str>, name: &str, price: Money, equals: usize) -> String {
    let text = format!("{}\u{0}{name}\u{0}{price}\u{0}{equals}", sku.unwrap_or_default());
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    // 64 bits: lines are told apart within one order only.
    let short = hash.as_ref().iter().take(8);
    short.map(|byte| format!("{byte:02x}")).collect()
}
