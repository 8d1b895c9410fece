//! Relays around a postcode: invented shops, in the carrier's padded and comma-ridden form.

use super::{MondialRelaySim, soap::Fields};
use crate::{sim::luck::draw, wire::xml::Writer};

const DAYS: [&str; 7] = ["Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi", "Dimanche"];

impl MondialRelaySim {
    pub(super) fn relays(&self, out: &mut Writer, fields: &Fields<'_>) {
        let number = |name: &str, most: usize| {
            let text = fields.get(name);
            text.len() <= most && text.bytes().all(|b| b.is_ascii_digit())
        };
        let (country, postcode, city) = (fields.get("Pays"), fields.get("CP"), fields.get("Ville"));
        let known = ["", "REL", "24R", "24L", "24X", "DRI"].contains(&fields.get("Action"));
        let stat = match () {
            () if country.len() != 2 => "37",
            () if postcode.is_empty() && city.is_empty() => "9",
            () if country == "FR" && !postcode.is_empty() && postcode.len() != 5 => "36",
            () if !(number("Poids", 7) && fields.get("Poids").len() != 1) => "20",
            () if !known => "49",
            () => "0",
        };
        out.leaf("STAT", stat);
        if stat != "0" {
            return;
        }
        let count = fields.get("NombreResultats").parse::<u64>().unwrap_or(10).clamp(1, 30);
        out.nest("PointsRelais", |out| {
            for index in 0..count {
                // Pairs are told the farther one first.
                let index = if index ^ 1 < count { index ^ 1 } else { index };
                self.relay(out, country, postcode, city, index);
            }
        });
    }

    fn relay(&self, out: &mut Writer, country: &str, postcode: &str, city: &str, index: u64) {
        let digits: String = postcode.chars().filter(char::is_ascii_digit).take(2).collect();
        let luck = draw(self.options.seed, postcode, index);
        let locker = index % 3 == 2;
        let padded = |text: &str| format!("{text:<32}");
        let name = match locker {
            true => format!("LOCKER FICTIF {}", index + 1),
            false => format!("EPICERIE MODELE {}", index + 1),
        };
        let town = if city.is_empty() { "COMMUNE FICTIVE" } else { city };
        out.nest("PointRelais_Details", |out| {
            out.leaf("STAT", "0").leaf("Num", &format!("0{digits:0>2}{:03}", index + 1));
            out.leaf("LgAdr1", &padded(&name)).leaf("LgAdr2", &padded(""));
            out.leaf("LgAdr3", &padded(&format!("{} RUE INVENTEE", index + 1)));
            out.leaf("LgAdr4", &padded("")).leaf("CP", postcode).leaf("Ville", &padded(town));
            out.leaf("Pays", country).leaf("Localisation1", &padded("")).leaf("Localisation2", "");
            out.leaf("Latitude", &format!("48,{:07}", 1_170_000 + luck % 90_000));
            out.leaf("Longitude", &format!("-01,{:07}", 6_770_000 + luck % 70_000));
            out.leaf("TypeActivite", "000").leaf("Information", "");
            for (day, name) in DAYS.iter().enumerate() {
                out.nest(&format!("Horaires_{name}"), |out| {
                    let times = match (locker, day) {
                        (true, _) => ["0000", "2359", "0000", "0000"],
                        (false, 6) => ["0000"; 4],
                        (false, 5) => ["0900", "1230", "0000", "0000"],
                        (false, _) => ["0900", "1200", "1400", "1900"],
                    };
                    for time in times {
                        out.leaf("string", time);
                    }
                });
            }
            out.nest("Informations_Dispo", |out| {
                if index == 1 {
                    out.nest("Periode", |out| {
                        out.leaf("Debut", "24/12/2026 00:00:00").leaf("Fin", "02/01/2027 00:00:00");
                    });
                }
            });
            out.leaf("Distance", &(index * 350 + luck % 300).to_string());
        });
    }
}
