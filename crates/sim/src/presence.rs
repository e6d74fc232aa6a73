//! Presence in virtual time: real hubs and the real client's book, while devices vanish without a goodbye, servers are
//! killed and start again, and the bus between them fails. Nobody is shown online for more than a minute after they
//! were, and whoever is there is shown.

use crate::about::About;
use crate::client::Client;
use crate::dice::Dice;
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
/// The length of a history, in seconds.
const SECONDS: u64 = 900;
/// The longest that somebody may be shown online who is not.
const MOST: u64 = 60;
/// The time after which whoever is there is shown, if nothing fails meanwhile.
const SOON: u64 = 12;
const HEARTBEAT: u64 = 20;

struct Node {
    hub: Arc<Hub>,
    hints: UnboundedReceiver<Hint>,
    /// Whether it can hear the others, and they it.
    is_on_bus: bool,
    number: u64,
}

struct Device {
    user: UserId,
    client: Client,
    /// Where its socket is, and since when.
    socket: Option<(usize, Subscriber, u64)>,
    said: Availability,
    /// Since when it says on this socket that its user is there. A user whose devices take turns may be away for a
    /// moment.
    there: Option<(u64, u64)>,
}

struct World {
    dice: Dice,
    began: Instant,
    now: u64,
    nodes: Vec<Node>,
    started: u64,
    devices: Vec<Device>,
    /// Sockets of devices that vanished, which the servers still hold.
    ghosts: Vec<(usize, Subscriber)>,
    /// When a server or the bus failed last.
    failed_at: u64,
    /// When each person was last there.
    here: BTreeMap<UserId, u64>,
}

fn users() -> impl Iterator<Item = UserId> {
    (1..=PEOPLE).map(|n| UserId(Uuid::from_u128(n)))
}

