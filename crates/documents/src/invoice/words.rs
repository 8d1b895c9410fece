//! Headings of an invoice in four languages.

/// Of the headings: English always, another one beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English alone.
    #[default]
    English,
    /// French beside English.
    French,
    /// German beside English.
    German,
    /// Spanish beside English.
    Spanish,
}

/// A heading: English, French, German, Spanish.
pub(super) type Word = [&'static str; 4];

impl Language {
    /// A heading as printed: one language, or two when they differ.
    pub(super) fn say(self, word: Word) -> String {
        let [english, french, german, spanish] = word;
        let other = match self {
            Self::English => english,
            Self::French => french,
            Self::German => german,
            Self::Spanish => spanish,
        };
        if other == english { english.to_owned() } else { format!("{english} / {other}") }
    }
}

pub(super) const COMMERCIAL: Word =
    ["Commercial invoice", "Facture commerciale", "Handelsrechnung", "Factura comercial"];
pub(super) const PRO_FORMA: Word =
    ["Pro forma invoice", "Facture pro forma", "Proforma-Rechnung", "Factura proforma"];
pub(super) const RETURN: Word =
    ["Return invoice", "Facture de retour", "Retourenrechnung", "Factura de devolución"];
pub(super) const NUMBER: Word = ["Number", "Numéro", "Nummer", "Número"];
pub(super) const DATE: Word = ["Date", "Date", "Datum", "Fecha"];
pub(super) const ORDER: Word = ["Order", "Commande", "Bestellung", "Pedido"];
pub(super) const TRANSPORT: Word = [
    "Transport document",
    "Document de transport",
    "Beförderungspapier",
    "Documento de transporte",
];
pub(super) const SELLER: Word = ["Seller", "Vendeur", "Verkäufer", "Vendedor"];
pub(super) const BUYER: Word = ["Buyer", "Acheteur", "Käufer", "Comprador"];
pub(super) const SHIPPER: Word = ["Shipper", "Expéditeur", "Versender", "Remitente"];
pub(super) const CONSIGNEE: Word = ["Consignee", "Destinataire", "Empfänger", "Destinatario"];
pub(super) const SHIP_TO: Word = ["Ship to", "Livrer à", "Lieferung an", "Entregar a"];
pub(super) const IMPORTER: Word = ["Importer of record", "Importateur", "Einführer", "Importador"];
pub(super) const INCOTERM: Word =
    ["Incoterm 2020", "Incoterm 2020", "Incoterm 2020", "Incoterm 2020"];
pub(super) const REASON: Word =
    ["Reason for export", "Motif de l'exportation", "Ausfuhrgrund", "Motivo de exportación"];
pub(super) const PAYMENT: Word =
    ["Terms of payment", "Conditions de paiement", "Zahlungsbedingungen", "Condiciones de pago"];
pub(super) const CURRENCY: Word = ["Currency", "Monnaie", "Währung", "Moneda"];
pub(super) const NO: Word = ["No.", "N°", "Nr.", "N.º"];
pub(super) const DESCRIPTION: Word =
    ["Description of goods", "Désignation", "Warenbezeichnung", "Descripción"];
pub(super) const CODE: Word = ["HS code", "Code SH", "Warennummer", "Código SA"];
pub(super) const ORIGIN: Word = ["Origin", "Origine", "Ursprung", "Origen"];
pub(super) const QUANTITY: Word = ["Quantity", "Quantité", "Menge", "Cantidad"];
pub(super) const NET: Word = ["Net kg", "Net kg", "Netto kg", "Neto kg"];
pub(super) const UNIT_VALUE: Word =
    ["Unit value", "Valeur unitaire", "Einzelwert", "Valor unitario"];
pub(super) const LINE_VALUE: Word = ["Line value", "Valeur", "Gesamtwert", "Valor total"];
pub(super) const FORWARD: Word = [
    "Subtotal, carried forward",
    "Sous-total à reporter",
    "Zwischensumme, Übertrag",
    "Suma y sigue",
];
pub(super) const BROUGHT: Word = ["Brought forward", "Report", "Übertrag", "Suma anterior"];
pub(super) const LINES_TOTAL: Word =
    ["Total of lines", "Total des lignes", "Summe der Positionen", "Total de líneas"];
pub(super) const DISCOUNT: Word = ["Discount", "Remise", "Nachlass", "Descuento"];
pub(super) const GOODS_TOTAL: Word =
    ["Total of goods", "Total des marchandises", "Warenwert", "Total de mercancías"];
pub(super) const FREIGHT: Word = ["Freight", "Transport", "Fracht", "Flete"];
pub(super) const INSURANCE: Word = ["Insurance", "Assurance", "Versicherung", "Seguro"];
pub(super) const OTHER: Word = ["Other charges", "Autres frais", "Sonstige Kosten", "Otros gastos"];
pub(super) const TAX: Word = ["Tax", "Taxe", "Steuer", "Impuesto"];
pub(super) const GRAND: Word = ["Grand total", "Total général", "Gesamtbetrag", "Total general"];
pub(super) const PIECES: Word = ["Packages", "Colis", "Packstücke", "Bultos"];
pub(super) const NET_TOTAL: Word =
    ["Net weight, kg", "Poids net, kg", "Nettogewicht, kg", "Peso neto, kg"];
pub(super) const GROSS_TOTAL: Word =
    ["Gross weight, kg", "Poids brut, kg", "Bruttogewicht, kg", "Peso bruto, kg"];
pub(super) const STATEMENTS: Word = ["Statements", "Mentions", "Erklärungen", "Declaraciones"];
pub(super) const TRUTH: Word = [
    "I declare that the contents of this invoice are true and correct.",
    "Je déclare que les indications de cette facture sont exactes.",
    "Ich erkläre, dass die Angaben dieser Rechnung richtig sind.",
    "Declaro que los datos de esta factura son exactos.",
];
pub(super) const SIGNATURE: Word = [
    "Name, function, signature",
    "Nom, fonction, signature",
    "Name, Funktion, Unterschrift",
    "Nombre, cargo, firma",
];
pub(super) const PLACE: Word = ["Place and date", "Lieu et date", "Ort und Datum", "Lugar y fecha"];
pub(super) const PAGE: Word = ["Page", "Page", "Seite", "Página"];
pub(super) const PREFERENCE: Word =
    ["preference claimed", "préférence demandée", "Präferenz beantragt", "preferencia solicitada"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::win_ansi;

    #[test]
    fn headings_print_without_loss_and_say_nothing_twice() {
        assert_eq!(Language::German.say(DATE), "Date / Datum");
        assert_eq!(Language::French.say(DATE), "Date");
        for language in [Language::French, Language::German, Language::Spanish] {
            for word in [TRANSPORT, IMPORTER, FORWARD, NO, RETURN, PREFERENCE, PAGE] {
                assert!(!win_ansi(&language.say(word)).1);
            }
        }
    }
}
