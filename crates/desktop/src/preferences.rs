//! What is chosen for the program as a whole, on this computer: `window.json` in the data folder. It must be known
//! before an account is open.

use crate::place::{Area, Place, name_of};
use parlour_sqlite::durable;
use serde::{Deserialize, Serialize};
use std::io::Result;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

const NAME: &str = "window.json";
/// Maximum size of the file, in bytes.
const FILE_BYTES: u64 = 64 * 1024;
/// Maximum number of sets of screens for which a place is remembered.
const PLACES: usize = 16;

/// What closing the window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Closing {
    /// The program goes on in the tray.
    Hides,
    /// The program ends.
    Quits,
}

/// What is chosen for the program as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Preferences {
    /// What closing the window does; `None` until the user was asked.
    pub closing: Option<Closing>,
    /// Whether the window is minimised when the program starts at login.
    pub starts_minimised: bool,
    /// The languages in which spelling is checked; `None` for the system's.
    pub spelling: Option<Vec<String>>,
    /// The places of the window by sets of screens, the last used first.
    places: Vec<(String, Place)>,
}

impl Preferences {
    /// Returns the place of the window on these screens, if one is remembered that is still within one of them.
    pub fn place(&self, screens: &[Area], least: (f64, f64)) -> Option<Place> {
        let name = name_of(screens);
        let known = self.places.iter().find(|(known, _)| *known == name)?.1;
        known.within(screens, least)
    }

    /// Remembers the place of the window on these screens.
    pub fn remember(&mut self, screens: &[Area], place: Place) {
        let name = name_of(screens);
        self.places.retain(|(known, _)| *known != name);
        self.places.insert(0, (name, place));
        self.places.truncate(PLACES);
    }
}

/// The preferences and their file.
#[derive(Debug)]
pub struct PreferencesFile {
    path: PathBuf,
    now: Mutex<Preferences>,
}

impl PreferencesFile {
    /// Reads the preferences in a data folder; a file that cannot be read counts as none.
    pub fn open(folder: &Path) -> Self {
        let path = folder.join(NAME);
        let now = read(&path).unwrap_or_default();
        Self { path, now: Mutex::new(now) }
    }

    /// Returns the preferences.
    pub fn now(&self) -> Preferences {
        self.lock().clone()
    }

    /// Changes the preferences.
    ///
    /// # Errors
    /// Fails if the file cannot be written; the change counts until the program ends.
    pub fn change(&self, change: impl FnOnce(&mut Preferences)) -> Result<()> {
        let mut now = self.lock();
        let before = now.clone();
        change(&mut now);
        if *now == before {
            return Ok(());
        }
        durable::write(&self.path, &serde_json::to_vec_pretty(&*now)?)
    }

    fn lock(&self) -> MutexGuard<'_, Preferences> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path) -> Option<Preferences> {
    let size = std::fs::metadata(path).ok()?.len();
    let bytes = (size <= FILE_BYTES).then(|| std::fs::read(path).ok())??;
    let read = serde_json::from_slice(&bytes);
    read.inspect_err(|_| tracing::warn!("window.json is damaged, and begins anew")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_of_screens_has_its_place_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let area = |width| Area { x: 0.0, y: 0.0, width, height: 1080.0 };
        let place = |x| Place {
            area: Area { x, y: 0.0, width: 900.0, height: 700.0 },
            is_maximised: x > 50.0,
        };
        let file = PreferencesFile::open(folder.path());
        assert_eq!(file.now(), Preferences::default());
        file.change(|now| now.remember(&[area(1920.0)], place(40.0))).unwrap();
        file.change(|now| now.remember(&[area(2560.0)], place(60.0))).unwrap();
        for n in 0..30 {
            file.change(|now| now.remember(&[area(3000.0 + f64::from(n))], place(1.0))).unwrap();
            file.change(|now| now.remember(&[area(1920.0)], place(40.0))).unwrap();
        }
        file.change(|now| now.closing = Some(Closing::Hides)).unwrap();
        let again = PreferencesFile::open(folder.path()).now();
        assert_eq!(again.place(&[area(1920.0)], (1.0, 1.0)), Some(place(40.0)));
        assert_eq!(again.place(&[area(2560.0)], (1.0, 1.0)), None, "the oldest is forgotten");
        assert_eq!((again.closing, again.places.len()), (Some(Closing::Hides), PLACES));
    }

    #[test]
    fn a_damaged_file_counts_as_none_and_is_replaced() {
        let many = format!("[{}]", "0,".repeat(1 << 20));
        for content in ["", "{", "[]", r#"{"closing":"never"}"#, r#"{"places":[["a",{}]]}"#, &*many]
        {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(NAME), content).unwrap();
            let file = PreferencesFile::open(folder.path());
            assert_eq!(file.now(), Preferences::default());
            file.change(|now| now.starts_minimised = true).unwrap();
            assert!(PreferencesFile::open(folder.path()).now().starts_minimised);
        }
    }
}
