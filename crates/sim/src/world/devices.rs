//! Passes inputs and answers to devices, and their requests to the network.

use super::network::fail;
use super::state::{Event, World};
use crate::check;
use crate::client::{Client, Moment, Want};
use crate::wire::{Query, Reply};
use parlour_client::step::Answer;
use parlour_protocol::ErrorCode;
use parlour_sync::Input;

/// The time for which a device does not use its files after they failed.
const PAUSE_MS: i64 = 5_000;

impl World {
    pub(super) fn after_actions(&mut self) {
        (0..self.clients.len()).for_each(|client| self.after_action(client));
    }

    pub(super) fn after_action(&mut self, client: usize) {
        self.let_go_on(client, Client::go_on);
    }

    pub(super) fn tell(&mut self, client: usize, input: Input) {
        self.let_go_on(client, |device, moment| device.hear(input, moment));
    }

    /// Passes the answer to a request to a device.
    pub(super) fn answer(&mut self, client: usize, number: u64, answer: Answer<Reply>) {
        self.let_go_on(client, |device, moment| device.answered(number, answer, moment));
    }

    /// Lets a device do something now, and handles what it requests as a result.
    pub(super) fn let_go_on(
        &mut self,
        client: usize,
        body: impl FnOnce(&mut Client, &mut Moment<'_>) -> Vec<Want>,
    ) {
        let (now, bug, is_troubled) = (self.now, self.bug, self.is_troubled);
        let device = &mut self.clients[client];
        device.at(now);
        let life = device.life;
        let wants = body(device, &mut Moment { now, dice: &mut self.dice, bug, is_troubled });
        if self.clients[client].is_alive() {
            self.want(client, wants);
        } else if self.clients[client].life != life {
            self.count("a client dies");
            self.close(client);
            let later = self.dice.between(50, 20_000);
            self.after(later, Event::Start(client));
        }
    }

    /// Starts what a device requests from the network.
    fn want(&mut self, client: usize, wants: Vec<Want>) {
        let life = self.clients[client].life;
        if let Some(at) = self.clients[client].wake_at {
            self.after(at - self.now, Event::Wake(client, life));
        }
        for want in wants {
            match want {
                Want::HangUp => self.close(client),
                Want::Pause => {
                    self.count("a device leaves its files alone");
                    self.after(PAUSE_MS, Event::Again(client, life));
                }
                Want::Connect(_) | Want::Ping(_) | Want::Ask(..) => self.send_off(client, want),
            }
        }
    }

    fn send_off(&mut self, client: usize, want: Want) {
        if let Want::Ask(number, query) = &want {
            self.note(client, *number, query);
        }
        let (delay, life) = (self.delay(), self.clients[client].life);
        if self.is_lost(client) {
            self.count("a request is lost");
            self.later(delay + 30_000, fail(client, life, want, ErrorCode::Offline));
        } else {
            self.after(delay, Event::Reach(client, life, want));
        }
    }

    fn note(&mut self, client: usize, number: u64, query: &Query) {
        let is_work = matches!(query, Query::Send(..) | Query::Pull(..) | Query::History(..));
        self.noise += u64::from(self.is_quiet && is_work);
        if let Query::Send(op, _) = query
            && let Some(asked) = self.clients[client].asked(number)
        {
            let leak = check::asked_before(self, client, op, asked.since);
            self.leak = self.leak.take().or(leak.err());
            self.ledger.went_out(op.id);
        }
    }
}
