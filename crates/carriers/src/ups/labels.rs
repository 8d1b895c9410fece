//! Buying: Ship v2409.
//!
//! Our attempt reference is the first `ReferenceNumber`, which label recovery and track by
//! reference search; UPS takes it at shipment level, and at package level only inside the US and
//! inside Puerto Rico. UPS does not deduplicate on it.

use colibri_types::{Currency, Money};
use time::Date;

use super::{
    INFO, Ups,
    common::{self, Stake},
    customs, files, lookup,
    parcels::{self, Lane, PackageOption},
    party::{self, LINE_MAX, RECIPIENT, SENDER},
    wire::{Charge, CodeOut, PRESENT, PackageResults, ShipmentResults, ShippingBody},
    wire_ship::{
        BillShipper, DeliveryConfirmation, LabelSpecification, PaymentInformation, RatingOptions,
        ReferenceNumber, Request, ShipBody, ShipmentCharge, ShipmentOut, ShipmentRequest,
        ShipmentServiceOptions, TransactionReference,
    },
};
use crate::{
    Call, CarrierError, DeliveryOption, HttpRequest, HttpResponse, Incoterm, Label, LabelFormat,
    Labels, Method, Parcel, Purchase, Rejection, Shipment, Step,
};

/// Parcels of one forward shipment.
const PARCELS_MAX: usize = 200;
/// `Description` of the goods.
const DESCRIPTION_MAX: usize = 50;
/// UPS takes today and up to seven days ahead. The sender's today may be a day off ours.
const DAYS_AHEAD_MAX: i64 = 7 + 1;

impl Labels for Ups {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let shipper = super::shipper_number(call.account)
            .map_err(|error| Rejection::new("account.shipper_number", error.reason))?;
        let body = ShipBody { shipment_request: order(call, shipment, shipper)? };
        Ok(common::body(common::call(call, Method::Post, "/api/shipments/v2409/ship"), &body))
    }

    /// Reads the answer to the purchase, and the answer to [`Labels::label_request`], whose
    /// purchase holds the asked label only.
    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Purchase>, CarrierError> {
        if !common::is_success(response) {
            return Err(common::failure(response, Stake::Money));
        }
        let text = common::text(&response.body);
        let body: ShippingBody<'_> = common::json(&text)?;
        if let Some(recovery) = body.label_recovery_response.get() {
            let purchase = lookup::recovered(recovery, shipment.format);
            return purchase.map(Step::Done).ok_or_else(|| CarrierError::garbled("no label"));
        }
        let results = body.shipment_response.get().and_then(|answer| answer.shipment_results.get());
        let results = results.ok_or_else(|| CarrierError::garbled("no ShipmentResults"))?;
        purchase(results, shipment).map(Step::Done)
    }

    fn label_request(&self, call: &Call<'_>, tracking_number: &str) -> Option<HttpRequest> {
        Some(lookup::by_number(call, tracking_number, LabelFormat::Zpl))
    }
}

fn purchase(results: &ShipmentResults<'_>, shipment: &Shipment) -> Result<Purchase, CarrierError> {
    let packages = &results.package_results.0;
    if packages.len() != shipment.parcels.len() {
        let (got, asked) = (packages.len(), shipment.parcels.len());
        return Err(CarrierError::garbled(format!("{got} packages for {asked} parcels")));
    }
    let labels: Option<Vec<Label>> =
        packages.iter().map(|package| label(package, shipment.format)).collect();
    let labels = labels.ok_or_else(|| CarrierError::garbled("a package without a number"))?;
    let first = labels.first().map(|label| label.tracking_number.clone());
    let shipment_number = results.shipment_identification_number.owned().or(first);
    let negotiated = results.negotiated_rate_charges.get().and_then(|all| all.total_charge.get());
    let published = results.shipment_charges.get().and_then(|all| all.total_charges.get());
    Ok(Purchase {
        shipment_number: shipment_number.unwrap_or_default(),
        labels,
        charge: negotiated.and_then(money).or_else(|| published.and_then(money)),
    })
}

