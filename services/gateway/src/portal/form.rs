//! What a form sends: fields and files, within limits that hold while reading.

use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};

use super::failure::Failure;
use crate::input::body::{self, Pace};

/// Bytes of a form without files: 100 lines, each with an answer of 500 characters.
const FIELDS_BYTES_MAX: usize = 256 << 10;
/// Bytes of a form with photos: [`FILES_MAX`] of 2 MiB.
const FILES_BYTES_MAX: usize = 13 << 20;
/// Fields of a form: 100 lines with six each.
const FIELDS_MAX: usize = 700;
/// Photos that are sent at once.
const FILES_MAX: usize = 6;

/// A file.
#[derive(Debug)]
pub(crate) struct File {
    /// Name of its field.
    pub(crate) field: String,
    /// Its bytes, whatever it says it is.
    pub(crate) data: Bytes,
}

/// A form as it was sent.
#[derive(Debug, Default)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    /// Files that are not empty.
    pub(crate) files: Vec<File>,
}

impl Form {
    /// From the query of an address.
    ///
    /// # Errors
    /// [`Failure::Input`] with more fields than there are.
    pub(crate) fn of_query(query: Option<&str>) -> Result<Self, Failure> {
        Self::of_pairs(query.unwrap_or_default().as_bytes())
    }

    fn of_pairs(bytes: &[u8]) -> Result<Self, Failure> {
        let mut form = Self::default();
        for (name, value) in url::form_urlencoded::parse(bytes) {
            form.add(name.into_owned(), value.into_owned())?;
        }
        Ok(form)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), Failure> {
        if self.fields.len() >= FIELDS_MAX {
            return Err(Failure::Input);
        }
        self.fields.push((name, value));
        Ok(())
    }

    /// Reads a body.
    ///
    /// # Errors
    /// [`Failure::TooLarge`], [`Failure::Input`] for what is no form.
    pub(crate) async fn read(body: Body, headers: &HeaderMap, pace: Pace) -> Result<Self, Failure> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.unwrap_or_default();
        if let Ok(boundary) = multer::parse_boundary(kind) {
            let bytes = body::read(body, headers, FILES_BYTES_MAX, pace).await?;
            return Self::parts(bytes, boundary).await;
        }
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Failure::Input);
        }
        let bytes = body::read(body, headers, FIELDS_BYTES_MAX, pace).await?;
        Self::of_pairs(&bytes)
    }

    async fn parts(bytes: Bytes, boundary: String) -> Result<Self, Failure> {
        let stream = futures::stream::iter([Ok::<_, Infallible>(bytes)]);
        let mut parts = multer::Multipart::new(stream, boundary);
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|_| Failure::Input)? {
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let data = part.bytes().await.map_err(|_| Failure::Input)?;
            if !is_file {
                let text = String::from_utf8(data.to_vec()).map_err(|_| Failure::Input)?;
                form.add(name, text)?;
            } else if !data.is_empty() {
                if form.files.len() >= FILES_MAX {
                    return Err(Failure::TooLarge);
                }
                form.files.push(File { field: name, data });
            }
        }
        Ok(form)
    }

    /// The first value of a field, trimmed; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values of a field, trimmed.
    pub(crate) fn all<'f, 'n>(
        &'f self,
        name: &'n str,
    ) -> impl Iterator<Item = &'f str> + use<'f, 'n> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// Fields whose name begins so: the rest of the name, and the value, trimmed.
    pub(crate) fn after<'f, 'n>(
        &'f self,
        prefix: &'n str,
    ) -> impl Iterator<Item = (&'f str, &'f str)> + use<'f, 'n> {
        let rest = move |(name, value): &'f (String, String)| {
            name.strip_prefix(prefix).map(|rest| (rest, value.trim()))
        };
        self.fields.iter().filter_map(rest)
    }

    /// A number; `None` when it is none.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.text(name).parse().ok()
    }

    /// Lines named by fields `<prefix>-<line>`, ascending.
    pub(crate) fn lines(&self, prefix: &str) -> Vec<u32> {
        let line = |name: &str| name.strip_prefix(prefix)?.strip_prefix('-')?.parse().ok();
        let mut lines: Vec<u32> = self.fields.iter().filter_map(|(name, _)| line(name)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::time::Duration;

    use super::*;

    const PACE: Pace = Pace { grace: Duration::from_secs(5), bytes_per_s_min: 1024 };

    async fn read(kind: &str, body: &str) -> Result<Form, Failure> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())]);
        Form::read(Body::from(body.to_owned()), &headers, PACE).await
    }

    #[tokio::test]
    async fn fields_and_files_are_read_from_both_kinds() {
        let form =
            read("application/x-www-form-urlencoded; charset=UTF-8", "a=1+&b=%C3%A9&units-7=2")
                .await
                .unwrap();
        assert_eq!((form.text("a"), form.text("b"), form.text("c")), ("1", "é", ""));
        assert_eq!((form.lines("units"), form.number("units-7")), (vec![7], Some(2)));
        let body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\né\r\n--x\r\n\
            Content-Disposition: form-data; name=\"p\"; filename=\"x.png\"\r\n\r\nbytes\r\n--x\r\n\
            Content-Disposition: form-data; name=\"p\"; filename=\"\"\r\n\r\n\r\n--x--\r\n";
        let form = read("multipart/form-data; boundary=x", body).await.unwrap();
        assert_eq!(form.text("a"), "é");
        assert_eq!(form.files.len(), 1);
        assert_eq!((form.files[0].field.as_str(), &form.files[0].data[..]), ("p", &b"bytes"[..]));
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        for (kind, body) in [
            ("application/json", "{}"),
            ("text/plain", "a=1"),
            ("multipart/form-data; boundary=x", "--x\r\nnonsense"),
            (
                "multipart/form-data; boundary=x",
                "--x\r\nContent-Disposition: form-data; name=\"a\"",
            ),
        ] {
            assert!(matches!(read(kind, body).await, Err(Failure::Input)), "{kind} {body}");
        }
        let many = "a=1&".repeat(FIELDS_MAX + 1);
        let urlencoded = "application/x-www-form-urlencoded";
        assert!(matches!(read(urlencoded, &many).await, Err(Failure::Input)));
        let large = format!("a={}", "x".repeat(FIELDS_BYTES_MAX));
        assert!(matches!(read(urlencoded, &large).await, Err(Failure::TooLarge)));
    }
}
