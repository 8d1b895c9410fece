//! What happens to a simulated parcel: a script per lane, on the shared clock.
//!
//! The codes are the carrier's, the wordings ours. Everything follows from seed and number.

use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset, Weekday};

use super::sim_rules::is_overseas;
use crate::sim::SimOptions;

/// One event: hours after the purchase, code, wording.
type Line = (i64, &'static str, &'static str);

const READY: Line = (0, "DR1", "Votre colis est prêt, La Poste ne l'a pas encore.");
const TAKEN: Line = (5, "PC1", "Votre colis est entre les mains de La Poste.");
const MOVING: Line = (11, "ET1", "Votre colis poursuit son trajet.");
const NEAR: Line = (22, "ET1", "Votre colis est dans le site qui dessert votre adresse.");
const ROUND: Line = (30, "MD2", "Votre colis va être livré aujourd'hui.");

const HOME: &[Line] = &[READY, TAKEN, MOVING, NEAR, ROUND, (35, "DI1", "Votre colis a été livré.")];
const POINT: &[Line] = &[
    READY,
    TAKEN,
    MOVING,
    NEAR,
    (31, "AG1", "Votre colis vous attend au point choisi. Passé 14 jours, il sera renvoyé."),
    (53, "DI1", "Votre colis a été remis à son destinataire."),
];
const ABSENT: &[Line] = &[
    READY,
    TAKEN,
    MOVING,
    NEAR,
    ROUND,
    (34, "ND1", "Votre colis n'a pas été remis : vous étiez absent."),
    (54, "MD2", "Votre colis est à nouveau en tournée."),
    (59, "DI1", "Votre colis a été livré."),
];
const COUNTER: &[Line] = &[
    READY,
    TAKEN,
    MOVING,
    NEAR,
    ROUND,
    (34, "ND1", "Votre colis n'a pas été remis : vous étiez absent."),
    (48, "AG1", "Votre colis est au bureau de poste. Passé 15 jours, il sera renvoyé."),
    (71, "DI1", "Votre colis a été remis à son destinataire."),
];
const REFUSED: &[Line] = &[
    READY,
    TAKEN,
    MOVING,
    NEAR,
    ROUND,
    (34, "ND1", "Votre colis a été refusé à la livraison."),
    (40, "RE1", "Votre colis repart vers son expéditeur."),
    (60, "ET1", "Votre colis poursuit son trajet."),
    (83, "DI2", "Votre colis a été rendu à son expéditeur."),
];
const INCIDENT: &[Line] = &[
    READY,
    TAKEN,
    MOVING,
    (18, "ET1", "Incident : votre colis est immobilisé dans un centre de tri."),
    (27, "PB2", "Incident résolu, votre colis repart."),
    (32, "MD2", "Votre colis va être livré aujourd'hui."),
    (36, "DI1", "Votre colis a été livré."),
];
const LATE: &[Line] = &[
    READY,
    TAKEN,
    MOVING,
    (24, "ET1", "Votre colis a du retard."),
    (54, "MD2", "Votre colis va être livré aujourd'hui."),
    (58, "DI1", "Votre colis a été livré."),
];
const LOST: &[Line] = &[
    READY,
    TAKEN,
    MOVING,
    (200, "PB1", "Nos recherches n'ont pas abouti : votre colis est perdu."),
];
const ABROAD: &[Line] = &[
    READY,
    TAKEN,
    (14, "ET2", "Votre colis va quitter la France."),
    (38, "ET3", "Votre colis est dans le pays de destination."),
    (62, "MD2", "Votre colis est en tournée."),
    (66, "DI1", "Votre colis a été livré."),
];
const CUSTOMS: &[Line] = &[
    READY,
    TAKEN,
    (14, "ET2", "Votre colis va quitter le pays."),
    (36, "DO1", "Votre colis est présenté à la douane."),
    (50, "DO2", "Votre colis est sorti de la douane."),
    (58, "ET3", "Votre colis est dans le pays de destination."),
    (80, "MD2", "Votre colis est en tournée."),
    (85, "DI1", "Votre colis a été livré."),
];
const HELD: &[Line] = &[
    READY,
    TAKEN,
    (14, "ET2", "Votre colis va quitter le pays."),
    (36, "DO1", "Votre colis est présenté à la douane."),
    (44, "DO3", "La douane garde votre colis : il manque un document."),
    (92, "DO2", "Votre colis est sorti de la douane."),
    (100, "ET3", "Votre colis est dans le pays de destination."),
    (122, "MD2", "Votre colis est en tournée."),
    (126, "DI1", "Votre colis a été livré."),
];

