//! Events that the page receives. They say what to read again, but contain no content.

use crate::commands::ClientState;
use crate::trace::Trace;
use parlour_client::{AccountId, Changes, Client, ConnectionState, Notice, Progress};
use parlour_protocol::{ConversationId, Count, UserId};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tauri::{AppHandle, Manager};
use tauri_specta::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Events within this time after another are merged and sent together. A user does not notice the delay.
const BURST: Duration = Duration::from_millis(100);

/// Rows of an account have changed.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// The account, or none if it is not known.
    pub account: Option<AccountId>,
    /// Conversations whose messages, members or position in the list have changed.
    pub conversations: Vec<ConversationId>,
    /// Everything must be read again, because notices were missed or because users changed, who can appear anywhere.
    pub everything: bool,
    /// The statuses of people have changed.
    pub statuses: bool,
    /// Pictures of people have arrived.
    pub pictures: bool,
    /// A synced setting was changed on another device.
    pub choices: bool,
    /// The outbox has changed.
    pub outbox: bool,
}

/// The sync line of some account has changed.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub struct StatusChanged;

/// A user is typing.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    /// The account that received this.
    pub account: AccountId,
    /// The conversation in which the user is typing.
    pub conversation_id: ConversationId,
    /// The user who is typing.
    pub user_id: UserId,
}

/// The presence of a person that is shown has changed.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct PresenceChanged {
    /// The account that received this.
    pub account: AccountId,
}

/// Files were attached or downloaded, or a transfer progressed: the page reads the state of those that it shows.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct FilesChanged {
    /// The account; none if it is not known.
    pub account: Option<AccountId>,
}

/// Files are dragged over the window.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct FilesDragged {
    /// The phase of the drag.
    pub phase: DragPhase,
    /// The number with which the dropped files can be attached.
    pub drop: Option<u32>,
    /// The number of files; 0 for `Left`.
    pub count: u32,
}

/// An export has read more messages.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct ExportProgressed {
    /// The account.
    pub account: AccountId,
    /// Number of messages that were read.
    pub done: Count,
    /// Number of messages to read, about; 0 until it is known.
    pub total: Count,
}

/// A phase of dragging files.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub enum DragPhase {
    /// They are over the window.
    Over,
    /// They left the window.
    Left,
    /// They were dropped on the window.
    Dropped,
}

/// There are views to show: the page calls `take_navigation_targets`.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub struct NavigationRequested;

/// Forwards the client's notices to the page, in bursts.
pub fn forward(app: AppHandle, client: &Client) {
    let mut notices = client.notices();
    tauri::async_runtime::spawn(async move {
        loop {
            let mut burst = Burst::default();
            match notices.recv().await {
                Ok(notice) => burst.add(notice),
                Err(RecvError::Lagged(_)) => burst.everything = true,
                Err(RecvError::Closed) => return,
            }
            burst.drain(&mut notices);
            burst.emit_all(&app);
            tokio::time::sleep(BURST).await;
        }
    });
}

#[derive(Default)]
struct Burst {
    changes: BTreeMap<AccountId, Changes>,
    typing: BTreeSet<(AccountId, ConversationId, UserId)>,
    presence: BTreeSet<AccountId>,
    files: BTreeSet<AccountId>,
    everything: bool,
}

impl Burst {
    fn add(&mut self, (account, notice): (AccountId, Notice)) {
        match notice {
            Notice::Changed(changes) => {
                if changes.files {
                    self.files.insert(account.clone());
                }
                self.changes.entry(account).or_default().merge(changes);
            }
            Notice::Files => drop(self.files.insert(account)),
            Notice::Typing(conversation, user) => {
                self.typing.insert((account, conversation, user));
            }
            Notice::Presence => drop(self.presence.insert(account)),
            Notice::Status | Notice::DesktopNotifications => {}
        }
    }

    fn drain(&mut self, notices: &mut Receiver<(AccountId, Notice)>) {
        use tokio::sync::broadcast::error::TryRecvError;
        loop {
            match notices.try_recv() {
                Ok(notice) => self.add(notice),
                Err(TryRecvError::Lagged(_)) => self.everything = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    /// Sends the events. Errors are ignored: they mean that the window is closed.
    fn emit_all(self, app: &AppHandle) {
        trace(app);
        if self.everything {
            let (account, conversations, everything) = (None, Vec::new(), true);
            let (statuses, pictures, choices, outbox) = (true, true, true, true);
            let changed =
                Changed { account, conversations, everything, statuses, pictures, choices, outbox };
            let _ = changed.emit(app);
            let _ = FilesChanged { account: None }.emit(app);
        }
        for (account, changes) in self.changes {
            let changed = Changed {
                account: Some(account),
                conversations: changes.conversations.iter().copied().collect(),
                everything: changes.people,
                statuses: changes.statuses,
                pictures: changes.pictures,
                choices: changes.choices,
                outbox: changes.outbox,
            };
            let _ = changed.emit(app);
        }
        for (account, conversation_id, user_id) in self.typing {
            let _ = Typing { account, conversation_id, user_id }.emit(app);
        }
        for account in self.presence {
            let _ = PresenceChanged { account }.emit(app);
        }
        for account in self.files {
            let _ = FilesChanged { account: Some(account) }.emit(app);
        }
        // Any change may also affect a count in the sync line.
        let _ = StatusChanged.emit(app);
    }
}

/// Records the milestones of the sync, if they are traced.
pub fn trace(app: &AppHandle) {
    let trace = app.state::<Trace>();
    if !trace.is_enabled() {
        return;
    }
    let status = app.state::<ClientState>().status();
    let Some(status) = status.filter(|status| status.connection == ConnectionState::Online) else {
        return;
    };
    trace.mark("connected");
    let Progress { total, here } = status.history;
    if total == here && total.0 > 0 && trace.is_passed("first-paint") {
        trace.mark("up-to-date");
    }
}
