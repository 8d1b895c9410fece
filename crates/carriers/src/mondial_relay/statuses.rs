//! What `STAT` and the French wordings of tracking mean here.
//!
//! `STAT` is documented and coarse. Finer states come only from wordings, which are not documented:
//! those below are inferred from public clients, matched as parts of the upper-cased wording
//! without accents, the first row that matches wins. A wording without a row is unknown: kept,
//! counted, never taken for movement.

use colibri_documents::text::{Charset, clean, transliterate};

use crate::{Headline as H, MappedStatus, StatusRow, SubStatus as S};

/// The four states of `STAT`.
const STAT: &str = "O: WSI2_TracingColisDetaille STAT, public clients";
/// As [`STAT`]; the state is our judgement.
const STAT_JUDGED: &str = "O, judged: WSI2_TracingColisDetaille STAT, public clients";
/// A wording.
const WORDING: &str = "I: WSI2_TracingColisDetaille Libelle, wording seen in public clients";
/// A wording that nobody has shown: plain French for what must have a name.
const GUESSED: &str = "R: WSI2_TracingColisDetaille Libelle, not seen";

/// Longest code made of a wording, in characters: it counts what is unknown and is no archive.
const CODE_MAX: usize = 60;

const fn at(code: &'static str, headline: H, source: &'static str) -> StatusRow {
    StatusRow { code, status: MappedStatus::State(headline, None), source }
}

const fn sub(code: &'static str, headline: H, sub: S, source: &'static str) -> StatusRow {
    StatusRow { code, status: MappedStatus::State(headline, Some(sub)), source }
}

const fn still(code: &'static str, source: &'static str) -> StatusRow {
    StatusRow { code, status: MappedStatus::NoChange, source }
}

/// Every row: `STAT` first, then wordings, of which the first match decides.
#[rustfmt::skip]
pub static TABLE: &[StatusRow] = &[
    at("80", H::Created, STAT), // registered
    at("81", H::InTransit, STAT_JUDGED), // in process
    at("82", H::Delivered, STAT), // delivered
    at("83", H::Exception, STAT), // anomaly
    // What has not happened, before the same words as facts.
    still("SERA LIVRE", GUESSED),
    still("SERA DISPONIBLE", GUESSED),
    still("VA ETRE", GUESSED),
    sub("NON LIVRE", H::Exception, S::FailedAttempt, GUESSED),
    sub("NON REMIS", H::Exception, S::FailedAttempt, GUESSED),
    // Ends of the way back, before the way back.
    at("RENDU A L'EXPEDITEUR", H::Returned, GUESSED),
    at("RESTITUE A L'EXPEDITEUR", H::Returned, GUESSED),
    at("REMIS A L'EXPEDITEUR", H::Returned, GUESSED),
    sub("RETOUR", H::Exception, S::Returning, WORDING),
    sub("NON RECLAME", H::Exception, S::Expired, WORDING),
    sub("REFUSE", H::Exception, S::Refused, WORDING),
    // Relay wordings, before "livré".
    sub("DISPONIBLE AU POINT RELAIS", H::OutForDelivery, S::AvailableForPickup, WORDING),
    sub("DISPONIBLE EN POINT RELAIS", H::OutForDelivery, S::AvailableForPickup, WORDING),
    sub("DISPONIBLE AU LOCKER", H::OutForDelivery, S::AvailableForPickup, GUESSED),
    sub("DISPONIBLE EN LOCKER", H::OutForDelivery, S::AvailableForPickup, GUESSED),
    sub("LIVRE AU RELAIS", H::OutForDelivery, S::AvailableForPickup, WORDING),
    sub("LIVRE AU POINT RELAIS", H::OutForDelivery, S::AvailableForPickup, WORDING),
    at("LIVRE AU DESTINATAIRE", H::Delivered, WORDING),
    at("REMIS AU DESTINATAIRE", H::Delivered, WORDING),
    at("EN COURS DE LIVRAISON", H::OutForDelivery, WORDING),
    at("EN LIVRAISON", H::OutForDelivery, WORDING),
    sub("ABSENT", H::Exception, S::FailedAttempt, GUESSED),
    sub("ADRESSE INCORRECTE", H::Exception, S::AddressProblem, GUESSED),
    sub("ADRESSE INCOMPLETE", H::Exception, S::AddressProblem, GUESSED),
    sub("ENDOMMAGE", H::Exception, S::Damaged, GUESSED),
    sub("PERDU", H::Exception, S::Lost, GUESSED),
    sub("INTEMPERIES", H::Delayed, S::Weather, GUESSED),
    at("RETARD", H::Delayed, GUESSED),
    at("EN PREPARATION CHEZ L'EXPEDITEUR", H::Created, WORDING),
    at("PRISE EN CHARGE", H::PickedUp, WORDING),
    at("DEPOSE", H::PickedUp, WORDING),
    at("REMIS A MONDIAL RELAY", H::PickedUp, WORDING),
    at("EN TRAITEMENT", H::InTransit, WORDING),
    at("ACHEMINEMENT", H::InTransit, GUESSED),
    at("EN TRANSIT", H::InTransit, GUESSED),
    at("AGENCE DE DESTINATION", H::InTransit, GUESSED),
    at("PAYS DE DESTINATION", H::InTransit, GUESSED),
];

/// The row of a `STAT`.
pub(super) fn of_stat(stat: &str) -> MappedStatus {
    let digits = stat.bytes().all(|b| b.is_ascii_digit());
    let row = TABLE.iter().find(|row| digits && row.code == stat);
    row.map_or(MappedStatus::Unknown, |row| row.status)
}

/// Code and meaning of a wording; an unknown one is its own code, without its digits.
pub(super) fn of_wording(wording: &str) -> (String, MappedStatus) {
    let plain = plain(wording);
    let words = TABLE.iter().filter(|row| !row.code.starts_with(|c: char| c.is_ascii_digit()));
    match words.into_iter().find(|row| plain.contains(row.code)) {
        Some(row) => (row.code.to_owned(), row.status),
        None => {
            let code: String = plain.chars().filter(|c| !c.is_ascii_digit()).collect();
            let code = code.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            (code.chars().take(CODE_MAX).collect(), MappedStatus::Unknown)
        }
    }
}

/// Upper case, no accents, single blanks.
fn plain(wording: &str) -> String {
    match wording.is_ascii() {
        // Nearly every wording comes so; the rest of this is fifty times slower.
        true => wording.split_ascii_whitespace().collect::<Vec<_>>().join(" ").to_ascii_uppercase(),
        false => transliterate(&clean(wording), Charset::Ascii).text.to_ascii_uppercase(),
    }
}
