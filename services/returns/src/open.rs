//! A return in a transaction: loaded under the lock of its order, changed by the rules, written
//! back with everything that follows.

mod intend;

use std::{collections::BTreeMap, sync::Arc};

use colibri_kit::{crash_point, fault::Fault, service::Cx};
use colibri_returns_rules::{
    Refusal,
    case::{Action, Actor, Case, Change, Command, Scope, apply, decide},
    fraud::{self, Signal, Step},
    goods::Place,
    money::Bucket,
};
use colibri_types::{OrderId, ReturnId, TenantId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    Returns,
    domain::{
        about::Grades,
        follow::{self, View},
        words,
    },
    error::{UNKNOWN, fault, refused},
    events::Teller,
    policies::Rules,
    store::{
        cases::{self, Row, Summary},
        labels, rest,
        sales::{self, Sale},
    },
};

/// How long before the legal date somebody is told, and how often a date is looked at again.
const LOOK_AGAIN: Duration = Duration::days(1);

/// An open return.
pub struct Open {
    /// Its row.
    pub row: Row,
    /// The order.
    pub sale: Sale,
    /// The fold of its changes.
    pub case: Case,
    /// The tenant's rules.
    pub rules: Arc<Rules>,
    /// A refund that the payment side refused is ordered again.
    pub again: bool,
    /// The sentence that names who acts.
    pub actor: String,
    before: Case,
    changes: Vec<Change>,
    by_person: bool,
    grades: Grades,
    signals: Vec<Signal>,
}

/// Folds a return.
///
/// # Errors
/// [`Fault::Bug`] when a stored change does not fit: nothing of the return is touched then.
pub fn fold(row: &Row, changes: &[Change]) -> Result<Case, Fault> {
    let mut case = Case::new(row.terms.0.clone(), Some(row.facts.0.clone()));
    for change in changes {
        apply(&mut case, change).map_err(|broken| {
            let id = ReturnId::from_uuid(row.return_id);
            Fault::bug(format!("{id} does not fold: {broken}"))
        })?;
    }
    Ok(case)
}

/// Locks and loads a return of a tenant.
///
/// # Errors
/// [`Fault::Reject`] `RET0008`.
pub async fn lock(cx: &mut Cx<Returns>, tenant: TenantId, id: ReturnId) -> Result<Open, Fault> {
    let state = cx.state();
    lock_on(cx.db(), &state, tenant, id).await
}

/// As [`lock`], on a transaction of a worker that has no context yet.
///
/// # Errors
/// As [`lock`].
pub async fn lock_on(
    db: &mut PgConnection,
    state: &Returns,
    tenant: TenantId,
    id: ReturnId,
) -> Result<Open, Fault> {
    let (tenant_id, id) = (tenant.to_uuid(), id.to_uuid());
    let order = cases::order_of(db, tenant_id, id).await?.ok_or_else(|| fault(UNKNOWN))?;
    let sale = sales::lock(db, tenant_id, order).await?;
    let sale = sale.ok_or_else(|| Fault::bug("a return without its order"))?;
    // Read after the lock: what stands now is what the one before has left.
    let row = cases::find(db, tenant_id, id).await?.ok_or_else(|| fault(UNKNOWN))?;
    let changes = cases::changes(db, tenant_id, id).await?;
    let case = fold(&row, &changes)?;
    Open::new(db, state, row, sale, case).await
}

/// The tenant's rules.
///
/// # Errors
/// [`Fault`] of the database; `Bug` when stored rules cannot be read any more.
pub async fn rules(
    db: &mut PgConnection,
    state: &Returns,
    tenant: Uuid,
) -> Result<Arc<Rules>, Fault> {
    match rest::policy(db, tenant).await? {
        None => Ok(state.default_rules.clone()),
        Some((version, toml)) => state.rules_of(tenant, version, &toml),
    }
}

