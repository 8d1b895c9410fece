//! Track Alert: subscriptions for 14 days, and the events they push.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, UtcOffset};

use super::{
    Failure, UpsSim, at, body, clock, day, header, list, reply,
    script::{Happening, Site},
    ship::Sold,
    text,
    track::{offset_text, place},
};
use crate::{
    HttpResponse,
    sim::{SimPush, SimRequest},
};

const WATCHED: Duration = Duration::days(14);
const NUMBERS_MAX: usize = 100;

/// Where pushes go.
#[derive(Debug, Clone)]
struct Webhook {
    url: String,
    credential: String,
}

/// A number that is watched.
struct Watch {
    until: OffsetDateTime,
    webhook: Webhook,
}

#[derive(Default)]
pub(super) struct Watches {
    /// What the portal holds.
    portal: Option<Webhook>,
    by_number: BTreeMap<String, Watch>,
    /// Events to come, by time and then by order of entry.
    queue: BTreeMap<(OffsetDateTime, u64), Due>,
    entered: u64,
}

/// An event that will be pushed: the scan of a number at a time, so that a void can cut the story.
struct Due {
    number: String,
    scan: (OffsetDateTime, u16),
}

impl UpsSim {
    pub(super) fn portal(&mut self, request: &SimRequest) -> Result<HttpResponse, Failure> {
        let root = body(request)?;
        let (url, credential) = (text(&root, &["url"]), text(&root, &["apiKey"]));
        if url.is_empty() || credential.is_empty() {
            return Err(Failure::new(400, "VSS600", "url and apiKey are required"));
        }
        let webhook = Webhook { url: url.to_owned(), credential: credential.to_owned() };
        self.watches.portal = Some(webhook);
        Ok(reply(200, &json!({})))
    }

    pub(super) fn subscribe(
        &mut self,
        version: &str,
        kind: &str,
        request: &SimRequest,
    ) -> Result<HttpResponse, Failure> {
        let refuse = |code, message: &str| Failure::new(400, code, message);
        if !matches!(version, "v1" | "v2") || !matches!(kind, "standard" | "enhanced") {
            return Err(refuse("VSS930", "Type is missing or invalid"));
        }
        for (name, code) in [("transid", "VSS002"), ("transactionsrc", "VSS004")] {
            if header(request, name).unwrap_or_default().is_empty() {
                return Err(refuse(code, "A required header is missing"));
            }
        }
        if request.body.is_empty() {
            return Err(refuse("VSS110", "Subscription request is empty or not present"));
        }
        let root = body(request)?;
        match text(&root, &["locale"]) {
            "" => return Err(refuse("VSS300", "Locale is required")),
            "en_US" => {}
            _ => return Err(refuse("VSS310", "Please enter a valid locale")),
        }
        let webhook = self.destination(version, &root)?;
        let numbers = list(at(&root, &["trackingNumberList"]));
        if numbers.is_empty() {
            return Err(refuse("VSS200", "Tracking Number List is required"));
        }
        if numbers.len() > NUMBERS_MAX {
            return Err(refuse("VSS220", "Over 100 tracking numbers"));
        }
        let numbers = numbers.iter().map(|number| number.as_str().unwrap_or_default());
        let (valid, invalid): (Vec<&str>, Vec<&str>) = numbers.partition(|number| shaped(number));
        if valid.is_empty() {
            let error = json!({ "code": "VSS210", "message": "No valid tracking number" });
            let answer = json!({
                "invalidTrackingNumbers": invalid,
                "response": { "errors": [error] },
            });
            return Ok(reply(400, &answer));
        }
        for number in &valid {
            let watch = Watch { until: request.now + WATCHED, webhook: webhook.clone() };
            let renewed = self.watches.by_number.insert((*number).to_owned(), watch);
            let from = renewed.map_or(request.now, |old| old.until.max(request.now));
            self.enqueue(number, from);
        }
        let answer = json!({ "validTrackingNumbers": valid, "invalidTrackingNumbers": invalid });
        Ok(reply(200, &answer))
    }

    fn destination(&self, version: &str, root: &Value) -> Result<Webhook, Failure> {
        let refuse = |code, message: &str| Err(Failure::new(400, code, message));
        if version == "v2" {
            let missing = || Failure::new(400, "VSS600", "No webhook is set in the portal");
            return self.watches.portal.clone().ok_or_else(missing);
        }
        let destination = at(root, &["destination"]);
        let part = |key: &str| text(destination, &[key]).to_owned();
        if destination.is_null() {
            return refuse("VSS500", "Destination is required");
        }
        let webhook = Webhook { url: part("url"), credential: part("credential") };
        if webhook.url.is_empty() {
            return refuse("VSS600", "URL is empty or not present");
        }
        if webhook.credential.is_empty() {
            return refuse("VSS700", "Credential is empty or not present");
        }
        if part("credentialType").is_empty() {
            return refuse("VSS800", "CredentialType is empty or not present");
        }
        Ok(webhook)
    }

