//! Figures that the rules' sources state, each one row of data: what it says, the parcel, the sums.
use serde_json::{Value, json};

use crate::common::{Land, dec, parcel};
use colibri_customs_rules::consignment::Consignment;

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

/// The parcel of a row: the usual one, and what the row says.
fn asked(row: &Value) -> Consignment {
    let given = &row["parcel"];
    let code = |key: &str, or: &str| text(given, key).unwrap_or(or).to_owned();
    let base = parcel(&code("from", "FR"), &code("to", "FR"), &code("currency", "EUR"));
    let line = serde_json::to_value(&base.lines[0]).unwrap();
    let mut whole = serde_json::to_value(&base).unwrap();
    for key in ["date", "channel", "flow", "scheme", "dataset"] {
        if let Some(value) = given.get(key) {
            whole[key] = value.clone();
        }
    }
    if let Some(subdivision) = given.get("subdivision") {
        whole["to"]["subdivision"] = subdivision.clone();
    }
    if let Some(lines) = given.get("lines").and_then(Value::as_array) {
        let all = lines.iter().enumerate().map(|(at, own)| {
            let mut line = line.clone();
            line["no"] = json!(at + 1);
            for (key, value) in own.as_object().unwrap() {
                line[key] = value.clone();
            }
            line
        });
        whole["lines"] = all.collect();
    }
    serde_json::from_value(whole).unwrap_or_else(|cause| panic!("{}: {cause}", row["id"]))
}

#[test]
fn stated_figures_are_reproduced_to_the_cent() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../data/rule_cases.json")).unwrap();
    assert_eq!(rows.len(), 26);
    let mut wrong = Vec::new();
    for row in &rows {
        let (id, says) = (text(row, "id").unwrap(), text(row, "says").unwrap());
        assert!(!text(row, "section").unwrap().is_empty());
        let parcel = asked(row);
        let mut land = Land::new();
        for (currency, rate) in row["rates"].as_object().unwrap() {
            // The monthly and the daily rate of any rule.
            for back in 0..75 {
                let day = parcel.date.checked_sub(time::Duration::days(back)).unwrap();
                land.fx.insert(currency.parse().unwrap(), day, dec(rate.as_str().unwrap()));
            }
        }
        let found = land.assess(&parcel);
        let totals = [
            ("duty", found.totals.duty),
            ("tax", found.totals.tax),
            ("tax_at_sale", found.totals.tax_at_sale),
            ("fees", found.totals.fees),
        ];
        for (key, money) in totals {
            let is = money.to_decimal().to_string();
            if let Some(wanted) = text(&row["expect"], key).filter(|wanted| *wanted != is) {
                wrong.push(format!("{id}: {key} {is}, not {wanted}: {says} {:?}", found.missing));
            }
        }
        if let Some(rule) = text(&row["expect"], "rule") {
            let used = found.figures.iter().map(|figure| figure.rule.as_str());
            let traced = found.trace.iter().map(|trace| trace.rule.as_str());
            if !used.chain(traced).any(|used| used == rule) {
                wrong.push(format!("{id}: the rule {rule} is not named"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
