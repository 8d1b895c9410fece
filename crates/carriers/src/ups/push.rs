//! Track Alert v2: UPS calls us with one event of one parcel.
//!
//! There is no signature: UPS sends a credential that the tenant has typed into UPS's portal
//! beside the destination URL. A push is a hint; the poll stays the record. A number is watched for
//! 14 days and then forgotten without a word.

use serde::Serialize;
use time::Duration;

use super::{
    Ups,
    clock::{self, Fields},
    common::{self, Stake},
    tracking,
    wire::{Subscribed, TrackingEvent},
};
use crate::{
    Account, Call, CarrierError, HttpRequest, HttpResponse, Method, ParcelTrack, Push, Scan,
    Subscriptions,
};

/// Most numbers in one subscription.
const SUBSCRIBE_MAX: usize = 100;
/// After that a number is forgotten without a word.
const WATCHED: Duration = Duration::days(14);

impl Push for Ups {
    fn verify(&self, account: &Account, headers: &[(String, String)], _body: &[u8]) -> bool {
        let Some(secret) = account.field("webhook_secret") else {
            return false;
        };
        // Every header is compared, whether an earlier one fits or not.
        headers.iter().fold(false, |fits, (name, value)| {
            let given = match name.as_str() {
                "x-api-key" | "credential" => value.as_str(),
                "authorization" => value.strip_prefix("Bearer ").unwrap_or_default(),
                _ => return fits,
            };
            fits | equal(secret.as_bytes(), given.trim().as_bytes())
        })
    }

    fn parse(&self, body: &[u8]) -> Result<Vec<ParcelTrack>, CarrierError> {
        events(&common::text(body))
    }

    fn subscriptions(&self) -> Option<&dyn Subscriptions> {
        Some(self)
    }
}

impl Subscriptions for Ups {
    fn numbers_max(&self) -> usize {
        SUBSCRIBE_MAX
    }

    fn lasts(&self) -> Duration {
        WATCHED
    }

    fn request(&self, call: &Call<'_>, numbers: &[String], _destination_url: &str) -> HttpRequest {
        subscribe(call, numbers)
    }

    fn response(&self, response: &HttpResponse) -> Result<Vec<String>, CarrierError> {
        subscribed(response)
    }
}

/// Compares all bytes of the secret whatever was given; only the given length shows in the time.
fn equal(secret: &[u8], given: &[u8]) -> bool {
    let mut difference = usize::from(secret.len() != given.len());
    for (index, byte) in given.iter().enumerate() {
        let expected = secret.get(index % secret.len().max(1)).copied().unwrap_or_default();
        difference |= usize::from(std::hint::black_box(expected ^ byte));
    }
    difference == 0 && !secret.is_empty()
}

/// Events of a body: one, or a list of them.
pub(super) fn events(text: &str) -> Result<Vec<ParcelTrack>, CarrierError> {
    let events: Vec<TrackingEvent<'_>> = common::json_many(text)?;
    let tracks: Vec<ParcelTrack> = events.iter().filter_map(event).collect();
    if tracks.is_empty() {
        return Err(CarrierError::garbled("no event with a tracking number and a status"));
    }
    Ok(tracks)
}

/// One event; `None` when one of the two required elements is missing.
fn event(event: &TrackingEvent<'_>) -> Option<ParcelTrack> {
    let number = event.tracking_number.get()?;
    let status = event.activity_status.get()?;
    let location = event.activity_location.get().map(tracking::location).unwrap_or_default();
    let fields = Fields {
        date: event.local_activity_date.get(),
        time: event.local_activity_time.get(),
        gmt_date: event.gmt_activity_date.get(),
        gmt_time: event.gmt_activity_time.get(),
        gmt_offset: event.gmt_offset.get(),
    };
    let (time, zone_source) = clock::event(fields, &location);
    let handed_over = event.actual_delivery_date.get().is_some();
    let read = tracking::interpret(Some(status), handed_over);
    let scan = Scan {
        code: read.code,
        description: read.description,
        status: read.status,
        time,
        zone_source,
        location,
        sequence: 0,
        return_leg: false,
    };
    let promised = event
        .scheduled_delivery_date
        .get()
        .and_then(|day| tracking::moment(day, event.delivery_end_time.get()));
    Some(ParcelTrack { tracking_number: number.to_owned(), scans: vec![scan], promised })
}

/// Body of a subscription.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Subscribe<'a> {
    locale: &'static str,
    tracking_number_list: &'a [String],
}

/// Asks UPS to push the events of up to 100 numbers for 14 days. Destination and credential are
/// those of UPS's portal.
#[must_use]
pub fn subscribe(call: &Call<'_>, tracking_numbers: &[String]) -> HttpRequest {
    let list = tracking_numbers.get(..SUBSCRIBE_MAX).unwrap_or(tracking_numbers);
    let request = common::call(call, Method::Post, "/api/track/v2/subscription/standard/package");
    common::body(request, &Subscribe { locale: "en_US", tracking_number_list: list })
}

/// Numbers that UPS refused to watch, from the answer to [`subscribe`].
///
/// # Errors
/// [`CarrierError`] when none is watched.
pub fn subscribed(response: &HttpResponse) -> Result<Vec<String>, CarrierError> {
    if !common::is_success(response) {
        return Err(common::failure(response, Stake::Nothing));
    }
    let text = common::text(&response.body);
    let answer: Subscribed = common::json(&text)?;
    if answer == Subscribed::default() {
        return Err(CarrierError::garbled("neither valid nor invalid tracking numbers"));
    }
    Ok(answer.invalid_tracking_numbers)
}

#[cfg(test)]
#[path = "push_tests.rs"]
mod tests;
