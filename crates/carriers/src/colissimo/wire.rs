//! The carrier's own words: requests and answers named exactly as La Poste and Colissimo name
//! them. Requests are written strictly; answers are read leniently, because numbers come as text,
//! lists as single objects and optional parts as null. Deliberately no meaning here.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

// --- Colissimo SLS, written -----------------------------------------------------------------

/// Body of `generateLabel` and `checkGenerateLabel`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GenerateLabel {
    pub output_format: OutputFormat,
    pub letter: Letter,
    pub fields: Fields,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OutputFormat {
    pub x: i32,
    pub y: i32,
    pub output_printing_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Letter {
    pub service: Service,
    pub parcel: ParcelOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customs_declarations: Option<CustomsDeclarations>,
    pub sender: Sender,
    pub addressee: Addressee,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Service {
    pub product_code: String,
    pub deposit_date: String,
    /// Cents; the form calls it "frais de port".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_amount: Option<u64>,
    pub order_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commercial_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_type_choice: Option<u8>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ParcelOut {
    /// Kilograms with two decimals.
    pub weight: Box<RawValue>,
    /// Cents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insurance_value: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_location_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ftd: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ddp: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sender {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sender_parcel_ref: String,
    pub address: Address,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Addressee {
    pub address: Address,
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub company_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub line1: String,
    pub line2: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub line3: String,
    pub city: String,
    pub zip_code: String,
    pub country_code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state_or_province_code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone_number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mobile_number: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CustomsDeclarations {
    pub include_customs_declarations: bool,
    pub contents: Contents,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub importers_reference: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub invoice_number: String,
}

#[derive(Serialize)]
pub(super) struct Contents {
    pub article: Vec<Article>,
    pub category: Category,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub original: Vec<Original>,
}

/// The invoice by which returned goods once left.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Original {
    pub original_ident: &'static str,
    pub original_invoice_number: String,
    pub original_invoice_date: String,
}

#[derive(Serialize)]
pub(super) struct Category {
    pub value: u8,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Article {
    pub description: String,
    pub quantity: u32,
    /// Kilograms of one piece.
    pub weight: Box<RawValue>,
    /// Major units of one piece.
    pub value: Box<RawValue>,
    pub hs_code: String,
    pub origin_country: String,
    pub currency: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub artref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_ident: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct Fields {
    pub field: Vec<Field>,
}

#[derive(Serialize)]
pub(super) struct Field {
    pub key: &'static str,
    pub value: String,
}

/// Body of `getLabel`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetLabel<'a> {
    pub parcel_number: &'a str,
    pub output_printing_type: &'static str,
}

// --- Colissimo SLS, read ---------------------------------------------------------------------

/// The JSON part of every answer.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct JsonInfos<'a> {
    #[serde(borrow, deserialize_with = "list")]
    pub messages: Vec<Message<'a>>,
    #[serde(borrow, rename = "labelV2Response", deserialize_with = "object")]
    pub label: Option<LabelResponse<'a>>,
    /// Filled for XML output types; the carrier's own spelling.
    #[serde(borrow, rename = "labelXmlV2Reponse", deserialize_with = "object")]
    pub label_xml: Option<LabelResponse<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Message<'a> {
    #[serde(borrow, deserialize_with = "text")]
    pub id: Text<'a>,
    #[serde(borrow, rename = "type", deserialize_with = "text")]
    pub kind: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub message_content: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct LabelResponse<'a> {
    #[serde(borrow, deserialize_with = "text")]
    pub parcel_number: Text<'a>,
}

// --- La Poste Suivi v2, read -------------------------------------------------------------------

/// One item of an answer, or the error object of the platform.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Answer<'a> {
    #[serde(borrow, deserialize_with = "text")]
    pub return_code: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub return_message: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub id_ship: Text<'a>,
    #[serde(borrow, deserialize_with = "object")]
    pub shipment: Option<ShipmentIn<'a>>,
    /// Of the platform's own errors, as over quota.
    #[serde(borrow, deserialize_with = "text")]
    pub code: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub message: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ShipmentIn<'a> {
    #[serde(borrow, deserialize_with = "text")]
    pub id_ship: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub product: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub is_final: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub estim_date: Text<'a>,
    #[serde(borrow, deserialize_with = "list")]
    pub timeline: Vec<TimelineStep<'a>>,
    #[serde(borrow, deserialize_with = "list")]
    pub event: Vec<Event<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TimelineStep<'a> {
    #[serde(borrow, deserialize_with = "text")]
    pub id: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub short_label: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub long_label: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub date: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub country: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub status: Text<'a>,
    #[serde(borrow, rename = "type", deserialize_with = "text")]
    pub kind: Text<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "text")]
    pub code: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub label: Text<'a>,
    #[serde(borrow, deserialize_with = "text")]
    pub date: Text<'a>,
}

// --- Lenient reading -----------------------------------------------------------------------------

/// Text of the carrier; empty when absent.
pub(super) type Text<'a> = Cow<'a, str>;

/// A scalar of any kind as text; anything else is empty.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Text<'de>, D::Error> {
    struct Scalar;
    impl<'de> Visitor<'de> for Scalar {
        type Value = Text<'de>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("anything")
        }
        fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Text<'de>, E> {
            Ok(Cow::Borrowed(value.trim()))
        }
        fn visit_str<E>(self, value: &str) -> Result<Text<'de>, E> {
            Ok(Cow::Owned(value.trim().to_owned()))
        }
        fn visit_bool<E>(self, value: bool) -> Result<Text<'de>, E> {
            Ok(Cow::Borrowed(if value { "true" } else { "false" }))
        }
        fn visit_i64<E>(self, value: i64) -> Result<Text<'de>, E> {
            Ok(Cow::Owned(value.to_string()))
        }
        fn visit_u64<E>(self, value: u64) -> Result<Text<'de>, E> {
            Ok(Cow::Owned(value.to_string()))
        }
        fn visit_f64<E>(self, value: f64) -> Result<Text<'de>, E> {
            Ok(Cow::Owned(value.to_string()))
        }
        fn visit_unit<E>(self) -> Result<Text<'de>, E> {
            Ok(Cow::Borrowed(""))
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text<'de>, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Cow::Borrowed(""))
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text<'de>, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Cow::Borrowed(""))
        }
    }
    deserializer.deserialize_any(Scalar)
}

/// An object, the objects of a list, or nothing: whatever else stands there is passed over, so
/// that one odd member does not cost the parcel.
struct Objects<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Objects<T> {
    type Value = Vec<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Vec<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| vec![value])
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        let mut values = Vec::new();
        while let Some(Inner(value)) = seq.next_element()? {
            values.extend(value);
        }
        Ok(values)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
    fn visit_i64<E>(self, _: i64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
    fn visit_u64<E>(self, _: u64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
    fn visit_f64<E>(self, _: f64) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
    fn visit_str<E>(self, _: &str) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
}

struct Inner<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Inner<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Inner)
    }
}

fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(Objects(PhantomData))
}

fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    list(deserializer).map(|values| values.into_iter().next())
}
