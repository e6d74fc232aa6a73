//! The socket: frames from the hub to one device, and the few frames that the device sends.

use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::hub::{Next, Subscriber, to_json};
use crate::queries::{members, presence};
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::SinkExt;
use parlour_protocol::{ClientFrame, ErrorCode, Frame, Seq, StreamId, UserId, limits};
use std::collections::BTreeMap;
use std::sync::{Arc, Once};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

/// How long a client may receive nothing before it is disconnected.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest frame that is read, in bytes: one that watches 200 users fits.
const INBOUND_BYTES: usize = 16 * 1024;
/// The initial size of a socket's buffers in bytes.
const BUFFER_BYTES: usize = 1024;
/// The shortest time between two announcements that a device is typing.
const TYPING_INTERVAL: Duration = Duration::from_secs(1);
/// The rate limit for the frames of a client: the number per second, and the largest burst. A frame that names users
/// counts once more for every [`USERS_PER_FRAME`] of them.
const FRAMES_PER_SECOND: f64 = 10.0;
const FRAME_BURST: f64 = 100.0;
const USERS_PER_FRAME: usize = 20;
/// The time before a client that sent too much may reconnect.
const FLOOD_DELAY: Duration = Duration::from_secs(30);
/// How long a socket may take to receive its last frame, and to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the socket, which pushes changes, or only hints about them if the client reads slowly.
#[utoipa::path(
    get,
    path = "/v1/socket",
    tag = "sync",
    responses((status = 101, description = "The socket is open"), ApiError),
    security(("token" = [])),
)]
pub async fn open(
    State(app): State<App>,
    caller: Caller,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|rejection| no_websocket(&rejection))?;
    let subscriber = subscribe(&app, caller).await?;
    let upgrade = upgrade
        .max_message_size(INBOUND_BYTES)
        .max_frame_size(INBOUND_BYTES)
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES);
    // The task is most of what an idle socket costs, and would otherwise contain several copies of `app`.
    let app = Arc::new(app);
    Ok(upgrade.on_upgrade(async move |socket| {
        if let Err(error) = run(app, subscriber, socket).await {
            tracing::debug!(%error, "a socket ended");
        }
    }))
}

/// Returns the error for a request to this route without an upgrade. Usually a proxy drops the headers for
/// all clients, so the first such request is logged, to tell the server's operator.
fn no_websocket(rejection: &WebSocketUpgradeRejection) -> ApiError {
    static LOGGED: Once = Once::new();
    LOGGED.call_once(|| {
        tracing::warn!(
            %rejection,
            "a client requested the socket, but without the header Upgrade: a proxy before this server has \
            to pass the headers Upgrade and Connection on, over HTTP/1.1; until then clients poll for changes \
            every few seconds"
        );
    });
    let message = "The socket was requested without the headers Upgrade and Connection: a proxy in between \
        removes them. It has to pass them on, over HTTP/1.1.";
    ApiError::new(ErrorCode::NoWebsocket, message)
}

/// Subscribes to the hub, and follows all of the caller's conversations. Subscribing comes first, so that a change
/// that is committed in between is announced twice rather than never.
async fn subscribe(app: &App, caller: Caller) -> Result<Subscriber, ApiError> {
    let subscriber = app.hub.enter(caller.user_id, caller.session_id);
    loop {
        let version = app.hub.membership_version(caller.user_id);
        let now = app.now();
        let _permit = app.limits.in_flight.admit_long_read(caller.user_id).await?;
        let conversations = app.db.work(move |tx| {
            Box::pin(async move {
                // If the session ended before the subscription, nothing would close this socket.
                caller.require_session(tx, now).await?;
                Ok::<_, ApiError>(members::conversations_of(tx, caller.user_id).await?)
            })
        });
        let conversations = conversations.await??;
        let streams: Vec<(StreamId, Seq)> = conversations
            .into_iter()
            .map(|(id, first)| (StreamId::Conversation(id), first))
            .collect();
        if app.hub.follow(&subscriber, &streams, version) {
            return Ok(subscriber);
        }
    }
}

