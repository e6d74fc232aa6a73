//! Deliberate faults, and their repair.

use super::state::{Event, World};
use crate::client::Client;
use crate::scenario::Scenario;
use parlour_protocol::{ErrorCode, MessageId, OpId, StreamId};
use parlour_sync::Input;
use std::collections::BTreeSet;

/// Selects the newest message of a conversation if nothing refers to it (no edit, reaction, reply or the
/// like) and its sender still sees the whole conversation.
const NEWEST: &str = "
    FROM conversations AS c
    JOIN messages AS m ON m.conversation_id = c.id AND m.seq = c.last_seq
    JOIN conversation_members AS s ON s.conversation_id = c.id AND s.user_id = m.sender_id
    WHERE m.edited_at IS NULL AND m.deleted_at IS NULL AND m.pinned_at IS NULL
        AND s.left_at IS NULL AND s.visible_from <= 1 AND c.archived_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM reactions AS r WHERE r.message_id = m.id)
        AND NOT EXISTS (SELECT 1 FROM saved AS k WHERE k.message_id = m.id)
        AND NOT EXISTS (SELECT 1 FROM drafts AS d WHERE d.reply_to = m.id)";
const COUNT_MESSAGES: &str = "UPDATE conversations SET last_seq =
    (SELECT coalesce(max(m.seq), 0) FROM messages AS m WHERE m.conversation_id = conversations.id)";

impl World {
    /// Deletes a message on the server that its sender's device can send again.
    fn lose_a_message(&mut self) {
        let is_sent = |id: &&MessageId| {
            let message = &self.ledger.messages[*id];
            let waits = self.clients[message.client].store().pending_op(OpId(id.0));
            waits.is_ok_and(|pending| pending.is_none())
                && !self.servers.purging.contains(&message.conversation)
        };
        let sent: Vec<MessageId> = self.ledger.order.iter().filter(is_sent).copied().collect();
        for id in sent {
            let query = format!("SELECT count(*) AS number {NEWEST} AND m.id = '{id}'");
            if self.servers.core.number(&query) > 0 {
                self.count("a server loses a message");
                self.servers.core.damage(&format!("DELETE FROM messages WHERE id = '{id}'"));
                self.servers.core.damage(COUNT_MESSAGES);
                self.servers.has_lost = true;
                self.clients.iter_mut().for_each(|client| client.was_damaged = true);
                return;
            }
        }
    }

    /// Damages some mirrors, and starts the comparison of all of them.
    pub(super) fn damage(&mut self) {
        if self.rng.permille(100) && !self.server_lies {
            self.lose_a_message();
        }
        for client in 0..self.clients.len() {
            if self.rng.permille(300) {
                self.count("a mirror is damaged");
                self.clients[client].damage(&mut self.rng);
            }
            self.deliver_input(client, Input::VerifyAll);
        }
    }

    /// Returns the devices that can prove that the server had a higher watermark than `watermark`.
    fn provers(&self, watermark: i64) -> BTreeSet<usize> {
        let epoch = self.servers.core.epoch();
        let seen = |client: &Client| {
            let proof = client.store().proof().unwrap_or_default();
            proof.split('.').next().and_then(|watermark| watermark.parse::<i64>().ok()).unwrap_or(0)
        };
        let can_prove = |client: &&Client| {
            let state = client.store().sync_state();
            state.is_ok_and(|state| state.epoch == epoch) && seen(client) > watermark
        };
        self.clients.iter().filter(can_prove).map(|client| client.number).collect()
    }

    /// Returns whether a device may lose its last writes. It may not if it is the only one that can prove
    /// that a backup was restored, and has not done so yet: no server could detect that.
    fn may_lose_power(&mut self, client: usize) -> bool {
        let (epoch, provers) = &mut self.provers;
        if *epoch != self.servers.core.epoch() {
            return true;
        }
        let is_last = provers.len() == 1 && provers.contains(&client);
        if !is_last {
            provers.remove(&client);
        }
        !is_last
    }

