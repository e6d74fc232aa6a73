//! The keys of servers for which no certificate authority vouches: `servers.json` in the data folder,
//! comparable to the `known_hosts` of SSH. A key comes from a link that the user pasted, never from the
//! network.

use crate::pinned::Pinned;
use crate::tls::Tls;
use parlour_protocol::KeyPin;
use parlour_sqlite::durable;
use std::collections::BTreeMap;
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const NAME: &str = "servers.json";

/// The trust in every known server, by its address; clones share it.
#[derive(Clone)]
pub struct Pins(Arc<Mutex<KnownServers>>);

struct KnownServers {
    file: PathBuf,
    /// The trust in each server: its key, or `None` if the system's authorities vouch for it.
    pins: BTreeMap<String, Option<Arc<Pinned>>>,
}

impl Pins {
    /// Reads the keys that are stored in the data folder.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or if no version of this program wrote its contents: without it,
    /// known servers could not be distinguished from others.
    pub fn open(data: &Path) -> Result<Self> {
        let file = data.join(NAME);
        let kept: BTreeMap<String, Option<String>> = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        let all = Self(Arc::new(Mutex::new(KnownServers { file, pins: BTreeMap::new() })));
        for (server, pin) in kept {
            let pinned = match pin.map(|pin| pin.parse()).transpose() {
                Ok(pin) => pin.map(|pin| all.pinned(&server, pin)),
                Err(error) => return Err(std::io::Error::new(ErrorKind::InvalidData, error)),
            };
            all.lock().pins.insert(server, pinned);
        }
        Ok(all)
    }

    /// Returns the trust in the key by which a server is known.
    pub fn pinned_for(&self, server: &str) -> Option<Arc<Pinned>> {
        self.lock().pins.get(server).cloned().flatten()
    }

    /// Returns whether the system's authorities are known to vouch for a server: no link can change that.
    pub fn is_vouched_for(&self, server: &str) -> bool {
        self.lock().pins.get(server).is_some_and(Option::is_none)
    }

    /// Returns which certificates are trusted for a server: its key's if one is known, otherwise those
    /// that the system trusts.
    pub fn tls(&self, server: &str) -> Tls {
        self.pinned_for(server).map_or_else(Tls::default, Tls::pinned)
    }

    /// Stores the trust in a server: its key, or `None` if the system's authorities vouch for it.
    ///
    /// # Errors
    /// Fails if the file cannot be written; the trust is not known after a restart then.
    pub fn keep(&self, server: &str, pin: Option<KeyPin>) -> Result<()> {
        let mut servers = self.lock();
        let before = servers.pins.get(server).map(|pinned| pinned.as_ref().map(|key| key.pin()));
        if before == Some(pin) {
            return Ok(());
        }
        servers.pins.insert(server.to_owned(), pin.map(|pin| self.pinned(server, pin)));
        servers.write()
    }

    /// Stores that the system's authorities vouch for a server, unless the server is known already.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn keep_vouched_for(&self, server: &str) -> Result<()> {
        let is_known = self.lock().pins.contains_key(server);
        if is_known { Ok(()) } else { self.keep(server, None) }
    }

    /// Forgets a server's key, when no account here is on that server any more.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn forget(&self, server: &str) -> Result<()> {
        let mut servers = self.lock();
        if servers.pins.remove(server).is_none() {
            return Ok(());
        }
        servers.write()
    }

    /// Creates trust in a key. A key that it signed replaces it, in the file, too.
    fn pinned(&self, server: &str, pin: KeyPin) -> Arc<Pinned> {
        let (servers, server) = (Arc::downgrade(&self.0), server.to_owned());
        Pinned::new(pin, move |_| {
            let Some(servers) = servers.upgrade() else { return };
            tracing::info!(%server, "the server has a new key, which the previous one signed");
            if let Err(error) = Self(servers).lock().write() {
                tracing::error!(%error, "the server's new key could not be stored");
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, KnownServers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnownServers {
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
        let pin = KeyPin::from_public_key(b"a key");
        pins.keep(SERVER, Some(pin)).unwrap();
        pins.keep("https://b.example", Some(KeyPin::from_public_key(b"another"))).unwrap();
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
    fn an_invalid_file_is_reported_and_left_unchanged() {
        for content in ["", "{", r#"{"https://a.example": "c0ffee"}"#, "[]"] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join(NAME);
            std::fs::write(&file, content).unwrap();
            assert!(Pins::open(folder.path()).is_err(), "{content}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
        }
    }
}
