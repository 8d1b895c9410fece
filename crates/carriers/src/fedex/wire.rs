//! What FedEx answers, under FedEx's own names. Only the elements that decide something here; names
//! of signatories and proofs are not even read. Read leniently (see `lenient`).

use serde::{Deserialize, Deserializer};

use crate::wire::lenient::{Many, One, Text};

/// A flag, from a boolean or its word; `None` for anything else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flag(pub Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(match value.as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => value.as_bool(),
        }))
    }
}

/// Texts of an array, or one text; whatever is no text is left out.
#[derive(Debug, Default)]
pub(super) struct Texts(pub Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Array(all) => all,
            one => vec![one],
        };
        let texts = all.iter().filter_map(serde_json::Value::as_str).map(str::trim);
        Ok(Self(texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()))
    }
}

macro_rules! read {
    ($($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
        pub(super) struct $name<'a> {
            $($(#[$attr])* pub $field: $kind,)*
            #[serde(skip)]
            _life: std::marker::PhantomData<&'a ()>,
        }
    )*};
}

read! {
    /// Body of every error answer.
    ErrorBody { errors: Many<CodeMessage<'a>>, }
    CodeMessage { code: Text<'a>, message: Text<'a>, }

    /// Answer of a purchase.
    ShipAnswer { output: One<ShipOutput<'a>>, }
    ShipOutput { transaction_shipments: Many<TransactionShipment<'a>>, job_id: Text<'a>, }
    TransactionShipment {
        master_tracking_number: Text<'a>,
        piece_responses: Many<Piece<'a>>,
        completed_shipment_detail: One<CompletedShipment<'a>>,
    }
    Piece {
        tracking_number: Text<'a>,
        package_sequence_number: Text<'a>,
        net_charge_amount: Text<'a>,
        currency: Text<'a>,
        package_documents: Many<Document<'a>>,
    }
    Document {
        content_type: Text<'a>,
        doc_type: Text<'a>,
        encoded_label: Text<'a>,
    }
    CompletedShipment { shipment_rating: One<ShipmentRating<'a>>, }
    ShipmentRating {
        actual_rate_type: Text<'a>,
        shipment_rate_details: Many<ShipmentRateDetail<'a>>,
    }
    ShipmentRateDetail {
        rate_type: Text<'a>,
        total_net_charge: Text<'a>,
        total_net_fed_ex_charge: Text<'a>,
        currency: Text<'a>,
    }

    /// Answer of a cancellation.
    CancelBody { output: One<CancelOutput<'a>>, }
    CancelOutput { cancelled_shipment: Flag, message: Text<'a>, }

    /// Answer of the check: an output of any content.
    CheckBody { output: One<CheckOutput<'a>>, }
    CheckOutput { alerts: Many<CodeMessage<'a>>, }

    /// Answer of the price list.
    RateBody { output: One<RateOutput<'a>>, }
    RateOutput { rate_reply_details: Many<RateReply<'a>>, }
    RateReply {
        service_type: Text<'a>,
        service_name: Text<'a>,
        rated_shipment_details: Many<RatedShipment<'a>>,
        commit: One<Commit<'a>>,
        operational_detail: One<OperationalDetail<'a>>,
    }
    RatedShipment {
        rate_type: Text<'a>,
        total_net_charge: Text<'a>,
        total_net_fed_ex_charge: Text<'a>,
        currency: Text<'a>,
        shipment_rate_detail: One<RateDetail<'a>>,
    }
    RateDetail {
        sur_charges: Many<Surcharge<'a>>,
        currency: Text<'a>,
    }
    Surcharge {
        #[serde(rename = "type")]
        kind: Text<'a>,
        description: Text<'a>,
        amount: Text<'a>,
    }
    Commit { date_detail: One<DateDetail<'a>>, transit_days: One<TransitDays<'a>>, }
    DateDetail { day_format: Text<'a>, }
    TransitDays { minimum_transit_time: Text<'a>, }
    OperationalDetail {
        transit_time: Text<'a>,
        delivery_date: Text<'a>,
        commit_date: Text<'a>,
    }

    /// Answer of tracking, by number and by reference.
    TrackBody { output: One<TrackOutput<'a>>, }
    TrackOutput { complete_track_results: Many<CompleteTrack<'a>>, }
    CompleteTrack {
        tracking_number: Text<'a>,
        track_results: Many<TrackResult<'a>>,
    }
    TrackResult {
        tracking_number_info: One<TrackingNumberInfo<'a>>,
        package_details: One<PackageDetails<'a>>,
        latest_status_detail: One<LatestStatus<'a>>,
        date_and_times: Many<DateAndTime<'a>>,
        scan_events: Many<ScanEvent<'a>>,
        estimated_delivery_time_window: One<TimeWindow<'a>>,
        standard_transit_time_window: One<TimeWindow<'a>>,
        return_detail: One<ReturnDetail<'a>>,
        error: One<CodeMessage<'a>>,
    }
    TrackingNumberInfo { tracking_number: Text<'a>, tracking_number_unique_id: Text<'a>, }
    PackageDetails { sequence_number: Text<'a>, }
    LatestStatus {
        code: Text<'a>,
        derived_code: Text<'a>,
        description: Text<'a>,
        status_by_locale: Text<'a>,
        delay_detail: One<DelayDetail<'a>>,
        scan_location: One<ScanLocation<'a>>,
    }
    DateAndTime {
        #[serde(rename = "type")]
        kind: Text<'a>,
        date_time: Text<'a>,
    }
    ScanEvent {
        date: Text<'a>,
        event_type: Text<'a>,
        event_description: Text<'a>,
        exception_description: Text<'a>,
        scan_location: One<ScanLocation<'a>>,
        delay_detail: One<DelayDetail<'a>>,
    }
    DelayDetail {
        #[serde(rename = "type")]
        kind: Text<'a>,
        status: Text<'a>,
    }
    ScanLocation {
        city: Text<'a>,
        state_or_province_code: Text<'a>,
        postal_code: Text<'a>,
        country_code: Text<'a>,
    }
    TimeWindow { window: One<Window<'a>>, }
    Window { ends: Text<'a>, }
    /// Present on the way back; an empty object is none.
    ReturnDetail { authorization_name: Text<'a>, reason_detail: Many<Reason<'a>>, }
    Reason {
        #[serde(rename = "type")]
        kind: Text<'a>,
    }

    /// Answer of a pickup's booking and cancellation.
    PickupBody { output: One<PickupOutput<'a>>, }
    PickupOutput { pickup_confirmation_code: Text<'a>, location: Text<'a>, }

    /// Answer of the location search.
    PointsBody { output: One<PointsOutput<'a>>, }
    PointsOutput { location_detail_list: Many<LocationDetail<'a>>, }
    LocationDetail {
        location_id: Text<'a>,
        location_type: Text<'a>,
        distance: One<Measure<'a>>,
        contact_and_address: One<ContactAndAddress<'a>>,
        store_hours: Many<StoreHours<'a>>,
        geo_positional_coordinates: One<Coordinates<'a>>,
        package_maximum_limits: One<PackageLimits<'a>>,
    }
    Measure { units: Text<'a>, value: Text<'a>, }
    ContactAndAddress {
        address: One<PointAddress<'a>>,
        contact: One<PointContact<'a>>,
        display_name: Text<'a>,
    }
    PointAddress {
        street_lines: Texts,
        city: Text<'a>,
        postal_code: Text<'a>,
        country_code: Text<'a>,
    }
    PointContact { company_name: Text<'a>, }
    StoreHours {
        #[serde(alias = "dayOfWeek")]
        dayofweek: Text<'a>,
        operational_hours_type: Text<'a>,
        operational_hours: Many<Hours<'a>>,
    }
    Hours { begins: Text<'a>, ends: Text<'a>, }
    Coordinates { latitude: Text<'a>, longitude: Text<'a>, }
    PackageLimits { weight: One<Measure<'a>>, }
}
