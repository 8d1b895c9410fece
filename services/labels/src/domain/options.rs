//! Options of delivery: from words and values to what a connector is told, and whether the carrier
//! sells them at all.

use colibri_carriers::{
    Carrier, CarrierInfo, Contact, DeliveryOption, Labels, OptionKind, Rejection,
};
use colibri_events::{orders::v1::FulfilmentRequested, types::v1::ServicePoint};

use super::build::money;

/// The options of a shipment. The words of a safe place come from the addressee's record.
///
/// # Errors
/// [`Rejection`] of an unknown option, or of one without its value.
pub fn of(
    request: &FulfilmentRequested,
    safe_place: &str,
) -> Result<Vec<DeliveryOption>, Rejection> {
    let goods = request.value.as_ref().and_then(money);
    let insured = request.insured_value.as_ref().and_then(money).or(goods);
    let collected = request.cash_on_delivery.as_ref().and_then(money);
    let lacks = |field, reason: &str| Rejection::new(field, reason);
    let read = |option: &String| match option.as_str() {
        "signature" => Ok(DeliveryOption::Signature),
        "saturday" => Ok(DeliveryOption::Saturday),
        "insurance" => insured
            .map(DeliveryOption::Insurance)
            .ok_or_else(|| lacks("options.insurance", "needs a value")),
        "cash_on_delivery" => collected
            .map(DeliveryOption::CashOnDelivery)
            .ok_or_else(|| lacks("options.cash_on_delivery", "needs an amount")),
        "service_point" => match &request.service_point {
            Some(point) if !point.id.is_empty() => Ok(to_point(point)),
            _ => Err(lacks("options.service_point", "needs the id of a point")),
        },
        "safe_place" if !safe_place.is_empty() => {
            Ok(DeliveryOption::SafePlace(safe_place.to_owned()))
        }
        "safe_place" => Err(lacks("options.safe_place", "needs words")),
        _ => Err(lacks("options", "cannot be bought here")),
    };
    request.options.iter().map(read).collect()
}

fn to_point(point: &ServicePoint) -> DeliveryOption {
    let told = !(point.lines.is_empty() && point.postcode.is_empty() && point.city.is_empty());
    let address = told.then(|| {
        Box::new(Contact {
            company: point.name.clone(),
            lines: point.lines.clone(),
            city: point.city.clone(),
            postcode: point.postcode.clone(),
            country: point.country.parse().ok(),
            ..Contact::default()
        })
    });
    DeliveryOption::ServicePoint { id: point.id.clone(), address }
}

/// Whether the carrier sells the options.
///
/// # Errors
/// [`Rejection`] names the first that it does not.
pub fn sold(info: &CarrierInfo, options: &[DeliveryOption]) -> Result<(), Rejection> {
    let missing =
        options.iter().map(DeliveryOption::kind).find(|kind| !info.options.contains(kind));
    match missing {
        None => Ok(()),
        Some(kind) => {
            Err(Rejection::new(field(kind), format!("is not sold by {} here", info.name)))
        }
    }
}

/// Name of the option in refusals.
#[must_use]
pub const fn field(kind: OptionKind) -> &'static str {
    match kind {
        OptionKind::Signature => "options.signature",
        OptionKind::Saturday => "options.saturday",
        OptionKind::Insurance => "options.insurance",
        OptionKind::CashOnDelivery => "options.cash_on_delivery",
        OptionKind::ServicePoint => "options.service_point",
        OptionKind::SafePlace => "options.safe_place",
    }
}

/// Who sells labels of this direction.
#[must_use]
pub fn seller(carrier: &'static dyn Carrier, way_back: bool) -> Option<&'static dyn Labels> {
    if way_back { carrier.returns() } else { carrier.labels() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use colibri_events::types::v1::Money;

    use super::*;

    fn asked(options: &[&str]) -> FulfilmentRequested {
        FulfilmentRequested {
            options: options.iter().map(|&option| option.to_owned()).collect(),
            ..FulfilmentRequested::default()
        }
    }

    fn eur(amount_minor: i64) -> Option<Money> {
        Some(Money { amount_minor, currency: "EUR".into() })
    }

    #[test]
    fn each_kind_has_its_word_and_none_goes_without_its_value() {
        let full = |kind: OptionKind| FulfilmentRequested {
            value: eur(4200),
            cash_on_delivery: eur(1250),
            service_point: Some(ServicePoint { id: "FR-1".into(), ..ServicePoint::default() }),
            ..asked(&[kind.as_str()])
        };
        for kind in OptionKind::ALL {
            let read = of(&full(*kind), "behind the gate").unwrap();
            assert_eq!(read.iter().map(DeliveryOption::kind).collect::<Vec<_>>(), [*kind]);
        }
        for kind in OptionKind::ALL.iter().skip(2) {
            let refused = of(&asked(&[kind.as_str()]), "").unwrap_err();
            assert_eq!(refused.field, field(*kind));
        }
        assert_eq!(of(&asked(&["by_balloon"]), "").unwrap_err().field, "options");
    }

    #[test]
    fn what_is_insured_is_told_or_the_value_of_the_goods() {
        let insured = |request: &FulfilmentRequested| match of(request, "").unwrap().pop() {
            Some(DeliveryOption::Insurance(value)) => value.amount_minor,
            _ => 0,
        };
        let request = FulfilmentRequested { value: eur(4200), ..asked(&["insurance"]) };
        assert_eq!(insured(&request), 4200);
        assert_eq!(insured(&FulfilmentRequested { insured_value: eur(90), ..request }), 90);
    }

    #[test]
    fn an_option_that_a_carrier_does_not_sell_is_refused_by_its_name() {
        for carrier in colibri_carriers::all() {
            let info = carrier.info();
            for kind in OptionKind::ALL {
                let request = FulfilmentRequested {
                    value: eur(1),
                    cash_on_delivery: eur(1),
                    service_point: Some(ServicePoint { id: "1".into(), ..Default::default() }),
                    ..asked(&[kind.as_str()])
                };
                let told = sold(info, &of(&request, "gate").unwrap());
                let named = told.err().map(|no| no.field);
                let sells = info.options.contains(kind);
                assert_eq!(named, (!sells).then(|| field(*kind)), "{} {kind:?}", info.id);
            }
        }
    }
}
