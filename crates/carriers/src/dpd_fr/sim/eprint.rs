//! The shipping service.

use base64::{Engine, engine::general_purpose::STANDARD};
use time::{Duration, OffsetDateTime};

use super::{
    DpdFrSim, Sold, rules,
    soap::{self, EPRINT, Fault},
    story,
};
use crate::{
    HttpResponse, LabelFormat,
    sim::{SimRequest, clock, label::Printed},
    wire::xml::{Element, Writer},
};

/// After a purchase, until the day's list has it.
const LIST_DELAY: Duration = Duration::seconds(30);
/// Most slaves of a master.
const SLAVES_MAX: usize = 99;

type Answer = Result<HttpResponse, Fault>;

impl DpdFrSim {
    pub(super) fn eprint(&mut self, request: &SimRequest) -> HttpResponse {
        let answer = soap::operation(request, EPRINT)
            .and_then(|operation| self.operation(&operation, request.now));
        answer.unwrap_or_else(|fault| fault.answer(EPRINT))
    }

    fn operation(&mut self, operation: &Element, now: OffsetDateTime) -> Answer {
        let name = operation.name.as_str();
        if name == "IsCustomerBlocked" {
            customer(operation.child("customer"))?;
            return Ok(soap::answer(name, EPRINT, |answer| {
                answer.leaf("IsCustomerBlockedResult", "false");
            }));
        }
        let request = operation.child("request").ok_or(Fault::Plain("no request"))?;
        match name {
            "CreateShipmentWithLabelsBc" => self.single(request, now),
            "CreateMultiShipmentBc" => self.multi(request, now),
            "CreateReverseInverseShipmentWithLabelsBc" => self.retour(request, now),
            "GetLabelBc" => self.label_again(request),
            "GetShipping" => self.day_list(request, now),
            "TerminateShipment" => self.void(request, now),
            "CreatePickupAtCustomerBc" => self.pickup(request, now),
            _ => Err(Fault::Plain("an operation that is not simulated")),
        }
    }

    /// Books one parcel of a checked request.
    fn sell(&mut self, request: &Element, own: &Element, how: How, now: OffsetDateTime) -> usize {
        let number = self.next_number();
        let party = |side: &str, name: &str| {
            request.child(side).and_then(|a| a.get(name)).unwrap_or_default().to_owned()
        };
        let lines = |side: &str| {
            let line = |name| party(side, name);
            vec![line("name"), line("street"), format!("{} {}", line("zipCode"), line("city"))]
        };
        let reference = |name: &str| own.get(name).unwrap_or_default().to_owned();
        let country = match party("receiveraddress", "countryPrefix").as_str() {
            "F" => "FR".to_owned(),
            other => other.to_owned(),
        };
        let day = request.get("shippingdate").and_then(rules::day);
        let day = day.unwrap_or_else(|| clock::local(now, "FR").date());
        let services = request.child("services");
        let to_point = services.is_some_and(|services| services.child("parcelshop").is_some());
        let story = story::of(&self.options, &number, &country, to_point, now, day);
        let weight = own.get("weight").unwrap_or_default().to_owned();
        let printed = Printed {
            carrier: "DPD France",
            service: service(request, how).to_owned(),
            number: number.clone(),
            sender: lines("shipperaddress"),
            recipient: lines("receiveraddress"),
            weight_g: rules::grams(&weight).unwrap_or_default(),
            reference: reference("referencenumber"),
            index: how.index,
            count: how.count,
        };
        let index = self.sold.len();
        let sold = Sold {
            number,
            references: ["referencenumber", "reference2", "reference3"].map(reference),
            weight,
            day,
            bought: now,
            postcode: party("receiveraddress", "zipCode"),
            origin: party("shipperaddress", "city"),
            destination: party("receiveraddress", "city"),
            country,
            retour: how.retour,
            to_point,
            story,
            terminated: false,
            printed,
        };
        self.book(sold, how.billed);
        index
    }

    fn single(&mut self, request: &Element, now: OffsetDateTime) -> Answer {
        let name = "CreateShipmentWithLabelsBc";
        rules::create(name, request, now)?;
        let out = self.sell(request, request, How::out(1, 1), now);
        let reverse = request.child("services").and_then(|services| services.child("reverse"));
        // Prepared with the parcel, billed when it is used.
        let back = reverse.map(|_| self.sell(request, request, How::prepared(), now));
        let kind = label_kind(request);
        let parcels: Vec<(&Sold, &str)> = [(Some(out), "EPRINT"), (back, "REVERSE")]
            .into_iter()
            .filter_map(|(index, kind)| Some((self.sold.get(index?)?, kind)))
            .collect();
        Ok(soap::answer(name, EPRINT, |answer| {
            answer.nest("CreateShipmentWithLabelsBcResult", |result| {
                result.nest("shipments", |shipments| {
                    for (sold, word) in &parcels {
                        shipments.nest("ShipmentBc", |bc| shipment(sold, word, bc));
                    }
                });
                result.nest("labels", |labels| {
                    for (sold, word) in &parcels {
                        label(sold, word, &kind, labels);
                    }
                });
            });
        }))
    }

