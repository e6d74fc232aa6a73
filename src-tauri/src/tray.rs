//! Shows the icon in the tray, and handles the user's actions there.

use crate::commands::ClientState;
use crate::navigation::{self, hide};
use parlour_desktop::{Bus, Icon, Tray, TrayAction, TrayState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::{AppHandle, Manager};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

/// A click in the tray takes the focus from the window. If that was within this time, the click still hides the window.
const FOCUS_GRACE: Duration = Duration::from_millis(500);
/// How long the tray may be absent before a hidden window is shown: desktops restart it.
const TRAY_GRACE: Duration = Duration::from_secs(10);

/// The time when the window lost the focus.
#[derive(Default)]
pub struct FocusLost(Mutex<Option<Instant>>);

impl FocusLost {
    /// Records that the window lost the focus now.
    pub fn record(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_recent(&self) -> bool {
        let lost_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lost_at.is_some_and(|time| time.elapsed() < FOCUS_GRACE)
    }
}

/// Shows the icon while there is a tray; `has_tray` receives whether there is one.
pub fn show(
    app: &AppHandle,
    bus: Arc<Bus>,
    states: watch::Receiver<TrayState>,
    has_tray: watch::Sender<bool>,
) {
    let Some(icon) = app.default_window_icon() else { return };
    let (width, height, rgba) = (icon.width(), icon.height(), icon.rgba().to_vec());
    let (sender, actions) = unbounded_channel();
    tauri::async_runtime::spawn(show_without_tray(app.clone(), has_tray.subscribe()));
    let tray = Tray::new(bus, &Icon { width, height, rgba }, states, has_tray, sender);
    tauri::async_runtime::spawn(tray.run());
    tauri::async_runtime::spawn(handle_actions(app.clone(), actions));
}

/// Carries out the user's actions. Runs until the app ends.
async fn handle_actions(app: AppHandle, mut actions: UnboundedReceiver<TrayAction>) {
    while let Some(action) = actions.recv().await {
        match action {
            TrayAction::Toggle(token) => toggle(&app, token),
            TrayAction::Open(token) => navigation::raise_window(&app, token),
            TrayAction::Pause(pause) => set_pause(&app, Some(pause)),
            TrayAction::Resume => set_pause(&app, None),
            TrayAction::Quit => app.exit(0),
        }
    }
}

/// Shows a hidden window again if there is no tray any more, because the user could not open it otherwise. Runs until the
/// app ends.
async fn show_without_tray(app: AppHandle, mut has_tray: watch::Receiver<bool>) {
    while has_tray.changed().await.is_ok() {
        let is_present = *has_tray.borrow_and_update();
        if is_present
            || timeout(TRAY_GRACE, has_tray.wait_for(|is_present| *is_present)).await.is_ok()
        {
            continue;
        }
        let Some(window) = app.get_webview_window("main") else { return };
        let is_hidden = !window.is_visible().unwrap_or(true);
        if is_hidden && window.show().and_then(|()| window.minimize()).is_err() {
            tracing::warn!("the window stays hidden");
        }
    }
}

/// Shows the window, or hides it if it is in front.
fn toggle(app: &AppHandle, token: Option<String>) {
    let Some(window) = app.get_webview_window("main") else { return };
    let is_shown = window.is_visible().unwrap_or(false) && !window.is_minimized().unwrap_or(false);
    let is_in_front = window.is_focused().unwrap_or(false) || app.state::<FocusLost>().is_recent();
    if is_shown && is_in_front {
        hide(&window);
    } else {
        navigation::raise_window(app, token);
    }
}

/// Pauses the notifications of every account, or ends the pause.
fn set_pause(app: &AppHandle, pause: Option<parlour_client::Pause>) {
    let Ok(client) = app.state::<ClientState>().client() else { return };
    tokio::task::block_in_place(|| {
        for session in client.sessions().values() {
            if let Err(error) = session.pause(pause) {
                tracing::warn!(%error, "notifications could not be paused");
            }
        }
    });
}
