//! One device: the real session, engine and files. Only the network, the clock and the disk are
//! played; what the driver does with an effect is done here in the same order.

mod files;

use crate::bugs::Bug;
use crate::dice::Dice;
use crate::server::no_answer;
use parlour_client::verify::Part;
use parlour_client::{Clock, Notices, Session, effects};
use parlour_protocol::{ErrorCode, Millis, Op, SessionId, UserId};
use parlour_store::{Account, Images, Store};
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
}
