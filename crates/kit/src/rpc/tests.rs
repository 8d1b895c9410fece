#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
use std::{
    collections::BTreeMap,
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use colibri_types::TenantId;
use http::{Request, Response};
use tonic::{Code, Status, body::Body, client::Grpc, server::NamedService};
use tonic_prost::ProstCodec;
use tower::Service;

use super::*;
use crate::{
    auth::{Caller, EVERY_SCOPE, Issuer, MintRequest},
    clock::SystemClock,
    config::Config,
    fault::{Fault, RpcError, codes},
};

/// Answers with what the method saw of its caller.
#[derive(Clone)]
struct Echo(Option<Peer>);

impl NamedService for Echo {
    const NAME: &'static str = "test.Echo";
}

impl Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let method = Method(path, self.0.clone());
        Box::pin(async move {
            let mut grpc = tonic::server::Grpc::new(ProstCodec::default());
            grpc = grpc.max_decoding_message_size(1000);
            Ok(grpc.unary(method, request).await)
        })
    }
}

struct Method(String, Option<Peer>);

impl tonic::server::UnaryService<String> for Method {
    type Response = String;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<String>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<String>) -> Self::Future {
        let (path, next) = (self.0.clone(), self.1.clone());
        Box::pin(async move {
            let text = match path.rsplit('/').next().unwrap() {
                "Hang" => std::future::pending().await,
                "Panic" => panic!("on purpose"),
                "Bug" => return Err(Fault::bug(std::io::Error::other("secret")).into()),
                "Reject" => return Err(Fault::not_found("TST0001", "no such thing").into()),
                "Chain" => call(next.unwrap(), "Who", "").await?,
                _ => {
                    assert!(!request.metadata().contains_key("authorization"));
                    let caller = Caller::of(&request).ok().cloned();
                    let who = caller.map(|c| (c.subject, c.tenant, c.service));
                    let left = deadline().unwrap().as_secs();
                    format!("{who:?} {} {left}", request_id().unwrap())
                }
            };
            Ok(tonic::Response::new(text))
        })
    }
}

fn policy(path: &str) -> Option<MethodPolicy> {
    let policy = MethodPolicy { scopes: &["test.call"], public: false, tenant: false };
    match path.strip_prefix("/test.Echo/")? {
        "Public" | "Hang" | "Panic" | "Bug" | "Reject" | "Chain" => {
            Some(MethodPolicy { public: true, ..policy })
        }
        "Tenant" => Some(MethodPolicy { tenant: true, ..policy }),
        "Who" | "Unserved" => Some(policy),
        _ => None,
    }
}

struct Bed {
    url: String,
    issuer: Issuer,
    peers: Peers,
    shutdown: Shutdown,
}

fn section() -> crate::config::RpcSection {
    let config = Config::load(&[], None, std::iter::empty()).unwrap();
    config.kit().unwrap().rpc
}

async fn bed() -> Bed {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let issuer = Issuer::ephemeral().unwrap();
    let services = Issuer::ephemeral().unwrap().named("colibri-services", "colibri");
    let verifier =
        Verifier::builder(Arc::new(SystemClock)).trust(&issuer).trust_services(&services).build();
    let tokens = ServiceTokens::new(
        services,
        Arc::new(SystemClock),
        "labels",
        vec![EVERY_SCOPE.to_owned()],
        Duration::from_secs(300),
    );
    let addresses = BTreeMap::from([("echo".to_owned(), url.clone())]);
    let peers = Peers::new(&addresses, tokens, &section()).unwrap();
    let config = RpcConfig {
        deadline_default: Duration::from_secs(60),
        deadline_max: Duration::from_secs(120),
        streams_max: 10,
        reflection: Some(Bytes::from_static(tonic_health::pb::FILE_DESCRIPTOR_SET)),
    };
    let routes = Routes::new(Echo(Some(peers.to("echo", None))));
    let shutdown = Shutdown::new();
    let stop = shutdown.clone();
    shutdown.spawn("rpc", async move {
        serve(listener, routes, config, verifier, policy, stop).await.unwrap();
    });
    Bed { url, issuer, peers, shutdown }
}

async fn call<T>(service: T, method: &str, text: &str) -> Result<String, Status>
where
    T: tonic::client::GrpcService<Body>,
    T::ResponseBody: hyper::body::Body<Data = Bytes> + Send + 'static,
    <T::ResponseBody as hyper::body::Body>::Error: Into<crate::fault::BoxError> + Send,
{
    raw(service, method, text, &[]).await.map(tonic::Response::into_inner)
}

