//! The relay search.

use crate::{
    HttpResponse,
    sim::{SimOptions, SimRequest, http, luck::draw},
    wire::xml::Writer,
};

/// Every parameter must be named, even when it is empty.
const PARAMETERS: &[&str] = &[
    "carrier",
    "key",
    "address",
    "zipCode",
    "city",
    "countrycode",
    "requestID",
    "date_from",
    "max_pudo_number",
    "max_distance_search",
    "weight",
    "category",
    "holiday_tolerant",
];
/// Relays around any address.
const AROUND: u32 = 12;

/// `GetPudoList`.
pub(super) fn list(options: &SimOptions, request: &SimRequest) -> HttpResponse {
    let given = http::pairs(&request.query);
    let named = |name: &str| given.iter().any(|(key, _)| key == name);
    if let Some(missing) = PARAMETERS.iter().find(|name| !named(name)) {
        return http::reply(500, "text/plain", format!("Missing parameter: {missing}."));
    }
    let text = |name: &str| http::query(request, name);
    let key = text("key");
    if key.is_empty() || key.starts_with("wrong") || text("carrier") != "EXA" {
        return error("101", "unknown carrier or key");
    }
    if text("city").is_empty() {
        return error("312", "the city is missing");
    }
    let postcode = text("zipCode");
    if postcode.len() != 5 || !postcode.bytes().all(|byte| byte.is_ascii_digit()) {
        return error("311", "the postcode is missing");
    }
    let most = text("max_pudo_number").parse::<u32>().unwrap_or(AROUND).min(AROUND);
    let mut writer = Writer::default();
    writer.nest("RESPONSE quality=\"1\"", |response| {
        response.leaf("REQUEST_ID", &text("requestID"));
        response.nest("PUDO_ITEMS", |items| {
            for order in 1..=most {
                relay(options.seed, &postcode, &text("city"), order, most, items);
            }
        });
    });
    xml(&writer.finish())
}

fn relay(seed: u64, postcode: &str, city: &str, order: u32, most: u32, items: &mut Writer) {
    let luck = |salt: u64| draw(seed, postcode, u64::from(order) * 10 + salt);
    // The last of a long list has closed for good.
    let active = if order == most && most > 3 { "false" } else { "true" };
    let locker = order % 4 == 3;
    let name = if locker { "Consigne Exemple" } else { "Tabac Exemple" };
    items.nest(&format!("PUDO_ITEM active=\"{active}\" overloaded=\"false\""), |item| {
        item.leaf("PUDO_ID", &format!("P{:05}", luck(1) % 100_000))
            .leaf("ORDER", &order.to_string())
            .leaf("DISTANCE", &(u64::from(order) * 250 + luck(2) % 200).to_string())
            .leaf("NAME", &format!("{name} {order}"))
            .leaf("ADDRESS1", &format!("{} rue du Modèle", luck(3) % 90 + 1))
            .leaf("ADDRESS2", "")
            .leaf("ADDRESS3", "")
            .leaf("ZIPCODE", postcode)
            .leaf("CITY", city)
            .leaf("LONGITUDE", &format!("-1,{:06}", luck(4) % 1_000_000))
            .leaf("LATITUDE", &format!("48,{:06}", luck(5) % 1_000_000));
        item.nest("OPENING_HOURS_ITEMS", |hours| {
            for day in 1..=6 {
                for (from, to) in [("09:00", "12:30"), ("14:00", "19:00")] {
                    hours.nest("OPENING_HOURS_ITEM", |slot| {
                        slot.leaf("DAY_ID", &day.to_string());
                        slot.leaf("START_TM", from).leaf("END_TM", to);
                    });
                }
            }
        });
        item.nest("HOLIDAY_ITEMS", |holidays| {
            if order == 2 {
                holidays.nest("HOLIDAY_ITEM", |days| {
                    days.leaf("START_DTM", "24/12/2026 00:00:00");
                    days.leaf("END_DTM", "02/01/2027 00:00:00");
                });
            }
        });
    });
}

fn error(code: &str, message: &str) -> HttpResponse {
    xml(&format!("<RESPONSE><ERROR code=\"{code}\">{message}</ERROR></RESPONSE>"))
}

fn xml(text: &str) -> HttpResponse {
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{text}");
    http::reply(200, "text/xml; charset=utf-8", text)
}
