//! A shipment as EPrint's requests, or the field that keeps it from being one.
//!
//! Owns the carrier's limits and the order of elements: the service reads an element only where its
//! schema has it.

use colibri_types::{Currency, Grams, Millimetres};

use super::{
    CLASSIC, INFO, PREDICT, RELAIS, RETOUR,
    address::{Names, Postal, RECIPIENT, SENDER, optional, required},
    number, soap,
};
use crate::{
    Call, DeliveryOption, LabelFormat, Rejection, Shipment,
    wire::{border::member, xml::Writer},
};

/// Longest reference, in characters.
const REFERENCE_MAX: usize = 35;
/// Heaviest parcel that shops take.
const SHOP_WEIGHT_MAX: Grams = Grams(20_000);
/// How long a return label can be used, in days: our choice, the carrier asks and sets no limit.
const RETURN_DAYS: u16 = 30;
/// Starts of postcodes outside the customs union, for which EPrint carries no data: French
/// overseas, Canaries, Ceuta, Melilla, Livigno, Büsingen, Helgoland, Athos, Åland.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("FR", &["97", "98"]),
    ("ES", &["35", "38", "51", "52"]),
    ("IT", &["23041", "23030"]),
    ("DE", &["78266", "27498"]),
    ("GR", &["63086", "63087"]),
    ("FI", &["22"]),
];

/// A checked shipment.
pub(super) struct Order<'a> {
    shipment: &'a Shipment,
    service: &'static str,
    sender: Postal,
    recipient: Postal,
    day: String,
    reference: String,
    order_number: String,
    label_type: &'static str,
    insured: Option<String>,
    shop: Option<String>,
}

impl<'a> Order<'a> {
    /// Checks a shipment for the way out, or, with `back`, for the way from a customer.
    ///
    /// # Errors
    /// [`Rejection`] of the first field that this carrier cannot take.
    pub(super) fn of(
        call: &Call<'_>,
        shipment: &'a Shipment,
        back: bool,
    ) -> Result<Self, Rejection> {
        let service = service(&shipment.service, back)?;
        parcels(shipment, service)?;
        let sender = Postal::of(&shipment.sender, &SENDER)?;
        let recipient = Postal::of(&shipment.recipient, &RECIPIENT)?;
        lane(service, &sender, &recipient)?;
        let (insured, shop) = options(shipment, service)?;
        if service == PREDICT && recipient.mobile().is_none() {
            return Err(Rejection::new(RECIPIENT.phone, "Predict needs a mobile number"));
        }
        let order = Self {
            day: day(call, shipment)?,
            reference: required(&shipment.attempt_ref, "attempt_ref", REFERENCE_MAX)?,
            // Printed for people: an order number that is longer is cut rather than refused.
            order_number: optional(&shipment.order_number, "order_number", usize::MAX)?
                .chars()
                .take(REFERENCE_MAX)
                .collect(),
            label_type: label_type(shipment.format)?,
            shipment,
            service,
            sender,
            recipient,
            insured,
            shop,
        };
        Ok(order)
    }

    /// The operation that sells this order.
    pub(super) fn operation(&self) -> &'static str {
        match self.service {
            RETOUR => "CreateReverseInverseShipmentWithLabelsBc",
            _ if self.shipment.parcels.len() > 1 => "CreateMultiShipmentBc",
            _ => "CreateShipmentWithLabelsBc",
        }
    }

    /// Writes the operation's content.
    pub(super) fn write(&self, call: &Call<'_>, operation: &mut Writer) {
        operation.nest("request", |request| {
            self.recipient.write("receiveraddress", request);
            self.recipient.write_info("receiverinfo", request);
            self.sender.write("shipperaddress", request);
            self.sender.write_info("shipperinfo", request);
            soap::flat_customer(call, request);
            request.leaf("shippingdate", &self.day);
            match self.operation() {
                "CreateMultiShipmentBc" => self.slaves(request),
                "CreateShipmentWithLabelsBc" => self.single(request),
                _ => self.retour(request),
            }
        });
    }

    fn weight(&self) -> String {
        self.shipment.parcels.first().map(|p| p.weight.to_kg_text()).unwrap_or_default()
    }

    fn single(&self, request: &mut Writer) {
        if self.service != CLASSIC || self.insured.is_some() {
            request.nest("services", |services| {
                self.contact(services);
                self.insurance(services);
                if let Some(shop) = &self.shop {
                    services.nest("parcelshop", |parcelshop| {
                        parcelshop.nest("shopaddress", |address| {
                            address.leaf("shopid", shop);
                        });
                    });
                }
            });
        }
        request
            .leaf("weight", &self.weight())
            .leaf("referencenumber", &self.reference)
            .some("reference2", &self.order_number);
        request.nest("labelType", |label| {
            label.leaf("type", self.label_type);
        });
    }

    /// Several parcels: no label files, no services but insurance.
    fn slaves(&self, request: &mut Writer) {
        let count = self.shipment.parcels.len();
        request.nest("slaves", |slaves| {
            for (index, parcel) in self.shipment.parcels.iter().enumerate() {
                slaves.nest("SlaveRequest", |slave| {
                    slave
                        .leaf("weight", &parcel.weight.to_kg_text())
                        .leaf("referencenumber", &self.reference)
                        .some("reference2", &self.order_number)
                        .leaf("reference3", &format!("{}/{count}", index + 1));
                });
            }
        });
    }

    fn retour(&self, request: &mut Writer) {
        request
            .leaf("weight", &self.weight())
            .leaf("expire_offset", &RETURN_DAYS.to_string())
            .leaf("referencenumber", &self.reference);
        if self.insured.is_some() {
            request.nest("services", |services| self.insurance(services));
        }
        request.leaf("receiver_contact_name", self.recipient.name());
        request.nest("labelType", |label| {
            label.leaf("type", self.label_type);
        });
        request.leaf("refasbarcode", "false");
    }

    fn contact(&self, services: &mut Writer) {
        let (mobile, email) = (self.recipient.mobile().unwrap_or(""), &self.recipient.email);
        let kind = match self.service {
            PREDICT => "Predict",
            RELAIS if !email.is_empty() => "AutomaticMail",
            RELAIS if !mobile.is_empty() => "AutomaticSMS",
            _ => return,
        };
        services.nest("contact", |contact| {
            contact.some("sms", mobile).some("email", email).leaf("type", kind);
        });
    }

    fn insurance(&self, services: &mut Writer) {
        if let Some(value) = &self.insured {
            services.nest("extraInsurance", |insurance| {
                insurance.leaf("value", value).leaf("type", "byShipments");
            });
        }
    }
}

