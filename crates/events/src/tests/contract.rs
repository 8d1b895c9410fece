//! What others build upon is not taken away: `proto/contract.txt` lists every message, field, enum
//! value, method and event, one a line; each line must still hold, or be reserved.
//!
//! Additions pass at once. `make proto-bless` writes them down, which `make proto` insists upon.

use std::{collections::BTreeSet, fs, path::PathBuf};

use prost_reflect::{
    Cardinality, DescriptorPool, EnumDescriptor, Kind, MessageDescriptor,
    prost::Message as _,
    prost_types::{
        DescriptorProto, EnumDescriptorProto, FileDescriptorSet, descriptor_proto::ReservedRange,
        enum_descriptor_proto::EnumReservedRange, field_descriptor_proto::Type,
    },
};

use crate::{DESCRIPTORS, EVENTS};

const HEAD: &str = "# What others build upon. Written by `make proto-bless`; lines only leave it \
                    when number and name are reserved.\n";

fn ours(name: &str) -> bool {
    name.starts_with("colibri.") && !name.starts_with("colibri.options.")
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(values) => values.full_name().to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// Everything that somebody may rely upon.
fn lines(pool: &DescriptorPool) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for message in pool.all_messages().filter(|m| ours(m.full_name())) {
        let name = message.full_name();
        lines.insert(format!("message {name}"));
        for field in message.fields() {
            let many = if field.cardinality() == Cardinality::Repeated { "repeated " } else { "" };
            let choice = field.containing_oneof().filter(|o| !o.is_synthetic());
            let choice = choice.map(|o| format!(" oneof {}", o.name())).unwrap_or_default();
            let (number, field, kind) = (field.number(), field.name(), kind(&field.kind()));
            lines.insert(format!("field {name} {number} {field} {many}{kind}{choice}"));
        }
        let numbers = message.reserved_ranges().map(|range| format!("{range:?}"));
        for reserved in numbers.chain(message.reserved_names().map(str::to_owned)) {
            lines.insert(format!("reserved {name} {reserved}"));
        }
    }
    for values in pool.all_enums().filter(|e| ours(e.full_name())) {
        lines.insert(format!("enum {}", values.full_name()));
        for value in values.values() {
            let (number, value) = (value.number(), value.name());
            lines.insert(format!("value {} {number} {value}", values.full_name()));
        }
        let numbers = values.reserved_ranges().map(|range| format!("{range:?}"));
        for reserved in numbers.chain(values.reserved_names().map(str::to_owned)) {
            lines.insert(format!("reserved {} {reserved}", values.full_name()));
        }
    }
    for method in pool
        .services()
        .filter(|s| ours(s.full_name()))
        .flat_map(|s| s.methods().collect::<Vec<_>>())
    {
        let stream = |yes| if yes { "stream " } else { "" };
        lines.insert(format!(
            "method {} ({}{}) ({}{})",
            method.full_name(),
            stream(method.is_client_streaming()),
            method.input().full_name(),
            stream(method.is_server_streaming()),
            method.output().full_name(),
        ));
    }
    lines
}

fn todays() -> (DescriptorPool, BTreeSet<String>) {
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let mut lines = lines(&pool);
    for (message, service, name) in EVENTS {
        lines.insert(format!("event {message} {service}.{name}"));
    }
    (pool, lines)
}

/// Promises that hold no longer.
fn broken(
    promised: &BTreeSet<String>,
    lines: &BTreeSet<String>,
    pool: &DescriptorPool,
) -> Vec<String> {
    let gone = promised.difference(lines).filter(|line| !is_reserved(line, pool));
    gone.map(|line| format!("gone or changed: {line}")).collect()
}

/// Whether nobody can take the number or the name of a removed field or value again.
fn is_reserved(line: &str, pool: &DescriptorPool) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let [what, of, number, name, ..] = words.as_slice() else { return false };
    match *what {
        "field" => pool.get_message_by_name(of).is_some_and(|m| field_reserved(&m, number, name)),
        "value" => pool.get_enum_by_name(of).is_some_and(|e| value_reserved(&e, number, name)),
        _ => false,
    }
}

fn field_reserved(message: &MessageDescriptor, number: &str, name: &str) -> bool {
    let number: u32 = number.parse().unwrap();
    message.reserved_ranges().any(|range| range.contains(&number))
        && message.reserved_names().any(|reserved| reserved == name)
}

fn value_reserved(values: &EnumDescriptor, number: &str, name: &str) -> bool {
    let number: i32 = number.parse().unwrap();
    values.reserved_ranges().any(|range| range.contains(&number))
        && values.reserved_names().any(|reserved| reserved == name)
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../proto/contract.txt")
}

