//! The scheduler: one queue of events in virtual time, and chance, which decides what comes when,
//! what is lost, and who fails. First everything may happen; then it heals, and must come right.

use crate::bugs::Bug;
use crate::check;
use crate::client::{Client, Compared, Want};
use crate::dice::Dice;
use crate::own;
use crate::people::{self, Ledger};
use crate::server::{Asked, Servers, no_answer};
use parlour_client::verify::Part;
use parlour_protocol::{
    ErrorClass, ErrorCode, Frame, Millis, Op, OpDone, OpId, Page, PulledStream, Row, StreamId,
    UserId,
};
use parlour_server::core::Answer;
use parlour_server::{Change, Hint};
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
    /// A device's process starts.
    Start(usize),
    /// The engine of this life wanted to be woken.
    Wake(usize, u64),
    /// An input reaches the engine of this life.
    Tell(usize, u64, Input),
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
            sent_once: BTreeSet::new(),
            ledger: Ledger::default(),
            is_troubled: true,
            stage: Stage::Whole,
            bug,
            report: Report::default(),
            noise: 0,
            is_quiet: false,
            is_traced: std::env::var_os("PARLOUR_SIM_TRACE").is_some(),
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

    /// Spoils some mirrors, and has all of them compared.
    fn rot(&mut self) {
        for client in 0..self.clients.len() {
            if self.dice.permille(300) {
                self.count("a mirror rots");
                self.clients[client].rot(&mut self.dice);
            }
            self.tell(client, Input::VerifyAll);
        }
    }

    fn heal(&mut self) {
        self.is_troubled = false;
        self.cut_until.fill(0);
        for client in 0..self.clients.len() {
            self.clients[client].full_until = 0;
            if !self.clients[client].is_alive() {
                self.after(10, Event::Start(client));
            }
        }
        for node in 0..self.servers.nodes.len() {
            if !self.servers.nodes[node].is_up {
                self.after(10, Event::Up(node));
            }
        }
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
                    self.tell(client, input);
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
            Event::Commit(node) => self.commit(node),
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

    fn act(&mut self, client: usize) -> Result<(), String> {
        if !self.is_troubled {
            return Ok(());
        }
        let device = &self.clients[client];
        device.at(self.now);
        if device.is_alive() && self.now >= device.full_until {
            people::act(device, &self.servers.users, &mut self.ledger, &mut self.dice);
            check::kept(self, client)?;
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

    fn is_lost(&mut self, client: usize) -> bool {
        self.now < self.cut_until[client] || (self.is_troubled && self.dice.permille(40))
    }

    fn delay(&mut self) -> i64 {
        if self.is_troubled && self.dice.permille(30) {
            return self.dice.between(1000, 15_000);
        }
        self.dice.between(1, 80)
    }

    fn reach(&mut self, client: usize, life: u64, want: Want) {
        let delay = self.delay();
        if let Some(code) = self.hindrance(&want) {
            return self.after(delay, fail(client, life, want, code));
        }
        let up: Vec<usize> =
            (0..self.servers.nodes.len()).filter(|node| self.servers.nodes[*node].is_up).collect();
        let Some(node) = self.dice.pick(&up).copied() else {
            return self.after(delay, fail(client, life, want, ErrorCode::Offline));
        };
        let user = self.clients[client].user;
        let is_lost = self.is_lost(client);
        match want {
            Want::Connect => {
                if self.clients[client].life == life {
                    self.close(client);
                    self.opened += 1;
                    self.sockets[client] = self.opened;
                    let hello = self.servers.enter(node, client, user);
                    self.push(client, Some(hello));
                }
            }
            Want::Ask(effect, epoch) => {
                if self.has(Bug::NoHeadsCheck)
                    && matches!(effect, Effect::FetchHeads { wm } if wm > 0)
                {
                    return;
                }
                let input = self.servers.answer(client, user, &effect, &epoch);
                let input = if self.has(Bug::NoReset) { without_resets(input) } else { input };
                if is_lost {
                    self.count("an answer is lost");
                    let want = Want::Ask(effect, epoch);
                    return self.after(30_000, fail(client, life, want, ErrorCode::Offline));
                }
                self.after(delay, Event::Tell(client, life, input));
            }
            Want::Compare(place, part, epoch) => {
                let theirs = self.servers.compare(user, &part, &epoch);
                self.after(delay, Event::Compared(client, life, place, part, theirs));
            }
            Want::Send(mut op, epoch) => {
                if self.has(Bug::RetryWithNewId) && !self.sent_once.insert(op.id) {
                    op.id = OpId(Uuid::from_u64_pair(11, self.scheduled));
                }
                self.servers.nodes[node].waiting.push(Asked { client, life, user, op, epoch });
                let slow = self.is_troubled && self.dice.permille(50);
                let wait = if slow { self.dice.between(500, 5000) } else { self.dice.below(20) };
                self.after(wait, Event::Commit(node));
            }
        }
    }

    /// Why a server, or what is in front of it, does not do it.
    fn hindrance(&mut self, want: &Want) -> Option<ErrorCode> {
        let is_pull = matches!(want, Want::Ask(Effect::Pull(fetches), _)
            if fetches.iter().any(|fetch| matches!(fetch.stream, StreamId::Conversation(_))));
        let is_send = matches!(want, Want::Send(..));
        match self.stage {
            Stage::NoPulls if is_pull => return Some(ErrorCode::Retry),
            Stage::NoSends if is_send => return Some(ErrorCode::Retry),
            _ => {}
        }
        if !self.is_troubled || !self.dice.permille(30) {
            return None;
        }
        self.count("a proxy or an overloaded server answers");
        let proxy =
            if self.has(Bug::ProxyRefuses) { ErrorCode::Forbidden } else { ErrorCode::NotAServer };
        let codes = [
            proxy,
            proxy,
            ErrorCode::Retry,
            ErrorCode::Rate,
            ErrorCode::Internal,
            ErrorCode::Overloaded,
        ];
        self.dice.pick(&codes).copied()
    }

    fn commit(&mut self, node: usize) {
        if !self.servers.nodes[node].is_up || self.servers.nodes[node].waiting.is_empty() {
            return;
        }
        // A commit that fails: everybody is told to try again.
        if self.is_troubled && self.dice.permille(20) {
            self.count("a commit fails");
            let image = self.has(Bug::AnnouncedBeforeCommit).then(|| self.servers.core.image());
            if self.has(Bug::SeqUsedUp) {
                self.servers.core.damage("UPDATE conversations SET last_seq = last_seq + 1");
            }
            if let Some(image) = image {
                let epoch = self.servers.core.epoch().to_owned();
                let (asked, changes) = self.servers.commit(node, self.now);
                self.servers.core = parlour_server::core::Core::new(&epoch, Some(&image));
                self.servers.publish(node, changes);
                return asked.into_iter().for_each(|(asked, _)| self.fail_op(asked));
            }
            let asked = std::mem::take(&mut self.servers.nodes[node].waiting);
            return asked.into_iter().for_each(|asked| self.fail_op(asked));
        }
        let (answers, mut changes) = self.servers.commit(node, self.now);
        if self.is_troubled && self.dice.permille(20) {
            self.count("a server dies after a commit");
            self.crash(node);
            return answers.into_iter().for_each(|(asked, _)| self.fail_op(asked));
        }
        if self.is_troubled && self.dice.permille(30) {
            self.count("what was committed is not announced");
            changes.retain(|change| !matches!(change, Change::Rows(_) | Change::Later(_)));
        }
        self.servers.publish(node, changes);
        for (asked, answer) in answers {
            let Asked { client, life, op, epoch, .. } = asked;
            let delay = self.delay();
            if self.is_lost(client) {
                self.count("an answer is lost");
                let want = Want::Send(op, epoch);
                self.after(30_000, fail(client, life, want, ErrorCode::Offline));
                continue;
            }
            self.after(delay, Event::Keep(client, life, op.clone(), answer.clone()));
            if self.is_troubled && self.dice.permille(20) {
                self.count("a request comes twice");
                let user = self.clients[client].user;
                let again = Asked { client, life, user, op, epoch };
                self.servers.nodes[node].waiting.push(again);
                self.after(delay, Event::Commit(node));
            }
        }
    }

    fn fail_op(&mut self, asked: Asked) {
        let Asked { client, life, op, epoch, .. } = asked;
        let delay = self.delay();
        self.after(delay, fail(client, life, Want::Send(op, epoch), ErrorCode::Retry));
    }

    fn keep(&mut self, client: usize, op: &Op, answer: Answer<OpDone>) {
        let answer = match answer {
            Ok(done) => {
                self.clients[client].at(self.now);
                self.clients[client].keep(op, &done, self.now, self.bug)
            }
            Err(error) => Err(error),
        };
        if answer.is_err() && self.has(Bug::NeverAgain) {
            return;
        }
        self.tell(client, Input::Sent(op.id, answer));
        if self.has(Bug::OvertakesRefused) {
            let store = self.clients[client].store();
            let open = store.open_ops().unwrap_or_default();
            let lines: Vec<_> = open
                .iter()
                .filter(|open| open.op.conversation_id == op.conversation_id)
                .map(parlour_client::perform::queued)
                .filter(|queued| !queued.refused)
                .collect();
            if let Some(first) = lines.first() {
                self.tell(client, Input::Reloaded(first.lane, lines.clone()));
            }
        }
    }

    /// Hands on what the nodes have for their sockets and for each other.
    fn deliver(&mut self) -> Result<(), String> {
        for (client, frame) in self.servers.frames() {
            if let Some(frame) = &frame {
                check::may_see(self, client, frame)?;
            }
            self.push(client, frame);
        }
        for (from, hints) in self.servers.hints() {
            for node in 0..self.servers.nodes.len() {
                if node == from {
                    continue;
                }
                if self.is_troubled && self.dice.permille(100) {
                    self.count("a hint between servers is lost");
                    continue;
                }
                let delay = self.delay();
                self.after(delay, Event::Hear(node, from, hints.clone()));
            }
        }
        Ok(())
    }

    fn push(&mut self, client: usize, frame: Option<Frame>) {
        let socket = self.sockets[client];
        if socket == 0 {
            return;
        }
        // A socket whose first frame is not the hello is given up, so that is never lost alone.
        let is_either_end = matches!(frame, None | Some(Frame::Hello { .. }));
        if self.is_troubled && !is_either_end && self.dice.permille(20) {
            return self.count("a frame is lost");
        }
        let delay = self.delay();
        if self.is_troubled && self.dice.permille(20) {
            self.count("a frame comes twice");
            let again = self.delay();
            self.after(again, Event::Frame(client, socket, frame.clone()));
        }
        self.after(delay, Event::Frame(client, socket, frame));
    }

    fn frame(&mut self, client: usize, socket: u64, frame: Option<Frame>) {
        if self.sockets[client] != socket {
            return;
        }
        match frame {
            None => {
                self.close(client);
                self.tell(client, Input::Disconnected(no_answer(ErrorCode::Retry)));
            }
            Some(Frame::Change(page)) if self.has(Bug::GapIgnored) => {
                let from = page.from.min(0);
                self.tell(client, Input::Frame(Frame::Change(Page { from, ..page })));
            }
            Some(Frame::Change(mut page)) if self.has(Bug::LeavingMissed) => {
                page.rows
                    .retain(|row| !matches!(row, Row::Membership(row) if row.left_at.is_some()));
                self.tell(client, Input::Frame(Frame::Change(page)));
            }
            Some(Frame::Change(mut page)) if self.has(Bug::TermKept) => {
                for row in &mut page.rows {
                    if let Row::Membership(row) = row {
                        row.term = 1;
                    }
                }
                self.tell(client, Input::Frame(Frame::Change(page)));
            }
            Some(frame) => self.tell(client, Input::Frame(frame)),
        }
    }

    fn close(&mut self, client: usize) {
        self.sockets[client] = 0;
        self.servers.leave(client);
    }

    fn crash(&mut self, node: usize) {
        let (sockets, waited) = self.servers.crash(node);
        sockets.into_iter().for_each(|client| self.cut(client));
        waited.into_iter().for_each(|asked| self.fail_op(asked));
        let later = self.dice.between(100, 10_000);
        self.after(later, Event::Up(node));
    }

    /// Ends a socket; its device notices at once, or after two heartbeats.
    fn cut(&mut self, client: usize) {
        self.close(client);
        let later = if self.dice.permille(500) { 10 } else { 41_000 };
        let life = self.clients[client].life;
        let ended = Input::Disconnected(no_answer(ErrorCode::Offline));
        self.after(later, Event::Tell(client, life, ended));
    }

    fn count(&mut self, fault: &'static str) {
        *self.report.faults.entry(fault).or_default() += 1;
    }

    fn fault(&mut self) {
        if !self.is_troubled {
            return;
        }
        let client = usize::try_from(self.dice.below(self.clients.len() as i64)).expect("one");
        let node = usize::try_from(self.dice.below(self.servers.nodes.len() as i64)).expect("one");
        match self.dice.below(13) {
            12 => {
                self.count("a cursor is too old");
                for (id, _) in self.servers.core.conversations_of(self.clients[client].user) {
                    let stream = StreamId::Conversation(id);
                    self.servers.too_old.insert((client, stream));
                }
            }
            0 | 1 => {
                self.count("a server dies");
                self.crash(node);
            }
            2 | 3 => {
                self.count("a client dies");
                self.clients[client].die(self.bug);
                self.close(client);
                let later = self.dice.between(50, 20_000);
                self.after(later, Event::Start(client));
            }
            4 => {
                self.count("a power cut");
                self.clients[client].die(self.bug);
                self.clients[client].lose_power();
                self.close(client);
                self.after(100, Event::Start(client));
            }
            5 => self.clients[client].older = self.clients[client].store().images().ok(),
            6 | 7 => {
                self.count("a network is cut");
                self.cut_until[client] = self.now + self.dice.between(1000, 60_000);
                self.cut(client);
            }
            8 => {
                self.count("a disk is full");
                self.clients[client].full_until = self.now + self.dice.between(1000, 20_000);
            }
            9 => {
                self.count("a clock jumps");
                self.clients[client].clock_off = self.dice.between(-10_000_000, 10_000_000);
            }
            10 => self.servers.back_up(),
            _ => {
                if self.servers.backup.is_some() {
                    self.count("a backup is restored");
                    (0..self.servers.nodes.len()).for_each(|node| self.crash(node));
                    self.servers.restore();
                }
            }
        }
        let later = self.dice.between(1000, 12_000);
        self.after(later, Event::Fault);
    }
}

/// The event by which a device learns that it gets no answer.
fn fail(client: usize, life: u64, want: Want, code: ErrorCode) -> Event {
    let error = no_answer(code);
    let input = match want {
        Want::Connect => Input::Disconnected(error),
        Want::Ask(Effect::Pull(fetches), _) => Input::Pulled(fetches, Err(error)),
        Want::Ask(Effect::FetchHistory(fetch), _) => Input::History(fetch, Err(error)),
        Want::Ask(Effect::FetchHeads { wm }, _) => Input::Heads(wm, Err(error)),
        Want::Ask(..) => Input::Woke,
        Want::Compare(place, ..) => Input::Verified(place, Err(error)),
        Want::Send(op, _) => return Event::Keep(client, life, op, Err(error)),
    };
    Event::Tell(client, life, input)
}

fn without_resets(input: Input) -> Input {
    let soften = |mut error: parlour_protocol::ErrorBody| {
        if error.code.class() == ErrorClass::Resync {
            error.code = ErrorCode::Retry;
        }
        error
    };
    match input {
        Input::Pulled(asked, Ok(answers)) => {
            let soften = |answer| match answer {
                PulledStream::Error(error) => PulledStream::Error(soften(error)),
                other => other,
            };
            Input::Pulled(asked, Ok(answers.into_iter().map(soften).collect()))
        }
        Input::History(fetch, answer) => Input::History(fetch, answer.map_err(soften)),
        other => other,
    }
}
