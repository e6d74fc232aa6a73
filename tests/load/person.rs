//! One user: a session, a socket, and one conversation.

use crate::Options;
use crate::mirror::{Mirror, body};
use crate::network::{Network, Socket};
use futures_util::StreamExt;
use parlour_protocol::{
    Action, Bootstrap, ConversationId, Credentials, ErrorBody, Frame, Heads, Op, OpDone, OpId,
    Page, SignedIn, StreamId, UserId, limits,
};
use reqwest::RequestBuilder;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Time between two checks while a message is missing.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The longest that the last message may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(60);
const TEXT: &str = "a sentence of the length that people write, more or less";
/// Number of sockets that share one idle account.
const IDLE_PER_ACCOUNT: usize = 100;

/// The messages that a user received.
pub struct Received {
    /// Time that each message took to arrive.
    pub latencies: Vec<Duration>,
    /// Number of wrong deliveries.
    pub errors: u64,
    /// Number of pages that had to be pulled.
    pub pulls: u64,
}

/// One user.
pub struct Person {
    network: Network,
    http: reqwest::Client,
    token: String,
    id: UserId,
    conversation: ConversationId,
    epoch: String,
    started: Instant,
    state: Mutex<State>,
    arrivals: Notify,
}

#[derive(Default)]
struct State {
    mirror: Mirror,
    acks: Vec<Duration>,
    pulls: u64,
}

async fn call<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, String> {
    let response = request.send().await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        let refusal: Result<ErrorBody, _> = response.json().await;
        return Err(refusal.map_or_else(|error| error.to_string(), |body| body.message));
    }
    response.json().await.map_err(|error| error.to_string())
}

async fn register(http: &reqwest::Client, server: &str) -> Result<SignedIn, String> {
    let credentials = Credentials {
        username: format!("load-{}", uuid::Uuid::now_v7().simple()),
        password: "correct horse".into(),
        device: "load".into(),
        invitation: None,
    };
    call(http.post(format!("{server}/v1/users")).json(&credentials)).await
}

/// Opens sockets that only receive, and keeps them open.
pub async fn idle(
    network: &Network,
    count: usize,
) -> Result<Vec<tokio::task::JoinHandle<()>>, String> {
    let http = network.http()?;
    let mut listening = Vec::new();
    while listening.len() < count {
        let signed_in = register(&http, &network.server).await?;
        for _ in 0..IDLE_PER_ACCOUNT.min(count - listening.len()) {
            let mut socket = network.open(&signed_in.token).await?;
            listening.push(tokio::spawn(async move { while socket.next().await.is_some() {} }));
        }
    }
    Ok(listening)
}

/// Returns tokens for `count` sockets.
pub async fn tokens(network: &Network, count: usize) -> Result<Vec<String>, String> {
    let http = network.http()?;
    let mut tokens = Vec::new();
    while tokens.len() < count {
        let token = register(&http, &network.server).await?.token;
        let share = IDLE_PER_ACCOUNT.min(count - tokens.len());
        tokens.extend(std::iter::repeat_n(token, share));
    }
    Ok(tokens)
}

/// Registers people, and returns their ids and tokens.
pub async fn signed_in(network: &Network, count: usize) -> Result<Vec<(UserId, String)>, String> {
    let http = network.http()?;
    let mut people = Vec::new();
    for _ in 0..count {
        let signed_in = register(&http, &network.server).await?;
        people.push((signed_in.user_id, signed_in.token));
    }
    Ok(people)
}

/// Opens a socket for each token, all at once. Returns when the server has sent its hello on each.
pub async fn open_all(network: &Network, tokens: Vec<String>) -> Result<Vec<Socket>, String> {
    let opening = tokens.iter().map(|token| network.open(token));
    futures_util::future::try_join_all(opening).await
}

/// Registers all users and creates their conversations.
pub async fn create_conversations(options: &Options) -> Result<Vec<Vec<Arc<Person>>>, String> {
    let started = Instant::now();
    let sizes = std::iter::repeat_n(2, options.pairs)
        .chain(std::iter::repeat_n(options.group_size, options.groups));
    let mut conversations = Vec::new();
    for size in sizes {
        let mut signed_in = Vec::new();
        let http = options.network.http()?;
        for _ in 0..size {
            signed_in.push(register(&http, &options.network.server).await?);
        }
        conversations.push(create_conversation(options, &http, signed_in, started).await?);
    }
    Ok(conversations)
}

