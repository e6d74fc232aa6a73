//! One device: the real session, engine and files. Only the network, the clock and the disk are
//! played; what the driver does with an effect is done here in the same order.

use crate::bugs::Bug;
use crate::dice::Dice;
use crate::server::no_answer;
use parlour_client::verify::Part;
use parlour_client::{Clock, Notices, Session, effects};
use parlour_protocol::{
    Action, Digest, ErrorBody, ErrorCode, Millis, Op, OpDone, OpId, Page, Row, SessionId, StreamId,
    UserId,
};
use parlour_store::{Account, Arrival, Images, Store};
use parlour_sync::{Connection, Effect, Engine, Input, Place};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

/// The device's clock, which may jump, and its ids, which do not repeat.
pub struct SimClock {
    device: u64,
    now: AtomicI64,
    ids: AtomicU64,
}

impl Clock for SimClock {
    fn now(&self) -> Millis {
        Millis(self.now.load(Ordering::Relaxed))
    }

    fn id(&self) -> Uuid {
        let (device, id) = (self.device, self.ids.fetch_add(1, Ordering::Relaxed));
        Uuid::from_u64_pair(0x0199_0000_0000_7000 + device, 0x8000_0000_0000_0000 + id)
    }
}

/// A device and what lies on it.
pub struct Client {
    /// Which of all devices.
    pub number: usize,
    /// Whose.
    pub user: UserId,
    account: Account,
    clock: Arc<SimClock>,
    store: Arc<Store>,
    session: Session,
    said: UnboundedReceiver<Input>,
    /// Nothing while the process is dead.
    engine: Option<Engine>,
    /// When the process began, by true time.
    began: i64,
    /// Counts processes: what was meant for an earlier one is lost.
    pub life: u64,
    /// How far its clock is off.
    pub clock_off: i64,
    /// Until when its disk is full.
    pub full_until: i64,
    /// What a power cut would bring back.
    pub older: Option<Images>,
    /// Whether something in its mirror rotted.
    pub has_rotted: bool,
    /// Whether its mirror lost what its outbox had handed over: shown again once it is fetched.
    pub lost_power: bool,
    /// The newest time that it wants to be woken at.
    pub wake_at: Option<i64>,
    /// How many sockets it has tried.
    pub tries: u64,
    /// Whether an answer got nowhere though there was more to come.
    pub stood_still: bool,
    /// What its engine has to hear of the outbox.
    offered: RefCell<Vec<Input>>,
}

/// What a device wants of the network.
#[derive(Debug)]
pub enum Want {
    /// A socket, in place of those that it tried before this one.
    Connect(u64),
    /// An answer over the socket.
    Ping(u64),
    /// What the effect asks, in this epoch.
    Ask(Effect, String),
    /// To send an op, in this epoch.
    Send(Op, String),
    /// To have what is at a place compared, in this epoch.
    Compare(Place, Part, String),
}

/// What a server says of a part of a mirror: the digest of it, and its rows.
pub type Compared = (Digest, Vec<Row>);

impl Client {
    /// A device with empty files.
    pub fn new(number: usize, user: UserId, name: &str) -> Self {
        let session_id = SessionId(Uuid::from_u128(number as u128 + 1));
        let server = "http://sim".to_owned();
        let account = Account { server, user_id: user, username: name.into(), session_id };
        let (now, ids) = (AtomicI64::new(0), AtomicU64::new(1));
        let clock = Arc::new(SimClock { device: number as u64, now, ids });
        let store = Arc::new(Store::in_memory(&account, None).expect("files in memory"));
        let (session, said) =
            Session::offline(store.clone(), Notices::default(), clock.clone()).expect("a session");
        let (engine, older, wake_at, lost_power, has_rotted) = (None, None, None, false, false);
        let (began, life, clock_off, full_until) = (0, 0, 0, 0);
        Self {
            number,
            user,
            account,
            clock,
            store,
            session,
            said,
            engine,
            began,
            life,
            clock_off,
            full_until,
            older,
            has_rotted,
            lost_power,
            wake_at,
            tries: 0,
            stood_still: false,
            offered: RefCell::default(),
        }
    }

