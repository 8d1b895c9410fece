//! Places in a request message, as services name them, turned into places in what was sent.

use crate::routes::{Input, Route};

/// `orders[0].ship_to.city` as a JSON Pointer into the body, or as a parameter of the address.
pub(super) fn of(route: &Route, field: &str) -> (Option<String>, Option<String>) {
    // The edge's own findings are pointers already.
    if field.starts_with('#') {
        return (Some(field.to_owned()), None);
    }
    let mut steps: Vec<&str> = field.split(['.', '[', ']']).filter(|s| !s.is_empty()).collect();
    if let Some(first) = steps.first() {
        let named = |name: &&str| *name == field || name.split('.').next() == Some(first);
        if let Some(name) = route.parameters().find(named) {
            return (None, Some(name.to_owned()));
        }
        if route.query_names().contains(first) {
            return (None, Some((*first).to_owned()));
        }
    }
    match route.input {
        Input::Item(list) if steps.first() == Some(&list) => {
            steps.drain(..steps.len().min(2));
        }
        // The body is the text or the file itself.
        Input::Text(..) | Input::File | Input::Query(_) => return (None, None),
        _ => {}
    }
    let escape = |step: &str| step.replace('~', "~0").replace('/', "~1");
    let pointer: String = steps.iter().map(|step| format!("/{}", escape(step))).collect();
    (Some(format!("#{pointer}")), None)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn places_follow_what_was_sent() {
        let body = |p: &str| (Some(p.to_owned()), None);
        let parameter = |p: &str| (None, Some(p.to_owned()));
        let cases = [
            ("submit_order", "orders[0].ship_to.lines[1]", body("#/ship_to/lines/1")),
            ("submit_order", "orders.0.currency", body("#/currency")),
            ("submit_order", "orders[0]", body("#")),
            ("submit_order", "ship_to.city", body("#/ship_to/city")),
            ("submit_orders", "orders[7].lines[0].sku", body("#/orders/7/lines/0/sku")),
            ("amend_order", "order_id", parameter("order_id")),
            ("amend_order", "parcels[0].weight_g", body("#/parcels/0/weight_g")),
            ("list_orders", "page", parameter("page")),
            ("get_order_by_external_id", "external.channel", parameter("external.channel")),
            ("activate_tariff", "toml", (None, None)),
            ("import_orders", "data", (None, None)),
            ("rate", "#/country", body("#/country")),
        ];
        for (id, field, wanted) in cases {
            let route = ROUTES.iter().find(|route| route.id == id).unwrap();
            assert_eq!(of(route, field), wanted, "{id} {field}");
        }
    }
}
