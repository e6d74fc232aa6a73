//! What the driver asks of the server, each as a task that answers with an input.

use super::Driver;
use crate::context::Context;
use crate::notice::Notice;
use crate::socket::{self, Incoming};
use crate::{audience, drafts, effects, verify};
use parlour_protocol::{Action, ErrorBody, ErrorCode, Frame, OpId};
use parlour_sync::{Fetch, Input, Place};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::block_in_place;

impl Driver {
    /// Lets the driver hear something in its next step.
    pub(super) fn input(&self, input: Input) {
        send_to(&self.inputs, input);
    }

    pub(super) fn connect(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.abort();
        }
        let (inputs, http) = (self.inputs.clone(), self.context.http.clone());
        let Some(token) = self.context.token.get() else {
            let error = ErrorBody::new(ErrorCode::Token, "there is no token");
            return send_to(&inputs, Input::Disconnected(error));
        };
        let (frames, notices) = (self.frames.clone(), self.context.notices.clone());
        let (sender, outgoing) = unbounded_channel();
        self.context.shared.set_outgoing(sender);
        self.socket = Some(self.tasks.spawn(async move {
            // The driver may have ended; its tasks end with it.
            let take = |incoming| {
                let (frames, notices, inputs) = (frames.clone(), notices.clone(), inputs.clone());
                async move {
                    match incoming {
                        Incoming::Frame(Frame::Typing { conversation_id, user_id }) => {
                            notices.tell(Notice::Typing(conversation_id, user_id));
                        }
                        Incoming::Frame(frame) => drop(frames.send(Input::Frame(frame)).await),
                        Incoming::Pong(number) => send_to(&inputs, Input::Pong(number)),
                    }
                }
            };
            let ended = socket::run(&http, &token, outgoing, take).await;
            let _ = frames.send(Input::Disconnected(ended)).await;
        }));
    }

    pub(super) fn fetch_heads(&mut self, wm: i64, proof: String) {
        let (http, inputs) = (self.context.http.clone(), self.inputs.clone());
        self.tasks
            .spawn(async move { send_to(&inputs, Input::Heads(wm, http.heads(wm, &proof).await)) });
    }

    pub(super) fn pull(&mut self, fetches: Vec<Fetch>) {
        let (http, inputs) = (self.context.http.clone(), self.inputs.clone());
        let (epoch, bytes) = (self.engine.epoch().to_owned(), self.engine.answer_bytes());
        self.tasks.spawn(async move {
            let answer = http.pull(&fetches, epoch, bytes).await;
            send_to(&inputs, Input::Pulled(fetches, answer.map(|pulled| pulled.answers)));
        });
    }

    pub(super) fn fetch_history(&mut self, fetch: Fetch) {
        let (http, inputs) = (self.context.http.clone(), self.inputs.clone());
        let (epoch, bytes) = (self.engine.epoch().to_owned(), self.engine.answer_bytes());
        self.tasks.spawn(async move {
            send_to(&inputs, Input::History(fetch, http.history(&fetch, &epoch, bytes).await));
        });
    }

    pub(super) fn verify(&mut self, place: Place) {
        let (context, inputs) = (self.context.clone(), self.inputs.clone());
        let epoch = self.engine.epoch().to_owned();
        self.tasks.spawn(async move {
            let answer = verify::compare(&context, place, &epoch).await;
            send_to(&inputs, Input::Verified(place, answer));
        });
    }

    pub(super) fn send(&mut self, id: OpId) {
        let (context, inputs) = (self.context.clone(), self.inputs.clone());
        let epoch = self.engine.epoch().to_owned();
        self.tasks.spawn(async move {
            let answer = send_op(&context, id, &epoch).await;
            send_to(&inputs, Input::Sent(id, answer));
        });
    }
}

/// Sends an op and keeps what came of it.
async fn send_op(context: &Context, id: OpId, epoch: &str) -> std::result::Result<(), ErrorBody> {
    audience::check(context, id, epoch).await?;
    // One that was dropped before is done with.
    let Some(op) = block_in_place(|| effects::prepare(&context.store, id))? else { return Ok(()) };
    let done = context.http.send(&op, epoch).await?;
    context.notices.changed(block_in_place(|| effects::complete(&context.store, &op, &done))?);
    if matches!(op.action, Action::Draft { .. }) {
        share_drafts(context);
    }
    Ok(())
}

/// Lets other devices have what was written while there was no server, or while it was getting an
/// earlier draft.
pub(super) fn share_drafts(context: &Context) {
    if let Err(error) = block_in_place(|| drafts::share_all(context)) {
        tracing::error!(%error, "the drafts stay on this device for now");
    }
}

/// Sends an input to the driver itself, which may have ended.
fn send_to(inputs: &UnboundedSender<Input>, input: Input) {
    let _ = inputs.send(input);
}
