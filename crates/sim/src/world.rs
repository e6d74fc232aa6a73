//! The scheduler: one queue of events in virtual time, and chance, which decides what comes when,
//! what is lost, and who fails. First everything may happen; then it heals, and must come right.

mod network;
mod trouble;

use crate::bugs::Bug;
use crate::check;
use crate::client::{Client, Compared, Want};
use crate::dice::Dice;
use crate::hostile;
use crate::liar;
use crate::own;
use crate::people::{self, Ledger};
use crate::server::{Servers, no_answer};
use network::fail;
use parlour_client::verify::Part;
use parlour_protocol::{ErrorCode, Frame, Millis, Op, OpDone, OpId, UserId};
use parlour_server::Hint;
use parlour_server::core::Answer;
use parlour_sync::{Effect, Input, Place};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How long, in virtual milliseconds, everything may happen, and how long it takes to come right.
const TROUBLE_MS: i64 = 120_000;
const STAGE_MS: i64 = 150_000;
const QUIET_MS: i64 = 130_000;

/// Things that no run needs so many of.
const MOST: u64 = 200_000;

/// What happens next.
#[derive(Debug)]
enum Event {
    /// A device's user does something.
    Act(usize),
    /// Somebody who is not simulated does something.
    Meddle,
    /// Somebody who means no good tries something.
    Attack,
    /// A device's process starts.
    Start(usize),
    /// The engine of this life wanted to be woken.
    Wake(usize, u64),
    /// An input reaches the engine of this life.
    Tell(usize, u64, Input),
    /// A device of this life learns that the socket it tried has ended, or none came to stand; nothing if
    /// it has tried another one since.
    Ended(usize, u64, u64, ErrorCode),
    /// A frame reaches the socket with this number; nothing ends it.
    Frame(usize, u64, Option<Frame>),
    /// The answer to an op reaches the device.
    Keep(usize, u64, Op, Answer<OpDone>),
    /// What a server says of a part of a mirror reaches the device.
    Compared(usize, u64, Place, Part, Answer<Compared>),
    /// A request reaches a server.
    Reach(usize, u64, Want),
    /// A node commits what waits.
    Commit(usize),
    /// A node hears another.
    Hear(usize, usize, Vec<Hint>),
    /// Nodes tick; sockets get heartbeats.
    Tick,
    Heartbeat,
    /// A node comes up.
    Up(usize),
    /// Something breaks.
    Fault,
}

/// What a run came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Things that the scheduler did.
    pub operations: u64,
    /// Things that people did.
    pub deeds: u64,
    /// What went wrong on purpose, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// What must hold and did not.
    pub failure: Option<String>,
}

/// Everything.
pub struct World {
    pub dice: Dice,
    pub now: i64,
    events: BTreeMap<(i64, u64), Event>,
    scheduled: u64,
    pub servers: Servers,
    pub clients: Vec<Client>,
    /// The number of each device's socket; 0 if it has none.
    sockets: Vec<u64>,
    opened: u64,
    /// Until when each device has no network.
    cut_until: Vec<i64>,
    /// Until when what is before each device lets requests pass and no socket.
    barred_until: Vec<i64>,
    /// In an epoch: who can prove that a backup was restored that no server noticed.
    provers: (String, BTreeSet<usize>),
    sent_once: BTreeSet<OpId>,
    pub ledger: Ledger,
    is_troubled: bool,
    /// In the first stage of healing one direction may still be dead.
    pub stage: Stage,
    pub bug: Option<Bug>,
    pub report: Report,
    /// Pulls and sends while it should be quiet.
    pub noise: u64,
    is_quiet: bool,
    is_traced: bool,
    /// Whether the server lies while things break.
    pub lies: bool,
}

/// What still fails while it heals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing.
    Whole,
    /// No page gets through.
    NoPulls,
    /// No op gets through.
    NoSends,
}

/// Plays a history.
pub fn run(seed: u64, bug: Option<Bug>) -> Report {
    let mut world = World::new(seed, bug);
    let played = world.play();
    world.report.failure = played.err();
    world.report.deeds = world.ledger.deeds;
    world.report
}

