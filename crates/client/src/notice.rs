//! What a client tells those who show it, after it is on the disk.

use crate::AccountId;
use parlour_protocol::{ConversationId, UserId};
use parlour_store::Changes;
use tokio::sync::broadcast;

/// Something to show anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Rows changed.
    Changed(Changes),
    /// The connection, or what waits, changed: the sync line.
    Status,
    /// Somebody writes; said every few seconds while they do.
    Typing(ConversationId, UserId),
}

/// Tells notices of one account to whoever listens to all of them.
#[derive(Debug, Clone)]
pub struct Notices {
    account: AccountId,
    sender: broadcast::Sender<(AccountId, Notice)>,
}

/// Notices that wait for a slow listener; past it, they are told that they missed some.
const WAITING: usize = 1024;

impl Default for Notices {
    fn default() -> Self {
        Self { account: AccountId::default(), sender: broadcast::channel(WAITING).0 }
    }
}

impl Notices {
    /// The same listeners, told of this account.
    pub fn of(&self, account: AccountId) -> Self {
        Self { account, sender: self.sender.clone() }
    }

    /// Whose they are.
    pub fn account(&self) -> AccountId {
        self.account.clone()
    }

    /// Tells from here on, of every account.
    pub fn listen(&self) -> broadcast::Receiver<(AccountId, Notice)> {
        self.sender.subscribe()
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
        let _ = self.sender.send((self.account.clone(), notice));
    }
}
