//! Collections on demand (ESD): `creerEnlevementNational`, called off by `annulerEnlevements`.
//!
//! Mainland France only. The carrier refuses a reference that it has had for that day, so a request
//! whose answer was lost can be sent again and never books two drivers; the second answer then says
//! that there is one, and not its number.

use time::{Date, Time};

use super::{
    Chronopost,
    address::{self, Party},
    products, shipment,
    soap::{self, Stake},
};
use crate::{
    Call, CarrierError, HttpRequest, HttpResponse, Pickup, PickupCancellation, PickupRequest,
    Pickups, Rejection, Step,
    wire::{
        when,
        xml::{Element, Writer},
    },
};

const BOOK: &str = "creerEnlevementNational";
const CALL_OFF: &str = "annulerEnlevements";
/// Most parcels of one collection.
const PARCELS_MAX: u32 = 50;
/// Longest reference of ours, in characters.
const REFERENCE_MAX: usize = 32;
/// Longest instructions, in characters: none is stated; two street lines fit on a driver's screen.
const INSTRUCTIONS_MAX: usize = 76;

impl Pickups for Chronopost {
    fn request(&self, call: &Call<'_>, pickup: &PickupRequest) -> Result<HttpRequest, Rejection> {
        let place = products::place(&pickup.address, address::PICKUP.country)?;
        if !place.mainland() {
            let reason = "collections are booked in mainland France";
            return Err(Rejection::new(address::PICKUP.country, reason));
        }
        let party = address::party(&pickup.address, &place, &address::PICKUP)?;
        if pickup.ready >= pickup.close {
            return Err(Rejection::new("close", "after the parcels are ready"));
        }
        if pickup.date < call.now.date() {
            return Err(Rejection::new("date", "is in the past"));
        }
        if !(1..=PARCELS_MAX).contains(&pickup.parcels) {
            return Err(Rejection::new("parcels", "1 to 50 parcels in one collection"));
        }
        let reference = address::required(&pickup.reference, "reference", REFERENCE_MAX)?;
        let instructions =
            address::optional(&pickup.instructions, "instructions", INSTRUCTIONS_MAX)?;
        let (from, to) = (moment(pickup.date, pickup.ready)?, moment(pickup.date, pickup.close)?);
        Ok(soap::request(call, &soap::SHIPPING, BOOK, |w| {
            shipment::header(call, w);
            w.leaf("password", call.account.field("password").unwrap_or_default());
            w.leaf("datePassage", &from).leaf("datePassageFermeture", &to);
            w.nest("donneurDOrdre", |w| customer(&party, w));
            w.nest("adresseEnlevement", |w| site(&party, w));
            w.nest("particulartiesEsd", |w| {
                w.some("instructionsParticulieres", &instructions);
                w.leaf("nombreEnvois", &pickup.parcels.to_string());
                w.leaf("poids", &pickup.weight.to_kg_text());
            });
            w.leaf("referenceEsdClient", &reference).leaf("contenu", "Marchandises");
            // The labels are printed already.
            w.nest("options", |w| {
                w.leaf("LTaImprimerParChronopost", "false");
            });
            w.leaf("locale", "fr_FR");
        }))
    }

    fn response(
        &self,
        response: &HttpResponse,
        pickup: &PickupRequest,
    ) -> Result<Step<Pickup>, CarrierError> {
        let result = soap::result(response, BOOK, Stake::Money)?;
        let code = soap::code(&result, "codeErreur")?;
        let booked = result.child("infoEnlevement");
        let number = booked.and_then(|info| info.get("numeroUniqueESD"));
        match (code, number) {
            (0 | 25, Some(number)) => Ok(Step::Done(Pickup {
                confirmation: number.to_owned(),
                date: booked.and_then(confirmed).unwrap_or(pickup.date),
                location: String::new(),
                service: pickup.service.clone(),
            })),
            (0, None) => Err(CarrierError::garbled("booked without a number")),
            // Ours alone: an earlier sending of this request was heard, and a driver comes.
            (25, None) => Err(CarrierError::garbled("already booked under this reference")),
            (3..=24 | 26..=50 | 900..=999, _) => Err(soap::refused(code, words(&result))),
            // 1 and 2 are failures inside the carrier, others are not documented.
            _ => Err(CarrierError::garbled(format!("system error {code}"))),
        }
    }

    fn cancellation(&self) -> Option<&dyn PickupCancellation> {
        Some(self)
    }
}

impl PickupCancellation for Chronopost {
    fn request(&self, call: &Call<'_>, pickup: &Pickup) -> HttpRequest {
        soap::request(call, &soap::SHIPPING, CALL_OFF, |w| {
            soap::credentials(call, w);
            w.leaf("locale", "fr_FR").leaf("esdNumber", &pickup.confirmation);
        })
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        // Asked again, a cancellation does no harm.
        let result = soap::result(response, CALL_OFF, Stake::Nothing)?;
        let code = soap::code(&result, "codeErreur")?;
        let values = result.child("statut").into_iter().flat_map(|map| map.all("entry"));
        // Each number has an answer of its own: a code other than 0, or words.
        let own = values.filter_map(|entry| entry.get("value")?.parse::<i64>().ok());
        let worst = own.into_iter().chain([code]).find(|code| *code != 0);
        match worst {
            None => Ok(()),
            Some(1 | 2) => Err(CarrierError::Later { code: code.to_string(), retry_after: None }),
            Some(code) => Err(soap::refused(code, words(&result))),
        }
    }
}

fn words(result: &Element) -> Option<&str> {
    result.get("libelleErreur").or_else(|| result.get("errorMessage"))
}

fn moment(date: Date, time: Time) -> Result<String, Rejection> {
    let day = shipment::day(date);
    let day = day.ok_or_else(|| Rejection::new("date", "has a year of four digits"))?;
    Ok(format!("{day}T{:02}:{:02}:00", time.hour(), time.minute()))
}

/// The day that the carrier tells, in either of its forms.
fn confirmed(info: &Element) -> Option<Date> {
    let text = info.get("datePassage")?.get(..10)?;
    let iso = |text: &str| {
        let mut parts = text.split('-');
        when::day(parts.next()?, parts.next()?, parts.next()?)
    };
    let french = |text: &str| {
        let mut parts = text.split('/');
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        when::day(year, month, day)
    };
    iso(text).or_else(|| french(text))
}

/// Who orders, in the schema's order.
fn customer(party: &Party, w: &mut Writer) {
    let person = person(party);
    w.leaf("codeCivilite", "M").leaf("codePays", &party.country);
    w.leaf("codePostal", &party.postcode).some("EMail", &party.email).leaf("nom", person);
    w.leaf("raisonSociale", &party.name).some("telephone", &party.phone);
    w.leaf("ville", &party.city).leaf("voie", &party.line1);
}

/// Where the driver goes, in the schema's order.
fn site(party: &Party, w: &mut Writer) {
    let person = person(party);
    w.leaf("codeCivilite", "M").leaf("codePays", &party.country);
    w.leaf("codePostal", &party.postcode).leaf("nom", person);
    w.leaf("nomPersonneARencontrer", person).leaf("numeroVoie", &party.line1);
    w.leaf("raisonSociale", &party.name).some("residenceBatimentEtage", &party.line2);
    w.some("telephone", &party.phone).leaf("ville", &party.city).some("email", &party.email);
}

fn person(party: &Party) -> &str {
    if party.name2.is_empty() { &party.name } else { &party.name2 }
}
