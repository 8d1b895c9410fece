//! Collections: booked once per reference and day, called off by number.

use time::{Date, Month, OffsetDateTime, Weekday};

use super::{Booked, ChronopostSim, let_in, text};
use crate::{
    sim::clock,
    wire::xml::{Element, Writer},
};

/// From this hour on nobody comes any more on the same day.
const CUT_OFF_HOUR: u8 = 15;

fn refusal(code: i64, words: &str) -> String {
    let mut w = Writer::default();
    w.leaf("codeErreur", &code.to_string()).leaf("libelleErreur", words);
    w.finish()
}

impl ChronopostSim {
    pub(super) fn book(&mut self, body: &Element, now: OffsetDateTime) -> String {
        match self.booked(body, now) {
            Ok(number) => {
                let mut w = Writer::default();
                w.leaf("codeErreur", "0");
                w.nest("infoEnlevement", |w| {
                    w.leaf("codeBu", "1").leaf("codeDepot", "0069");
                    w.leaf("datePassage", text(body, "datePassage"));
                    w.leaf("numeroUniqueESD", &number);
                    w.leaf("refEsdClient", text(body, "referenceEsdClient"));
                });
                w.leaf("libelleErreur", "");
                w.finish()
            }
            Err((code, words)) => refusal(code, words),
        }
    }

    fn booked(
        &mut self,
        body: &Element,
        now: OffsetDateTime,
    ) -> Result<String, (i64, &'static str)> {
        let part = |name: &str| body.child(name).cloned().unwrap_or_default();
        let account = text(&part("headerValue"), "accountNumber").to_owned();
        if !let_in(&account, text(body, "password")) {
            return Err((8, "Wrong contract"));
        }
        let (who, site) = (part("donneurDOrdre"), part("adresseEnlevement"));
        if ["raisonSociale", "ville", "codePostal"].iter().any(|name| text(&who, name).is_empty()) {
            return Err((3, "The block of who orders misses data"));
        }
        if ["numeroVoie", "ville", "codePostal"].iter().any(|name| text(&site, name).is_empty()) {
            return Err((4, "The block of the address misses data"));
        }
        if !matches!(text(&site, "codePays"), "FR" | "MC") {
            return Err((9, "This place is not served"));
        }
        let (from, to) = (text(body, "datePassage"), text(body, "datePassageFermeture"));
        let Some(day) = date(from).filter(|_| from < to && from.get(..10) == to.get(..10)) else {
            return Err((13, "Wrong times of passage"));
        };
        let local = clock::local(now, "FR");
        if day < local.date() {
            return Err((910, "The date is in the past"));
        }
        if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return Err((907, "Not a working day"));
        }
        if day == local.date() && local.hour() >= CUT_OFF_HOUR {
            return Err((17, "Too late for a passage on this day"));
        }
        let (reference, day) = (text(body, "referenceEsdClient"), day.to_string());
        let same = |booked: &&Booked| {
            booked.account == account && booked.reference == reference && booked.day == day
        };
        if !reference.is_empty() && self.booked.iter().any(|booked| same(&booked)) {
            return Err((25, "DUPLICATE_REFERENCE"));
        }
        let number = format!("{:010}", 6_900_000_000_u64 + self.booked.len() as u64);
        self.booked.push(Booked {
            account,
            reference: reference.to_owned(),
            day,
            number: number.clone(),
            off: false,
        });
        Ok(number)
    }

    pub(super) fn call_off(&mut self, body: &Element) -> String {
        let account = text(body, "accountNumber");
        if !let_in(account, text(body, "password")) {
            return refusal(8, "Wrong contract");
        }
        let mut told = Vec::new();
        for number in body.all("esdNumber").map(|element| element.text.as_str()) {
            let found = self
                .booked
                .iter_mut()
                .find(|booked| booked.number == number && booked.account == account && !booked.off);
            let Some(found) = found else { return refusal(28, "Not found") };
            found.off = true;
            told.push(number);
        }
        let mut w = Writer::default();
        w.leaf("codeErreur", "0").leaf("errorMessage", "");
        w.nest("statut", |w| {
            for number in told {
                w.nest("entry", |w| {
                    w.leaf("key", number).leaf("value", "0");
                });
            }
        });
        w.finish()
    }
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.get(..10)?.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}
