//! Presence in virtual time: real hubs and the real client's presence, while devices lose their connection
//! without closing it, servers are killed and restarted, and the bus between them fails. Nobody is shown
//! online for more than a minute after they were, and everybody who is online is shown.

use crate::client::Client;
use crate::rng::Rng;
use crate::scenario::Scenario;
use parlour_protocol::periods::HEARTBEAT_MS;
use parlour_protocol::{Availability, Frame, Millis, SessionId, UserId};
use parlour_server::Hint;
use parlour_server::hub::{Hub, Next, Subscriber, TICK};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use uuid::Uuid;

const NODES: usize = 3;
const PEOPLE: u128 = 6;
const DEVICES: usize = 12;
/// The length of a run, in seconds.
const SECONDS: u64 = 900;
/// Maximum time for which an offline person may be shown online, in seconds.
const MAX_STALE: u64 = 60;
/// The time after which an online person must be shown, in seconds, if nothing fails meanwhile.
const SHOWN_WITHIN: u64 = 12;
/// The interval of heartbeats, in seconds.
const HEARTBEAT_SECONDS: u64 = HEARTBEAT_MS.unsigned_abs() / 1000;

struct Node {
    hub: Arc<Hub>,
    hints: UnboundedReceiver<Hint>,
    /// Whether it is connected to the bus.
    is_on_bus: bool,
    number: u64,
}

struct Device {
    user: UserId,
    client: Client,
    /// The node of its socket, the socket, and the time at which it was opened.
    socket: Option<(usize, Subscriber, u64)>,
    state: Availability,
    /// When the current socket was opened, and since when the device reports on it that its user is online.
    there: Option<(u64, u64)>,
}

struct World {
    rng: Rng,
    started_at: Instant,
    now: u64,
    nodes: Vec<Node>,
    started: u64,
    devices: Vec<Device>,
    /// Sockets of devices that lost their connection, which the servers still have open.
    abandoned_sockets: Vec<(usize, Subscriber)>,
    /// When a server or the bus failed last.
    failed_at: u64,
    /// When each person was last online.
    last_online: BTreeMap<UserId, u64>,
}

fn users() -> impl Iterator<Item = UserId> {
    (1..=PEOPLE).map(|n| UserId(Uuid::from_u128(n)))
}

