//! Work that follows from what changed and calls out: refunds, labels to buy, labels to void. Each
//! is an intent of the same transaction.

use colibri_kit::{fault::Fault, intent::NewIntent, service::Cx};
use colibri_returns_rules::case::{Change, LabelState};

use super::Open;
use crate::{
    Returns,
    domain::{about::WayBack, words::line_of},
    events::refund_key,
    intents,
    store::{labels, rest},
};

impl Open {
    /// Work that calls out: refunds that were ordered, labels that may be bought.
    pub(super) async fn intend(
        &self,
        cx: &mut Cx<Returns>,
        agreed: bool,
        wanted: &[labels::Label],
    ) -> Result<(), Fault> {
        let (tenant, id) = (self.row.tenant_id, self.row.return_id);
        for change in &self.changes {
            let Change::Triggered { scope, number, .. } = *change else { continue };
            let key = refund_key(id, scope, number);
            let line = i32::try_from(line_of(scope)).unwrap_or_default();
            let known = i32::try_from(number).map_err(Fault::bug)?;
            rest::put_refund(cx.db(), tenant, &key, (id, line, known)).await?;
            cx.intend(NewIntent {
                tenant_id: tenant,
                kind: intents::REFUND,
                key: key.clone(),
                lane: "payment".to_owned(),
                dedupe: key.clone(),
                request: intents::refund::request(id, line_of(scope), number),
                not_before: None,
            });
        }
        self.intend_voids(cx, wanted);
        let buys = agreed && self.row.about.way_back != WayBack::Own && !self.case.is_closed();
        for label in wanted.iter().filter(|_| buys) {
            if label.shipment_id.is_some() || label.refused.is_some() {
                continue;
            }
            let key = format!("{}-{}", self.id(), label.number);
            cx.intend(NewIntent {
                tenant_id: tenant,
                kind: intents::LABEL,
                key: key.clone(),
                lane: "labels".to_owned(),
                dedupe: key,
                request: intents::label::request(id, label.number),
                not_before: None,
            });
        }
        Ok(())
    }

    /// Labels that exist and that nothing travels under are voided at the carrier.
    fn intend_voids(&self, cx: &mut Cx<Returns>, labels: &[labels::Label]) {
        for label in labels.iter().filter(|label| label.shipment_id.is_some()) {
            let number = u16::try_from(label.number).unwrap_or_default();
            let needed = self.case.label(number).is_some_and(|at| at != LabelState::Voided);
            if needed || label.voided_at.is_some() || label.void_refused.is_some() {
                continue;
            }
            let key = format!("{}-{}", self.id(), label.number);
            cx.intend(NewIntent {
                tenant_id: self.row.tenant_id,
                kind: intents::VOID,
                key: key.clone(),
                lane: "labels".to_owned(),
                dedupe: key,
                request: intents::void::request(self.row.return_id, label.number),
                not_before: None,
            });
        }
    }
}
