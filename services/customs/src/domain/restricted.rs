//! Goods that a rule restricts where they go, and what persons decided about them. The rules are data
//! (`colibri-screening`); a warning is told and holds nothing.

use std::collections::{BTreeSet, HashMap};

use aws_lc_rs::digest;
use colibri_events::{
    customs::v1::{self as pb, ScreeningOutcome},
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
};
use colibri_screening::{Goods, Outcome, Restriction, Restrictions};
use time::{Date, OffsetDateTime};

use super::decide::Verdict;
use crate::{
    error::{self, finding},
    store::timestamp,
};

/// What a person said about an article and a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// `colibri.customs.v1.ScreeningOutcome`.
    pub outcome: i32,
    /// `colibri.customs.v1.RestrictionReason`.
    pub reason: i32,
    /// Of a licence or certificate; empty: none.
    pub document_number: String,
    /// At the operator's.
    pub case_number: String,
    /// Subject of a token.
    pub decided_by: String,
    /// When.
    pub decided_at: OffsetDateTime,
}

/// Decisions that count, by article, rule and what the rule was about.
pub type Decided = HashMap<(String, String, Vec<u8>), Decision>;

/// A rule that holds for an article of a shipment.
#[derive(Debug, Clone)]
pub struct Restricted {
    /// The article.
    pub sku: String,
    /// The rule.
    pub rule: Restriction,
    /// Of rule, tariff code and destination: a decision holds until one of them is another.
    pub fingerprint: Vec<u8>,
    /// The last decision.
    pub decision: Option<Decision>,
}

impl Restricted {
    /// It holds the shipment until somebody decides.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.rule.outcome > Outcome::Warn
    }

    /// As it is shown.
    #[must_use]
    pub fn wire(&self) -> pb::Restriction {
        let rule = &self.rule;
        pb::Restriction {
            sku: self.sku.clone(),
            rule: rule.id.clone(),
            outcome: rule.outcome.as_str().to_owned(),
            document: rule.document.clone(),
            text: rule.text.clone(),
            source: rule.source.clone(),
            documented: rule.documented,
            decision: self.decision.as_ref().map(|decision| pb::RestrictionDecision {
                outcome: decision.outcome,
                reason: decision.reason,
                document_number: decision.document_number.clone(),
                case_number: decision.case_number.clone(),
                decided_by: decision.decided_by.clone(),
                decided_at: Some(timestamp(decision.decided_at)),
            }),
        }
    }
}

/// Looks up what restricts the goods of a verdict, holds what nobody has cleared, and puts the numbers
/// of licences and certificates on the papers.
pub fn apply(
    verdict: &mut Verdict,
    (request, offer): (&FulfilmentRequested, &OfferChosen),
    decided: &Decided,
    table: &Restrictions,
    today: Date,
) {
    let Some(parcel) = verdict.parcel.as_mut() else { return };
    let mut told = BTreeSet::new();
    for line in &parcel.consignment.lines {
        let origin = line.origin.map(|origin| origin.to_string()).unwrap_or_default();
        let goods = Goods {
            hs: &line.code,
            description: &line.description,
            destination: &request.country,
            postcode: &request.postcode_zone,
            origin: &origin,
            channel: verdict.channel,
            carrier: &offer.carrier,
            date: today,
        };
        let sku = &line.product_ids.merchant;
        for found in table.of(&goods) {
            let fingerprint = fingerprint(found.restriction, &goods);
            let pair = (sku.clone(), found.restriction.id.clone(), fingerprint.clone());
            let decision = decided.get(&pair).cloned();
            let number = decision.as_ref().filter(|one| cleared(one)).map(|d| &d.document_number);
            if let Some(number) = number.filter(|number| !number.is_empty()) {
                let facts = parcel.facts.lines.entry(line.no).or_default();
                match found.restriction.outcome {
                    Outcome::Certificate => facts.certificate.clone_from(number),
                    _ => facts.licence.clone_from(number),
                }
            }
            let rule = found.restriction.clone();
            let one = Restricted { sku: sku.clone(), rule, fingerprint, decision };
            if told.insert((pair.0, pair.1)) {
                verdict.missing.extend(held(&one));
                verdict.restricted.push(one);
            }
        }
    }
}

fn cleared(decision: &Decision) -> bool {
    decision.outcome == ScreeningOutcome::Cleared as i32
}

fn held(one: &Restricted) -> Option<pb::Finding> {
    let (code, what) = match &one.decision {
        _ if !one.holds() => return None,
        None => (error::RESTRICTED, "RESTRICTED_GOODS"),
        Some(decision) if !cleared(decision) => {
            (error::RESTRICTION_CONFIRMED, "RESTRICTION_CONFIRMED")
        }
        Some(_) => return None,
    };
    let rule = &one.rule;
    let detail = format!("{what}: {} ({}): {}", rule.id, rule.outcome, rule.text);
    Some(finding(code, format!("skus[{}]", one.sku), detail))
}

fn fingerprint(rule: &Restriction, goods: &Goods<'_>) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    let words = [
        rule.hs.as_str(),
        &rule.keyword,
        &rule.destination,
        &rule.postcode,
        &rule.origin,
        &rule.channel,
        &rule.carrier,
        rule.outcome.as_str(),
        &rule.document,
        goods.hs,
        goods.origin,
        goods.destination,
    ];
    for word in words {
        context.update(word.as_bytes());
        context.update(b"\0");
    }
    context.finish().as_ref().to_vec()
}
