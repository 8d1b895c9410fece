//! The check that no event can reach personal data. Used by the build, and by a test that plants a
//! violation to see it found.

use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};

/// Highest category an event may carry: `CATEGORY_COARSE`.
const COARSE: i32 = 3;

/// Well-known types an event may contain. `Any`, `Struct` and wrappers are not among them.
const ALLOWED: &[&str] = &["google.protobuf.Timestamp", "google.protobuf.Duration"];

/// One line per field through which an event could carry personal data. Fails closed: a text
/// without a mark is a finding.
pub fn personal_data_in_events(pool: &DescriptorPool) -> Vec<String> {
    let Some(event) = pool.get_extension_by_name("colibri.options.v1.event") else {
        return vec!["the event option is missing".to_owned()];
    };
    let mut findings = Vec::new();
    let mut events = 0;
    for message in pool.all_messages().filter(|m| m.options().has_extension(&event)) {
        events += 1;
        let mut seen = BTreeSet::new();
        visit(pool, &message, message.full_name(), &mut seen, &mut findings);
    }
    if events == 0 {
        findings.push("no event found: the check would pass anything".to_owned());
    }
    findings
}

fn visit(
    pool: &DescriptorPool,
    message: &MessageDescriptor,
    path: &str,
    seen: &mut BTreeSet<String>,
    findings: &mut Vec<String>,
) {
    if !seen.insert(message.full_name().to_owned()) {
        return;
    }
    for field in message.fields() {
        let here = format!("{path}.{}", field.name());
        if field.is_map() {
            findings.push(format!("{here}: a map has no marks on its values"));
            continue;
        }
        match field.kind() {
            Kind::String | Kind::Bytes => match category(pool, &field) {
                Some(1..=COARSE) => {}
                Some(0) | None => findings.push(format!("{here}: text without a category")),
                Some(other) => findings.push(format!("{here}: category {other} is personal")),
            },
            Kind::Message(inner) => {
                let name = inner.full_name();
                if ALLOWED.contains(&name) {
                } else if name.starts_with("colibri.") {
                    visit(pool, &inner, &here, seen, findings);
                } else {
                    findings.push(format!("{here}: {name} can hold anything"));
                }
            }
            _ => {}
        }
    }
}

fn category(pool: &DescriptorPool, field: &FieldDescriptor) -> Option<i32> {
    let mark = pool.get_extension_by_name("colibri.options.v1.category")?;
    let options = field.options();
    if !options.has_extension(&mark) {
        return None;
    }
    options.get_extension(&mark).as_enum_number()
}