impl Open {
    /// A return that is loaded, or new.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn new(
        db: &mut PgConnection,
        state: &Returns,
        row: Row,
        sale: Sale,
        mut case: Case,
    ) -> Result<Self, Fault> {
        let (tenant, id) = (row.tenant_id, row.return_id);
        let others = cases::others(db, tenant, row.order_id, Some(id)).await?;
        case.learn_others(&others.standing, others.granted);
        let rules = rules(db, state, tenant).await?;
        let signals = rest::signals(db, tenant, &[id]).await?;
        let about = &row.about.0;
        let of = |category: &String| Some((category.clone(), rules.grades(category)?));
        let grades = about.lines.values().filter_map(|line| of(&line.category)).collect();
        Ok(Self {
            row,
            sale,
            before: case.clone(),
            case,
            rules,
            again: false,
            actor: "policy".to_owned(),
            changes: Vec::new(),
            by_person: false,
            grades,
            signals: signals.iter().map(rest::SignalRow::signal).collect(),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ReturnId {
        ReturnId::from_uuid(self.row.return_id)
    }

    /// Takes a command; the same key with the same action again changes nothing.
    ///
    /// # Errors
    /// [`Refusal`]; nothing changed.
    pub fn act(
        &mut self,
        key: u128,
        at: OffsetDateTime,
        by: Actor,
        action: Action,
    ) -> Result<(), Refusal> {
        let changes = decide(&self.case, &Command { key, at, by, action })?;
        self.take(by, changes)
    }

    /// Takes changes that were decided on this state.
    ///
    /// # Errors
    /// [`Refusal::Inconsistent`] when they were not.
    pub fn take(&mut self, by: Actor, changes: Vec<Change>) -> Result<(), Refusal> {
        for change in &changes {
            apply(&mut self.case, change).map_err(|_| Refusal::Inconsistent)?;
        }
        self.by_person |= matches!(by, Actor::Person(_));
        self.changes.extend(changes);
        Ok(())
    }

    /// As [`Open::act`], with a refusal as the caller's fault at this path.
    ///
    /// # Errors
    /// [`Fault::Reject`] `RET0006`, `RET0007`.
    pub fn must(
        &mut self,
        key: u128,
        at: OffsetDateTime,
        by: Actor,
        action: Action,
        path: &str,
    ) -> Result<(), Fault> {
        self.act(key, at, by, action).map_err(|refusal| refused(refusal, path))
    }

    /// Raises a signal: a person looks, and comfort waits. Never a refusal.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn signal(&mut self, cx: &mut Cx<Returns>, signal: Signal) -> Result<(), Fault> {
        let new = rest::raise(cx.db(), self.row.tenant_id, self.row.return_id, &signal).await?;
        if new {
            Teller::new(&self.row, cx.now(), self.sale.site_id).signal(cx, &signal);
            self.signals.push(signal);
        }
        Ok(())
    }

    /// Forgets a signal that a person has explained.
    pub fn explained(&mut self, code: &str, explained: bool) {
        for signal in self.signals.iter_mut().filter(|signal| signal.code == code) {
            signal.explained = explained;
        }
    }

    /// Whether a person has agreed, or nobody has to.
    #[must_use]
    pub fn agreed(&self, all: &[Change]) -> bool {
        let agreed = all.iter().chain(&self.changes).any(|change| *change == Change::Agreed);
        !self.case.terms().validate_first || agreed
    }

    async fn step(&self, db: &mut PgConnection, now: OffsetDateTime) -> Result<Step, Fault> {
        if self.signals.is_empty() {
            return Ok(Step::None);
        }
        let records = rest::records(db, self.row.tenant_id).await?;
        Ok(fraud::step(&self.signals, &records, now).0)
    }

    /// Decides what follows, writes everything down and tells it. The transaction is still open.
    ///
    /// # Errors
    /// [`Fault`] of the database; `Bug` when the rules contradict themselves.
    pub async fn finish(mut self, cx: &mut Cx<Returns>) -> Result<(), Fault> {
        let now = cx.now();
        let step = self.step(cx.db(), now).await?;
        let salt = format!("{}:{}:{}", self.row.return_id, self.row.version, self.changes.len());
        let view =
            View { about: &self.row.about.0, grades: &self.grades, step, now, again: self.again };
        let followed = follow::follow(&mut self.case, &view, &salt);
        self.changes.extend(followed.map_err(|refusal| Fault::bug(refusal.to_string()))?);
        let mut attention: Vec<String> =
            follow::attention(&self.case, &view).into_iter().map(str::to_owned).collect();
        let earlier = if self.case.terms().validate_first {
            cases::changes(cx.db(), self.row.tenant_id, self.row.return_id).await?
        } else {
            Vec::new()
        };
        let agreed = self.agreed(&earlier);
        let tenant = self.row.tenant_id;
        let labels = labels::of(cx.db(), tenant, &[self.row.return_id]).await?;
        let open = !self.case.is_closed() && self.row.decision.is_none();
        if open && !agreed {
            attention.push("WAITS_FOR_AGREEMENT".to_owned());
        }
        if open && labels.iter().any(|label| label.refused.is_some()) {
            attention.push("LABEL_REFUSED".to_owned());
        }
        let summary = self.summary(agreed, attention, now);
        cases::save(cx.db(), &self.row, &self.changes, &self.actor, &summary, now).await?;
        self.intend(cx, agreed && open, &labels).await?;
        let teller = Teller::new(&self.row, now, self.sale.site_id);
        teller.tell(cx, &self.before, &self.case, &self.changes, self.by_person);
        crash_point!("returns.written");
        Ok(())
    }

    /// Writes changes down that have no consequence: the mark before a call.
    ///
    /// # Errors
    /// [`Fault`] of the database.
    pub async fn append(self, db: &mut PgConnection, now: OffsetDateTime) -> Result<(), Fault> {
        cases::append(db, &self.row, &self.changes, &self.actor, now).await
    }

    fn summary(&self, agreed: bool, attention: Vec<String>, now: OffsetDateTime) -> Summary {
        let state = match (&self.row.decision, self.case.is_closed(), agreed) {
            (Some(_), ..) => "rejected",
            (None, true, _) => "closed",
            (None, false, false) => "waiting",
            (None, false, true) => "open",
        };
        let lines = self.case.lines().iter();
        let standing: BTreeMap<_, _> =
            lines.map(|(number, line)| (*number, line.custody().standing())).collect();
        let delivery = self.case.ledger(Scope::Delivery);
        let funds = delivery.map_or(0, |ledger| {
            if ledger.allocated() > 0 {
                ledger.value_of(1) - ledger.total(Bucket::Denied)
            } else {
                0
            }
        });
        let due_by = self.case.refund_clock(now).and_then(|clock| clock.due_by);
        let next_look_at = if self.case.is_closed() { None } else { self.next_look(due_by, now) };
        Summary {
            state,
            standing,
            granted: self.case.granted(),
            delivery: funds,
            exposure: self.case.exposure(),
            attention,
            due_by,
            next_look_at,
        }
    }

    /// The next moment at which time alone may change something.
    fn next_look(
        &self,
        due_by: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        let due = due_by.map(|due| match self.row.told.as_str() {
            "" => due - colibri_returns_rules::legal::ALERT_BEFORE,
            "near" => due + Duration::seconds(1),
            _ => now + LOOK_AGAIN,
        });
        let waits =
            |line: &colibri_returns_rules::case::Line| line.custody().at(Place::AtBuyer) > 0;
        let at_buyer = self.case.lines().values().any(waits);
        let expires = at_buyer
            .then(|| (self.case.terms().expires_at + Duration::seconds(1)).max(now + LOOK_AGAIN));
        let expires = match expires {
            Some(_) if now < self.case.terms().expires_at => {
                Some(self.case.terms().expires_at + Duration::seconds(1))
            }
            other => other,
        };
        due.into_iter().chain(expires).min()
    }
}

/// Key of a caller's command: a request id names it, else it is new each time.
#[must_use]
pub fn command_key(route: &str, request_id: &str, part: usize) -> u128 {
    if request_id.is_empty() {
        Uuid::now_v7().as_u128()
    } else {
        words::key(&[route, request_id, &part.to_string()])
    }
}

/// The id of an order as text.
#[must_use]
pub fn order_text(order: Uuid) -> String {
    OrderId::from_uuid(order).to_string()
}
