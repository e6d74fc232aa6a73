//! The state of a run: devices, servers, the network between them, and the scheduled events.

use crate::bugs::Bug;
use crate::client::{Client, NetworkRequest};
use crate::ids::MALLORY;
use crate::ledger::Ledger;
use crate::rng::Rng;
use crate::scenario::Scenario;
use crate::server::Servers;
use crate::wire::Reply;
use parlour_client::step::ServerResult;
use parlour_protocol::{ErrorCode, Frame, Millis, OpId, UserId};
use parlour_server::Hint;
use parlour_sync::Input;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A scheduled event.
#[derive(Debug)]
pub(super) enum Event {
    /// A device's user performs an action.
    Act(usize),
    /// A user who is not simulated performs an action.
    Interfere,
    /// The attacker performs an attack.
    Attack,
    /// A device's process starts.
    Start(usize),
    /// A device's process with this number wakes its engine, as it requested.
    Wake(usize, u64),
    /// An input reaches a device's process with this number.
    Input(usize, u64, Input),
    /// A device's process with this number notices that the socket it tried has closed or did not
    /// open. Ignored if it has tried another one since.
    Ended(usize, u64, u64, ErrorCode),
    /// A frame reaches a device's socket with this number; `None` closes it.
    Frame(usize, u64, Option<Frame>),
    /// The answer to a device's request with this number reaches it.
    Response(usize, u64, ServerResult<Reply>),
    /// A device whose files failed restarts its sync, if its process still has this number.
    Restart(usize, u64),
    /// A device's process with this number updates its notifications.
    Notify(usize, u64),
    /// A request of a device's process with this number reaches a server.
    Request(usize, u64, NetworkRequest),
    /// A node commits the waiting ops.
    Commit(usize),
    /// A node receives hints from another one.
    Hints(usize, usize, Vec<Hint>),
    /// The nodes do their periodic work; sockets get heartbeats.
    Tick,
    Heartbeat,
    /// A node starts.
    Up(usize),
    /// A fault occurs.
    Fault,
}

/// The result of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// Number of events.
    pub operations: u64,
    /// Number of the users' actions.
    pub actions: u64,
    /// Number of deliberate faults, by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// The first violation, if any.
    pub failure: Option<String>,
}

/// The state of a run.
pub struct World {
    pub rng: Rng,
    pub now: i64,
    pub(super) events: BTreeMap<(i64, u64), Event>,
    pub(super) scheduled: u64,
    pub servers: Servers,
    pub clients: Vec<Client>,
    /// The number of each device's socket; 0 if it has none.
    pub(super) sockets: Vec<u64>,
    pub(super) opened: u64,
    /// The time until which each device has no network.
    pub(super) cut_until: Vec<i64>,
    /// The time until which a proxy in front of each device lets requests pass but no socket.
    pub(super) socket_blocked_until: Vec<i64>,
    /// An epoch, and the devices that can prove that a backup was restored in it although no server
    /// detected it.
    pub(super) provers: (String, BTreeSet<usize>),
    pub(super) sent_once: BTreeSet<OpId>,
    /// The first violation that was found by a device or while it sent a request.
    pub(super) violation: Option<String>,
    pub ledger: Ledger,
    pub(super) has_faults: bool,
    /// The requests that still fail during the first stage of healing.
    pub stage: Stage,
    pub bug: Option<Bug>,
    pub report: Report,
    /// Number of pulls and sends in the quiet time.
    pub quiet_requests: u64,
    pub(super) is_quiet: bool,
    pub(super) is_traced: bool,
    /// Whether the server lies during the time with faults.
    pub server_lies: bool,
    pub scenario: Scenario,
    /// When each device is next woken for its notifications.
    pub(super) notify_at: Vec<Option<i64>>,
}

/// The requests that still fail while everything heals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// None.
    Complete,
    /// Pulls of conversations.
    NoPulls,
    /// Sends.
    NoSends,
}

impl World {
    pub(super) fn new(seed: u64, bug: Option<Bug>, scenario: Scenario) -> Self {
        let mut rng = Rng::new(seed);
        let nodes = usize::try_from(rng.between(1, 3)).expect("a few");
        let mut servers = Servers::new(nodes, bug);
        servers.core.add_user(MALLORY, "mallory", Millis(0));
        let people = rng.between(2, 3);
        let mut clients = Vec::new();
        for number in 0..people {
            let id = UserId(Uuid::from_u64_pair(0x0199_aaaa_0000_7000, number.unsigned_abs()));
            let name = format!("person{number}");
            servers.core.add_user(id, &name, Millis(0));
            servers.users.push(id);
            let devices = match scenario {
                Scenario::Sync => 1 + i64::from(rng.permille(250)),
                Scenario::Notifications => 3,
            };
            for _ in 0..devices {
                clients.push(Client::new(clients.len(), id, &name, scenario));
            }
        }
        let count = clients.len();
        let server_lies = scenario == Scenario::Sync && bug.is_none() && rng.permille(60);
        let ledger = Ledger { sends_long_messages: rng.permille(20), ..Ledger::default() };
        Self {
            rng,
            now: 1_000_000,
            events: BTreeMap::new(),
            scheduled: 0,
            servers,
            clients,
            sockets: vec![0; count],
            opened: 0,
            cut_until: vec![0; count],
            socket_blocked_until: vec![0; count],
            provers: (String::new(), BTreeSet::new()),
            sent_once: BTreeSet::new(),
            violation: None,
            ledger,
            has_faults: true,
            stage: Stage::Complete,
            bug,
            report: Report::default(),
            quiet_requests: 0,
            is_quiet: false,
            is_traced: std::env::var_os("PARLOUR_SIM_TRACE").is_some(),
            server_lies,
            scenario,
            notify_at: vec![None; count],
        }
    }

    pub(super) fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    pub(super) fn schedule_after(&mut self, ms: i64, event: Event) {
        self.scheduled += 1;
        self.events.insert((self.now + ms.max(0), self.scheduled), event);
    }

    pub fn server_lies_now(&self) -> bool {
        self.server_lies && self.has_faults
    }

    pub(super) fn count(&mut self, fault: &'static str) {
        *self.report.faults.entry(fault).or_default() += 1;
    }
}
