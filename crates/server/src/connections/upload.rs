//! The body of a request that is being received. Until it is complete, its connection may be closed in favour of
//! others.

use super::request::ActiveRequest;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The body of a request in flight.
pub struct Upload {
    body: Incoming,
    request: Arc<ActiveRequest>,
}

impl Upload {
    /// Wraps the body of `request`.
    pub fn new(body: Incoming, request: Arc<ActiveRequest>) -> Self {
        Self { body, request }
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() || self.body.is_end_stream() {
            self.request.body_arrived();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
