//! Who a visitor said they are, for half an hour, in a sealed cookie. Nothing of it is kept here.

use colibri_events::returns::v1::{Identity, OrderRef, order_ref::By};
use colibri_kit::{
    clock::{Clock as _, SystemClock},
    fault::BoxError,
};
use colibri_types::TenantId;
use http::{HeaderMap, HeaderValue, header};
use serde::{Deserialize, Serialize};

use super::seal::{Sealer, unguessable};

/// Name of the cookie.
const COOKIE: &str = "colibri_returns";
/// What it is sealed for.
const PURPOSE: &str = "visit";
/// What a link to follow a return is sealed for.
const FOLLOW: &str = "follow";
/// Days that such a link may be used: longer than a return takes, shorter than for ever.
const FOLLOW_DAYS: u64 = 180;

/// What a visitor told to find their order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Who {
    /// As on the confirmation.
    pub(crate) number: String,
    /// One of these two.
    pub(crate) email: String,
    /// The other.
    pub(crate) postcode: String,
}

impl Who {
    /// For the service.
    pub(crate) fn identity(&self) -> Identity {
        Identity {
            order_number: self.number.clone(),
            email: self.email.clone(),
            postcode: self.postcode.clone(),
        }
    }

    /// The order it names.
    pub(crate) fn order(&self) -> Option<OrderRef> {
        Some(OrderRef { by: Some(By::Identity(self.identity())) })
    }
}

/// A visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Random: forms are bound to it.
    pub(crate) visit: String,
    /// Once the order was found.
    pub(crate) who: Option<Who>,
    /// Seconds since 1970.
    until: u64,
}

/// A return that its link leads to.
#[derive(Debug, Serialize, Deserialize)]
struct Followed {
    return_id: String,
    until: u64,
}

/// Real time: a business clock may run fast, people do not.
fn now_s() -> u64 {
    u64::try_from(SystemClock.now().unix_timestamp()).unwrap_or_default()
}

impl Session {
    /// A visit that begins.
    ///
    /// # Errors
    /// When the machine gives no random bytes.
    pub(crate) fn begin(who: Option<Who>) -> Result<Self, BoxError> {
        Ok(Self { visit: unguessable()?, who, until: 0 })
    }

    /// The visit of a request, unless it is over.
    pub(crate) fn of(sealer: &Sealer, tenant: TenantId, headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        let pairs = values.flat_map(|value| value.split(';')).filter_map(|p| p.split_once('='));
        let mut sealed = pairs.filter(|(name, _)| name.trim() == COOKIE).map(|(_, value)| value);
        sealed.find_map(|sealed| {
            let session: Self = sealer.open(PURPOSE, tenant, sealed.trim())?;
            (session.until > now_s()).then_some(session)
        })
    }

    /// The header that keeps the visit for so many minutes more.
    ///
    /// # Errors
    /// When it cannot be sealed.
    pub(crate) fn cookie(
        &self,
        sealer: &Sealer,
        tenant: TenantId,
        minutes: u32,
        secure: bool,
    ) -> Result<HeaderValue, BoxError> {
        let age = u64::from(minutes) * 60;
        let kept = Self { until: now_s() + age, ..self.clone() };
        let sealed = sealer.seal(PURPOSE, tenant, &kept)?;
        cookie(&sealed, tenant, age, secure)
    }

    /// The header that forgets the visit.
    ///
    /// # Errors
    /// Never with a tenant's id.
    pub(crate) fn gone(tenant: TenantId, secure: bool) -> Result<HeaderValue, BoxError> {
        cookie("", tenant, 0, secure)
    }
}

fn cookie(value: &str, tenant: TenantId, age: u64, secure: bool) -> Result<HeaderValue, BoxError> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!(
        "{COOKIE}={value}; Path=/portal/{tenant}; Max-Age={age}; HttpOnly; SameSite=Lax{secure}"
    );
    let mut value = HeaderValue::try_from(text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The word of a link to follow a return without saying who one is.
///
/// # Errors
/// When it cannot be sealed.
pub(crate) fn follow_token(
    sealer: &Sealer,
    tenant: TenantId,
    return_id: &str,
) -> Result<String, BoxError> {
    let until = now_s() + FOLLOW_DAYS * 86_400;
    sealer.seal(FOLLOW, tenant, &Followed { return_id: return_id.to_owned(), until })
}

/// The return that such a word leads to.
pub(crate) fn followed(sealer: &Sealer, tenant: TenantId, token: &str) -> Option<String> {
    let followed: Followed = sealer.open(FOLLOW, tenant, token)?;
    (followed.until > now_s()).then_some(followed.return_id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn carried(cookie: &HeaderValue) -> HeaderMap {
        let text = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let text = format!("other=1; {text}");
        HeaderMap::from_iter([(header::COOKIE, text.parse().unwrap())])
    }

    #[test]
    fn a_visit_comes_back_until_it_is_over_and_nobody_reads_it() {
        let sealer = Sealer::of_test(&[7; 32]);
        let tenant = TenantId::generate();
        let who =
            Who { number: "#1".into(), email: "ottokar@example.org".into(), ..Who::default() };
        let session = Session::begin(Some(who)).unwrap();
        let cookie = session.cookie(&sealer, tenant, 30, true).unwrap();
        let text = cookie.to_str().unwrap();
        assert!(!text.contains("ottokar"), "{text}");
        for word in ["HttpOnly", "SameSite=Lax", "Secure", "Max-Age=1800"] {
            assert!(text.contains(word), "{text}");
        }
        let back = Session::of(&sealer, tenant, &carried(&cookie)).unwrap();
        assert_eq!((back.visit, back.who), (session.visit.clone(), session.who.clone()));
        assert_eq!(Session::of(&sealer, TenantId::generate(), &carried(&cookie)), None);
        let over = session.cookie(&sealer, tenant, 0, false).unwrap();
        assert_eq!(Session::of(&sealer, tenant, &carried(&over)), None);
    }

    #[test]
    fn a_link_leads_to_one_return_of_one_tenant() {
        let sealer = Sealer::of_test(&[7; 32]);
        let tenant = TenantId::generate();
        let token = follow_token(&sealer, tenant, "ret_1").unwrap();
        assert_eq!(followed(&sealer, tenant, &token).as_deref(), Some("ret_1"));
        assert_eq!(followed(&sealer, TenantId::generate(), &token), None);
        assert_eq!(followed(&sealer, tenant, "ret_1"), None);
    }
}
