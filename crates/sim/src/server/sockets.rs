//! The servers' sockets, and the hints that servers exchange.

use super::Servers;
use crate::bugs::Bug;
use parlour_protocol::periods::HEARTBEAT_MS;
use parlour_protocol::{
    Availability, ConversationId, Frame, Millis, Seq, SessionId, StreamId, UserId,
};
use parlour_server::hub::Next;
use parlour_server::{Change, Hint};
use uuid::Uuid;

impl Servers {
    /// Opens a device's socket at a node.
    pub fn enter(&mut self, node: usize, client: usize, user: UserId) -> Frame {
        let session = SessionId(Uuid::from_u128(client as u128 + 1));
        let subscriber = self.nodes[node].hub.enter(user, session);
        let own = self.core.conversations_of(user).into_iter();
        let streams: Vec<(StreamId, Seq)> =
            own.map(|(id, first)| (StreamId::Conversation(id), first)).collect();
        let version = self.nodes[node].hub.membership_version(user);
        self.nodes[node].hub.follow(&subscriber, &streams, version);
        self.nodes[node].subscribers.insert(client, subscriber);
        Frame::Hello { epoch: self.core.epoch(), heartbeat_ms: HEARTBEAT_MS }
    }

    /// Removes a device's socket.
    pub fn leave(&mut self, client: usize) {
        for node in &mut self.nodes {
            node.subscribers.remove(&client);
        }
    }

    /// Returns the frames that wait on the sockets, each with its device; `None` if the socket is closed.
    pub fn frames(&mut self) -> Vec<(usize, Option<Frame>)> {
        let mut frames = Vec::new();
        for node in self.nodes.iter_mut().filter(|node| node.is_up) {
            let mut ended = Vec::new();
            for (client, subscriber) in &node.subscribers {
                while let Some(next) = subscriber.outbound.take() {
                    let (Next::Send(json) | Next::Close(json)) = &next;
                    let frame = serde_json::from_str(json).expect("a valid frame");
                    if let Next::Close(_) = next {
                        frames.push((*client, None));
                        ended.push(*client);
                        break;
                    }
                    frames.push((*client, Some(frame)));
                }
            }
            node.subscribers.retain(|client, _| !ended.contains(client));
        }
        frames
    }

    /// Returns the hints that each node sends to the others.
    pub fn hints(&mut self) -> Vec<(usize, Vec<Hint>)> {
        let mut sent = Vec::new();
        for (number, node) in self.nodes.iter_mut().enumerate() {
            let mut hints = Vec::new();
            while let Ok(hint) = node.hints.try_recv() {
                hints.push(hint);
            }
            if !hints.is_empty() && node.is_up {
                sent.push((number, hints));
            }
        }
        sent
    }

    /// Delivers hints from another node to a node.
    pub fn receive_hints(&mut self, node: usize, from: usize, mut hints: Vec<Hint>, now: i64) {
        if self.has(Bug::PushAfterRemoval) {
            hints.retain(|hint| !matches!(hint, Hint::AccessChanged(_)));
        }
        if self.nodes[node].is_up {
            self.nodes[node].hub.receive_hints(from as u64, hints, self.instant(now));
            self.core.apply_lookups(&self.nodes[node].hub);
        }
    }

    /// Delivers forged hints to a node: that people joined a conversation, that it moved, that they
    /// are writing there.
    pub fn forge_hints(&mut self, node: usize, (user, id): (UserId, ConversationId), now: i64) {
        let stream = StreamId::Conversation(id);
        let forged = [Hint::AccessChanged(user), Hint::Moved(stream), Hint::Typing(id, user)];
        let presence = |state| Hint::Presence(user, state);
        let people = [presence(Availability::Busy), presence(Availability::Offline), Hint::Hello];
        self.receive_hints(node, 99, forged.into_iter().chain(people).collect(), now);
        if self.has(Bug::HintTrusted) {
            let node = &self.nodes[node];
            let version = node.hub.membership_version(user);
            for subscriber in node.subscribers.values() {
                node.hub.follow(subscriber, &[(stream, Seq(1))], version);
            }
        }
    }

    /// Lets the nodes check for changes of access of which they were not notified.
    pub fn look_up_access(&mut self, now: i64) {
        if self.has(Bug::PushAfterRemoval) {
            return;
        }
        let lost = self.core.lost_access(Millis(now));
        for node in self.nodes.iter().filter(|node| node.is_up) {
            node.hub.request_lookups(lost.clone());
            self.core.apply_lookups(&node.hub);
        }
    }

    /// Runs the periodic work of the nodes.
    pub fn tick(&mut self, now: i64) {
        let at = self.instant(now);
        self.nodes.iter().filter(|node| node.is_up).for_each(|node| node.hub.tick(at));
    }

    /// Returns the devices whose sockets get a heartbeat, and the heartbeat.
    pub fn heartbeat(&self) -> (Vec<usize>, Frame) {
        let up = self.nodes.iter().filter(|node| node.is_up);
        // Their devices answer the ping that is sent with it.
        let subscribers = up.clone().flat_map(|node| node.subscribers.values());
        subscribers.for_each(|subscriber| subscriber.outbound.record_received());
        (
            up.flat_map(|node| node.subscribers.keys().copied()).collect(),
            Frame::Heartbeat { wm: self.core.watermark() },
        )
    }

    /// Announces at a node the changes that it committed.
    pub fn publish(&mut self, node: usize, mut changes: Vec<Change>) {
        if self.has(Bug::PushAfterRemoval) {
            changes.retain(|change| !matches!(change, Change::Left(..)));
        }
        if self.nodes[node].is_up {
            self.nodes[node].hub.publish(changes);
        }
    }
}
