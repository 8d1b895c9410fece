//! What happens to a simulated parcel, in the words of the tracking service: its codes, and
//! wordings of ours. The journey itself is the one that all simulated carriers share.

use time::{OffsetDateTime, Time};

use super::sim_rules::is_overseas;
use crate::sim::{
    SimOptions, clock,
    journey::{self, Happening, Lane, Milestone},
    luck,
};

/// One event as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub at: OffsetDateTime,
    pub code: &'static str,
    pub label: &'static str,
}

/// A parcel's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script(Vec<Happening>);

impl Script {
    /// What is told by then, in the order of telling turned oldest first, doubles included.
    pub(super) fn told(&self, now: OffsetDateTime) -> Vec<Told> {
        let told = journey::told(&self.0, now);
        told.iter().map(words).collect()
    }

    pub(super) fn is_over(&self, now: OffsetDateTime) -> bool {
        self.last_told_at().is_some_and(|end| end <= now)
    }

    pub(super) fn last_told_at(&self) -> Option<OffsetDateTime> {
        journey::ends(&self.0)
    }

    pub(super) fn ends_at(&self) -> Option<OffsetDateTime> {
        self.0.last().map(|happening| happening.at)
    }
}

fn words(happening: &Happening) -> Told {
    use Milestone as M;
    let (code, label) = match happening.milestone {
        M::Announced => ("DR1", "Votre colis est prêt, La Poste ne l'a pas encore."),
        M::Collected => ("PC1", "Votre colis est entre les mains de La Poste."),
        M::Sorted => ("ET1", "Votre colis poursuit son trajet."),
        M::Left => ("ET1", "Votre colis est en route vers un autre site."),
        M::Late => ("ET1", "Votre colis a du retard."),
        M::Weather => ("ET1", "Incident : votre colis est immobilisé dans un centre de tri."),
        M::Customs => ("DO1", "Votre colis est présenté à la douane."),
        M::CustomsHold => ("DO3", "La douane garde votre colis : il manque un document."),
        M::Cleared => ("DO2", "Votre colis est sorti de la douane."),
        M::Landed => ("ET3", "Votre colis est dans le pays de destination."),
        M::Arrived => ("ET1", "Votre colis est dans le site qui dessert votre adresse."),
        M::OnTheRound => ("MD2", "Votre colis va être livré aujourd'hui."),
        M::Absent => ("ND1", "Votre colis n'a pas été remis : vous étiez absent."),
        M::BadAddress => ("ND1", "Votre colis n'a pas été remis : adresse incomplète."),
        M::Refused => ("ND1", "Votre colis a été refusé à la livraison."),
        M::AtPoint => {
            ("AG1", "Votre colis vous attend au point choisi. Passé 14 jours, il sera renvoyé.")
        }
        M::Expired => ("AG1", "Le temps de garde de votre colis est écoulé."),
        M::Delivered => ("DI1", "Votre colis a été livré."),
        M::CollectedAtPoint => ("DI1", "Votre colis a été remis à son destinataire."),
        M::Returning => ("RE1", "Votre colis repart vers son expéditeur."),
        M::BackWithSender => ("DI2", "Votre colis a été rendu à son expéditeur."),
        M::Lost => ("PB1", "Nos recherches n'ont pas abouti : votre colis est perdu."),
        // Nothing is voided here.
        M::Voided | M::Unheard => ("ZZ9", "Information sur votre colis."),
    };
    Told { at: happening.at, code, label }
}

/// The life of a parcel sold now, from one country or territory to another.
pub(super) fn script(
    options: &SimOptions,
    number: &str,
    product: &str,
    (from, to): (&str, &str),
    now: OffsetDateTime,
) -> Script {
    let lane = Lane::between(from, to, product == "HD");
    let customs = lane.customs || is_overseas(from) || is_overseas(to);
    let lane = Lane { customs, ..lane };
    Script(journey::journey(options, number, lane, now, None))
}

/// A number from 0 to 1 that follows from seed, purpose and key.
pub(super) fn roll(seed: u64, what: &str, key: &str) -> f64 {
    luck::chance(seed, &format!("{what}/{key}"), 0)
}

/// The instant on French clocks.
pub(super) fn paris(at: OffsetDateTime) -> OffsetDateTime {
    clock::local(at, "FR")
}

/// `2026-11-20T18:02:00+01:00`, by French clocks.
pub(super) fn stamp(at: OffsetDateTime) -> String {
    let at = paris(at);
    let (hours, _, _) = at.offset().as_hms();
    let (date, time) = (at.date(), at.time());
    let (h, m, s) = (time.hour(), time.minute(), time.second());
    format!("{date}T{h:02}:{m:02}:{s:02}+{hours:02}:00")
}

/// The day of an instant as an estimate: its midnight, by French clocks.
pub(super) fn day_stamp(at: OffsetDateTime) -> String {
    stamp(paris(at).replace_time(Time::MIDNIGHT))
}
