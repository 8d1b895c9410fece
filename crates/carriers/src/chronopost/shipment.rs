//! A shipment in the carrier's words, or the field that keeps it from being one.
//!
//! Owns the carrier's limits and the order of the purchase's elements, which the schema fixes:
//! those of a base type in alphabetical order, then those of each extension.

use colibri_types::{Currency, Dimensions, Grams, Money};
use time::{Date, Duration, format_description::BorrowedFormatItem, macros::format_description};

use super::{
    INFO,
    address::{self, Party, Role},
    customs::{self, Declaration},
    products::{self, Lane, Place, Product},
    soap,
};
use crate::wire::xml::Writer;
use crate::{Call, Contact, DeliveryOption, LabelFormat, Parcel, Rejection, Shipment};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const FRENCH_DAY: &[BorrowedFormatItem<'_>] = format_description!("[day]/[month]/[year]");
/// Longest reference, in characters.
const REFERENCE_MAX: usize = 35;
/// Heaviest parcel of a pickup point.
const POINT_WEIGHT_MAX: Grams = Grams(20_000);
/// Longest girth (length and twice the other sides) in millimetres: remembered from the general
/// terms, as the longest side is.
const GIRTH_MAX_MM: u64 = 3_000;
/// Hour of the hand-over, of which only the day is known: parcels are collected in the afternoon.
const SHIP_HOUR: u8 = 17;

/// Which way a label is bought for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Out,
    Back,
}

/// All that a purchase says, checked.
pub(super) struct Order<'a> {
    shipment: &'a Shipment,
    product: &'static Product,
    shipper: Party,
    payer: Party,
    recipient: Party,
    options: Options,
    declarations: Vec<Option<Declaration>>,
    documents: bool,
    recipient_ref: String,
    ship_date: String,
    mode: &'static str,
}

#[derive(Default)]
struct Options {
    saturday: bool,
    insured_cents: Option<i64>,
    cod_cents: Option<i64>,
    point: Option<(String, Box<Contact>)>,
}

/// # Errors
/// [`Rejection`] of the first field that this carrier cannot take.
pub(super) fn order<'a>(
    call: &Call<'_>,
    shipment: &'a Shipment,
    way: Way,
) -> Result<Order<'a>, Rejection> {
    let (product, from, to) = lane(shipment)?;
    match (way, product.is_return()) {
        (Way::Back, false) => return Err(Rejection::new("service", "is no return service")),
        (Way::Out, true) => return Err(Rejection::new("service", "is a return service")),
        _ => {}
    }
    let options = options(product, shipment)?;
    parcels(product, &shipment.parcels)?;
    let shipper = address::party(&shipment.sender, &from, &address::SENDER)?;
    let recipient = address::party(&shipment.recipient, &to, &address::RECIPIENT)?;
    // Who pays is the merchant: the sender, and for a return its receiver.
    let payer = if way == Way::Back { recipient.clone() } else { shipper.clone() };
    let recipient = match &options.point {
        None => recipient,
        Some((_, point)) => at_point(recipient, point, &to)?,
    };
    let recipient_ref = match &options.point {
        Some((id, _)) => id.clone(),
        None => {
            let number = address::optional(&shipment.order_number, "order_number", usize::MAX)?;
            address::cut(&number, REFERENCE_MAX)
        }
    };
    address::required(&shipment.attempt_ref, "attempt_ref", REFERENCE_MAX)?;
    let documents = customs::documents(shipment);
    let border = from.outside != to.outside || (from.outside && from.country != to.country);
    let declare = |parcel| customs::declaration(shipment, parcel);
    let declarations = match border && !documents {
        true => shipment.parcels.iter().map(|p| declare(p).map(Some)).collect::<Result<_, _>>()?,
        false => vec![None; shipment.parcels.len()],
    };
    Ok(Order {
        shipment,
        product,
        shipper,
        payer,
        recipient,
        options,
        declarations,
        documents,
        recipient_ref,
        ship_date: ship_date(call, shipment)?,
        mode: mode(shipment.format)?,
    })
}

/// The product, where it leaves and where it goes.
///
/// # Errors
/// [`Rejection`] of the service, or of the place it does not serve.
pub(super) fn lane(shipment: &Shipment) -> Result<(&'static Product, Place, Place), Rejection> {
    let product = products::find(&shipment.service)?;
    let from = products::place(&shipment.sender, address::SENDER.country)?;
    let to = products::place(&shipment.recipient, address::RECIPIENT.country)?;
    product.fits(&from, &to)?;
    Ok((product, from, to))
}

