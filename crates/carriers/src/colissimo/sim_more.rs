//! What else the simulated Colissimo answers: products, letter boxes, deposit slips, points.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, Weekday};

use super::{
    sim::{ColissimoSim, draw, infos, json_part, part, reply},
    sim_rules::{Fault, text},
    sim_script::{day_stamp, paris},
};
use crate::{
    HttpResponse,
    sim::{SimRequest, luck},
    wire::{
        body,
        xml::{self, Writer},
    },
};

/// Path of the pickup points.
pub(super) const POINTS: &str = "/pointretrait-ws-cxf/PointRetraitServiceWS/2.0";
/// Points of a town.
const POINTS_OF_TOWN: u64 = 5;

pub(super) fn products(body: &Value) -> HttpResponse {
    let mut answer = infos(None);
    let known = ["DOM", "DOS"].contains(&text(body, "/productCode"));
    if !known || text(body, "/countryCode").len() != 2 {
        let fault = Fault::other("productCode", "product or country missing");
        answer["messages"] = json!([fault.message()]);
        return reply(400, "application/json", &answer.to_string());
    }
    answer["product"] = json!(["DOM", "DOS"]);
    answer["returnTypeChoice"] = json!([2, 3]);
    reply(200, "application/json", &answer.to_string())
}

/// Two working days on which the postman can come.
pub(super) fn letter_box_days(body: &Value, now: OffsetDateTime) -> HttpResponse {
    let mut answer = infos(None);
    if text(body, "/sender/countryCode") != "FR" {
        let fault = Fault::other("countryCode", "letter boxes are in France");
        answer["messages"] = json!([fault.message()]);
        return reply(400, "application/json", &answer.to_string());
    }
    let mut days = Vec::new();
    let mut day = paris(now);
    while days.len() < 2 {
        day += Duration::DAY;
        if day.weekday() != Weekday::Sunday {
            days.push(day_stamp(day));
        }
    }
    answer["mailBoxPickingDates"] = json!(days);
    answer["mailBoxPickingDateMaxHour"] = json!("23:59");
    answer["validityTime"] = json!("08:00");
    reply(200, "application/json", &answer.to_string())
}

/// A return fetched from a letter box.
pub(super) fn plan(sim: &ColissimoSim, body: &Value, now: OffsetDateTime) -> Option<Fault> {
    let number = text(body, "/parcelNumber");
    let sold = sim.parcels.get(number);
    if sold.is_none_or(|sold| !["CORE", "CORF"].contains(&sold.product.as_str())) {
        return Some(Fault::other("parcelNumber", "no return of that number"));
    }
    if text(body, "/sender/countryCode") != "FR" {
        return Some(Fault::other("countryCode", "letter boxes are in France"));
    }
    let missing = ["line2", "city", "zipCode", "lastName"];
    if missing.iter().any(|name| text(body, &format!("/sender/{name}")).is_empty()) {
        return Some(Fault::other("sender", "address incomplete"));
    }
    let day = text(body, "/mailBoxPickingDate");
    let today = paris(now).date().to_string();
    (day.len() != 10 || day <= today.as_str())
        .then(|| Fault::other("mailBoxPickingDate", "day not possible"))
}

/// The deposit slip: its header in JSON, the paper as a part of its own.
pub(super) fn slip(
    sim: &ColissimoSim,
    body: &Value,
    now: OffsetDateTime,
) -> Result<Vec<Vec<u8>>, Fault> {
    let unknown = || Fault::new("50031", "parcelsNumbers", "parcel number invalid");
    let list = body.pointer("/generateBordereauParcelNumberList/parcelsNumbers");
    let list = list.and_then(Value::as_array).filter(|list| !list.is_empty());
    let list = list.ok_or_else(unknown)?;
    let mut first = None;
    for number in list {
        let sold = sim.parcels.get(number.as_str().unwrap_or_default()).ok_or_else(unknown)?;
        first.get_or_insert(sold);
    }
    let sold = first.ok_or_else(unknown)?;
    let number = (now.unix_timestamp() % 1_000_000).to_string();
    let mut spec = sold.spec.clone();
    spec.service = format!("Bordereau {number}");
    let mut answer = infos(None);
    answer["bordereau"] = json!({
        "bordereauHeader": {
            "bordereauNumber": number, "clientNumber": "000000", "company": "Atelier Exemple",
            "codeSitePCH": "069000", "nameSitePCH": "SITE EXEMPLE",
            "numberOfParcels": list.len(), "publishingDate": day_stamp(now),
        },
        "bordereauDataHandler": null,
    });
    let paper = part("bordereau", "application/octet-stream", &draw(&spec, "PDF_A4_300dpi"));
    Ok(vec![json_part(&answer), paper])
}

