//! A device: the real session, sync and files. Only the network, the clock and the disk are
//! simulated.

mod buggy_requests;
mod calls;
mod damage;
mod model;
mod notifications;
mod received;
mod steps;
mod waiting;
mod write;

use crate::bugs::Bug;
use crate::rng::Rng;
use crate::scenario::Scenario;
use crate::wire::Query;
use model::DeviceView;
use notifications::{DeviceNotifications, StepReport};
use parlour_client::step::Syncer;
use parlour_client::{Clock, Notices, Session};
use parlour_protocol::{ConversationId, Millis, SessionId, UserId};
use parlour_store::{Account, Images, Store};
use parlour_sync::Input;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

pub use model::{CAUSES, KEYWORD};
pub use received::ReceivedMessages;
pub use waiting::Waiting;

/// The device's clock, which may jump, and a source of ids, which do not repeat.
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

/// A device and its files.
pub struct Client {
    /// The device's index among all devices.
    pub number: usize,
    /// The device's user.
    pub user: UserId,
    account: Account,
    clock: Arc<SimClock>,
    store: Arc<Store>,
    session: Session,
    session_inputs: UnboundedReceiver<Input>,
    /// The sync; `None` while the process is dead.
    syncer: Option<Syncer>,
    /// The true time at which the process started.
    started_at: i64,
    /// Number of the current process: an event for an earlier one is dropped.
    pub life: u64,
    /// Inputs for the next steps, before those from the session.
    inputs: VecDeque<Input>,
    /// Whether its files failed, so that it pauses.
    is_paused: bool,
    /// The requests that wait for a response, by the number of their last attempt.
    pending: BTreeMap<u64, Waiting>,
    /// Number of requests that it has made.
    requests: u64,
    /// Difference of its clock from the true time.
    pub clock_offset: i64,
    /// The time until which its disk is full.
    pub full_until: i64,
    /// The files that a power cut would bring back.
    pub power_cut_images: Option<Images>,
    /// Whether something in its mirror was damaged.
    pub was_damaged: bool,
    /// Whether its mirror lost rows of ops that the outbox no longer has: they are shown again once
    /// they are fetched.
    pub lost_power: bool,
    /// The latest time for which it requested a wake-up.
    pub wake_at: Option<i64>,
    /// Number of sockets that it tried to open.
    pub attempts: u64,
    /// Whether a response made no progress although there was more to come.
    pub has_stalled: bool,
    /// The messages that it received for the first time.
    pub received: ReceivedMessages,
    /// Its notifications, in the notifications scenario.
    notifications: Option<DeviceNotifications>,
}

/// The environment of a device's step.
pub struct StepEnv<'a> {
    /// The true time.
    pub now: i64,
    /// The source of random numbers.
    pub rng: &'a mut Rng,
    /// The rule that is disabled.
    pub bug: Option<Bug>,
    /// Whether the device's process may crash in between.
    pub has_faults: bool,
}

impl StepEnv<'_> {
    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    fn crashes(&mut self) -> bool {
        self.has_faults && self.rng.permille(2)
    }
}

/// Something that a device requests from the network.
#[derive(Debug)]
pub enum NetworkRequest {
    /// Open a socket with this number, which replaces those that it tried before.
    Connect(u64),
    /// Close the socket.
    HangUp,
    /// Answer the ping with this number over the socket.
    Ping(u64),
    /// Answer the request with this number.
    Call(u64, Query),
    /// Wait for a while, because its files failed.
    Pause,
}

impl Client {
    /// Creates a device with empty files.
    pub fn new(number: usize, user: UserId, name: &str, scenario: Scenario) -> Self {
        let session_id = SessionId(Uuid::from_u128(number as u128 + 1));
        let server = "http://sim".to_owned();
        let account = Account { server, user_id: user, username: name.into(), session_id };
        let (now, ids) = (AtomicI64::new(0), AtomicU64::new(1));
        let clock = Arc::new(SimClock { device: number as u64, now, ids });
        let store = Arc::new(Store::in_memory(&account, None).expect("files in memory"));
        let notices = Notices::default();
        let notifications =
            (scenario == Scenario::Notifications).then(|| DeviceNotifications::new(&notices));
        let (session, session_inputs) =
            Session::offline(store.clone(), notices, clock.clone()).expect("a session");
        Self {
            number,
            user,
            account,
            clock,
            store,
            session,
            session_inputs,
            syncer: None,
            started_at: 0,
            life: 0,
            inputs: VecDeque::new(),
            is_paused: false,
            pending: BTreeMap::new(),
            requests: 0,
            clock_offset: 0,
            full_until: 0,
            power_cut_images: None,
            was_damaged: false,
            lost_power: false,
            wake_at: None,
            attempts: 0,
            has_stalled: false,
            received: ReceivedMessages::default(),
            notifications,
        }
    }

