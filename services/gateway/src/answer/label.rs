//! Files: labels, papers of manifests and of customs.

use aws_lc_rs::digest;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use prost_reflect::{DynamicMessage, Value};

use super::Asked;
use crate::{codec::text_of, input::head, problem::Problem};

/// Types of files, and how they end.
const TYPES: [(&str, &str); 9] = [
    ("application/pdf", "pdf"),
    ("application/zpl", "zpl"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("application/epl", "epl"),
    ("application/dpl", "dpl"),
    ("application/ipl", "ipl"),
    ("application/tpcl", "tpcl"),
    ("application/json", "json"),
];

/// The label in the type that the caller likes best among those there are.
pub(super) async fn answer(
    asked: &Asked<'_>,
    mut message: DynamicMessage,
) -> Result<Response, Problem> {
    let offered = TYPES.map(|(media, _)| media);
    let wanted = head::accepted(&asked.parts.headers, &offered);
    if wanted.is_empty() {
        return Err(head::not_acceptable(&offered.join(", ")));
    }
    if wanted.len() == offered.len() && wanted.first() == offered.first() {
        // Anything will do: the one the carrier made.
        return file(asked, &asked.call(&message).await?);
    }
    for media in &wanted {
        set_type(&mut message, media)?;
        match asked.call(&message).await {
            Ok(label) => return file(asked, &label),
            // Perhaps there is one of another type.
            Err(problem) if problem.status == StatusCode::NOT_FOUND => {}
            Err(problem) => return Err(problem),
        }
    }
    // Fails as before where there is none at all.
    set_type(&mut message, "")?;
    let there_is = text_of(&asked.call(&message).await?, "media_type");
    Err(head::not_acceptable(&there_is))
}

fn set_type(message: &mut DynamicMessage, media: &str) -> Result<(), Problem> {
    let value = Value::String(media.to_owned());
    message.try_set_field_by_name("media_type", value).map_err(Problem::bug)
}

fn file(asked: &Asked<'_>, label: &DynamicMessage) -> Result<Response, Problem> {
    let data = label.get_field_by_name("data").and_then(|data| data.as_bytes().cloned());
    let data = data.filter(|data| !data.is_empty());
    let data = data.ok_or_else(|| Problem::bug("a label without a file"))?;
    let media = text_of(label, "media_type");
    let parcel = match text_of(label, "parcel_id") {
        none if none.is_empty() => text_of(label, "document_id"),
        parcel => parcel,
    };
    let known = TYPES.iter().find(|(known, _)| *known == media);
    // A type we do not know is saved, never shown.
    let (media, ending) = known.copied().unwrap_or(("application/octet-stream", "bin"));
    let hash = digest::digest(&digest::SHA256, &data);
    let tag: String = hash.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{tag}\"");
    let mut response = if head::is_known(asked.parts, &tag) {
        let mut response = Response::new(axum::body::Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        let mut response = super::with_type(StatusCode::OK, media, data.into());
        let plain = parcel.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let name = if plain { parcel.as_str() } else { "label" };
        let value = format!("attachment; filename=\"{name}.{ending}\"");
        let value = HeaderValue::try_from(value).map_err(Problem::bug)?;
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::try_from(tag).map_err(Problem::bug)?);
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}