fn promised() -> BTreeSet<String> {
    let text = fs::read_to_string(path()).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn nothing_that_others_build_upon_is_gone() {
    let (pool, lines) = todays();
    let promised = promised();
    assert!(promised.len() > 300, "{} is not where it was", path().display());
    let broken = broken(&promised, &lines, &pool);
    assert_eq!(broken, Vec::<String>::new(), "{}", broken.join("\n"));
}

/// Run by `make proto-bless`: writes additions down, never a promise that is broken.
#[test]
#[ignore = "make proto-bless"]
fn bless() {
    let (pool, lines) = todays();
    let broken = broken(&promised(), &lines, &pool);
    assert_eq!(broken, Vec::<String>::new(), "{}", broken.join("\n"));
    let text: Vec<String> = lines.into_iter().collect();
    fs::write(path(), format!("{HEAD}{}\n", text.join("\n"))).unwrap();
}

/// Run by `make proto`: what is not written down is not protected.
#[test]
#[ignore = "make proto"]
fn is_written_down() {
    let (_, lines) = todays();
    let promised = promised();
    let new: Vec<&String> = lines.difference(&promised).collect();
    assert_eq!(new, Vec::<&String>::new(), "run `make proto-bless` and commit what it writes");
}

/// What breaks by a change to today's descriptors.
fn planted(change: impl FnOnce(&mut FileDescriptorSet)) -> Vec<String> {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let before = lines(&DescriptorPool::from_file_descriptor_set(set.clone()).unwrap());
    let mut changed = set;
    change(&mut changed);
    let pool = DescriptorPool::from_file_descriptor_set(changed).unwrap();
    broken(&before, &lines(&pool), &pool)
}

fn message<'a>(set: &'a mut FileDescriptorSet, name: &str) -> &'a mut DescriptorProto {
    let all = set.file.iter_mut().filter(|f| f.package() != "google.protobuf");
    all.flat_map(|f| &mut f.message_type).find(|m| m.name() == name).unwrap()
}

fn values<'a>(set: &'a mut FileDescriptorSet, name: &str) -> &'a mut EnumDescriptorProto {
    set.file.iter_mut().flat_map(|f| &mut f.enum_type).find(|e| e.name() == name).unwrap()
}

#[test]
fn removed_renumbered_renamed_and_retyped_fields_break_and_reserved_or_new_ones_do_not() {
    let at = |m: &DescriptorProto| m.field.iter().position(|f| f.name() == "weight_g").unwrap();
    let changed = |change: &dyn Fn(&mut DescriptorProto, usize)| {
        planted(|set| {
            let message = message(set, "LabelPurchased");
            let at = at(message);
            change(message, at);
        })
    };
    assert_eq!(changed(&|_, _| {}), Vec::<String>::new());
    assert_eq!(changed(&|m, at| m.field[at].number = Some(4711)).len(), 1);
    assert_eq!(changed(&|m, at| m.field[at].set_type(Type::Int64)).len(), 1);
    assert_eq!(changed(&|m, at| m.field[at].name = Some("weight".into())).len(), 1);
    assert_eq!(changed(&|m, at| drop(m.field.remove(at))).len(), 1);
    let range = ReservedRange { start: Some(4), end: Some(5) };
    let number_only = changed(&|m, at| {
        m.field.remove(at);
        m.reserved_range.push(range);
    });
    assert_eq!(number_only.len(), 1, "the name could be taken again");
    let reserved = changed(&|m, at| {
        m.field.remove(at);
        m.reserved_range.push(range);
        m.reserved_name.push("weight_g".into());
    });
    assert_eq!(reserved, Vec::<String>::new());
    let added = changed(&|m, at| {
        let mut field = m.field[at].clone();
        field.name = Some("girth_mm".into());
        field.json_name = Some("girthMm".into());
        field.number = Some(4711);
        m.field.push(field);
    });
    assert_eq!(added, Vec::<String>::new());
}

#[test]
fn removed_values_and_methods_break() {
    let removed = planted(|set| drop(values(set, "ShipmentState").value.pop()));
    assert_eq!(removed.len(), 1, "{removed:?}");
    let reserved = planted(|set| {
        let values = values(set, "ShipmentState");
        let gone = values.value.pop().unwrap();
        let range = EnumReservedRange { start: gone.number, end: gone.number };
        values.reserved_range.push(range);
        values.reserved_name.push(gone.name().to_owned());
    });
    assert_eq!(reserved, Vec::<String>::new());
    let removed = planted(|set| {
        let mut services = set.file.iter_mut().flat_map(|f| &mut f.service);
        let labels = services.find(|s| s.name() == "LabelsService").unwrap();
        drop(labels.method.pop());
    });
    assert_eq!(removed.len(), 1, "{removed:?}");
}
