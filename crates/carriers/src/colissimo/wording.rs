//! Incidents that only the wording tells.
//!
//! La Poste can report an incident under a harmless code ("Incident : livraison impossible" under
//! `DR1`), so the wording is read before the code. It is read for incidents only: a delivery is
//! never read out of words. Words in the future, under a condition or denied tell no incident:
//! "passé ce délai, il sera renvoyé à l'expéditeur" stands under every parcel that waits.

use crate::{Headline as H, MappedStatus, SubStatus as S};

/// What an event of that code and label means. `product_of_return`: the parcel was sold as a
/// return, where "retour" names the product.
pub(super) fn status(code: &str, label: &str, product_of_return: bool) -> MappedStatus {
    let by_code = super::statuses::of(code);
    let words = plain(label);
    match by_code {
        // The end of the way back is told in the words of its cause: "retourné", "refusé".
        MappedStatus::State(H::Returned, _) => with_damage(by_code, &words),
        MappedStatus::State(H::Delivered, _) if is_past_delivery(&words) => {
            with_damage(by_code, &words)
        }
        MappedStatus::State(H::Delivered, _) if is_future_delivery(&words) => {
            MappedStatus::NoChange
        }
        _ => match incident(&words, product_of_return) {
            Some(found) => overrule(code, by_code, found),
            None if code.eq_ignore_ascii_case("ND1") => not_delivered(by_code, &words),
            None => by_code,
        },
    }
}

/// What a wording without a usable code means: an incident, or nothing.
pub(super) fn incident_only(label: &str) -> Option<MappedStatus> {
    incident(&plain(label), false).map(Incident::status)
}

/// Kinds of incident, gravest first: a text that names two counts as the graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Incident {
    Destroyed,
    Lost,
    Returning,
    Refused,
    Damaged,
    Address,
    Plain,
    Late,
}

impl Incident {
    const fn status(self) -> MappedStatus {
        let (headline, sub) = match self {
            Self::Destroyed => (H::Exception, Some(S::Destroyed)),
            Self::Lost => (H::Exception, Some(S::Lost)),
            Self::Returning => (H::Exception, Some(S::Returning)),
            Self::Refused => (H::Exception, Some(S::Refused)),
            Self::Damaged => (H::Exception, Some(S::Damaged)),
            Self::Address => (H::Exception, Some(S::AddressProblem)),
            Self::Plain => (H::Exception, None),
            Self::Late => (H::Delayed, None),
        };
        MappedStatus::State(headline, sub)
    }
}

/// An incident against its code: the code keeps its say where it is the finer word.
fn overrule(code: &str, by_code: MappedStatus, found: Incident) -> MappedStatus {
    let MappedStatus::State(headline, _) = by_code else { return found.status() };
    if (headline, found) == (H::Delivered, Incident::Damaged) {
        return MappedStatus::State(H::Delivered, Some(S::Damaged));
    }
    let code_is_finer = match found {
        // "Problème résolu" speaks of the incident that is over.
        Incident::Plain if code.eq_ignore_ascii_case("PB2") => true,
        Incident::Plain => headline == H::Exception,
        Incident::Late => {
            matches!(headline, H::Delayed | H::Exception | H::Delivered)
                || code.eq_ignore_ascii_case("PB2")
                || code.eq_ignore_ascii_case("AG1")
        }
        // Refused and going back: going back is where the parcel is.
        Incident::Refused | Incident::Damaged | Incident::Address => {
            code.eq_ignore_ascii_case("RE1")
        }
        Incident::Destroyed | Incident::Lost | Incident::Returning => false,
    };
    if code_is_finer { by_code } else { found.status() }
}

/// `ND1` says only "not delivered"; absence is the usual reason and the code's own meaning.
fn not_delivered(by_code: MappedStatus, words: &str) -> MappedStatus {
    const ADDRESS: &[&str] = &["adresse", "boite aux lettres introuvable", "address"];
    const WRONG: &[&str] = &[
        "inconnu",
        "erron",
        "inexact",
        "insuffisan",
        "incorrect",
        "incompl",
        "introuvable",
        "habite pas",
        "habite plus",
        "demenage",
        "unknown",
        "wrong",
    ];
    let any = |list: &[&str]| list.iter().any(|word| words.contains(word));
    let moved = any(&["n habite", "demenage"]);
    if !words.contains("absen") && (moved || (any(ADDRESS) && any(WRONG))) {
        return Incident::Address.status();
    }
    by_code
}

fn with_damage(by_code: MappedStatus, words: &str) -> MappedStatus {
    match by_code {
        MappedStatus::State(headline, None) if words.contains("endommage") => {
            MappedStatus::State(headline, Some(S::Damaged))
        }
        other => other,
    }
}

fn is_past_delivery(words: &str) -> bool {
    const PAST: &[&str] = &[
        "est livre",
        "a ete livre",
        "ete distribue",
        "est distribue",
        "ete remis",
        "est remis",
        "ete retire",
        "livraison effectuee",
        "has been delivered",
        "was delivered",
        "is delivered",
    ];
    PAST.iter().any(|past| words.contains(past)) && !is_future_delivery(words)
}

fn is_future_delivery(words: &str) -> bool {
    const FUTURE: &[&str] = &[
        "va etre livre",
        "va vous etre livre",
        "va etre distribue",
        "va etre remis",
        "sera livre",
        "sera distribue",
        "sera remis",
        "vous sera remis",
        "will be delivered",
    ];
    FUTURE.iter().any(|future| words.contains(future))
}

