//! The icon in the tray: shows it, and does what is chosen there.

use crate::commands::Opened;
use crate::leads::{self, hide};
use parlour_desktop::{Bus, Icon, Look, Picked, Tray};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::{AppHandle, Manager};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

/// How long ago the window may have lost the focus so that a click in the tray, which took it, still hides it.
const JUST_NOW: Duration = Duration::from_millis(500);
/// How long the tray may be away: desktops restart it.
const AWAY: Duration = Duration::from_secs(10);

/// When the window lost the focus.
#[derive(Default)]
pub struct FocusLost(Mutex<Option<Instant>>);

impl FocusLost {
    /// Notes that it has lost it now.
    pub fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    fn is_just_now(&self) -> bool {
        let at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        at.is_some_and(|at| at.elapsed() < JUST_NOW)
    }
}

/// Shows the icon wherever there is a tray; tells `hosted` whether there is one.
pub fn show(
    app: &AppHandle,
    bus: Arc<Bus>,
    looks: watch::Receiver<Look>,
    hosted: watch::Sender<bool>,
) {
    let Some(icon) = app.default_window_icon() else { return };
    let (width, height, rgba) = (icon.width(), icon.height(), icon.rgba().to_vec());
    let (picked, received) = unbounded_channel();
    tauri::async_runtime::spawn(bring_back(app.clone(), hosted.subscribe()));
    let tray = Tray::new(bus, &Icon { width, height, rgba }, looks, hosted, picked);
    tauri::async_runtime::spawn(tray.run());
    tauri::async_runtime::spawn(obey(app.clone(), received));
}

/// Does what the user chooses. Ends with the program.
async fn obey(app: AppHandle, mut picked: UnboundedReceiver<Picked>) {
    while let Some(picked) = picked.recv().await {
        match picked {
            Picked::Toggle(token) => toggle(&app, token),
            Picked::Open(token) => leads::raise(&app, token),
            Picked::Pause(pause) => set_pause(&app, Some(pause)),
            Picked::Resume => set_pause(&app, None),
            Picked::Quit => app.exit(0),
        }
    }
}

/// Shows a hidden window again if the tray has gone and stays away: nobody could reach it. Ends with the program.
async fn bring_back(app: AppHandle, mut hosted: watch::Receiver<bool>) {
    while hosted.changed().await.is_ok() {
        let is_hosted = *hosted.borrow_and_update();
        if is_hosted || timeout(AWAY, hosted.wait_for(|is_hosted| *is_hosted)).await.is_ok() {
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
    let is_in_front =
        window.is_focused().unwrap_or(false) || app.state::<FocusLost>().is_just_now();
    if is_shown && is_in_front {
        hide(&window);
    } else {
        leads::raise(app, token);
    }
}

/// Pauses the notifications of every account, or ends the pause.
fn set_pause(app: &AppHandle, pause: Option<parlour_client::Pause>) {
    let Ok(client) = app.state::<Opened>().client() else { return };
    tokio::task::block_in_place(|| {
        for session in client.sessions().values() {
            if let Err(error) = session.pause(pause) {
                tracing::warn!(%error, "notifications are not paused");
            }
        }
    });
}
