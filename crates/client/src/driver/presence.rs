//! Sends the server whether the user uses this device, and whose presence is shown.

use super::Driver;
use crate::socket::Outgoing;
use parlour_protocol::ClientFrame;
use parlour_sync::ConnectionStatus;
use tokio::task::block_in_place;

impl Driver {
    /// Sends the initial presence frames after the server's hello.
    pub(super) fn send_initial_presence(&mut self) {
        let user_ids = self.context.shared.presence().watched();
        if !user_ids.is_empty() {
            self.context.shared.send(Outgoing::Frame(ClientFrame::Watch { user_ids }));
        }
        self.send_presence();
    }

    /// Sends the server whether the user uses this device, if that changed.
    pub(super) fn send_presence(&mut self) {
        if self.syncer.engine().connection() != ConnectionStatus::Online {
            return;
        }
        if self.own_presence.is_stale()
            && let Err(error) = block_in_place(|| self.own_presence.read(&self.context.store))
        {
            tracing::warn!(%error, "the presence cannot be sent");
        }
        let (now, is_idle) = (self.context.clock.now(), self.context.shared.is_idle());
        if let Some(state) = self.own_presence.next(now, is_idle) {
            self.context.shared.send(Outgoing::Frame(ClientFrame::Presence { state }));
        }
    }
}
