//! From facts and opened addresses to what a connector buys.

use colibri_carriers::{Contact, Item, LabelFormat, Parcel, Rejection, Shipment};
use colibri_events::{
    customs::v1::DeclarationReady,
    orders::v1::FulfilmentRequested,
    pricing::v1::OfferChosen,
    types::v1 as wire,
    vault::v1::{Field, FieldValue},
};
use colibri_types::{Currency, Dimensions, Grams, Millimetres, Money, ShipmentId};
use colibri_vault_client::value;
use time::{Date, Duration, OffsetDateTime};

use super::{back, customs, ids, options};

/// What a purchase is built from.
pub struct Parts<'a> {
    /// What is shipped.
    pub request: &'a FulfilmentRequested,
    /// How.
    pub offer: &'a OfferChosen,
    /// What customs are told; `None`: no border is crossed, or nobody declared it.
    pub declared: Option<&'a DeclarationReady>,
    /// The shipment.
    pub shipment_id: ShipmentId,
    /// The attempt's reference outside.
    pub attempt_ref: String,
    /// Format of the label.
    pub format: LabelFormat,
    /// Now, by the business clock.
    pub now: OffsetDateTime,
    /// What goods are called where nobody says; empty: not at all.
    pub goods: &'a str,
    /// Sides of a parcel that nobody measured; `None`: not told.
    pub sides: Option<Dimensions>,
}

/// What of a purchase only its addressee and the merchant know, beside the addresses.
#[derive(Clone, Default)]
pub struct Words {
    /// The merchant's number.
    pub order_number: String,
    /// Where it is left; empty: handed over.
    pub safe_place: String,
}

impl Words {
    /// As they lie in the addressee's record.
    #[must_use]
    pub fn of(fields: &[FieldValue]) -> Self {
        let get = |field: Field| value(fields, field).unwrap_or_default().to_owned();
        Self { order_number: get(Field::OrderNumber), safe_place: get(Field::SafePlace) }
    }
}

/// The day in the sender's calendar. Carriers take today or a few days ahead, never yesterday:
/// two hours ahead of UTC, as far as the sites of today's carriers are, it is never yesterday.
#[must_use]
pub fn ship_date(now: OffsetDateTime) -> Date {
    now.checked_add(Duration::hours(2)).unwrap_or(now).date()
}

/// An address out of the vault. Fields that are not there stay empty; the connector knows which it
/// needs.
#[must_use]
pub fn contact(fields: &[FieldValue]) -> Contact {
    let get = |field: Field| value(fields, field).unwrap_or_default().to_owned();
    let street = get(Field::Street);
    let lines = street.lines().map(str::trim).filter(|line| !line.is_empty());
    Contact {
        name: get(Field::Name),
        company: get(Field::Company),
        lines: lines.map(str::to_owned).collect(),
        city: get(Field::City),
        postcode: get(Field::Postcode),
        subdivision: get(Field::Subdivision),
        country: get(Field::Country).parse().ok(),
        phone: get(Field::Phone),
        email: get(Field::Email),
    }
}

