//! Requests to show something in the page: from a notification, a `parlour:` link, or the tray. They are queued until the
//! page takes them, so that none is lost while the page starts or an account is locked.

use crate::events::NavigationRequested;
use parlour_client::{AccountId, Client, Destination};
use parlour_protocol::{ConversationId, MessageId, Problem};
use serde::Serialize;
use specta::Type;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, Manager, WebviewWindow};
use tauri_specta::Event;

/// Maximum number of queued requests; older ones are dropped.
const MAX_PENDING: usize = 8;

/// A view that the page should show.
#[derive(Debug, Clone, Serialize, Type)]
#[serde(tag = "to", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum NavigationTarget {
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
    /// The form for signing in, filled in with a link.
    SignIn {
        /// The link.
        link: String,
    },
    /// The error of a link that cannot be opened.
    InvalidLink {
        /// The reason.
        problem: Problem,
    },
    /// The dialog that asks what closing the window does.
    Closing,
}

/// A queued request.
enum Pending {
    Target(NavigationTarget),
    /// A link, unchecked. Its target depends on the accounts that are open when the page takes it.
    Link(String),
}

/// The requests that are queued for the page.
#[derive(Default)]
pub struct NavigationQueue(Mutex<VecDeque<Pending>>);

impl NavigationQueue {
    /// Removes and returns all queued requests.
    pub fn take(&self, client: &Client) -> Vec<NavigationTarget> {
        let pending = std::mem::take(&mut *self.lock());
        pending.into_iter().map(|pending| resolve(client, pending)).collect()
    }

    fn add(&self, pending: Pending) {
        let mut queue = self.lock();
        queue.push_back(pending);
        if queue.len() > MAX_PENDING {
            queue.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Pending>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn resolve(client: &Client, pending: Pending) -> NavigationTarget {
    let link = match pending {
        Pending::Target(target) => return target,
        Pending::Link(link) => link,
    };
    match client.follow(&link) {
        Ok(Destination::Message(account, message)) => {
            NavigationTarget::Message { account, message }
        }
        Ok(Destination::Conversation(account, conversation)) => {
            NavigationTarget::Conversation { account, conversation }
        }
        Ok(Destination::Invitation(link)) => NavigationTarget::SignIn { link },
        Err(error) => NavigationTarget::InvalidLink { problem: error.problem() },
    }
}

/// Makes the page show a view.
pub fn navigate(app: &AppHandle, target: NavigationTarget) {
    add(app, Pending::Target(target));
}

/// Makes the page open a `parlour:` link, which is untrusted.
pub fn open_link(app: &AppHandle, link: String) {
    add(app, Pending::Link(link));
}

fn add(app: &AppHandle, pending: Pending) {
    app.state::<NavigationQueue>().add(pending);
    // A page that is still loading calls `take_navigation_targets` when it is ready.
    let _ = NavigationRequested.emit(app);
}

/// Brings the window to the front, with the focus.
pub fn raise_window(app: &AppHandle, token: Option<String>) {
    let handle = app.clone();
    let raised = app.run_on_main_thread(move || {
        if let Some(window) = handle.get_webview_window("main") {
            bring_to_front(&window, token.as_deref());
        }
    });
    if let Err(error) = raised {
        tracing::warn!(%error, "the window could not be raised");
    }
}

/// Brings the window to the front, with the focus. On Wayland, this needs an activation token of the desktop.
fn bring_to_front(window: &WebviewWindow, token: Option<&str>) {
    #[cfg(target_os = "linux")]
    if let (Some(token), Ok(window)) = (token, window.gtk_window()) {
        use gtk::prelude::GtkWindowExt;
        window.set_startup_id(token);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = token;
    let raised = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = raised {
        tracing::warn!(%error, "the window could not be raised");
    }
}

/// Hides the window.
pub fn hide(window: &WebviewWindow) {
    if let Err(error) = window.hide() {
        tracing::warn!(%error, "the window could not be hidden");
    }
}
