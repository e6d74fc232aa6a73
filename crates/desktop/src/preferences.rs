//! The preferences of the app on this computer, for all accounts: `window.json` in the data folder. They must be
//! readable before an account is open.

use crate::placement::{Area, Placement, screens_key};
use parlour_sqlite::durable;
use serde::{Deserialize, Serialize};
use std::io::Result;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const NAME: &str = "window.json";
/// Maximum size of the file, in bytes.
const FILE_BYTES: u64 = 64 * 1024;
/// Maximum number of sets of screens for which a placement is stored.
const PLACEMENTS: usize = 16;

/// What happens when the user closes the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Closing {
    /// The app keeps running in the tray.
    Hides,
    /// The app quits.
    Quits,
}

/// The preferences of the app on this computer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Preferences {
    /// What happens when the user closes the window; `None` until the user has decided.
    pub closing: Option<Closing>,
    /// Whether the window is minimised when the app starts at login.
    pub starts_minimised: bool,
    /// The languages of the spelling checker; `None` for the system's.
    pub spelling: Option<Vec<String>>,
    /// The placements of the window by set of screens, most recently used first.
    #[serde(rename = "places")]
    placements: Vec<(String, Placement)>,
}

impl Preferences {
    /// Returns the stored placement of the window on these screens, moved onto one of them if necessary; `None` if there
    /// is none. `minimum` is the minimum size of the window.
    pub fn placement(&self, screens: &[Area], minimum: (f64, f64)) -> Option<Placement> {
        let name = screens_key(screens);
        let known = self.placements.iter().find(|(known, _)| *known == name)?.1;
        known.fitted(screens, minimum)
    }

    /// Stores the placement of the window on these screens.
    pub fn set_placement(&mut self, screens: &[Area], placement: Placement) {
        let name = screens_key(screens);
        self.placements.retain(|(known, _)| *known != name);
        self.placements.insert(0, (name, placement));
        self.placements.truncate(PLACEMENTS);
    }
}

/// The preferences and their file.
#[derive(Debug)]
pub struct PreferencesFile {
    path: PathBuf,
    current: Mutex<Preferences>,
}

impl PreferencesFile {
    /// Reads the preferences in a data folder; a missing or damaged file counts as empty.
    pub fn open(folder: &Path) -> Self {
        let path = folder.join(NAME);
        let current = read(&path).unwrap_or_default();
        Self { path, current: Mutex::new(current) }
    }

    /// Returns the current preferences.
    pub fn get(&self) -> Preferences {
        self.lock().clone()
    }

    /// Changes the preferences.
    ///
    /// # Errors
    /// Fails if the file cannot be written; the change then lasts until the process ends.
    pub fn change(&self, change: impl FnOnce(&mut Preferences)) -> Result<()> {
        let mut current = self.lock();
        let before = current.clone();
        change(&mut current);
        if *current == before {
            return Ok(());
        }
        durable::write(&self.path, &serde_json::to_vec_pretty(&*current)?)
    }

    fn lock(&self) -> MutexGuard<'_, Preferences> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> Option<Preferences> {
    let size = std::fs::metadata(path).ok()?.len();
    let bytes = (size <= FILE_BYTES).then(|| std::fs::read(path).ok())??;
    let read = serde_json::from_slice(&bytes);
    read.inspect_err(|_| tracing::warn!("window.json is damaged and is replaced")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_placement_on_each_set_of_screens_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let area = |width| Area { x: 0.0, y: 0.0, width, height: 1080.0 };
        let placement = |x| Placement {
            area: Area { x, y: 0.0, width: 900.0, height: 700.0 },
            is_maximised: x > 50.0,
        };
        let file = PreferencesFile::open(folder.path());
        assert_eq!(file.get(), Preferences::default());
        file.change(|stored| stored.set_placement(&[area(1920.0)], placement(40.0))).unwrap();
        file.change(|stored| stored.set_placement(&[area(2560.0)], placement(60.0))).unwrap();
        for n in 0..30 {
            file.change(|stored| {
                stored.set_placement(&[area(3000.0 + f64::from(n))], placement(1.0))
            })
            .unwrap();
            file.change(|stored| stored.set_placement(&[area(1920.0)], placement(40.0))).unwrap();
        }
        file.change(|stored| stored.closing = Some(Closing::Hides)).unwrap();
        let reopened = PreferencesFile::open(folder.path()).get();
        assert_eq!(reopened.placement(&[area(1920.0)], (1.0, 1.0)), Some(placement(40.0)));
        assert_eq!(
            reopened.placement(&[area(2560.0)], (1.0, 1.0)),
            None,
            "the oldest one is removed"
        );
        assert_eq!(
            (reopened.closing, reopened.placements.len()),
            (Some(Closing::Hides), PLACEMENTS)
        );
    }

    #[test]
    fn a_damaged_file_counts_as_empty_and_is_replaced() {
        let many = format!("[{}]", "0,".repeat(1 << 20));
        for content in ["", "{", "[]", r#"{"closing":"never"}"#, r#"{"places":[["a",{}]]}"#, &*many]
        {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(NAME), content).unwrap();
            let file = PreferencesFile::open(folder.path());
            assert_eq!(file.get(), Preferences::default());
            file.change(|stored| stored.starts_minimised = true).unwrap();
            assert!(PreferencesFile::open(folder.path()).get().starts_minimised);
        }
    }
}
