//! Tells the server whether the user uses this device, and whose presence is shown.

use super::Driver;
use crate::socket::Outgoing;
use parlour_protocol::ClientFrame;
use parlour_sync::Connection;
use tokio::task::block_in_place;

impl Driver {
    /// Tells a server that said hello what it cannot know yet.
    pub(super) fn greet(&mut self) {
        let user_ids = self.context.shared.presence().watched();
        if !user_ids.is_empty() {
            self.context.shared.send(Outgoing::Frame(ClientFrame::Watch { user_ids }));
        }
        self.say_presence();
    }

    /// Tells the server whether the user uses this device, if that changed.
    pub(super) fn say_presence(&mut self) {
        if self.syncer.engine().connection() != Connection::Online {
            return;
        }
        if self.saying.is_stale()
            && let Err(error) = block_in_place(|| self.saying.read(&self.context.store))
        {
            tracing::warn!(%error, "the server is not told who is here");
        }
        let (now, is_idle) = (self.context.clock.now(), self.context.shared.is_idle());
        if let Some(state) = self.saying.next(now, is_idle) {
            self.context.shared.send(Outgoing::Frame(ClientFrame::Presence { state }));
        }
    }
}
