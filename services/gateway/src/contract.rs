//! The contracts of the services behind, read from their descriptors, bound to the routes.

use colibri_events::MethodPolicy;
use http::uri::PathAndQuery;
use prost_reflect::{DescriptorPool, MessageDescriptor};

use crate::routes::{ROUTES, Route};

/// A method of a service behind.
#[derive(Debug, Clone)]
pub(crate) struct Method {
    /// Name of the service: `orders`.
    pub(crate) service: String,
    /// gRPC path.
    pub(crate) path: PathAndQuery,
    pub(crate) input: MessageDescriptor,
    pub(crate) output: MessageDescriptor,
    pub(crate) policy: MethodPolicy,
    /// What the proto file says about it.
    pub(crate) comment: String,
}

/// A route with the method that answers it.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) route: &'static Route,
    pub(crate) method: Option<Method>,
}

/// A route names a method that the contracts do not have: ours to repair.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContractError {
    /// The descriptors do not parse.
    #[error("read the descriptors")]
    Descriptors(#[from] prost_reflect::DescriptorError),
    /// No such method.
    #[error("no method {0}")]
    Method(&'static str),
}

/// All routes, bound.
pub(crate) fn operations() -> Result<Vec<Operation>, ContractError> {
    let pool = DescriptorPool::decode(colibri_events::DESCRIPTORS)?;
    let bind = |route: &'static Route| {
        let method = match route.rpc {
            Some(rpc) => Some(method(&pool, rpc).ok_or(ContractError::Method(rpc))?),
            None => None,
        };
        Ok(Operation { route, method })
    };
    ROUTES.iter().map(bind).collect()
}

fn method(pool: &DescriptorPool, path: &'static str) -> Option<Method> {
    let (service, name) = path.strip_prefix('/')?.split_once('/')?;
    let found = pool.get_service_by_name(service)?;
    let method = found.methods().find(|method| method.name() == name)?;
    Some(Method {
        service: service.split('.').nth(1)?.to_owned(),
        path: PathAndQuery::from_static(path),
        input: method.input(),
        output: method.output(),
        policy: colibri_events::method_policy(path)?,
        comment: comment(&method.parent_file(), method.path()),
    })
}

/// The comment at a place of a proto file, on one line.
pub(crate) fn comment(file: &prost_reflect::FileDescriptor, path: &[i32]) -> String {
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let found = info.and_then(|info| info.location.iter().find(|place| place.path == path));
    let text = found.map(|place| {
        let (before, after) = (place.leading_comments(), place.trailing_comments());
        format!("{before} {after}")
    });
    text.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}
