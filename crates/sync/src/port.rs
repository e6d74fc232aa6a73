//! What the engine is told, and what it asks for.

use crate::lanes::{Lane, QueuedOp};
use crate::now::Now;
use crate::streams::{Fetch, Limits};
use crate::verify::Place;
use parlour_protocol::{
    Bootstrap, ConversationId, ErrorBody, Frame, Heads, History, OpId, Page, PulledStream,
    StreamId, UserId,
};

/// What the engine begins with: what is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Whose mirror it is.
    pub user_id: UserId,
    /// '' before the first contact.
    pub epoch: String,
    /// Up to which heads are known.
    pub wm: i64,
    /// The streams that are followed.
    pub streams: Vec<StartStream>,
    /// What is in the outbox, in order.
    pub ops: Vec<QueuedOp>,
    /// How much history is kept.
    pub limits: Limits,
    /// For jitter.
    pub seed: u64,
}

/// Where a stored stream stands; the fields of the mirror's `streams`.
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

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The driver runs; or the user is signed in again.
    Started,
    /// The socket said something. Its first frame, Hello, means that it stands.
    Frame(Frame),
    /// The socket is gone, or did not come to stand; with [`ErrorCode::NoUpgrade`] because nothing lets
    /// it pass.
    ///
    /// [`ErrorCode::NoUpgrade`]: parlour_protocol::ErrorCode::NoUpgrade
    Disconnected(ErrorBody),
    /// The server answered the [`Effect::Ping`] with this number.
    Pong(u64),
    /// The answer to [`Effect::FetchHeads`], which asked since this watermark.
    Heads(i64, Result<Heads, ErrorBody>),
    /// The answer to [`Effect::Pull`], in the same order; the last ones may be left out.
    Pulled(Vec<Fetch>, Result<Vec<PulledStream>, ErrorBody>),
    /// The answer to [`Effect::FetchHistory`].
    History(Fetch, Result<History, ErrorBody>),
    /// The user did something; it is in the outbox.
    Queued(QueuedOp),
    /// The user retried, edited, replaced or discarded something: the lane as the outbox has it now.
    Reloaded(Lane, Vec<QueuedOp>),
    /// The answer to [`Effect::Send`]; what was done is in the mirror.
    Sent(OpId, Result<(), ErrorBody>),
    /// The answer to [`Effect::Verify`]: the place was compared, and mended where it differed; of messages, how
    /// far down, and nothing if there are no more of them.
    Verified(Place, Result<Option<i64>, ErrorBody>),
    /// The user wants everything to be compared now.
    VerifyAll,
    /// How much history is kept, from here on.
    Limits(Limits),
    /// The user has come to the oldest message that is here, and wants more.
    Older(ConversationId),
    /// What the user looks at.
    Watching(Option<ConversationId>),
    /// The machine woke up, the network is back, or the user asked for it.
    Hurry,
    /// The time of [`Effect::WakeAt`] has come, and every input that came before it was handled.
    Woke,
}

/// What to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open the socket.
    Connect,
    /// What stands is dead: let go of the socket and of every request that waits, which then is not
    /// answered, and open the socket on connections of its own.
    ConnectAnew,
    /// Ask over the socket for an answer with this number.
    Ping(u64),
    /// Ask for the heads since the watermark.
    FetchHeads {
        /// The watermark.
        wm: i64,
    },
    /// Store heads and watermark, in one write.
    SaveHeads(Heads),
    /// Ask in one request what these streams lack, in this epoch.
    Pull(Vec<Fetch>),
    /// Ask for older messages, in this epoch.
    FetchHistory(Fetch),
    /// Store rows and cursor, in one write.
    ApplyPage(Page),
    /// Store a conversation's beginning and its cursor, in one write.
    ApplyBootstrap(Bootstrap),
    /// Store older messages and the floor, in one write.
    ApplyHistory(History),
    /// Begin this epoch: every cursor is void, and what was sent lately waits again. Then build a
    /// new engine from what is stored, which takes over ([`Engine::take_over`]).
    ///
    /// [`Engine::take_over`]: crate::Engine::take_over
    BeginEpoch(String),
    /// Begin this stream anew.
    ResetStream(StreamId),
    /// Follow this stream no more.
    DropStream(StreamId),
    /// Send this op.
    Send(OpId),
    /// Compare this part of the mirror with the server.
    Verify(Place),
    /// Note that the server refused this op, and why.
    Refuse(OpId, ErrorBody),
    /// Come back at this time; replaces the one before.
    WakeAt(Now),
    /// The connection changed.
    Connection(Connection),
}

/// How it stands with the server, for the sync line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Trying.
    Connecting,
    /// Connected.
    Online,
    /// Requests are answered and no socket passes: changes are asked for every few seconds.
    Polling,
    /// No answer; it is tried again by itself.
    Offline,
    /// The session has ended: the password is asked for.
    SignedOut,
    /// Somebody ended the session: nothing here is to be read before its user has signed in again.
    Revoked {
        /// Whether the mirror is to be deleted.
        wipe: bool,
    },
    /// This version is too old for the server.
    Outdated,
}
