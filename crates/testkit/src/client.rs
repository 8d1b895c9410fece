//! A bearer token on each call, as an outside client sends it.

use tonic::{Request, Status, metadata::MetadataValue, service::Interceptor};

/// Adds `Authorization: Bearer`.
#[derive(Debug, Clone)]
pub struct WithToken(pub String);

impl Interceptor for WithToken {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let value: MetadataValue<_> = format!("Bearer {}", self.0).parse().unwrap();
        request.metadata_mut().insert("authorization", value);
        Ok(request)
    }
}
