//! Products: where each goes, and which destinations lie behind a customs border.
//!
//! Only products that a [`crate::Shipment`] can express are listed. Which ones a contract holds is
//! known to the carrier alone.

use colibri_types::Country;

use crate::Rejection;
pub(super) use crate::wire::border::{Territory as Place, territory as place};

/// Where a product goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// Within mainland France and Monaco.
    National,
    /// By road to near countries.
    Europe,
    /// To any other country or territory.
    Abroad,
    /// To French territories overseas.
    Overseas,
    /// From the customer back, within mainland France.
    ReturnNational,
    /// From the customer in a near country back to France.
    ReturnEurope,
}

/// One product.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product {
    pub code: &'static str,
    pub lane: Lane,
    /// Goes to a pickup point.
    pub point: bool,
}

const fn product(code: &'static str, lane: Lane, point: bool) -> Product {
    Product { code, lane, point }
}

const PRODUCTS: &[Product] = &[
    product("01", Lane::National, false),
    product("02", Lane::National, false),
    product("16", Lane::National, false),
    product("17", Lane::Abroad, false),
    product("44", Lane::Europe, false),
    product("49", Lane::Europe, true),
    product("58", Lane::National, false),
    product("75", Lane::National, false),
    product("76", Lane::National, false),
    product("77", Lane::National, false),
    product("80", Lane::National, true),
    product("86", Lane::National, true),
    product("2L", Lane::National, false),
    product("4P", Lane::Overseas, true),
    product("4R", Lane::ReturnNational, false),
    product("4S", Lane::ReturnNational, false),
    product("4T", Lane::ReturnNational, false),
    product("4U", Lane::ReturnNational, false),
    product("3T", Lane::ReturnEurope, false),
];

/// The same for people, in the same order.
pub(super) const SERVICES: &[(&str, &str)] = &[
    ("01", "Chrono 13"),
    ("02", "Chrono 10"),
    ("16", "Chrono 18"),
    ("17", "Chrono Express"),
    ("44", "Chrono Classic"),
    ("49", "Chrono Relais Europe"),
    ("58", "Chrono 13, letter box"),
    ("75", "Chrono 8"),
    ("76", "Chrono 9"),
    ("77", "Chrono 12"),
    ("80", "Chrono Relais 9"),
    ("86", "Chrono Relais 13"),
    ("2L", "Chrono 18, letter box"),
    ("4P", "Chrono Relais overseas"),
    ("4R", "Chrono Reverse 9, return"),
    ("4S", "Chrono Reverse 10, return"),
    ("4T", "Chrono Reverse 13, return"),
    ("4U", "Chrono Reverse 18, return"),
    ("3T", "Return from Europe"),
];

/// Countries that the road products serve: those with a cross for Classic in the carrier's list as
/// far as it was read, and the rest of the Union.
const NEAR: &str = "AT BE BG CH CY CZ DE DK EE ES FI GB GR HR HU IE IT JE LT LU LV MT NL NO PL PT \
                    RO SE SI SK";
impl Place {
    /// Mainland France or Monaco.
    pub(super) fn mainland(&self) -> bool {
        matches!(self.country.as_str(), "FR" | "MC")
    }

    fn near(&self) -> bool {
        NEAR.split(' ').any(|code| code == self.country)
    }
}

/// The product of that code.
///
/// # Errors
/// [`Rejection`] of `service` when it is not among [`SERVICES`].
pub(super) fn find(service: &str) -> Result<&'static Product, Rejection> {
    let found = PRODUCTS.iter().find(|product| product.code == service);
    found.ok_or_else(|| Rejection::new("service", "is not sold here"))
}

/// Name of a code, also where the carrier leaves its leading zero out.
pub(super) fn named(code: &str) -> Option<(&'static str, &'static str)> {
    let same = |known: &str| known == code || known.strip_prefix('0') == Some(code);
    SERVICES.iter().copied().find(|(known, _)| same(known))
}

/// The way back of what went out by `out`, from a customer there: as fast as it went within
/// France, where the four times of day have a return each, and at one pace from abroad.
pub(super) fn back(out: &str, from: Option<Country>) -> &str {
    let mainland = from.is_some_and(|from| matches!(from.as_str(), "FR" | "MC"));
    match out {
        _ if find(out).is_ok_and(Product::is_return) => out,
        _ if !mainland => "3T",
        "75" | "76" | "80" => "4R",
        "02" => "4S",
        "16" | "2L" => "4U",
        _ => "4T",
    }
}

impl Product {
    pub(super) const fn is_return(&self) -> bool {
        matches!(self.lane, Lane::ReturnNational | Lane::ReturnEurope)
    }

    /// Can it go from there to there?
    ///
    /// # Errors
    /// [`Rejection`] of the country that does not fit.
    pub(super) fn fits(&self, from: &Place, to: &Place) -> Result<(), Rejection> {
        let refuse = |field, reason: &str| Err(Rejection::new(field, reason));
        let (sender, recipient) = ("sender.country", "recipient.country");
        let leaves = match self.lane {
            Lane::ReturnEurope => from.near(),
            _ => from.mainland(),
        };
        if !leaves {
            return match self.lane {
                Lane::ReturnEurope => refuse(sender, "this return leaves from a near country"),
                _ => refuse(sender, "parcels leave from mainland France"),
            };
        }
        match self.lane {
            Lane::National | Lane::ReturnNational | Lane::ReturnEurope if !to.mainland() => {
                refuse(recipient, "this service ends in mainland France")
            }
            Lane::Europe if !to.near() => {
                refuse(recipient, "this service goes by road to near countries only")
            }
            Lane::Abroad if to.mainland() => refuse(recipient, "this service goes abroad only"),
            Lane::Overseas if !to.overseas => {
                refuse(recipient, "this service goes to French overseas territories only")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::Contact;

    #[test]
    fn products_and_their_names_are_the_same_list() {
        let codes: Vec<&str> = PRODUCTS.iter().map(|product| product.code).collect();
        let named: Vec<&str> = SERVICES.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, named);
        assert_eq!(super::named("1"), Some(("01", "Chrono 13")));
        assert_eq!(super::named("86").unwrap().0, "86");
        assert_eq!(super::named("ZZ"), None);
    }

    #[test]
    fn places_are_told_apart_by_country_and_postcode() {
        let at = |country: &str, postcode: &str| {
            let country = country.parse().ok();
            let contact = Contact { country, postcode: postcode.to_owned(), ..Contact::default() };
            place(&contact, "x").unwrap()
        };
        for (country, postcode, code, overseas, outside) in [
            ("FR", "35000", "FR", false, false),
            ("MC", "98000", "MC", false, false),
            ("FR", "97400", "RE", true, true),
            ("NC", "98800", "NC", true, true),
            ("DE", "10115", "DE", false, false),
            ("ES", "35001", "ES", false, true),
            ("ES", "28001", "ES", false, false),
            ("CH", "1200", "CH", false, true),
        ] {
            let found = at(country, postcode);
            assert_eq!(
                (found.country.as_str(), found.overseas, found.outside),
                (code, overseas, outside),
                "{country} {postcode}"
            );
        }
        assert!(place(&Contact::default(), "x").is_err());
    }
}
