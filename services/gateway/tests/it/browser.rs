//! A browser without scripts: keeps a cookie, fills forms in, reads pages as text.

use std::sync::Mutex;

use bytes::Bytes;
use http::Method;

use crate::{
    http::{Answer, Api},
    shop::Shop,
};

/// A visitor: keeps cookies, follows nothing by itself.
pub struct Browser {
    pub api: Api,
    pub base: String,
    pub cookie: Mutex<String>,
    pub address: &'static str,
}

impl Browser {
    pub fn new(shop: &Shop, lang: &str) -> Self {
        let base = format!("/portal/{}/{lang}", shop.world.tenant);
        Self { api: shop.world.nobody(), base, cookie: Mutex::default(), address: "192.0.2.1" }
    }

    pub async fn send(&self, method: Method, place: &str, kind: &str, body: Bytes) -> Answer {
        let cookie = self.cookie.lock().unwrap().clone();
        let mut headers = vec![("x-forwarded-for", self.address)];
        if !kind.is_empty() {
            headers.push(("content-type", kind));
        }
        if !cookie.is_empty() {
            headers.push(("cookie", cookie.as_str()));
        }
        let place = match place.strip_prefix("/portal") {
            Some(_) => place.to_owned(),
            None => format!("{}{place}", self.base),
        };
        let answer = self.api.send(method, &place, &headers, body).await;
        if let Some(set) = answer.headers.get("set-cookie") {
            let set = set.to_str().unwrap();
            assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
            *self.cookie.lock().unwrap() = set.split(';').next().unwrap().to_owned();
        }
        answer.dressed();
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        answer
    }

    pub async fn get(&self, place: &str) -> Page {
        Page::of(self.send(Method::GET, place, "", Bytes::new()).await)
    }

    /// Sends fields to a place.
    pub async fn post(&self, place: &str, fields: &[(&str, &str)]) -> Page {
        let kind = "application/x-www-form-urlencoded";
        Page::of(self.send(Method::POST, place, kind, encoded(fields).into()).await)
    }

    /// Sends the hidden fields of a page, and these.
    pub async fn fill(&self, page: &Page, place: &str, fields: &[(&str, &str)]) -> Page {
        let hidden = page.hidden();
        let mut all: Vec<(&str, &str)> =
            hidden.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        all.extend(fields);
        self.post(place, &all).await
    }

    /// The same with files, as `multipart/form-data`.
    pub async fn fill_with_files(
        &self,
        page: &Page,
        place: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> Page {
        let hidden = page.hidden();
        let hidden = hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut body = Vec::new();
        for (name, value) in hidden.chain(fields.iter().copied()) {
            let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
        }
        for (name, data) in files {
            let head = format!(
                "--x\r\nContent-Disposition: form-data; name=\"{name}\"; \
                 filename=\"holiday.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(data);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--x--\r\n");
        let kind = "multipart/form-data; boundary=x";
        Page::of(self.send(Method::POST, place, kind, body.into()).await)
    }

    /// To the order, by its number and e-mail.
    pub async fn known(&self, number: &str) -> Page {
        let page = self.get("").await;
        let email = "camille.exemple@example.org";
        let found = self.fill(&page, "", &[("number", number), ("email", email)]).await;
        assert_eq!(found.to(), format!("{}/order", self.base));
        self.get("/order").await
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// An answer as a person sees it.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub text: String,
    pub answer: Answer,
}

impl Page {
    fn of(answer: Answer) -> Self {
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        if answer.header("content-type").starts_with("text/html") {
            assert!(!text.contains("<script") && !text.contains(" style="), "{text}");
            assert_eq!(text.matches("<h1").count(), 1, "{text}");
            assert!(text.contains("<main") && text.contains("<header") && text.contains("<nav"));
        }
        Self { status: answer.status.as_u16(), text, answer }
    }

    pub fn to(&self) -> &str {
        assert_eq!(self.status, 303, "{self:?}");
        self.answer.header("location")
    }

    /// Hidden fields of the first form of the content.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let main = self.text.split("<main").nth(1).unwrap();
        let form = main.split("<form").nth(1).unwrap().split("</form").next().unwrap();
        let inputs = form.split("<input type=\"hidden\"").skip(1);
        let value = |text: &str, name: &str| {
            let rest = text.split(&format!("{name}=\"")).nth(1).unwrap();
            let text = rest.split('"').next().unwrap().replace("&quot;", "\"");
            text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        };
        let pair = |input: &str| {
            let input = input.split('>').next().unwrap();
            (value(input, " name"), value(input, " value"))
        };
        inputs.map(pair).collect()
    }

    #[track_caller]
    pub fn shows(&self, text: &str) {
        assert!(self.text.contains(text), "{text:?} is not in {}", self.text);
    }
}