/// The gravest incident that the words state as a fact.
fn incident(words: &str, product_of_return: bool) -> Option<Incident> {
    const STEMS: &[&str] = &[
        "incident",
        "retard",
        "refus",
        "perdu",
        "egare",
        "detrui",
        "endommag",
        "retour",
        "renvo",
        "adresse",
        "lost",
        "delay",
        "destroyed",
        "damaged",
        "return",
        "address",
    ];
    if !STEMS.iter().any(|stem| words.contains(stem)) {
        return None;
    }
    words.split('|').filter_map(|clause| in_clause(clause.trim(), product_of_return)).min()
}

fn in_clause(clause: &str, product_of_return: bool) -> Option<Incident> {
    /// A clause that opens so speaks of what may come.
    const CONDITIONS: &[&str] = &[
        "si ",
        "sans ",
        "passe ",
        "en cas ",
        "a defaut",
        "en l absence",
        "au dela",
        "if ",
        "sauf ",
    ];
    if CONDITIONS.iter().any(|opening| clause.starts_with(opening)) {
        return None;
    }
    let words: Vec<&str> = clause.split(' ').collect();
    let found = words.iter().enumerate().filter_map(|(at, word)| {
        let (before, after) = (words.get(..at)?, words.get(at + 1..)?);
        let kind = kind(word, before, after, product_of_return)?;
        (!denied(kind, before, after)).then_some(kind)
    });
    found.min()
}

fn kind(word: &str, before: &[&str], after: &[&str], product: bool) -> Option<Incident> {
    // Seven words: "adresse indiquée sur le colis est peut-être incomplète".
    let nearby = |words: &[&str], stems: &[&str]| {
        words.iter().take(7).any(|word| stems.iter().any(|stem| word.starts_with(stem)))
    };
    const SENDER: &[&str] = &["expediteur", "envoyeur", "sender", "origine"];
    const SITE: &[&str] = &["site", "agence", "centre", "bureau", "plateforme", "depot"];
    const FAULTY: &[&str] = &["incompl", "erron", "inconnu", "inexact", "insuffisan", "incorrect"];
    match word {
        "incident" | "incidents" => Some(Incident::Plain),
        "retard" | "retards" | "retarde" | "retardee" | "delay" | "delayed" => Some(Incident::Late),
        "refuse" | "refusee" | "refuses" | "refusees" | "refus" | "refused" => {
            Some(Incident::Refused)
        }
        "perdu" | "perdue" | "perdus" | "egare" | "egaree" | "lost" => Some(Incident::Lost),
        "detruit" | "detruite" | "detruits" | "destroyed" => Some(Incident::Destroyed),
        "damaged" => Some(Incident::Damaged),
        _ if word.starts_with("endommag") => Some(Incident::Damaged),
        "renvoye" | "renvoyee" | "renvoyes" | "renvoi" => Some(Incident::Returning),
        // "De retour sur notre site" is back at the depot, and "votre retour" may be the product.
        "retour" if nearby(after, SITE) && !nearby(after, SENDER) => None,
        "retour" if product && !nearby(after, SENDER) => None,
        "retour" | "retourne" | "retournee" | "retournes" => Some(Incident::Returning),
        "return" | "returned" | "returning" if nearby(after, SENDER) => Some(Incident::Returning),
        "adresse" if nearby(after, FAULTY) => Some(Incident::Address),
        "address" if nearby(after, &["incomplete"]) || before.last() == Some(&"incomplete") => {
            Some(Incident::Address)
        }
        _ => None,
    }
}

/// Is the word denied, in the future, under a condition, or told as over?
fn denied(kind: Incident, before: &[&str], after: &[&str]) -> bool {
    let last = |count: usize, list: &[&str]| {
        let near = before.get(before.len().saturating_sub(count)..).unwrap_or_default();
        near.iter().any(|word| list.contains(word))
    };
    const NOT: &[&str] = &[
        "sans", "aucun", "aucune", "pas", "jamais", "eviter", "cas", "avant", "peine", "peut",
        "no", "not", "without", "before", "may", "can",
    ];
    const OVER: &[&str] =
        &["resolu", "resolue", "clos", "termine", "terminee", "corrigee", "completee", "leve"];
    /// "Des retards sont possibles" warns of none in particular.
    const PERHAPS: &[&str] = &["possible", "possibles", "eventuel", "eventuels"];
    if after.iter().take(2).any(|word| PERHAPS.contains(word)) {
        return true;
    }
    if last(2, NOT) || after.iter().any(|word| OVER.contains(word)) {
        return true;
    }
    // A parcel that will come late is late already.
    if matches!(kind, Incident::Late | Incident::Plain) {
        return false;
    }
    // "Va vous être retourné" has three words, "sera alors automatiquement et aussitôt renvoyé"
    // five: adverbs pile up after the plain future only.
    last(3, &["va", "vont", "pourra", "pourrait", "risque", "could"])
        || last(5, &["sera", "seront", "serait", "sinon", "will", "would", "si", "if"])
}

/// Lower case without accents, words apart by one space, clauses apart by ` | `.
fn plain(label: &str) -> String {
    let mut plain = String::with_capacity(label.len());
    for c in label.chars().flat_map(char::to_lowercase) {
        let folded = match c {
            'à' | 'á' | 'â' | 'ä' => 'a',
            'ç' => 'c',
            'è' | 'é' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' | 'ö' => 'o',
            'ù' | 'û' | 'ü' => 'u',
            '.' | ':' | ';' | '!' | '?' | '\n' => '|',
            c if c.is_alphanumeric() => c,
            // Left by decomposed letters: the letter itself has just been written.
            '\u{300}'..='\u{36f}' => continue,
            _ => ' ',
        };
        if folded == '|' {
            plain.push_str(" | ");
        } else if folded != ' ' || !plain.ends_with(' ') {
            plain.push(folded);
        }
    }
    plain
}
