//! What the simulated La Poste Suivi v2 answers: one object, a list, and the odd shapes of errors.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{
    sim::{ColissimoSim, Sold, reply},
    sim_script::{Told, day_stamp, stamp},
};
use crate::{
    HttpResponse,
    sim::{SimRequest, http::header},
};

pub(super) const PATH: &str = "/suivi/v2/idships/";
const JSON: &str = "application/json";
/// Most identifiers in one question.
const IDS_MAX: usize = 10;

/// The five steps of the summary, by the first letters of the codes that reach them.
const STEPS: &[(&str, &[&str])] = &[
    ("Votre colis est prêt à partir", &["DR"]),
    ("Remis à La Poste", &["PC"]),
    ("En chemin", &["ET", "EP", "DO", "PB"]),
    ("En cours de remise", &["MD", "ND", "AG", "RE"]),
    ("Livré", &["DI"]),
];

pub(super) fn answer(sim: &ColissimoSim, request: &SimRequest, ids: &str) -> HttpResponse {
    if header(request, "x-okapi-key").is_none_or(|key| key.starts_with("wrong")) {
        let body = r#"{"code":"UNAUTHORIZED","message":"key missing or unknown"}"#;
        return reply(401, JSON, body);
    }
    let ids: Vec<&str> =
        ids.split([',', '%']).map(|id| id.strip_prefix("2C").unwrap_or(id)).collect();
    if ids.len() > IDS_MAX {
        let body = r#"{"code":"BAD_REQUEST","message":"too many identifiers"}"#;
        return reply(400, JSON, body);
    }
    if let [id] = ids.as_slice() {
        return one(sim, id, request.now);
    }
    let items: Vec<(u16, Value)> = ids.iter().map(|id| item(sim, id, request.now)).collect();
    let status = if items.iter().all(|(status, _)| *status == 200) { 200 } else { 207 };
    let list: Vec<Value> = items.into_iter().map(|(_, item)| item).collect();
    reply(status, JSON, &Value::from(list).to_string())
}

/// A question for one parcel. An unknown number is answered in each of the ways seen.
fn one(sim: &ColissimoSim, id: &str, now: OffsetDateTime) -> HttpResponse {
    let (status, item) = item(sim, id, now);
    match sim.roll("not found", id) {
        shape if status == 404 && shape < 0.2 => reply(404, "text/html", "<html>404</html>"),
        shape if status == 404 && shape < 0.4 => {
            HttpResponse { status, headers: Vec::new(), body: bytes::Bytes::new() }
        }
        _ => reply(status, JSON, &item.to_string()),
    }
}

fn item(sim: &ColissimoSim, id: &str, now: OffsetDateTime) -> (u16, Value) {
    let well_formed =
        (11..=15).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let error = |status: u16, message: &str| {
        let item = json!({
            "returnCode": status, "returnMessage": message, "lang": "fr_FR", "scope": "open",
            "idShip": id,
        });
        (status, item)
    };
    match sim.parcels.get(id) {
        _ if !well_formed => error(400, "Ce numéro n'a pas la forme attendue."),
        None => error(404, "Aucune information pour ce numéro."),
        Some(sold) => {
            let shipment = shipment(sim, id, sold, now);
            let item = json!({
                "lang": "fr_FR", "scope": "open", "returnCode": 200, "idShip": id,
                "shipment": shipment,
            });
            (200, item)
        }
    }
}

fn shipment(sim: &ColissimoSim, id: &str, sold: &Sold, now: OffsetDateTime) -> Value {
    let told = sold.script.told(now);
    let mut shipment = json!({
        "idShip": id,
        "holder": 4,
        "product": product(&sold.product),
        "isFinal": sold.script.is_over(now) && ended(&told),
        "timeline": timeline(&told, &sold.country),
        "event": events(&told),
        "contextData": context(sold),
        "url": format!("https://www.laposte.fr/outils/suivre-vos-envois?code={id}"),
    });
    let mut put = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            shipment[key] = Value::from(value);
        }
    };
    let first = |codes: &[&str]| told.iter().find(|t| codes.contains(&t.code)).map(|t| stamp(t.at));
    put("entryDate", first(&["PC1"]));
    put("deliveryDate", first(&["DI1", "DI2"]));
    let estimate = sold.script.ends_at().filter(|_| sim.roll("estimate", id) < 0.8);
    put("estimDate", estimate.map(day_stamp));
    shipment
}

/// A parcel that is lost is closed without a delivery.
fn ended(told: &[Told]) -> bool {
    told.iter().any(|event| event.code.starts_with("DI") || event.label.contains("perdu"))
}

fn product(code: &str) -> &'static str {
    match code {
        "CORE" | "CORF" | "CORI" => "Colissimo Retour",
        "HD" => "Colissimo Point Retrait",
        _ => "Colissimo",
    }
}

fn timeline(told: &[Told], country: &str) -> Vec<Value> {
    let reached = |step: &[&str]| {
        let mut matching = told.iter().rev();
        matching.find(|event| step.iter().any(|prefix| event.code.starts_with(prefix)))
    };
    let furthest = STEPS.iter().rposition(|(_, step)| reached(step).is_some());
    let steps = STEPS.iter().enumerate().map(|(at, (words, prefixes))| {
        let event = reached(prefixes);
        let kind = match event.map(|event| event.code) {
            Some("PB1" | "DO3") => 0,
            Some("ND1" | "RE1") => -1,
            _ => 1,
        };
        let mut step = json!({
            "id": at + 1,
            "shortLabel": words,
            "longLabel": event.map_or("", |event| event.label),
            "status": furthest.is_some_and(|furthest| at <= furthest),
            "type": kind,
        });
        if let Some(event) = event {
            step["date"] = Value::from(stamp(event.at));
            step["country"] = Value::from(if at == 4 { country } else { "FR" });
        }
        step
    });
    steps.collect()
}

/// Newest first.
fn events(told: &[Told]) -> Vec<Value> {
    let line =
        |event: &Told| json!({ "code": event.code, "label": event.label, "date": stamp(event.at) });
    told.iter().rev().map(line).collect()
}

fn context(sold: &Sold) -> Value {
    let mut context = json!({
        "deliveryChoice": { "deliveryChoice": 0 },
        "originCountry": "FR",
        "arrivalCountry": sold.country,
    });
    if sold.product == "HD" {
        context["removalPoint"] = json!({ "name": "Relais Exemple", "type": "Relais" });
    }
    context
}
