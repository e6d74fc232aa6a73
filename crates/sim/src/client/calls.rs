//! A device's calls to its server: those of the real client, each of which continues once its current
//! request has a response.

use super::waiting::{Future, Waiting};
use super::{Client, NetworkRequest, StepEnv};
use crate::bugs::Bug;
use crate::wire::{Query, Reply, Wire, no_response};
use parlour_client::step::{CallKind, ServerCall, ServerResult};
use parlour_protocol::{Action, ErrorCode, OpId};
use parlour_sync::Input;
use std::task::{Context, Poll, Waker};

impl Client {
    /// Returns the call of which the request with this number is a part.
    pub fn pending(&self, number: u64) -> Option<&Waiting> {
        self.pending.get(&number)
    }

    pub(super) fn start_call(
        &mut self,
        call: ServerCall,
        env: &mut StepEnv<'_>,
        outgoing: &mut Vec<NetworkRequest>,
    ) {
        let kind = call.kind().clone();
        match (env.bug, &kind) {
            (Some(Bug::PullsWaitForOutbox), CallKind::Pull { .. } | CallKind::History { .. })
                if self.store.pending_ops().is_ok_and(|ops| !ops.is_empty()) => {}
            (Some(Bug::OutboxWaitsForPulls), CallKind::Send(id)) if self.is_incomplete() => {
                let later = Input::Sent(*id, Err(no_response(ErrorCode::Retry)));
                self.inputs.push_back(later);
            }
            _ => {
                let wire = Wire::default();
                let future = self.buggy_request(&call, &wire, env).unwrap_or_else(|| {
                    let wire = wire.clone();
                    Box::pin(async move { call.run(&wire).await })
                });
                self.start_waiting((kind, wire, future), env, outgoing);
            }
        }
    }

    /// Starts a call, of the real client or of a bug.
    pub(super) fn start_waiting(
        &mut self,
        (kind, wire, future): (CallKind, Wire, Future),
        env: &mut StepEnv<'_>,
        outgoing: &mut Vec<NetworkRequest>,
    ) {
        self.poll(Waiting { kind, since: env.now, wire, future }, env, outgoing);
    }

    fn poll(
        &mut self,
        mut waiting: Waiting,
        env: &mut StepEnv<'_>,
        outgoing: &mut Vec<NetworkRequest>,
    ) {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(input) = waiting.future.as_mut().poll(&mut context) {
            return self.inputs.push_back(input);
        }
        let mut query = waiting.wire.take().expect("it waits for a response");
        if let (true, Query::Send(op, _)) = (env.has(Bug::DraftsOverwrite), &mut query)
            && let Action::Draft { based_on, .. } = &mut op.action
        {
            *based_on = None;
        }
        self.requests += 1;
        self.pending.insert(self.requests, waiting);
        if let (true, Query::Send(op, _)) = (env.has(Bug::ParallelSends), &query) {
            let conversation = op.conversation_id;
            outgoing.push(NetworkRequest::Call(self.requests, query));
            self.send_all_of(conversation, env, outgoing);
        } else {
            outgoing.push(NetworkRequest::Call(self.requests, query));
        }
    }

    /// Handles the response to a request, unless the request was abandoned.
    pub fn handle_response(
        &mut self,
        number: u64,
        mut response: ServerResult<Reply>,
        env: &mut StepEnv<'_>,
    ) -> Vec<NetworkRequest> {
        let mut outgoing = Vec::new();
        let Some(waiting) = self.pending.remove(&number) else { return outgoing };
        if env.now < self.full_until && response.is_ok() && !waiting.is_fetch() {
            // The response would be written to the files.
            response = Err(no_response(ErrorCode::DiskFull));
        }
        let is_send = waiting.is_send();
        if response.is_err() && is_send && env.has(Bug::NoRetry) {
            return outgoing;
        }
        waiting.wire.respond(response);
        self.poll(waiting, env, &mut outgoing);
        outgoing.extend(self.run_pending(env));
        if is_send && env.has(Bug::OvertakesRefused) {
            self.overtake(env, &mut outgoing);
            outgoing.extend(self.run_pending(env));
        }
        outgoing
    }

    /// Returns whether an op was sent and its response is still pending.
    pub(super) fn is_being_sent(&self, id: OpId) -> bool {
        self.pending.values().any(|waiting| waiting.kind == CallKind::Send(id))
    }

    /// Makes every pending request fail, because its connection ended.
    pub(super) fn cancel_all(&mut self, env: &mut StepEnv<'_>, outgoing: &mut Vec<NetworkRequest>) {
        for (_, waiting) in std::mem::take(&mut self.pending) {
            waiting.wire.respond(Err(no_response(ErrorCode::Offline)));
            self.poll(waiting, env, outgoing);
        }
    }
}
