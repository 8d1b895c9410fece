//! Help with words: codes that a text may mean, and what customs would say to a description.

use colibri_customs_rules::{
    descriptions::{Context, check, refused},
    hs::{Nomenclature, Source},
};
use colibri_events::customs::v1::*;
use colibri_kit::{fault::Fault, service::Shell};
use colibri_types::TenantId;
use serde::Serialize;

use crate::{Customs, error};

/// Characters of a text: a search reads each word.
const TEXT_MAX: usize = 500;

fn text_of(text: &str) -> Result<(), Fault> {
    match (1..=TEXT_MAX).contains(&text.chars().count()) {
        true => Ok(()),
        false => Err(error::request("text", "has 1 to 500 characters")),
    }
}

/// The word of a value in answers.
fn word(value: impl Serialize) -> String {
    let value = serde_json::to_value(value).ok();
    value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Codes that a text may mean.
pub async fn suggest(
    shell: &Shell<Customs>,
    _: TenantId,
    request: SuggestHsRequest,
) -> Result<SuggestHsResponse, Fault> {
    text_of(&request.text)?;
    let limit = match request.limit {
        0 => 10,
        limit => usize::try_from(limit.min(50)).unwrap_or(50),
    };
    let book = shell.state.books.get().await?;
    let found = book.index.search(&request.text, limit);
    let candidates = found.candidates.into_iter().map(|candidate| HsCandidate {
        hs6: candidate.hs6,
        text: candidate.text,
        heading: candidate.heading,
        heading_text: candidate.heading_text,
        confidence_pct: percent(candidate.confidence),
        reasons: candidate.reasons.into_iter().map(reason).collect(),
    });
    Ok(SuggestHsResponse {
        candidates: candidates.collect(),
        abstained: found.abstained,
        question: found.question.map(|question| question.text).unwrap_or_default(),
        nomenclature: Nomenclature::VERSION.to_owned(),
    })
}

/// Whole per cent of a share from 0 to 1.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share between 0 and 1 is 0 to 100 per cent"
)]
fn percent(share: f32) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}

fn reason(reason: colibri_customs_rules::hs::Reason) -> HsReason {
    let source = match reason.source {
        Source::Subheading => "subheading",
        Source::Heading => "heading",
        Source::TradeTerm => "trade_term",
    };
    HsReason { words: reason.words, source: source.to_owned(), text: reason.text }
}

/// What customs would say to a description.
pub async fn describe(
    shell: &Shell<Customs>,
    _: TenantId,
    request: CheckDescriptionRequest,
) -> Result<CheckDescriptionResponse, Fault> {
    text_of(&request.text)?;
    let book = shell.state.books.get().await?;
    let hs = request.hs_code.get(..6);
    let most = usize::try_from(request.characters_max).ok().filter(|most| *most > 0);
    let context = Context {
        hs,
        date: Some(shell.host.clock.now().date()),
        quantity: (request.quantity > 0).then_some(request.quantity),
        characters_max: most,
        ..Context::new(&book.index)
    };
    let found = check(&request.text, &context);
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let findings = found.iter().map(|finding| DescriptionFinding {
        code: word(finding.code),
        severity: word(finding.severity),
        from: place(finding.span.start),
        to: place(finding.span.end),
        message: finding.message.clone(),
        suggestion: finding.suggestion.clone().unwrap_or_default(),
    });
    Ok(CheckDescriptionResponse { refused: refused(&found), findings: findings.collect() })
}
