//! Which service UPS sells between which countries.
//!
//! The same code is another product in another country: `01` is Next Day Air in the US and Express
//! in Canada. UPS publishes the table by origin in its appendix and no list of pairs, so only what
//! is sold nowhere on a lane is refused here; UPS itself has the last word.

use crate::{Rejection, Shipment, wire::border};

/// Countries near the European Union that UPS Standard serves on the road.
const NEIGHBOURS: &str = "AD CH GB GG IM JE LI NO SM VA";

pub(super) const ECONOMY_TO_POINTS: &str = "70";

/// Rejects a service that is not sold from the sender's country to the recipient's.
pub(super) fn check(shipment: &Shipment) -> Result<(), Rejection> {
    let (Some(from), Some(to)) = (shipment.sender.country, shipment.recipient.country) else {
        return Ok(());
    };
    if sold(&shipment.service, from.as_str(), to.as_str()) {
        Ok(())
    } else {
        Err(Rejection::new("service", "UPS does not sell it between these countries"))
    }
}

fn sold(service: &str, from: &str, to: &str) -> bool {
    let europe = |code: &str| border::member(code) || NEIGHBOURS.split(' ').any(|n| n == code);
    let road = |code: &str| matches!(code, "US" | "CA" | "MX");
    let states = |code: &str| matches!(code, "US" | "PR");
    let within_states = states(from) && states(to);
    let from_canada = from == "CA" && matches!(to, "CA" | "US");
    match service {
        "01" | "02" | "14" => within_states || from_canada,
        "03" => within_states,
        "12" | "13" => (from, to) == ("US", "US") || from_canada,
        "59" => (from, to) == ("US", "US"),
        "07" | "54" | "65" => !within_states && (from, to) != ("CA", "CA"),
        "08" => from != to && !within_states,
        "11" => europe(from) && europe(to) || road(from) && road(to) && !within_states,
        ECONOMY_TO_POINTS | "74" => europe(from) && europe(to),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_follow_their_lanes() {
        for (service, from, to, expected) in [
            ("11", "FR", "FR", true),
            ("11", "FR", "CH", true),
            ("11", "FR", "US", false),
            ("11", "US", "CA", true),
            ("11", "US", "US", false),
            ("03", "US", "PR", true),
            ("03", "FR", "FR", false),
            ("01", "CA", "CA", true),
            ("01", "FR", "US", false),
            ("59", "CA", "CA", false),
            ("07", "FR", "US", true),
            ("07", "US", "US", false),
            ("08", "FR", "FR", false),
            ("08", "FR", "JP", true),
            ("70", "FR", "DE", true),
            ("70", "FR", "US", false),
            ("74", "DE", "DE", true),
            ("99", "FR", "FR", false),
        ] {
            assert_eq!(sold(service, from, to), expected, "{service} {from} {to}");
        }
    }
}
