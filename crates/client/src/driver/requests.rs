//! Carries out the tasks of a step that are not writes to the files: the socket, the timer, and requests
//! to the server, each of which is a task that ends with an input.

use super::Driver;
use crate::attachments::store_file_limits;
use crate::notice::Notice;
use crate::socket::{self, Incoming, Outgoing};
use crate::status::Revocation;
use crate::step::{Request, ServerCall};
use parlour_protocol::{ErrorBody, ErrorCode, Frame};
use parlour_sync::{ConnectionStatus, Input};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::block_in_place;

impl Driver {
    pub(super) fn request(&mut self, request: Request) {
        match request {
            Request::Connect => self.connect(),
            Request::Reconnect => {
                self.context.http.cancel_all();
                self.connect();
            }
            Request::Ping(number) => self.context.shared.send(Outgoing::Ping(number)),
            Request::Call(call) => self.start_call(call),
            Request::WakeAt(at) => {
                let at = u64::try_from(at).unwrap_or(0);
                self.wake_at = Some(self.started_at + Duration::from_millis(at));
            }
            Request::ReportConnection(connection) => self.handle_connection(connection),
            Request::Abandon => {
                self.set_storage_error(None);
                self.tasks.abort_all();
            }
        }
    }

    fn start_call(&mut self, call: ServerCall) {
        let (http, inputs) = (self.context.http.clone(), self.inputs.clone());
        self.tasks.spawn(async move { send_to(&inputs, call.run(&http).await) });
    }

    /// Requests the server's limits for files; a failed request is repeated at the next connection.
    fn request_file_limits(&mut self) {
        let (http, store) = (self.context.http.clone(), self.context.store.clone());
        let notices = self.context.notices.clone();
        self.tasks.spawn(async move {
            match http.file_limits().await {
                Ok(limits) => {
                    let stored = block_in_place(|| store_file_limits(&store, &limits));
                    if let Err(error) = stored {
                        tracing::warn!(%error, "the limits of files cannot be stored");
                    }
                    notices.send(Notice::Files);
                }
                Err(error) => {
                    tracing::debug!(code = %error.code, "the limits of files were not received")
                }
            }
        });
    }

    fn connect(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.abort();
        }
        let (inputs, http) = (self.inputs.clone(), self.context.http.clone());
        let Some(token) = self.context.token.get() else {
            let error = ErrorBody::new(ErrorCode::InvalidToken, "there is no token");
            return send_to(&inputs, Input::Disconnected(error));
        };
        self.own_presence.reset();
        let (frames, notices) = (self.frames.clone(), self.context.notices.clone());
        let shared = self.context.shared.clone();
        let (sender, outgoing) = unbounded_channel();
        self.context.shared.set_outgoing(sender);
        self.socket = Some(self.tasks.spawn(async move {
            // The driver may have ended; its tasks end with it.
            let handle = |incoming| {
                let (frames, notices, inputs) = (frames.clone(), notices.clone(), inputs.clone());
                let shared = shared.clone();
                async move {
                    match incoming {
                        Incoming::Frame(Frame::Typing { conversation_id, user_id }) => {
                            notices.send(Notice::Typing(conversation_id, user_id));
                        }
                        Incoming::Frame(Frame::Presence { people }) => {
                            shared.update_presence(Some(people), &notices);
                        }
                        Incoming::Frame(frame) => drop(frames.send(Input::Frame(frame)).await),
                        Incoming::Pong(number) => send_to(&inputs, Input::Pong(number)),
                    }
                }
            };
            let ended = socket::run(&http, &token, outgoing, handle).await;
            let _ = frames.send(Input::Disconnected(ended)).await;
        }));
    }

    /// Handles a change of the connection.
    fn handle_connection(&mut self, connection: ConnectionStatus) {
        let is_online = matches!(connection, ConnectionStatus::Online | ConnectionStatus::Polling);
        self.context.pictures.set_online(is_online);
        self.context.fetches.set_online(is_online);
        if is_online {
            self.request_file_limits();
        }
        if connection != ConnectionStatus::Online {
            self.context.shared.update_presence(None, &self.context.notices);
        }
        match connection {
            // The next attempt uses the proxy that is configured then.
            ConnectionStatus::Offline => self.context.http.drop_connections(),
            ConnectionStatus::Revoked { wipe } => self.revoked = Some(Revocation { wipe }),
            ConnectionStatus::Connecting
            | ConnectionStatus::Online
            | ConnectionStatus::Polling
            | ConnectionStatus::SignedOut
            | ConnectionStatus::Outdated => {}
        }
        self.context.notices.send(Notice::Status);
    }
}

/// Sends an input to the driver itself, which may have ended.
fn send_to(inputs: &UnboundedSender<Input>, input: Input) {
    let _ = inputs.send(input);
}