    pub(super) fn heal(&mut self) {
        if self.server_lies {
            self.count("a lying server is corrected");
            (0..self.servers.nodes.len()).for_each(|node| self.crash(node));
            self.servers.start_new_epoch();
            self.clients.iter_mut().for_each(|client| client.was_damaged = true);
        }
        self.has_faults = false;
        self.cut_until.fill(0);
        self.socket_blocked_until.fill(0);
        for client in 0..self.clients.len() {
            self.clients[client].full_until = 0;
            if !self.clients[client].is_alive() {
                self.schedule_after(10, Event::Start(client));
            }
        }
        for node in 0..self.servers.nodes.len() {
            if !self.servers.nodes[node].is_up {
                self.schedule_after(10, Event::Up(node));
            }
        }
    }

    pub(super) fn crash(&mut self, node: usize) {
        let (sockets, waited) = self.servers.crash(node);
        sockets.into_iter().for_each(|client| self.cut(client));
        waited.into_iter().for_each(|pending| self.fail_op(pending));
        let later = self.rng.between(100, 10_000);
        self.schedule_after(later, Event::Up(node));
    }

    /// Closes a socket; its device notices at once, or after two heartbeats.
    pub(super) fn cut(&mut self, client: usize) {
        self.close(client);
        let later = if self.rng.permille(500) { 10 } else { 41_000 };
        let (life, tried) = (self.clients[client].life, self.clients[client].attempts);
        self.schedule_after(later, Event::Ended(client, life, tried, ErrorCode::Offline));
    }

    pub(super) fn fault(&mut self) {
        if !self.has_faults {
            return;
        }
        let client = usize::try_from(self.rng.below(self.clients.len() as i64)).expect("one");
        let node = usize::try_from(self.rng.below(self.servers.nodes.len() as i64)).expect("one");
        // In the notifications scenario, no fault removes data.
        let fault = match self.scenario {
            Scenario::Sync => self.rng.below(16),
            Scenario::Notifications => *self.rng.pick(&[0, 2, 6, 13, 14]).expect("five"),
        };
        match fault {
            13 => {
                self.count("a proxy blocks sockets");
                self.socket_blocked_until[client] = self.now + self.rng.between(1000, 60_000);
                self.cut(client);
            }
            14 | 15 => {
                self.count("a device wakes up");
                self.deliver_input(client, Input::CheckConnection);
            }
            12 => {
                self.count("a cursor is too old");
                for (id, _) in self.servers.core.conversations_of(self.clients[client].user) {
                    let stream = StreamId::Conversation(id);
                    self.servers.too_old.insert((client, stream));
                }
            }
            0 | 1 => {
                self.count("a server crashes");
                self.crash(node);
            }
            2 | 3 => {
                self.count("a client crashes");
                self.clients[client].crash(self.bug);
                self.close(client);
                let later = self.rng.between(50, 20_000);
                self.schedule_after(later, Event::Start(client));
            }
            4 if self.may_lose_power(client) => {
                self.count("a power cut");
                self.clients[client].crash(self.bug);
                self.clients[client].lose_power();
                self.close(client);
                self.schedule_after(100, Event::Start(client));
            }
            4 | 5 => {
                self.clients[client].power_cut_images = self.clients[client].store().images().ok()
            }
            6 | 7 => {
                self.count("a network is cut");
                self.cut_until[client] = self.now + self.rng.between(1000, 60_000);
                self.cut(client);
            }
            8 => {
                self.count("a disk is full");
                self.clients[client].full_until = self.now + self.rng.between(1000, 20_000);
            }
            9 => {
                self.count("a clock jumps");
                self.clients[client].clock_offset = self.rng.between(-10_000_000, 10_000_000);
            }
            10 => self.servers.back_up(),
            _ => {
                if let Some((_, watermark)) = self.servers.backup {
                    let provers = self.provers(watermark);
                    let is_detected = self.rng.permille(500) || provers.is_empty();
                    if !is_detected {
                        self.provers = (self.servers.core.epoch(), provers);
                    }
                    self.count(match is_detected {
                        true => "a backup is restored",
                        false => "a backup is restored that only clients can detect",
                    });
                    (0..self.servers.nodes.len()).for_each(|node| self.crash(node));
                    self.servers.restore(is_detected);
                }
            }
        }
        let later = self.rng.between(1000, 12_000);
        self.schedule_after(later, Event::Fault);
    }
}