fn options(product: &Product, shipment: &Shipment) -> Result<Options, Rejection> {
    let reject = |reason: &str| Err(Rejection::new("options", reason));
    let alone = shipment.parcels.len() == 1;
    let mut found = Options::default();
    for option in &shipment.options {
        match option {
            DeliveryOption::Saturday if product.lane != Lane::National => {
                return reject("Saturday delivery is for services within France");
            }
            DeliveryOption::Saturday => found.saturday = true,
            DeliveryOption::Insurance(_) | DeliveryOption::CashOnDelivery(_) if !alone => {
                return reject("a value is stated per parcel: make one shipment per parcel");
            }
            DeliveryOption::Insurance(value) => found.insured_cents = Some(cents(*value)?),
            DeliveryOption::CashOnDelivery(_)
                if product.lane != Lane::National || product.point =>
            {
                return reject("cash is collected at doors within France");
            }
            DeliveryOption::CashOnDelivery(value) => found.cod_cents = Some(cents(*value)?),
            DeliveryOption::ServicePoint { .. } if !product.point => {
                return reject("a pickup point needs a service that goes to one");
            }
            DeliveryOption::ServicePoint { id, address } => {
                point_id(product, id)?;
                let Some(address) = address else {
                    return reject("a pickup point needs its address: the parcel is routed by it");
                };
                found.point = Some((id.clone(), address.clone()));
            }
            DeliveryOption::Signature => return reject("a signature cannot be asked for"),
            DeliveryOption::SafePlace(_) => return reject("a safe place cannot be named"),
        }
    }
    match (product.point, &found.point) {
        (true, None) => reject("this service needs a pickup point"),
        _ => Ok(found),
    }
}

fn cents(value: Money) -> Result<i64, Rejection> {
    if value.currency != Currency::EUR || value.amount_minor <= 0 {
        return Err(Rejection::new("options", "values are in euros and above zero"));
    }
    Ok(value.amount_minor)
}

/// Four digits and a letter, as the schema wants it of national points.
fn national_point(id: &str) -> bool {
    let (digits, letter) = id.split_at_checked(4).unwrap_or_default();
    super::digits(digits, 4..=4)
        && letter.len() == 1
        && letter.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn point_id(product: &Product, id: &str) -> Result<(), Rejection> {
    let plain = (1..=REFERENCE_MAX).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let fits = if product.lane == Lane::National { national_point(id) } else { plain };
    match fits {
        true => Ok(()),
        false => Err(Rejection::new("options", "a pickup point is four digits and a letter")),
    }
}

/// A point's name and address with the receiver's person, phone and e-mail: the point hands over
/// to that person, who is told by message.
fn at_point(person: Party, point: &Contact, to: &Place) -> Result<Party, Rejection> {
    if person.email.is_empty() {
        return Err(Rejection::new("recipient.email", "pickup points tell the receiver by e-mail"));
    }
    if !person.mobile {
        return Err(Rejection::new("recipient.phone", "pickup points need a mobile number"));
    }
    let place = match point.country {
        Some(_) => products::place(point, "options")?,
        None => to.clone(),
    };
    if place.country != to.country {
        return Err(Rejection::new("options", "the pickup point is in another country"));
    }
    let shop = address::party(point, &place, &address::POINT)?;
    let name2 = if person.name2.is_empty() { person.name } else { person.name2 };
    Ok(Party { name2, email: person.email, phone: person.phone, mobile: true, ..shop })
}

fn parcels(product: &Product, parcels: &[Parcel]) -> Result<(), Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    let most = usize::from(INFO.parcels_max);
    if parcels.is_empty() || parcels.len() > most {
        return reject("parcels", "1 to 100 parcels in one shipment");
    }
    if product.is_return() && parcels.len() > 1 {
        return reject("parcels", "a return is one parcel");
    }
    if product.point && parcels.iter().any(|parcel| parcel.weight > POINT_WEIGHT_MAX) {
        return reject("parcels.weight", "at most 20 kg to a pickup point");
    }
    parcels.iter().try_for_each(sized)
}

/// # Errors
/// [`Rejection`] of a weight or size that the carrier does not take.
pub(super) fn sized(parcel: &Parcel) -> Result<(), Rejection> {
    let reject = |field, reason: &str| Err(Rejection::new(field, reason));
    if parcel.weight.0 == 0 {
        return reject("parcels.weight", "more than 0 and at most 30 kg");
    }
    if parcel.weight > INFO.weight_max {
        return reject("parcels.weight", "at most 30 kg");
    }
    if parcel.dimensions.is_some_and(|size| !packable(size)) {
        return reject("parcels.dimensions", "each side 1 mm to 1.5 m, girth at most 3 m");
    }
    Ok(())
}

fn packable(size: Dimensions) -> bool {
    let mut sides = [size.length, size.width, size.height];
    sides.sort();
    let [low, middle, high] = sides.map(|side| u64::from(side.0));
    let length_max = u64::from(INFO.length_max.0);
    low > 0 && high <= length_max && high + 2 * (low + middle) <= GIRTH_MAX_MM
}

fn ship_date(call: &Call<'_>, shipment: &Shipment) -> Result<String, Rejection> {
    // France is one or two hours ahead of UTC: with one, no day is refused that may be today.
    let today = call.now.checked_add(Duration::hours(1)).unwrap_or(call.now).date();
    if shipment.ship_date < today {
        return Err(Rejection::new("ship_date", "is in the past"));
    }
    day(shipment.ship_date).ok_or_else(|| Rejection::new("ship_date", "has a year of four digits"))
}

