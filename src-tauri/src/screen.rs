//! The size of the window at its start on the screen that is there.

use tauri::{App, Monitor, Runtime, WebviewWindowBuilder};

/// The size at the start if there is room, and the smallest size that the user can choose, in
/// logical pixels.
const LARGE: (f64, f64) = (1280.0, 800.0);
const SMALL: (f64, f64) = (480.0, 360.0);
/// Height that the system's frame around a window takes: the bar with its title.
const FRAME: f64 = 40.0;
/// Height of a system bar, where the system does not tell how much of the screen its bars leave
/// (Wayland).
const PANEL: f64 = 40.0;

/// Makes the window start within the screen. Its position is not stored from one start to the next,
/// so it never starts on a screen that is gone.
pub fn fit<'a, R: Runtime>(
    app: &App<R>,
    window: WebviewWindowBuilder<'a, R, App<R>>,
) -> WebviewWindowBuilder<'a, R, App<R>> {
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