impl World {
    fn new(seed: u64) -> Self {
        let device = |number: usize| {
            let user = UserId(Uuid::from_u128(number as u128 % PEOPLE + 1));
            let client = Client::new(number, user, "somebody", About::Sync);
            Device { user, client, socket: None, said: Availability::Online, there: None }
        };
        let mut world = Self {
            dice: Dice::new(seed),
            began: Instant::now(),
            now: 0,
            nodes: Vec::new(),
            started: 0,
            devices: (0..DEVICES).map(device).collect(),
            ghosts: Vec::new(),
            failed_at: 0,
            here: users().map(|user| (user, 0)).collect(),
        };
        for _ in 0..NODES {
            let node = world.start();
            world.nodes.push(node);
        }
        world
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.dice.below(bound as i64)).expect("below a bound")
    }

    fn instant(&self) -> Instant {
        self.began + Duration::from_secs(self.now)
    }

    fn start(&mut self) -> Node {
        let (bus, hints) = unbounded_channel();
        self.started += 1;
        let hub = Arc::new(Hub::with_bus(bus));
        hub.bus_connected(true, self.instant());
        Node { hub, hints, is_on_bus: true, number: self.started }
    }

    /// Lets something happen, or nothing.
    fn act(&mut self) {
        let (device, node) = (self.below(DEVICES), self.below(NODES));
        match self.below(40) {
            0..=9 => self.connect(device, node),
            10 | 11 => self.vanish(device),
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
                self.devices[device].said = state;
                self.say(device);
            }
            17 if self.below(4) == 0 => self.kill(node),
            18 if self.below(4) == 0 => self.cut_bus(node),
            19 | 20 => self.mend_bus(node),
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
        self.devices[device].client.session().people_now(&watched).expect("its files");
        self.nodes[node].hub.watch(&subscriber, &watched, &visible);
        self.devices[device].socket = Some((node, subscriber, self.now));
        self.say(device);
    }

    fn say(&self, device: usize) {
        let Device { socket, said, .. } = &self.devices[device];
        if let Some((node, subscriber, _)) = socket {
            self.nodes[*node].hub.report_presence(subscriber, *said);
            subscriber.outbound.note_received();
        }
    }

    /// A device loses its power: its server is told nothing.
    fn vanish(&mut self, device: usize) {
        if let Some((node, subscriber, _)) = self.devices[device].socket.take() {
            self.ghosts.push((node, subscriber));
            self.devices[device].client.session().update_presence(None);
        }
    }

    /// A server is killed and starts again: the others are told nothing.
    fn kill(&mut self, node: usize) {
        self.failed_at = self.now;
        self.nodes[node] = self.start();
        self.ghosts.retain(|(at, _)| *at != node);
        for device in &mut self.devices {
            if device.socket.as_ref().is_some_and(|(at, ..)| *at == node) {
                device.socket = None;
                device.client.session().update_presence(None);
            }
        }
    }

    fn cut_bus(&mut self, node: usize) {
        self.failed_at = self.now;
        self.nodes[node].is_on_bus = false;
        self.nodes[node].hub.bus_disconnected();
    }

    fn mend_bus(&mut self, node: usize) {
        if !self.nodes[node].is_on_bus {
            self.failed_at = self.now;
            self.nodes[node].is_on_bus = true;
            self.nodes[node].hub.bus_connected(false, self.instant());
        }
    }

    /// Lets a second pass.
    fn pass(&mut self) {
        self.now += 1;
        let now = self.instant();
        if self.now.is_multiple_of(HEARTBEAT) {
            let sockets = self.devices.iter().filter_map(|device| device.socket.as_ref());
            sockets.for_each(|(_, subscriber, _)| subscriber.outbound.note_received());
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
            let mut is_over = false;
            while let Some(next) = subscriber.outbound.take() {
                let (Next::Send(json) | Next::Close(json)) = &next;
                // A closed one gives this without end.
                is_over = matches!(next, Next::Close(_));
                if let Frame::Presence { people } = serde_json::from_str(json).expect("a frame") {
                    device.client.session().update_presence(Some(people));
                }
                if is_over {
                    break;
                }
            }
            if is_over {
                device.socket = None;
                device.client.session().update_presence(None);
            }
        }
        // A server closes the socket of a device that it has not heard for long.
        self.ghosts.retain(|(_, ghost)| {
            std::iter::from_fn(|| ghost.outbound.take()).all(|next| matches!(next, Next::Send(_)))
        });
    }

    /// Checks what every device shows.
    fn check(&mut self) -> Result<(), String> {
        let now = self.now;
        for device in &mut self.devices {
            let is_there = device.said != Availability::Offline;
            let socket = device.socket.as_ref().filter(|_| is_there).map(|(.., at)| *at);
            let before = device.there.filter(|(at, _)| Some(*at) == socket);
            device.there = socket.map(|at| before.unwrap_or((at, now)));
            if device.there.is_some() {
                self.here.insert(device.user, now);
            }
        }
        let since = |user: UserId| {
            let devices = self.devices.iter().filter(|device| device.user == user);
            devices.filter_map(|device| Some(device.there?.1)).min()
        };
        let all: Vec<UserId> = users().collect();
        for device in &self.devices {
            let shown = device.client.session().people_now(&all).map_err(|why| why.to_string())?;
            for person in shown {
                let (since, last) = (since(person.id), self.here[&person.id]);
                let state = person.state.filter(|state| *state != Availability::Offline);
                if state.is_some() && now - last > MOST {
                    return Err(format!(
                        "{now}: {:?} is shown {state:?}, last there {last}",
                        person.id
                    ));
                }
                let is_settled = |at: u64| now - at > SOON;
                let connected = device.socket.as_ref().is_some_and(|(.., at)| is_settled(*at));
                let is_whole =
                    self.nodes.iter().all(|node| node.is_on_bus) && is_settled(self.failed_at);
                let must = since.is_some_and(is_settled) && connected && is_whole;
                if must && state.is_none() {
                    return Err(format!(
                        "{now}: {:?} is there since {since:?} and not shown",
                        person.id
                    ));
                }
                if device.socket.is_none() && person.state.is_some() {
                    return Err(format!("{now}: a device without a socket knows {:?}", person.id));
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
            world.pass();
            if let Err(why) = world.check() {
                panic!("seed {seed}: {why}");
            }
        }
    }
}
