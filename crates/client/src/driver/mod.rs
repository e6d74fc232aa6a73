//! Performs what the sync engine decides: thin, because everything worth testing is in the engine.

use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::http::Http;
use crate::notice::{Notice, Notices};
use crate::socket::{Heard, Said};
use crate::waking::{self, Waking};
use crate::{Result, audience, deeds, perform, socket, status::ConnectionState, verify};
use parlour_protocol::{Action, ClientFrame, ErrorBody, ErrorCode, Frame, OpId};
use parlour_store::{Changes, Store};
use parlour_sync::{Connection, Effect, Engine, Fetch, Input, Place};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc::{
    Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel,
};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

/// How long the files are left alone after they failed.
const STORAGE_PAUSE: Duration = Duration::from_secs(5);

/// How often the outbox is copied, and what is long done forgotten.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// What the driver tells the rest of the client.
#[derive(Debug, Default)]
pub struct Shared {
    state: Mutex<State>,
    /// To the server, while the socket is open.
    says: Mutex<Option<UnboundedSender<Said>>>,
}

/// How it stands with the server and the files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct State {
    /// Nothing before the first try.
    pub connection: Option<ConnectionState>,
    /// Why the socket, or the last question, came to nothing.
    pub reason: Option<String>,
    /// Why the files take nothing more.
    pub trouble: Option<ErrorCode>,
    /// See [`Engine::resets`].
    pub resets: u64,
    /// See [`Engine::stuck`].
    pub stuck: usize,
    /// See [`Engine::is_comparing`].
    pub is_comparing: bool,
}

impl Shared {
    /// As it is now.
    pub fn state(&self) -> State {
        self.lock().clone()
    }

    /// How it stands with the server.
    pub fn connection(&self) -> ConnectionState {
        self.lock().connection.unwrap_or(ConnectionState::Connecting)
    }

    pub fn set_connection(&self, connection: ConnectionState) {
        self.lock().connection = Some(connection);
    }

    /// Changes it; answers whether that made a difference.
    fn change(&self, change: impl FnOnce(&mut State)) -> bool {
        let mut state = self.lock();
        let before = state.clone();
        change(&mut state);
        *state != before
    }

    /// Says something that is of use now or never.
    pub fn tell_server(&self, frame: ClientFrame) {
        self.say(Said::Frame(frame));
    }

