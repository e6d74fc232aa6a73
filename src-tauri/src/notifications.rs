//! Shows notifications, and opens what the user chooses in one. The client decides about what the user is notified.

use crate::commands::ClientState;
use crate::navigation::{self, NavigationTarget};
use parlour_client::{AccountId, Client};
use parlour_desktop::{OpenRequest, Presenter};
use parlour_protocol::ConversationId;
use std::sync::{Arc, Mutex, PoisonError};
use tauri::{AppHandle, Manager, WebviewWindow, WindowEvent};
use tokio::sync::watch;

/// The texts of notifications, which the page sends.
pub struct TextsSender(pub watch::Sender<parlour_desktop::DesktopTexts>);

/// The conversation that the user is reading: the one on the screen, while the window has the focus.
#[derive(Default)]
pub struct VisibleConversation(Mutex<Visible>);

#[derive(Default)]
struct Visible {
    has_focus: bool,
    conversation: Option<(AccountId, ConversationId)>,
}

impl VisibleConversation {
    /// Sets the conversation that is on the screen.
    pub fn set(&self, client: &Client, account: &AccountId, conversation: Option<ConversationId>) {
        let mut visible = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        visible.conversation = conversation.map(|conversation| (account.clone(), conversation));
        visible.report(client);
    }

    fn set_focus(&self, client: &Client, has_focus: bool) {
        let mut visible = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        visible.has_focus = has_focus;
        visible.report(client);
    }
}

impl Visible {
    fn report(&self, client: &Client) {
        for (id, session) in client.sessions() {
            let visible =
                self.conversation.as_ref().filter(|(account, _)| self.has_focus && *account == id);
            session.look_at(visible.map(|(_, conversation)| *conversation));
        }
    }
}

/// Watches whether the window has the focus.
pub fn watch_focus(window: &WebviewWindow) {
    let app = window.app_handle().clone();
    window.on_window_event(move |event| {
        let WindowEvent::Focused(has_focus) = event else { return };
        #[cfg(target_os = "linux")]
        if !has_focus {
            app.state::<crate::tray::FocusLost>().record();
        }
        if let Ok(client) = app.state::<ClientState>().client() {
            app.state::<VisibleConversation>().set_focus(&client, *has_focus);
        }
    });
}

/// Shows the notifications of all accounts, with the texts from the page.
pub fn show(
    app: AppHandle,
    client: Arc<Client>,
    texts: watch::Receiver<parlour_desktop::DesktopTexts>,
) {
    #[cfg(target_os = "linux")]
    let daemon =
        parlour_desktop::Freedesktop::new(app.state::<crate::desktop::Desktop>().bus.clone());
    #[cfg(not(target_os = "linux"))]
    let daemon = parlour_desktop::NoDaemon;
    let presenter = Presenter::new(client, daemon);
    tauri::async_runtime::spawn(presenter.run(texts, move |request| open(&app, request)));
}

/// Brings the window to the front, and makes the page show what was chosen.
fn open(app: &AppHandle, request: OpenRequest) {
    let OpenRequest { account, message, activation } = request;
    navigation::raise_window(app, activation);
    let target = match message {
        Some((_, message)) => NavigationTarget::Message { account, message },
        None => NavigationTarget::Account { account },
    };
    navigation::navigate(app, target);
}