    /// What its user reads and does.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Its files.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether its process runs.
    pub fn is_alive(&self) -> bool {
        self.engine.is_some()
    }

    /// The epoch that it knows.
    pub fn epoch(&self) -> String {
        self.engine.as_ref().map(|engine| engine.epoch().to_owned()).unwrap_or_default()
    }

    /// Sets its clock.
    pub fn at(&self, now: i64) {
        self.clock.now.store(now + self.clock_off, Ordering::Relaxed);
    }

    /// Starts the process.
    pub fn start(&mut self, now: i64, dice: &mut Dice) -> Vec<Want> {
        self.life += 1;
        self.began = now;
        while self.said.try_recv().is_ok() {}
        self.engine = effects::engine(&self.store, dice.any()).ok();
        self.step(Input::Started, now, dice, None, &mut |_| false)
    }

    /// Kills the process. What was committed stays.
    pub fn die(&mut self, bug: Option<Bug>) {
        self.engine = None;
        self.life += 1;
        self.wake_at = None;
        if bug == Some(Bug::InFlightIsSent) {
            for open in self.store.open_ops().expect("ops").iter().filter(|open| open.tried) {
                self.store.confirm(&open.op).expect("confirming");
            }
        }
    }

    /// Cuts the power: the mirror's last commits may be lost, never the outbox's.
    pub fn lose_power(&mut self) {
        let Some(mirror) = self.older.take().map(|images| images.mirror) else { return };
        self.lost_power = true;
        let outbox = self.store.images().expect("images").outbox;
        let images = Images { mirror, outbox };
        let store = Store::in_memory(&self.account, Some(&images)).expect("files in memory");
        self.store = Arc::new(store);
        let clock = self.clock.clone();
        (self.session, self.said) =
            Session::offline(self.store.clone(), Notices::default(), clock).expect("a session");
    }

    /// Takes what the user's doing says to the engine.
    pub fn after_deed(
        &mut self,
        now: i64,
        dice: &mut Dice,
        bug: Option<Bug>,
        dies: &mut dyn FnMut(&mut Dice) -> bool,
    ) -> Vec<Want> {
        let mut wants = Vec::new();
        loop {
            let offered = self.offered.borrow_mut().pop();
            let Some(input) = offered.or_else(|| self.said.try_recv().ok()) else { break };
            let input = effects::refresh(&self.store, input).expect("files in memory");
            wants.extend(self.step_one(input, now, dice, bug, dies));
        }
        wants
    }

    /// Hands an input to the engine and does what it decides, and what follows from it; `dies` is asked
    /// between any two effects whether the process ends there.
    pub fn step(
        &mut self,
        input: Input,
        now: i64,
        dice: &mut Dice,
        bug: Option<Bug>,
        dies: &mut dyn FnMut(&mut Dice) -> bool,
    ) -> Vec<Want> {
        let mut wants = self.step_one(input, now, dice, bug, dies);
        wants.extend(self.after_deed(now, dice, bug, dies));
        wants
    }

    fn step_one(
        &mut self,
        input: Input,
        now: i64,
        dice: &mut Dice,
        bug: Option<Bug>,
        dies: &mut dyn FnMut(&mut Dice) -> bool,
    ) -> Vec<Want> {
        let mut wants = Vec::new();
        let Some(engine) = &mut self.engine else { return wants };
        let mut todo: Vec<Effect> = engine.handle(input, now - self.began);
        self.stood_still |= engine.standstills() > 0;
        let mut at = 0;
        while at < todo.len() {
            if dies(dice) {
                self.die(bug);
                return wants;
            }
            let effect = todo[at].clone();
            at += 1;
            let Ok(next) = self.perform(effect, now, bug, &mut wants) else {
                // The driver waits a little and begins again from what is stored.
                self.die(bug);
                return wants;
            };
            if let Some(next) = next {
                // After a new epoch there is nothing left of the old engine's.
                todo.splice(..at, []);
                todo.extend(next);
                at = 0;
            }
        }
        wants
    }

