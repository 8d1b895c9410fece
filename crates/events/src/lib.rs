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

packages!(accounts, customs, labels, options, orders, pricing, returns, tracking, types, vault);

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

#[cfg(test)]
fn recode_as<E: Event>(bytes: &[u8]) -> Result<Vec<u8>, prost::DecodeError> {
    E::decode(bytes).map(|event| event.encode_to_vec())
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
mod tests;