impl World {
    fn new(seed: u64) -> Self {
        let device = |number: usize| {
            let user = UserId(Uuid::from_u128(number as u128 % PEOPLE + 1));
            let client = Client::new(number, user, "somebody", Scenario::Sync);
            Device { user, client, socket: None, state: Availability::Online, there: None }
        };
        let mut world = Self {
            rng: Rng::new(seed),
            started_at: Instant::now(),
            now: 0,
            nodes: Vec::new(),
            started: 0,
            devices: (0..DEVICES).map(device).collect(),
            abandoned_sockets: Vec::new(),
            failed_at: 0,
            last_online: users().map(|user| (user, 0)).collect(),
        };
        for _ in 0..NODES {
            let node = world.start();
            world.nodes.push(node);
        }
        world
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.below(bound as i64)).expect("below a bound")
    }

    fn instant(&self) -> Instant {
        self.started_at + Duration::from_secs(self.now)
    }

    fn start(&mut self) -> Node {
        let (bus, hints) = unbounded_channel();
        self.started += 1;
        let hub = Arc::new(Hub::with_bus(bus));
        hub.bus_connected(true, self.instant());
        Node { hub, hints, is_on_bus: true, number: self.started }
    }

    /// Performs a random event, or none.
    fn act(&mut self) {
        let (device, node) = (self.below(DEVICES), self.below(NODES));
        match self.below(40) {
            0..=9 => self.connect(device, node),
            10 | 11 => self.lose_connection(device),
            12 => {
                drop(self.devices[device].socket.take());
                self.devices[device].client.session().update_presence(None);
            }
            13..=16 => {
                let states = [
                    Availability::Online,
                    Availability::Away,
                    Availability::Busy,
                    Availability::Offline,
                ];
                let state = states[self.below(states.len())];
                self.devices[device].state = state;
                self.say(device);
            }
            17 if self.below(4) == 0 => self.kill(node),
            18 if self.below(4) == 0 => self.disconnect_bus(node),
            19 | 20 => self.reconnect_bus(node),
            _ => {}
        }
    }

    fn connect(&mut self, device: usize, node: usize) {
        if self.devices[device].socket.is_some() {
            return;
        }
        let session = SessionId(Uuid::from_u128(device as u128 + 1));
        let subscriber = self.nodes[node].hub.enter(self.devices[device].user, session);
        let watched: Vec<UserId> = users().collect();
        let visible: BTreeMap<UserId, Option<Millis>> =
            watched.iter().map(|user| (*user, None)).collect();
        self.devices[device].client.session().people_presence(&watched).expect("its files");
        self.nodes[node].hub.watch(&subscriber, &watched, &visible);
        self.devices[device].socket = Some((node, subscriber, self.now));
        self.say(device);
    }

    fn say(&self, device: usize) {
        let Device { socket, state, .. } = &self.devices[device];
        if let Some((node, subscriber, _)) = socket {
            self.nodes[*node].hub.report_presence(subscriber, *state);
            subscriber.outbound.record_received();
        }
    }

    /// A device loses its power, without closing its connection.
    fn lose_connection(&mut self, device: usize) {
        if let Some((node, subscriber, _)) = self.devices[device].socket.take() {
            self.abandoned_sockets.push((node, subscriber));
            self.devices[device].client.session().update_presence(None);
        }
    }

    /// A server is killed and restarted; the others are not notified.
    fn kill(&mut self, node: usize) {
        self.failed_at = self.now;
        self.nodes[node] = self.start();
        self.abandoned_sockets.retain(|(at, _)| *at != node);
        for device in &mut self.devices {
            if device.socket.as_ref().is_some_and(|(at, ..)| *at == node) {
                device.socket = None;
                device.client.session().update_presence(None);
            }
        }
    }

    fn disconnect_bus(&mut self, node: usize) {
        self.failed_at = self.now;
        self.nodes[node].is_on_bus = false;
        self.nodes[node].hub.bus_disconnected();
    }

    fn reconnect_bus(&mut self, node: usize) {
        if !self.nodes[node].is_on_bus {
            self.failed_at = self.now;
            self.nodes[node].is_on_bus = true;
            self.nodes[node].hub.bus_connected(false, self.instant());
        }
    }

    /// Advances the time by a second.
    fn advance_second(&mut self) {
        self.now += 1;
        let now = self.instant();
        if self.now.is_multiple_of(HEARTBEAT_SECONDS) {
            let sockets = self.devices.iter().filter_map(|device| device.socket.as_ref());
            sockets.for_each(|(_, subscriber, _)| subscriber.outbound.record_received());
        }
        if self.now.is_multiple_of(TICK.as_secs()) {
            self.nodes.iter().for_each(|node| node.hub.tick(now));
        }
        for from in 0..NODES {
            let mut hints = Vec::new();
            while let Ok(hint) = self.nodes[from].hints.try_recv() {
                hints.push(hint);
            }
            let number = self.nodes[from].number;
            if !self.nodes[from].is_on_bus || hints.is_empty() {
                continue;
            }
            for (at, node) in self.nodes.iter().enumerate() {
                if at != from && node.is_on_bus {
                    node.hub.receive_hints(number, hints.clone(), now);
                }
            }
        }
        for device in &mut self.devices {
            let Some((_, subscriber, _)) = &device.socket else { continue };
            let mut is_closed = false;
            while let Some(next) = subscriber.outbound.take() {
                let (Next::Send(json) | Next::Close(json)) = &next;
                // A closed socket returns `Close` forever.
                is_closed = matches!(next, Next::Close(_));
                if let Frame::Presence { people } = serde_json::from_str(json).expect("a frame") {
                    device.client.session().update_presence(Some(people));
                }
                if is_closed {
                    break;
                }
            }
            if is_closed {
                device.socket = None;
                device.client.session().update_presence(None);
            }
        }
        // A server closes the socket of a device from which it has not received anything for long.
        self.abandoned_sockets.retain(|(_, socket)| {
            std::iter::from_fn(|| socket.outbound.take()).all(|next| matches!(next, Next::Send(_)))
        });
    }

    /// Checks what every device shows.
    fn check(&mut self) -> Result<(), String> {
        let now = self.now;
        for device in &mut self.devices {
            let is_online = device.state != Availability::Offline;
            let socket = device.socket.as_ref().filter(|_| is_online).map(|(.., at)| *at);
            let before = device.there.filter(|(at, _)| Some(*at) == socket);
            device.there = socket.map(|at| before.unwrap_or((at, now)));
            if device.there.is_some() {
                self.last_online.insert(device.user, now);
            }
        }
        let since = |user: UserId| {
            let devices = self.devices.iter().filter(|device| device.user == user);
            devices.filter_map(|device| Some(device.there?.1)).min()
        };
        let all: Vec<UserId> = users().collect();
        for device in &self.devices {
            let shown =
                device.client.session().people_presence(&all).map_err(|error| error.to_string())?;
            for person in shown {
                let (since, last) = (since(person.id), self.last_online[&person.id]);
                let state = person.state.filter(|state| *state != Availability::Offline);
                if state.is_some() && now - last > MAX_STALE {
                    return Err(format!(
                        "{now}: {:?} is shown {state:?}, last online {last}",
                        person.id
                    ));
                }
                let is_long_ago = |at: u64| now - at > SHOWN_WITHIN;
                let connected = device.socket.as_ref().is_some_and(|(.., at)| is_long_ago(*at));
                let is_bus_complete =
                    self.nodes.iter().all(|node| node.is_on_bus) && is_long_ago(self.failed_at);
                let must_be_shown = since.is_some_and(is_long_ago) && connected && is_bus_complete;
                if must_be_shown && state.is_none() {
                    return Err(format!(
                        "{now}: {:?} is online since {since:?} and not shown",
                        person.id
                    ));
                }
                if device.socket.is_none() && person.state.is_some() {
                    return Err(format!("{now}: a device without a socket shows {:?}", person.id));
                }
            }
        }
        Ok(())
    }
}

#[test]
fn nobody_is_shown_online_for_more_than_a_minute_after_they_were() {
    for seed in 0..40 {
        let mut world = World::new(seed);
        while world.now < SECONDS {
            world.act();
            world.advance_second();
            if let Err(error) = world.check() {
                panic!("seed {seed}: {error}");
            }
        }
    }
}
