//! Calls to the services behind, with messages as bytes: their shape is known at run time only.

use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use colibri_kit::rpc::Peer;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use tonic::{
    Request, Status, Streaming,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

use crate::{contract::Method, problem::Problem};

/// Largest answer, bytes: a label has at most 5 MiB, a page of 500 orders less.
const ANSWER_MAX: usize = 8 << 20;

/// Passes messages through.
#[derive(Debug, Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

fn client(peer: Peer, time: Duration) -> Grpc<Peer> {
    Grpc::new(peer.timeout(time)).max_decoding_message_size(ANSWER_MAX)
}

fn read(bytes: Bytes, of: &MessageDescriptor) -> Result<DynamicMessage, Problem> {
    DynamicMessage::decode(of.clone(), bytes).map_err(Problem::bug)
}

/// One message for one.
///
/// # Errors
/// What the service answered, or that it is away.
pub(crate) async fn unary(
    peer: Peer,
    method: &Method,
    message: &DynamicMessage,
    time: Duration,
) -> Result<DynamicMessage, Problem> {
    let mut grpc = client(peer, time);
    grpc.ready().await.map_err(|cause| Problem::of_status(&Status::from_error(cause)))?;
    let request = Request::new(Bytes::from(message.encode_to_vec()));
    let answer = grpc.unary(request, method.path.clone(), Raw).await;
    let answer = answer.map_err(|status| Problem::of_status(&status))?;
    read(answer.into_inner(), &method.output)
}

/// Messages as they come.
pub(crate) struct Messages {
    stream: Streaming<Bytes>,
    of: MessageDescriptor,
}

impl Messages {
    /// The next one; `None` at the end.
    ///
    /// # Errors
    /// What the service answered, or that it went away.
    pub(crate) async fn next(&mut self) -> Result<Option<DynamicMessage>, Problem> {
        let next = self.stream.message().await;
        let next = next.map_err(|status| Problem::of_status(&status))?;
        next.map(|bytes| read(bytes, &self.of)).transpose()
    }
}

/// One message for many.
///
/// # Errors
/// As [`unary`].
pub(crate) async fn streaming(
    peer: Peer,
    method: &Method,
    message: &DynamicMessage,
    time: Duration,
) -> Result<Messages, Problem> {
    let mut grpc = client(peer, time);
    grpc.ready().await.map_err(|cause| Problem::of_status(&Status::from_error(cause)))?;
    let request = Request::new(Bytes::from(message.encode_to_vec()));
    let answer = grpc.server_streaming(request, method.path.clone(), Raw).await;
    let answer = answer.map_err(|status| Problem::of_status(&status))?;
    Ok(Messages { stream: answer.into_inner(), of: method.output.clone() })
}
