//! Answers as DHL writes them, read leniently and with borrowed text.
//!
//! MyDHL tracking, unified tracking and the pushes of all divisions share one recursive type: they
//! differ in the names of a few members only, and a body may be one shipment, a list of them, or an
//! envelope around them. Names of people, signatories and addresses of receivers are not read.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::wire::lenient::{Many, One, Text};

/// Texts of a list; one text counts as a list of one, anything else as none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Texts<'a>(pub Vec<Text<'a>>);

struct TextsVisitor<'a>(std::marker::PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for TextsVisitor<'a> {
    type Value = Texts<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts<'a>, A::Error> {
        let mut all = Vec::new();
        while let Some(text) = seq.next_element()? {
            all.push(text);
        }
        Ok(Texts(all))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts<'a>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Texts::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<Texts<'a>, E> {
        Ok(Texts::default())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Texts<'a>, E> {
        Ok(Texts::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Texts<'a>, E> {
        Ok(Texts::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Texts<'a>, E> {
        Ok(Texts::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<Texts<'a>, E> {
        Ok(Texts::default())
    }
    fn visit_unit<E>(self) -> Result<Texts<'a>, E> {
        Ok(Texts::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Texts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextsVisitor(std::marker::PhantomData))
    }
}

/// Declares a type whose members all default, borrow and are named in camel case.
macro_rules! answer {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub(super) struct $name<'a> { $(#[serde(borrow)] $(#[$attr])* pub $field: $kind,)* }
    };
}

answer! {
    /// A shipment, or what is around shipments.
    Ship {
        shipments: Many<Ship<'a>>,
        shipment: Many<Ship<'a>>,
        /// What a push is about: `subscription.push`, `subscription.validate`, ..
        scope: Text<'a>,
        secret: Text<'a>,
        #[serde(rename = "self")]
        own_url: Text<'a>,
        subscription_id: Text<'a>,
        /// Unified: waybill or shipment number.
        id: Text<'a>,
        tracking_number: Text<'a>,
        /// MyDHL: waybill.
        shipment_tracking_number: Text<'a>,
        /// Unified: division.
        service: Text<'a>,
        /// Unified: the newest event. MyDHL writes the word `Success` here.
        status: One<Event<'a>>,
        events: Many<Event<'a>>,
        pieces: Many<Piece<'a>>,
        number_of_pieces: Text<'a>,
        details: One<Details<'a>>,
        estimated_delivery_date: Text<'a>,
        estimated_time_of_delivery: Text<'a>,
        estimated_delivery_time_frame: One<TimeFrame<'a>>,
    }
}

answer! { Details { piece_ids: Texts<'a>, } }

answer! { TimeFrame { estimated_through: Text<'a>, } }

answer! { Piece { tracking_number: Text<'a>, events: Many<Event<'a>>, } }

answer! {
    /// One scan, in either shape.
    Event {
        timestamp: Text<'a>,
        date: Text<'a>,
        time: Text<'a>,
        #[serde(rename = "GMTOffset")]
        gmt_offset: Text<'a>,
        type_code: Text<'a>,
        status_code: Text<'a>,
        status: Text<'a>,
        description: Text<'a>,
        remark: Text<'a>,
        location: One<Place<'a>>,
        service_area: One<Area<'a>>,
        piece_ids: Texts<'a>,
    }
}

answer! { Place { address: One<Address<'a>>, } }

answer! {
    Address { address_locality: Text<'a>, postal_code: Text<'a>, country_code: Text<'a>, }
}

answer! { Area { description: Text<'a>, } }

answer! {
    /// Answer to a purchase.
    Bought {
        shipment_tracking_number: Text<'a>,
        packages: Many<BoughtPackage<'a>>,
        documents: Many<Document<'a>>,
        shipment_charges: Many<Price<'a>>,
    }
}

answer! { BoughtPackage { reference_number: Text<'a>, tracking_number: Text<'a>, } }

answer! {
    Document {
        type_code: Text<'a>,
        image_format: Text<'a>,
        content: Text<'a>,
        package_reference_number: Text<'a>,
    }
}

answer! { Price { currency_type: Text<'a>, price_currency: Text<'a>, price: Text<'a>, } }

answer! { Offers { products: Many<Product<'a>>, } }

answer! {
    Product {
        product_name: Text<'a>,
        product_code: Text<'a>,
        total_price: Many<Price<'a>>,
        detailed_price_breakdown: Many<Breakdown<'a>>,
        delivery_capabilities: One<Delivery<'a>>,
    }
}

answer! {
    Breakdown {
        currency_type: Text<'a>,
        price_currency: Text<'a>,
        breakdown: Many<Part<'a>>,
    }
}

answer! { Part { name: Text<'a>, service_code: Text<'a>, price: Text<'a>, } }

answer! {
    Delivery { estimated_delivery_date_and_time: Text<'a>, total_transit_days: Text<'a>, }
}

answer! {
    Booked { dispatch_confirmation_numbers: Texts<'a>, next_pickup_date: Text<'a>, }
}

answer! { Points { service_points: Many<Point<'a>>, } }

answer! {
    Point {
        facility_id: Text<'a>,
        service_point_name: Text<'a>,
        service_point_name_formatted: Text<'a>,
        local_name: Text<'a>,
        service_point_type: Text<'a>,
        address: One<PointAddress<'a>>,
        geo_location: One<Geo<'a>>,
        distance: Text<'a>,
        distance_value: Text<'a>,
        opening_hours: One<Hours<'a>>,
        shipment_limitations_by_piece: One<Limits<'a>>,
        svp_status: Text<'a>,
    }
}

answer! {
    PointAddress {
        address_line1: Text<'a>,
        address_line2: Text<'a>,
        address_line3: Text<'a>,
        city: Text<'a>,
        zip_code: Text<'a>,
        country: Text<'a>,
    }
}

answer! { Geo { latitude: Text<'a>, longitude: Text<'a>, } }

answer! { Hours { opening_hours: Many<Day<'a>>, holidays: One<Holidays<'a>>, } }

answer! { Day { day_of_week: Text<'a>, opening_time: Text<'a>, closing_time: Text<'a>, } }

answer! { Holidays { closed: Many<Span<'a>>, } }

answer! { Span { from: Text<'a>, to: Text<'a>, } }

answer! { Limits { max_piece_weight: One<Limit<'a>>, } }

answer! { Limit { value: Text<'a>, uom: Text<'a>, } }
