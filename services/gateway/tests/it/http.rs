//! An HTTP client that sends what it is told, also what it should not.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Status and code of a problem, which must look like one.
    #[track_caller]
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(problem["status"], self.status.as_u16(), "{problem}");
        assert_eq!(problem["type"], format!("/errors/{code}"), "{problem}");
        assert!(!problem["title"].as_str().unwrap().is_empty(), "{problem}");
        let sources = ["carrier", "channel", "customer", "colibri"];
        assert!(sources.contains(&problem["error_source"].as_str().unwrap()), "{problem}");
        assert_eq!(problem["request_id"], self.header("request-id"), "{problem}");
        self.dressed();
        (self.status.as_u16(), code)
    }

    /// Headers of every answer.
    #[track_caller]
    pub fn dressed(&self) {
        assert!(!self.header("request-id").is_empty(), "{self:?}");
        assert_eq!(self.header("x-content-type-options"), "nosniff", "{self:?}");
        assert!(!self.header("cache-control").is_empty(), "{self:?}");
    }
}

/// Where to send to, and as whom.
#[derive(Clone)]
pub struct Api {
    pub address: SocketAddr,
    pub token: String,
}

impl Api {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Bytes::new()).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, Bytes::new()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, &[], body).await
    }

    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.post_bytes(path, headers, body.to_string()).await
    }

    pub async fn post_bytes(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut all = headers.to_vec();
        if !headers.iter().any(|(name, _)| *name == "content-type") {
            all.push(("content-type", "application/json"));
        }
        self.send(Method::POST, path, &all, body.into()).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Answer {
        let mut request =
            Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let answer = client.request(request.body(Full::new(body)).unwrap()).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Writes these bytes and reads until the other side closes or `enough` is seen.
    pub async fn raw(&self, bytes: &[u8], enough: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut seen = Vec::new();
        let read = async {
            let mut part = [0; 4096];
            loop {
                let n = stream.read(&mut part).await.unwrap_or_default();
                seen.extend_from_slice(part.get(..n).unwrap());
                let text = String::from_utf8_lossy(&seen).into_owned();
                if n == 0 || (!enough.is_empty() && text.contains(enough)) {
                    return text;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), read).await.expect("an answer or an end")
    }
}
