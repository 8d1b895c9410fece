//! The answer to one submitted order.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use prost_reflect::{DynamicMessage, Value};
use tonic::Code;

use super::{KNOWN_REQUEST, REPLAYED, json};
use crate::{
    codec::{Json, flag_of, text_of},
    pages,
    problem::{FieldError, Problem, status_of},
};

/// 201 for a new order and for the same request again, 200 for an order that was known, else why
/// it was refused.
pub(super) fn answer(message: &DynamicMessage) -> Result<Response, Problem> {
    let results = message.get_field_by_name("results");
    let result = results.as_deref().and_then(Value::as_list).and_then(|list| match list {
        [Value::Message(only)] => Some(only),
        _ => None,
    });
    let result = result.ok_or_else(|| Problem::bug("not one result for one order"))?;
    let code = text_of(result, "refused");
    if !code.is_empty() {
        let text = pages::title(&code).unwrap_or("the order is refused");
        let problem = Problem::new(status_of(Code::InvalidArgument, &code), &code, text);
        return Err(problem.errors(reasons(result)));
    }
    let again = flag_of(message, KNOWN_REQUEST);
    let known = flag_of(result, "replayed");
    let status = if known && !again { StatusCode::OK } else { StatusCode::CREATED };
    let mut response = json(status, &Json::new(result))?;
    let place = format!("/v1/orders/{}", text_of(result, "order_id"));
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::try_from(place).map_err(Problem::bug)?);
    if again || known {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Codes and places. The service's words are left out: they may quote what was sent.
fn reasons(result: &DynamicMessage) -> Vec<FieldError> {
    let reasons = result.get_field_by_name("reasons");
    let reasons = reasons.as_deref().and_then(Value::as_list).unwrap_or_default();
    let reasons = reasons.iter().filter_map(Value::as_message);
    reasons
        .map(|reason| {
            let code = text_of(reason, "code");
            let detail = pages::title(&code).unwrap_or_default();
            FieldError::at(text_of(reason, "field"), &code, detail)
        })
        .collect()
}
