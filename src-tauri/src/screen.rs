//! The place of the window: where it was on these screens, or else as large as the screen that is there allows.

use crate::desktop::Desktop;
use parlour_desktop::{Area, Place, Preferences};
use std::time::Duration;
use tauri::{
    App, AppHandle, Manager, Monitor, Runtime, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};
use tokio::sync::watch;
use tokio::time::timeout;

/// The size at the start if there is room, and the smallest size that the user can choose, in
/// logical pixels.
const LARGE: (f64, f64) = (1280.0, 800.0);
const SMALL: (f64, f64) = (480.0, 360.0);
/// Height that the system's frame around a window takes: the bar with its title.
const FRAME: f64 = 40.0;
/// Height of a system bar, where the system does not tell how much of the screen its bars leave
/// (Wayland).
const PANEL: f64 = 40.0;
/// How long the window stays where it is before that is remembered.
const SETTLED: Duration = Duration::from_secs(1);

/// Makes the window start where it was on these screens, and within one of them.
pub fn fit<'a, R: Runtime>(
    app: &App<R>,
    window: WebviewWindowBuilder<'a, R, App<R>>,
    preferences: &Preferences,
) -> WebviewWindowBuilder<'a, R, App<R>> {
    let rooms: Vec<Area> = app.available_monitors().unwrap_or_default().iter().map(room).collect();
    if let Some(Place { area, is_maximised }) = preferences.place(&rooms, SMALL) {
        return window
            .inner_size(area.width, area.height)
            .min_inner_size(SMALL.0.min(area.width), SMALL.1.min(area.height))
            .position(area.x, area.y)
            .maximized(is_maximised);
    }
    let area =
        app.primary_monitor().ok().flatten().map(|screen| area(&screen, FRAME)).or_else(|| {
            // The screen on which the window will be is not known, so the smallest one counts.
            let screens = app.available_monitors().unwrap_or_default();
            screens
                .iter()
                .map(|screen| area(screen, FRAME + PANEL))
                .min_by(|a, b| a.1.total_cmp(&b.1))
        });
    let (size, smallest) = area.map_or((LARGE, SMALL), sizes);
    let window = window.inner_size(size.0, size.1).min_inner_size(smallest.0, smallest.1);
    // A window that takes all the room might be placed partly off the screen by the system, so it
    // is centred.
    if size == LARGE { window } else { window.center() }
}

/// Returns the room that a screen has for a window and its frame.
fn room(screen: &Monitor) -> Area {
    let (area, scale) = (screen.work_area(), screen.scale_factor());
    let (at, size) = (area.position.to_logical::<f64>(scale), area.size.to_logical::<f64>(scale));
    Area { x: at.x, y: at.y, width: size.width, height: size.height - FRAME }
}

/// Remembers where the window is, whenever it has stayed there for a moment, until the program ends.
pub fn follow(window: &WebviewWindow) {
    let (moved, mut settles) = watch::channel(());
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Moved(_) | WindowEvent::Resized(_)) {
            moved.send_replace(());
        }
    });
    let app = window.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        while settles.changed().await.is_ok() {
            while timeout(SETTLED, settles.changed()).await.is_ok_and(|moved| moved.is_ok()) {}
            remember(&app);
        }
    });
}

/// Remembers where the window is now.
pub fn remember(app: &AppHandle) {
    let Some(window) = app.get_webview_window("main") else { return };
    let preferences = &app.state::<Desktop>().preferences;
    let kept = place_of(&window).and_then(|place| {
        let rooms: Vec<Area> = window.available_monitors().ok()?.iter().map(room).collect();
        let known = preferences.now().place(&rooms, SMALL);
        // Where it goes when it is not maximised any more is known from before.
        let area = known.filter(|_| place.is_maximised).map_or(place.area, |known| known.area);
        Some(preferences.change(|now| now.remember(&rooms, Place { area, ..place })))
    });
    if let Some(Err(error)) = kept {
        tracing::warn!(%error, "the window's place is not remembered");
    }
}

/// Returns where a window is; `None` if it is not shown, or if that cannot be told.
fn place_of(window: &WebviewWindow) -> Option<Place> {
    if window.is_minimized().ok()? || !window.is_visible().ok()? {
        return None;
    }
    let scale = window.scale_factor().ok()?;
    let at = window.outer_position().ok()?.to_logical::<f64>(scale);
    let size = window.inner_size().ok()?.to_logical::<f64>(scale);
    let area = Area { x: at.x, y: at.y, width: size.width, height: size.height };
    Some(Place { area, is_maximised: window.is_maximized().ok()? })
}

/// Returns the width and height that a window may take of a screen, in logical pixels.
fn area(screen: &Monitor, besides: f64) -> (f64, f64) {
    let size = screen.work_area().size.to_logical::<f64>(screen.scale_factor());
    (size.width, size.height - besides)
}

/// Returns the size at the start, and the smallest size.
fn sizes((wide, high): (f64, f64)) -> ((f64, f64), (f64, f64)) {
    let within = |(w, h): (f64, f64)| (w.min(wide).max(1.0), h.min(high).max(1.0));
    (within(LARGE), within(SMALL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_no_larger_than_the_room_that_a_screen_has() {
        for (room, begins, smallest) in [
            ((2560.0, 1400.0), LARGE, SMALL),
            ((1280.0, 800.0), LARGE, SMALL),
            ((1366.0, 728.0), (1280.0, 728.0), SMALL),
            ((1024.0, 560.0), (1024.0, 560.0), SMALL),
            ((400.0, 300.0), (400.0, 300.0), (400.0, 300.0)),
            ((0.0, -40.0), (1.0, 1.0), (1.0, 1.0)),
        ] {
            assert_eq!(sizes(room), (begins, smallest), "{room:?}");
        }
    }
}
