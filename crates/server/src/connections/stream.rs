//! The byte stream of one connection. It records when bytes arrive, and fails if the peer receives nothing for too
//! long.

use super::registry::ConnectionGuard;
use super::state::ConnectionState;
use std::io::{self, ErrorKind, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_io_timeout::TimeoutWriter;

/// The rate limit for the bytes that a socket may send, and for how many seconds it accumulates. It applies to raw
/// bytes, so it also covers incomplete frames.
const SOCKET_BYTES_PER_SECOND: f64 = 128.0 * 1024.0;
const SOCKET_BURST_SECONDS: f64 = 8.0;
/// How long, and for how many bytes, the rest of a request is read and discarded after the last response.
/// If the server closed a connection with unread bytes, the system would reset it, and the peer might lose
/// the response.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;

/// A connection's byte stream. The connection counts as open while this exists.
pub struct MeteredStream {
    stream: Pin<Box<TimeoutWriter<TcpStream>>>,
    connection: Arc<ConnectionState>,
    /// The number of bytes that a socket may still send, and when that was computed.
    budget: (f64, Instant),
    /// While lingering: the end of it, and the number of bytes discarded so far.
    lingering: Option<(Pin<Box<Sleep>>, usize)>,
    _guard: ConnectionGuard,
}

impl MeteredStream {
    pub fn new(
        stream: TcpStream,
        stalled: Duration,
        connection: Arc<ConnectionState>,
        guard: ConnectionGuard,
    ) -> Self {
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(stalled));
        let budget = (SOCKET_BYTES_PER_SECOND * SOCKET_BURST_SECONDS, Instant::now());
        Self { stream: Box::pin(stream), connection, budget, lingering: None, _guard: guard }
    }

    /// Waits for the first byte and returns it without consuming it, or `None` if the connection ends
    /// before.
    pub async fn first_byte(&self) -> Option<u8> {
        let mut first = [0];
        (self.stream.get_ref().peek(&mut first).await.ok()? == 1).then_some(first[0])
    }

    /// Counts bytes that a socket sent. Fails if they exceed the rate limit.
    fn count(&mut self, bytes: usize) -> io::Result<()> {
        let (remaining, at) = self.budget;
        let now = Instant::now();
        let remaining = remaining + (now - at).as_secs_f64() * SOCKET_BYTES_PER_SECOND;
        let remaining =
            remaining.min(SOCKET_BYTES_PER_SECOND * SOCKET_BURST_SECONDS) - bytes as f64;
        self.budget = (remaining, now);
        if remaining < 0.0 { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl AsyncRead for MeteredStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = self.stream.as_mut().poll_read(cx, buf);
        let bytes = buf.filled().len() - before;
        if bytes > 0 {
            if self.connection.is_socket() {
                self.count(bytes)?;
            } else {
                self.connection.bytes_received();
            }
        }
        read
    }
}

impl AsyncWrite for MeteredStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(self.stream.as_mut().poll_shutdown(cx))?;
            self.lingering = Some((Box::pin(sleep(LINGER)), 0));
        }
        let Self { stream, lingering: Some((timer, received)), .. } = &mut *self else {
            return Poll::Ready(Ok(()));
        };
        let mut discarded = [MaybeUninit::uninit(); 4096];
        while *received < LINGER_BYTES {
            let mut discarded = ReadBuf::uninit(&mut discarded);
            match stream.as_mut().poll_read(cx, &mut discarded) {
                Poll::Ready(Ok(())) if !discarded.filled().is_empty() => {
                    *received += discarded.filled().len()
                }
                Poll::Ready(_) => break,
                Poll::Pending if timer.as_mut().poll(cx).is_ready() => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}