    fn perform(
        &mut self,
        effect: Effect,
        now: i64,
        bug: Option<Bug>,
        wants: &mut Vec<Want>,
    ) -> Result<Option<Vec<Effect>>, ErrorCode> {
        match effect {
            Effect::Connect | Effect::ConnectAnew => {
                self.tries += 1;
                wants.push(Want::Connect(self.tries));
            }
            Effect::Ping(ping) => wants.push(Want::Ping(ping)),
            Effect::FetchHeads { .. } | Effect::Pull(_) | Effect::FetchHistory(_) => {
                let hidden = match bug {
                    Some(Bug::PullsWaitForOutbox) => {
                        let ops = self.store.open_ops().map_err(|error| error.code())?;
                        !matches!(effect, Effect::FetchHeads { .. }) && !ops.is_empty()
                    }
                    _ => false,
                };
                if !hidden {
                    wants.push(Want::Ask(effect, self.epoch()));
                }
            }
            Effect::Send(id) => {
                if bug == Some(Bug::OutboxWaitsForPulls) && self.lacks_something()? {
                    let later = Input::Sent(id, Err(no_answer(ErrorCode::Retry)));
                    let engine = self.engine.as_mut().ok_or(ErrorCode::Storage)?;
                    return Ok(Some(engine.handle(later, now - self.began)));
                }
                let answer = match self.prepare(id, bug) {
                    Ok(Some(op)) => {
                        wants.push(Want::Send(op, self.epoch()));
                        return Ok(None);
                    }
                    Ok(None) => Ok(()),
                    Err(error) => Err(error),
                };
                let engine = self.engine.as_mut().ok_or(ErrorCode::Storage)?;
                return Ok(Some(engine.handle(Input::Sent(id, answer), now - self.began)));
            }
            Effect::Verify(place) => {
                match Part::at(&self.store.mirror, place).map_err(|error| error.code())? {
                    Some(part) => wants.push(Want::Compare(place, part, self.epoch())),
                    None => {
                        let engine = self.engine.as_mut().ok_or(ErrorCode::Storage)?;
                        let nothing = Input::Verified(place, Ok(None));
                        return Ok(Some(engine.handle(nothing, now - self.began)));
                    }
                }
            }
            Effect::WakeAt(at) => self.wake_at = Some(self.began + at),
            Effect::Connection(Connection::Online) if now >= self.full_until => {
                self.session.share_drafts().map_err(|error| error.code())?;
            }
            Effect::Connection(_) => {}
            Effect::BeginEpoch(epoch) => {
                self.write(&Effect::BeginEpoch(epoch.clone()), now, bug)?;
                let before = self.engine.take().ok_or(ErrorCode::Storage)?;
                let mut engine = effects::engine(&self.store, 1).map_err(|error| error.code())?;
                let todo = engine.take_over(&before, now - self.began);
                self.engine = Some(engine);
                return Ok(Some(todo));
            }
            of_files => {
                self.write(&of_files, now, bug)?;
                if effects::grants_membership(&of_files) {
                    let _ = self.session.share_drafts();
                }
            }
        }
        Ok(None)
    }

    fn lacks_something(&self) -> Result<bool, ErrorCode> {
        let state = self.store.sync_state().map_err(|error| error.code())?;
        Ok(state.streams.iter().any(|stream| stream.cursor.is_none_or(|at| at < stream.head)))
    }

    fn prepare(&self, id: OpId, bug: Option<Bug>) -> Result<Option<Op>, ErrorBody> {
        if bug == Some(Bug::DraftsOverwrite) {
            let op = effects::prepare(&self.store, id)?;
            return Ok(op.map(|mut op| {
                if let Action::Draft { based_on, .. } = &mut op.action {
                    *based_on = None;
                }
                op
            }));
        }
        if bug == Some(Bug::RewritesTried) {
            let open = self.store.open_op(id).map_err(|error| no_answer(error.code()))?;
            return Ok(open.map(|open| open.op));
        }
        effects::prepare(&self.store, id)
    }