    fn multi(&mut self, request: &Element, now: OffsetDateTime) -> Answer {
        let name = "CreateMultiShipmentBc";
        rules::create(name, request, now)?;
        let slaves = request.child("slaves").map(|s| s.children.clone()).unwrap_or_default();
        if slaves.is_empty() || slaves.len() > SLAVES_MAX {
            return Err(Fault::invalid("slaves"));
        }
        for slave in &slaves {
            rules::weight(slave)?;
        }
        let count = u32::try_from(slaves.len()).unwrap_or(u32::MAX);
        let numbered = (1..=count).zip(&slaves);
        let sold: Vec<usize> = numbered
            .map(|(index, slave)| self.sell(request, slave, How::out(index, count), now))
            .collect();
        let master = self.next_number();
        Ok(soap::answer(name, EPRINT, |answer| {
            answer.nest("CreateMultiShipmentBcResult", |result| {
                result.nest("mastershipment", |bc| {
                    bc.nest("Shipment", |shipment| {
                        shipment.leaf("BarcodeId", &master).leaf("BarcodeSource", "1");
                    });
                    bc.leaf("Type", "MASTER");
                });
                result.nest("shipments", |shipments| {
                    for sold in sold.iter().filter_map(|index| self.sold.get(*index)) {
                        shipments.nest("ShipmentBc", |bc| shipment(sold, "EPRINT", bc));
                    }
                });
            });
        }))
    }

    fn retour(&mut self, request: &Element, now: OffsetDateTime) -> Answer {
        let name = "CreateReverseInverseShipmentWithLabelsBc";
        rules::create(name, request, now)?;
        let days = request.get("expire_offset").and_then(|days| days.parse::<u16>().ok());
        if days.is_none_or(|days| days == 0) {
            return Err(Fault::invalid("expire_offset"));
        }
        let index = self.sell(request, request, How { retour: true, ..How::out(1, 1) }, now);
        let kind = label_kind(request);
        let sold = self.sold.get(index).ok_or(Fault::Plain("nothing was sold"))?;
        Ok(soap::answer(name, EPRINT, |answer| {
            answer.nest("CreateReverseInverseShipmentWithLabelsBcResult", |result| {
                result.nest("Shipment", |bc| shipment(sold, "REVERSE", bc));
                result.nest("Labels", |labels| label(sold, "REVERSE", &kind, labels));
            });
        }))
    }

    fn label_again(&self, request: &Element) -> Answer {
        customer(request.child("customer"))?;
        let sold = self.alive(request.get("shipmentNumber"))?;
        let kind = label_kind(request);
        Ok(soap::answer("GetLabelBc", EPRINT, |answer| {
            answer.nest("GetLabelBcResult", |result| {
                result.nest("labels", |labels| label(sold, "EPRINT", &kind, labels));
                result.nest("shipment", |shipment| barcode(sold, shipment));
            });
        }))
    }

    fn day_list(&self, request: &Element, now: OffsetDateTime) -> Answer {
        customer(request.child("customer"))?;
        let day = request.get("date").and_then(rules::day).ok_or_else(|| Fault::invalid("date"))?;
        let listed = self
            .sold
            .iter()
            .filter(|sold| sold.day == day && !sold.terminated && sold.bought + LIST_DELAY <= now);
        Ok(soap::answer("GetShipping", EPRINT, |answer| {
            answer.nest("GetShippingResult", |result| {
                result.nest("shippings", |shippings| {
                    for sold in listed {
                        shippings.nest("Shipping", |entry| {
                            entry
                                .leaf("shipment", &sold.number)
                                .leaf("barcodeSource", "1")
                                .leaf("barcodeId", &sold.number)
                                .leaf("weight", &sold.weight)
                                .leaf("reference", &sold.references[0]);
                        });
                    }
                });
            });
        }))
    }

    fn void(&mut self, request: &Element, now: OffsetDateTime) -> Answer {
        customer(request.child("customer"))?;
        if request.get("BarcodeSource") != Some("1") {
            return Err(Fault::Plain("the request cannot be read"));
        }
        let sold = self.alive(request.get("BarcodeId"))?;
        if story::scanned(sold, now) {
            return Err(Fault::Stated("ShipmentAlreadyScanned", "already on its way".into()));
        }
        let number = sold.number.clone();
        self.terminate(&number, now);
        Ok(soap::answer("TerminateShipment", EPRINT, |_| {}))
    }

