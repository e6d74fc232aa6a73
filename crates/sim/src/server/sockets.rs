//! The servers' sockets, and what they tell each other.

use super::Servers;
use crate::bugs::Bug;
use parlour_protocol::{ConversationId, Frame, Millis, Seq, SessionId, StreamId, UserId};
use parlour_server::hub::Next;
use parlour_server::{Change, Hint};
use uuid::Uuid;

impl Servers {
    /// Lets a device's socket in.
    pub fn enter(&mut self, node: usize, client: usize, user: UserId) -> Frame {
        let session = SessionId(Uuid::from_u128(client as u128 + 1));
        let subscriber = self.nodes[node].hub.enter(user, session);
        let own = self.core.conversations_of(user).into_iter();
        let streams: Vec<(StreamId, Seq)> =
            own.map(|(id, first)| (StreamId::Conversation(id), first)).collect();
        let version = self.nodes[node].hub.membership_version(user);
        self.nodes[node].hub.follow(&subscriber, &streams, version);
        self.nodes[node].subscribers.insert(client, subscriber);
        Frame::Hello { epoch: self.core.epoch(), heartbeat_ms: 20_000 }
    }

    /// Forgets a device's socket.
    pub fn leave(&mut self, client: usize) {
        for node in &mut self.nodes {
            node.subscribers.remove(&client);
        }
    }

    /// What waits on the sockets: for which device, and the frame, or the end of the socket.
    pub fn frames(&mut self) -> Vec<(usize, Option<Frame>)> {
        let mut frames = Vec::new();
        for node in self.nodes.iter_mut().filter(|node| node.is_up) {
            let mut ended = Vec::new();
            for (client, subscriber) in &node.subscribers {
                while let Some(next) = subscriber.outbound.take() {
                    let (Next::Send(json) | Next::Close(json)) = &next;
                    let frame = serde_json::from_str(json).expect("our own frame");
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

    /// What the nodes want to tell each other.
    pub fn hints(&mut self) -> Vec<(usize, Vec<Hint>)> {
        let mut told = Vec::new();
        for (number, node) in self.nodes.iter_mut().enumerate() {
            let mut hints = Vec::new();
            while let Ok(hint) = node.hints.try_recv() {
                hints.push(hint);
            }
            if !hints.is_empty() && node.is_up {
                told.push((number, hints));
            }
        }
        told
    }

    /// Lets a node hear another one.
    pub fn hear(&mut self, node: usize, from: usize, mut hints: Vec<Hint>, now: i64) {
        if self.has(Bug::PushedToTheRemoved) {
            hints.retain(|hint| !matches!(hint, Hint::Access(_)));
        }
        if self.nodes[node].is_up {
            self.nodes[node].hub.hear(from as u64, hints, self.at(now));
            self.core.settle(&self.nodes[node].hub);
        }
    }

    /// Lets a node hear hints of somebody who is no server: that people joined a conversation, that it
    /// moved, that they write there.
    pub fn forge(&mut self, node: usize, (user, id): (UserId, ConversationId), now: i64) {
        let stream = StreamId::Conversation(id);
        let forged = [Hint::Access(user), Hint::Moved(stream), Hint::Typing(id, user)];
        let people = [Hint::Came(user), Hint::Went(user), Hint::Hello];
        self.hear(node, 99, forged.into_iter().chain(people).collect(), now);
        if self.has(Bug::HintBelieved) {
            let node = &self.nodes[node];
            let version = node.hub.membership_version(user);
            for subscriber in node.subscribers.values() {
                node.hub.follow(subscriber, &[(stream, Seq(1))], version);
            }
        }
    }

    /// Lets the nodes look for what they were not told.
    pub fn look_again(&mut self, now: i64) {
        if self.has(Bug::PushedToTheRemoved) {
            return;
        }
        let lost = self.core.lost_access(Millis(now));
        for node in self.nodes.iter().filter(|node| node.is_up) {
            node.hub.recheck(lost.clone());
            self.core.settle(&node.hub);
        }
    }

    /// What a node does from time to time.
    pub fn tick(&mut self, now: i64) {
        let at = self.at(now);
        self.nodes.iter().filter(|node| node.is_up).for_each(|node| node.hub.tick(at));
    }

    /// The devices whose sockets get a heartbeat, and the heartbeat.
    pub fn heartbeat(&self) -> (Vec<usize>, Frame) {
        let up = self.nodes.iter().filter(|node| node.is_up);
        (
            up.flat_map(|node| node.subscribers.keys().copied()).collect(),
            Frame::Heartbeat { wm: self.core.wm() },
        )
    }

    /// Announces at a node what it committed.
    pub fn publish(&mut self, node: usize, mut changes: Vec<Change>) {
        if self.has(Bug::PushedToTheRemoved) {
            changes.retain(|change| !matches!(change, Change::Left(..)));
        }
        if self.nodes[node].is_up {
            self.nodes[node].hub.publish(changes);
        }
    }
}