/// `2026-11-20`.
pub(super) fn day(date: Date) -> Option<String> {
    date.format(DAY).ok().filter(|text| text.len() == 10)
}

/// `20/11/2026`.
pub(super) fn french_day(date: Date) -> Option<String> {
    date.format(FRENCH_DAY).ok().filter(|text| text.len() == 10)
}

fn mode(format: LabelFormat) -> Result<&'static str, Rejection> {
    match format {
        // A PDF of the size of a label.
        LabelFormat::Pdf => Ok("THE"),
        LabelFormat::Zpl => Ok("Z2D"),
        _ => Err(Rejection::new("format", "labels come as PDF or ZPL")),
    }
}

impl Order<'_> {
    /// The children of the purchase operation.
    pub(super) fn write(&self, call: &Call<'_>, writer: &mut Writer) {
        let field = |name| call.account.field(name).unwrap_or_default();
        let count = self.shipment.parcels.len();
        header(call, writer);
        writer.nest("shipperValue", |w| self.shipper.write(w, Role::Shipper));
        writer.nest("customerValue", |w| self.payer.write(w, Role::Customer));
        writer.nest("recipientValue", |w| self.recipient.write(w, Role::Recipient));
        writer.nest("refValue", |w| {
            w.some("recipientRef", &self.recipient_ref);
            w.leaf("shipperRef", &self.shipment.attempt_ref);
            if let Some((id, _)) = self.options.point.as_ref().filter(|(id, _)| national_point(id))
            {
                w.leaf("idRelais", id);
            }
        });
        let all = self.shipment.parcels.iter().zip(&self.declarations);
        for (rank, (parcel, declaration)) in all.clone().enumerate() {
            writer
                .nest("skybillValue", |w| self.skybill(w, rank + 1, parcel, declaration.as_ref()));
        }
        // Nothing is reserved: older operations give a reserved label to whoever knows its number.
        writer.nest("skybillParamsValue", |w| {
            w.leaf("duplicata", "N").leaf("mode", self.mode).leaf("withReservation", "0");
        });
        // 2: no mail with the label.
        writer.leaf("password", field("password")).leaf("modeRetour", "2");
        writer.leaf("numberOfParcel", &count.to_string()).leaf("version", "2.0");
        writer.leaf("multiParcel", if count > 1 { "Y" } else { "N" });
        for declaration in all.filter_map(|(_, declaration)| declaration.as_ref()) {
            writer.nest("customsValue", |w| declaration.write(w));
        }
    }

    fn skybill(&self, w: &mut Writer, rank: usize, parcel: &Parcel, paper: Option<&Declaration>) {
        let count = self.shipment.parcels.len();
        let amount = |w: &mut Writer, name: &str, cents: Option<i64>| {
            if let Some(cents) = cents {
                w.leaf(&format!("{name}Currency"), "EUR");
                w.leaf(&format!("{name}Value"), &cents.to_string());
            }
        };
        if count > 1 {
            w.leaf("bulkNumber", &count.to_string());
        }
        amount(w, "cod", self.options.cod_cents);
        if let Some(paper) = paper {
            paper.write_contents(w);
        }
        w.leaf("evtCode", "DC");
        amount(w, "insured", self.options.insured_cents);
        w.leaf("objectType", if self.documents { "DOC" } else { "MAR" });
        w.leaf("productCode", self.product.code);
        w.leaf("service", if self.options.saturday { "6" } else { "0" });
        w.leaf("shipDate", &format!("{}T{SHIP_HOUR:02}:00:00", self.ship_date));
        w.leaf("shipHour", &SHIP_HOUR.to_string());
        if count > 1 {
            w.leaf("skybillRank", &rank.to_string());
        }
        w.leaf("weight", &parcel.weight.to_kg_text()).leaf("weightUnit", "KGM");
        // Required; zero says unknown.
        let cm = parcel.dimensions.map(|size| [size.height, size.length, size.width]);
        let cm = cm.map_or([0; 3], |sides| sides.map(|side| side.to_cm_ceil()));
        for (name, cm) in ["height", "length", "width"].into_iter().zip(cm) {
            w.leaf(name, &cm.to_string());
        }
        if self.options.cod_cents.is_some() {
            w.leaf("toTheOrderOf", &self.payer.name);
        }
    }
}

/// Who asks: the same for purchases and collections.
pub(super) fn header(call: &Call<'_>, writer: &mut Writer) {
    let field = |name| call.account.field(name).unwrap_or_default();
    let sub_account = call.account.field("sub_account").unwrap_or("0");
    writer.nest("headerValue", |w| {
        w.leaf("accountNumber", field("account_number")).leaf("idEmit", "CHRFR");
        w.leaf("identWebPro", "").leaf("subAccount", sub_account);
    });
}

/// What answers are sorted by: the operation that buys.
pub(super) const OPERATION: &str = "shippingMultiParcelV5";

/// The purchase request.
pub(super) fn request(call: &Call<'_>, order: &Order<'_>) -> crate::HttpRequest {
    soap::request(call, &soap::SHIPPING, OPERATION, |writer| order.write(call, writer))
}
