//! Passes inputs and answers to devices, and their requests to the network.

use super::delays::fail;
use super::state::{Event, World};
use crate::check;
use crate::client::{Client, NetworkRequest, StepEnv};
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
        self.run_device(client, Client::run_pending);
    }

    pub(super) fn deliver_input(&mut self, client: usize, input: Input) {
        self.run_device(client, |device, env| device.handle(input, env));
    }

    /// Passes the answer to a request to a device.
    pub(super) fn answer(&mut self, client: usize, number: u64, answer: Answer<Reply>) {
        self.run_device(client, |device, env| device.answered(number, answer, env));
    }

    /// Lets a device do something now, and handles what it requests as a result.
    pub(super) fn run_device(
        &mut self,
        client: usize,
        body: impl FnOnce(&mut Client, &mut StepEnv<'_>) -> Vec<NetworkRequest>,
    ) {
        let (now, bug, is_troubled) = (self.now, self.bug, self.is_troubled);
        let device = &mut self.clients[client];
        device.set_clock(now);
        let life = device.life;
        let outgoing = body(device, &mut StepEnv { now, dice: &mut self.dice, bug, is_troubled });
        self.settle(client);
        if self.clients[client].is_alive() {
            self.send_all(client, outgoing);
        } else if self.clients[client].life != life {
            self.count("a client dies");
            self.close(client);
            let later = self.dice.between(50, 20_000);
            self.after(later, Event::Start(client));
        }
    }

    /// Lets a device decide what notifies now, and wakes it when it has to do so again.
    pub(super) fn settle(&mut self, client: usize) {
        let (wrong, wakes) = self.clients[client].settle(self.now, self.bug);
        if let Some(wrong) = wrong {
            self.leak.get_or_insert(format!("device {client}: {wrong}"));
        }
        let Some(at) = wakes else { return };
        if self.settles_at[client].is_none_or(|known| known > at) {
            self.settles_at[client] = Some(at);
            let life = self.clients[client].life;
            self.after(at - self.now, Event::Settle(client, life));
        }
    }

    /// Starts what a device requests from the network.
    fn send_all(&mut self, client: usize, outgoing: Vec<NetworkRequest>) {
        let life = self.clients[client].life;
        if let Some(at) = self.clients[client].wake_at {
            self.after(at - self.now, Event::Wake(client, life));
        }
        for request in outgoing {
            match request {
                NetworkRequest::HangUp => self.close(client),
                NetworkRequest::Pause => {
                    self.count("a device leaves its files alone");
                    self.after(PAUSE_MS, Event::Restart(client, life));
                }
                NetworkRequest::Connect(_) | NetworkRequest::Ping(_) | NetworkRequest::Call(..) => {
                    self.send_off(client, request)
                }
            }
        }
    }

    fn send_off(&mut self, client: usize, request: NetworkRequest) {
        if let NetworkRequest::Call(number, query) = &request {
            self.note(client, *number, query);
        }
        let (delay, life) = (self.delay(), self.clients[client].life);
        if self.is_lost(client) {
            self.count("a request is lost");
            self.later(delay + 30_000, fail(client, life, request, ErrorCode::Offline));
        } else {
            self.after(delay, Event::Request(client, life, request));
        }
    }

    fn note(&mut self, client: usize, number: u64, query: &Query) {
        let is_work = matches!(query, Query::Send(..) | Query::Pull(..) | Query::History(..));
        self.noise += u64::from(self.is_quiet && is_work);
        if let Query::Send(op, _) = query
            && let Some(pending) = self.clients[client].pending(number)
        {
            let leak = check::asked_before(self, client, op, pending.since);
            self.leak = self.leak.take().or(leak.err());
            self.ledger.note_sent(op.id);
        }
    }
}
