//! Choosing: doors, items with quantities and reasons, what follows from them.

use std::collections::BTreeMap;

use axum::response::Response;
use colibri_events::returns::v1::{EligibleRequest, EligibleResponse};
use futures::future::try_join_all;

use super::{
    choice::{Choice, Chosen, Door, Picked, picked},
    failure::Failure,
    form::Form,
    view::{Wrong, choose, details as view},
    visit::{Visit, page, status_of},
};

/// What of the order may come back, on the terms of a reason.
///
/// # Errors
/// [`Failure`]; [`Failure::Over`] when nobody said who they are.
pub(super) async fn eligible(
    visit: &Visit<'_>,
    door: Door,
    reason: &str,
) -> Result<EligibleResponse, Failure> {
    let asked = EligibleRequest {
        order: visit.who()?.order(),
        withdrawal: door == Door::Withdraw,
        reason: reason.to_owned(),
    };
    Ok(visit.returns().eligible(asked).await?.into_inner())
}

/// The order.
pub(super) async fn order(visit: &Visit<'_>) -> Result<Response, Failure> {
    let known = eligible(visit, Door::Return, "").await?;
    Ok(page(status_of(&[]), choose::order(&visit.frame(), &visit.who()?.number, &known)))
}

/// The list to choose from; what was chosen before is chosen again.
pub(super) async fn items(visit: &Visit<'_>) -> Result<Response, Failure> {
    let form = Form::of_query(visit.parts.uri.query())?;
    let door = Door::of(&form);
    let known = eligible(visit, door, "").await?;
    let text = choose::items(&visit.frame(), &known, (door, &picked(&form)), &[]);
    Ok(page(status_of(&[]), text))
}

/// What follows from the reasons.
pub(super) async fn details(visit: &Visit<'_>) -> Result<Response, Failure> {
    let form = Form::of_query(visit.parts.uri.query())?;
    match choose(visit, &form).await? {
        Ok(choice) => Ok(page(status_of(&[]), view::page(&visit.frame(), &choice, false, &[]))),
        Err(again) => Ok(again.page(visit)),
    }
}

/// A choice that does not hold, and why.
pub(super) struct Again {
    door: Door,
    known: EligibleResponse,
    picked: Vec<Picked>,
    wrong: Vec<Wrong>,
}

impl Again {
    /// The list once more.
    pub(super) fn page(&self, visit: &Visit<'_>) -> Response {
        let picked = (self.door, self.picked.as_slice());
        let text = choose::items(&visit.frame(), &self.known, picked, &self.wrong);
        page(status_of(&self.wrong), text)
    }

    /// A choice that the service has refused.
    pub(super) fn refused(visit: &Visit<'_>, choice: Choice) -> Self {
        let pick = |one: &Chosen| Picked {
            line: one.line.line,
            units: one.units,
            reason: one.reason.clone(),
        };
        Self {
            door: choice.door,
            picked: choice.chosen.iter().map(pick).collect(),
            known: choice.known,
            wrong: vec![Wrong::at("lines", visit.words.refused_title)],
        }
    }
}

/// Checks what was picked against what is offered for its reasons.
///
/// # Errors
/// [`Failure`]; the inner one is for the visitor to put right.
pub(super) async fn choose(
    visit: &Visit<'_>,
    form: &Form,
) -> Result<Result<Choice, Again>, Failure> {
    let (door, mut picked) = (Door::of(form), picked(form));
    if door == Door::Withdraw {
        picked.iter_mut().for_each(|one| one.reason.clear());
    }
    let mut reasons: Vec<&str> = picked.iter().map(|one| one.reason.as_str()).collect();
    reasons.push("");
    reasons.sort_unstable();
    reasons.dedup();
    // At once: each answer takes a time that tells nothing.
    let asked = reasons.iter().map(|reason| eligible(visit, door, reason));
    let terms = try_join_all(asked).await?;
    let terms: BTreeMap<&str, EligibleResponse> = reasons.iter().copied().zip(terms).collect();
    let known = terms.get("").cloned().unwrap_or_default();
    let mut wrong = Vec::new();
    let mut chosen = Vec::new();
    for one in &picked {
        let line = terms.get(one.reason.as_str());
        let line = line.and_then(|terms| terms.lines.iter().find(|line| line.line == one.line));
        match line.filter(|line| line.not_offered.is_empty() && one.units <= line.returnable) {
            None => {
                let why = line.and_then(|line| visit.words.code("not_offered", &line.not_offered));
                let why = why.unwrap_or(visit.words.units_many);
                wrong
                    .push(Wrong::at(place(&known, one.line), why).about(article(&known, one.line)));
            }
            Some(_) if door == Door::Return && one.reason.is_empty() => {
                let id = format!("reason-{}", one.line);
                let missing = Wrong::at(id, visit.words.reason_missing);
                wrong.push(missing.about(article(&known, one.line)));
            }
            Some(line) => chosen.push(Chosen {
                line: line.clone(),
                units: one.units,
                reason: one.reason.clone(),
                outcome: None,
                keep: false,
                answers: Vec::new(),
                photos: Vec::new(),
            }),
        }
    }
    if picked.is_empty() {
        wrong.push(Wrong::at("lines", visit.words.units_missing));
    }
    if wrong.is_empty() {
        let (way, parcels, note, point) = (None, Some(1), String::new(), None);
        Ok(Ok(Choice { door, known, chosen, way, parcels, note, point }))
    } else {
        drop(terms);
        Ok(Err(Again { door, known, picked: picked.clone(), wrong }))
    }
}

/// What the article of a line is called; empty for a line that the order does not have.
fn article(known: &EligibleResponse, number: u32) -> &str {
    let line = known.lines.iter().find(|line| line.line == number);
    line.map(choose::title).unwrap_or_default()
}

/// Where an error about a line leads: to its field, where it has one.
fn place(known: &EligibleResponse, number: u32) -> String {
    let offered = known
        .lines
        .iter()
        .any(|line| line.line == number && line.not_offered.is_empty() && line.returnable > 0);
    if offered { format!("units-{number}") } else { "lines".to_owned() }
}
