//! One connection's bytes: what comes is noted, and a peer that takes nothing is cut.

use super::registry::Slot;
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

/// Bytes a second that a socket may say, and how many seconds' worth at once. Below its frames this
/// also counts what makes up no frame.
const SAID_BYTES: f64 = 128.0 * 1024.0;
const SAID_BURST: f64 = 8.0;
/// How long, and of how many bytes, a peer may go on with its request after its answer was its last:
/// where what it says is not read, the system takes the answer back.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;

/// A connection's bytes. It counts as open for as long as this lives.
pub struct Watched {
    stream: Pin<Box<TimeoutWriter<TcpStream>>>,
    connection: Arc<ConnectionState>,
    /// What a socket may still say, in bytes, and when that was so.
    allowance: (f64, Instant),
    /// Until when it lingers, and what came meanwhile.
    lingering: Option<(Pin<Box<Sleep>>, usize)>,
    _slot: Slot,
}

impl Watched {
    pub fn new(
        stream: TcpStream,
        stalled: Duration,
        connection: Arc<ConnectionState>,
        slot: Slot,
    ) -> Self {
        let mut stream = TimeoutWriter::new(stream);
        stream.set_timeout(Some(stalled));
        let allowance = (SAID_BYTES * SAID_BURST, Instant::now());
        Self { stream: Box::pin(stream), connection, allowance, lingering: None, _slot: slot }
    }

    /// The first byte that comes, which stays to be read; nothing if none does.
    pub async fn first_byte(&self) -> Option<u8> {
        let mut first = [0];
        (self.stream.get_ref().peek(&mut first).await.ok()? == 1).then_some(first[0])
    }

    /// Counts what a socket said.
    fn count(&mut self, bytes: usize) -> io::Result<()> {
        let (left, at) = self.allowance;
        let now = Instant::now();
        let left = left + (now - at).as_secs_f64() * SAID_BYTES;
        let left = left.min(SAID_BYTES * SAID_BURST) - bytes as f64;
        self.allowance = (left, now);
        if left < 0.0 { Err(ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Watched {
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
                self.connection.hear();
            }
        }
        read
    }
}

impl AsyncWrite for Watched {
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
        let Self { stream, lingering: Some((over, said)), .. } = &mut *self else {
            return Poll::Ready(Ok(()));
        };
        let mut scrap = [MaybeUninit::uninit(); 4096];
        while *said < LINGER_BYTES {
            let mut scrap = ReadBuf::uninit(&mut scrap);
            match stream.as_mut().poll_read(cx, &mut scrap) {
                Poll::Ready(Ok(())) if !scrap.filled().is_empty() => *said += scrap.filled().len(),
                Poll::Ready(_) => break,
                Poll::Pending if over.as_mut().poll(cx).is_ready() => break,
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }
}
