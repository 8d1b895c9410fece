//! Everything generated from `proto/`: messages, gRPC services, the identity of each event, who may
//! call which method, and the flow register.
//!
//! Deliberately absent: behaviour. The build fails when an event can reach personal data.

#[cfg(test)]
mod lint;

macro_rules! packages {
    ($($service:ident),*) => {$(
        #[doc = concat!("Package `colibri.", stringify!($service), ".v1`.")]
        #[allow(missing_docs, clippy::all, reason = "generated; comments live in the proto files")]
        pub mod $service {
            /// Version 1.
            pub mod v1 {
                include!(concat!(env!("OUT_DIR"), "/colibri.", stringify!($service), ".v1.rs"));
            }
        }
    )*};
}

packages!(accounts, labels, options, orders, pricing, tracking, types, vault);

/// A fact that a service published.
pub trait Event: prost::Message + Default + 'static {
    /// Service that publishes it.
    const SERVICE: &'static str;
    /// Name within the service, e.g. `label_purchased`.
    const NAME: &'static str;
    /// Major version of the shape.
    const VERSION: u32;
    /// Full protobuf name.
    const MESSAGE: &'static str;
    /// Aggregate id: events of one key keep their order.
    fn key(&self) -> &str;
    /// Tenant the fact belongs to.
    fn tenant_id(&self) -> &str;
}

/// Who may call a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MethodPolicy {
    /// Any one of these suffices; empty: any authenticated caller.
    pub scopes: &'static [&'static str],
    /// No authentication at all.
    pub public: bool,
    /// A caller without a tenant is refused.
    pub tenant: bool,
}

/// A reason for which personal data may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowEntry {
    /// Number of the value of `colibri.vault.v1.Flow`.
    pub number: i32,
    /// Name in the register.
    pub name: &'static str,
    /// The only service that may use it.
    pub service: &'static str,
    /// Why.
    pub purpose: &'static str,
    /// Numbers of the values of `colibri.vault.v1.Field` it may see.
    pub fields: &'static [i32],
}

include!(concat!(env!("OUT_DIR"), "/events.rs"));
include!(concat!(env!("OUT_DIR"), "/policies.rs"));
include!(concat!(env!("OUT_DIR"), "/flows.rs"));

/// The policy of a gRPC path such as `/colibri.orders.v1.OrdersService/Get`.
#[must_use]
pub fn method_policy(path: &str) -> Option<MethodPolicy> {
    METHODS.binary_search_by(|(p, _)| (*p).cmp(path)).ok().map(|at| METHODS[at].1)
}

/// The flow of that number.
#[must_use]
pub fn flow(number: i32) -> Option<&'static FlowEntry> {
    FLOWS.iter().find(|flow| flow.number == number)
}

/// The whole descriptor set, for reflection and checks.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/colibri.bin"));

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use prost_reflect::DescriptorPool;

    #[test]
    fn no_event_reaches_personal_data() {
        let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
        assert_eq!(lint::personal_data_in_events(&pool), Vec::<String>::new());
    }

    #[test]
    fn a_planted_street_a_map_and_an_unmarked_text_are_found() {
        let planted = r#"
            syntax = "proto3";
            package colibri.planted.v1;
            import "colibri/options/v1/options.proto";
            import "colibri/types/v1/types.proto";
            message Leaky {
              option (colibri.options.v1.event) = {subject: "planted.leaky" key: "id"};
              string id = 1 [(colibri.options.v1.category) = CATEGORY_PSEUDONYM];
              colibri.types.v1.Address ship_to = 2;
              map<string, string> anything = 3;
              string unmarked = 4;
            }"#;
        let folder = std::env::temp_dir().join(format!("colibri-lint-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("planted.proto"), planted).unwrap();
        let proto = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");
        let mut compiler =
            protox::Compiler::new([folder.as_path(), std::path::Path::new(proto)]).unwrap();
        compiler.include_imports(true).open_file("planted.proto").unwrap();
        let raw = compiler.encode_file_descriptor_set();
        let pool = DescriptorPool::decode(raw.as_slice()).unwrap();
        let findings = lint::personal_data_in_events(&pool).join("\n");
        std::fs::remove_dir_all(&folder).unwrap();
        for part in ["ship_to.name", "ship_to.lines", "anything: a map", "unmarked: text without"] {
            assert!(findings.contains(part), "{part} not in\n{findings}");
        }
    }

    #[test]
    fn each_event_names_its_service_key_and_tenant() {
        let event = labels::v1::LabelPurchased {
            shipment_id: "shp_1".into(),
            tenant_id: "ten_1".into(),
            ..Default::default()
        };
        assert_eq!((event.key(), event.tenant_id()), ("shp_1", "ten_1"));
        assert_eq!(labels::v1::LabelPurchased::NAME, "label_purchased");
        assert!(EVENTS.len() >= 15);
    }

    #[test]
    fn policies_are_found_by_path() {
        let submit = method_policy("/colibri.orders.v1.OrdersService/Submit").unwrap();
        assert_eq!((submit.scopes, submit.tenant), (["orders:write"].as_slice(), true));
        assert_eq!(method_policy("/colibri.orders.v1.OrdersService/Nothing"), None);
    }
}