/// The shipment that a connector is asked to buy. On the way back sender and recipient have
/// changed places already.
///
/// # Errors
/// [`Rejection`] of an option that no connector could be told.
pub fn shipment(
    parts: &Parts<'_>,
    mut sender: Contact,
    mut recipient: Contact,
    words: Words,
) -> Result<Shipment, Rejection> {
    let request = parts.request;
    // The country decided the offer; a record without one is no reason to ask again.
    sender.country = sender.country.or_else(|| request.origin_country.parse().ok());
    recipient.country = recipient.country.or_else(|| request.country.parse().ok());
    let border = crosses_border(&sender, &recipient);
    // What comes back to another place may cross none, and then nobody asks.
    let declared = parts.declared.filter(|_| border || !request.way_back);
    let value = request.value.as_ref().and_then(money);
    let parcels = request.parcels.iter().enumerate().map(|(at, parcel)| Parcel {
        parcel_id: ids::parcel(parts.shipment_id, at + 1).to_string(),
        weight: Grams(parcel.weight_g),
        dimensions: dimensions(parcel).or(parts.sides),
        // Across a border real articles as they were declared: without them the connector says so.
        // Elsewhere some carriers want a word for the goods, and only that.
        items: match (declared, border || parts.goods.is_empty()) {
            (Some(declared), _) => customs::items(declared, at),
            (None, true) => Vec::new(),
            (None, false) => vec![goods(parts, parcel, value)],
        },
    });
    Ok(Shipment {
        attempt_ref: parts.attempt_ref.clone(),
        order_number: words.order_number,
        service: parts.offer.service.clone(),
        ship_date: ship_date(parts.now),
        parcels: parcels.collect(),
        sender,
        recipient,
        format: parts.format,
        options: options::of(request, &words.safe_place)?,
        incoterm: declared.map(customs::incoterm),
        customs: declared
            .map(|declared| match request.way_back {
                true => back::facts(declared, &request.outbound_shipment_id),
                false => customs::facts(declared),
            })
            .transpose()?,
    })
}

/// The question about an attempt names nobody: no address is opened for it.
#[must_use]
pub fn question(parts: &Parts<'_>, first_day: Date) -> Shipment {
    let country = |text: &str| Contact { country: text.parse().ok(), ..Contact::default() };
    let parcels = parts.request.parcels.iter().enumerate().map(|(at, parcel)| Parcel {
        parcel_id: ids::parcel(parts.shipment_id, at + 1).to_string(),
        weight: Grams(parcel.weight_g),
        dimensions: dimensions(parcel).or(parts.sides),
        items: Vec::new(),
    });
    Shipment {
        attempt_ref: parts.attempt_ref.clone(),
        order_number: String::new(),
        service: parts.offer.service.clone(),
        ship_date: first_day,
        sender: country(&parts.request.origin_country),
        recipient: country(&parts.request.country),
        parcels: parcels.collect(),
        format: parts.format,
        options: Vec::new(),
        incoterm: None,
        customs: None,
    }
}

fn crosses_border(sender: &Contact, recipient: &Contact) -> bool {
    let (Some(from), Some(to)) = (sender.country, recipient.country) else {
        return true;
    };
    let (from_postcode, to_postcode) = (sender.postcode.as_str(), recipient.postcode.as_str());
    colibri_addresses::crosses_customs_border(
        from.as_str(),
        from_postcode,
        to.as_str(),
        to_postcode,
    )
}

fn goods(parts: &Parts<'_>, parcel: &wire::Parcel, value: Option<Money>) -> Item {
    // Where no border is crossed connectors read the words alone; the type wants a value too.
    let value = value.unwrap_or(Money::new(0, Currency::EUR));
    Item {
        sku: String::new(),
        description: parts.goods.to_owned(),
        quantity: 1,
        weight: Grams(parcel.weight_g),
        value,
        hs_code: None,
        origin: None,
    }
}

fn dimensions(parcel: &wire::Parcel) -> Option<Dimensions> {
    let sides = [parcel.length_mm, parcel.width_mm, parcel.height_mm];
    let [length, width, height] = sides.map(Millimetres);
    sides.iter().all(|side| *side > 0).then_some(Dimensions { length, width, height })
}

/// An amount from the wire; `None` when its currency is none.
#[must_use]
pub fn money(amount: &wire::Money) -> Option<Money> {
    Some(Money::new(amount.amount_minor, amount.currency.parse().ok()?))
}

/// The wanted format where the carrier sells it, else its best.
#[must_use]
pub fn format(wanted: LabelFormat, sold: &[LabelFormat]) -> Option<LabelFormat> {
    if sold.contains(&wanted) { Some(wanted) } else { sold.first().copied() }
}