    fn write(&self, effect: &Effect, now: i64, bug: Option<Bug>) -> Result<(), ErrorCode> {
        let write = |effect: &Effect| {
            let done = match effect {
                Effect::BeginEpoch(epoch) => self.store.begin_epoch(epoch).map(drop),
                effect => {
                    let effects = std::slice::from_ref(effect);
                    let changes = effects::apply(&self.store, effects).map_err(|e| e.code())?;
                    self.offered.borrow_mut().extend(effects::reloads(&changes));
                    return Ok(());
                }
            };
            done.map_err(|error| error.code())
        };
        let is_full = now < self.full_until;
        match (bug, effect) {
            (Some(Bug::HalfAPage), Effect::ApplyPage(page)) if is_full && page.rows.len() > 1 => {
                let mut half = page.clone();
                half.rows.pop();
                write(&Effect::ApplyPage(half))?;
                Err(ErrorCode::DiskFull)
            }
            _ if is_full => Err(ErrorCode::DiskFull),
            (Some(Bug::PurgeIgnored), Effect::ApplyPage(page)) => {
                let mut page = page.clone();
                for row in &mut page.rows {
                    if let Row::Membership(row) = row {
                        row.purged = false;
                    }
                }
                write(&Effect::ApplyPage(page))
            }
            (Some(Bug::CursorFromRows), Effect::ApplyPage(page)) => {
                let newest = page.rows.iter().map(Row::changed_seq).max().unwrap_or(page.to);
                write(&Effect::ApplyPage(Page { to: newest, ..page.clone() }))
            }
            (Some(Bug::CursorBeforeRows), Effect::ApplyPage(page)) => {
                write(&Effect::ApplyPage(Page { rows: Vec::new(), ..page.clone() }))?;
                if self.clock.now().0 % 5 == 0 {
                    // The process dies between the two.
                    return Err(ErrorCode::Storage);
                }
                let done = OpDone {
                    epoch: page.epoch.clone(),
                    ..OpDone::new(page.stream, page.rows.clone())
                };
                self.store.mirror.apply_done(&done).map(drop).map_err(|error| error.code())
            }
            (Some(Bug::OldRowsWin), Effect::ApplyHistory(history)) => {
                let mut history = history.clone();
                for row in &mut history.rows {
                    if let Row::Message(row) = row {
                        row.changed_seq += 1000;
                    }
                }
                write(&Effect::ApplyHistory(history))
            }
            (Some(Bug::HistoryMovesCursor), Effect::ApplyHistory(history)) => {
                write(effect)?;
                let head = self.head_of(history.stream)?;
                self.move_cursor(history.stream, &history.epoch, history.term, head)
            }
            (Some(Bug::NothingOfferedAgain), Effect::BeginEpoch(_)) => {
                let before = self.store.open_ops().map_err(|error| error.code())?;
                write(effect)?;
                for open in self.store.open_ops().map_err(|error| error.code())? {
                    if !before.iter().any(|known| known.op.id == open.op.id) {
                        self.store.confirm(&open.op).map_err(|error| error.code())?;
                    }
                }
                Ok(())
            }
            _ => write(effect),
        }
    }

    fn head_of(&self, stream: StreamId) -> Result<i64, ErrorCode> {
        let state = self.store.sync_state().map_err(|error| error.code())?;
        let known = state.streams.iter().find(|known| known.stream == stream);
        Ok(known.map_or(0, |known| known.head))
    }

    fn move_cursor(
        &self,
        stream: StreamId,
        epoch: &str,
        term: i64,
        to: i64,
    ) -> Result<(), ErrorCode> {
        let page = Page { epoch: epoch.into(), stream, term, from: 0, to, head: to, rows: vec![] };
        self.store.mirror.apply(&[Arrival::Page(&page)]).map(drop).map_err(|error| error.code())
    }

