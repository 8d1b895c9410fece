//! API 2 as the carrier answers it: XML when asked for by `Accept`, else JSON with the names of a
//! program's fields; warnings sell, errors do not.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{MondialRelaySim, Order};
use crate::{
    HttpResponse, LabelFormat,
    sim::{
        SimRequest,
        http::{header, json, reply},
        label::Printed,
        luck::chance,
    },
    wire::xml::{self, Element, Writer},
};

/// Code, level, message.
type Status = (&'static str, &'static str, &'static str);

const ERROR: &str = "Error";
const CRITICAL: &str = "Critical Error";
const WARNING: &str = "Warning";

impl MondialRelaySim {
    pub(super) fn connect(&mut self, request: &SimRequest) -> HttpResponse {
        let as_xml = header(request, "accept").is_some_and(|accept| accept.contains("xml"));
        let text = std::str::from_utf8(&request.body).ok();
        // A byte order mark is a character before the document.
        let root = text.filter(|text| text.starts_with('<')).and_then(|text| xml::parse(text).ok());
        let Some(root) = root.filter(|root| root.name == "ShipmentCreationRequest") else {
            return told(as_xml, None, &[("99998", ERROR, "document illisible")]);
        };
        let statuses = check(&root);
        if statuses.iter().any(|(_, level, _)| *level != WARNING) {
            return told(as_xml, None, &statuses);
        }
        let order = order(&root);
        if !self.has_credit(&order.brand) {
            return told(as_xml, None, &[("10059", ERROR, "acheminement refuse")]);
        }
        let broken = order.printed.recipient.first().cloned().unwrap_or_default();
        if broken == "PANNE AVANT" {
            return told(as_xml, None, &[("99999", CRITICAL, "erreur du service")]);
        }
        let number = self.sell(order, request.now);
        if broken == "PANNE APRES" {
            return told(as_xml, None, &[("99999", CRITICAL, "erreur du service")]);
        }
        let mut statuses = statuses;
        if chance(self.options.seed, &number, 911) < 0.1 {
            statuses.push(("10069", WARNING, "code postal modifie par le partenaire"));
        }
        let file = self.program(&root, &number);
        told(as_xml, Some((&number, &file)), &statuses)
    }

    fn program(&self, root: &Element, number: &str) -> String {
        let kind = root.find("OutputType").map(|kind| kind.text.as_str()).unwrap_or_default();
        match (kind, self.sold.get(number)) {
            ("ZplCode", Some(sold)) => STANDARD.encode(sold.printed.file(LabelFormat::Zpl)),
            ("IplCode", Some(sold)) => STANDARD.encode(sold.printed.file(LabelFormat::Ipl)),
            (_, Some(sold)) => self.address(&sold.brand, number, "10x15"),
            _ => String::new(),
        }
    }
}

/// Everything that is wrong, warnings too.
fn check(root: &Element) -> Vec<Status> {
    let text = |parent: &str, name: &str| {
        root.find(parent).and_then(|parent| parent.get(name)).unwrap_or_default().to_owned()
    };
    let mut all: Vec<Status> = Vec::new();
    let mut unless = |fine: bool, status: Status| {
        if !fine {
            all.push(status);
        }
    };
    let password = text("Context", "Password");
    let refused = ["wrong", "revoked"].iter().any(|start| password.starts_with(start));
    let known = !password.is_empty() && !text("Context", "Login").is_empty() && !refused;
    unless(known, ("10001", CRITICAL, "utilisateur ou mot de passe invalide"));
    let customer = text("Context", "CustomerId");
    let plain = customer.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    unless(plain && (2..=8).contains(&customer.len()), ("10005", CRITICAL, "client inconnu"));
    unless(text("Context", "VersionAPI") == "1.0", ("10007", CRITICAL, "version inconnue"));
    let kind = text("OutputOptions", "OutputType");
    let kinds = ["PdfUrl", "ZplCode", "IplCode", "QRCode"];
    unless(kinds.contains(&kind.as_str()), ("10010", ERROR, "type de sortie invalide"));
    let Some(shipment) = root.find("Shipment") else {
        all.push(("10011", ERROR, "aucune expedition"));
        return all;
    };
    let reference = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-".contains(c);
    let number = shipment.get("OrderNo").unwrap_or_default();
    let fine = number.len() <= 15 && number.chars().all(reference);
    unless(fine, ("10014", WARNING, "numero de commande ignore"));
    let count = shipment.get("ParcelCount").and_then(|count| count.parse::<usize>().ok());
    unless(count.is_some_and(|count| (1..=99).contains(&count)), ("10017", ERROR, "colis"));
    let parcels = shipment.child("Parcels");
    let parcels: Vec<_> = parcels.into_iter().flat_map(|list| list.all("Parcel")).collect();
    unless(count == Some(parcels.len()), ("10065", ERROR, "nombre de colis"));
    let weight = |parcel: &&Element| parcel.child("Weight")?.attribute("Value")?.parse().ok();
    let heavy = parcels.iter().all(|p| weight(p).is_some_and(|grams: u32| grams >= 10));
    unless(heavy, ("10034", ERROR, "poids invalide"));
    all.extend(modes(shipment));
    for (side, missing) in [("Sender", "10012"), ("Recipient", "10013")] {
        match shipment.child(side).and_then(|side| side.child("Address")) {
            Some(address) => all.extend(check_address(address)),
            None => all.push((missing, ERROR, "adresse absente")),
        }
    }
    all
}

fn modes(shipment: &Element) -> Vec<Status> {
    let part = |name: &str, attribute: &str| {
        let found = shipment.child(name).and_then(|mode| mode.attribute(attribute));
        found.unwrap_or_default()
    };
    let mut all = Vec::new();
    let delivery = part("DeliveryMode", "Mode");
    if !["LCC", "HOM", "24R", "24L", "XOH"].contains(&delivery) {
        all.push(("10024", ERROR, "mode de livraison invalide"));
    }
    if !["CCC", "REL"].contains(&part("CollectionMode", "Mode")) {
        all.push(("10027", ERROR, "mode de collecte invalide"));
    }
    let point = part("DeliveryMode", "Location");
    let digits: String = point.chars().filter(char::is_ascii_digit).collect();
    if matches!(delivery, "24R" | "24L" | "XOH") {
        if !(5..=6).contains(&digits.len()) || point.len() > 10 {
            all.push(("10074", ERROR, "point de livraison absent"));
        } else if digits.ends_with("999") {
            all.push(("10073", ERROR, "point de livraison ferme"));
        }
    }
    let recipient = shipment.child("Recipient").and_then(|side| side.child("Address"));
    let phone = recipient.and_then(|address| address.get("PhoneNo").or(address.get("MobileNo")));
    if delivery == "HOM" && phone.is_none() {
        all.push(("10085", ERROR, "telephone obligatoire"));
    }
    all
}

fn check_address(address: &Element) -> Vec<Status> {
    let get = |name: &str| address.get(name).unwrap_or_default();
    let signs = |text: &str| {
        let fine = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "_-'., /".contains(c);
        text.chars().all(fine)
    };
    let named = !get("AddressAdd1").is_empty() || !get("Lastname").is_empty();
    let street = format!("{}{}", get("Streetname"), get("HouseNo"));
    let phone = |text: &str| {
        let digits = text.strip_prefix('+').unwrap_or_default();
        text.is_empty() || (3..=20).contains(&digits.len())
    };
    let checks = [
        (!street.is_empty(), ("10040", ERROR, "rue absente")),
        (street.len() <= 40 && signs(&street), ("10039", ERROR, "rue invalide")),
        (get("CountryCode").len() == 2, ("10042", ERROR, "pays invalide")),
        ((2..=10).contains(&get("PostCode").len()), ("10044", ERROR, "code postal invalide")),
        ((2..=30).contains(&get("City").len()), ("10046", ERROR, "ville invalide")),
        (named, ("10054", ERROR, "adresse inconnue")),
        (get("AddressAdd1").len() <= 30, ("10048", WARNING, "ligne ignoree")),
        (phone(get("PhoneNo")), ("10051", WARNING, "telephone ignore")),
    ];
    checks.into_iter().filter(|(fine, _)| !fine).map(|(_, status)| status).collect()
}

fn order(root: &Element) -> Order {
    let shipment = root.find("Shipment");
    let text = |name: &str| shipment.and_then(|s| s.get(name)).unwrap_or_default().to_owned();
    let address = |side: &str| shipment.and_then(|s| s.child(side)?.child("Address"));
    let line = |side: &str, name: &str| {
        address(side).and_then(|a| a.get(name)).unwrap_or_default().to_owned()
    };
    let lines = |side: &str| {
        let place = format!("{} {}", line(side, "PostCode"), line(side, "City"));
        vec![line(side, "AddressAdd1"), line(side, "Streetname"), place, line(side, "CountryCode")]
    };
    let mode = |attribute: &str| {
        let mode = shipment.and_then(|s| s.child("DeliveryMode")?.attribute(attribute));
        mode.unwrap_or_default().to_owned()
    };
    let weight = root.find("Weight").and_then(|weight| weight.attribute("Value")?.parse().ok());
    let customer = root.find("CustomerId").map(|id| id.text.clone()).unwrap_or_default();
    Order {
        brand: customer,
        reference: format!("{}{}", text("CustomerNo"), text("OrderNo")),
        mode: mode("Mode"),
        from: line("Sender", "CountryCode"),
        to: line("Recipient", "CountryCode"),
        point: mode("Location").chars().filter(char::is_ascii_digit).collect(),
        town: (line("Sender", "City"), line("Recipient", "City")),
        printed: Printed {
            sender: lines("Sender"),
            recipient: lines("Recipient"),
            weight_g: weight.unwrap_or_default(),
            ..Printed::default()
        },
    }
}

fn told(as_xml: bool, sold: Option<(&str, &str)>, statuses: &[Status]) -> HttpResponse {
    if !as_xml {
        let statuses = statuses.iter().map(|(code, level, message)| {
            json!({ "codeField": code, "levelField": level, "messageField": message })
        });
        let shipments = sold.map(|(number, file)| {
            let label = json!({ "labelField": { "outputField": file } });
            json!([{ "shipmentNumberField": number, "labelListField": label }])
        });
        let statuses = statuses.collect::<Vec<_>>();
        let body = json!({ "statusListField": statuses, "shipmentsListField": shipments });
        return json(200, &body);
    }
    let mut out = Writer::default();
    out.nest("ShipmentCreationResponse xmlns=\"http://www.example.org/Response\"", |out| {
        if let Some((number, file)) = sold {
            out.nest("ShipmentsList", |out| {
                out.nest(&format!("Shipment ShipmentNumber=\"{number}\""), |out| {
                    out.nest("LabelList", |out| {
                        out.nest("Label", |out| {
                            out.nest("RawContent", |out| {
                                out.nest("Barcodes", |out| {
                                    out.nest("Barcode", |out| {
                                        out.leaf("Value", &format!("0{number}"));
                                    });
                                });
                            });
                            out.leaf("Output", file);
                        });
                    });
                });
            });
        }
        out.nest("StatusList", |out| {
            for (code, level, message) in statuses {
                let name =
                    format!("Status Code=\"{code}\" Level=\"{level}\" Message=\"{message}\"");
                out.nest(&name, |_| {});
            }
        });
    });
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", out.finish());
    reply(200, "application/xml; charset=utf-8", text)
}
