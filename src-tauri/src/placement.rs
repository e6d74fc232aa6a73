//! The placement of the window: as it was the last time on these screens, or else a default that fits on the screen.

use crate::desktop::Desktop;
use parlour_desktop::{Area, Placement, Preferences};
use std::time::Duration;
use tauri::{
    App, AppHandle, Manager, Monitor, Runtime, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};
use tokio::sync::watch;
use tokio::time::timeout;

/// The default size and the minimum size of the window, in logical pixels; smaller if the screen is smaller.
const DEFAULT_SIZE: (f64, f64) = (1280.0, 800.0);
const MIN_SIZE: (f64, f64) = (480.0, 360.0);
/// Height of the window's title bar, in logical pixels.
const TITLE_BAR: f64 = 40.0;
/// Height of a desktop panel, for systems that do not report the usable area of a screen (Wayland).
const PANEL: f64 = 40.0;
/// How long the window must stay unchanged before its placement is stored.
const STORE_DELAY: Duration = Duration::from_secs(1);

/// Sets the initial placement of a window: as it was on these screens, or else the default.
pub fn restore<'a, R: Runtime>(
    app: &App<R>,
    window: WebviewWindowBuilder<'a, R, App<R>>,
    preferences: &Preferences,
) -> WebviewWindowBuilder<'a, R, App<R>> {
    let usable_areas: Vec<Area> =
        app.available_monitors().unwrap_or_default().iter().map(usable_area).collect();
    if let Some(Placement { area, is_maximised }) = preferences.placement(&usable_areas, MIN_SIZE) {
        return window
            .inner_size(area.width, area.height)
            .min_inner_size(MIN_SIZE.0.min(area.width), MIN_SIZE.1.min(area.height))
            .position(area.x, area.y)
            .maximized(is_maximised);
    }
    let area =
        app.primary_monitor().ok().flatten().map(|screen| area(&screen, TITLE_BAR)).or_else(|| {
            // It is not known on which screen the window will be, so the smallest one counts.
            let screens = app.available_monitors().unwrap_or_default();
            screens
                .iter()
                .map(|screen| area(screen, TITLE_BAR + PANEL))
                .min_by(|a, b| a.1.total_cmp(&b.1))
        });
    let (size, smallest) = area.map_or((DEFAULT_SIZE, MIN_SIZE), sizes);
    let window = window.inner_size(size.0, size.1).min_inner_size(smallest.0, smallest.1);
    // The system might place a window that is as large as the screen partly off it, so it is centred.
    if size == DEFAULT_SIZE { window } else { window.center() }
}

/// Returns the part of a screen that a window without its title bar can use.
fn usable_area(screen: &Monitor) -> Area {
    let (area, scale) = (screen.work_area(), screen.scale_factor());
    let (position, size) =
        (area.position.to_logical::<f64>(scale), area.size.to_logical::<f64>(scale));
    Area { x: position.x, y: position.y, width: size.width, height: size.height - TITLE_BAR }
}

/// Stores the window's placement after each change. Runs until the app ends.
pub fn watch(window: &WebviewWindow) {
    let (moved, mut moves) = watch::channel(());
    window.on_window_event(move |event| {
        if matches!(event, WindowEvent::Moved(_) | WindowEvent::Resized(_)) {
            moved.send_replace(());
        }
    });
    let app = window.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        while moves.changed().await.is_ok() {
            while timeout(STORE_DELAY, moves.changed()).await.is_ok_and(|moved| moved.is_ok()) {}
            store(&app);
        }
    });
}

/// Stores the window's current placement.
pub fn store(app: &AppHandle) {
    let Some(window) = app.get_webview_window("main") else { return };
    let preferences = &app.state::<Desktop>().preferences;
    let stored =
        placement_of(&window).and_then(|placement| {
            let usable_areas: Vec<Area> =
                window.available_monitors().ok()?.iter().map(usable_area).collect();
            let known = preferences.get().placement(&usable_areas, MIN_SIZE);
            // A maximised window keeps the area that it had before.
            let area =
                known.filter(|_| placement.is_maximised).map_or(placement.area, |known| known.area);
            Some(preferences.change(|stored| {
                stored.set_placement(&usable_areas, Placement { area, ..placement })
            }))
        });
    if let Some(Err(error)) = stored {
        tracing::warn!(%error, "the placement of the window could not be stored");
    }
}

/// Returns the placement of a window; `None` if it is not visible, or if the placement is not known.
fn placement_of(window: &WebviewWindow) -> Option<Placement> {
    if window.is_minimized().ok()? || !window.is_visible().ok()? {
        return None;
    }
    let scale = window.scale_factor().ok()?;
    let position = window.outer_position().ok()?.to_logical::<f64>(scale);
    let size = window.inner_size().ok()?.to_logical::<f64>(scale);
    let area = Area { x: position.x, y: position.y, width: size.width, height: size.height };
    Some(Placement { area, is_maximised: window.is_maximized().ok()? })
}

/// Returns the width and height that a window may have on a screen, in logical pixels. `reserved` is subtracted from the
/// height.
fn area(screen: &Monitor, reserved: f64) -> (f64, f64) {
    let size = screen.work_area().size.to_logical::<f64>(screen.scale_factor());
    (size.width, size.height - reserved)
}

/// Returns the initial and the minimum size for an available size.
fn sizes((width, height): (f64, f64)) -> ((f64, f64), (f64, f64)) {
    let within = |(w, h): (f64, f64)| (w.min(width).max(1.0), h.min(height).max(1.0));
    (within(DEFAULT_SIZE), within(MIN_SIZE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_not_larger_than_the_usable_area() {
        for (available, initial, smallest) in [
            ((2560.0, 1400.0), DEFAULT_SIZE, MIN_SIZE),
            ((1280.0, 800.0), DEFAULT_SIZE, MIN_SIZE),
            ((1366.0, 728.0), (1280.0, 728.0), MIN_SIZE),
            ((1024.0, 560.0), (1024.0, 560.0), MIN_SIZE),
            ((400.0, 300.0), (400.0, 300.0), (400.0, 300.0)),
            ((0.0, -40.0), (1.0, 1.0), (1.0, 1.0)),
        ] {
            assert_eq!(sizes(available), (initial, smallest), "{available:?}");
        }
    }
}
