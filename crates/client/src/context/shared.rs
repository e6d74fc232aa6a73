//! The driver's state, shared with the rest of the client.

use crate::attachments::transfers::Transfers;
use crate::notice::{Notice, Notices};
use crate::notify::{DesktopNotifications, ReceivedQueue};
use crate::presence::KnownPresence;
use crate::socket::Outgoing;
use crate::status::ConnectionState;
use parlour_protocol::{ConversationId, ErrorCode, Presence, Problem};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

/// The driver's state, and its socket while that is open.
#[derive(Debug, Default)]
pub struct DriverState {
    state: Mutex<SyncState>,
    /// Sends to the socket while it is open.
    outgoing: Mutex<Option<UnboundedSender<Outgoing>>>,
    /// The received messages that were not handled for notifications yet.
    pub received: ReceivedQueue,
    desktop: Mutex<DesktopState>,
    /// Wakes the driver when the desktop state changed.
    pub desktop_changed: Notify,
    presence: Mutex<KnownPresence>,
    /// The files that are being uploaded or fetched.
    pub transfers: Transfers,
    /// Held while a file is attached.
    pub staging: tokio::sync::Mutex<()>,
    /// Whether the device is idle.
    is_idle: AtomicBool,
    /// Whether the user changed a setting that the driver has not handled yet.
    has_changed_setting: AtomicBool,
}

/// The state that the driver and the desktop exchange.
#[derive(Debug, Default)]
struct DesktopState {
    desktop_notifications: DesktopNotifications,
    visible: Option<ConversationId>,
    /// The notifications that the user closed, each with its version then.
    dismissed: Vec<(ConversationId, u64)>,
}

/// The state of the connection and of the files.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SyncState {
    /// The connection; `None` before the first attempt.
    pub connection: Option<ConnectionState>,
    /// Why the socket or the last request failed.
    pub reason: Option<Problem>,
    /// Why nothing more can be written to the files.
    pub storage_error: Option<ErrorCode>,
    /// Number of times that a stream was fetched from its beginning: [`parlour_sync::Engine::resets`].
    pub resets: u64,
    /// Number of streams that cannot be fetched: [`parlour_sync::Engine::failing_streams`].
    pub failing_streams: usize,
    /// Whether everything is being compared at the user's request: [`parlour_sync::Engine::is_comparing`].
    pub is_comparing: bool,
}

impl DriverState {
    /// Returns a copy of the state.
    pub fn state(&self) -> SyncState {
        self.lock().clone()
    }

    /// Returns the state of the connection: connecting before the first attempt.
    pub fn connection(&self) -> ConnectionState {
        self.lock().connection.unwrap_or(ConnectionState::Connecting)
    }

    pub fn set_connection(&self, connection: ConnectionState) {
        self.lock().connection = Some(connection);
    }

    /// Changes the state; returns whether it differs from before.
    pub(crate) fn change(&self, change: impl FnOnce(&mut SyncState)) -> bool {
        let mut state = self.lock();
        let before = state.clone();
        change(&mut state);
        *state != before
    }

    /// Sends something to the server if the socket is open; drops it otherwise.
    pub fn send(&self, outgoing: Outgoing) {
        if let Some(socket) = &*self.outgoing.lock().unwrap_or_else(PoisonError::into_inner) {
            // The socket may just have ended.
            let _ = socket.send(outgoing);
        }
    }

    /// Replaces the previous socket.
    pub(crate) fn set_outgoing(&self, socket: UnboundedSender<Outgoing>) {
        *self.outgoing.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket);
    }

    /// Returns what should be shown on the desktop.
    pub fn desktop_notifications(&self) -> DesktopNotifications {
        self.desktop().desktop_notifications.clone()
    }

    pub(crate) fn set_desktop_notifications(&self, desktop_notifications: DesktopNotifications) {
        self.desktop().desktop_notifications = desktop_notifications;
    }

    /// Sets the conversation that is on the screen, in a window with the focus.
    pub fn set_visible(&self, conversation: Option<ConversationId>) {
        let before = std::mem::replace(&mut self.desktop().visible, conversation);
        if before != conversation {
            self.desktop_changed.notify_one();
        }
    }

    /// Records that the user closed the notification of a conversation.
    pub fn dismiss(&self, conversation: ConversationId, version: u64) {
        self.desktop().dismissed.push((conversation, version));
        self.desktop_changed.notify_one();
    }

    /// Returns the conversation that is on the screen, in a window with the focus.
    pub(crate) fn visible(&self) -> Option<ConversationId> {
        self.desktop().visible
    }

    /// Takes the notifications that were closed, each with its version then.
    pub(crate) fn take_dismissed(&self) -> Vec<(ConversationId, u64)> {
        std::mem::take(&mut self.desktop().dismissed)
    }

    /// Returns the known presence of people.
    pub(crate) fn presence(&self) -> MutexGuard<'_, KnownPresence> {
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the presence of people from the server, or clears it with `None` once the socket is closed. Announces
    /// changes.
    pub(crate) fn update_presence(&self, people: Option<Vec<Presence>>, notices: &Notices) {
        let is_new = match people {
            Some(people) => self.presence().update(people),
            None => self.presence().clear(),
        };
        if is_new {
            notices.send(Notice::Presence);
        }
    }

    /// Sets whether the device is idle.
    pub(crate) fn set_idle(&self, is_idle: bool) {
        if self.is_idle.swap(is_idle, Ordering::Relaxed) != is_idle {
            self.desktop_changed.notify_one();
        }
    }

    /// Records that the user changed a setting.
    pub(crate) fn record_setting_change(&self) {
        self.has_changed_setting.store(true, Ordering::Relaxed);
        self.desktop_changed.notify_one();
    }

    /// Returns whether the user changed a setting since the last call.
    pub(crate) fn take_setting_changed(&self) -> bool {
        self.has_changed_setting.swap(false, Ordering::Relaxed)
    }

    /// Returns whether the device is idle.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_idle.load(Ordering::Relaxed)
    }

    fn desktop(&self) -> MutexGuard<'_, DesktopState> {
        self.desktop.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, SyncState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
