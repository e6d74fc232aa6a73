//! One device: the real session, sync and files. Only the network, the clock and the disk are played.

mod hands;
mod questions;
mod rot;
mod stand_ins;
mod steps;
mod waiting;

use crate::bugs::Bug;
use crate::dice::Dice;
use crate::wire::Query;
use parlour_client::step::Syncer;
use parlour_client::{Clock, Notices, Session};
use parlour_protocol::{Millis, SessionId, UserId};
use parlour_store::{Account, Images, Store};
use parlour_sync::Input;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

pub use waiting::Waiting;

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
    syncer: Option<Syncer>,
    /// When the process began, by true time.
    began: i64,
    /// Counts processes: what was meant for an earlier one is lost.
    pub life: u64,
    /// What its next steps are about, before what comes from the session.
    heard: VecDeque<Input>,
    /// Whether its files failed, so that it leaves them alone for a while.
    is_paused: bool,
    /// What waits for an answer, by the number of the request that was made last.
    asked: BTreeMap<u64, Waiting>,
    /// How many requests it has made.
    requests: u64,
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
}

/// When something happens to a device, and what may go wrong.
pub struct Moment<'a> {
    /// True time.
    pub now: i64,
    /// Chance.
    pub dice: &'a mut Dice,
    /// The rule that is taken away.
    pub bug: Option<Bug>,
    /// Whether its process may die on the way.
    pub is_troubled: bool,
}

impl Moment<'_> {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn dies(&mut self) -> bool {
        self.is_troubled && self.dice.permille(2)
    }
}

/// What a device wants of the network.
#[derive(Debug)]
pub enum Want {
    /// A socket, in place of those that it tried before this one.
    Connect(u64),
    /// To be without a socket.
    HangUp,
    /// An answer over the socket.
    Ping(u64),
    /// An answer to the request with this number.
    Ask(u64, Query),
    /// To be left alone for a while.
    Pause,
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
        Self {
            number,
            user,
            account,
            clock,
            store,
            session,
            said,
            syncer: None,
            began: 0,
            life: 0,
            heard: VecDeque::new(),
            is_paused: false,
            asked: BTreeMap::new(),
            requests: 0,
            clock_off: 0,
            full_until: 0,
            older: None,
            has_rotted: false,
            lost_power: false,
            wake_at: None,
            tries: 0,
            stood_still: false,
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
        self.syncer.is_some()
    }

    /// The epoch that it knows.
    pub fn epoch(&self) -> String {
        self.syncer.as_ref().map(|syncer| syncer.engine().epoch().to_owned()).unwrap_or_default()
    }

    /// Sets its clock.
    pub fn at(&self, now: i64) {
        self.clock.now.store(now + self.clock_off, Ordering::Relaxed);
    }

    /// Starts the process.
    pub fn start(&mut self, moment: &mut Moment<'_>) -> Vec<Want> {
        self.life += 1;
        self.began = moment.now;
        while self.said.try_recv().is_ok() {}
        self.syncer = self.session.syncer(moment.dice.any()).ok();
        self.hear(Input::Started, moment)
    }

    /// Kills the process. What was committed stays.
    pub fn die(&mut self, bug: Option<Bug>) {
        self.syncer = None;
        self.life += 1;
        self.wake_at = None;
        self.is_paused = false;
        self.heard.clear();
        self.asked.clear();
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
}