async fn raw<T>(
    service: T,
    method: &str,
    text: &str,
    headers: &[(&'static str, &str)],
) -> Result<tonic::Response<String>, Status>
where
    T: tonic::client::GrpcService<Body>,
    T::ResponseBody: hyper::body::Body<Data = Bytes> + Send + 'static,
    <T::ResponseBody as hyper::body::Body>::Error: Into<crate::fault::BoxError> + Send,
{
    let mut grpc = Grpc::new(service);
    let ready = grpc.ready().await;
    ready.map_err(|error| Status::from_error(error.into()))?;
    let path = format!("/test.Echo/{method}").parse().unwrap();
    let mut request = tonic::Request::new(text.to_owned());
    for (name, value) in headers {
        request.metadata_mut().insert(*name, value.parse().unwrap());
    }
    let codec = ProstCodec::<String, String>::default();
    grpc.unary(request, path, codec).await
}

impl Bed {
    fn plain(&self) -> tonic::transport::Channel {
        let url = self.url.clone();
        tonic::transport::Endpoint::from_shared(url).unwrap().connect_lazy()
    }

    fn token(&self, scopes: &[&str], tenant: Option<TenantId>) -> String {
        let request = MintRequest {
            subject: "cli_x".to_owned(),
            tenant,
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            ttl: Duration::from_secs(600),
            service: None,
        };
        format!("Bearer {}", self.issuer.mint(request).unwrap())
    }

    async fn error(&self, method: &str, headers: &[(&'static str, &str)]) -> RpcError {
        let result = raw(self.plain(), method, "", headers).await;
        RpcError::from_status(&result.unwrap_err())
    }
}

fn is(error: &RpcError, code: Code, reason: &str) {
    assert_eq!((error.code, error.reason.as_deref()), (code, Some(reason)), "{error}");
}

#[tokio::test]
async fn callers_are_let_in_by_token_scope_and_tenant() {
    let bed = bed().await;
    is(&bed.error("Who", &[]).await, Code::Unauthenticated, codes::TOKEN_MISSING);
    let other = bed.token(&["test.other"], None);
    let error = bed.error("Who", &[("authorization", &other)]).await;
    is(&error, Code::PermissionDenied, codes::SCOPE_MISSING);
    assert!(error.message.contains("test.call"), "{error}");
    let homeless = bed.token(&["test.call"], None);
    let error = bed.error("Tenant", &[("authorization", &homeless)]).await;
    is(&error, Code::PermissionDenied, codes::NO_TENANT);
    let tenant = TenantId::generate();
    let good = bed.token(&["test.call"], Some(tenant));
    let headers = [("authorization", good.as_str()), ("request-id", "req-12345678")];
    let answer = raw(bed.plain(), "Tenant", "", &headers).await.unwrap();
    assert_eq!(answer.metadata().get("request-id").unwrap(), "req-12345678");
    let text = answer.into_inner();
    assert!(text.contains("cli_x") && text.contains(&tenant.to_string()), "{text}");
    assert!(text.contains("req-12345678"), "{text}");
}

#[tokio::test]
async fn a_method_without_policy_is_refused_even_with_every_right() {
    let bed = bed().await;
    let all = bed.token(&["test.call", "*"], Some(TenantId::generate()));
    let headers = [("authorization", all.as_str())];
    is(&bed.error("Forgotten", &headers).await, Code::Unimplemented, codes::UNKNOWN_METHOD);
    let result = call(bed.peers.to("echo", None), "Forgotten", "").await;
    let error = RpcError::from_status(&result.unwrap_err());
    is(&error, Code::Unimplemented, codes::UNKNOWN_METHOD);
}

#[tokio::test]
async fn a_public_method_needs_nothing() {
    let bed = bed().await;
    let text = call(bed.plain(), "Public", "").await.unwrap();
    assert!(text.starts_with("None "), "{text}");
    let answer = raw(bed.plain(), "Public", "", &[("request-id", "bad id!")]).await;
    let answer = answer.unwrap();
    let id = answer.metadata().get("request-id").unwrap().to_str().unwrap();
    assert_eq!(id.len(), 26, "an id that is none is replaced");
}

#[tokio::test]
async fn the_deadline_of_the_caller_ends_a_call_that_hangs() {
    let bed = bed().await;
    // The header goes to the server as it is; the client itself waits longer.
    let error = bed.error("Hang", &[("grpc-timeout", "20m")]).await;
    assert!(
        error.reason.as_deref() == Some(codes::DEADLINE) || error.code == Code::Cancelled,
        "{error}"
    );
    let peer = bed.peers.to("echo", None).timeout(Duration::from_millis(20));
    let error = call(peer, "Hang", "").await.unwrap_err();
    is(&RpcError::from_status(&error), Code::DeadlineExceeded, codes::DEADLINE);
}

#[tokio::test]
async fn a_call_made_inside_a_call_gets_no_more_time_than_is_left() {
    let bed = bed().await;
    // A call between services has 5 s by default; here 3 s are left.
    let id = "chain-0001".to_owned();
    let text = within(id, Duration::from_secs(3), async {
        call(bed.peers.to("echo", None), "Who", "").await.unwrap()
    });
    let text = text.await;
    let left: u64 = text.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(left < 3 && text.contains("chain-0001"), "{text}");
    let done = within("r".to_owned(), Duration::ZERO, async {
        call(bed.peers.to("echo", None), "Who", "").await
    });
    let error = RpcError::from_status(&done.await.unwrap_err());
    is(&error, Code::DeadlineExceeded, codes::DEADLINE);
}

#[tokio::test]
async fn a_service_is_known_as_itself_and_names_its_tenant() {
    let bed = bed().await;
    let tenant = TenantId::generate();
    let text = call(bed.peers.to("echo", tenant), "Tenant", "").await.unwrap();
    let who = format!("Some((\"labels\", Some({tenant}), Some(\"labels\")))");
    assert!(text.starts_with(&who), "{text}");
    // Through a service: the inner call carries the outer one's id.
    let headers = [("request-id", "outer-call-1")];
    let text = raw(bed.plain(), "Chain", "", &headers).await.unwrap().into_inner();
    assert!(text.contains("outer-call-1") && text.contains("labels"), "{text}");
}

#[tokio::test]
async fn a_peer_nobody_configured_is_unavailable() {
    let bed = bed().await;
    assert!(matches!(bed.peers.channel("vault"), Err(PeersError::Unknown(_))));
    assert!(bed.peers.channel("echo").is_ok());
    let error = call(bed.peers.to("vault", None), "Who", "").await.unwrap_err();
    is(&RpcError::from_status(&error), Code::Unavailable, codes::UNAVAILABLE);
}

#[tokio::test]
async fn faults_come_out_with_their_codes_and_nothing_of_the_inside() {
    let bed = bed().await;
    is(&bed.error("Reject", &[]).await, Code::NotFound, "TST0001");
    for method in ["Bug", "Panic"] {
        let error = bed.error(method, &[("request-id", "req-12345678")]).await;
        is(&error, Code::Internal, codes::INTERNAL);
        assert_eq!(error.trace_id.as_deref(), Some("req-12345678"));
        assert!(!error.message.contains("secret") && !error.message.contains("purpose"));
    }
}

#[tokio::test]
async fn what_the_transport_refuses_has_a_public_code_too() {
    let bed = bed().await;
    let large = "x".repeat(2000);
    let error = call(bed.plain(), "Public", &large).await.unwrap_err();
    is(&RpcError::from_status(&error), Code::ResourceExhausted, codes::TOO_LARGE);
}

#[tokio::test]
async fn calls_are_counted_by_method_and_code() {
    let bed = bed().await;
    let error = bed.error("Unserved", &[]).await;
    is(&error, Code::Unauthenticated, codes::TOKEN_MISSING);
    let _ = bed.error("Invented/By/Somebody", &[]).await;
    assert!(bed.shutdown.drain(Duration::from_secs(60)).await.is_clean());
    let text = crate::telemetry::metrics::render();
    let line =
        "colibri_rpc_seconds_count{code=\"UNAUTHENTICATED\",method=\"/test.Echo/Unserved\"} 1";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("method=\"unknown\"") && !text.contains("Invented"));
}

#[tokio::test]
async fn health_answers_anybody() {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    let bed = bed().await;
    let mut client = HealthClient::new(bed.plain());
    let request = HealthCheckRequest { service: String::new() };
    let answer = client.check(request).await.unwrap().into_inner();
    assert_eq!(answer.status, 1, "serving");
}

#[tokio::test]
async fn reflection_lists_what_was_given() {
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let bed = bed().await;
    let mut client = ServerReflectionClient::new(bed.plain());
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let stream = tokio_stream::once(request);
    let mut answers = client.server_reflection_info(stream).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?}");
    };
    let names: Vec<_> = list.service.into_iter().map(|s| s.name).collect();
    assert!(names.contains(&"grpc.health.v1.Health".to_owned()), "{names:?}");
}
