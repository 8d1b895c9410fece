//! What columns and JSON keys are called in the wild.

use crate::text::fold;

/// The part of an address that a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    Name,
    FirstName,
    LastName,
    Company,
    /// Zero-based.
    Line(usize),
    HouseNumber,
    City,
    Postcode,
    Subdivision,
    Country,
    Phone,
    Email,
}

/// Folded names (see [`fold`]), best first: a code says more than a name.
const NAMES: &[(Target, &[&str])] = &[
    (
        Target::Name,
        &[
            "name",
            "fullname",
            "recipient",
            "recipientname",
            "contactname",
            "contact",
            "attention",
            "consignee",
            "addressee",
            "nomcomplet",
            "destinataire",
            "empfaenger",
            "empfanger",
            "destinatario",
            "customername",
        ],
    ),
    (Target::FirstName, &["firstname", "givenname", "prenom", "vorname", "nombre"]),
    (
        Target::LastName,
        &["lastname", "surname", "familyname", "nom", "nachname", "apellidos", "apellido"],
    ),
    (
        Target::Company,
        &[
            "company",
            "companyname",
            "organisation",
            "organization",
            "business",
            "businessname",
            "societe",
            "raisonsociale",
            "firma",
            "unternehmen",
            "empresa",
            "azienda",
        ],
    ),
    (
        Target::Line(0),
        &[
            "lines",
            "addresslines",
            "streetlines",
            "address1",
            "addressline1",
            "line1",
            "street1",
            "streetaddress1",
            "streetaddress",
            "street",
            "streetname",
            "addressline",
            "address",
            "addr",
            "addr1",
            "adresse1",
            "adresse",
            "rue",
            "strasse",
            "direccion",
            "calle",
            "indirizzo",
            "via",
            "straat",
        ],
    ),
    (
        Target::Line(1),
        &[
            "address2",
            "addressline2",
            "line2",
            "street2",
            "streetaddress2",
            "addr2",
            "adresse2",
            "complement",
            "complementadresse",
            "adresszusatz",
            "apartment",
            "apartmentsuite",
            "suite",
            "unit",
        ],
    ),
    (
        Target::Line(2),
        &["address3", "addressline3", "line3", "street3", "streetaddress3", "addr3", "adresse3"],
    ),
    (Target::Line(3), &["address4", "addressline4", "line4", "street4", "adresse4"]),
    (
        Target::HouseNumber,
        &[
            "housenumber",
            "streetnumber",
            "houseno",
            "buildingnumber",
            "hausnummer",
            "hausnr",
            "huisnummer",
            "numero",
            "numerorue",
        ],
    ),
    (
        Target::City,
        &[
            "city",
            "town",
            "ville",
            "ort",
            "stadt",
            "locality",
            "posttown",
            "commune",
            "ciudad",
            "localidad",
            "poblacion",
            "citta",
            "comune",
            "plaats",
            "woonplaats",
            "cityname",
            "towncity",
            "municipality",
        ],
    ),
    (
        Target::Postcode,
        &[
            "postcode",
            "postalcode",
            "zip",
            "zipcode",
            "plz",
            "postleitzahl",
            "codepostal",
            "cp",
            "codigopostal",
            "cap",
            "pincode",
            "eircode",
            "cep",
            "postcodezip",
            "zippostalcode",
        ],
    ),
    (
        Target::Subdivision,
        &[
            "subdivisioncode",
            "subdivision",
            "provincecode",
            "statecode",
            "regioncode",
            "stateorprovincecode",
            "province",
            "state",
            "stateorprovince",
            "stateprovince",
            "provincestate",
            "region",
            "administrativearea",
            "county",
            "bundesland",
            "provincia",
            "estado",
            "prefecture",
            "departement",
            "provincename",
            "statename",
        ],
    ),
    (
        Target::Country,
        &[
            "countrycode",
            "countrycodev2",
            "countryiso",
            "countryiso2",
            "countryisocode",
            "iso2",
            "country",
            "countryname",
            "pays",
            "codepays",
            "land",
            "pais",
            "paese",
        ],
    ),
    (
        Target::Phone,
        &[
            "phone",
            "phonenumber",
            "telephone",
            "tel",
            "mobile",
            "mobilephone",
            "telefon",
            "telefono",
            "telefonnummer",
        ],
    ),
    (Target::Email, &["email", "emailaddress", "mail", "courriel", "correo"]),
];

/// Words that say whose address a column is. The one to deliver to wins over a bare name.
const OWNERS: &[&str] =
    &["shippingaddress", "shipping", "shipto", "deliveryaddress", "delivery", "recipient", "ship"];

/// Bare names rank after every name with an owner in front.
pub const BARE: usize = 1000;

/// What a key means and how it ranks among keys of the same meaning: lower is better.
pub fn target(key: &str) -> Option<(Target, usize)> {
    // 100 bytes: no column name is longer.
    if key.len() > 100 {
        return None;
    }
    let folded = fold(key);
    let owned = OWNERS.iter().filter_map(|o| folded.strip_prefix(o)).find_map(find);
    owned.or_else(|| find(&folded).map(|(t, rank)| (t, rank + BARE)))
}

fn find(folded: &str) -> Option<(Target, usize)> {
    NAMES.iter().find_map(|(target, names)| {
        names.iter().position(|n| *n == folded).map(|rank| (*target, rank))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn names_of_shops_and_languages() {
        for (key, expected) in [
            ("Zip", Target::Postcode),
            ("postal_code", Target::Postcode),
            ("PLZ", Target::Postcode),
            ("Code postal", Target::Postcode),
            ("Shipping Zip", Target::Postcode),
            ("address_line_1", Target::Line(0)),
            ("address_1", Target::Line(0)),
            ("Straße", Target::Line(0)),
            ("Shipping Address2", Target::Line(1)),
            ("province_code", Target::Subdivision),
            ("State", Target::Subdivision),
            ("Ort", Target::City),
            ("Ville", Target::City),
            ("countryCodeV2", Target::Country),
            ("ship_to_country", Target::Country),
            ("first_name", Target::FirstName),
            ("Hausnummer", Target::HouseNumber),
            ("Recipient Name", Target::Name),
            ("recipient", Target::Name),
        ] {
            assert_eq!(target(key).map(|(t, _)| t), Some(expected), "{key}");
        }
        assert_eq!(target("billing zip"), None);
        assert_eq!(target("sku"), None);
    }

    #[test]
    fn the_delivery_address_and_codes_rank_first() {
        let rank = |k| target(k).map(|(_, r)| r).expect("known");
        assert!(rank("Shipping Name") < rank("Name"));
        assert!(rank("province_code") < rank("province"));
        assert!(rank("country_code") < rank("country"));
    }

    #[test]
    fn no_name_stands_twice() {
        let mut all: Vec<&str> = NAMES.iter().flat_map(|(_, n)| n.iter().copied()).collect();
        let before = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), before);
        assert!(all.iter().all(|n| fold(n) == *n));
    }
}
