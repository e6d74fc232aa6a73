//! What the window hears without asking. Events say what to read again, never what is in it.

use crate::commands::Opened;
use crate::trace::Trace;
use parlour_client::{AccountId, Changes, Client, ConnectionState, Notice, Progress};
use parlour_protocol::{ConversationId, UserId};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tauri::{AppHandle, Manager};
use tauri_specta::Event;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// What follows something that was told is told together, so long after it: less than a person waits for.
const BURST: Duration = Duration::from_millis(100);

/// Rows of an account changed.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// Whose; nothing if that is not known.
    pub account: Option<AccountId>,
    /// Conversations whose messages, members or place in the list changed.
    pub conversations: Vec<ConversationId>,
    /// Something was missed, or people changed, who may be anywhere: read everything again.
    pub everything: bool,
    /// Something was chosen on another device.
    pub choices: bool,
    /// The outbox changed.
    pub outbox: bool,
}

/// The sync line of some account changed.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub struct StatusChanged;

/// Somebody writes.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    /// Whose account hears it.
    pub account: AccountId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Who.
    pub user_id: UserId,
}

/// Tells the window what the client tells.
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
            burst.tell(&app);
            tokio::time::sleep(BURST).await;
        }
    });
}

#[derive(Default)]
struct Burst {
    changes: BTreeMap<AccountId, Changes>,
    typing: BTreeSet<(AccountId, ConversationId, UserId)>,
    everything: bool,
}

impl Burst {
    fn add(&mut self, (account, notice): (AccountId, Notice)) {
        match notice {
            Notice::Changed(changes) => self.changes.entry(account).or_default().merge(changes),
            Notice::Typing(conversation, user) => {
                self.typing.insert((account, conversation, user));
            }
            Notice::Status => {}
        }
    }

    fn drain(&mut self, notices: &mut Receiver<(AccountId, Notice)>) {
        use tokio::sync::broadcast::error::TryRecvError;
        loop {
            match notices.try_recv() {
                Ok(told) => self.add(told),
                Err(TryRecvError::Lagged(_)) => self.everything = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    /// A window that is gone hears nothing, which is fine.
    fn tell(self, app: &AppHandle) {
        trace(app);
        if self.everything {
            let (account, conversations, everything) = (None, Vec::new(), true);
            let (choices, outbox) = (true, true);
            let _ = Changed { account, conversations, everything, choices, outbox }.emit(app);
        }
        for (account, changes) in self.changes {
            let changed = Changed {
                account: Some(account),
                conversations: changes.conversations.iter().copied().collect(),
                everything: changes.people,
                choices: changes.choices,
                outbox: changes.outbox,
            };
            let _ = changed.emit(app);
        }
        for (account, conversation_id, user_id) in self.typing {
            let _ = Typing { account, conversation_id, user_id }.emit(app);
        }
        // Whatever changes may change a count of the sync line too.
        let _ = StatusChanged.emit(app);
    }
}

/// Notes the milestones of the sync, while they are being traced.
pub fn trace(app: &AppHandle) {
    let trace = app.state::<Trace>();
    if !trace.is_wanted() {
        return;
    }
    let status = app.state::<Opened>().status();
    let Some(status) = status.filter(|status| status.connection == ConnectionState::Online) else {
        return;
    };
    trace.mark("connected");
    let Progress { total, here } = status.history;
    if total == here && total.0 > 0 && trace.is_passed("first-paint") {
        trace.mark("up-to-date");
    }
}
