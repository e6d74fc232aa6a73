//! What devices are told, and what they want of the network then.

use super::network::fail;
use super::state::{Event, World};
use crate::bugs::Bug;
use crate::client::Want;
use crate::dice::Dice;
use parlour_protocol::ErrorCode;
use parlour_sync::{Effect, Input};

impl World {
    pub(super) fn after_deeds(&mut self) {
        (0..self.clients.len()).for_each(|client| self.after_deed(client));
    }

    pub(super) fn after_deed(&mut self, client: usize) {
        let (now, bug, troubled) = (self.now, self.bug, self.is_troubled);
        let mut dies = |dice: &mut Dice| troubled && dice.permille(2);
        let wants = self.clients[client].after_deed(now, &mut self.dice, bug, &mut dies);
        self.want(client, wants);
    }

    pub(super) fn tell(&mut self, client: usize, input: Input) {
        let (now, bug, troubled) = (self.now, self.bug, self.is_troubled);
        self.clients[client].at(now);
        let mut dies = |dice: &mut Dice| troubled && dice.permille(2);
        let wants = self.clients[client].step(input, now, &mut self.dice, bug, &mut dies);
        self.want(client, wants);
    }

    /// Sends off what a device wants, and sees to a process that has died.
    pub(super) fn want(&mut self, client: usize, wants: Vec<Want>) {
        let life = self.clients[client].life;
        if !self.clients[client].is_alive() {
            self.count("a client dies");
            self.close(client);
            let later = self.dice.between(50, 20_000);
            self.after(later, Event::Start(client));
            return;
        }
        if let Some(at) = self.clients[client].wake_at {
            self.after(at - self.now, Event::Wake(client, life));
        }
        for want in wants {
            self.note(&want);
            if self.bug == Some(Bug::ParallelSends)
                && let Want::Send(op, epoch) = &want
            {
                for open in self.clients[client].store().open_ops().unwrap_or_default() {
                    if open.op.conversation_id == op.conversation_id && open.op.id != op.id {
                        let delay = self.delay();
                        let also = Want::Send(open.op, epoch.clone());
                        self.after(delay, Event::Reach(client, life, also));
                    }
                }
            }
            let delay = self.delay();
            if self.is_lost(client) {
                self.count("a request is lost");
                self.after(delay + 30_000, fail(client, life, want, ErrorCode::Offline));
            } else {
                self.after(delay, Event::Reach(client, life, want));
            }
        }
    }

    fn note(&mut self, want: &Want) {
        let is_work = matches!(
            want,
            Want::Send(..) | Want::Ask(Effect::Pull(_) | Effect::FetchHistory(_), _)
        );
        self.noise += u64::from(self.is_quiet && is_work);
    }
}
