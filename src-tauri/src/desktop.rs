//! The window as a part of the desktop: its icon in the tray, the numbers that are shown of it, and what closing it
//! does.

use crate::commands::Opened;
use crate::leads::{self, Lead, hide};
use parlour_desktop::{Closing, Look, PreferencesFile, Words};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tauri::{AppHandle, CloseRequestApi, Manager, WebviewWindow};
use tokio::sync::watch;

/// The desktop around the window.
pub struct Desktop {
    /// The session bus, which everything shares.
    #[cfg(target_os = "linux")]
    pub bus: Arc<parlour_desktop::Bus>,
    /// What is chosen for the program as a whole.
    pub preferences: Arc<PreferencesFile>,
    words: watch::Receiver<Words>,
    hosted: watch::Sender<bool>,
    begun: OnceLock<()>,
    /// Whether the page asks what closing does.
    is_asking: AtomicBool,
}

impl Desktop {
    /// Creates it, without anything that the desktop shows yet.
    pub fn new(preferences: Arc<PreferencesFile>, words: watch::Receiver<Words>) -> Self {
        Self {
            #[cfg(target_os = "linux")]
            bus: parlour_desktop::Bus::session(),
            preferences,
            words,
            hosted: watch::Sender::new(false),
            begun: OnceLock::new(),
            is_asking: AtomicBool::new(false),
        }
    }

    /// Returns whether a tray shows the icon, so that a hidden window can be shown again.
    pub fn is_hosted(&self) -> bool {
        *self.hosted.borrow()
    }

    /// Shows the icon and the numbers, once the page is painted and has told its words. Does nothing the second time.
    pub fn begin(&self, app: &AppHandle) {
        let Ok(client) = app.state::<Opened>().client() else { return };
        if self.begun.set(()).is_err() {
            return;
        }
        let looks = watch::Sender::new(Look::default());
        let seen = looks.subscribe();
        tauri::async_runtime::spawn(parlour_desktop::follow(client, self.words.clone(), looks));
        tauri::async_runtime::spawn(show_title(app.clone(), seen.clone()));
        #[cfg(target_os = "linux")]
        crate::tray::show(app, self.bus.clone(), seen, self.hosted.clone());
    }

    /// Decides what a request to close the window does: without a tray it closes; with one it does what the user
    /// chose, who is asked the first time. Whoever closes it again while being asked means it.
    pub fn close(&self, window: &WebviewWindow, request: &CloseRequestApi) {
        let app = window.app_handle();
        let client = app.state::<Opened>().client();
        let is_open = client.is_ok_and(|client| !client.sessions().is_empty());
        match self.preferences.now().closing {
            _ if !self.is_hosted() => {}
            Some(Closing::Quits) => {}
            Some(Closing::Hides) => {
                request.prevent_close();
                hide(window);
            }
            None if !is_open || self.is_asking.swap(true, Ordering::Relaxed) => {}
            None => {
                request.prevent_close();
                leads::lead(app, Lead::Closing);
            }
        }
    }

    /// Does what the user chose when asked; nothing if that was not answered.
    pub fn answer(&self, app: &AppHandle, closing: Option<Closing>) -> std::io::Result<()> {
        self.is_asking.store(false, Ordering::Relaxed);
        let Some(chosen) = closing else { return Ok(()) };
        let kept = self.preferences.change(|now| now.closing = Some(chosen));
        match chosen {
            Closing::Hides => app.get_webview_window("main").iter().for_each(hide),
            Closing::Quits => app.exit(0),
        }
        kept
    }
}

/// Shows the number of unread messages in the title. Ends with the program.
async fn show_title(app: AppHandle, mut looks: watch::Receiver<Look>) {
    let mut shown = String::new();
    while looks.changed().await.is_ok() {
        let title = looks.borrow_and_update().title();
        let Some(window) = app.get_webview_window("main") else { return };
        if title != shown && window.set_title(&title).is_ok() {
            shown = title;
        }
    }
}
