//! The keys of servers for which no authority vouches: `servers.json` in the data folder, as SSH has its
//! `known_hosts`. A key comes with a link that its reader pasted, never from the network.

use crate::pinned::Pinned;
use crate::tls::Tls;
use parlour_protocol::KeyPin;
use parlour_sqlite::durable;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const NAME: &str = "servers.json";

/// Every known key, by the server's address; clones share them.
#[derive(Clone)]
pub struct Pins(Arc<Mutex<Known>>);

struct Known {
    file: PathBuf,
    /// The trust in each server: its key, or nothing where the system's authorities vouch for it.
    pins: BTreeMap<String, Option<Arc<Pinned>>>,
}

impl Pins {
    /// The keys that the data folder knows.
    ///
    /// # Errors
    /// The file cannot be read, or says what no version of this program wrote: without it servers that are
    /// known could not be told from others.
    pub fn open(data: &Path) -> Result<Self> {
        let file = data.join(NAME);
        let kept: BTreeMap<String, Option<String>> = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        let all = Self(Arc::new(Mutex::new(Known { file, pins: BTreeMap::new() })));
        for (server, pin) in kept {
            let pinned = match pin.map(|pin| pin.parse()).transpose() {
                Ok(pin) => pin.map(|pin| all.pinned(&server, pin)),
                Err(error) => return Err(std::io::Error::new(ErrorKind::InvalidData, error)),
            };
            all.lock().pins.insert(server, pinned);
        }
        Ok(all)
    }

    /// Trust in the key by which a server is known.
    pub fn pinned_for(&self, server: &str) -> Option<Arc<Pinned>> {
        self.lock().pins.get(server).cloned().flatten()
    }

    /// Returns whether the system's authorities are known to vouch for a server: no link can change that.
    pub fn is_vouched_for(&self, server: &str) -> bool {
        self.lock().pins.get(server).is_some_and(Option::is_none)
    }

    /// Whose certificates are trusted for a server: its key's, if one is known, else those that the system
    /// trusts.
    pub fn tls(&self, server: &str) -> Tls {
        self.pinned_for(server).map_or_else(Tls::default, Tls::pinned)
    }

    /// Stores the trust in a server: its key, or nothing where the system's authorities vouch for it.
    ///
    /// # Errors
    /// The disk fails; then it is not known after a restart.
    pub fn keep(&self, server: &str, pin: Option<KeyPin>) -> Result<()> {
        let mut known = self.lock();
        let before = known.pins.get(server).map(|known| known.as_ref().map(|key| key.pin()));
        if before == Some(pin) {
            return Ok(());
        }
        known.pins.insert(server.to_owned(), pin.map(|pin| self.pinned(server, pin)));
        known.write()
    }

    /// Stores that the system's authorities vouch for a server of which nothing is known yet.
    ///
    /// # Errors
    /// The disk fails.
    pub fn keep_vouched_for(&self, server: &str) -> Result<()> {
        let is_known = self.lock().pins.contains_key(server);
        if is_known { Ok(()) } else { self.keep(server, None) }
    }

    /// Forgets a server's key: nobody here has an account there any more.
    ///
    /// # Errors
    /// The disk fails.
    pub fn forget(&self, server: &str) -> Result<()> {
        let mut known = self.lock();
        if known.pins.remove(server).is_none() {
            return Ok(());
        }
        known.write()
    }

    /// Trust in a key: one that it signed takes its place, in the file too.
    fn pinned(&self, server: &str, pin: KeyPin) -> Arc<Pinned> {
        let (known, server) = (Arc::downgrade(&self.0), server.to_owned());
        Pinned::new(pin, move |_| {
            let Some(known) = known.upgrade() else { return };
            tracing::info!(%server, "the server has a new key, which the one before signed");
            if let Err(error) = Self(known).lock().write() {
                tracing::error!(%error, "the server's new key is not kept");
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn write(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            parlour_sqlite::private::make_folder(folder)?;
        }
        let pins: BTreeMap<&str, Option<String>> = self
            .pins
            .iter()
            .map(|(server, key)| (&**server, key.as_ref().map(|key| key.pin().to_string())))
            .collect();
        durable::write(&self.file, &serde_json::to_vec_pretty(&pins)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "https://chat.example.org";

    fn known(pins: &Pins, server: &str) -> Option<KeyPin> {
        pins.pinned_for(server).map(|pinned| pinned.pin())
    }

    #[test]
    fn a_key_is_known_after_a_restart_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("parlour");
        let pins = Pins::open(&data).unwrap();
        assert_eq!(known(&pins, SERVER), None);
        let pin = KeyPin::of(b"a key");
        pins.keep(SERVER, Some(pin)).unwrap();
        pins.keep("https://b.example", Some(KeyPin::of(b"another"))).unwrap();
        assert_eq!(known(&Pins::open(&data).unwrap(), SERVER), Some(pin));
        pins.keep_vouched_for("https://c.example").unwrap();
        pins.keep_vouched_for(SERVER).unwrap();
        let again = Pins::open(&data).unwrap();
        assert!(again.is_vouched_for("https://c.example") && !again.is_vouched_for(SERVER));
        pins.forget(SERVER).unwrap();
        assert_eq!(known(&Pins::open(&data).unwrap(), SERVER), None);
        assert!(known(&Pins::open(&data).unwrap(), "https://b.example").is_some());
    }

    #[test]
    fn a_file_that_is_none_of_ours_is_told_and_left_as_it_is() {
        for content in ["", "{", r#"{"https://a.example": "c0ffee"}"#, "[]"] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join(NAME);
            std::fs::write(&file, content).unwrap();
            assert!(Pins::open(folder.path()).is_err(), "{content}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
        }
    }
}
