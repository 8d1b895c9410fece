//! Secrets that a carrier takes no more, as after their rotation.
//!
//! Simulators take any secret that does not begin with `wrong`; what is revoked is turned into such
//! a one on its way in, so that each carrier refuses it in its own words. It works where the secret
//! itself is sent: in a header, in HTTP Basic, in a query or a body. A secret that only signs, as
//! Mondial Relay's key does, never arrives and cannot be recognised.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use colibri_carriers::sim::SimRequest;

/// What no simulator takes.
const WRONG: &str = "wrong";

/// The secrets of one carrier.
#[derive(Debug, Default)]
pub struct Revoked(Vec<[String; 2]>);

impl Revoked {
    /// From now on refused. An empty one is none.
    pub fn add(&mut self, secret: &str) {
        if !secret.is_empty() {
            self.0.push([secret.to_owned(), escaped(secret)]);
        }
    }

    /// The request as the simulator sees it.
    pub fn hide(&self, mut request: SimRequest) -> SimRequest {
        if self.0.is_empty() {
            return request;
        }
        request.query = self.without(&request.query);
        for (name, value) in &mut request.headers {
            *value = match (name.as_str(), basic(value)) {
                ("authorization", Some(pair)) => {
                    format!("Basic {}", STANDARD.encode(self.without(&pair)))
                }
                _ => self.without(value),
            };
        }
        // Files are never uploaded to carriers: a body that is no text holds no secret of ours.
        if let Ok(text) = std::str::from_utf8(&request.body) {
            request.body = self.without(text).into();
        }
        request
    }

    fn without(&self, text: &str) -> String {
        let forms = self.0.iter().flatten();
        forms.fold(text.to_owned(), |text, secret| text.replace(secret, WRONG))
    }
}

/// User and password of HTTP Basic.
fn basic(value: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(value.strip_prefix("Basic ")?).ok()?).ok()
}

/// As forms and queries write it.
fn escaped(secret: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let byte = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    secret.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use colibri_carriers::Method;

    use super::*;

    #[test]
    fn a_secret_is_found_wherever_it_is_sent() {
        let mut revoked = Revoked::default();
        revoked.add("old secret+1");
        revoked.add("");
        let basic = STANDARD.encode("client:old secret+1");
        let request = SimRequest {
            method: Method::Post,
            path: "/token".to_owned(),
            query: "key=old%20secret%2B1&n=1".to_owned(),
            headers: vec![
                ("authorization".to_owned(), format!("Basic {basic}")),
                ("apikey".to_owned(), "old secret+1".to_owned()),
                ("accept".to_owned(), "application/json".to_owned()),
            ],
            body: "<password>old secret+1</password>".into(),
            now: time::OffsetDateTime::UNIX_EPOCH,
        };
        let seen = revoked.hide(request.clone());
        assert_eq!(seen.query, "key=wrong&n=1");
        let values: Vec<&str> = seen.headers.iter().map(|(_, value)| value.as_str()).collect();
        let basic = format!("Basic {}", STANDARD.encode("client:wrong"));
        assert_eq!(values, [basic.as_str(), "wrong", "application/json"]);
        assert_eq!(&seen.body[..], b"<password>wrong</password>");
        assert_eq!(Revoked::default().hide(request.clone()).query, request.query);
    }
}
