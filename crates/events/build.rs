//! Generates everything that follows from `proto/`: messages, services, event identities, the
//! table of who may call what, and the flow register. Fails when an event can reach personal data.

use std::{env, error::Error, fmt::Write as _, fs, path::PathBuf};

use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, Value};

#[path = "src/lint.rs"]
mod lint;

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-changed={}", root.display());
    println!("cargo:rerun-if-changed=src/lint.rs");

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(true);
    for file in proto_files(&root)? {
        compiler.open_file(file)?;
    }
    // Custom options survive only in the raw bytes: prost drops what it does not know.
    let raw = compiler.encode_file_descriptor_set();
    fs::write(out.join("colibri.bin"), &raw)?;
    let pool = DescriptorPool::decode(raw.as_slice())?;

    let findings = lint::personal_data_in_events(&pool);
    if !findings.is_empty() {
        return Err(format!("events can reach personal data:\n{}", findings.join("\n")).into());
    }

    fs::write(out.join("events.rs"), events(&pool)?)?;
    fs::write(out.join("policies.rs"), policies(&pool)?)?;
    fs::write(out.join("flows.rs"), flows(&pool)?)?;

    let set = prost_types::FileDescriptorSet::decode(raw.as_slice())?;
    tonic_prost_build::configure()
        .bytes(".")
        .disable_comments(["google.protobuf"])
        .compile_fds(set)?;
    Ok(())
}

fn proto_files(root: &PathBuf) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "proto") {
                found.push(path.strip_prefix(root)?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// `colibri.labels.v1.LabelPurchased` -> `crate::labels::v1::LabelPurchased`.
fn rust_path(message: &MessageDescriptor) -> String {
    let package = message.package_name().trim_start_matches("colibri.").replace('.', "::");
    format!("crate::{package}::{}", message.name())
}

fn text(message: &DynamicMessage, field: &str) -> String {
    message.get_field_by_name(field).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn events(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let option = pool.get_extension_by_name("colibri.options.v1.event").ok_or("no event option")?;
    let mut code = String::new();
    let mut all = String::new();
    let mut recodes = String::new();
    for message in pool.all_messages() {
        let options = message.options();
        if !options.has_extension(&option) {
            continue;
        }
        let value = options.get_extension(&option).into_owned();
        let Value::Message(event) = value else { return Err("event option is no message".into()) };
        let (subject, key) = (text(&event, "subject"), text(&event, "key"));
        let (service, name) = subject.split_once('.').ok_or("subject is service.event")?;
        let package = message.package_name().to_owned();
        if package != format!("colibri.{service}.v1") {
            return Err(format!("{} says it is of {service}", message.full_name()).into());
        }
        for field in [key.as_str(), "tenant_id"] {
            message
                .get_field_by_name(field)
                .ok_or(format!("{} has no field {field}", message.full_name()))?;
        }
        let path = rust_path(&message);
        let full = message.full_name();
        writeln!(
            code,
            "impl crate::Event for {path} {{\n    const SERVICE: &'static str = {service:?};\n    \
             const NAME: &'static str = {name:?};\n    const VERSION: u32 = 1;\n    \
             const MESSAGE: &'static str = {full:?};\n    \
             // An event may have a field of that name that is not its key.\n    \
             #[allow(clippy::misnamed_getters)]\n    \
             fn key(&self) -> &str {{ &self.{key} }}\n    \
             fn tenant_id(&self) -> &str {{ &self.tenant_id }}\n}}"
        )?;
        writeln!(all, "    ({full:?}, {service:?}, {name:?}),")?;
        writeln!(recodes, "        {full:?} => recode_as::<{path}>(bytes),")?;
    }
    writeln!(
        code,
        "/// Every event: full message name, service, name.\n\
         pub const EVENTS: &[(&str, &str, &str)] = &[\n{all}];"
    )?;
    writeln!(
        code,
        "/// Bytes of an event, read and written again by its generated type.\n\
         #[cfg(test)]\n\
         #[allow(clippy::panic, reason = \"tests\")]\n\
         fn recode(message: &str, bytes: &[u8]) -> Result<Vec<u8>, prost::DecodeError> {{\n    \
             match message {{\n{recodes}        other => panic!(\"{{other}} is no event\"),\n    }}\n}}"
    )?;
    Ok(code)
}

fn policies(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let option = pool.get_extension_by_name("colibri.options.v1.policy").ok_or("no policy")?;
    let mut rows = Vec::new();
    for service in pool.services().filter(|s| s.package_name().starts_with("colibri.")) {
        for method in service.methods() {
            let options = method.options();
            if !options.has_extension(&option) {
                return Err(format!("{} says not who may call it", method.full_name()).into());
            }
            let value = options.get_extension(&option).into_owned();
            let Value::Message(policy) = value else { return Err("policy is no message".into()) };
            let flag =
                |name| policy.get_field_by_name(name).and_then(|v| v.as_bool()).unwrap_or_default();
            let scopes: Vec<String> = policy
                .get_field_by_name("scopes")
                .and_then(|v| v.as_list().map(<[Value]>::to_vec))
                .unwrap_or_default()
                .iter()
                .filter_map(|v| v.as_str().map(str::to_owned))
                .collect();
            rows.push(format!(
                "    (\"/{}/{}\", MethodPolicy {{ scopes: &{scopes:?}, public: {}, tenant: {} }}),",
                service.full_name(),
                method.name(),
                flag("public"),
                flag("tenant"),
            ));
        }
    }
    rows.sort();
    Ok(format!(
        "/// Every method and who may call it, sorted by path.\n\
         pub const METHODS: &[(&str, MethodPolicy)] = &[\n{}\n];\n",
        rows.join("\n")
    ))
}

fn flows(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let option = pool.get_extension_by_name("colibri.options.v1.flow").ok_or("no flow option")?;
    let flows = pool.get_enum_by_name("colibri.vault.v1.Flow").ok_or("no flow register")?;
    let fields = pool.get_enum_by_name("colibri.vault.v1.Field").ok_or("no vault fields")?;
    let mut rows = String::new();
    for value in flows.values().filter(|v| v.number() != 0) {
        let options = value.options();
        if !options.has_extension(&option) {
            return Err(format!("{} has no flow mark", value.name()).into());
        }
        let mark = options.get_extension(&option).into_owned();
        let Value::Message(flow) = mark else { return Err("flow is no message".into()) };
        let (name, service, purpose) =
            (text(&flow, "name"), text(&flow, "service"), text(&flow, "purpose"));
        if name.is_empty() || service.is_empty() || purpose.is_empty() {
            return Err(format!("{} is incomplete", value.name()).into());
        }
        let mut numbers = Vec::new();
        let listed = flow.get_field_by_name("fields").map(|v| v.into_owned());
        for field in listed.as_ref().and_then(Value::as_list).unwrap_or_default() {
            let word = format!("FIELD_{}", field.as_str().unwrap_or_default());
            let field = fields.get_value_by_name(&word).ok_or(format!("{word} is unknown"))?;
            numbers.push(field.number());
        }
        writeln!(
            rows,
            "    FlowEntry {{ number: {}, name: {name:?}, service: {service:?}, \
             purpose: {purpose:?}, fields: &{numbers:?} }},",
            value.number()
        )?;
    }
    Ok(format!("/// The flow register.\npub const FLOWS: &[FlowEntry] = &[\n{rows}];\n"))
}
