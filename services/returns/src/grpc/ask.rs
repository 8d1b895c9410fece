//! What may come back, and on what terms.

use colibri_events::{
    returns::v1::{EligibleLine, EligibleRequest, EligibleResponse},
    types::v1::Money,
};
use colibri_kit::{fault::Fault, service::Shell};
use colibri_returns_rules::{
    legal,
    money::Outcome,
    policy::{NotOffered, Offer, Question, ReturnCost},
    reason,
};
use colibri_types::ReturnId;
use time::OffsetDateTime;

use super::{
    Who,
    orders::{self, Known},
};
use crate::{
    Returns,
    domain::words::{self, timestamp},
    error::{NO_ORDER, fault},
    open,
    policies::Rules,
    store::list::{self, Wanted},
};

/// Returns of one order that are named: far more than there are.
const RETURNS_MAX: i64 = 50;

/// Asks the rules about a line.
///
/// # Errors
/// [`NotOffered`].
pub fn offer(
    known: &Known,
    rules: &Rules,
    line: &colibri_events::orders::v1::Line,
    (withdrawal, reason, whole_order): (bool, &str, bool),
    now: OffsetDateTime,
) -> Result<Offer, NotOffered> {
    let good = rules.good(&line.sku);
    let country = known.sale.country.parse().map_err(|_| NotOffered::NeedsOperator)?;
    let question = Question {
        ordered: known.ordered,
        delivered: known.delivered,
        asked: now,
        channel: known.bought.channel.clone(),
        country,
        category: good.category,
        value: Known::price(line),
        withdrawal,
        reason: (!reason.is_empty()).then(|| reason.to_owned()),
        exception: good.exception,
        whole_order,
        no_comfort: false,
    };
    rules.policy.offer(&question)
}

/// Answers what of an order may be returned.
///
/// # Errors
/// [`Fault::Reject`] `RET0001`.
pub async fn eligible(
    shell: &Shell<Returns>,
    who: &Who,
    request: EligibleRequest,
) -> Result<EligibleResponse, Fault> {
    let EligibleRequest { order, withdrawal, reason } = request;
    let order = orders::find(shell, who.tenant, order).await?;
    {
        // Another tenant's order is nobody's, whatever orders would say.
        let mut cx = shell.begin(who.tenant).await?;
        let here = crate::store::sales::find(cx.db(), who.tenant.to_uuid(), order).await?;
        cx.rollback().await;
        here.ok_or_else(|| fault(NO_ORDER))?;
    }
    let bought = orders::bought(shell, who.tenant, order).await?;
    let mut cx = shell.begin(who.tenant).await?;
    let now = cx.now();
    let known = orders::known(&mut cx, who.tenant, order, bought, false).await?;
    let state = cx.state();
    let rules = open::rules(cx.db(), &state, who.tenant.to_uuid()).await?;
    let wanted = Wanted { order: Some(order), ..Wanted::default() };
    let earlier = list::page(cx.db(), who.tenant.to_uuid(), &wanted, RETURNS_MAX).await?;
    cx.rollback().await;
    let shown = |(number, line)| show(&known, &rules, number, line, (withdrawal, &reason), now);
    let country = known.sale.country.parse();
    let legal = country.ok().and_then(|country| rules.policy.legal_days.get(&country).copied());
    let until = known.delivered.zip(legal).map(|(at, days)| legal::withdraw_until(at, days, 0));
    let withdrawal_open = known.lines().any(|(number, line)| {
        known.open(number, line) > 0
            && offer(&known, &rules, line, (true, "", false), now)
                .is_ok_and(|offer| offer.basis == legal::Basis::Withdrawal)
    });
    Ok(EligibleResponse {
        order_id: open::order_text(order),
        lines: known.lines().map(shown).collect(),
        reasons: reason::all().keys().filter(|code| *code != "WD").cloned().collect(),
        withdrawal_open,
        withdraw_until: until.map(timestamp),
        country: known.sale.country.clone(),
        currency: known.currency.to_string(),
        return_account_id: rules.settings.return_account.clone(),
        return_ids: earlier
            .iter()
            .map(|row| ReturnId::from_uuid(row.return_id).to_string())
            .collect(),
    })
}

fn show(
    known: &Known,
    rules: &Rules,
    number: u16,
    line: &colibri_events::orders::v1::Line,
    (withdrawal, reason): (bool, &str),
    now: OffsetDateTime,
) -> EligibleLine {
    let returnable = known.open(number, line);
    let found = offer(known, rules, line, (withdrawal, reason, false), now);
    let money = |amount_minor| Money { amount_minor, currency: known.currency.to_string() };
    let mut shown = EligibleLine {
        line: u32::from(number),
        sku: line.sku.clone(),
        name: line.name.clone(),
        bought: line.quantity,
        returnable,
        unit_price: Some(money(Known::price(line))),
        ..EligibleLine::default()
    };
    match found {
        Err(why) => {
            shown.not_offered = why.to_string();
            shown.returnable = 0;
        }
        Ok(_) if returnable == 0 => "already_returned".clone_into(&mut shown.not_offered),
        Ok(offer) => {
            shown.ask_until = Some(timestamp(offer.ask_until));
            let outcomes = offer.outcomes.iter().filter(|outcome| **outcome != Outcome::Nothing);
            shown.outcomes = outcomes.map(|outcome| words::outcome(*outcome).into()).collect();
            shown.keep = offer.keep;
            shown.fee = (offer.fee > 0).then(|| money(offer.fee));
            shown.buyer_pays_return = offer.return_cost == Some(ReturnCost::Buyer);
            shown.proof = word_of_proof(&offer);
            shown.questions = offer.questions;
            shown.waits_for_operator = offer.validate_first;
        }
    }
    shown
}

fn word_of_proof(offer: &Offer) -> String {
    use colibri_returns_rules::reason::Proof;
    let text = match offer.proof {
        Proof::None => "none",
        Proof::PhotoOptional => "photo_optional",
        Proof::PhotoOrWeight => "photo_or_weight",
        Proof::Symptoms => "symptoms",
        Proof::PhotosInTime => "photos_in_time",
        Proof::Promise => "promise",
        Proof::Scans => "scans",
        Proof::Lot => "lot",
        Proof::Receipt => "receipt",
        Proof::ChannelRecord => "channel_record",
    };
    text.to_owned()
}
