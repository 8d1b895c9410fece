//! Prices and delivery dates: `quickCost` for one service, `calculateProducts` for all of them,
//! `calculateDeliveryTime` for the day.
//!
//! Surcharges that `quickCost` lists are those that could be added, not parts of the total, so they
//! are not told as such. Amounts come as floats in text and are read as decimals.

use colibri_types::{CivilTime, Currency, Money};
use rust_decimal::Decimal;

use super::{
    Chronopost, address, customs,
    products::{self, Place},
    shipment::{self, french_day},
    soap::{self, Stake},
};
use crate::{
    AccountCheck, Call, CarrierError, DeliveryDates, DeliveryOption, HttpRequest, HttpResponse,
    Location, Parcel, Rate, Rates, Rejection, Shipment, Step,
    wire::{
        when,
        xml::{Element, Writer},
    },
};

const ONE: &str = "quickCost";
const ALL: &str = "calculateProducts";
const TIME: &str = "calculateDeliveryTime";

impl Rates for Chronopost {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let [parcel] = shipment.parcels.as_slice() else {
            return Err(Rejection::new("parcels", "prices are asked parcel by parcel"));
        };
        shipment::sized(parcel)?;
        if shipment.service.is_empty() {
            return every_product(call, shipment, parcel);
        }
        let (product, from, to) = shipment::lane(shipment)?;
        let from = code(shipment, true, &from)?;
        let to = code(shipment, false, &to)?;
        Ok(cost(call, &from, &to, &parcel.weight.to_kg_text(), product.code, kind(shipment)))
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Step<Vec<Rate>>, CarrierError> {
        let one = !shipment.service.is_empty();
        let result = soap::result(response, if one { ONE } else { ALL }, Stake::Nothing)?;
        let offers = match answered(&result)? {
            Answered::No => Vec::new(),
            Answered::Yes if one => vec![rate(&result, &shipment.service)?],
            Answered::Yes => {
                // One offer that cannot be read hides no other.
                let product = |p: &Element| rate(p, p.get("productCode")?).ok();
                let mut offers: Vec<Rate> = result.all("productList").filter_map(product).collect();
                offers.sort_by(|a, b| a.service.cmp(&b.service));
                offers.dedup_by(|a, b| a.service == b.service);
                offers
            }
        };
        Ok(Step::Done(offers))
    }

    fn delivery_dates(&self) -> Option<&dyn DeliveryDates> {
        Some(self)
    }
}

impl DeliveryDates for Chronopost {
    fn request(&self, call: &Call<'_>, shipment: &Shipment) -> Result<HttpRequest, Rejection> {
        let (product, from, to) = shipment::lane(shipment)?;
        let route = route(shipment, &from, &to)?;
        let saturday = shipment.options.contains(&DeliveryOption::Saturday);
        let date = french_day(shipment.ship_date)
            .ok_or_else(|| Rejection::new("ship_date", "has a year of four digits"))?;
        Ok(soap::request(call, &soap::QUICKCOST, TIME, |w| {
            route.write(w);
            w.leaf("productCode", bare(product.code)).leaf("type", kind(shipment));
            w.leaf("service", if saturday { "6" } else { "0" }).leaf("shippingDate", &date);
        }))
    }

    fn response(
        &self,
        response: &HttpResponse,
        shipment: &Shipment,
    ) -> Result<Option<CivilTime>, CarrierError> {
        let result = soap::result(response, TIME, Stake::Nothing)?;
        if matches!(answered(&result)?, Answered::No) {
            return Ok(None);
        }
        let Some(text) = result.get("date") else { return Ok(None) };
        // The offset is that of winter also in summer, so it tells nothing: the clock is the
        // receiver's.
        let local = text.get(..19).unwrap_or(text);
        let place = Location {
            country: shipment.recipient.country,
            postcode: Some(shipment.recipient.postcode.clone()),
            ..Location::default()
        };
        let time = when::iso(local, &place).0;
        time.map(Some).ok_or_else(|| CarrierError::garbled("a date that is none"))
    }
}

impl AccountCheck for Chronopost {
    fn request(&self, call: &Call<'_>) -> HttpRequest {
        cost(call, "75001", "69002", "1.00", "01", "M")
    }

    fn response(&self, response: &HttpResponse) -> Result<(), CarrierError> {
        // A contract may not hold the product, which is told to those who are let in only.
        let result = soap::result(response, ONE, Stake::Nothing)?;
        answered(&result).map(|_| ())
    }
}

