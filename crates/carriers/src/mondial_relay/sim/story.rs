//! Tracking: the shared journey in French lines of our own wording, in a padded list.

use time::OffsetDateTime;

use super::{MondialRelaySim, Sold, soap::Fields};
use crate::{
    sim::{
        clock,
        journey::{self, Happening, Milestone as M, Site},
        luck::chance,
    },
    wire::xml::Writer,
};

/// Entries of a list, the rest of which is empty.
const LINES: usize = 10;

impl MondialRelaySim {
    pub(super) fn tracing(&self, out: &mut Writer, fields: &Fields<'_>, now: OffsetDateTime) {
        let number = fields.get("Expedition");
        if number.len() != 8 || !number.bytes().all(|b| b.is_ascii_digit()) {
            out.leaf("STAT", "24");
            return;
        }
        let sold = self.sold.get(number);
        let sold = sold.filter(|sold| sold.brand.trim() == fields.get("Enseigne"));
        let Some(sold) = sold else {
            out.leaf("STAT", "94");
            return;
        };
        let mut told = journey::told(&sold.story, now);
        let luck = |salt| chance(self.options.seed, number, salt);
        let (newest_first, short_years) = (luck(901) < 0.5, luck(902) < 0.5);
        let stat = stat(&told);
        if newest_first {
            told.reverse();
        }
        // The parcel went to another relay than asked for: the first was full.
        let relay = match luck(903) < 0.05 && !sold.point.is_empty() {
            true => format!("{}998", sold.point.get(..3).unwrap_or("000")),
            false => sold.point.clone(),
        };
        out.leaf("STAT", stat).leaf("Libelle01", coarse(stat));
        out.leaf("Relais_Libelle", "").leaf("Relais_Num", &relay).leaf("Libelle02", "");
        out.nest("Tracing", |out| {
            for happening in &told {
                line(out, sold, happening, &relay, short_years);
            }
            for _ in told.len()..LINES {
                out.nest("ret_WSI2_sub_TracingColisDetaille", |out| {
                    out.leaf("Libelle", "").leaf("Date", "").leaf("Heure", "");
                    out.leaf("Emplacement", "");
                });
            }
        });
    }
}

fn line(out: &mut Writer, sold: &Sold, happening: &Happening, relay: &str, short_years: bool) {
    let at = clock::local(happening.at, "FR");
    let year = if short_years { at.year() % 100 } else { at.year() };
    let (day, month) = (at.day(), u8::from(at.month()));
    let waits = matches!(happening.milestone, M::AtPoint | M::CollectedAtPoint | M::Expired);
    let town = match happening.site {
        Site::Origin => &sold.town.0,
        Site::Border | Site::Destination => &sold.town.1,
    };
    out.nest("ret_WSI2_sub_TracingColisDetaille", |out| {
        out.leaf("Libelle", wording(happening.milestone));
        out.leaf("Date", &format!("{day:02}/{month:02}/{year:02}"));
        out.leaf("Heure", &format!("{:02}:{:02}", at.hour(), at.minute()));
        out.leaf("Emplacement", town).leaf("Relais_Num", if waits { relay } else { "" });
        out.leaf("Relais_Pays", if waits { &sold.country } else { "" });
    });
}

/// 82 at the very end only, never while the parcel waits at a relay.
fn stat(told: &[Happening]) -> &'static str {
    let known = told.iter().filter(|happening| happening.milestone != M::Unheard);
    match known.max_by_key(|happening| happening.at).map(|happening| happening.milestone) {
        None | Some(M::Announced) => "80",
        Some(M::Delivered | M::CollectedAtPoint | M::BackWithSender) => "82",
        Some(M::Refused | M::Expired | M::BadAddress | M::Absent | M::Lost) => "83",
        Some(_) => "81",
    }
}

fn coarse(stat: &str) -> &'static str {
    match stat {
        "80" => "Colis enregistré",
        "82" => "Colis livré",
        "83" => "Anomalie sur le colis",
        _ => "Colis en traitement",
    }
}

const fn wording(milestone: M) -> &'static str {
    match milestone {
        M::Announced => "COLIS EN PREPARATION CHEZ L'EXPEDITEUR",
        M::Collected => "PRISE EN CHARGE EN AGENCE",
        M::Sorted => "COLIS EN TRAITEMENT SUR LE SITE LOGISTIQUE",
        M::Left => "COLIS EN COURS D'ACHEMINEMENT",
        M::Late => "LIVRAISON RETARDÉE",
        M::Weather => "LIVRAISON RETARDÉE PAR LES INTEMPÉRIES",
        M::Landed | M::Customs | M::CustomsHold | M::Cleared => {
            "COLIS ARRIVE DANS LE PAYS DE DESTINATION"
        }
        M::Arrived => "RECEPTION A L'AGENCE DE DESTINATION",
        M::OnTheRound => "COLIS EN COURS DE LIVRAISON",
        M::Absent => "DESTINATAIRE ABSENT",
        M::BadAddress => "ADRESSE INCOMPLÈTE",
        M::Refused => "COLIS REFUSE PAR LE DESTINATAIRE",
        M::AtPoint => "COLIS DISPONIBLE AU POINT RELAIS",
        M::Expired => "COLIS NON RECLAME",
        M::Delivered => "COLIS LIVRE AU DESTINATAIRE",
        M::CollectedAtPoint => "COLIS REMIS AU DESTINATAIRE",
        M::Returning => "RETOUR VERS L'EXPEDITEUR",
        M::BackWithSender => "COLIS RENDU A L'EXPEDITEUR",
        M::Lost => "ENQUETE TERMINEE: COLIS PERDU",
        M::Voided => "EXPEDITION ANNULEE",
        M::Unheard => "EVENEMENT INTERNE ZK",
    }
}
