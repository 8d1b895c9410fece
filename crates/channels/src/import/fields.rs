//! What a column can mean, and how people name it in English, French, German and Spanish.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal: [$($synonym:literal),* $(,)?];)*) => {
        /// What a column means.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Field { $($(#[$doc])* $name,)* }

        impl Field {
            /// Name in reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        /// Every field with its names: lower case, without accents, words separated by a space.
        pub(super) const NAMES: &[(Field, &[&str])] =
            &[$((Field::$name, &[$($synonym),*]),)*];
    };
}

fields! {
    /// Order number; rows with the same one are one order.
    OrderNumber = "order_number": [
        "order number", "order no", "order nr", "order id", "order", "order reference",
        "order ref", "order name",
        "numero de commande", "no de commande", "n de commande", "n commande", "no commande",
        "num commande", "numero commande", "commande", "reference commande", "ref commande",
        "bestellnummer", "bestellnr", "bestell nr", "bestellung", "auftragsnummer", "auftragsnr",
        "auftrag", "numero de pedido", "n de pedido", "no de pedido", "num pedido", "pedido",
        "n pedido", "referencia de pedido", "referencia pedido",
    ];
    /// Stable id at the source, when it differs from the number.
    ExternalId = "external_id": [
        "external id", "external order id", "channel order id", "id externe", "externe id",
        "id externo",
    ];
    /// When it was ordered.
    PlacedAt = "placed_at": [
        "order date", "date", "placed at", "created at", "ordered at", "date de commande",
        "date commande", "bestelldatum", "auftragsdatum", "datum", "fecha de pedido",
        "fecha pedido", "fecha",
    ];
    /// ISO 4217.
    Currency = "currency": ["currency", "devise", "monnaie", "wahrung", "waehrung", "moneda",
        "divisa"];
    /// Article code.
    Sku = "sku": [
        "sku", "item sku", "line sku", "lineitem sku", "product code", "article code",
        "item number", "article", "reference", "reference article", "ref article", "code article",
        "reference produit", "artikelnummer", "artikelnr", "artikel nr", "artikel",
        "referencia", "codigo de articulo", "codigo articulo", "articulo",
    ];
    /// Article name.
    ItemName = "item_name": [
        "item", "item name", "product", "product name", "title", "description",
        "lineitem name", "article name", "designation", "libelle", "produit", "nom du produit",
        "nom produit", "nom article", "artikelbezeichnung", "artikelname", "bezeichnung",
        "produkt", "produktname", "producto", "nombre del producto", "nombre producto",
        "descripcion", "denominacion",
    ];
    /// Units of the line.
    Quantity = "quantity": [
        "quantity", "qty", "lineitem quantity", "units", "pieces", "quantite", "qte",
        "menge", "anzahl", "stuckzahl", "stueckzahl", "cantidad", "cant", "unidades",
    ];
    /// Price of one unit.
    UnitPrice = "unit_price": [
        "unit price", "price", "item price", "lineitem price", "price each", "prix unitaire",
        "prix", "pu", "prix unit", "einzelpreis", "preis", "stuckpreis", "stueckpreis",
        "precio unitario", "precio", "precio unidad",
    ];
    /// Weight of one unit; the unit stands in the header, in the cell or in the options.
    Weight = "weight": [
        "weight", "unit weight", "item weight", "poids", "poids unitaire", "gewicht",
        "stuckgewicht", "einzelgewicht", "peso", "peso unitario",
    ];
    /// Discount on the line.
    Discount = "discount": [
        "discount", "line discount", "item discount", "lineitem discount", "remise",
        "remise ligne", "rabatt", "nachlass", "descuento",
    ];
    /// Tax of the line.
    Tax = "tax": [
        "tax", "line tax", "item tax", "vat", "vat amount", "tva", "montant tva", "taxe",
        "steuer", "mwst", "mehrwertsteuer", "iva", "impuesto",
    ];
    /// Harmonised System code.
    HsCode = "hs_code": [
        "hs code", "hs", "tariff code", "tariff number", "customs code", "commodity code",
        "code sh", "code douanier", "nomenclature douaniere", "zolltarifnummer", "zolltarifnr",
        "hs nummer", "codigo arancelario", "codigo hs", "partida arancelaria",
    ];
    /// Country of origin of the goods.
    Origin = "origin": [
        "origin", "country of origin", "origin country", "made in", "pays d origine", "origine",
        "ursprungsland", "herkunftsland", "ursprung", "pais de origen", "origen",
    ];
    /// GTIN.
    Gtin = "gtin": ["gtin", "ean", "ean13", "ean 13", "upc", "barcode", "code barre",
        "code barres", "code ean", "strichcode", "barcode ean", "codigo de barras", "codigo ean"];
    /// Recipient, full name.
    RecipientName = "recipient_name": [
        "recipient", "recipient name", "ship to name", "shipping name", "customer name",
        "full name", "destinataire", "nom du destinataire", "nom destinataire", "nom complet",
        "nom client", "empfanger", "empfaenger", "empfangername", "name des empfangers",
        "liefername", "destinatario", "nombre del destinatario", "nombre completo",
        "nombre destinatario",
    ];
    /// Recipient, first name.
    FirstName = "first_name": ["first name", "shipping first name", "given name", "prenom",
        "vorname", "nombre de pila"];
    /// Recipient, last name.
    LastName = "last_name": ["last name", "shipping last name", "surname", "family name",
        "nom de famille", "nachname", "familienname", "apellidos", "apellido"];
    /// Company.
    Company = "company": ["company", "company name", "shipping company", "societe", "entreprise",
        "raison sociale", "firma", "unternehmen", "firmenname", "empresa", "razon social"];
    /// Street.
    Address1 = "address1": [
        "address", "address 1", "address1", "address line 1", "street", "street address",
        "shipping address", "shipping address 1", "shipping address1", "shipping street",
        "adresse", "adresse 1", "adresse1", "adresse ligne 1", "rue", "adresse de livraison",
        "strasse", "strasse und hausnummer", "strasse hausnummer", "anschrift", "lieferadresse",
        "direccion", "direccion 1", "calle", "direccion de envio", "domicilio",
    ];
    /// Complement.
    Address2 = "address2": [
        "address 2", "address2", "address line 2", "shipping address 2", "shipping address2",
        "adresse 2", "adresse2", "adresse ligne 2", "complement", "complement d adresse",
        "complement adresse", "adresszusatz", "zusatz", "direccion 2", "complemento",
    ];
    /// Second complement.
    Address3 = "address3": ["address 3", "address3", "address line 3", "adresse 3", "adresse3",
        "adresse ligne 3", "adresszusatz 2", "direccion 3"];
    /// City.
    City = "city": ["city", "town", "shipping city", "ville", "commune", "localite", "ort",
        "stadt", "wohnort", "lieferort", "ciudad", "poblacion", "localidad", "municipio"];
    /// Postcode.
    Postcode = "postcode": [
        "postcode", "post code", "postal code", "zip", "zip code", "zipcode", "shipping zip",
        "shipping postcode", "shipping postal code", "code postal", "cp", "plz", "postleitzahl",
        "codigo postal", "c p",
    ];
    /// State, province, region.
    Subdivision = "subdivision": [
        "state", "province", "region", "county", "state code", "province code",
        "shipping province", "shipping state", "etat", "departement", "bundesland",
        "provincia", "estado", "comunidad autonoma",
    ];
    /// Country of the recipient.
    Country = "country": [
        "country", "country code", "shipping country", "shipping country code", "pays",
        "code pays", "pays de livraison", "land", "lieferland", "landercode", "laendercode",
        "pais", "codigo pais", "codigo de pais", "pais de envio",
    ];
    /// Phone.
    Phone = "phone": ["phone", "phone number", "telephone", "mobile", "shipping phone", "tel",
        "portable", "numero de telephone", "telefon", "telefonnummer", "handy", "telefono",
        "movil", "telefono movil"];
    /// E-mail.
    Email = "email": ["email", "e mail", "mail", "email address", "courriel", "adresse email",
        "adresse mail", "e mail adresse", "correo", "correo electronico"];
    /// Country of the billing address.
    BillingCountry = "billing_country": ["billing country", "billing country code",
        "pays de facturation", "rechnungsland", "pais de facturacion"];
    /// Shipping paid, once for the order.
    ShippingPaid = "shipping_paid": ["shipping", "shipping paid", "shipping price",
        "shipping cost", "shipping amount", "postage", "frais de port", "port",
        "frais de livraison", "versandkosten", "versand", "porto", "gastos de envio", "envio"];
    /// Shipping method.
    ShippingMethod = "shipping_method": ["shipping method", "delivery method",
        "shipping service", "service", "mode de livraison", "methode de livraison", "versandart",
        "liefermethode", "metodo de envio", "forma de envio"];
    /// Total of the order.
    Total = "total": ["total", "order total", "grand total", "total amount", "total commande",
        "montant total", "total ttc", "gesamtbetrag", "gesamtsumme", "total pedido",
        "importe total"];
    /// State of the payment.
    PaymentStatus = "payment_status": ["financial status", "payment status",
        "statut de paiement", "statut paiement", "zahlungsstatus", "estado de pago",
        "estado del pago"];
    /// Note of the buyer.
    Note = "note": ["note", "notes", "customer note", "comment", "delivery instructions",
        "remarque", "commentaire", "instructions de livraison", "bemerkung", "kommentar",
        "lieferhinweis", "nota", "notas", "comentario", "observaciones"];
    /// Tags.
    Tags = "tags": ["tags", "tag", "labels", "etiquettes", "schlagworte", "etiquetas"];
    /// Day the buyer wants it.
    WantedDelivery = "wanted_delivery": ["delivery date", "wanted delivery date",
        "requested delivery date", "date de livraison", "date de livraison souhaitee",
        "lieferdatum", "wunschtermin", "liefertermin", "fecha de entrega", "fecha entrega"];
    /// Terms.
    Incoterm = "incoterm": ["incoterm", "incoterms", "lieferbedingung"];
}