/// Points around a postcode, in no order.
pub(super) fn points(request: &SimRequest, seed: u64) -> HttpResponse {
    let asked = xml::parse(&body::text(&request.body)).ok();
    let asked = asked.as_ref().and_then(|root| root.find("findRDVPointRetraitAcheminement"));
    let Some(asked) = asked else {
        return reply(500, "text/xml", "<Fault><faultstring>unreadable</faultstring></Fault>");
    };
    let get = |name: &str| asked.get(name).unwrap_or_default();
    let key = get("apikey");
    let zip = get("zipCode");
    let day = get("shippingDate").split('/').map(str::len).eq([2, 2, 4]);
    let code = match () {
        () if key.is_empty() || ["wrong", "revoked"].iter().any(|s| key.starts_with(s)) => "201",
        () if zip.is_empty() || get("countryCode").len() != 2 => "124",
        () if !day || get("weight").parse::<u32>().is_err() => "125",
        () => "0",
    };
    let mut writer = Writer::default();
    writer.nest("soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"", |top| {
        top.nest("soap:Body", |inner| {
            inner.nest("ns2:reponse xmlns:ns2=\"http://v2.pointretrait.geopost.com/\"", |inner| {
                inner.nest("return", |answer| {
                    answer.leaf("errorCode", code);
                    if code != "0" {
                        answer.leaf("errorMessage", "demande non valide");
                        return;
                    }
                    for index in 0..POINTS_OF_TOWN {
                        let draw = luck::draw(seed, zip, index);
                        answer.nest("listePointRetraitAcheminement", |point| {
                            one(point, draw, index, (zip, get("city"), get("countryCode")));
                        });
                    }
                    answer.leaf("qualiteReponse", "2").leaf("wsRequestId", get("requestId"));
                });
            });
        });
    });
    reply(200, "text/xml;charset=UTF-8", &writer.finish())
}

fn one(point: &mut Writer, draw: u64, index: u64, (zip, city, country): (&str, &str, &str)) {
    let kind = if draw.is_multiple_of(4) { "PCS" } else { "A2P" };
    let city = if city.is_empty() { "MODELEVILLE" } else { city };
    point
        .leaf("identifiant", &format!("{:06}", draw % 900_000 + 100_000))
        .leaf("nom", &format!("RELAIS EXEMPLE {index}"))
        .leaf("adresse1", &format!("{} RUE FICTIVE", draw % 80 + 1))
        .leaf("codePostal", zip)
        .leaf("localite", city)
        .leaf("codePays", country)
        .leaf("coordGeolocalisationLatitude", &format!("48.{:06}", draw % 1_000_000))
        .leaf("coordGeolocalisationLongitude", &format!("-1.{:06}", draw / 3 % 1_000_000))
        .leaf("distanceEnMetre", &(draw % 4_000).to_string())
        .leaf("poidsMaxi", "20000")
        .leaf("typeDePoint", kind)
        .leaf("reseau", "R01");
    for day in ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi"] {
        point.leaf(&format!("horairesOuverture{day}"), "09:00-12:00 14:00-19:00");
    }
    point.leaf("horairesOuvertureSamedi", "10:00-17:00 00:00-00:00");
    point.leaf("horairesOuvertureDimanche", "00:00-00:00 00:00-00:00");
    if draw.is_multiple_of(3) {
        point.nest("listeConges", |closed| {
            closed
                .leaf("calendarDeDebut", "2026-12-24T00:00:00+01:00")
                .leaf("calendarDeFin", "2026-12-27T00:00:00+01:00");
        });
    }
}