impl World {
    fn new(seed: u64, bug: Option<Bug>) -> Self {
        let mut dice = Dice::new(seed);
        let nodes = usize::try_from(dice.between(1, 3)).expect("a few");
        let mut servers = Servers::new(nodes, bug);
        servers.core.add_user(hostile::MALLORY, "mallory", Millis(0));
        let people = dice.between(2, 3);
        let mut clients = Vec::new();
        for number in 0..people {
            let id = UserId(Uuid::from_u64_pair(0x0199_aaaa_0000_7000, number.unsigned_abs()));
            let name = format!("person{number}");
            servers.core.add_user(id, &name, Millis(0));
            servers.users.push(id);
            for _ in 0..1 + i64::from(dice.permille(250)) {
                clients.push(Client::new(clients.len(), id, &name));
            }
        }
        let many = clients.len();
        let lies = bug.is_none() && dice.permille(60);
        let ledger = Ledger { is_wordy: dice.permille(20), ..Ledger::default() };
        Self {
            dice,
            now: 1_000_000,
            events: BTreeMap::new(),
            scheduled: 0,
            servers,
            clients,
            sockets: vec![0; many],
            opened: 0,
            cut_until: vec![0; many],
            barred_until: vec![0; many],
            provers: (String::new(), BTreeSet::new()),
            sent_once: BTreeSet::new(),
            ledger,
            is_troubled: true,
            stage: Stage::Whole,
            bug,
            report: Report::default(),
            noise: 0,
            is_quiet: false,
            is_traced: std::env::var_os("PARLOUR_SIM_TRACE").is_some(),
            lies,
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn play(&mut self) -> Result<(), String> {
        for client in 0..self.clients.len() {
            let later = self.dice.below(1000);
            self.after(later, Event::Start(client));
            self.after(later + 500, Event::Act(client));
        }
        self.after(0, Event::Tick);
        self.after(0, Event::Heartbeat);
        self.after(10_000, Event::Fault);
        self.after(15_000, Event::Meddle);
        self.after(12_000, Event::Attack);
        let healed = self.now + TROUBLE_MS;
        self.until(healed)?;
        self.heal();
        let stages = [Stage::Whole, Stage::NoPulls, Stage::NoSends];
        self.stage = *self.dice.pick(&stages).expect("three");
        self.until(healed + STAGE_MS)?;
        check::stage(self)?;
        self.stage = Stage::Whole;
        self.clients.iter().for_each(people::retry);
        self.clients.iter().for_each(own::pause);
        self.after_deeds();
        self.until(healed + 2 * STAGE_MS)?;
        if self.dice.permille(500) {
            for client in &self.clients {
                people::give_up(client, &mut self.ledger);
            }
            self.after_deeds();
        }
        self.rot();
        self.until(healed + 3 * STAGE_MS)?;
        self.is_quiet = true;
        self.until(healed + 3 * STAGE_MS + QUIET_MS)?;
        check::end(self)
    }

    fn after(&mut self, ms: i64, event: Event) {
        self.scheduled += 1;
        self.events.insert((self.now + ms.max(0), self.scheduled), event);
    }

    fn until(&mut self, end: i64) -> Result<(), String> {
        while let Some(first) = self.events.first_entry() {
            if first.key().0 > end {
                break;
            }
            let ((at, _), event) = first.remove_entry();
            self.now = at;
            self.report.operations += 1;
            if self.report.operations > MOST {
                return Err("it never comes to rest".into());
            }
            if self.is_traced {
                eprintln!("{:>9} {event:?}", self.now);
            }
            self.happen(event)?;
            self.deliver()?;
        }
        self.now = end;
        Ok(())
    }

    fn happen(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Act(client) => self.act(client)?,
            Event::Meddle => {
                if self.is_troubled {
                    self.ledger.deeds += 1;
                    people::meddle(&mut self.servers, self.now, &mut self.dice, self.ledger.deeds);
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
                    let wants = self.clients[client].start(self.now, &mut self.dice);
                    self.want(client, wants);
                }
            }
            Event::Wake(client, life) => {
                let device = &mut self.clients[client];
                if device.life == life && device.wake_at.is_some_and(|at| at <= self.now) {
                    device.wake_at = None;
                    self.tell(client, Input::Woke);
                }
            }
            Event::Tell(client, life, input) => {
                if self.clients[client].life == life {
                    let input =
                        if self.lies_now() { liar::twist(input, &mut self.dice) } else { input };
                    self.tell(client, input);
                }
            }
            Event::Ended(client, life, tried, code) => {
                if self.clients[client].life == life && self.clients[client].tries == tried {
                    self.tell(client, Input::Disconnected(no_answer(code)));
                }
            }
            Event::Frame(client, socket, frame) => self.frame(client, socket, frame),
            Event::Keep(client, life, op, answer) => {
                if self.clients[client].life == life {
                    self.keep(client, &op, answer);
                }
            }
            Event::Compared(client, life, place, part, theirs) => {
                if self.clients[client].life == life {
                    let device = &self.clients[client];
                    let compared = theirs.and_then(|theirs| {
                        device.compare((place, part), theirs, self.now, self.bug)
                    });
                    self.tell(client, Input::Verified(place, compared));
                }
            }
            Event::Reach(client, life, want) => self.reach(client, life, want),
            Event::Commit(node) => self.commit(node)?,
            Event::Hear(node, from, hints) => self.servers.hear(node, from, hints, self.now),
            Event::Tick => {
                self.servers.tick(self.now);
                self.after(if self.is_troubled { 2_000 } else { 9_000 }, Event::Tick);
            }
            Event::Heartbeat => {
                let (sockets, beat) = self.servers.heartbeat();
                for client in sockets {
                    self.push(client, Some(beat.clone()));
                }
                self.servers.look_again(self.now);
                self.after(20_000, Event::Heartbeat);
            }
            Event::Up(node) => self.servers.nodes[node].is_up = true,
            Event::Fault => self.fault(),
        }
        Ok(())
    }

    pub fn lies_now(&self) -> bool {
        self.lies && self.is_troubled
    }

    fn act(&mut self, client: usize) -> Result<(), String> {
        if !self.is_troubled {
            return Ok(());
        }
        let device = &self.clients[client];
        device.at(self.now);
        if device.is_alive() && self.now >= device.full_until {
            people::act(device, &self.servers.users, &mut self.ledger, &mut self.dice);
            if !self.lies {
                check::kept(self, client)?;
            }
            self.after_deed(client);
        }
        let later = self.dice.between(100, 4000);
        self.after(later, Event::Act(client));
        Ok(())
    }

    fn after_deeds(&mut self) {
        (0..self.clients.len()).for_each(|client| self.after_deed(client));
    }

    fn after_deed(&mut self, client: usize) {
        let (now, bug, troubled) = (self.now, self.bug, self.is_troubled);
        let mut dies = |dice: &mut Dice| troubled && dice.permille(2);
        let wants = self.clients[client].after_deed(now, &mut self.dice, bug, &mut dies);
        self.want(client, wants);
    }

    fn tell(&mut self, client: usize, input: Input) {
        let (now, bug, troubled) = (self.now, self.bug, self.is_troubled);
        self.clients[client].at(now);
        let mut dies = |dice: &mut Dice| troubled && dice.permille(2);
        let wants = self.clients[client].step(input, now, &mut self.dice, bug, &mut dies);
        self.want(client, wants);
    }

    /// Sends off what a device wants, and sees to a process that has died.
    fn want(&mut self, client: usize, wants: Vec<Want>) {
        let life = self.clients[client].life;
        if !self.clients[client].is_alive() {
            self.count("a client dies");
            self.close(client);
            let later = self.dice.between(50, 20_000);
            self.after(later, Event::Start(client));
            return;
        }
        if let Some(at) = self.clients[client].wake_at {
            self.after(at - self.now, Event::Wake(client, life));
        }
        for want in wants {
            self.note(&want);
            if self.bug == Some(Bug::ParallelSends)
                && let Want::Send(op, epoch) = &want
            {
                for open in self.clients[client].store().open_ops().unwrap_or_default() {
                    if open.op.conversation_id == op.conversation_id && open.op.id != op.id {
                        let delay = self.delay();
                        let also = Want::Send(open.op, epoch.clone());
                        self.after(delay, Event::Reach(client, life, also));
                    }
                }
            }
            let delay = self.delay();
            if self.is_lost(client) {
                self.count("a request is lost");
                self.after(delay + 30_000, fail(client, life, want, ErrorCode::Offline));
            } else {
                self.after(delay, Event::Reach(client, life, want));
            }
        }
    }

    fn note(&mut self, want: &Want) {
        let is_work = matches!(
            want,
            Want::Send(..) | Want::Ask(Effect::Pull(_) | Effect::FetchHistory(_), _)
        );
        self.noise += u64::from(self.is_quiet && is_work);
    }

    fn count(&mut self, fault: &'static str) {
        *self.report.faults.entry(fault).or_default() += 1;
    }
}
