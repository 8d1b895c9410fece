//! What the simulated UPS sells where. Written apart from the connector's own table.

const EVERYWHERE: &str = "01 02 03 07 08 11 12 13 14 17 54 59 65 70 71 72 74 75 96";
const UNION: &str =
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK";

/// Is there a service of that code?
pub(super) fn exists(service: &str) -> bool {
    EVERYWHERE.split(' ').any(|known| known == service)
}

/// A member of the European Union, for customs.
pub(super) fn union(country: &str) -> bool {
    UNION.split(' ').any(|member| member == country)
}

/// Sold from the one country to the other?
pub(super) fn sold(service: &str, from: &str, to: &str) -> bool {
    let american = |country: &str| matches!(country, "US" | "PR");
    let europe = |country: &str| union(country) || matches!(country, "GB" | "CH" | "NO" | "LI");
    if !exists(service) {
        return false;
    }
    if american(from) && american(to) {
        return matches!(service, "01" | "02" | "03" | "12" | "13" | "14" | "59");
    }
    if from == "CA" && matches!(to, "CA" | "US") {
        return match service {
            "07" | "08" | "54" | "65" => to != "CA",
            "03" | "59" | "70" | "74" => false,
            _ => true,
        };
    }
    match service {
        "01" | "02" | "03" | "12" | "13" | "14" | "59" => false,
        "08" => from != to,
        "70" | "74" => europe(from) && europe(to),
        "11" => {
            let road = |country: &str| matches!(country, "US" | "CA" | "MX");
            europe(from) && europe(to) || road(from) && road(to)
        }
        _ => true,
    }
}