/// Serves a socket until it ends. A socket that does not close in time is disconnected when the server stops.
async fn run(
    app: Arc<App>,
    subscriber: Subscriber,
    mut socket: WebSocket,
) -> Result<(), axum::Error> {
    let heartbeat_ms = i64::try_from(app.runtime.heartbeat.as_millis()).unwrap_or(i64::MAX);
    let hello = to_json(&Frame::Hello { epoch: app.db.epoch().as_ref().into(), heartbeat_ms });
    socket.send(Message::Text(hello)).await?;
    let mut heartbeat = interval_at(Instant::now() + app.runtime.heartbeat, app.runtime.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut typed_at, mut frame_limit) = (None, FrameLimit::full(Instant::now()));
    loop {
        let (json, last) = tokio::select! {
            next = subscriber.outbound.next() => match next {
                Next::Send(json) => (json, false),
                Next::Close(json) => (json, true),
            },
            _ = heartbeat.tick() => {
                let watermark = app.runtime.watermark.newest(&app.db).await.map_err(axum::Error::new)?;
                // Only the pong shows that the device is still connected.
                socket.feed(Message::Ping(Bytes::new())).await?;
                (to_json(&Frame::Heartbeat { wm: watermark }), false)
            }
            frame = socket.recv() => match frame {
                Some(Ok(Message::Close(_))) | None => return Ok(()),
                Some(Err(error)) => return Err(error),
                Some(Ok(frame)) => {
                    subscriber.outbound.record_received();
                    let named_users = match frame {
                        Message::Text(text) => {
                            handle_frame(&app, &subscriber, &text, &mut typed_at).await
                        }
                        _ => 0,
                    };
                    if !frame_limit.spend(1 + named_users / USERS_PER_FRAME, Instant::now()) {
                        subscriber.outbound.close_with_delay(FLOOD_DELAY);
                    }
                    continue;
                }
            },
        };
        let limit = if last { CLOSE_TIMEOUT } else { SEND_TIMEOUT };
        tokio::select! {
            sent = timeout(limit, socket.send(Message::Text(json))) => {
                sent.map_err(axum::Error::new)??;
            }
            () = app.runtime.shutdown.aborted.cancelled() => return Ok(()),
        }
        if last {
            let closed = timeout(CLOSE_TIMEOUT, SinkExt::close(&mut socket)).await;
            return closed.map_err(axum::Error::new)?;
        }
    }
}

/// Handles a frame of the client, and returns how many users it names. Invalid frames are ignored.
async fn handle_frame(
    app: &App,
    subscriber: &Subscriber,
    text: &str,
    typed_at: &mut Option<Instant>,
) -> usize {
    match serde_json::from_str(text) {
        Ok(ClientFrame::Typing { conversation_id }) => {
            if typed_at.is_none_or(|at| at.elapsed() >= TYPING_INTERVAL) {
                *typed_at = Some(Instant::now());
                app.hub.typing(subscriber, conversation_id);
            }
            0
        }
        Ok(ClientFrame::Watch { user_ids }) => {
            let count = user_ids.len();
            if let Err(error) = watch(app, subscriber, user_ids).await {
                tracing::debug!(error = error.message, "cannot watch these users");
            }
            count
        }
        Ok(ClientFrame::Presence { state }) => {
            app.hub.report_presence(subscriber, state);
            0
        }
        Ok(ClientFrame::Unknown) | Err(_) => 0,
    }
}

/// Makes a socket watch these users, as far as its user may see them.
async fn watch(app: &App, subscriber: &Subscriber, mut users: Vec<UserId>) -> Result<(), ApiError> {
    users.truncate(limits::WATCHED);
    let new = app.hub.not_watched(subscriber, &users);
    let visible = match new.is_empty() {
        true => BTreeMap::new(),
        false => presence::visible(&app.db.read().await?, new).await?,
    };
    app.hub.watch(subscriber, &users, &visible);
    Ok(())
}

/// The rate limit for the frames of one client, a token bucket.
struct FrameLimit {
    remaining: f64,
    at: Instant,
}

impl FrameLimit {
    fn full(at: Instant) -> Self {
        Self { remaining: FRAME_BURST, at }
    }

    /// Counts `count` frames, and returns whether they were allowed.
    fn spend(&mut self, count: usize, now: Instant) -> bool {
        let refilled = (now - self.at).as_secs_f64() * FRAMES_PER_SECOND;
        self.remaining = (self.remaining + refilled).min(FRAME_BURST) - count as f64;
        self.at = now;
        self.remaining >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_may_send_a_burst_of_frames_but_not_continuously() {
        let now = Instant::now();
        let mut frame_limit = FrameLimit::full(now);
        let allowed = (0..1000).take_while(|_| frame_limit.spend(1, now)).count();
        assert_eq!(allowed, 100);
        assert!(frame_limit.spend(5, now + Duration::from_secs(1)));
        assert!(!frame_limit.spend(11, now + Duration::from_secs(1)));
        assert!(frame_limit.spend(100, now + Duration::from_secs(60)));
    }
}
