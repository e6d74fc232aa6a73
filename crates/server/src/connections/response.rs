//! The body of a response, which is sent in chunks, so that little of it is buffered a second time, and within a time
//! limit.

use super::request::ActiveRequest;
use crate::limits::ResponsePermit;
use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// The size in bytes of the largest chunk. The next one is requested when the peer has received the previous one.
const CHUNK_BYTES: usize = 16 * 1024;

/// The body of a response. It holds the request's resources until the last chunk is passed on.
pub struct ResponseBody {
    body: Body,
    buffered: Bytes,
    /// The time by which the last chunk must have been received.
    deadline: Instant,
    guards: RequestGuards,
}

/// The resources that are released once the response was sent: the request with its permit, and the memory of a large
/// response.
pub type RequestGuards = (Arc<ActiveRequest>, Option<ResponsePermit>);

impl ResponseBody {
    /// Creates a body that the peer must receive within `time` from now. If its memory is revoked before, the
    /// connection is closed.
    pub fn new(body: Body, time: Duration, guards: RequestGuards) -> Self {
        if let (request, Some(permit)) = &guards {
            let connection = request.connection();
            permit.on_revoked(move || connection.close());
        }
        Self { body, buffered: Bytes::new(), deadline: Instant::now() + time, guards }
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if Instant::now() >= self.deadline {
            return Poll::Ready(Some(Err("the response was read too slowly".into())));
        }
        if self.buffered.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(frame) => frame?,
                None => return Poll::Ready(None),
            };
            match frame.into_data() {
                Ok(bytes) => self.buffered = bytes,
                Err(other) => return Poll::Ready(Some(Ok(other))),
            }
        }
        let chunk = self.buffered.len().min(CHUNK_BYTES);
        if let Some(permit) = &self.guards.1 {
            permit.record_received(chunk);
        }
        Poll::Ready(Some(Ok(Frame::data(self.buffered.split_to(chunk)))))
    }

    fn is_end_stream(&self) -> bool {
        self.buffered.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, buffered_bytes) = (self.body.size_hint(), self.buffered.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + buffered_bytes);
        }
        hint.set_lower(hint.lower() + buffered_bytes);
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::ConnectionState;
    use super::*;
    use futures_util::FutureExt;
    use http_body_util::BodyExt;

    fn response(text: &str, time: Duration) -> ResponseBody {
        let request = Arc::new(ActiveRequest::begin(ConnectionState::new(Instant::now()), false));
        ResponseBody::new(Body::from(text.to_owned()), time, (request, None))
    }

    #[test]
    fn a_large_response_is_sent_unchanged_in_small_chunks() {
        let text = "0123456789".repeat(10_000);
        let mut response = response(&text, Duration::from_secs(60));
        assert_eq!(response.size_hint().exact(), Some(100_000));
        let mut all = Vec::new();
        while let Some(frame) = response.frame().now_or_never().unwrap() {
            let chunk = frame.unwrap().into_data().unwrap();
            assert!(chunk.len() <= CHUNK_BYTES);
            all.extend(chunk);
            assert_eq!(response.size_hint().exact(), Some(100_000 - all.len() as u64));
        }
        assert!(all == text.as_bytes() && response.is_end_stream());
    }

    #[test]
    fn a_response_that_takes_too_long_ends_with_an_error() {
        let mut late = response("late", Duration::ZERO);
        assert!(late.frame().now_or_never().unwrap().unwrap().is_err());
    }
}
