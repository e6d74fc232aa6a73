//! What a client tells those who show it, after it is on the disk.

use parlour_store::Changes;
use tokio::sync::broadcast;

/// Something to show anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Rows changed.
    Changed(Changes),
    /// The connection, or what waits, changed: the sync line.
    Status,
}

/// Tells notices to whoever listens.
#[derive(Debug, Clone)]
pub struct Notices(broadcast::Sender<Notice>);

/// Notices that wait for a slow listener; past it, they are told that they missed some.
const WAITING: usize = 1024;

impl Default for Notices {
    fn default() -> Self {
        Self(broadcast::channel(WAITING).0)
    }
}

impl Notices {
    /// Tells from here on.
    pub fn listen(&self) -> broadcast::Receiver<Notice> {
        self.0.subscribe()
    }

    /// Tells of rows, if there are any.
    pub fn changed(&self, changes: Changes) {
        if !changes.is_empty() {
            self.tell(Notice::Changed(changes));
        }
    }

    /// Tells this.
    pub fn tell(&self, notice: Notice) {
        // Nobody may be listening, which is fine.
        let _ = self.0.send(notice);
    }
}
