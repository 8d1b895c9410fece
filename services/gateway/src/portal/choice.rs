//! What a visitor has chosen so far: read from forms, never believed before the service has agreed.

use colibri_events::{
    returns::v1::{
        Answer, EligibleLine, EligibleResponse, Outcome, RequestLine, RequestParcel,
        RequestRequest, WayBack,
    },
    types::v1::ServicePoint,
};

use super::{form::Form, point::of, session::Who};

/// Reasons a buyer may tell; the others come from tracking, marketplaces or suppliers.
pub(crate) const REASONS: &[&str] = &[
    "size_small",
    "size_large",
    "fit",
    "changed_mind",
    "ordered_twice",
    "better_price",
    "arrived_for_trial",
    "not_as_described",
    "colour_differs",
    "quality",
    "wrong_item",
    "wrong_quantity",
    "missing_part",
    "defective_on_arrival",
    "stopped_working",
    "damaged_in_transit",
    "box_damaged_item_ok",
    "arrived_late",
    "arrived_after_event",
];

/// The question of who chose an exchange: what they would like instead. Told like an answer, and
/// sealed with the others.
pub(crate) const WISH: &str = "exchange_for";

/// Which way in: the law keeps the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// From the contract: nobody asks why.
    Withdraw,
    /// A return or an exchange.
    Return,
}

impl Door {
    /// In addresses and forms.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Withdraw => "withdraw",
            Self::Return => "return",
        }
    }

    /// From a form; a return unless it says otherwise.
    pub(crate) fn of(form: &Form) -> Self {
        if form.text("door") == Self::Withdraw.code() { Self::Withdraw } else { Self::Return }
    }
}

/// How the goods come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A label to print.
    Label,
    /// A code that a counter scans.
    Code,
    /// By the buyer's own means.
    Own,
}

impl Way {
    /// In forms.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Code => "code",
            Self::Own => "own",
        }
    }

    fn of(code: &str) -> Option<Self> {
        [Self::Label, Self::Code, Self::Own].into_iter().find(|way| way.code() == code)
    }

    const fn wire(self) -> WayBack {
        match self {
            Self::Label => WayBack::Label,
            Self::Code => WayBack::Code,
            Self::Own => WayBack::Own,
        }
    }
}

/// Whether photos belong to a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// They are not asked for.
    None,
    /// They help.
    Optional,
    /// Without them it is not taken.
    Needed,
}

impl Proof {
    /// What the service asks for.
    pub(crate) fn of(line: &EligibleLine) -> Self {
        match line.proof.as_str() {
            "photos_in_time" => Self::Needed,
            "photo_optional" | "photo_or_weight" | "symptoms" => Self::Optional,
            _ => Self::None,
        }
    }
}

/// In forms and tables of words.
pub(crate) const fn outcome_code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Unspecified | Outcome::Refund => "refund",
        Outcome::Credit => "credit",
        Outcome::Exchange => "exchange",
    }
}

/// A line as it was picked, before anything is known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picked {
    /// From 1.
    pub(crate) line: u32,
    /// More than none.
    pub(crate) units: u32,
    /// Empty: not told.
    pub(crate) reason: String,
}

/// Lines of which some units were picked, with reasons we know.
pub(crate) fn picked(form: &Form) -> Vec<Picked> {
    let lines = form.lines("units").into_iter().take(100);
    let all = lines.filter_map(|line| {
        let units = form.number(&format!("units-{line}"))?;
        let told = form.text(&format!("reason-{line}"));
        let reason = REASONS.iter().find(|known| **known == told).copied().unwrap_or_default();
        Some(Picked { line, units, reason: reason.to_owned() })
    });
    all.filter(|picked| picked.units > 0).collect()
}

/// A picked line with what the service offers for it.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    /// On the terms of its reason.
    pub(crate) line: EligibleLine,
    pub(crate) units: u32,
    pub(crate) reason: String,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) keep: bool,
    /// Question and answer.
    pub(crate) answers: Vec<(String, String)>,
    /// Ids of photos that were taken in.
    pub(crate) photos: Vec<String>,
}

impl Chosen {
    /// The answer to a question, or nothing.
    pub(crate) fn answer(&self, question: &str) -> &str {
        let found = self.answers.iter().find(|(known, _)| known == question);
        found.map(|(_, text)| text.as_str()).unwrap_or_default()
    }
}

/// Most parcels of one return, as returns takes them.
const PARCELS_MAX: u32 = 10;

/// Everything chosen.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) door: Door,
    /// The order on no reason's terms.
    pub(crate) known: EligibleResponse,
    pub(crate) chosen: Vec<Chosen>,
    pub(crate) way: Option<Way>,
    /// Each gets a label of its own; `None`: something that is no number of parcels.
    pub(crate) parcels: Option<u32>,
    pub(crate) note: String,
    /// Where it is to be dropped off; `None`: not told.
    pub(crate) point: Option<ServicePoint>,
}

