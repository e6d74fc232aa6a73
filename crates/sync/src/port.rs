//! The inputs and effects of the engine.

use crate::lanes::{Lane, QueuedOp};
use crate::now::Now;
use crate::streams::{Fetch, Limits};
use crate::verify::Section;
use parlour_protocol::{
    Bootstrap, ConversationId, ErrorBody, Frame, Heads, History, OpId, Page, PulledStream,
    StreamId, UserId,
};

/// The stored state from which the engine starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The user of the mirror.
    pub user_id: UserId,
    /// The server's epoch; '' before the first contact.
    pub epoch: String,
    /// The watermark up to which heads are known.
    pub watermark: i64,
    /// The streams that are followed.
    pub streams: Vec<StartStream>,
    /// The ops of the outbox, in order.
    pub ops: Vec<QueuedOp>,
    /// The limits of the history that is fetched automatically.
    pub limits: Limits,
    /// The seed of the random numbers for jitter.
    pub seed: u64,
}

/// The state of a stored stream; the fields of the mirror's table `streams`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented in schema.sql")]
pub struct StartStream {
    pub stream: StreamId,
    pub term: i64,
    pub cursor: Option<i64>,
    pub head: i64,
    pub floor: i64,
    pub newest: i64,
    pub active_at: i64,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The driver is running, or the user has signed in again.
    Started,
    /// The socket received a frame. The first one, Hello, means that it is open.
    Frame(Frame),
    /// The socket was closed, or could not be opened; with [`ErrorCode::NoWebsocket`], because
    /// something on the way, such as a proxy, does not allow sockets.
    ///
    /// [`ErrorCode::NoWebsocket`]: parlour_protocol::ErrorCode::NoWebsocket
    Disconnected(ErrorBody),
    /// The server answered the [`Effect::Ping`] with this number.
    Pong(u64),
    /// The response to [`Effect::FetchHeads`], which sent this watermark.
    Heads(i64, Result<Heads, ErrorBody>),
    /// The response to [`Effect::Pull`], in the same order; the last ones may be missing.
    Pulled(Vec<Fetch>, Result<Vec<PulledStream>, ErrorBody>),
    /// The response to [`Effect::FetchHistory`].
    History(Fetch, Result<History, ErrorBody>),
    /// A new op of the user is in the outbox.
    Queued(QueuedOp),
    /// The user retried, edited, replaced or discarded an op: the ops of the lane as they are in
    /// the outbox now.
    LaneChanged(Lane, Vec<QueuedOp>),
    /// The response to [`Effect::Send`]; the rows of a completed op are in the mirror already.
    Sent(OpId, Result<(), ErrorBody>),
    /// The result of [`Effect::Verify`]: the section was compared, and repaired where it differed.
    /// For messages, the position down to which they were compared, or `None` if there are no more.
    Verified(Section, Result<Option<i64>, ErrorBody>),
    /// The user requested that everything be compared now.
    VerifyAll,
    /// The limits of the history changed.
    Limits(Limits),
    /// The user scrolled to the oldest stored message and needs older ones.
    Older(ConversationId),
    /// The conversation that is on the screen, if any.
    Watching(Option<ConversationId>),
    /// The machine woke up, the network is back, or the user requested it.
    CheckConnection,
    /// The time of [`Effect::WakeAt`] has come, and every earlier input was handled.
    Woke,
}

/// Something that the driver must do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open the socket.
    Connect,
    /// The existing connections are dead: close the socket, make every pending request fail, and
    /// open the socket on new connections.
    Reconnect,
    /// Send a ping with this number over the socket.
    Ping(u64),
    /// Request the heads since the watermark.
    FetchHeads {
        /// The watermark.
        watermark: i64,
    },
    /// Store heads and watermark, in one write.
    SaveHeads(Heads),
    /// Request the missing parts of these streams in one pull, in this epoch.
    Pull(Vec<Fetch>),
    /// Request older messages, in this epoch.
    FetchHistory(Fetch),
    /// Store rows and cursor, in one write.
    ApplyPage(Page),
    /// Store a conversation's bootstrap and its cursor, in one write.
    ApplyBootstrap(Bootstrap),
    /// Store older messages and the floor, in one write.
    ApplyHistory(History),
    /// Start this epoch: every cursor is invalid, and recently sent ops wait again. Then build a new engine
    /// from the stored state, which replaces this one ([`Engine::take_over`]).
    ///
    /// [`Engine::take_over`]: crate::Engine::take_over
    BeginEpoch(String),
    /// Reset this stream, so that it is fetched again.
    ResetStream(StreamId),
    /// Stop following this stream.
    DropStream(StreamId),
    /// Send this op.
    Send(OpId),
    /// Compare this part of the mirror with the server.
    Verify(Section),
    /// Store that the server refused this op, and the reason.
    Refuse(OpId, ErrorBody),
    /// Send [`Input::Woke`] at this time; replaces the previous one.
    WakeAt(Now),
    /// The state of the connection changed.
    ReportConnection(ConnectionStatus),
}

/// The state of the connection to the server, for the sync line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// A connection is being opened.
    Connecting,
    /// Connected.
    Online,
    /// Requests are answered but something blocks sockets: changes are requested every few seconds.
    Polling,
    /// The server does not respond; a retry follows automatically.
    Offline,
    /// The session has ended: the user is asked for the password.
    SignedOut,
    /// The session was ended remotely: nothing may be read on this device until the user has signed
    /// in again.
    Revoked {
        /// Whether the mirror must be deleted.
        wipe: bool,
    },
    /// This version is too old for the server.
    Outdated,
}