/// One event of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub at: OffsetDateTime,
    /// From when on the tracking service tells it.
    pub told_at: OffsetDateTime,
    pub code: &'static str,
    pub label: &'static str,
    /// Told twice.
    pub twice: bool,
}

/// A parcel's life, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script {
    pub events: Vec<Told>,
    /// The list is told in another order than it happened.
    pub shuffled: bool,
}

impl Script {
    pub(super) fn last_told_at(&self) -> Option<OffsetDateTime> {
        self.events.iter().map(|event| event.told_at).max()
    }

    pub(super) fn ends_at(&self) -> Option<OffsetDateTime> {
        self.events.last().map(|event| event.at)
    }
}

/// The life of a parcel sold now.
pub(super) fn script(
    options: &SimOptions,
    number: &str,
    product: &str,
    country: &str,
    now: OffsetDateTime,
) -> Script {
    let lost = roll(options.seed, "lost", number) < options.faults.lost_parcel;
    let lines = if lost { LOST } else { lane(options.seed, number, product, country) };
    let mut events = Vec::with_capacity(lines.len());
    for (at, (hours, code, label)) in lines.iter().enumerate() {
        let chance = |what: &str| roll(options.seed, what, &format!("{number}/{at}"));
        let faults = &options.faults;
        let happened = now + Duration::hours(*hours);
        // Five hours: longer than most steps of a script, so that late scans come out of order.
        let late = chance("late") < faults.late_scan;
        let told_at = happened + if late { Duration::hours(5) } else { Duration::ZERO };
        let twice = chance("twice") < faults.duplicate_scan;
        events.push(Told { at: happened, told_at, code, label, twice });
        if chance("unknown") < faults.unknown_code {
            let label = "Information sur votre colis.";
            events.push(Told { at: happened, told_at, code: "ZZ9", label, twice: false });
        }
    }
    let shuffled = roll(options.seed, "shuffled", number) < options.faults.out_of_order;
    Script { events, shuffled }
}

fn lane(seed: u64, number: &str, product: &str, country: &str) -> &'static [Line] {
    let chance = roll(seed, "lane", number);
    let customs = is_overseas(country) || !is_near(country);
    match product {
        "HD" => POINT,
        _ if customs && chance < 0.2 => HELD,
        _ if customs => CUSTOMS,
        _ if country != "FR" => ABROAD,
        _ if chance < 0.76 => HOME,
        _ if chance < 0.83 => ABSENT,
        _ if chance < 0.89 => COUNTER,
        _ if chance < 0.93 => REFUSED,
        _ if chance < 0.96 => INCIDENT,
        _ => LATE,
    }
}

fn is_near(country: &str) -> bool {
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"
        .split(' ')
        .any(|code| code == country)
}

/// A number from 0 to 1 that follows from seed, purpose and key.
pub(super) fn roll(seed: u64, what: &str, key: &str) -> f64 {
    // FNV-1a, then the finaliser of SplitMix64, which spreads close keys apart.
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    for byte in what.bytes().chain([0]).chain(key.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let bits = u32::try_from((hash ^ (hash >> 31)) >> 32).unwrap_or_default();
    f64::from(bits) / (f64::from(u32::MAX) + 1.0)
}

/// The instant on French clocks: summer time from the last Sunday of March to that of October,
/// both at 01:00 UTC.
pub(super) fn paris(at: OffsetDateTime) -> OffsetDateTime {
    let at = at.to_offset(UtcOffset::UTC);
    let change =
        |month: Month| last_sunday(at.year(), month).map(|day| day.midnight().assume_utc());
    let summer = match (change(Month::March), change(Month::October)) {
        (Some(from), Some(to)) => {
            let hour = Duration::hours(1);
            at >= from + hour && at < to + hour
        }
        _ => false,
    };
    let offset = UtcOffset::from_hms(if summer { 2 } else { 1 }, 0, 0).unwrap_or(UtcOffset::UTC);
    at.to_offset(offset)
}

fn last_sunday(year: i32, month: Month) -> Option<Date> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    let back = match last.weekday() {
        Weekday::Sunday => 0,
        day => i64::from(day.number_from_monday()),
    };
    last.checked_sub(Duration::days(back))
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

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn french_clocks_change_on_the_last_sundays() {
        for (utc, text) in [
            (datetime!(2026-03-29 00:59:59 UTC), "2026-03-29T01:59:59+01:00"),
            (datetime!(2026-03-29 01:00:00 UTC), "2026-03-29T03:00:00+02:00"),
            (datetime!(2026-10-25 00:59:59 UTC), "2026-10-25T02:59:59+02:00"),
            (datetime!(2026-10-25 01:00:00 UTC), "2026-10-25T02:00:00+01:00"),
        ] {
            assert_eq!(stamp(utc), text);
        }
    }
}
