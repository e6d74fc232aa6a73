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
        let (now, is_idle) = (self.context.clock.now(), self.context.shared.is_idle());
        match block_in_place(|| self.saying.next(&self.context.store, now, is_idle)) {
            Ok(Some(state)) => {
                self.context.shared.send(Outgoing::Frame(ClientFrame::Presence { state }));
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the server is not told who is here"),
        }
    }
}