    fn say(&self, said: Said) {
        if let Some(says) = &*self.says.lock().unwrap_or_else(PoisonError::into_inner) {
            // The socket may just have ended.
            let _ = says.send(said);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the rest of the client says what happened, to whichever driver runs: who did something
/// before a new one began may say it after.
#[derive(Clone)]
pub struct Inputs(Arc<Mutex<UnboundedSender<Input>>>);

impl Inputs {
    /// A place, and where what is said comes out.
    pub fn new() -> (Self, UnboundedReceiver<Input>) {
        let (sender, said) = unbounded_channel();
        (Self(Arc::new(Mutex::new(sender))), said)
    }

    /// Says it. Nobody listens while no driver runs; the next one begins from the files.
    pub fn say(&self, input: Input) {
        let _ = self.sender().send(input);
    }

    /// Whether nobody listens.
    pub fn is_closed(&self) -> bool {
        self.sender().is_closed()
    }

    /// Begins anew: what is said comes out here.
    fn renew(&self) -> UnboundedReceiver<Input> {
        let (sender, said) = unbounded_channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = sender;
        said
    }

    fn sender(&self) -> UnboundedSender<Input> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a driver works with.
#[derive(Clone)]
pub struct Parts {
    pub store: Arc<Store>,
    pub http: Http,
    pub server: String,
    pub credentials: Credentials,
    pub notices: Notices,
    pub shared: Arc<Shared>,
    pub clock: Arc<dyn Clock>,
    pub inputs: Inputs,
}

/// Frames that wait to be taken; the next is not read off the network before.
const FRAMES: usize = 64;

struct Driver {
    parts: Parts,
    engine: Engine,
    inputs: UnboundedSender<Input>,
    frames: Sender<Input>,
    tasks: JoinSet<()>,
    socket: Option<AbortHandle>,
    began: Instant,
    wake_at: Option<Instant>,
    /// See [`Store::mirror_begun`].
    begun: u64,
    revoked: Option<Revoked>,
}

/// Somebody ended the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// Whether the mirror is to be deleted.
    pub wipe: bool,
}

/// Starts a driver; it ends when the returned task is aborted, or with the session.
pub fn start(parts: Parts) -> Result<JoinHandle<Option<Revoked>>> {
    // First it listens, then it reads the files: what is done in between is in one of them, or both.
    let received = parts.inputs.renew();
    let (frames, framed) = channel(FRAMES);
    let begun = parts.store.mirror_begun();
    let driver = Driver {
        engine: perform::engine(&parts.store, rand::random())?,
        inputs: parts.inputs.sender(),
        parts,
        frames,
        tasks: JoinSet::new(),
        socket: None,
        began: Instant::now(),
        wake_at: None,
        begun,
        revoked: None,
    };
    Ok(tokio::spawn(driver.run(received, framed)))
}

impl Driver {
    async fn run(
        mut self,
        mut received: UnboundedReceiver<Input>,
        mut framed: Receiver<Input>,
    ) -> Option<Revoked> {
        self.step(Input::Started).await;
        let parts = self.parts.clone();
        self.tasks.spawn(async move { verify::renew_index(&parts) });
        let mut days = tokio::time::interval(DAY);
        let mut looks = tokio::time::interval(waking::EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut waking = Waking::new(self.parts.clock.now(), waking::place());
        while self.revoked.is_none() {
            let wake = self.wake_at;
            let woken = async move {
                match wake {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            // In this order, so that what was heard in time counts before the time that it had is over.
            tokio::select! {
                biased;
                input = received.recv() => match input {
                    Some(input) => self.step(input).await,
                    None => break,
                },
                Some(frame) = framed.recv() => self.step(frame).await,
                () = woken => {
                    self.wake_at = None;
                    self.step(Input::Woke).await;
                }
                Some(_) = self.tasks.join_next() => {}
                _ = looks.tick() => {
                    if waking.look(self.parts.clock.now(), waking::place()) {
                        self.step(Input::Hurry).await;
                    }
                }
                _ = days.tick() => self.tidy(),
            }
        }
        self.revoked
    }

    fn tidy(&self) {
        if let Err(error) = blocking(|| self.parts.store.tidy(self.parts.clock.now())) {
            tracing::error!(%error, "the outbox could not be copied");
        }
    }

    fn now(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    async fn step(&mut self, input: Input) {
        let reason = reason(&input);
        let store = self.parts.store.clone();
        let mut done = if self.begun == store.mirror_begun() {
            perform::fresh(&store, input).map(|input| self.engine.handle(input, self.now()))
        } else {
            // Somebody met damage: the mirror is empty, and what the engine knows of it is void.
            self.restart()
        };
        if let Some(reason) = reason {
            self.note_reason(reason);
        }
        loop {
            match done.and_then(|todo| self.perform(&todo)) {
                Ok(None) => return self.tell(),
                // A new engine has taken over; its effects come next.
                Ok(Some(effects)) => done = Ok(effects),
                Err(error) => {
                    tracing::error!(%error, "the account's files failed; trying again");
                    self.trouble(Some(error.code()));
                    tokio::time::sleep(STORAGE_PAUSE).await;
                    done = self.restart();
                }
            }
        }
    }

    /// Notes why there is no connection, or no socket; told with the connection that comes of it. While changes
    /// are asked for, that no socket passes stays the reason, whatever else fails meanwhile.
    fn note_reason(&self, error: Option<ErrorBody>) {
        let connection = self.engine.connection();
        if error.as_ref().is_none_or(|error| explains(error, connection)) {
            self.parts.shared.change(|state| state.reason = error.map(|error| error.message));
        }
    }

    /// Tells what came of a step.
    fn tell(&self) {
        let (resets, is_comparing) = (self.engine.resets(), self.engine.is_comparing());
        let stuck = self.engine.stuck();
        let tell = |state: &mut State| {
            (state.resets, state.is_comparing, state.stuck) = (resets, is_comparing, stuck);
        };
        if self.parts.shared.change(tell) {
            self.parts.notices.tell(Notice::Status);
        }
    }

    fn trouble(&self, trouble: Option<ErrorCode>) {
        if self.parts.shared.change(|state| state.trouble = trouble) {
            self.parts.notices.tell(Notice::Status);
        }
    }

    /// Begins again from what is stored.
    fn restart(&mut self) -> Result<Vec<Effect>> {
        let begun = self.parts.store.mirror_begun();
        self.engine = perform::engine(&self.parts.store, rand::random())?;
        self.begun = begun;
        self.trouble(None);
        self.tasks.abort_all();
        Ok(self.engine.handle(Input::Started, self.now()))
    }

    /// Does what the engine decided, in order. Answers effects if a new engine took over.
    fn perform(&mut self, effects: &[Effect]) -> Result<Option<Vec<Effect>>> {
        let mut changes = Changes::default();
        let store = self.parts.store.clone();
        let mut status = false;
        // What is about the files alone and stands side by side goes into one transaction.
        for effects in effects.chunk_by(|a, b| perform::is_of_files(a) && perform::is_of_files(b)) {
            match effects {
                [Effect::Connect] => self.connect(),
                [Effect::ConnectAnew] => {
                    self.parts.http.give_up();
                    self.connect();
                }
                [Effect::Ping(number)] => self.parts.shared.say(Said::Ping(*number)),
                [Effect::FetchHeads { wm }] => self.fetch_heads(*wm, blocking(|| store.proof())?),
                [Effect::Pull(asked)] => self.pull(asked.clone()),
                [Effect::FetchHistory(fetch)] => self.fetch_history(*fetch),
                [Effect::Send(id)] => self.send(*id),
                [Effect::Verify(place)] => self.verify(*place),
                [Effect::WakeAt(at)] => {
                    let at = u64::try_from(*at).unwrap_or(0);
                    self.wake_at = Some(self.began + Duration::from_millis(at));
                }
                [Effect::Connection(connection)] => {
                    self.parts.shared.set_connection((*connection).into());
                    status = true;
                    match connection {
                        Connection::Online | Connection::Polling => share_drafts(&self.parts),
                        // The next try finds the proxy that there is then.
                        Connection::Offline => self.parts.http.forget_connections(),
                        Connection::Revoked { wipe } => {
                            self.revoked = Some(Revoked { wipe: *wipe });
                        }
                        _ => {}
                    }
                }
                [Effect::BeginEpoch(epoch)] => {
                    changes.merge(blocking(|| store.begin_epoch(epoch))?);
                    self.parts.notices.changed(changes);
                    let next = perform::engine(&store, rand::random())?;
                    let before = std::mem::replace(&mut self.engine, next);
                    return Ok(Some(self.engine.take_over(&before, self.now())));
                }
                of_files => changes.merge(blocking(|| perform::store(&store, of_files))?),
            }
        }
        if effects.iter().any(perform::lets_one_in) {
            share_drafts(&self.parts);
        }
        if effects.iter().any(|effect| matches!(effect, Effect::ApplyHistory(_))) {
            say(&self.inputs, Input::Limits(blocking(|| perform::limits(&store))?));
        }
        perform::reloads(&changes).for_each(|input| say(&self.inputs, input));
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
        let (inputs, http) = (self.inputs.clone(), self.parts.http.clone());
        let Some(token) = self.parts.credentials.token() else {
            let message = "Sign in again.".into();
            let error = ErrorBody { code: ErrorCode::Token, message, retry_after_ms: None };
            return say(&inputs, Input::Disconnected(error));
        };
        let (frames, notices) = (self.frames.clone(), self.parts.notices.clone());
        let (says, said) = unbounded_channel();
        *self.parts.shared.says.lock().unwrap_or_else(PoisonError::into_inner) = Some(says);
        self.socket = Some(self.tasks.spawn(async move {
            // The driver may have ended; its tasks end with it.
            let take = |heard| {
                let (frames, notices, inputs) = (frames.clone(), notices.clone(), inputs.clone());
                async move {
                    match heard {
                        Heard::Frame(Frame::Typing { conversation_id, user_id }) => {
                            notices.tell(Notice::Typing(conversation_id, user_id));
                        }
                        Heard::Frame(frame) => drop(frames.send(Input::Frame(frame)).await),
                        Heard::Pong(number) => say(&inputs, Input::Pong(number)),
                    }
                }
            };
            let ended = socket::run(&http, &token, said, take).await;
            let _ = frames.send(Input::Disconnected(ended)).await;
        }));
    }

    fn fetch_heads(&mut self, wm: i64, proof: String) {
        let (http, inputs) = (self.parts.http.clone(), self.inputs.clone());
        self.tasks
            .spawn(async move { say(&inputs, Input::Heads(wm, http.heads(wm, &proof).await)) });
    }

    fn pull(&mut self, asked: Vec<Fetch>) {
        let (http, inputs) = (self.parts.http.clone(), self.inputs.clone());
        let (epoch, bytes) = (self.engine.epoch().to_owned(), self.engine.answer_bytes());
        self.tasks.spawn(async move {
            let answer = http.pull(&asked, epoch, bytes).await;
            say(&inputs, Input::Pulled(asked, answer.map(|pulled| pulled.answers)));
        });
    }

    fn fetch_history(&mut self, fetch: Fetch) {
        let (http, inputs) = (self.parts.http.clone(), self.inputs.clone());
        let (epoch, bytes) = (self.engine.epoch().to_owned(), self.engine.answer_bytes());
        self.tasks.spawn(async move {
            say(&inputs, Input::History(fetch, http.history(&fetch, &epoch, bytes).await));
        });
    }

    fn verify(&mut self, place: Place) {
        let (parts, inputs) = (self.parts.clone(), self.inputs.clone());
        let epoch = self.engine.epoch().to_owned();
        self.tasks.spawn(async move {
            let answer = verify::place(&parts, place, &epoch).await;
            say(&inputs, Input::Verified(place, answer));
        });
    }

    fn send(&mut self, id: OpId) {
        let (parts, inputs) = (self.parts.clone(), self.inputs.clone());
        let epoch = self.engine.epoch().to_owned();
        self.tasks.spawn(async move {
            let answer = send(&parts, id, &epoch).await;
            say(&inputs, Input::Sent(id, answer));
        });
    }
}

/// What an input says of why there is no connection: nothing, or that there is one, or an error.
fn reason(input: &Input) -> Option<Option<ErrorBody>> {
    match input {
        Input::Disconnected(error) | Input::Heads(_, Err(error)) => Some(Some(error.clone())),
        Input::Frame(Frame::Hello { .. }) => Some(None),
        _ => None,
    }
}

/// Whether an error is why the connection is as it is.
fn explains(error: &ErrorBody, connection: Connection) -> bool {
    connection != Connection::Polling || error.code == ErrorCode::NoUpgrade
}

/// Sends an op and keeps what came of it.
async fn send(parts: &Parts, id: OpId, epoch: &str) -> std::result::Result<(), ErrorBody> {
    audience::check(parts, id, epoch).await?;
    // One that was dropped before is done with.
    let Some(op) = blocking(|| perform::prepare(&parts.store, id))? else { return Ok(()) };
    let done = parts.http.send(&op, epoch).await?;
    parts.notices.changed(blocking(|| perform::keep(&parts.store, &op, &done))?);
    if matches!(op.action, Action::Draft { .. }) {
        share_drafts(parts);
    }
    Ok(())
}

/// Lets other devices have what was written while there was no server, or while it was getting an
/// earlier draft.
fn share_drafts(parts: &Parts) {
    if let Err(error) = blocking(|| deeds::share_drafts(parts)) {
        tracing::error!(%error, "the drafts stay on this device for now");
    }
}

/// Runs a write off the async scheduler, on the same thread.
fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

fn say(inputs: &UnboundedSender<Input>, input: Input) {
    // The driver may have ended.
    let _ = inputs.send(input);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn while_changes_are_asked_for_the_reason_is_that_no_socket_passes() {
        let error = |code| ErrorBody { code, message: String::new(), retry_after_ms: None };
        for code in [ErrorCode::Rate, ErrorCode::Offline, ErrorCode::Internal] {
            assert!(!explains(&error(code), Connection::Polling), "{code:?}");
            assert!(explains(&error(code), Connection::Offline), "{code:?}");
        }
        for connection in [Connection::Polling, Connection::Connecting] {
            assert!(explains(&error(ErrorCode::NoUpgrade), connection));
        }
    }
}
