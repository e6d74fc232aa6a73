//! Passes inputs and responses to devices, and their requests to the network.

use super::delays::fail;
use super::state::{Event, World};
use crate::check;
use crate::client::{Client, NetworkRequest, StepEnv};
use crate::wire::{Query, Reply};
use parlour_client::step::ServerResult;
use parlour_protocol::ErrorCode;
use parlour_sync::Input;

/// The time for which a device pauses after its files failed.
const PAUSE_MS: i64 = 5_000;

impl World {
    pub(super) fn run_all_pending_inputs(&mut self) {
        (0..self.clients.len()).for_each(|client| self.run_pending_inputs(client));
    }

    pub(super) fn run_pending_inputs(&mut self, client: usize) {
        self.run_device(client, Client::run_pending);
    }

    pub(super) fn deliver_input(&mut self, client: usize, input: Input) {
        self.run_device(client, |device, env| device.handle(input, env));
    }

    /// Passes the response to a request to a device.
    pub(super) fn handle_response(
        &mut self,
        client: usize,
        number: u64,
        response: ServerResult<Reply>,
    ) {
        self.run_device(client, |device, env| device.handle_response(number, response, env));
    }

    /// Runs a step of a device, and handles the resulting requests.
    pub(super) fn run_device(
        &mut self,
        client: usize,
        body: impl FnOnce(&mut Client, &mut StepEnv<'_>) -> Vec<NetworkRequest>,
    ) {
        let (now, bug, has_faults) = (self.now, self.bug, self.has_faults);
        let device = &mut self.clients[client];
        device.set_clock(now);
        let life = device.life;
        let outgoing = body(device, &mut StepEnv { now, rng: &mut self.rng, bug, has_faults });
        self.update_notifications(client);
        if self.clients[client].is_alive() {
            self.send_all(client, outgoing);
        } else if self.clients[client].life != life {
            self.count("a client crashes");
            self.close(client);
            let later = self.rng.between(50, 20_000);
            self.schedule_after(later, Event::Start(client));
        }
    }

    /// Updates a device's notifications, and schedules the next update.
    pub(super) fn update_notifications(&mut self, client: usize) {
        let (violation_found, wake_at) =
            self.clients[client].update_notifications(self.now, self.bug);
        if let Some(violation_found) = violation_found {
            self.violation.get_or_insert(format!("device {client}: {violation_found}"));
        }
        let Some(at) = wake_at else { return };
        if self.notify_at[client].is_none_or(|known| known > at) {
            self.notify_at[client] = Some(at);
            let life = self.clients[client].life;
            self.schedule_after(at - self.now, Event::Notify(client, life));
        }
    }

    /// Starts what a device requests from the network.
    fn send_all(&mut self, client: usize, outgoing: Vec<NetworkRequest>) {
        let life = self.clients[client].life;
        if let Some(at) = self.clients[client].wake_at {
            self.schedule_after(at - self.now, Event::Wake(client, life));
        }
        for request in outgoing {
            match request {
                NetworkRequest::HangUp => self.close(client),
                NetworkRequest::Pause => {
                    self.count("a device pauses");
                    self.schedule_after(PAUSE_MS, Event::Restart(client, life));
                }
                NetworkRequest::Connect(_) | NetworkRequest::Ping(_) | NetworkRequest::Call(..) => {
                    self.send_request(client, request)
                }
            }
        }
    }

    fn send_request(&mut self, client: usize, request: NetworkRequest) {
        if let NetworkRequest::Call(number, query) = &request {
            self.check_request(client, *number, query);
        }
        let (delay, life) = (self.delay(), self.clients[client].life);
        if self.is_lost(client) {
            self.count("a request is lost");
            self.schedule(delay + 30_000, fail(client, life, request, ErrorCode::Offline));
        } else {
            self.schedule_after(delay, Event::Request(client, life, request));
        }
    }

    fn check_request(&mut self, client: usize, number: u64, query: &Query) {
        let is_work = matches!(query, Query::Send(..) | Query::Pull(..) | Query::History(..));
        self.quiet_requests += u64::from(self.is_quiet && is_work);
        if let Query::Send(op, epoch) = query
            && let Some(pending) = self.clients[client].pending(number)
        {
            // A server that was restored since refuses the op.
            if *epoch == self.servers.core.epoch() {
                let violation = check::confirmed_before_sending(self, client, op, pending.since);
                self.violation = self.violation.take().or(violation.err());
            }
            self.ledger.record_sent(op.id);
        }
    }
}
