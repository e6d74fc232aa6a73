//! Plays a history: first everything may fail; then it heals, and must recover.

use super::state::{Event, Report, Stage, World};
use crate::about::About;
use crate::actors;
use crate::bugs::Bug;
use crate::check;
use crate::client::Client;
use crate::hostile;
use crate::liar;
use crate::notified;
use crate::private_state;
use crate::wire::no_answer;
use parlour_protocol::periods::HEARTBEAT_MS;
use parlour_sync::Input;

/// The durations, in virtual milliseconds, of the troubled time, of each stage of healing, and of
/// the quiet time at the end.
const TROUBLE_MS: i64 = 120_000;
const STAGE_MS: i64 = 150_000;
const QUIET_MS: i64 = 130_000;

/// The maximum number of events in a run; more means that it never ends.
const MAX_EVENTS: u64 = 200_000;

/// Plays the history of a seed.
pub fn run(seed: u64, bug: Option<Bug>, about: About) -> Report {
    let mut world = World::new(seed, bug, about);
    let played = world.play();
    world.report.failure = played.err();
    world.report.actions = world.ledger.actions;
    world.report
}

impl World {
    fn play(&mut self) -> Result<(), String> {
        for client in 0..self.clients.len() {
            let later = self.dice.below(1000);
            self.after(later, Event::Start(client));
            self.after(later + 500, Event::Act(client));
        }
        self.after(0, Event::Tick);
        self.after(0, Event::Heartbeat);
        self.after(10_000, Event::Fault);
        if self.about == About::Notifications {
            return self.play_notified();
        }
        self.after(15_000, Event::Meddle);
        self.after(12_000, Event::Attack);
        let healed = self.now + TROUBLE_MS;
        self.run_until(healed)?;
        self.heal();
        let stages = [Stage::Whole, Stage::NoPulls, Stage::NoSends];
        self.stage = *self.dice.pick(&stages).expect("three");
        self.run_until(healed + STAGE_MS)?;
        check::stage(self)?;
        self.stage = Stage::Whole;
        for client in &self.clients {
            actors::retry(client, &mut self.ledger);
        }
        self.clients.iter().for_each(private_state::pause);
        self.after_actions();
        self.run_until(healed + 2 * STAGE_MS)?;
        if self.dice.permille(500) {
            for client in &self.clients {
                actors::give_up(client, &mut self.ledger);
            }
            self.after_actions();
        }
        self.rot();
        self.run_until(healed + 3 * STAGE_MS)?;
        self.is_quiet = true;
        self.run_until(healed + 3 * STAGE_MS + QUIET_MS)?;
        check::end(self)
    }

    /// Plays a history about notifications: people write and read while devices are cut off and die, and then
    /// everything arrives everywhere.
    fn play_notified(&mut self) -> Result<(), String> {
        let healed = self.now + TROUBLE_MS;
        self.run_until(healed)?;
        self.heal();
        self.run_until(healed + STAGE_MS)?;
        check::desks(self)
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
                return Err("it never comes to rest".into());
            }
            if self.is_traced {
                eprintln!("{:>9} {event:?}", self.now);
            }
            self.handle(event)?;
            self.deliver()?;
            if let Some(leak) = self.leak.take() {
                return Err(leak);
            }
        }
        self.now = end;
        Ok(())
    }

    fn handle(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Act(client) => self.act(client)?,
            Event::Meddle => {
                if self.is_troubled {
                    self.ledger.actions += 1;
                    actors::meddle(
                        &mut self.servers,
                        self.now,
                        &mut self.dice,
                        self.ledger.actions,
                    );
                    let later = self.dice.between(1000, 15_000);
                    self.after(later, Event::Meddle);
                }
            }
            Event::Attack => {
                if self.is_troubled {
                    hostile::attack(self)?;
                    let later = self.dice.between(500, 8_000);
                    self.after(later, Event::Attack);
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
            Event::Answer(client, number, answer) => {
                let is_lied = self.lies_now();
                let answer = match answer {
                    Ok(reply) if is_lied => Ok(liar::twist(reply, &mut self.dice)),
                    answer => answer,
                };
                self.answer(client, number, answer);
            }
            Event::Restart(client, life) => {
                if self.clients[client].life == life {
                    self.run_device(client, Client::restart);
                }
            }
            Event::Settle(client, life) => {
                self.settles_at[client] = None;
                if self.clients[client].life == life {
                    self.settle(client);
                }
            }
            Event::Ended(client, life, tried, code) => {
                if self.clients[client].life == life && self.clients[client].tries == tried {
                    self.deliver_input(client, Input::Disconnected(no_answer(code)));
                }
            }
            Event::Frame(client, socket, frame) => self.frame(client, socket, frame),
            Event::Request(client, life, request) => self.reach(client, life, request),
            Event::Commit(node) => self.commit(node)?,
            Event::Hints(node, from, hints) => {
                self.servers.receive_hints(node, from, hints, self.now)
            }
            Event::Tick => {
                self.servers.tick(self.now);
                self.after(if self.is_troubled { 2_000 } else { 9_000 }, Event::Tick);
            }
            Event::Heartbeat => {
                let (sockets, beat) = self.servers.heartbeat();
                for client in sockets {
                    self.push(client, Some(beat.clone()));
                }
                self.servers.recheck_access(self.now);
                self.after(HEARTBEAT_MS, Event::Heartbeat);
            }
            Event::Up(node) => self.servers.nodes[node].is_up = true,
            Event::Fault => self.fault(),
        }
        Ok(())
    }

    fn act(&mut self, client: usize) -> Result<(), String> {
        if !self.is_troubled {
            return Ok(());
        }
        let device = &self.clients[client];
        device.set_clock(self.now);
        if self.about == About::Notifications {
            self.ledger.actions += 1;
            let (users, n) = (self.servers.users.clone(), self.ledger.actions);
            let device = &mut self.clients[client];
            if device.is_alive() {
                notified::act(device, &users, n, &mut self.dice, self.now);
                self.after_action(client);
            }
        } else if device.is_alive() && self.now >= device.full_until {
            actors::act(device, &self.servers.users, &mut self.ledger, &mut self.dice);
            if !self.lies {
                check::accepted_is_kept(self, client)?;
            }
            self.after_action(client);
        }
        let later = self.dice.between(100, 4000);
        self.after(later, Event::Act(client));
        Ok(())
    }
}
