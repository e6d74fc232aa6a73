//! What a client tells those who show it, after it is on the disk.

use crate::account_id::AccountId;
use parlour_protocol::{ConversationId, UserId};
use parlour_store::Changes;
use tokio::sync::broadcast;

/// What is to be shown anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Rows of the files changed, which are to be read again.
    Changed(Changes),
    /// The connection, or what waits, changed: the sync line.
    Status,
    /// Somebody writes; said every few seconds while they do.
    Typing(ConversationId, UserId),
}

/// Sends one account's notices to whoever listens to all accounts; clones share the listeners.
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
    /// Notices of this account, to the same listeners.
    pub fn of(&self, account: AccountId) -> Self {
        Self { account, sender: self.sender.clone() }
    }

    /// The account that they are of.
    pub fn account(&self) -> AccountId {
        self.account.clone()
    }

    /// The notices of every account from here on.
    pub fn listen(&self) -> broadcast::Receiver<(AccountId, Notice)> {
        self.sender.subscribe()
    }

    /// Sends [`Notice::Changed`], if anything changed.
    pub fn changed(&self, changes: Changes) {
        if !changes.is_empty() {
            self.tell(Notice::Changed(changes));
        }
    }

    /// Sends a notice to whoever listens.
    pub fn tell(&self, notice: Notice) {
        // Nobody may be listening, which is fine.
        let _ = self.sender.send((self.account.clone(), notice));
    }
}