    /// Compares a part of the mirror with what a server says, and mends it where it differs.
    pub fn compare(
        &self,
        (place, mut part): (Place, Part),
        (mut digest, rows): Compared,
        now: i64,
        bug: Option<Bug>,
    ) -> Result<Option<i64>, ErrorBody> {
        if now < self.full_until {
            return Err(no_answer(ErrorCode::DiskFull));
        }
        let mirror = &self.store.mirror;
        if bug == Some(Bug::MendsWhatMoved)
            && let Ok(Some(Part::State(standing))) = Part::at(mirror, place)
        {
            digest.head = standing.cursor;
            part = Part::State(standing);
        }
        let is_same = part.is_same(mirror, &digest)?;
        if !is_same {
            part = part.narrowed_to(&rows);
        }
        if let (false, Some(Bug::ComparingDeletes), Part::Messages(stretch)) = (is_same, bug, part)
        {
            let repaired = mirror.repair(&stretch, &digest.epoch, &rows);
            repaired.map_err(|error| no_answer(error.code()))?;
        } else if !is_same && bug != Some(Bug::NothingMended) {
            let (_, changes) = part.mend(&self.store, &digest.epoch, &rows)?;
            self.offered.borrow_mut().extend(effects::reloads(&changes));
        } else if is_same && bug != Some(Bug::ComparingDeletes) {
            let changes = part.settle(&self.store)?;
            self.offered.borrow_mut().extend(effects::reloads(&changes));
        }
        Ok(part.low())
    }

    /// Spoils something in its mirror that no check of the file itself would find.
    pub fn rot(&mut self, dice: &mut Dice) {
        let nth = dice.below(20);
        let one = |what: &str| format!("(SELECT {what} LIMIT 1 OFFSET {nth})");
        let a_key = one("key FROM messages ORDER BY key DESC");
        let a_number = one("number FROM conversations ORDER BY number");
        let a_user = one("user FROM members ORDER BY conversation, user");
        let kinds = [
            format!("UPDATE messages SET body = 'rot' WHERE key = {a_key}"),
            format!("DELETE FROM messages WHERE key = {a_key}"),
            format!("UPDATE conversations SET title = 'rot' WHERE number = {a_number}"),
            format!("UPDATE conversations SET last_read_seq = 0 WHERE number = {a_number}"),
            format!("UPDATE conversations SET pinned_at = 1 WHERE number = {a_number}"),
            format!("DELETE FROM members WHERE user = {a_user}"),
            format!("UPDATE members SET role = 'owner' WHERE user = {a_user}"),
            format!("UPDATE users SET username = 'rot' WHERE number = {a_user}"),
            "DELETE FROM saved".to_owned(),
            "DELETE FROM drafts".to_owned(),
        ];
        let sql = dice.pick(&kinds).expect("a kind");
        self.has_rotted |= self.store.mirror.damage(sql).expect("a statement") > 0;
    }

    /// Keeps what the server answered to an op, and says what to tell the engine.
    pub fn keep(
        &self,
        op: &Op,
        done: &OpDone,
        now: i64,
        bug: Option<Bug>,
    ) -> Result<(), ErrorBody> {
        if now < self.full_until {
            let message = "A file of the account failed.".into();
            let code = ErrorCode::DiskFull;
            return Err(ErrorBody { code, message, retry_after_ms: None });
        }
        if bug == Some(Bug::OutboxLetsGoFirst) {
            let _ = self.store.confirm(op);
            return Ok(());
        }
        effects::complete(&self.store, op, done)?;
        if matches!(op.action, Action::Draft { .. }) {
            let _ = self.session.share_drafts();
        }
        if bug == Some(Bug::AckMovesCursor)
            && let Some(to) = done.rows.iter().map(Row::changed_seq).max()
        {
            let _ = self.move_cursor(done.stream, &self.epoch(), 1, to);
        }
        Ok(())
    }
}
