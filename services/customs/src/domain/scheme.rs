//! Which scheme of low value a parcel travels under: what the tenant is registered for, where the
//! rules of the day allow it.

use colibri_customs_rules::{
    assess::{Assessment, Missing, assess},
    consignment::{Consignment, Flow, Scheme},
    place::Territory,
};
use colibri_events::customs::v1::Profile;

use crate::world::Book;

/// Field of the profile that holds the number of the destination's scheme.
#[must_use]
pub const fn number_of(country: &str) -> &'static str {
    match country.as_bytes() {
        b"GB" => "profile.vat_gb",
        b"NO" => "profile.voec",
        _ => "profile.ioss",
    }
}

/// Chooses the scheme and assesses under it. Answers the number that goes on the record.
///
/// # Errors
/// Fields of a consignment that make no sense.
pub fn settle(
    way: &mut Consignment,
    profile: &Profile,
    book: &Book,
) -> Result<(Assessment, String), Vec<Missing>> {
    let to = Territory::of(&way.to);
    let sold = way.flow == Flow::B2c;
    let world = book.shipped.world();
    // For taxes: the Canary Islands are in the Union's customs territory, and no scheme of its taxes
    // reaches there.
    let union = to.customs == "EU" && to.eu_tax;
    let (wish, number) = match to.customs.as_str() {
        "EU" if union && sold && !profile.ioss.is_empty() => (Some(Scheme::Ioss), &profile.ioss),
        "NO" if sold && !profile.voec.is_empty() => (Some(Scheme::Voec), &profile.voec),
        _ => (None, &profile.vat_gb),
    };
    way.scheme = wish;
    let found = assess(way, world)?;
    match (found.scheme, wish) {
        (Some(scheme), Some(wish)) if scheme == wish => Ok((found, number.clone())),
        // Tax at the sale up to the limit, for everybody who sells to a consumer there: the record
        // carries the seller's number. A business gives its own, which its invoice shows.
        (Some(Scheme::SupplyVat), _) if sold => {
            way.scheme = Some(Scheme::SupplyVat);
            Ok((found, profile.vat_gb.clone()))
        }
        // Above the limit, or no registration: the ordinary way of the destination.
        _ => {
            way.scheme = union.then_some(Scheme::StandardVat);
            Ok((assess(way, world)?, String::new()))
        }
    }
}
