//! Shows notifications, and leads to what was chosen in one. What notifies is decided in the client.

use crate::commands::Opened as OpenedClient;
use crate::leads::{self, Lead};
use parlour_client::{AccountId, Client};
use parlour_desktop::{Opened, Presenter};
use parlour_protocol::ConversationId;
use std::sync::{Arc, Mutex, PoisonError};
use tauri::{AppHandle, Manager, WebviewWindow, WindowEvent};
use tokio::sync::watch;

/// The words of notifications, which the page hands over.
pub struct Words(pub watch::Sender<parlour_desktop::Words>);

/// What the user is looking at: a conversation that is on the screen, while the window has the focus.
#[derive(Default)]
pub struct Looking(Mutex<Sight>);

#[derive(Default)]
struct Sight {
    has_focus: bool,
    at: Option<(AccountId, ConversationId)>,
}

impl Looking {
    /// Notes the conversation that is on the screen.
    pub fn at(&self, client: &Client, account: &AccountId, conversation: Option<ConversationId>) {
        let mut sight = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sight.at = conversation.map(|conversation| (account.clone(), conversation));
        sight.tell(client);
    }

    fn set_focus(&self, client: &Client, has_focus: bool) {
        let mut sight = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sight.has_focus = has_focus;
        sight.tell(client);
    }
}

impl Sight {
    fn tell(&self, client: &Client) {
        for (id, session) in client.sessions() {
            let at = self.at.as_ref().filter(|(account, _)| self.has_focus && *account == id);
            session.look_at(at.map(|(_, conversation)| *conversation));
        }
    }
}

/// Follows whether the window has the focus.
pub fn follow_focus(window: &WebviewWindow) {
    let app = window.app_handle().clone();
    window.on_window_event(move |event| {
        let WindowEvent::Focused(has_focus) = event else { return };
        #[cfg(target_os = "linux")]
        if !has_focus {
            app.state::<crate::tray::FocusLost>().note();
        }
        if let Ok(client) = app.state::<OpenedClient>().client() {
            app.state::<Looking>().set_focus(&client, *has_focus);
        }
    });
}

/// Shows the notifications of every account, in the words that the page says.
pub fn show(app: AppHandle, client: Arc<Client>, words: watch::Receiver<parlour_desktop::Words>) {
    #[cfg(target_os = "linux")]
    let daemon =
        parlour_desktop::Freedesktop::new(app.state::<crate::desktop::Desktop>().bus.clone());
    #[cfg(not(target_os = "linux"))]
    let daemon = parlour_desktop::NoDaemon;
    let presenter = Presenter::new(client, daemon);
    tauri::async_runtime::spawn(presenter.run(words, move |opened| open(&app, opened)));
}

/// Raises the window, and has the page show what was chosen.
fn open(app: &AppHandle, opened: Opened) {
    let Opened { account, message, activation } = opened;
    leads::raise(app, activation);
    let to = match message {
        Some((_, message)) => Lead::Message { account, message },
        None => Lead::Account { account },
    };
    leads::lead(app, to);
}