async fn create_conversation(
    options: &Options,
    http: &reqwest::Client,
    people: Vec<SignedIn>,
    started: Instant,
) -> Result<Vec<Arc<Person>>, String> {
    let (first, others) = people.split_first().ok_or("nobody to meet")?;
    let ids: Vec<UserId> = others.iter().map(|person| person.user_id).collect();
    // A group is created with as many members as the limit allows, and the others are added.
    let (begin, others) = ids.split_at(ids.len().min(limits::CREATE_MEMBERS));
    let later = others.iter().map(|user| Action::AddMember { user_id: *user });
    let (conversation, action) = match begin[..] {
        [other] => (ConversationId::p2p(first.user_id, other), Action::create_p2p(other)),
        _ => (ConversationId(uuid::Uuid::now_v7()), Action::create_group("load", begin.to_vec())),
    };
    let server = &options.network.server;
    for action in std::iter::once(action).chain(later) {
        let op = Op { id: OpId::new(), conversation_id: conversation, action };
        let request = http.post(format!("{server}/v1/ops")).bearer_auth(&first.token).json(&op);
        call::<OpDone>(request).await?;
    }
    let heads = http.get(format!("{server}/v1/heads")).bearer_auth(&first.token);
    let epoch = call::<Heads>(heads).await?.epoch;
    let mut members = Vec::new();
    for signed_in in people {
        let person = Arc::new(Person {
            network: options.network.clone(),
            http: options.network.http()?,
            token: signed_in.token,
            id: signed_in.user_id,
            conversation,
            epoch: epoch.clone(),
            started,
            state: Mutex::default(),
            arrivals: Notify::new(),
        });
        person.clone().listen().await?;
        members.push(person);
    }
    Ok(members)
}

impl Person {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}/v1/{path}", self.network.server)).bearer_auth(&self.token)
    }

    /// Opens the socket, then starts at the conversation's current position.
    async fn listen(self: Arc<Self>) -> Result<(), String> {
        let mut socket = self.network.open(&self.token).await?;
        let path = format!("bootstrap?conversation={}", self.conversation);
        let bootstrap: Bootstrap = call(self.get(&path)).await?;
        self.state().mirror.cursor = bootstrap.head;
        self.state().mirror.seq = bootstrap.last_seq;
        tokio::spawn(async move {
            while let Some(Ok(message)) = socket.next().await {
                if let Ok(frame) = serde_json::from_str(message.to_text().unwrap_or_default()) {
                    self.handle_frame(frame).await;
                }
            }
        });
        Ok(())
    }

    async fn handle_frame(&self, frame: Frame) {
        let stream = StreamId::Conversation(self.conversation);
        let behind = match frame {
            Frame::Change(page) if page.stream == stream => {
                !self.state().mirror.apply(&page, self.started)
            }
            Frame::Hint { heads } => heads.iter().any(|head| head.stream == stream),
            _ => false,
        };
        if behind {
            // A user who is behind pulls. A failed pull is made up for in `wait_until_complete`.
            let _ = self.pull().await;
        }
        self.arrivals.notify_waiters();
    }

    async fn pull(&self) -> Result<i64, String> {
        loop {
            let (since, epoch) = (self.state().mirror.cursor, &self.epoch);
            let path = format!(
                "changes?stream=conversation:{}&epoch={epoch}&term=1&since={since}",
                self.conversation
            );
            let page: Page = call(self.get(&path)).await?;
            let mut state = self.state();
            state.pulls += 1;
            state.mirror.apply(&page, self.started);
            if state.mirror.cursor >= page.head {
                return Ok(page.head);
            }
        }
    }

    /// Sends a message that was due at `at`.
    pub async fn send(&self, at: Instant) -> Result<(), String> {
        let action = Action::send(body(self.started, at, TEXT));
        let op = Op { id: OpId::new(), conversation_id: self.conversation, action };
        let url = format!("{}/v1/ops", self.network.server);
        call::<OpDone>(self.http.post(url).bearer_auth(&self.token).json(&op)).await?;
        self.state().acks.push(at.elapsed());
        Ok(())
    }

    /// Waits until every message that was sent has arrived.
    pub async fn wait_until_complete(&self) -> Result<(), String> {
        let path = format!("bootstrap?conversation={}", self.conversation);
        let last: Bootstrap = call(self.get(&path)).await?;
        let complete = async {
            loop {
                let arrivals = self.arrivals.notified();
                if self.state().mirror.seq >= last.last_seq {
                    return;
                }
                if tokio::time::timeout(CHECK_INTERVAL, arrivals).await.is_err() {
                    let _ = self.pull().await;
                }
            }
        };
        let waited = tokio::time::timeout(TIMEOUT, complete).await;
        waited.map_err(|_| format!("{} never received the last message", self.id))
    }

    /// Returns the times that the server took to accept each message.
    pub fn acks(&self) -> Vec<Duration> {
        self.state().acks.clone()
    }

    /// Returns the received messages.
    pub fn received(&self) -> Received {
        let state = self.state();
        Received {
            latencies: state.mirror.latencies.clone(),
            errors: state.mirror.errors,
            pulls: state.pulls,
        }
    }
}