    /// Enters what will be told of a number after `from`, until its watch ends. No history.
    fn enqueue(&mut self, number: &str, from: OffsetDateTime) {
        let Some(watch) = self.watches.by_number.get(number) else {
            return;
        };
        let Some(&(index, position)) = self.by_number.get(number) else {
            return;
        };
        let piece = self.sold.get(index).and_then(|sold| sold.pieces.get(position));
        for scan in piece.map(|piece| piece.scans.as_slice()).unwrap_or_default() {
            if scan.told < from || scan.told >= watch.until {
                continue;
            }
            for _ in 0..=usize::from(scan.twice) {
                self.watches.entered += 1;
                let due = Due { number: number.to_owned(), scan: (scan.at, scan.code) };
                self.watches.queue.insert((scan.told, self.watches.entered), due);
            }
        }
    }

    /// A void adds an event to a watched number.
    pub(super) fn watch_again(&mut self, number: &str, now: OffsetDateTime) {
        self.watches.queue.retain(|_, due| due.number != number || due.scan.0 < now);
        self.enqueue(number, now);
    }

    pub(super) fn due(&mut self, now: OffsetDateTime) -> Vec<SimPush> {
        let mut pushes = Vec::new();
        while let Some(entry) = self.watches.queue.first_entry() {
            let (due, _) = *entry.key();
            if due > now {
                break;
            }
            let Due { number, scan } = entry.remove();
            pushes.extend(self.push_of(&number, scan, due));
        }
        pushes
    }

    fn push_of(
        &self,
        number: &str,
        which: (OffsetDateTime, u16),
        due: OffsetDateTime,
    ) -> Option<SimPush> {
        let watch = self.watches.by_number.get(number)?;
        let &(index, position) = self.by_number.get(number)?;
        let sold = self.sold.get(index)?;
        let scans = &sold.pieces.get(position)?.scans;
        let scan = scans.iter().find(|scan| (scan.at, scan.code) == which)?;
        let event = event(number, scan, sold, scans);
        let headers = [
            ("content-type", "application/json"),
            ("user-agent", "UPSPubSubTrackingService"),
            ("x-api-key", watch.webhook.credential.as_str()),
        ];
        Some(SimPush {
            due,
            url: watch.webhook.url.clone(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: event.to_string().into(),
        })
    }
}

/// The body of a push.
fn event(number: &str, scan: &Happening, sold: &Sold, scans: &[Happening]) -> Value {
    let place = place(scan, sold);
    let (offset, _) = place.offset(scan.at);
    let (local, gmt) = (scan.at.to_offset(offset), scan.at.to_offset(UtcOffset::UTC));
    let end = scans.iter().rev().find(|scan| scan.kind == "D");
    let delivered = scan.kind == "D";
    let when_delivered = |text: String| if delivered { text } else { String::new() };
    json!({
        "trackingNumber": number,
        "localActivityDate": day(local),
        "localActivityTime": clock(local),
        "activityLocation": {
            "city": if scan.site == Site::Border { "" } else { &place.city },
            "stateProvince": place.state,
            "postalCode": if scan.site == Site::Door { &place.postcode } else { "" },
            "country": place.country,
        },
        "activityStatus": {
            "type": scan.kind,
            "code": scan.letters,
            "description": scan.words,
            "descriptionCode": format!("{:03}", scan.code),
        },
        "scheduledDeliveryDate": end.map(|end| day(end.at)).unwrap_or_default(),
        "actualDeliveryDate": when_delivered(day(local)),
        "actualDeliveryTime": when_delivered(clock(local)),
        "gmtActivityDate": day(gmt),
        "gmtActivityTime": clock(gmt),
        "gmtOffset": offset_text(offset, '.'),
        "deliveryTimeDescription": "end of day",
    })
}

/// `1Z` and 16, or `1R` and 14 or 26.
fn shaped(number: &str) -> bool {
    let plain = number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let length = number.len();
    plain
        && (number.starts_with("1Z") && length == 18
            || number.starts_with("1R") && matches!(length, 16 | 28))
}