/// Unit of a weight in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightUnit {
    /// Grams.
    Gram,
    /// Kilograms.
    Kilogram,
    /// Avoirdupois pounds.
    Pound,
    /// Avoirdupois ounces.
    Ounce,
}

impl WeightUnit {
    /// Grams of one unit, exact by definition of the pound.
    pub(super) fn grams(self) -> Decimal {
        match self {
            Self::Gram => Decimal::ONE,
            Self::Kilogram => Decimal::ONE_THOUSAND,
            Self::Pound => Decimal::new(45_359_237, 5),
            Self::Ounce => Decimal::new(28_349_523_125, 9),
        }
    }

    /// Reads a unit as a header or a cell writes it, in lower case.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "g" | "gr" | "gram" | "grams" | "gramme" | "grammes" | "gramm" | "gramo" | "gramos" => {
                Self::Gram
            }
            "kg" | "kgs" | "kilo" | "kilos" | "kilogram" | "kilograms" | "kilogramme"
            | "kilogrammes" | "kilogramm" | "kilogramo" | "kilogramos" => Self::Kilogram,
            "lb" | "lbs" | "pound" | "pounds" => Self::Pound,
            "oz" | "ounce" | "ounces" => Self::Ounce,
            _ => return None,
        })
    }
}

impl Field {
    /// Holds an amount of money.
    pub(super) const fn is_amount(self) -> bool {
        matches!(
            self,
            Self::UnitPrice | Self::Discount | Self::Tax | Self::ShippingPaid | Self::Total
        )
    }

    /// Its spelling of decimals is to be found out.
    pub(super) const fn is_number(self) -> bool {
        self.is_amount() || matches!(self, Self::Weight | Self::Quantity)
    }

    /// Its order of day and month is to be found out.
    pub(super) const fn is_date(self) -> bool {
        matches!(self, Self::PlacedAt | Self::WantedDelivery)
    }

    /// Belongs to one line, not to the order.
    pub(super) const fn is_of_line(self) -> bool {
        matches!(
            self,
            Self::Sku
                | Self::ItemName
                | Self::Quantity
                | Self::UnitPrice
                | Self::Weight
                | Self::Discount
                | Self::Tax
                | Self::HsCode
                | Self::Origin
                | Self::Gtin
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_name_means_one_field_and_is_spelt_as_headers_are_compared() {
        let mut seen = HashMap::new();
        for (field, names) in NAMES {
            for name in *names {
                assert_eq!(super::super::header::normalise(name), *name);
                assert_eq!(seen.insert(*name, *field), None, "{name}");
            }
        }
    }
}
