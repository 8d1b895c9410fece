//! Selling labels, and giving a reserved one again.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use time::{Date, OffsetDateTime};

use super::{ChronopostSim, Piece, Town, let_in, number, ship_rules, soap, text};
use crate::{
    LabelFormat,
    sim::{
        LedgerEntry, clock,
        journey::{self, Lane},
        label::Printed,
    },
    wire::xml::{Element, Writer},
};

impl ChronopostSim {
    pub(super) fn ship(&mut self, body: &Element, now: OffsetDateTime) -> String {
        let error = |code, words: &str| soap::error("errorCode", code, words);
        let header = body.child("headerValue");
        let account = header.map(|header| text(header, "accountNumber")).unwrap_or_default();
        if !let_in(account, text(body, "password")) {
            return error(30, "Invalid account number or password");
        }
        if let Err((code, words)) = ship_rules::check(body) {
            return error(code, &words);
        }
        let count: usize = text(body, "numberOfParcel").parse().unwrap_or_default();
        let mut sold = Vec::with_capacity(count);
        for index in 0..count {
            let serial = self.serial;
            self.serial += 1;
            let piece = self.piece(body, account, index, count, serial, now);
            self.ledger.push(LedgerEntry {
                kind: "label",
                reference: piece.reference.clone(),
                tracking_number: piece.number.clone(),
                at: now,
            });
            self.last_scan_at = self.last_scan_at.max(journey::ends(&piece.story));
            self.by_number.insert(piece.number.clone(), self.pieces.len());
            sold.push(self.pieces.len());
            self.pieces.push(piece);
        }
        self.receipt(body, &sold)
    }

    fn piece(
        &self,
        body: &Element,
        account: &str,
        index: usize,
        count: usize,
        serial: u64,
        now: OffsetDateTime,
    ) -> Piece {
        let of = |name: &str| {
            // One for each parcel, or one for all.
            let own = body.all(name).nth(index);
            own.or_else(|| body.child(name)).cloned().unwrap_or_default()
        };
        let (shipper, recipient) = (of("shipperValue"), of("recipientValue"));
        let (refs, skybill) = (of("refValue"), of("skybillValue"));
        let number = number::letter(serial);
        let product = text(&skybill, "productCode").to_owned();
        let to_point = matches!(product.as_str(), "80" | "86" | "49" | "4P" | "3K");
        let (from, to) = (town(&shipper, "shipper"), town(&recipient, "recipient"));
        let lane = Lane::between(&from.country, &to.country, to_point);
        let ready = shipped(text(&skybill, "shipDate"));
        let story = journey::journey(&self.options, &number, lane, now, ready);
        let kilograms: f64 = text(&skybill, "weight").parse().unwrap_or_default();
        let printed = Printed {
            carrier: "Chronopost",
            service: product,
            number: number.clone(),
            sender: lines(&shipper, "shipper"),
            recipient: lines(&recipient, "recipient"),
            weight_g: (kilograms * 1_000.0).round() as u32,
            reference: text(&refs, "shipperRef").to_owned(),
            index: u32::try_from(index + 1).unwrap_or(1),
            count: u32::try_from(count).unwrap_or(1),
        };
        Piece {
            number,
            account: account.to_owned(),
            reference: text(&refs, "shipperRef").to_owned(),
            recipient_ref: text(&refs, "recipientRef").to_owned(),
            recipient: text(&recipient, "recipientName").to_owned(),
            from,
            to,
            to_point,
            bought: now,
            story,
            voided: false,
            printed,
        }
    }

    fn receipt(&mut self, body: &Element, sold: &[usize]) -> String {
        let params = body.child("skybillParamsValue");
        let param = |name| params.map_or("", |params| text(params, name));
        let reservation = param("withReservation");
        let mut w = Writer::default();
        w.leaf("errorCode", "0").leaf("errorMessage", "");
        if matches!(reservation, "1" | "2") {
            let first = sold.first().and_then(|at| self.pieces.get(*at));
            let name = first.map_or("", |piece| piece.number.as_str());
            let number = format!("82{:020}", crate::sim::luck::draw(self.options.seed, name, 9));
            let number: String = number.chars().take(17).collect();
            w.leaf("reservationNumber", &number);
            self.reserved.insert(number, sold.to_vec());
        }
        // The first of several formats.
        let mode = param("mode").split('|').next().unwrap_or_default();
        for piece in sold.iter().filter_map(|at| self.pieces.get(*at)) {
            let geopost = number::geopost(&piece.number);
            w.nest("resultMultiParcelValue", |w| {
                w.leaf("codeDepot", "0035").leaf("codeService", "248");
                w.leaf("geoPostCodeBarre", &number::routing(&piece.to.postcode, &geopost));
                w.leaf("geoPostNumeroColis", &geopost);
                if reservation != "1" {
                    w.leaf("pdfEtiquette", &file(piece, mode));
                }
                w.leaf("serviceName", &piece.printed.service);
                w.leaf("skybillNumber", &piece.number);
            });
        }
        w.finish()
    }

    /// A reserved label once more, in the format asked for now.
    pub(super) fn again(&self, body: &Element) -> String {
        let error = |code, words: &str| soap::error("errorCode", code, words);
        let account = text(body, "accountNumber");
        if !let_in(account, text(body, "password")) {
            return error(30, "Invalid account number or password");
        }
        let found = self.reserved.get(text(body, "numberSearch"));
        let piece = found.and_then(|all| self.pieces.get(*all.first()?));
        let Some(piece) = piece.filter(|piece| piece.account == account) else {
            return error(29, "The reservation was not found");
        };
        let mode = text(body, "mode");
        let mut w = Writer::default();
        w.leaf("errorCode", "0").leaf("errorMessage", "");
        w.leaf("skybill", &file(piece, mode)).leaf("type", mode);
        w.finish()
    }
}

/// The file in base64, whatever it is.
fn file(piece: &Piece, mode: &str) -> String {
    let data = match mode {
        "XML" | "XML2D" | "JSON" | "SLT" => format!("<lt>{}</lt>", piece.number).into_bytes(),
        zpl if zpl.starts_with('Z') => piece.printed.file(LabelFormat::Zpl),
        _ => piece.printed.file(LabelFormat::Pdf),
    };
    BASE64.encode(data)
}

fn town(party: &Element, prefix: &str) -> Town {
    let get = |field: &str| text(party, &format!("{prefix}{field}")).to_owned();
    Town { name: get("City"), postcode: get("ZipCode"), country: get("Country") }
}

fn lines(party: &Element, prefix: &str) -> Vec<String> {
    let get = |field: &str| text(party, &format!("{prefix}{field}")).to_owned();
    let place = format!("{} {} {}", get("Country"), get("ZipCode"), get("City"));
    vec![get("Name"), get("Name2"), get("Adress1"), get("Adress2"), place]
}

/// The day that a parcel is handed over, at its beginning on French clocks.
fn shipped(text: &str) -> Option<OffsetDateTime> {
    let mut parts = text.get(..10)?.split('-');
    let mut next = || parts.next()?.parse::<i32>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    let midnight = date.midnight();
    let offset = clock::local(midnight.assume_utc(), "FR").offset();
    Some(midnight.assume_offset(offset))
}
