//! Notices by which the client announces changes to its listeners, after they are on the disk.

use crate::account_id::AccountId;
use parlour_protocol::{ConversationId, UserId};
use parlour_store::Changes;
use tokio::sync::broadcast;

/// A change that listeners display.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Rows of the files changed and must be read again.
    Changed(Changes),
    /// The connection changed, or the waiting ops did: update the sync line.
    Status,
    /// What should be shown on the desktop changed:
    /// [`Session::desktop_notifications`](crate::Session::desktop_notifications).
    DesktopNotifications,
    /// The presence of people who are shown changed; sent once until it is read
    /// ([`Session::people_presence`](crate::Session::people_presence)).
    Presence,
    /// Files of messages were attached, or the progress of a transfer changed.
    Files,
    /// A person is writing; sent every few seconds while they do.
    Typing(ConversationId, UserId),
}

/// Sends the notices of one account to the listeners of all accounts; clones share the listeners.
#[derive(Debug, Clone)]
pub struct Notices {
    account: AccountId,
    sender: broadcast::Sender<(AccountId, Notice)>,
}

/// Maximum number of notices that wait for a slow listener; after that, the listener learns that it
/// missed some.
const CAPACITY: usize = 1024;

impl Default for Notices {
    fn default() -> Self {
        Self { account: AccountId::default(), sender: broadcast::channel(CAPACITY).0 }
    }
}

impl Notices {
    /// Returns a sender for the notices of another account, to the same listeners.
    pub fn for_account(&self, account: AccountId) -> Self {
        Self { account, sender: self.sender.clone() }
    }

    /// Returns the account of these notices.
    pub fn account(&self) -> AccountId {
        self.account.clone()
    }

    /// Returns a receiver of the notices of every account from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<(AccountId, Notice)> {
        self.sender.subscribe()
    }

    /// Sends [`Notice::Changed`], if anything changed.
    pub fn changed(&self, changes: Changes) {
        if !changes.is_empty() {
            self.send(Notice::Changed(changes));
        }
    }

    /// Sends a notice to all listeners.
    pub fn send(&self, notice: Notice) {
        // It is fine if nobody is listening.
        let _ = self.sender.send((self.account.clone(), notice));
    }
}