pub(super) fn money(charge: &Charge<'_>) -> Option<Money> {
    let currency: Currency = charge.currency_code.get()?.parse().ok()?;
    Money::parse(charge.monetary_value.get()?, currency).ok()
}

fn label(package: &PackageResults<'_>, asked: LabelFormat) -> Option<Label> {
    let image = package.shipping_label.get();
    let format = image.and_then(|image| image.image_format.get()).and_then(|f| f.code.get());
    Some(Label {
        tracking_number: package.tracking_number.owned()?,
        format: format.and_then(files::format_of).unwrap_or(asked),
        data: image.and_then(|image| files::file(image.graphic_image.get())).unwrap_or_default(),
    })
}

/// `YYYYMMDD`.
pub(super) fn day(date: Date) -> String {
    format!("{:04}{:02}{:02}", date.year(), u8::from(date.month()), date.day())
}

fn order<'a>(
    call: &Call<'_>,
    shipment: &'a Shipment,
    shipper_number: &'a str,
) -> Result<ShipmentRequest<'a>, Rejection> {
    check(call, shipment)?;
    let mut shipper = party::party(&shipment.sender, &SENDER, abroad(shipment))?;
    shipper.shipper_number = Some(shipper_number);
    let mut ship_to = party::party(&shipment.recipient, &RECIPIENT, abroad(shipment))?;
    party::mark_home(&mut ship_to, &shipment.recipient);

    let lane = Lane::of(shipment);
    let mut options = ShipmentServiceOptions::default();
    let mut package_options = Vec::new();
    for option in &shipment.options {
        apply(option, &lane, shipment, &mut options, &mut package_options)?;
    }
    let mut charges = vec![charge("01", shipper_number)];
    if lane.customs {
        options.international_forms = Some(customs::invoice(shipment, &ship_to)?);
        if shipment.incoterm == Some(Incoterm::Ddp) {
            charges.push(charge("02", shipper_number));
        }
    }
    let used = options.saturday_delivery_indicator.is_some()
        || options.delivery_confirmation.is_some()
        || options.international_forms.is_some();
    let (whole, own) = references(shipment, &lane);
    let package = |parcel: &Parcel| parcels::package(parcel, &lane, own.clone(), &package_options);
    let packages: Result<_, _> = shipment.parcels.iter().map(package).collect();
    let total = lane.line_total.then(|| customs::line_total(shipment));
    Ok(ShipmentRequest {
        request: request(&shipment.attempt_ref, Some("nonvalidate"), Some("2409")),
        label_specification: specification(shipment),
        shipment: ShipmentOut {
            description: description(shipment)?,
            payment_information: PaymentInformation { shipment_charge: charges },
            service: CodeOut { code: &shipment.service },
            shipment_date: day(shipment.ship_date),
            // Contract prices, for accounts that have them.
            shipment_rating_options: RatingOptions { negotiated_rates_indicator: PRESENT },
            invoice_line_total: total.transpose()?,
            shipment_service_options: used.then_some(options),
            package: packages?,
            reference_number: whole,
            shipper,
            ship_to,
        },
    })
}

/// The envelope of a request. The reference comes back in the answer.
pub(super) fn request<'a>(
    context: &'a str,
    option: Option<&'static str>,
    sub_version: Option<&'static str>,
) -> Request<'a> {
    Request {
        request_option: option,
        sub_version,
        transaction_reference: TransactionReference { customer_context: context },
    }
}

fn charge<'a>(kind: &'static str, account_number: &'a str) -> ShipmentCharge<'a> {
    ShipmentCharge { kind, bill_shipper: BillShipper { account_number } }
}