fn service(code: &str, back: bool) -> Result<&'static str, Rejection> {
    let known = INFO.services.iter().map(|(known, _)| *known).find(|known| *known == code);
    match known {
        Some(RETOUR) if back => Ok(RETOUR),
        Some(RETOUR) => Err(Rejection::new("service", "RETOUR is for the way back")),
        Some(_) if back => Err(Rejection::new("service", "the way back is sold as RETOUR")),
        Some(known) => Ok(known),
        None => Err(Rejection::new("service", "is not sold here")),
    }
}

fn parcels(shipment: &Shipment, service: &str) -> Result<(), Rejection> {
    let count = shipment.parcels.len();
    if count == 0 || count > usize::from(INFO.parcels_max) {
        return Err(Rejection::new("parcels", format!("1 to {} parcels", INFO.parcels_max)));
    }
    if count > 1 && service != CLASSIC {
        return Err(Rejection::new("parcels", "several parcels go by CLASSIC only"));
    }
    let at_shop = matches!(service, RELAIS | RETOUR);
    let heaviest = if at_shop { SHOP_WEIGHT_MAX } else { INFO.weight_max };
    for parcel in &shipment.parcels {
        if parcel.weight.0 == 0 || parcel.weight > heaviest {
            let reason = format!("more than 0 and at most {} kg", heaviest.to_kg_text());
            return Err(Rejection::new("parcels.weight", reason));
        }
        let too_long = |side: Millimetres| side.0 == 0 || side > INFO.length_max;
        let sides = parcel.dimensions.map(|size| [size.length, size.width, size.height]);
        if sides.is_some_and(|sides| sides.into_iter().any(too_long)) {
            return Err(Rejection::new("parcels.dimensions", "each side is 1 mm to 2 m"));
        }
    }
    Ok(())
}

fn in_union(postal: &Postal) -> bool {
    let outside = OUTSIDE.iter().find(|(country, _)| *country == postal.country);
    let outside = outside
        .is_some_and(|(_, starts)| starts.iter().any(|start| postal.postcode.starts_with(start)));
    !outside && member(&postal.country)
}

/// Outbound parcels leave from France, returns end and begin there.
fn lane(service: &str, sender: &Postal, recipient: &Postal) -> Result<(), Rejection> {
    let reject = |names: &Names, reason: &str| Err(Rejection::new(names.country, reason));
    if sender.country != "FR" || !in_union(sender) {
        return reject(&SENDER, "parcels leave from mainland France and Corsica");
    }
    if !in_union(recipient) {
        return reject(&RECIPIENT, "the service has no customs data: inside the union only");
    }
    if matches!(service, RELAIS | RETOUR) && recipient.country != "FR" {
        return reject(&RECIPIENT, "this service stays within France");
    }
    Ok(())
}

type Options = (Option<String>, Option<String>);

fn options(shipment: &Shipment, service: &str) -> Result<Options, Rejection> {
    let reject = |reason: &str| Err(Rejection::new("options", reason));
    let (mut insured, mut shop) = (None, None);
    for option in &shipment.options {
        match option {
            DeliveryOption::Insurance(_) if shipment.parcels.len() > 1 => {
                return reject("several parcels share no insured value: ship them apart");
            }
            DeliveryOption::Insurance(value) => {
                if value.currency != Currency::EUR || value.amount_minor <= 0 {
                    return reject("insurance is stated in euros");
                }
                insured = Some(value.to_decimal().to_string());
            }
            DeliveryOption::ServicePoint { .. } if service != RELAIS => {
                return reject("a relay needs service RELAIS");
            }
            DeliveryOption::ServicePoint { id, .. } => {
                let digits = id.strip_prefix('P').unwrap_or_default();
                if digits.len() != 5 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return reject("a relay's id is P and five digits");
                }
                shop = Some(id.clone());
            }
            _ => return reject("insurance and relays only"),
        }
    }
    match (service, &shop) {
        (RELAIS, None) => reject("service RELAIS needs a relay"),
        _ => Ok((insured, shop)),
    }
}

/// The small label; PNG is what the service calls its default.
pub(super) fn label_type(format: LabelFormat) -> Result<&'static str, Rejection> {
    match format {
        LabelFormat::Pdf => Ok("PDF_A6"),
        LabelFormat::Zpl => Ok("ZPL"),
        LabelFormat::Png => Ok("Default"),
        LabelFormat::Epl => Ok("EPL"),
        _ => Err(Rejection::new("format", "labels come as PDF, ZPL, PNG or EPL")),
    }
}

fn day(call: &Call<'_>, shipment: &Shipment) -> Result<String, Rejection> {
    if shipment.ship_date < number::today(call.now) {
        return Err(Rejection::new("ship_date", "is in the past"));
    }
    let day = number::day(shipment.ship_date);
    day.ok_or_else(|| Rejection::new("ship_date", "is not a date of four digits"))
}
