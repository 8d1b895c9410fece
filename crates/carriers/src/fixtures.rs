//! Recorded exchanges of a carrier's folder, both ways: what is asked, and what an answer says.
//!
//! `fixtures/<case>/` holds `request.http` (method and URL, headers, an empty line, the body),
//! `response.http` (status, headers, an empty line, the body's bytes) and `expect.json`, each where
//! it has a use.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::{fs, path::PathBuf};

use serde_json::Value;

use crate::{HttpRequest, HttpResponse};

/// The fixtures of one folder.
#[derive(Clone, Copy)]
pub struct Fixtures(pub &'static str);

impl Fixtures {
    fn file(self, case: &str, name: &str) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src").join(self.0);
        folder.join("fixtures").join(case).join(name)
    }

    /// Names of the cases that start so and hold an answer; at least one.
    pub fn cases(self, prefix: &str) -> Vec<String> {
        let entries = fs::read_dir(self.file("", "")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names
            .filter(|name| name.starts_with(prefix))
            .filter(|name| self.file(name, "response.http").exists())
            .collect();
        names.sort();
        assert!(!names.is_empty(), "no case of {} starts with {prefix}", self.0);
        names
    }

    /// `expect.json`.
    pub fn expected(self, case: &str) -> Value {
        let file = fs::read(self.file(case, "expect.json")).expect(case);
        serde_json::from_slice(&file).expect(case)
    }

    /// A file of a case as text.
    pub fn text(self, case: &str, name: &str) -> String {
        fs::read_to_string(self.file(case, name)).expect(case)
    }

    /// `response.http`.
    pub fn response(self, case: &str) -> HttpResponse {
        let file = fs::read(self.file(case, "response.http")).expect(case);
        let head_end = file.windows(2).position(|pair| pair == b"\n\n").expect(case);
        let (head, body) = file.split_at(head_end);
        let mut lines = std::str::from_utf8(head).unwrap().lines();
        let status = lines.next().unwrap().parse().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(':').expect(case);
            (name.to_owned(), value.trim().to_owned())
        };
        HttpResponse {
            status,
            headers: lines.map(header).collect(),
            body: body.get(2..).unwrap().to_vec().into(),
        }
    }

    /// Asserts that a request is that of `request.http`. Markup is compared an element a line.
    pub fn assert_request(self, case: &str, request: &HttpRequest) {
        self.assert_written(case, request, |body| match body.starts_with('<') {
            true => body.replace("><", ">\n<"),
            false => body.to_owned(),
        });
    }

    /// The same for bodies of JSON, which are compared in a form that people read.
    pub fn assert_json_request(self, case: &str, request: &HttpRequest) {
        self.assert_written(case, request, |body| {
            let value: Option<Value> = serde_json::from_str(body).ok();
            value.map_or_else(String::new, |value| serde_json::to_string_pretty(&value).unwrap())
        });
    }

    fn assert_written(self, case: &str, request: &HttpRequest, show: impl Fn(&str) -> String) {
        let mut written = format!("{} {}\n", request.method.as_str(), request.url);
        for (name, value) in &request.headers {
            written.push_str(&format!("{name}: {value}\n"));
        }
        written.push('\n');
        written.push_str(&show(std::str::from_utf8(&request.body).unwrap()));
        let expected = self.text(case, "request.http");
        assert_eq!(written.trim_end(), expected.trim_end(), "{case}");
    }
}
