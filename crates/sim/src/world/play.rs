//! Plays a run: first with faults; then they are healed, and everything must recover.

use super::state::{Event, Report, Stage, World};
use crate::actors;
use crate::bugs::Bug;
use crate::check;
use crate::client::Client;
use crate::hostile;
use crate::lying_server;
use crate::notification_actors;
use crate::private_state;
use crate::scenario::Scenario;
use crate::wire::no_response;
use parlour_protocol::periods::HEARTBEAT_MS;
use parlour_sync::Input;

/// The durations, in virtual milliseconds, of the time with faults, of each stage of healing, and of the
/// quiet time at the end.
const FAULTS_MS: i64 = 120_000;
const STAGE_MS: i64 = 150_000;
const QUIET_MS: i64 = 130_000;

/// The maximum number of events in a run; more means that it never ends.
const MAX_EVENTS: u64 = 200_000;

/// Plays the run of a seed.
pub fn run(seed: u64, bug: Option<Bug>, scenario: Scenario) -> Report {
    let mut world = World::new(seed, bug, scenario);
    let result = world.play();
    world.report.failure = result.err();
    world.report.actions = world.ledger.actions;
    world.report
}

impl World {
    fn play(&mut self) -> Result<(), String> {
        for client in 0..self.clients.len() {
            let later = self.rng.below(1000);
            self.schedule_after(later, Event::Start(client));
            self.schedule_after(later + 500, Event::Act(client));
        }
        self.schedule_after(0, Event::Tick);
        self.schedule_after(0, Event::Heartbeat);
        self.schedule_after(10_000, Event::Fault);
        if self.scenario == Scenario::Notifications {
            return self.play_notifications();
        }
        self.schedule_after(15_000, Event::Interfere);
        self.schedule_after(12_000, Event::Attack);
        let healed_at = self.now + FAULTS_MS;
        self.run_until(healed_at)?;
        self.heal();
        let stages = [Stage::Complete, Stage::NoPulls, Stage::NoSends];
        self.stage = *self.rng.pick(&stages).expect("three");
        self.run_until(healed_at + STAGE_MS)?;
        check::stage(self)?;
        self.stage = Stage::Complete;
        for client in &self.clients {
            actors::retry(client, &mut self.ledger);
        }
        self.clients.iter().for_each(private_state::share_drafts);
        self.run_all_pending_inputs();
        self.run_until(healed_at + 2 * STAGE_MS)?;
        if self.rng.permille(500) {
            for client in &self.clients {
                actors::discard_refused(client, &mut self.ledger);
            }
            self.run_all_pending_inputs();
        }
        self.damage();
        self.run_until(healed_at + 3 * STAGE_MS)?;
        self.is_quiet = true;
        self.run_until(healed_at + 3 * STAGE_MS + QUIET_MS)?;
        check::end(self)
    }

    /// Plays the notifications scenario: people write and read while devices lose their connection and
    /// crash, and then everything is delivered.
    fn play_notifications(&mut self) -> Result<(), String> {
        let healed_at = self.now + FAULTS_MS;
        self.run_until(healed_at)?;
        self.heal();
        self.run_until(healed_at + STAGE_MS)?;
        check::notifications(self)
    }

    fn run_until(&mut self, end: i64) -> Result<(), String> {
        while let Some(first) = self.events.first_entry() {
            if first.key().0 > end {
                break;
            }
            let ((at, _), event) = first.remove_entry();
            self.now = at;
            self.report.operations += 1;
            if self.report.operations > MAX_EVENTS {
                return Err("it never becomes quiet".into());
            }
            if self.is_traced {
                eprintln!("{:>9} {event:?}", self.now);
            }
            self.handle(event)?;
            self.deliver()?;
            if let Some(violation) = self.violation.take() {
                return Err(violation);
            }
        }
        self.now = end;
        Ok(())
    }

    fn handle(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Act(client) => self.act(client)?,
            Event::Interfere => {
                if self.has_faults {
                    self.ledger.actions += 1;
                    actors::interfere(
                        &mut self.servers,
                        self.now,
                        &mut self.rng,
                        self.ledger.actions,
                    );
                    let later = self.rng.between(1000, 15_000);
                    self.schedule_after(later, Event::Interfere);
                }
            }
            Event::Attack => {
                if self.has_faults {
                    hostile::attack(self)?;
                    let later = self.rng.between(500, 8_000);
                    self.schedule_after(later, Event::Attack);
                }
            }
            Event::Start(client) => {
                if !self.clients[client].is_alive() {
                    self.run_device(client, Client::start);
                }
            }
            Event::Wake(client, life) => {
                let device = &mut self.clients[client];
                if device.life == life && device.wake_at.is_some_and(|at| at <= self.now) {
                    device.wake_at = None;
                    self.deliver_input(client, Input::Woke);
                }
            }
            Event::Input(client, life, input) => {
                if self.clients[client].life == life {
                    self.deliver_input(client, input);
                }
            }
            Event::Response(client, number, response) => {
                let is_false = self.server_lies_now();
                let response = match response {
                    Ok(reply) if is_false => Ok(lying_server::corrupt(reply, &mut self.rng)),
                    response => response,
                };
                self.handle_response(client, number, response);
            }
            Event::Restart(client, life) => {
                if self.clients[client].life == life {
                    self.run_device(client, Client::restart);
                }
            }
            Event::Notify(client, life) => {
                self.notify_at[client] = None;
                if self.clients[client].life == life {
                    self.update_notifications(client);
                }
            }
            Event::Ended(client, life, tried, code) => {
                if self.clients[client].life == life && self.clients[client].attempts == tried {
                    self.deliver_input(client, Input::Disconnected(no_response(code)));
                }
            }
            Event::Frame(client, socket, frame) => self.frame(client, socket, frame),
            Event::Request(client, life, request) => self.receive_request(client, life, request),
            Event::Commit(node) => self.commit(node)?,
            Event::Hints(node, from, hints) => {
                self.servers.receive_hints(node, from, hints, self.now)
            }
            Event::Tick => {
                self.servers.tick(self.now);
                self.schedule_after(if self.has_faults { 2_000 } else { 9_000 }, Event::Tick);
            }
            Event::Heartbeat => {
                let (sockets, beat) = self.servers.heartbeat();
                for client in sockets {
                    self.push(client, Some(beat.clone()));
                }
                self.servers.look_up_access(self.now);
                self.schedule_after(HEARTBEAT_MS, Event::Heartbeat);
            }
            Event::Up(node) => self.servers.nodes[node].is_up = true,
            Event::Fault => self.fault(),
        }
        Ok(())
    }

    fn act(&mut self, client: usize) -> Result<(), String> {
        if !self.has_faults {
            return Ok(());
        }
        let device = &self.clients[client];
        device.set_clock(self.now);
        if self.scenario == Scenario::Notifications {
            self.ledger.actions += 1;
            let (users, n) = (self.servers.users.clone(), self.ledger.actions);
            let device = &mut self.clients[client];
            if device.is_alive() {
                notification_actors::act(device, &users, n, &mut self.rng, self.now);
                self.run_pending_inputs(client);
            }
        } else if device.is_alive() && self.now >= device.full_until {
            actors::act(device, &self.servers.users, &mut self.ledger, &mut self.rng);
            if !self.server_lies {
                check::accepted_messages_exist(self, client)?;
            }
            self.run_pending_inputs(client);
        }
        let later = self.rng.between(100, 4000);
        self.schedule_after(later, Event::Act(client));
        Ok(())
    }
}
