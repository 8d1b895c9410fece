//! Asking whether a shipment would be sold: `shipments/validate`, which buys nothing.

use serde_json::Value;

use super::{
    Gls,
    common::{self, Stake},
    order::{self, Way},
    wire::ShipmentBody,
    wire_in::{Issue, ValidateBody},
};
use crate::{Call, CarrierError, Check, HttpRequest, HttpResponse, Rejection, Shipment, Step};

impl Check for Gls {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let body = ShipmentBody {
            shipment: order::order(call, shipment, Way::Out)?,
            printing_options: None,
            return_options: None,
        };
        Ok(common::shipit_with(call, "/shipments/validate", &body))
    }

    fn response(&self, response: &HttpResponse) -> Result<Step<()>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Nothing));
        }
        let text = common::text(&response.body);
        let body: ValidateBody<'_> = common::json(&text)?;
        let success = match &body.success {
            Value::Bool(success) => *success,
            Value::String(text) if text.eq_ignore_ascii_case("true") => true,
            Value::String(text) if text.eq_ignore_ascii_case("false") => false,
            _ => return Err(CarrierError::garbled("no Success")),
        };
        if success {
            return Ok(Step::Done(()));
        }
        let result = body.validation_result.get();
        let issues = result.map(|result| result.issues.0.as_slice()).unwrap_or_default();
        let code = issues.iter().find_map(|issue| issue.rule.owned());
        let words: Vec<String> = issues.iter().map(words).collect();
        Err(CarrierError::Refused {
            code: code.unwrap_or_else(|| "VALIDATION".to_owned()),
            message: words.join("; "),
        })
    }
}

/// `rule at location: parameters`.
fn words(issue: &Issue<'_>) -> String {
    let rule = issue.rule.get().unwrap_or("-");
    let place = issue.location.get().unwrap_or("-");
    let parameters: Vec<&str> = match &issue.parameters {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one],
        _ => Vec::new(),
    };
    format!("{rule} at {place}: {}", parameters.join(", "))
}