fn cost(
    call: &Call<'_>,
    from: &str,
    to: &str,
    weight: &str,
    product: &str,
    kind: &str,
) -> HttpRequest {
    soap::request(call, &soap::QUICKCOST, ONE, |w| {
        soap::credentials(call, w);
        w.leaf("depCode", from).leaf("arrCode", to).leaf("weight", weight);
        w.leaf("productCode", bare(product)).leaf("type", kind);
    })
}

fn every_product(
    call: &Call<'_>,
    shipment: &Shipment,
    parcel: &Parcel,
) -> Result<HttpRequest, Rejection> {
    let from = products::place(&shipment.sender, address::SENDER.country)?;
    let to = products::place(&shipment.recipient, address::RECIPIENT.country)?;
    if !from.mainland() {
        return Err(Rejection::new("sender.country", "parcels leave from mainland France"));
    }
    let route = route(shipment, &from, &to)?;
    let date = french_day(shipment.ship_date)
        .ok_or_else(|| Rejection::new("ship_date", "has a year of four digits"))?;
    Ok(soap::request(call, &soap::QUICKCOST, ALL, |w| {
        soap::credentials(call, w);
        route.write(w);
        w.leaf("type", kind(shipment)).leaf("weight", &parcel.weight.to_kg_text());
        if let Some(size) = parcel.dimensions {
            let sides = [("height", size.height), ("length", size.length), ("width", size.width)];
            for (name, side) in sides {
                w.leaf(name, &side.to_cm_ceil().to_string());
            }
        }
        w.leaf("shippingDate", &date);
    }))
}

/// From where to where, as the operations on dates and products want it.
struct Route {
    from: (String, String),
    to: (String, String),
    city: String,
}

impl Route {
    fn write(&self, writer: &mut Writer) {
        writer.leaf("depCountryCode", &self.from.0).leaf("depZipCode", &self.from.1);
        writer.leaf("arrCountryCode", &self.to.0).leaf("arrZipCode", &self.to.1);
        writer.some("arrCity", &self.city);
    }
}

fn route(shipment: &Shipment, from: &Place, to: &Place) -> Result<Route, Rejection> {
    let postcode = address::postcode;
    Ok(Route {
        from: (from.country.clone(), postcode(&shipment.sender, from, address::SENDER.postcode)?),
        to: (to.country.clone(), postcode(&shipment.recipient, to, address::RECIPIENT.postcode)?),
        city: address::optional(&shipment.recipient.city, address::RECIPIENT.city, 50)?,
    })
}

/// A place in one code: the postcode in France and its territories, elsewhere the country.
fn code(shipment: &Shipment, sender: bool, place: &Place) -> Result<String, Rejection> {
    let (contact, names) = match sender {
        true => (&shipment.sender, &address::SENDER),
        false => (&shipment.recipient, &address::RECIPIENT),
    };
    if place.mainland() || place.overseas {
        address::postcode(contact, place, names.postcode)
    } else {
        Ok(place.country.clone())
    }
}

/// This service writes codes without their leading zero.
fn bare(code: &str) -> &str {
    code.strip_prefix('0').unwrap_or(code)
}

fn kind(shipment: &Shipment) -> &'static str {
    if customs::documents(shipment) { "D" } else { "M" }
}

enum Answered {
    Yes,
    /// The product does not go there, or has no price.
    No,
}

fn answered(result: &Element) -> Result<Answered, CarrierError> {
    let code = soap::code(result, "errorCode")?;
    match code {
        0 => Ok(Answered::Yes),
        1 => Err(CarrierError::Later { code: code.to_string(), retry_after: None }),
        3 => Err(CarrierError::Unauthorised { code: code.to_string() }),
        4 | 5 => Ok(Answered::No),
        _ => Err(soap::refused(code, result.get("errorMessage"))),
    }
}

fn rate(element: &Element, service: &str) -> Result<Rate, CarrierError> {
    let amount = element.get("amount").and_then(|text| text.parse::<Decimal>().ok());
    let total = amount.and_then(|amount| Money::from_decimal(amount, Currency::EUR).ok());
    let total = total.ok_or_else(|| CarrierError::garbled("a price without an amount"))?;
    let (service, name) = match products::named(service) {
        Some((code, name)) => (code, name.to_owned()),
        None => (service, format!("Chronopost {service}")),
    };
    Ok(Rate {
        service: service.to_owned(),
        name,
        total,
        charges: Vec::new(),
        delivery: None,
        transit_days: None,
    })
}
