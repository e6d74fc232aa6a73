//! A device's questions to its server: those of the real client, each of which continues once its
//! request is answered.

use super::waiting::{Future, Waiting};
use super::{Client, Moment, Want};
use crate::bugs::Bug;
use crate::wire::{Query, Reply, Wire, no_answer};
use parlour_client::step::{Answer, Ask, Question};
use parlour_protocol::{Action, ErrorCode, OpId};
use parlour_sync::Input;
use std::task::{Context, Poll, Waker};

impl Client {
    /// Returns the question of which the request with this number is a part.
    pub fn asked(&self, number: u64) -> Option<&Waiting> {
        self.asked.get(&number)
    }

    pub(super) fn ask(&mut self, ask: Ask, moment: &mut Moment<'_>, wants: &mut Vec<Want>) {
        let question = ask.question().clone();
        match (moment.bug, &question) {
            (Some(Bug::PullsWaitForOutbox), Question::Pull { .. } | Question::History { .. })
                if self.store.open_ops().is_ok_and(|ops| !ops.is_empty()) => {}
            (Some(Bug::OutboxWaitsForPulls), Question::Send(id)) if self.lacks_something() => {
                let later = Input::Sent(*id, Err(no_answer(ErrorCode::Retry)));
                self.heard.push_back(later);
            }
            _ => {
                let wire = Wire::default();
                let future = self.stand_in(&ask, &wire, moment).unwrap_or_else(|| {
                    let wire = wire.clone();
                    Box::pin(async move { ask.answer(&wire).await })
                });
                self.begin((question, wire, future), moment, wants);
            }
        }
    }

    /// Starts a question, whether asked by the real client or by a stand-in.
    pub(super) fn begin(
        &mut self,
        (question, wire, future): (Question, Wire, Future),
        moment: &mut Moment<'_>,
        wants: &mut Vec<Want>,
    ) {
        self.go_on_with(Waiting { question, since: moment.now, wire, future }, moment, wants);
    }

    fn go_on_with(&mut self, mut asked: Waiting, moment: &mut Moment<'_>, wants: &mut Vec<Want>) {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(input) = asked.future.as_mut().poll(&mut context) {
            return self.heard.push_back(input);
        }
        let mut query = asked.wire.take().expect("it waits for an answer");
        if let (true, Query::Send(op, _)) = (moment.has(Bug::DraftsOverwrite), &mut query)
            && let Action::Draft { based_on, .. } = &mut op.action
        {
            *based_on = None;
        }
        self.requests += 1;
        self.asked.insert(self.requests, asked);
        if let (true, Query::Send(op, _)) = (moment.has(Bug::ParallelSends), &query) {
            let conversation = op.conversation_id;
            wants.push(Want::Ask(self.requests, query));
            self.send_all_of(conversation, moment, wants);
        } else {
            wants.push(Want::Ask(self.requests, query));
        }
    }

    /// Passes on the answer to a request, unless nobody waits for it any more.
    pub fn answered(
        &mut self,
        number: u64,
        mut answer: Answer<Reply>,
        moment: &mut Moment<'_>,
    ) -> Vec<Want> {
        let mut wants = Vec::new();
        let Some(asked) = self.asked.remove(&number) else { return wants };
        if moment.now < self.full_until && answer.is_ok() && !asked.is_fetch() {
            // The answer would be written to the files.
            answer = Err(no_answer(ErrorCode::DiskFull));
        }
        let is_send = asked.is_send();
        if answer.is_err() && is_send && moment.has(Bug::NeverAgain) {
            return wants;
        }
        asked.wire.answer(answer);
        self.go_on_with(asked, moment, &mut wants);
        wants.extend(self.go_on(moment));
        if is_send && moment.has(Bug::OvertakesRefused) {
            self.overtake(moment, &mut wants);
            wants.extend(self.go_on(moment));
        }
        wants
    }

    /// Returns whether an op was sent and its answer is still pending.
    pub(super) fn is_on_its_way(&self, id: OpId) -> bool {
        self.asked.values().any(|asked| asked.question == Question::Send(id))
    }

    /// Makes every pending request fail, because its connection ended.
    pub(super) fn cancel_all(&mut self, moment: &mut Moment<'_>, wants: &mut Vec<Want>) {
        for (_, asked) in std::mem::take(&mut self.asked) {
            asked.wire.answer(Err(no_answer(ErrorCode::Offline)));
            self.go_on_with(asked, moment, wants);
        }
    }
}
