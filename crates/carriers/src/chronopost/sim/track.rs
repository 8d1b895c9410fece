//! What the simulated tracking service tells, and cancelling, which belongs to it.

use time::{Duration, OffsetDateTime};

use super::{CANCELLED_FROM, ChronopostSim, KNOWN_AFTER, Piece, Town, let_in, soap, text};
use crate::{
    sim::{
        LedgerEntry, clock,
        journey::{self, Happening, Milestone, Site},
        luck,
    },
    wire::xml::{Element, Writer},
};

/// Most parcels in one answer about a reference.
const BY_REFERENCE_MAX: usize = 10;

impl ChronopostSim {
    pub(super) fn track(&self, body: &Element, now: OffsetDateTime) -> String {
        let number = text(body, "skybillNumber");
        let piece = self.by_number.get(number).and_then(|at| self.pieces.get(*at));
        let told = piece.map(|piece| journey::told(&piece.story, now)).unwrap_or_default();
        let mut w = Writer::default();
        let Some(piece) = piece.filter(|_| !told.is_empty()) else {
            // Nothing yet, in both of the ways seen.
            let code = if luck::chance(self.options.seed, number, 50) < 0.5 { "0" } else { "1" };
            w.leaf("errorCode", code);
            return w.finish();
        };
        w.leaf("errorCode", "0");
        w.nest("listEventInfoComp", |w| {
            events(w, self.options.seed, piece, &told);
            w.leaf("skybillNumber", &piece.number);
        });
        w.finish()
    }

    /// Parcels of an account with that reference, once their data have been run.
    pub(super) fn by_reference(&self, body: &Element, now: OffsetDateTime) -> String {
        let account = text(body, "accountNumber");
        if !let_in(account, text(body, "password")) {
            return soap::error("errorCode", 3, "Invalid account or password");
        }
        let reference = text(body, "sendersRef");
        let mut w = Writer::default();
        w.leaf("errorCode", "0");
        let found = self.pieces.iter().filter(|piece| {
            piece.account == account && piece.reference == reference && known(piece, now)
        });
        for piece in found.take(BY_REFERENCE_MAX) {
            let told = journey::told(&piece.story, now);
            w.nest("listParcel", |w| {
                events(w, self.options.seed, piece, &told);
                w.leaf("skybillNumber", &piece.number);
            });
        }
        w.finish()
    }

    /// Parcels of an account and some days.
    pub(super) fn search(&self, body: &Element, now: OffsetDateTime) -> String {
        let account = text(body, "accountNumber");
        if !let_in(account, text(body, "password")) {
            return soap::error("errorCode", 3, "Invalid account or password");
        }
        let dates = (sortable(text(body, "dateDeposit")), sortable(text(body, "dateEndDeposit")));
        let (Some(from), Some(to)) = dates else {
            return soap::error("errorCode", 2, "Invalid date");
        };
        let reference = body.get("sendersRef");
        let mut w = Writer::default();
        w.leaf("errorCode", "0");
        for piece in self.pieces.iter().filter(|piece| piece.account == account) {
            let day = clock::local(piece.bought, "FR").date().to_string();
            let asked = reference.is_none_or(|reference| reference == piece.reference);
            if !asked || !known(piece, now) || day < from || day > to {
                continue;
            }
            w.nest("listInfosPOD", |w| {
                w.leaf("dateDeposit", &stamp(piece.bought));
                w.leaf("recipientCity", &piece.to.name);
                w.leaf("recipientName", &piece.recipient);
                w.some("recipientRef", &piece.recipient_ref);
                w.leaf("shipperRef", &piece.reference);
                w.leaf("skybillNumber", &piece.number);
            });
        }
        w.finish()
    }

    /// All of the numbers, or none.
    pub(super) fn cancel(&mut self, body: &Element, now: OffsetDateTime) -> String {
        let answer = |code: i64, words: &str| {
            let mut w = Writer::default();
            w.leaf("errorCode", "0").leaf("errorMessage", words);
            w.leaf("statusCode", &code.to_string());
            w.finish()
        };
        let account = text(body, "accountNumber");
        if !let_in(account, text(body, "password")) {
            return answer(3, "Invalid account or password");
        }
        let numbers: Vec<&str> = text(body, "skybillNumber").split(',').collect();
        let mut found = Vec::new();
        for number in numbers {
            let at = self.by_number.get(number).copied();
            let piece = at.and_then(|at| Some((at, self.pieces.get(at)?)));
            let ours = piece.filter(|(_, piece)| {
                piece.account == account && now - piece.bought >= CANCELLED_FROM && !piece.voided
            });
            let Some((at, piece)) = ours else {
                return answer(2, "The parcel is not one of this account");
            };
            let told = journey::told(&piece.story, now);
            if told.iter().any(|happening| happening.milestone != Milestone::Announced) {
                return answer(3, "The parcel has been taken in charge");
            }
            found.push(at);
        }
        for at in found {
            let Some(piece) = self.pieces.get_mut(at) else { continue };
            piece.voided = true;
            piece.story.retain(|happening| happening.at <= now);
            piece.story.push(journey::voided(now));
            self.ledger.push(LedgerEntry {
                kind: "void",
                reference: piece.reference.clone(),
                tracking_number: piece.number.clone(),
                at: now,
            });
        }
        answer(0, "")
    }
}

