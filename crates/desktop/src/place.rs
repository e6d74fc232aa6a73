//! The place of the window: remembered for each set of screens, and always within one that exists.

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
    /// Returns the size of the part that two rectangles share.
    fn shared(&self, other: &Self) -> f64 {
        let along = |a: f64, a_size: f64, b: f64, b_size: f64| {
            ((a + a_size).min(b + b_size) - a.max(b)).max(0.0)
        };
        along(self.x, self.width, other.x, other.width)
            * along(self.y, self.height, other.y, other.height)
    }
}

/// A place of the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Where the window is while it is not maximised.
    pub area: Area,
    /// Whether it is maximised.
    pub is_maximised: bool,
}

impl Place {
    /// Returns the place within the screen of which it takes most, as near to where it was as can be. `None` if it is
    /// on no screen, or if a number in it is not one. `least` is the smallest size of the window.
    pub fn within(self, screens: &[Area], least: (f64, f64)) -> Option<Self> {
        let Area { x, y, width, height } = self.area;
        if ![x, y, width, height].into_iter().all(f64::is_finite) {
            return None;
        }
        let screen =
            screens.iter().max_by(|a, b| self.area.shared(a).total_cmp(&self.area.shared(b)))?;
        if self.area.shared(screen) <= 0.0 {
            return None;
        }
        let fit = |size: f64, least: f64, most: f64| size.max(least).min(most).max(1.0);
        let width = fit(width, least.0, screen.width);
        let height = fit(height, least.1, screen.height);
        let x = x.min(screen.x + screen.width - width).max(screen.x);
        let y = y.min(screen.y + screen.height - height).max(screen.y);
        Some(Self { area: Area { x, y, width, height }, ..self })
    }
}

/// Returns a name for a set of screens, whatever their order is.
pub fn name_of(screens: &[Area]) -> String {
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
    fn a_window_is_within_a_screen_that_exists() {
        let of = |area, is_maximised| Place { area, is_maximised };
        for (saved, screens, place) in [
            // As it was.
            (
                area(2000.0, 100.0, 900.0, 700.0),
                &[LEFT, RIGHT][..],
                Some(area(2000.0, 100.0, 900.0, 700.0)),
            ),
            // The screen is gone.
            (area(2000.0, 100.0, 900.0, 700.0), &[LEFT], None),
            (area(-5000.0, 0.0, 900.0, 700.0), &[LEFT], None),
            // The screen has become smaller: all of the window is on it.
            (area(300.0, 100.0, 1280.0, 800.0), &[SMALL], Some(area(0.0, 0.0, 1024.0, 600.0))),
            // Partly beside it.
            (area(1800.0, 900.0, 900.0, 700.0), &[LEFT], Some(area(1020.0, 380.0, 900.0, 700.0))),
            (area(-100.0, -50.0, 900.0, 700.0), &[LEFT], Some(area(0.0, 0.0, 900.0, 700.0))),
            // Damaged numbers.
            (area(0.0, 0.0, 1.0, 1.0), &[LEFT], Some(area(0.0, 0.0, 480.0, 360.0))),
            (area(0.0, 0.0, f64::NAN, 1.0), &[LEFT], None),
            (area(0.0, 0.0, -5.0, 100.0), &[LEFT], None),
            (area(0.0, 0.0, 900.0, 700.0), &[], None),
        ] {
            for is_maximised in [false, true] {
                let found = of(saved, is_maximised).within(screens, (480.0, 360.0));
                assert_eq!(found, place.map(|area| of(area, is_maximised)), "{saved:?}");
            }
        }
    }

    #[test]
    fn a_set_of_screens_has_one_name() {
        assert_eq!(name_of(&[LEFT, RIGHT]), name_of(&[RIGHT, LEFT]));
        assert_ne!(name_of(&[LEFT]), name_of(&[LEFT, RIGHT]));
    }
}