impl Choice {
    /// Reads what is told about chosen lines.
    pub(crate) fn read(&mut self, form: &Form) {
        for one in &mut self.chosen {
            let number = one.line.line;
            let offered: Vec<Outcome> = one.line.outcomes().collect();
            let told = form.text(&format!("outcome-{number}"));
            one.outcome = match (self.door, offered.as_slice()) {
                // Credit is a choice of a commercial return, never of a withdrawal.
                (Door::Withdraw, _) | (Door::Return, []) => Some(Outcome::Refund),
                (Door::Return, [only]) => Some(*only),
                (Door::Return, many) => {
                    many.iter().copied().find(|outcome| outcome_code(*outcome) == told)
                }
            };
            one.keep = one.line.keep && !form.text(&format!("keep-{number}")).is_empty();
            let answer = |question: &String| {
                let text = form.text(&format!("answer-{number}-{question}"));
                (!text.is_empty()).then(|| (question.clone(), text.to_owned()))
            };
            one.answers = one.line.questions.iter().filter_map(answer).collect();
            // What was typed stays typed when something else is to be put right.
            if offered.contains(&Outcome::Exchange)
                && matches!(one.outcome, None | Some(Outcome::Exchange))
            {
                one.answers.extend(answer(&WISH.to_owned()));
            }
            let field = format!("photo-{number}");
            let known = form.all(&field).filter(|id| id.starts_with("doc_") && id.len() < 40);
            one.photos = known.take(20).map(str::to_owned).collect();
        }
        self.way = Way::of(form.text("way"));
        let told = match form.text("parcels") {
            "" => Some(1),
            text => text.parse().ok(),
        };
        let most = self.parcels_max();
        self.parcels = told.filter(|told| (1..=most).contains(told));
        form.text("note").clone_into(&mut self.note);
        let labelled = matches!(self.way, Some(Way::Label | Way::Code));
        self.point = of(form).filter(|_| labelled);
    }

    /// Most parcels that make sense: one for each unit that travels.
    pub(crate) fn parcels_max(&self) -> u32 {
        let sent = self.chosen.iter().filter(|one| !one.keep).map(|one| one.units);
        sent.fold(0, u32::saturating_add).clamp(1, PARCELS_MAX)
    }

    /// How many labels are asked for; none where the buyer sends by their own means.
    pub(crate) fn labels(&self) -> u32 {
        if self.way == Some(Way::Own) { 0 } else { self.parcels.unwrap_or(1) }
    }

    /// Whether anything has to travel.
    pub(crate) fn travels(&self) -> bool {
        self.chosen.iter().any(|one| !one.keep)
    }
}

/// What a confirmed form asks of the service, as it was carried: the same form is the same request,
/// also once its items are no longer to be had.
pub(crate) fn request(form: &Form, who: &Who, request_id: &str) -> RequestRequest {
    let door = Door::of(form);
    let line = |one: Picked| {
        let number = one.line;
        let told = form.text(&format!("outcome-{number}"));
        let known = [Outcome::Credit, Outcome::Exchange];
        let outcome = known.into_iter().find(|outcome| outcome_code(*outcome) == told);
        let prefix = format!("answer-{number}-");
        let answers = form.after(&prefix);
        RequestLine {
            line: number,
            units: one.units,
            reason: if door == Door::Withdraw { String::new() } else { one.reason },
            outcome: outcome.unwrap_or(Outcome::Refund).into(),
            photo_ids: form.all(&format!("photo-{number}")).map(str::to_owned).collect(),
            answers: answers
                .map(|(question, text)| Answer { question: question.into(), text: text.into() })
                .collect(),
            keep: !form.text(&format!("keep-{number}")).is_empty(),
        }
    };
    let way = Way::of(form.text("way"));
    let parcels = form.number("parcels").filter(|_| way != Some(Way::Own)).unwrap_or(1);
    let parcels = match parcels.min(PARCELS_MAX) {
        0 | 1 => Vec::new(),
        // The service spreads the units: a buyer is not asked for a packing list.
        more => (0..more).map(|_| RequestParcel::default()).collect(),
    };
    RequestRequest {
        request_id: request_id.to_owned(),
        order: who.order(),
        withdrawal: door == Door::Withdraw,
        lines: picked(form).into_iter().map(line).collect(),
        way_back: way.map_or(WayBack::Unspecified, Way::wire).into(),
        parcels,
        note: form.text("note").to_owned(),
        drop_off: of(form).filter(|_| way.is_some_and(|way| way != Way::Own)),
        buyer: true,
    }
}