    fn pickup(&mut self, request: &Element, now: OffsetDateTime) -> Answer {
        customer(request.child("customer"))?;
        let address = request.child("shipperaddress");
        let whole = ["countryPrefix", "zipCode", "city", "street", "name"];
        if address.is_none_or(|address| whole.iter().any(|name| address.get(name).is_none())) {
            return Err(Fault::invalid("shipperaddress"));
        }
        let day = request.get("pick_date").and_then(rules::day);
        let day = day.filter(|day| *day >= clock::local(now, "FR").date());
        if day.is_none_or(|day| day.weekday() == time::Weekday::Sunday) {
            return Err(Fault::Stated("InvalidDate", "no driver on that day".into()));
        }
        let data = request.child("data").ok_or_else(|| Fault::invalid("data"))?;
        if data.get("time_from") >= data.get("time_to") {
            return Err(Fault::invalid("time_to"));
        }
        let shipments = request.child("shipments").map(|all| all.children.as_slice());
        let shipments = shipments.unwrap_or_default();
        for shipment in shipments {
            self.alive(Some(&shipment.text))?;
        }
        if shipments.is_empty() {
            return Err(Fault::invalid("shipments"));
        }
        self.pickups += 1;
        Ok(soap::answer("CreatePickupAtCustomerBc", EPRINT, |answer| {
            answer.nest("CreatePickupAtCustomerBcResult", |result| {
                result.leaf("Sin", &self.pickups.to_string());
            });
        }))
    }

    fn alive(&self, number: Option<&str>) -> Result<&Sold, Fault> {
        let sold = number.and_then(|number| self.find(number)).filter(|sold| !sold.terminated);
        sold.ok_or_else(|| Fault::Stated("ShipmentNotFound", "no such shipment".into()))
    }
}

/// As what a parcel is sold.
#[derive(Clone, Copy)]
struct How {
    retour: bool,
    billed: bool,
    index: u32,
    count: u32,
}

impl How {
    const fn out(index: u32, count: u32) -> Self {
        Self { retour: false, billed: true, index, count }
    }

    const fn prepared() -> Self {
        Self { retour: true, billed: false, index: 1, count: 1 }
    }
}

fn customer(customer: Option<&Element>) -> Result<(), Fault> {
    let names: Vec<&str> =
        customer.map(|c| c.children.iter().map(|e| e.name.as_str()).collect()).unwrap_or_default();
    let france = customer.and_then(|c| c.get("countrycode")) == Some("250");
    match names == ["centernumber", "number", "countrycode"] && france {
        true => Ok(()),
        false => Err(Fault::Stated("PermissionDenied", "customer not allowed".into())),
    }
}

fn service(request: &Element, how: How) -> &'static str {
    let services = request.child("services");
    let contact = services.and_then(|services| services.child("contact")?.get("type"));
    match (how.retour, contact) {
        (true, _) => "RETOUR",
        _ if services.is_some_and(|s| s.child("parcelshop").is_some()) => "RELAIS",
        (false, Some("Predict")) => "PREDICT",
        _ => "CLASSIC",
    }
}

fn label_kind(request: &Element) -> String {
    let kind = request.child("labelType").and_then(|label| label.get("type"));
    kind.unwrap_or("Default").to_owned()
}

fn shipment(sold: &Sold, kind: &str, bc: &mut Writer) {
    bc.nest("Shipment", |shipment| barcode(sold, shipment));
    bc.leaf("Type", kind);
}

fn barcode(sold: &Sold, shipment: &mut Writer) {
    let digits: String = sold.postcode.chars().filter(char::is_ascii_alphanumeric).collect();
    let service = match sold.printed.service.as_str() {
        "PREDICT" => "328",
        "RELAIS" => "337",
        "RETOUR" => "332",
        _ => "327",
    };
    // ISO 3166-1 numeric; only France matters to whoever reads it here.
    let country = if sold.country == "FR" { "250" } else { "000" };
    let routing = format!("%{digits:0>7}{}{service}{country}", sold.number);
    shipment.leaf("BarcodeId", &sold.number).leaf("BarcodeSource", "1").leaf("BarCode", &routing);
}

fn label(sold: &Sold, kind: &str, wanted: &str, labels: &mut Writer) {
    let format = match wanted {
        "Default" => LabelFormat::Png,
        "EPL" => LabelFormat::Epl,
        other if other.starts_with("PDF") => LabelFormat::Pdf,
        _ => LabelFormat::Zpl,
    };
    labels.nest("Label", |label| {
        label.leaf("type", kind);
        label.leaf("label", &STANDARD.encode(sold.printed.file(format)));
    });
}
