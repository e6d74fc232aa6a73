//! A response on its way: sent in pieces, so that little of it is buffered a second time, and within a time
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

/// The size in bytes of the largest piece handed over at once. The next piece is requested when the peer has
/// taken the previous one.
const CHUNK_BYTES: usize = 16 * 1024;

/// The body of a response. It holds the request's resources until the last piece is handed over.
pub struct Answer {
    body: Body,
    rest: Bytes,
    /// The moment by which the last piece must have been taken.
    until: Instant,
    held: RequestGuards,
}

/// The resources that are released once the response was sent: its request's permit, and its share of the memory
/// if it is large.
pub type RequestGuards = (Arc<ActiveRequest>, Option<ResponsePermit>);

impl Answer {
    /// Creates a response that the peer must take within `time` from now. If it loses its memory before, the
    /// connection is cut.
    pub fn new(body: Body, time: Duration, held: RequestGuards) -> Self {
        if let (request, Some(permit)) = &held {
            let connection = request.connection();
            permit.on_cut(move || connection.cut());
        }
        Self { body, rest: Bytes::new(), until: Instant::now() + time, held }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if Instant::now() >= self.until {
            return Poll::Ready(Some(Err("the response was read too slowly".into())));
        }
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(frame) => frame?,
                None => return Poll::Ready(None),
            };
            match frame.into_data() {
                Ok(bytes) => self.rest = bytes,
                Err(other) => return Poll::Ready(Some(Ok(other))),
            }
        }
        let chunk = self.rest.len().min(CHUNK_BYTES);
        if let Some(permit) = &self.held.1 {
            permit.note_taken(chunk);
        }
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(chunk)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (mut hint, waiting) = (self.body.size_hint(), self.rest.len() as u64);
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + waiting);
        }
        hint.set_lower(hint.lower() + waiting);
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::ConnectionState;
    use super::*;
    use futures_util::FutureExt;
    use http_body_util::BodyExt;

    fn answer(text: &str, time: Duration) -> Answer {
        let request = Arc::new(ActiveRequest::begin(ConnectionState::new(Instant::now()), false));
        Answer::new(Body::from(text.to_owned()), time, (request, None))
    }

    #[test]
    fn a_large_answer_comes_in_small_pieces_and_as_it_was() {
        let text = "0123456789".repeat(10_000);
        let mut answer = answer(&text, Duration::from_secs(60));
        assert_eq!(answer.size_hint().exact(), Some(100_000));
        let mut all = Vec::new();
        while let Some(frame) = answer.frame().now_or_never().unwrap() {
            let chunk = frame.unwrap().into_data().unwrap();
            assert!(chunk.len() <= CHUNK_BYTES);
            all.extend(chunk);
            assert_eq!(answer.size_hint().exact(), Some(100_000 - all.len() as u64));
        }
        assert!(all == text.as_bytes() && answer.is_end_stream());
    }

    #[test]
    fn an_answer_that_takes_too_long_ends_with_an_error() {
        let mut late = answer("late", Duration::ZERO);
        assert!(late.frame().now_or_never().unwrap().unwrap().is_err());
    }
}
