//! The form of a carrier account, against what the carrier's connector asks for.

use std::collections::BTreeMap;

use colibri_carriers::{Account, Carrier, CarrierInfo};
use colibri_events::accounts::v1::{Credential, Host};
use colibri_types::Country;
use secrecy::SecretString;
use url::Url;

use super::Violation;
use crate::error::{COUNTRY, FIELD, HOST};

/// Bytes of a field: a key in PEM fits, and a whole form fits what the vault takes, 32 KiB.
const VALUE_BYTES_MAX: usize = 4_096;
/// Bytes of a URL: base addresses are short.
const URL_BYTES_MAX: usize = 200;

/// Whether plain HTTP to the own machine is accepted: where simulators run, not in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loopback {
    /// Simulators may stand in for carriers.
    Allowed,
    /// Real carriers only.
    Refused,
}

/// Checks credentials against the carrier's form, then by the connector itself.
///
/// # Errors
/// `ACC0006` for each field at fault.
pub fn credentials(
    carrier: &dyn Carrier,
    credentials: &[Credential],
    hosts: &[Host],
) -> Result<(), Vec<Violation>> {
    let form = carrier.info().account_fields;
    let mut wrong = Vec::new();
    let mut account = Account::default();
    for (at, credential) in credentials.iter().enumerate() {
        let path = format!("credentials[{at}]");
        let known = form.iter().any(|field| field.name == credential.name);
        let value = SecretString::from(credential.value.clone());
        if !known {
            let names: Vec<&str> = form.iter().map(|field| field.name).collect();
            let text = format!("one of {}", names.join(", "));
            wrong.push(Violation::new(FIELD, path, "UNKNOWN", text));
        } else if credential.value.len() > VALUE_BYTES_MAX {
            wrong.push(Violation::new(FIELD, path, "OVER_LIMIT", "at most 4 096 bytes"));
        } else if account.fields.insert(credential.name.clone(), value).is_some() {
            wrong.push(Violation::new(FIELD, path, "TWICE", "each field once"));
        }
    }
    for field in form.iter().filter(|field| field.required) {
        if account.field(field.name).is_none() {
            let path = format!("credentials.{}", field.name);
            wrong.push(Violation::new(FIELD, path, "MISSING", field.meaning));
        }
    }
    account.hosts = hosts.iter().map(|h| (h.name.clone(), h.url.clone())).collect();
    if wrong.is_empty()
        && let Err(error) = carrier.auth(&account)
    {
        let path = format!("credentials.{}", error.field);
        wrong.push(Violation::new(FIELD, path, "MALFORMED", error.reason));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Checks hosts that differ from production.
///
/// # Errors
/// `ACC0011` for each at fault.
pub fn hosts(info: &CarrierInfo, hosts: &[Host], loopback: Loopback) -> Result<(), Vec<Violation>> {
    let mut seen: BTreeMap<&str, ()> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (at, host) in hosts.iter().enumerate() {
        let path = |part: &str| format!("hosts[{at}].{part}");
        if !info.hosts.iter().any(|(name, _)| *name == host.name) {
            let names: Vec<&str> = info.hosts.iter().map(|(name, _)| *name).collect();
            let text = format!("one of {}", names.join(", "));
            wrong.push(Violation::new(HOST, path("name"), "UNKNOWN", text));
        } else if seen.insert(&host.name, ()).is_some() {
            wrong.push(Violation::new(HOST, path("name"), "TWICE", "each host once"));
        }
        if !accepted(&host.url, loopback) {
            let text = "https:// with a public name; http:// on loopback where it is allowed";
            wrong.push(Violation::new(HOST, path("url"), "NOT_ACCEPTED", text));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// A base address that our credentials may be sent to. Names can still lead to inner addresses:
/// what is really connected to is checked where calls leave.
fn accepted(text: &str, loopback: Loopback) -> bool {
    let Some(url) = Some(text).filter(|t| t.len() <= URL_BYTES_MAX).and_then(|t| t.parse().ok())
    else {
        return false;
    };
    let url: Url = url;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let inner = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let public = matches!(url.host(), Some(url::Host::Domain(name)) if name.contains('.'));
    match url.scheme() {
        "https" => bare && (public || (inner && loopback == Loopback::Allowed)),
        "http" => bare && inner && loopback == Loopback::Allowed,
        _ => false,
    }
}

/// Checks countries that the account is limited to.
///
/// # Errors
/// `ACC0012` for each at fault.
pub fn countries(info: &CarrierInfo, countries: &[String]) -> Result<(), Vec<Violation>> {
    let mut wrong = Vec::new();
    // There are 250 countries; whoever sends more repeats some.
    for (at, text) in countries.iter().enumerate().take(300) {
        let path = format!("origin_countries[{at}]");
        let country: Option<Country> = text.parse().ok();
        if !country.is_some_and(|country| info.origins.contains(&country)) {
            let origins: Vec<&str> = info.origins.iter().map(Country::as_str).collect();
            let text = format!("one of {}", origins.join(", "));
            wrong.push(Violation::new(COUNTRY, path, "NOT_SERVED", text));
        } else if countries.iter().take(at).any(|other| other == text) {
            wrong.push(Violation::new(COUNTRY, path, "TWICE", "each country once"));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn filled(carrier: &dyn Carrier) -> Vec<Credential> {
        let required = carrier.info().account_fields.iter().filter(|field| field.required);
        let fill = |name: &str, value: &str| Credential { name: name.into(), value: value.into() };
        required.map(|field| fill(field.name, field.example)).collect()
    }

    #[test]
    fn each_carrier_takes_its_own_form_and_misses_what_is_left_out() {
        for carrier in colibri_carriers::all() {
            assert!(carrier.info().account_fields.len() * (VALUE_BYTES_MAX + 64) <= 32_768);
            let form = filled(*carrier);
            assert_eq!(credentials(*carrier, &form, &[]), Ok(()), "{}", carrier.info().id);
            for at in 0..form.len() {
                let mut less = form.clone();
                let gone = less.remove(at);
                let wrong = credentials(*carrier, &less, &[]).unwrap_err();
                assert_eq!(wrong[0].field, format!("credentials.{}", gone.name));
                assert_eq!(wrong[0].why, "MISSING");
            }
            let mut twice = form.clone();
            twice.push(form[0].clone());
            assert_eq!(credentials(*carrier, &twice, &[]).unwrap_err()[0].why, "TWICE");
            let mut more = form.clone();
            more.push(Credential { name: "colour".into(), value: "chartreuse".into() });
            let wrong = credentials(*carrier, &more, &[]).unwrap_err();
            assert!(wrong[0].why == "UNKNOWN" && !format!("{wrong:?}").contains("chartreuse"));
        }
    }

    #[test]
    fn credentials_go_to_public_names_or_to_simulators() {
        for (url, real, simulated) in [
            ("https://api.carrier.example", true, true),
            ("https://api.carrier.example/v2/", true, true),
            ("http://127.0.0.1:8080/ups", false, true),
            ("http://[::1]:8080", false, true),
            ("http://localhost:8080", false, true),
            ("https://localhost:8080", false, true),
            ("http://api.carrier.example", false, false),
            ("https://10.0.0.1", false, false),
            ("https://169.254.169.254", false, false),
            ("https://vault", false, false),
            ("https://user:pass@api.carrier.example", false, false),
            ("https://api.carrier.example/?a=b", false, false),
            ("https://api.carrier.example/#a", false, false),
            ("ftp://api.carrier.example", false, false),
            ("file:///etc/passwd", false, false),
            ("api.carrier.example", false, false),
            ("", false, false),
        ] {
            assert_eq!(accepted(url, Loopback::Refused), real, "{url}");
            assert_eq!(accepted(url, Loopback::Allowed), simulated, "{url}");
        }
    }

    #[test]
    fn hosts_and_countries_are_the_carriers() {
        let info = colibri_carriers::all()[0].info();
        let host = |name: &str| Host { name: name.into(), url: "https://a.example".into() };
        let allowed = Loopback::Refused;
        assert_eq!(hosts(info, &[host(info.hosts[0].0)], allowed), Ok(()));
        let wrong = hosts(info, &[host(info.hosts[0].0), host(info.hosts[0].0)], allowed);
        assert_eq!(wrong.unwrap_err()[0].why, "TWICE");
        assert_eq!(hosts(info, &[host("other")], allowed).unwrap_err()[0].why, "UNKNOWN");
        let first = info.origins[0].as_str().to_owned();
        assert_eq!(countries(info, &[]), Ok(()));
        assert_eq!(countries(info, std::slice::from_ref(&first)), Ok(()));
        assert_eq!(countries(info, &[first.clone(), first]).unwrap_err()[0].why, "TWICE");
        assert_eq!(countries(info, &["fr".into()]).unwrap_err()[0].why, "NOT_SERVED");
    }
}
