//! Strict JSON: one walk that refuses what two readers could understand differently.

use colibri_channels::{
    ChannelError, Code,
    json::{Limits, Node, parse},
};
use http::StatusCode;

use crate::{
    error,
    problem::{FieldError, Problem},
};

/// Reads a document that was already limited in size.
///
/// # Errors
/// `GTW0008` with the place and the rule.
pub(crate) fn read(body: &[u8]) -> Result<Node<'_>, Problem> {
    // Depth, items and keys as for webhooks: our own messages nest 6 deep.
    let limits = Limits { bytes: body.len(), ..Limits::WEBHOOK };
    parse(body, &limits).map_err(refused)
}

fn refused(cause: ChannelError) -> Problem {
    let (code, detail) = match cause.code {
        Code::NotUtf8 => ("NOT_UTF8", "the body is not UTF-8"),
        Code::DuplicateKey => ("DUPLICATE_KEY", "an object has the same key twice"),
        Code::TooDeep => ("TOO_DEEP", "the body is nested deeper than 32 levels"),
        Code::NulCharacter => ("NUL_CHARACTER", "a text contains the NUL character"),
        Code::TooMany => ("TOO_MANY", "a list, an object or a key is too long"),
        _ => ("MALFORMED", "the body is no JSON, or cut short"),
    };
    let detail_at = match cause.byte {
        Some(byte) => format!("{detail}, at byte {byte}"),
        None => detail.to_owned(),
    };
    Problem::new(StatusCode::BAD_REQUEST, error::MALFORMED, detail).errors(vec![FieldError::at(
        format!("#{}", cause.pointer),
        code,
        &detail_at,
    )])
}
