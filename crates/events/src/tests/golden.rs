//! What was once published stays readable: one stored event of each type, as bytes and as JSON.
//!
//! A golden file is written once (`make proto-bless`) and never rewritten: the log and the streams
//! hold such bytes too. An event whose field was removed on purpose, with its number and name
//! reserved, gets a new one after its old one was deleted by hand.

use std::{fs, path::PathBuf};

use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, SerializeOptions,
    Value,
    prost::Message as _,
    prost_types::{FileDescriptorSet, field_descriptor_proto::Type},
};

use crate::{DESCRIPTORS, EVENTS, recode};

/// Set by `make proto-bless`.
const BLESS: &str = "COLIBRI_BLESS";

fn file(service: &str, name: &str, extension: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden");
    folder.join(format!("{service}.{name}.{extension}"))
}

/// A message with a value in each field, the same ones every time.
fn filled(message: &MessageDescriptor) -> DynamicMessage {
    let mut value = DynamicMessage::new(message.clone());
    if message.full_name() == "google.protobuf.Timestamp" {
        value.set_field_by_name("seconds", Value::I64(1_800_000_000));
        value.set_field_by_name("nanos", Value::I32(250_000_000));
        return value;
    }
    for field in message.fields() {
        assert!(!field.is_map(), "{}: events have no maps", field.full_name());
        let set = if field.is_list() {
            Value::List(vec![one(&field, 0), one(&field, 1)])
        } else {
            one(&field, 0)
        };
        value.set_field(&field, set);
    }
    value
}

fn one(field: &FieldDescriptor, n: u32) -> Value {
    let number = field.number() + 100 * (n + 1);
    match field.kind() {
        Kind::String => Value::String(format!("{}_{number}", field.name())),
        Kind::Bytes => Value::Bytes(format!("{}_{number}", field.name()).into_bytes().into()),
        Kind::Bool => Value::Bool(true),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(number),
        Kind::Uint64 | Kind::Fixed64 => Value::U64((1 << 40) + u64::from(number)),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
            Value::I32(-i32::try_from(number).expect("small"))
        }
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(-(1 << 40) - i64::from(number)),
        Kind::Enum(values) => {
            let last = values.values().map(|value| value.number()).max();
            Value::EnumNumber(last.expect("an enum has values"))
        }
        Kind::Message(inner) => Value::Message(filled(&inner)),
        Kind::Float | Kind::Double => panic!("{}: events have no floats", field.full_name()),
    }
}

fn json(message: &DynamicMessage) -> serde_json::Value {
    let options = SerializeOptions::new().use_proto_field_name(true);
    message.serialize_with_options(serde_json::value::Serializer, &options).expect("has JSON")
}

/// What is wrong with a golden event as these descriptors read it.
fn reading(pool: &DescriptorPool, message: &str, bytes: &[u8], text: &str) -> Vec<String> {
    let Some(descriptor) = pool.get_message_by_name(message) else {
        return vec![format!("{message} is gone")];
    };
    let read = match DynamicMessage::decode(descriptor, bytes) {
        Ok(read) => read,
        Err(cause) => return vec![format!("{message} cannot be read: {cause}")],
    };
    let mut wrong = Vec::new();
    if read.unknown_fields().next().is_some() {
        wrong.push(format!("{message} has lost a field"));
    }
    let wanted: serde_json::Value = serde_json::from_str(text).expect("golden JSON");
    let found = json(&read);
    if found != wanted {
        wrong.push(format!("{message} reads as\n{found:#}\nand was\n{wanted:#}"));
    }
    wrong
}

#[test]
fn what_was_published_is_still_read_and_written_the_same() {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let bless = std::env::var_os(BLESS).is_some();
    let mut wrong = Vec::new();
    for (message, service, name) in EVENTS {
        let (bin, text) = (file(service, name, "bin"), file(service, name, "json"));
        if bless && !bin.exists() {
            let value = filled(&pool.get_message_by_name(message).unwrap());
            fs::create_dir_all(bin.parent().unwrap()).unwrap();
            fs::write(&text, format!("{:#}\n", json(&value))).unwrap();
            fs::write(&bin, value.encode_to_vec()).unwrap();
        }
        let (Ok(bytes), Ok(text)) = (fs::read(&bin), fs::read_to_string(&text)) else {
            wrong.push(format!("{message} has no golden event: run `make proto-bless`"));
            continue;
        };
        wrong.extend(reading(&pool, message, &bytes, &text));
        match recode(message, &bytes) {
            Ok(again) if again == bytes => {}
            Ok(_) => wrong.push(format!("{message} is written differently by its type")),
            Err(cause) => wrong.push(format!("{message} is not read by its type: {cause}")),
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "{}", wrong.join("\n"));
}

#[test]
fn no_golden_event_is_left_of_one_that_is_gone() {
    let known: Vec<PathBuf> = EVENTS
        .iter()
        .flat_map(|(_, service, name)| ["bin", "json"].map(|end| file(service, name, end)))
        .collect();
    let folder = known[0].parent().unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(known.contains(&path), "{} is of no event: was one renamed?", path.display());
    }
}

/// Today's descriptors after a change to one field of `LabelPurchased`.
fn planted(change: impl FnOnce(&mut prost_reflect::prost_types::DescriptorProto)) -> Vec<String> {
    let mut set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let messages = set.file.iter_mut().flat_map(|file| &mut file.message_type);
    change(messages.into_iter().find(|m| m.name() == "LabelPurchased").unwrap());
    let pool = DescriptorPool::from_file_descriptor_set(set).unwrap();
    let bytes = fs::read(file("labels", "label_purchased", "bin")).unwrap();
    let text = fs::read_to_string(file("labels", "label_purchased", "json")).unwrap();
    reading(&pool, "colibri.labels.v1.LabelPurchased", &bytes, &text)
}

#[test]
fn a_renumbered_a_retyped_and_a_removed_field_are_seen_and_an_added_one_is_not() {
    let weight = |m: &prost_reflect::prost_types::DescriptorProto| {
        m.field.iter().position(|f| f.name() == "weight_g").unwrap()
    };
    assert_eq!(planted(|_| {}), Vec::<String>::new());
    let added = planted(|m| {
        let mut field = m.field[weight(m)].clone();
        field.name = Some("girth_mm".into());
        field.json_name = Some("girthMm".into());
        field.number = Some(4711);
        m.field.push(field);
    });
    assert_eq!(added, Vec::<String>::new());
    let renumbered = planted(|m| {
        let at = weight(m);
        m.field[at].number = Some(4711);
    });
    assert!(!renumbered.is_empty());
    let retyped = planted(|m| {
        let at = weight(m);
        m.field[at].set_type(Type::String);
    });
    assert!(!retyped.is_empty());
    // The same wire type, another meaning.
    let zigzag = planted(|m| {
        let at = weight(m);
        m.field[at].set_type(Type::Sint32);
    });
    assert!(!zigzag.is_empty());
    let removed = planted(|m| {
        let at = weight(m);
        m.field.remove(at);
    });
    assert!(!removed.is_empty());
}
