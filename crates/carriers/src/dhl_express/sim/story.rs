//! Milestones in Express's letters and words of our own.

use serde_json::{Value, json};
use time::{OffsetDateTime, UtcOffset};

use super::ship::{Place, Sold};
use crate::sim::{
    clock,
    journey::{Happening, Milestone, Site},
};

/// Code and wording; MyDHL is silent about what only data tell.
pub(super) fn told_as(milestone: Milestone) -> Option<(&'static str, &'static str)> {
    Some(match milestone {
        Milestone::Announced | Milestone::Voided => return None,
        Milestone::Collected => ("PU", "The courier has taken the shipment"),
        Milestone::Sorted => ("PL", "Processed at a site"),
        Milestone::Left => ("DF", "Left a site"),
        Milestone::Late => ("OH", "Waiting at a site"),
        Milestone::Weather => ("OH", "Waiting because of the weather"),
        Milestone::Customs => ("IC", "In customs clearance"),
        Milestone::CustomsHold => ("CD", "Customs wait for papers"),
        Milestone::Cleared => ("CR", "Customs have released it"),
        Milestone::Landed => ("AF", "Arrived at a site"),
        Milestone::Arrived => ("AR", "Arrived at the site of delivery"),
        Milestone::OnTheRound => ("WC", "With the courier for delivery"),
        Milestone::Absent => ("NH", "Nobody was there"),
        Milestone::BadAddress => ("BA", "The address is wrong"),
        Milestone::Refused => ("RD", "Not accepted at the door"),
        Milestone::AtPoint => ("CC", "Waiting to be collected"),
        Milestone::Expired => ("ND", "Not collected in time"),
        Milestone::Delivered | Milestone::CollectedAtPoint => ("OK", "Delivered"),
        Milestone::Returning => ("SS", "Stopped on its way"),
        Milestone::BackWithSender => ("RT", "Back with the shipper"),
        Milestone::Lost => ("CS", "The shipment was closed"),
        Milestone::Unheard => ("QZ", "Something happened"),
    })
}

/// The coarse status of unified tracking, wrong where the real one is.
pub(super) fn coarse(code: &str) -> &'static str {
    match code {
        "" | "CD" => "pre-transit",
        "OK" => "delivered",
        "NH" | "BA" | "RD" | "ND" | "SS" | "RT" => "failure",
        "CS" | "QZ" => "unknown",
        _ => "transit",
    }
}

/// Where a scan was made.
pub(super) fn place(sold: &Sold, site: Site) -> Place {
    match site {
        Site::Origin => sold.from.clone(),
        Site::Border => Place { city: "Gateway".to_owned(), ..sold.to.clone() },
        Site::Destination => sold.to.clone(),
    }
}

/// Three letters of a town, as service areas have.
pub(super) fn area(city: &str) -> String {
    let letters = city.chars().filter(char::is_ascii_alphabetic).chain("XXX".chars()).take(3);
    letters.map(|c| c.to_ascii_uppercase()).collect()
}

pub(super) fn date(at: OffsetDateTime) -> String {
    format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day())
}

pub(super) fn time_of_day(at: OffsetDateTime) -> String {
    format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
}

pub(super) fn offset(offset: UtcOffset) -> String {
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs())
}

/// A scan as MyDHL tells it: its offset only when asked for, its signatory never.
pub(super) fn event(sold: &Sold, scan: &Happening, with_offset: bool) -> Option<Value> {
    let (code, words) = told_as(scan.milestone)?;
    let place = place(sold, scan.site);
    let local = clock::local(scan.at, &place.country);
    let mut event = json!({
        "date": date(local),
        "time": time_of_day(local),
        "typeCode": code,
        "description": words,
        "serviceArea": [{
            "code": area(&place.city),
            "description": format!("{}-{}", place.city, place.country),
        }],
        "signedBy": "",
    });
    if let Some(event) = event.as_object_mut().filter(|_| with_offset) {
        event.insert("GMTOffset".to_owned(), json!(offset(local.offset())));
    }
    Some(event)
}
