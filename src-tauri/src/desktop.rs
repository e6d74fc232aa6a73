//! The integration of the window with the desktop: the icon in the tray, the unread counts, and closing the window.

use crate::commands::ClientState;
use crate::navigation::{self, NavigationTarget, hide};
use parlour_desktop::{Closing, DesktopTexts, PreferencesFile, TrayState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tauri::{AppHandle, CloseRequestApi, Manager, WebviewWindow};
use tokio::sync::watch;

/// The integration with the desktop.
pub struct Desktop {
    /// The shared connection to the session bus.
    #[cfg(target_os = "linux")]
    pub bus: Arc<parlour_desktop::Bus>,
    /// The preferences of the app on this computer.
    pub preferences: Arc<PreferencesFile>,
    texts: watch::Receiver<DesktopTexts>,
    /// Whether a tray shows the icon.
    has_tray: watch::Sender<bool>,
    started: OnceLock<()>,
    /// Whether the page is asking what closing does.
    is_asking: AtomicBool,
}

impl Desktop {
    /// Creates the integration, which shows nothing until it is started.
    pub fn new(preferences: Arc<PreferencesFile>, texts: watch::Receiver<DesktopTexts>) -> Self {
        Self {
            #[cfg(target_os = "linux")]
            bus: parlour_desktop::Bus::session(),
            preferences,
            texts,
            has_tray: watch::Sender::new(false),
            started: OnceLock::new(),
            is_asking: AtomicBool::new(false),
        }
    }

    /// Returns whether a tray shows the icon, so that a hidden window can be shown again.
    pub fn has_tray(&self) -> bool {
        *self.has_tray.borrow()
    }

    /// Starts to show the icon and the unread counts. Called after the first paint, when the texts are known. Later calls
    /// do nothing.
    pub fn start(&self, app: &AppHandle) {
        let Ok(client) = app.state::<ClientState>().client() else { return };
        if self.started.set(()).is_err() {
            return;
        }
        let states = watch::Sender::new(TrayState::default());
        let receiver = states.subscribe();
        tauri::async_runtime::spawn(parlour_desktop::update_tray_state(
            client,
            self.texts.clone(),
            states,
        ));
        tauri::async_runtime::spawn(show_title(app.clone(), receiver.clone()));
        #[cfg(target_os = "linux")]
        crate::tray::show(app, self.bus.clone(), receiver, self.has_tray.clone());
    }

    /// Handles a request to close the window: without a tray the window closes; with one, the user's choice applies. The
    /// user is asked the first time; a second request while the question is open closes the window.
    pub fn close(&self, window: &WebviewWindow, request: &CloseRequestApi) {
        let app = window.app_handle();
        let client = app.state::<ClientState>().client();
        let is_open = client.is_ok_and(|client| !client.sessions().is_empty());
        match self.preferences.get().closing {
            _ if !self.has_tray() => {}
            Some(Closing::Quits) => {}
            Some(Closing::Hides) => {
                request.prevent_close();
                hide(window);
            }
            None if !is_open || self.is_asking.swap(true, Ordering::Relaxed) => {}
            None => {
                request.prevent_close();
                navigation::navigate(app, NavigationTarget::Closing);
            }
        }
    }

    /// Stores and applies what the user chose when asked; does nothing for `None`.
    pub fn apply_choice(&self, app: &AppHandle, closing: Option<Closing>) -> std::io::Result<()> {
        self.is_asking.store(false, Ordering::Relaxed);
        let Some(chosen) = closing else { return Ok(()) };
        let stored = self.preferences.change(|preferences| preferences.closing = Some(chosen));
        match chosen {
            Closing::Hides => app.get_webview_window("main").iter().for_each(hide),
            Closing::Quits => app.exit(0),
        }
        stored
    }
}

/// Shows the number of unread messages in the title. Runs until the app ends.
async fn show_title(app: AppHandle, mut states: watch::Receiver<TrayState>) {
    let mut shown = String::new();
    while states.changed().await.is_ok() {
        let title = states.borrow_and_update().title();
        let Some(window) = app.get_webview_window("main") else { return };
        if title != shown && window.set_title(&title).is_ok() {
            shown = title;
        }
    }
}
