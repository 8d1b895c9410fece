//! API 1 as the carrier answers it: always HTTP 200, `STAT` as text.

use md5::{Digest, Md5};

use super::{MondialRelaySim, Order, rules};
use crate::{
    HttpResponse,
    sim::{SimRequest, http::reply, label::Printed},
    wire::xml::{self, Element, Writer},
};

const NAMESPACE: &str = "http://www.mondialrelay.fr/webservice/";
/// Keys that the carrier does not know, or knows no more.
const REFUSED: [&str; 2] = ["wrong", "revoked"];

/// Parameters of each operation between `Enseigne` and `Security`, in the order of the WSDL.
fn parameters(operation: &str) -> Option<Vec<String>> {
    let plain = |names: &str| names.split(' ').map(str::to_owned).collect::<Vec<_>>();
    Some(match operation {
        "WSI2_CreationEtiquette" => {
            let mut all = plain("ModeCol ModeLiv NDossier NClient");
            for side in ["Expe", "Dest"] {
                let names = "Langage Ad1 Ad2 Ad3 Ad4 Ville CP Pays Tel1 Tel2 Mail";
                all.extend(names.split(' ').map(|name| format!("{side}_{name}")));
            }
            all.extend(plain(
                "Poids Longueur Taille NbColis CRT_Valeur CRT_Devise Exp_Valeur Exp_Devise \
                 COL_Rel_Pays COL_Rel LIV_Rel_Pays LIV_Rel TAvisage TReprise Montage TRDV \
                 Assurance Instructions",
            ));
            all
        }
        "WSI3_GetEtiquettes" => plain("Expeditions Langue"),
        "WSI2_TracingColisDetaille" => plain("Expedition Langue"),
        "WSI4_PointRelais_Recherche" => plain(
            "Pays NumPointRelais Ville CP Latitude Longitude Taille Poids Action DelaiEnvoi \
             RayonRecherche TypeActivite NACE NombreResultats",
        ),
        _ => return None,
    })
}

impl MondialRelaySim {
    pub(super) fn soap(&mut self, request: &SimRequest) -> HttpResponse {
        let Ok(text) = std::str::from_utf8(&request.body) else { return fault() };
        let Ok(root) = xml::parse(text) else { return fault() };
        let operation = root.child("Body").and_then(|body| body.children.first());
        let Some(operation) = operation.filter(|_| text.contains(NAMESPACE)) else {
            return fault();
        };
        let Some(names) = parameters(&operation.name) else { return fault() };
        let stat = self.signed(operation, &names);
        let fields = Fields(operation);
        answer(&operation.name, |out| match (stat, operation.name.as_str()) {
            (Some(stat), _) => {
                out.leaf("STAT", stat);
            }
            (None, "WSI2_CreationEtiquette") => self.create(out, &fields, request),
            (None, "WSI3_GetEtiquettes") => self.again(out, &fields),
            (None, "WSI2_TracingColisDetaille") => self.tracing(out, &fields, request.now),
            (None, _) => self.relays(out, &fields),
        })
    }

    /// The `STAT` of a call that is not signed as it should be.
    fn signed(&self, operation: &Element, names: &[String]) -> Option<&'static str> {
        let fields = Fields(operation);
        let brand = fields.get("Enseigne");
        let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
        if brand.is_empty() {
            return Some("2");
        }
        if !(2..=8).contains(&brand.len()) || !brand.bytes().all(plain) {
            return Some("1");
        }
        let security = fields.get("Security");
        if security.is_empty() {
            return Some("8");
        }
        let by = |key: &str| {
            let mut hash = Md5::new();
            // The tree trims: a short brand is sent, and signed, with its spaces.
            hash.update(format!("{brand:<8}"));
            for name in names {
                hash.update(latin1(fields.get(name)));
            }
            hash.update(latin1(key));
            let hex: Vec<String> = hash.finalize().iter().map(|b| format!("{b:02X}")).collect();
            hex.concat() == security
        };
        let hexadecimal = |b: u8| b.is_ascii_digit() || (b'A'..=b'F').contains(&b);
        let formed = security.len() == 32 && security.bytes().all(hexadecimal);
        let right = match &self.key {
            Some(key) => by(key),
            None => formed && !REFUSED.iter().any(|key| by(key)),
        };
        (!right).then_some("97")
    }

    fn create(&mut self, out: &mut Writer, fields: &Fields<'_>, request: &SimRequest) {
        let brand = fields.get("Enseigne").to_owned();
        let broken = fields.get("Dest_Ad1");
        let stat = match rules::check(fields) {
            None if !self.has_credit(&brand) => Some("25"),
            None if broken == "PANNE AVANT" => Some("99"),
            other => other,
        };
        if let Some(stat) = stat {
            out.leaf("STAT", stat);
            return;
        }
        let side = |side: &str| {
            let line = |name: &str| fields.get(&format!("{side}_{name}")).to_owned();
            vec![
                line("Ad1"),
                line("Ad3"),
                format!("{} {}", line("CP"), line("Ville")),
                line("Pays"),
            ]
        };
        let printed = Printed {
            sender: side("Expe"),
            recipient: side("Dest"),
            weight_g: fields.get("Poids").parse().unwrap_or_default(),
            ..Printed::default()
        };
        let order = Order {
            brand: brand.clone(),
            reference: format!("{}{}", fields.get("NClient"), fields.get("NDossier")),
            mode: fields.get("ModeLiv").to_owned(),
            from: fields.get("Expe_Pays").to_owned(),
            to: fields.get("Dest_Pays").to_owned(),
            point: fields.get("LIV_Rel").to_owned(),
            town: (fields.get("Expe_Ville").to_owned(), fields.get("Dest_Ville").to_owned()),
            printed,
        };
        let number = self.sell(order, request.now);
        if broken == "PANNE APRES" {
            out.leaf("STAT", "99");
            return;
        }
        out.leaf("STAT", "0").leaf("ExpeditionNum", &number);
        out.leaf("URL_Etiquette", &self.address(&brand, &number, "A4"));
    }

    fn again(&self, out: &mut Writer, fields: &Fields<'_>) {
        let brand = fields.get("Enseigne");
        let number = fields.get("Expeditions");
        // Several numbers are joined by semicolons; the connector asks for one.
        let known = self.sold.get(number).is_some_and(|sold| sold.brand.trim() == brand);
        if !known {
            out.leaf("STAT", "24");
            return;
        }
        out.leaf("STAT", "0");
        for (name, format) in
            [("URL_PDF_A4", "A4"), ("URL_PDF_A5", "A5"), ("URL_PDF_10x15", "10x15")]
        {
            out.leaf(name, &self.address(brand, number, format));
        }
    }
}

/// Parameters by name, empty when absent.
pub(super) struct Fields<'a>(pub &'a Element);

impl Fields<'_> {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_default()
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

fn answer(operation: &str, inside: impl FnOnce(&mut Writer)) -> HttpResponse {
    let mut out = Writer::default();
    out.nest("soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"", |out| {
        out.nest("soap:Body", |out| {
            out.nest(&format!("{operation}Response xmlns=\"{NAMESPACE}\""), |out| {
                out.nest(&format!("{operation}Result"), inside);
            });
        });
    });
    let text = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", out.finish());
    reply(200, "text/xml; charset=utf-8", text)
}

fn fault() -> HttpResponse {
    let text = "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
                <soap:Fault><faultcode>soap:Client</faultcode><faultstring>Requete illisible\
                </faultstring></soap:Fault></soap:Body></soap:Envelope>";
    reply(500, "text/xml; charset=utf-8", text)
}