fn known(piece: &Piece, now: OffsetDateTime) -> bool {
    now - piece.bought >= KNOWN_AFTER
}

/// `20/11/2026` as `2026-11-20`.
fn sortable(text: &str) -> Option<String> {
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    (day.len() == 2 && month.len() == 2 && year.len() == 4).then(|| format!("{year}-{month}-{day}"))
}

/// Events oldest first, exactly one of them marked as the one that tells the state.
fn events(w: &mut Writer, seed: u64, piece: &Piece, told: &[Happening]) {
    let states = told.iter().filter(|happening| happening.milestone != Milestone::Unheard);
    let marked = states.max_by_key(|happening| happening.at).map(|happening| happening.at);
    let mut unmarked = true;
    for (index, happening) in told.iter().enumerate() {
        let moves = happening.milestone != Milestone::Unheard;
        let marks = unmarked && moves && Some(happening.at) == marked;
        unmarked &= !marks;
        let variant = luck::chance(seed, &piece.number, 60) < 0.5;
        let (code, label) = words(happening.milestone, piece.to_point, variant);
        let town = match happening.site {
            Site::Origin => &piece.from,
            Site::Border | Site::Destination => &piece.to,
        };
        w.nest("events", |w| {
            w.leaf("code", code).leaf("eventDate", &stamp(happening.at)).leaf("eventLabel", label);
            w.leaf("highPriority", if marks { "true" } else { "false" });
            place(w, town, happening.milestone, index);
            if matches!(happening.milestone, Milestone::Delivered | Milestone::CollectedAtPoint) {
                w.nest("infoCompList", |w| {
                    w.leaf("name", "Signataire").leaf("value", &piece.recipient);
                });
            }
        });
    }
}

fn place(w: &mut Writer, town: &Town, milestone: Milestone, index: usize) {
    if milestone == Milestone::Announced {
        w.leaf("NPC", "").leaf("officeLabel", "Internet").leaf("zipCode", "");
        return;
    }
    w.leaf("NPC", &format!("{}", 10_000 + index));
    w.leaf("officeLabel", &format!("{} CHRONOPOST", town.name.to_uppercase()));
    w.leaf("zipCode", &town.postcode);
}

/// The carrier's code, in words of our own. One code has two wordings.
fn words(milestone: Milestone, to_point: bool, variant: bool) -> (&'static str, &'static str) {
    match milestone {
        Milestone::Announced => ("DC", "Colis annoncé par son expéditeur"),
        Milestone::Collected => ("PC", "Colis emporté de chez l'expéditeur"),
        Milestone::Sorted => ("SC", "Colis trié au départ"),
        Milestone::Left => ("TS", "Colis en route"),
        Milestone::Late if variant => ("SD", "Colis trié à l'arrivée, report de 24h"),
        Milestone::Late => ("A2", "Remise reportée d'un jour"),
        Milestone::Weather => ("BW", "Intempéries : un retard est possible"),
        Milestone::Customs => ("DT", "Papiers remis pour la douane"),
        Milestone::CustomsHold => ("DO", "Colis retenu par la douane"),
        Milestone::Cleared => ("E", "Colis sorti de la douane"),
        Milestone::Landed => ("EI", "Colis arrivé dans le pays du destinataire"),
        Milestone::Arrived => ("SD", "Colis trié à l'arrivée"),
        Milestone::OnTheRound if to_point => ("RB", "Colis en tournée vers le relais"),
        Milestone::OnTheRound => ("TA", "Colis en tournée"),
        Milestone::Absent => ("P", "Personne pour recevoir le colis, avis laissé"),
        Milestone::BadAddress => ("SK", "Précisions demandées sur l'adresse"),
        Milestone::Refused => ("PR", "Colis refusé à la remise"),
        Milestone::AtPoint => ("AB", "Colis au point de retrait"),
        Milestone::Expired => ("FI", "Délai de retrait dépassé"),
        Milestone::Delivered => ("D", "Colis remis"),
        Milestone::CollectedAtPoint => ("RI", "Colis remis au point de retrait"),
        Milestone::Returning => ("R", "Colis rendu à l'expéditeur, en route"),
        Milestone::BackWithSender => ("D", "Colis remis à l'expéditeur"),
        Milestone::Lost => ("PT", "Colis introuvable, dossier ouvert"),
        Milestone::Voided => ("AN", "Étiquette annulée par l'expéditeur"),
        Milestone::Unheard => ("ZQ", "Information sur le colis"),
    }
}

/// `2026-11-20T18:02:00+01:00`, on French clocks.
fn stamp(at: OffsetDateTime) -> String {
    let at = clock::local(at, "FR");
    let at = at - Duration::nanoseconds(i64::from(at.nanosecond()));
    let (hours, minutes, _) = at.offset().as_hms();
    let (date, h, m, s) = (at.date(), at.hour(), at.minute(), at.second());
    format!("{date}T{h:02}:{m:02}:{s:02}+{hours:02}:{minutes:02}")
}
