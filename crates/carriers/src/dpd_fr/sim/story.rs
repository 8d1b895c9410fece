//! The parcels' journeys in the carrier's numbers.

use time::{Date, OffsetDateTime};

use super::Sold;
use crate::sim::{
    SimOptions,
    journey::{self, Happening, Lane, Milestone, Site},
    luck::chance,
};

/// The journey of a parcel handed over on `day`.
pub(super) fn of(
    options: &SimOptions,
    number: &str,
    country: &str,
    to_point: bool,
    bought: OffsetDateTime,
    day: Date,
) -> Vec<Happening> {
    let lane = Lane::between("FR", country, to_point).one_way();
    journey::journey(options, number, lane, bought, Some(day.midnight().assume_utc()))
}

/// When the last of it is told.
pub(super) fn ends(story: &[Happening]) -> Option<OffsetDateTime> {
    journey::ends(story)
}

/// Has somebody of the carrier held it?
pub(super) fn scanned(sold: &Sold, now: OffsetDateTime) -> bool {
    sold.story.iter().any(|step| step.milestone == Milestone::Collected && step.at <= now)
}

/// One line of the history.
pub(super) struct Line {
    pub at: OffsetDateTime,
    pub number: u32,
    pub words: &'static str,
    /// In whose centre.
    pub origin: bool,
}

/// What is told by now.
pub(super) struct Told {
    pub lines: Vec<Line>,
    pub retour: bool,
}

pub(super) fn told(options: &SimOptions, sold: &Sold, now: OffsetDateTime) -> Told {
    let draw = |salt| chance(options.seed, &sold.number, salt);
    let steps = journey::told(&sold.story, now);
    let turned = steps.iter().any(|step| step.milestone == Milestone::Returning);
    let retour = sold.retour || turned;
    // A terminated parcel is not picked up, and some announcements come with the first scan only.
    let announced_late = draw(7_001) < 0.15;
    let physical = |step: &&Happening| step.milestone != Milestone::Announced;
    let moving = steps.iter().any(|step| physical(&step));
    let kept = steps.iter().filter(|step| !(sold.terminated && physical(step)));
    let kept = kept.filter(|step| moving || !announced_late || physical(step));
    let mut lines: Vec<Line> = kept.filter_map(|step| line(step, retour, draw(7_002))).collect();
    // The order of the list is not promised.
    if draw(7_003) < 0.5 {
        lines.reverse();
    }
    Told { lines, retour }
}

/// A step in the nine known numbers; steps without one are not told.
fn line(step: &Happening, retour: bool, draw: f64) -> Option<Line> {
    let (number, words) = match step.milestone {
        Milestone::Announced => (8, "Annoncé par échange de données"),
        Milestone::Collected if retour && draw < 0.5 => (44, "Enlevé chez l'expéditeur"),
        Milestone::Collected => (28, "Pris en charge"),
        Milestone::Sorted | Milestone::Arrived => (10, "Entré en agence"),
        Milestone::Landed => (230, "Vu par un partenaire"),
        Milestone::Delivered | Milestone::BackWithSender if retour && draw > 0.7 => {
            (271, "Retour terminé")
        }
        Milestone::Delivered | Milestone::BackWithSender => (40, "Remis"),
        Milestone::CollectedAtPoint => (400, "Remis en relais"),
        Milestone::Unheard => (9_999, "Étape sans nom"),
        _ => return None,
    };
    Some(Line { at: step.at, number, words, origin: step.site == Site::Origin })
}