    /// Returns the session through which its user reads and acts.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Returns its files.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns whether its process is running.
    pub fn is_alive(&self) -> bool {
        self.syncer.is_some()
    }

    /// Returns the server's epoch that it knows; '' while its process is dead.
    pub fn epoch(&self) -> String {
        self.syncer.as_ref().map(|syncer| syncer.engine().epoch().to_owned()).unwrap_or_default()
    }

    /// Sets its clock to the true time `now` plus its deviation.
    pub fn set_clock(&self, now: i64) {
        self.clock.now.store(now + self.clock_offset, Ordering::Relaxed);
    }

    /// Starts the process.
    pub fn start(&mut self, env: &mut StepEnv<'_>) -> Vec<NetworkRequest> {
        self.life += 1;
        self.started_at = env.now;
        if let Some(notifications) = &mut self.notifications {
            notifications.start_process(env.now);
        }
        while self.session_inputs.try_recv().is_ok() {}
        self.syncer = self.session.syncer(env.rng.any()).ok();
        self.handle(Input::Started, env)
    }

    /// Kills the process. What was committed stays.
    pub fn crash(&mut self, bug: Option<Bug>) {
        self.syncer = None;
        // Reported messages that were not handled yet are lost.
        let report = self.session.take_received();
        self.received.record(&self.store, &report.0);
        if let Some(notifications) = &mut self.notifications {
            notifications.start_process(self.started_at);
        }
        self.life += 1;
        self.wake_at = None;
        self.is_paused = false;
        self.inputs.clear();
        self.pending.clear();
        if bug == Some(Bug::InFlightAssumedSent) {
            for pending in
                self.store.pending_ops().expect("ops").iter().filter(|pending| pending.tried)
            {
                self.store.confirm(&pending.op).expect("confirming");
            }
        }
    }

    /// Passes the messages that the session reports to the notifications.
    fn take_report(&mut self, env: &StepEnv<'_>) {
        let report: StepReport = self.session.take_received();
        self.received.record(&self.store, &report.0);
        if let Some(notifications) = &mut self.notifications {
            let wall = Millis(env.now + self.clock_offset);
            notifications.take_report(
                report,
                &DeviceView::new(&self.store, &self.session, env.now, wall),
                env.bug,
            );
        }
    }

    /// Updates the notifications. Returns the first violation, and when to call this again.
    pub fn update_notifications(
        &mut self,
        now: i64,
        bug: Option<Bug>,
    ) -> (Option<String>, Option<i64>) {
        let Some(notifications) = self.notifications.as_mut().filter(|_| self.syncer.is_some())
        else {
            return (None, None);
        };
        let wall = Millis(now + self.clock_offset);
        notifications.update(&DeviceView::new(&self.store, &self.session, now, wall), bug);
        (notifications.violation.take(), notifications.wake_at())
    }

    /// Sets the conversation that the user looks at, if any.
    pub fn set_visible_conversation(&mut self, conversation: Option<ConversationId>, now: i64) {
        if let Some(notifications) = &mut self.notifications {
            notifications.set_visible_conversation(conversation, now);
        }
    }

    /// Checks the notifications at the end.
    pub fn check_notifications(&self, now: i64) -> Result<(), String> {
        let Some(notifications) = &self.notifications else { return Ok(()) };
        let wall = Millis(now + self.clock_offset);
        notifications.check_end(&DeviceView::new(&self.store, &self.session, now, wall))
    }

    /// Cuts the power: the mirror's last commits may be lost, never the outbox's.
    pub fn lose_power(&mut self) {
        let Some(mirror) = self.power_cut_images.take().map(|images| images.mirror) else { return };
        self.lost_power = true;
        let outbox = self.store.images().expect("images").outbox;
        let images = Images { mirror, outbox };
        let store = Store::in_memory(&self.account, Some(&images)).expect("files in memory");
        self.store = Arc::new(store);
        let clock = self.clock.clone();
        (self.session, self.session_inputs) =
            Session::offline(self.store.clone(), Notices::default(), clock).expect("a session");
    }
}
