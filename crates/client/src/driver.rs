//! Performs what the sync engine decides: thin, because everything worth testing is in the engine.

use crate::credentials::Credentials;
use crate::http::Http;
use crate::notice::{Notice, Notices};
use crate::{Result, socket, status::ConnectionState};
use parlour_protocol::{Action, ErrorBody, ErrorCode, Frame, OpId};
use parlour_store::{Changes, OpState, OpenOp, Store};
use parlour_sync::{
    Effect, Engine, Fetch, FetchKind, Input, Lane, LaneKind, QueuedOp, Start, StartStream,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{
    Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel,
};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// How long the files are left alone after they failed.
const STORAGE_PAUSE: Duration = Duration::from_secs(5);

/// What the driver tells the rest of the client.
#[derive(Debug, Default)]
pub struct Shared {
    state: Mutex<(Option<ConnectionState>, Option<ErrorCode>)>,
}

impl Shared {
    /// How it stands with the server.
    pub fn connection(&self) -> ConnectionState {
        self.lock().0.unwrap_or(ConnectionState::Connecting)
    }

    /// Why the files take nothing more.
    pub fn trouble(&self) -> Option<ErrorCode> {
        self.lock().1
    }

    pub fn set_connection(&self, connection: ConnectionState) {
        self.lock().0 = Some(connection);
    }

    fn set_trouble(&self, trouble: Option<ErrorCode>) {
        self.lock().1 = trouble;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Option<ConnectionState>, Option<ErrorCode>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the rest of the client says what happened.
pub type Inputs = UnboundedSender<Input>;

/// What a driver works with.
#[derive(Clone)]
pub struct Parts {
    pub store: Arc<Store>,
    pub http: Http,
    pub server: String,
    pub credentials: Credentials,
    pub notices: Notices,
    pub shared: Arc<Shared>,
}

/// Frames that wait to be taken; the next is not read off the network before.
const FRAMES: usize = 64;

struct Driver {
    parts: Parts,
    engine: Engine,
    inputs: Inputs,
    frames: Sender<Input>,
    tasks: JoinSet<()>,
    socket: Option<AbortHandle>,
    began: Instant,
    wake_at: Option<Instant>,
}

/// Starts a driver; it ends when the returned task is aborted or every sender is gone.
pub fn start(parts: Parts) -> Result<(Inputs, AbortHandle)> {
    let (inputs, received) = unbounded_channel();
    let (frames, framed) = channel(FRAMES);
    let driver = Driver {
        engine: engine(&parts.store)?,
        parts,
        inputs: inputs.clone(),
        frames,
        tasks: JoinSet::new(),
        socket: None,
        began: Instant::now(),
        wake_at: None,
    };
    let task = tokio::spawn(driver.run(received, framed));
    Ok((inputs, task.abort_handle()))
}

/// An engine over what is stored.
fn engine(store: &Store) -> Result<Engine> {
    let state = store.sync_state()?;
    let streams = state.streams.into_iter().map(|stream| StartStream {
        stream: stream.stream,
        term: stream.term,
        cursor: stream.cursor,
        head: stream.head,
        floor: stream.floor,
        active_at: stream.active_at,
    });
    Ok(Engine::new(Start {
        user_id: state.user_id,
        epoch: state.epoch,
        wm: state.wm,
        streams: streams.collect(),
        ops: state.ops.iter().map(queued).collect(),
        seed: rand::random(),
    }))
}

/// An op as the engine lines it up.
pub fn queued(open: &OpenOp) -> QueuedOp {
    let kind = match open.op.action {
        Action::Read { .. } => LaneKind::Read,
        _ => LaneKind::Deeds,
    };
    let lane = Lane { conversation: open.op.conversation_id, kind };
    QueuedOp { id: open.op.id, lane, refused: open.state == OpState::Refused }
}

impl Driver {
    async fn run(mut self, mut received: UnboundedReceiver<Input>, mut framed: Receiver<Input>) {
        self.step(Input::Started).await;
        loop {
            let wake = self.wake_at;
            let woken = async move {
                match wake {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                input = received.recv() => match input {
                    Some(input) => self.step(input).await,
                    None => return,
                },
                Some(frame) = framed.recv() => self.step(frame).await,
                () = woken => {
                    self.wake_at = None;
                    self.step(Input::Woke).await;
                }
                Some(_) = self.tasks.join_next() => {}
            }
        }
    }

    fn now(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    async fn step(&mut self, input: Input) {
        let mut todo = self.engine.handle(input, self.now());
        loop {
            match self.perform(std::mem::take(&mut todo)) {
                Ok(None) => break,
                // A new engine has taken over; its effects come next.
                Ok(Some(effects)) => todo = effects,
                Err(error) => {
                    tracing::error!(%error, "the account's files failed; trying again");
                    self.trouble(Some(error.code()));
                    tokio::time::sleep(STORAGE_PAUSE).await;
                    match self.restart() {
                        Ok(effects) => todo = effects,
                        Err(error) => tracing::error!(%error, "the account's files still fail"),
                    }
                }
            }
        }
    }

    fn trouble(&self, trouble: Option<ErrorCode>) {
        if self.parts.shared.trouble() != trouble {
            self.parts.shared.set_trouble(trouble);
            self.parts.notices.tell(Notice::Status);
        }
    }

    /// Begins again from what is stored.
    fn restart(&mut self) -> Result<Vec<Effect>> {
        self.engine = engine(&self.parts.store)?;
        self.trouble(None);
        self.tasks.abort_all();
        Ok(self.engine.handle(Input::Started, self.now()))
    }

    /// Does what the engine decided, in order. Answers effects if a new engine took over.
    fn perform(&mut self, effects: Vec<Effect>) -> Result<Option<Vec<Effect>>> {
        let mut changes = Changes::default();
        let store = self.parts.store.clone();
        let mut status = false;
        for effect in effects {
            match effect {
                Effect::Connect => self.connect(),
                Effect::FetchHeads { wm } => self.fetch_heads(wm),
                Effect::Fetch(fetch) => self.fetch(fetch),
                Effect::Send(id) => self.send(id),
                Effect::WakeAt(at) => {
                    let at = u64::try_from(at).unwrap_or(0);
                    self.wake_at = Some(self.began + Duration::from_millis(at));
                }
                Effect::Connection(connection) => {
                    self.parts.shared.set_connection(connection.into());
                    status = true;
                }
                Effect::SaveHeads(heads) => blocking(|| store.mirror.save_heads(&heads))?,
                Effect::ApplyPage(page) => {
                    changes.merge(blocking(|| store.mirror.apply_page(&page))?);
                }
                Effect::ApplyBootstrap(bootstrap) => {
                    changes.merge(blocking(|| store.mirror.apply_bootstrap(&bootstrap))?);
                }
                Effect::ApplyHistory(history) => {
                    changes.merge(blocking(|| store.mirror.apply_history(&history))?);
                }
                Effect::ResetStream(id) => blocking(|| store.mirror.reset_stream(id))?,
                Effect::DropStream(id) => blocking(|| store.mirror.drop_stream(id))?,
                Effect::Refuse(id, error) => {
                    if let Some(open) = store.open_op(id)? {
                        changes.merge(store.refuse(&open.op, error.code, &error.message)?);
                    }
                }
                Effect::BeginEpoch(epoch) => {
                    changes.merge(blocking(|| store.begin_epoch(&epoch))?);
                    self.parts.notices.changed(changes);
                    self.engine = engine(&store)?;
                    let hello = Frame::Hello { epoch, heartbeat_ms: 0 };
                    return Ok(Some(self.engine.handle(Input::Frame(hello), self.now())));
                }
            }
        }
        self.parts.notices.changed(changes);
        if status {
            self.parts.notices.tell(Notice::Status);
        }
        Ok(None)
    }

    fn connect(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.abort();
        }
        let (inputs, server) = (self.inputs.clone(), self.parts.server.clone());
        let Some(token) = self.parts.credentials.token() else {
            let message = "Sign in again.".into();
            let error = ErrorBody { code: ErrorCode::Token, message, retry_after_ms: None };
            return say(&inputs, Input::Disconnected(error));
        };
        let frames = self.frames.clone();
        self.socket = Some(self.tasks.spawn(async move {
            // The driver may have ended; its tasks end with it.
            let take = |frame| {
                let frames = frames.clone();
                async move { drop(frames.send(Input::Frame(frame)).await) }
            };
            let ended = socket::run(&server, &token, take).await;
            let _ = frames.send(Input::Disconnected(ended)).await;
        }));
    }

    fn fetch_heads(&mut self, wm: i64) {
        let (http, inputs) = (self.parts.http.clone(), self.inputs.clone());
        self.tasks.spawn(async move { say(&inputs, Input::Heads(http.heads(wm).await)) });
    }

    fn fetch(&mut self, fetch: Fetch) {
        let (http, inputs) = (self.parts.http.clone(), self.inputs.clone());
        let epoch = self.engine.epoch().to_owned();
        self.tasks.spawn(async move {
            let input = match fetch.kind {
                FetchKind::Changes { .. } => Input::Page(fetch, http.changes(&fetch, &epoch).await),
                FetchKind::Bootstrap => Input::Bootstrap(fetch, http.bootstrap(&fetch).await),
                FetchKind::History { .. } => {
                    Input::History(fetch, http.history(&fetch, &epoch).await)
                }
            };
            say(&inputs, input);
        });
    }

    fn send(&mut self, id: OpId) {
        let (parts, inputs) = (self.parts.clone(), self.inputs.clone());
        self.tasks.spawn(async move {
            let answer = send(&parts, id).await;
            say(&inputs, Input::Sent(id, answer));
        });
    }
}

/// Sends an op and keeps what came of it: first in the mirror, then in the outbox.
async fn send(parts: &Parts, id: OpId) -> std::result::Result<(), ErrorBody> {
    let stored = |error: parlour_store::Error| ErrorBody {
        code: error.code(),
        message: "A file of the account failed.".into(),
        retry_after_ms: None,
    };
    // Marked first and read second: what is read then cannot be rewritten or dropped any more.
    blocking(|| parts.store.mark_tried(id)).map_err(stored)?;
    // One that was dropped before is done with.
    let Some(open) = blocking(|| parts.store.open_op(id)).map_err(stored)? else { return Ok(()) };
    let done = parts.http.send(&open.op).await?;
    let mut changes = blocking(|| parts.store.mirror.apply_done(&done)).map_err(stored)?;
    changes.merge(blocking(|| parts.store.confirm(&open.op)).map_err(stored)?);
    parts.notices.changed(changes);
    Ok(())
}

/// Runs a write off the async scheduler, on the same thread.
fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

fn say(inputs: &Inputs, input: Input) {
    // The driver may have ended.
    let _ = inputs.send(input);
}
