//! The placement of the window: stored for each set of screens, and always on a screen that exists.

use serde::{Deserialize, Serialize};

/// A rectangle in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// The width.
    pub width: f64,
    /// The height.
    pub height: f64,
}

impl Area {
    /// Returns the area of the intersection of two rectangles.
    fn overlap(&self, other: &Self) -> f64 {
        let overlap_1d = |a: f64, a_size: f64, b: f64, b_size: f64| {
            ((a + a_size).min(b + b_size) - a.max(b)).max(0.0)
        };
        overlap_1d(self.x, self.width, other.x, other.width)
            * overlap_1d(self.y, self.height, other.y, other.height)
    }
}

/// The position, the size and the state of the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Placement {
    /// The area of the window while it is not maximised.
    pub area: Area,
    /// Whether it is maximised.
    pub is_maximised: bool,
}

impl Placement {
    /// Returns the nearest placement that is entirely on the screen with the largest overlap; `None` if it is on no
    /// screen, or if a number is not finite. `minimum` is the minimum size of the window.
    pub fn fitted(self, screens: &[Area], minimum: (f64, f64)) -> Option<Self> {
        let Area { x, y, width, height } = self.area;
        if ![x, y, width, height].into_iter().all(f64::is_finite) {
            return None;
        }
        let screen =
            screens.iter().max_by(|a, b| self.area.overlap(a).total_cmp(&self.area.overlap(b)))?;
        if self.area.overlap(screen) <= 0.0 {
            return None;
        }
        let fit = |size: f64, min: f64, max: f64| size.max(min).min(max).max(1.0);
        let width = fit(width, minimum.0, screen.width);
        let height = fit(height, minimum.1, screen.height);
        let x = x.min(screen.x + screen.width - width).max(screen.x);
        let y = y.min(screen.y + screen.height - height).max(screen.y);
        Some(Self { area: Area { x, y, width, height }, ..self })
    }
}

/// Returns a key for a set of screens, which does not depend on their order.
pub fn screens_key(screens: &[Area]) -> String {
    let mut names: Vec<String> = screens
        .iter()
        .map(|Area { x, y, width, height }| format!("{width:.0}x{height:.0}+{x:.0}+{y:.0}"))
        .collect();
    names.sort();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn area(x: f64, y: f64, width: f64, height: f64) -> Area {
        Area { x, y, width, height }
    }

    const LEFT: Area = area(0.0, 0.0, 1920.0, 1080.0);
    const RIGHT: Area = area(1920.0, 0.0, 1280.0, 1024.0);
    const SMALL: Area = area(0.0, 0.0, 1024.0, 600.0);

    #[test]
    fn a_window_is_placed_on_an_existing_screen() {
        let placement = |area, is_maximised| Placement { area, is_maximised };
        for (saved, screens, expected) in [
            // Unchanged.
            (
                area(2000.0, 100.0, 900.0, 700.0),
                &[LEFT, RIGHT][..],
                Some(area(2000.0, 100.0, 900.0, 700.0)),
            ),
            // The screen was removed.
            (area(2000.0, 100.0, 900.0, 700.0), &[LEFT], None),
            (area(-5000.0, 0.0, 900.0, 700.0), &[LEFT], None),
            // The screen is smaller than before.
            (area(300.0, 100.0, 1280.0, 800.0), &[SMALL], Some(area(0.0, 0.0, 1024.0, 600.0))),
            // Partly outside of the screen.
            (area(1800.0, 900.0, 900.0, 700.0), &[LEFT], Some(area(1020.0, 380.0, 900.0, 700.0))),
            (area(-100.0, -50.0, 900.0, 700.0), &[LEFT], Some(area(0.0, 0.0, 900.0, 700.0))),
            // Damaged numbers.
            (area(0.0, 0.0, 1.0, 1.0), &[LEFT], Some(area(0.0, 0.0, 480.0, 360.0))),
            (area(0.0, 0.0, f64::NAN, 1.0), &[LEFT], None),
            (area(0.0, 0.0, -5.0, 100.0), &[LEFT], None),
            (area(0.0, 0.0, 900.0, 700.0), &[], None),
        ] {
            for is_maximised in [false, true] {
                let found = placement(saved, is_maximised).fitted(screens, (480.0, 360.0));
                assert_eq!(found, expected.map(|area| placement(area, is_maximised)), "{saved:?}");
            }
        }
    }

    #[test]
    fn the_order_of_screens_does_not_change_their_key() {
        assert_eq!(screens_key(&[LEFT, RIGHT]), screens_key(&[RIGHT, LEFT]));
        assert_ne!(screens_key(&[LEFT]), screens_key(&[LEFT, RIGHT]));
    }
}
