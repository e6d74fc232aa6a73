//! The driver's state, shared with the rest of the client.

use crate::attachments::transfers::Transfers;
use crate::notice::{Notice, Notices};
use crate::notify::{Board, Told};
use crate::presence::PresenceBook;
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
    /// What came and has not been looked at for notifications.
    pub told: Told,
    desk: Mutex<Desk>,
    /// Wakes the driver when the desk changed.
    pub desk_changed: Notify,
    presence: Mutex<PresenceBook>,
    /// The files that are on their way.
    pub transfers: Transfers,
    /// Held while a file is attached.
    pub staging: tokio::sync::Mutex<()>,
    /// Whether nobody uses the device.
    is_idle: AtomicBool,
    /// Whether the user made a choice that the driver has not looked at.
    has_new_choice: AtomicBool,
}

/// What the driver and the desktop tell each other.
#[derive(Debug, Default)]
struct Desk {
    board: Board,
    seen: Option<ConversationId>,
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
    pub trouble: Option<ErrorCode>,
    /// Number of times that a stream was fetched from its beginning: [`parlour_sync::Engine::resets`].
    pub resets: u64,
    /// Number of streams that cannot be fetched: [`parlour_sync::Engine::stuck`].
    pub stuck: usize,
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
    pub fn board(&self) -> Board {
        self.desk().board.clone()
    }

    pub(crate) fn set_board(&self, board: Board) {
        self.desk().board = board;
    }

    /// Sets the conversation that is on the screen, in a window with the focus.
    pub fn set_seen(&self, conversation: Option<ConversationId>) {
        let before = std::mem::replace(&mut self.desk().seen, conversation);
        if before != conversation {
            self.desk_changed.notify_one();
        }
    }

    /// Notes that the user closed the notification of a conversation.
    pub fn dismiss(&self, conversation: ConversationId, version: u64) {
        self.desk().dismissed.push((conversation, version));
        self.desk_changed.notify_one();
    }

    /// Returns the conversation that is on the screen, in a window with the focus.
    pub(crate) fn seen(&self) -> Option<ConversationId> {
        self.desk().seen
    }

    /// Takes the notifications that were closed, each with its version then.
    pub(crate) fn take_dismissed(&self) -> Vec<(ConversationId, u64)> {
        std::mem::take(&mut self.desk().dismissed)
    }

    /// Returns what is known of the presence of people.
    pub(crate) fn presence(&self) -> MutexGuard<'_, PresenceBook> {
        self.presence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what the server says of people, `None` once the socket is closed, and announces it.
    pub(crate) fn hear_presence(&self, people: Option<Vec<Presence>>, notices: &Notices) {
        let is_new = match people {
            Some(people) => self.presence().hear(people),
            None => self.presence().forget(),
        };
        if is_new {
            notices.send(Notice::Presence);
        }
    }

    /// Sets whether nobody uses the device.
    pub(crate) fn set_idle(&self, is_idle: bool) {
        if self.is_idle.swap(is_idle, Ordering::Relaxed) != is_idle {
            self.desk_changed.notify_one();
        }
    }

    /// Notes that the user made a choice.
    pub(crate) fn note_choice(&self) {
        self.has_new_choice.store(true, Ordering::Relaxed);
        self.desk_changed.notify_one();
    }

    /// Returns whether the user made a choice since the last call.
    pub(crate) fn take_choice(&self) -> bool {
        self.has_new_choice.swap(false, Ordering::Relaxed)
    }

    /// Returns whether nobody uses the device.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_idle.load(Ordering::Relaxed)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, SyncState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
