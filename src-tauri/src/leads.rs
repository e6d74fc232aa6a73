//! Where the page is to be led: by a notification, by a link of the scheme `parlour:`, by the tray. What is to be
//! shown waits here until the page takes it, so that nothing is lost while it starts or an account is locked.

use crate::events::Led;
use parlour_client::{AccountId, Client, Destination};
use parlour_protocol::{ConversationId, MessageId, Problem};
use serde::Serialize;
use specta::Type;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, Manager, WebviewWindow};
use tauri_specta::Event;

/// Maximum number of leads that wait; older ones are dropped.
const WAITING: usize = 8;

/// Something that the page shows.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(tag = "to", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Lead {
    /// An account.
    Account {
        /// The account.
        account: AccountId,
    },
    /// A message.
    Message {
        /// The account.
        account: AccountId,
        /// The message.
        message: MessageId,
    },
    /// A conversation.
    Conversation {
        /// The account.
        account: AccountId,
        /// The conversation.
        conversation: ConversationId,
    },
    /// The form for signing in, with a link.
    SignIn {
        /// The link, as it is pasted there.
        link: String,
    },
    /// Why a link leads nowhere.
    Nowhere {
        /// The reason.
        problem: Problem,
    },
    /// The question what closing the window does.
    Closing,
}

/// What waits.
enum Waiting {
    Lead(Lead),
    /// A link, as it was given. Where it leads depends on the accounts that are open when the page asks.
    Link(String),
}

/// The leads that wait for the page.
#[derive(Default)]
pub struct Leads(Mutex<VecDeque<Waiting>>);

impl Leads {
    /// Takes everything that waits.
    pub fn take(&self, client: &Client) -> Vec<Lead> {
        let waiting = std::mem::take(&mut *self.lock());
        waiting.into_iter().map(|waiting| resolve(client, waiting)).collect()
    }

    fn add(&self, waiting: Waiting) {
        let mut all = self.lock();
        all.push_back(waiting);
        if all.len() > WAITING {
            all.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn resolve(client: &Client, waiting: Waiting) -> Lead {
    let link = match waiting {
        Waiting::Lead(lead) => return lead,
        Waiting::Link(link) => link,
    };
    match client.follow(&link) {
        Ok(Destination::Message(account, message)) => Lead::Message { account, message },
        Ok(Destination::Conversation(account, conversation)) => {
            Lead::Conversation { account, conversation }
        }
        Ok(Destination::Invitation(link)) => Lead::SignIn { link },
        Err(error) => Lead::Nowhere { problem: error.problem() },
    }
}

/// Has the page show something.
pub fn lead(app: &AppHandle, lead: Lead) {
    add(app, Waiting::Lead(lead));
}

/// Has the page follow a link of the scheme `parlour:`, which anybody may have made.
pub fn follow(app: &AppHandle, link: String) {
    add(app, Waiting::Link(link));
}

fn add(app: &AppHandle, waiting: Waiting) {
    app.state::<Leads>().add(waiting);
    // A page that is not there yet asks when it is.
    let _ = Led.emit(app);
}

/// Shows the window before the others, with the focus.
pub fn raise(app: &AppHandle, token: Option<String>) {
    let handle = app.clone();
    let raised = app.run_on_main_thread(move || {
        if let Some(window) = handle.get_webview_window("main") {
            raise_window(&window, token.as_deref());
        }
    });
    if let Err(error) = raised {
        tracing::warn!(%error, "the window is not raised");
    }
}

/// Shows the window before the others, with the focus. On Wayland, only whoever has a token of the desktop may do
/// that.
fn raise_window(window: &WebviewWindow, token: Option<&str>) {
    #[cfg(target_os = "linux")]
    if let (Some(token), Ok(window)) = (token, window.gtk_window()) {
        use gtk::prelude::GtkWindowExt;
        window.set_startup_id(token);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = token;
    let raised = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = raised {
        tracing::warn!(%error, "the window is not raised");
    }
}

/// Hides the window.
pub fn hide(window: &WebviewWindow) {
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window is not hidden");
    }
}