/// What only the shipment as a whole can break.
fn check(call: &Call<'_>, shipment: &Shipment) -> Result<(), Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    let reference = shipment.attempt_ref.as_str();
    let plain = reference.bytes().all(|b| b.is_ascii_alphanumeric());
    if reference.is_empty() || reference.len() > LINE_MAX || !plain {
        return reject("attempt_ref", "one to 35 letters and digits");
    }
    if !INFO.services.iter().any(|(code, _)| *code == shipment.service) {
        return reject("service", "no UPS service of this connector");
    }
    if !INFO.formats.contains(&shipment.format) {
        return reject("format", "UPS sells labels as ZPL, PNG or GIF");
    }
    let sender = shipment.sender.country;
    if sender.is_some_and(|country| !INFO.origins.contains(&country)) {
        return reject("sender.country", "UPS does not collect there");
    }
    let count = shipment.parcels.len();
    if count == 0 || count > PARCELS_MAX {
        return reject("parcels", "one to 200 parcels");
    }
    let ahead = (shipment.ship_date - call.now.date()).whole_days();
    if !(-1..=DAYS_AHEAD_MAX).contains(&ahead) {
        return reject("ship_date", "today or up to seven days ahead");
    }
    Ok(())
}

fn abroad(shipment: &Shipment) -> bool {
    shipment.sender.country != shipment.recipient.country
}

/// References of the shipment, and of each package: one of the two is empty. Ours first, because
/// it is the one that is searched; the merchant's second, for people.
fn references(shipment: &Shipment, lane: &Lane) -> (Vec<ReferenceNumber>, Vec<ReferenceNumber>) {
    let order = party::cut(&shipment.order_number, LINE_MAX);
    let all = [shipment.attempt_ref.clone(), order]
        .into_iter()
        .filter(|value| !value.is_empty())
        .map(|value| ReferenceNumber { value })
        .collect();
    if lane.package_reference { (Vec::new(), all) } else { (all, Vec::new()) }
}

/// The goods in a few words: wanted when a border is crossed, welcome otherwise.
fn description(shipment: &Shipment) -> Result<Option<String>, Rejection> {
    let mut words: Vec<String> = Vec::new();
    for item in shipment.parcels.iter().flat_map(|parcel| &parcel.items) {
        let word = party::clean(&item.description);
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
    }
    let text = party::cut(&words.join(", "), DESCRIPTION_MAX);
    if text.is_empty() && abroad(shipment) {
        let reason = "UPS needs a description of the goods when a border is crossed";
        return Err(Rejection::new("parcels.items.description", reason));
    }
    Ok((!text.is_empty()).then_some(text))
}

fn apply(
    option: &DeliveryOption,
    lane: &Lane,
    shipment: &Shipment,
    options: &mut ShipmentServiceOptions,
    packages: &mut Vec<PackageOption>,
) -> Result<(), Rejection> {
    let reject = |reason: &str| Err(Rejection::new("options", reason));
    match option {
        DeliveryOption::Signature if lane.package_signature => {
            packages.push(PackageOption::Signature);
        }
        DeliveryOption::Signature => {
            options.delivery_confirmation = Some(DeliveryConfirmation { dcis_type: "1" });
        }
        DeliveryOption::Saturday => options.saturday_delivery_indicator = PRESENT,
        DeliveryOption::Insurance(value) if shipment.parcels.len() == 1 => {
            if value.amount_minor <= 0 {
                return reject("an insured value above zero");
            }
            packages.push(PackageOption::Value(*value));
        }
        DeliveryOption::Insurance(_) => {
            return reject("UPS insures each parcel by itself: buy insured parcels one by one");
        }
        DeliveryOption::CashOnDelivery(_) => {
            return reject("cash on delivery is not offered for UPS");
        }
        DeliveryOption::ServicePoint { .. } | DeliveryOption::SafePlace(_) => {
            return reject("delivery to an access point is not offered for UPS");
        }
    }
    Ok(())
}

fn specification(shipment: &Shipment) -> LabelSpecification {
    let country = shipment.recipient.country.map(|country| country.to_string());
    LabelSpecification {
        character_set: country.as_deref().and_then(files::character_set),
        ..files::format(shipment.format)
    }
}

#[cfg(test)]
#[path = "labels_tests.rs"]
mod tests;
