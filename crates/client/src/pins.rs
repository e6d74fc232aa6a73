//! The keys of servers for which no certificate authority vouches: `servers.json` in the data folder,
//! comparable to the `known_hosts` of SSH. A key comes from a link that the user pasted, never from the
//! network. With each server, the accounts on it are noted: the files of a closed one do not tell.

use crate::account_id::AccountId;
use crate::pinned::Pinned;
use crate::tls::Tls;
use parlour_protocol::KeyPin;
use parlour_sqlite::durable;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const NAME: &str = "servers.json";

/// The trust in every known server, by its address; clones share it.
#[derive(Clone)]
pub struct Pins(Arc<Mutex<KnownServers>>);

struct KnownServers {
    file: PathBuf,
    servers: BTreeMap<String, KnownServer>,
}

struct KnownServer {
    /// Its key, or `None` if the system's authorities vouch for it.
    key: Option<Arc<Pinned>>,
    accounts: BTreeSet<AccountId>,
}

/// A server in the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    /// As an earlier version wrote it.
    Key(Option<String>),
    Server {
        key: Option<String>,
        accounts: BTreeSet<AccountId>,
    },
}

impl Pins {
    /// Reads the keys that are stored in the data folder.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or if no version of this program wrote its contents: without it,
    /// known servers could not be distinguished from others.
    pub fn open(data: &Path) -> Result<Self> {
        let file = data.join(NAME);
        let kept: BTreeMap<String, Stored> = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        let all = Self(Arc::new(Mutex::new(KnownServers { file, servers: BTreeMap::new() })));
        for (server, stored) in kept {
            let (key, accounts) = match stored {
                Stored::Key(key) => (key, BTreeSet::new()),
                Stored::Server { key, accounts } => (key, accounts),
            };
            let key = match key.map(|pin| pin.parse()).transpose() {
                Ok(pin) => pin.map(|pin| all.pinned(&server, pin)),
                Err(error) => return Err(std::io::Error::new(ErrorKind::InvalidData, error)),
            };
            all.lock().servers.insert(server, KnownServer { key, accounts });
        }
        Ok(all)
    }

    /// Returns the trust in the key by which a server is known.
    pub fn pinned_for(&self, server: &str) -> Option<Arc<Pinned>> {
        self.lock().servers.get(server)?.key.clone()
    }

    /// Returns whether the system's authorities are known to vouch for a server: no link can change that.
    pub fn is_vouched_for(&self, server: &str) -> bool {
        self.lock().servers.get(server).is_some_and(|known| known.key.is_none())
    }

    /// Returns which certificates are trusted for a server: its key's if one is known, otherwise those
    /// that the system trusts.
    pub fn tls(&self, server: &str) -> Tls {
        self.pinned_for(server).map_or_else(Tls::default, Tls::pinned)
    }

    /// Stores the trust of an account in its server: the server's key, or `None` if the system's authorities vouch for
    /// it.
    ///
    /// # Errors
    /// Fails if the file cannot be written; the trust is not known after a restart then.
    pub fn keep(&self, server: &str, pin: Option<KeyPin>, account: &AccountId) -> Result<()> {
        let mut servers = self.lock();
        let known = servers.servers.get(server);
        if known.is_none_or(|known| known.key.as_ref().map(|key| key.pin()) != pin) {
            let key = pin.map(|pin| self.pinned(server, pin));
            let accounts = known.map(|known| known.accounts.clone()).unwrap_or_default();
            servers.servers.insert(server.to_owned(), KnownServer { key, accounts });
        } else if known.is_some_and(|known| known.accounts.contains(account)) {
            return Ok(());
        }
        if let Some(known) = servers.servers.get_mut(server) {
            known.accounts.insert(account.clone());
        }
        servers.write()
    }

    /// Stores that an account is on a server, for which the system's authorities vouch unless it is known already.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn keep_account(&self, server: &str, account: &AccountId) -> Result<()> {
        let pin = self.pinned_for(server).map(|key| key.pin());
        self.keep(server, pin, account)
    }

    /// Forgets the servers on which none of these accounts is, which are all on this computer; none if it is not known
    /// of each of them on which server it is.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn forget_others(&self, accounts: &BTreeSet<AccountId>) -> Result<()> {
        let mut servers = self.lock();
        let is_known =
            |id: &AccountId| servers.servers.values().any(|known| known.accounts.contains(id));
        if !accounts.iter().all(is_known) {
            return Ok(());
        }
        let before = servers.servers.len();
        servers.servers.retain(|_, known| !known.accounts.is_disjoint(accounts));
        if servers.servers.len() == before { Ok(()) } else { servers.write() }
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
            parlour_sqlite::private::ensure_folder(folder)?;
        }
        let stored = self.servers.iter().map(|(server, known)| {
            let key = known.key.as_ref().map(|key| key.pin().to_string());
            (&**server, Stored::Server { key, accounts: known.accounts.clone() })
        });
        let stored: BTreeMap<&str, Stored> = stored.collect();
        durable::write(&self.file, &serde_json::to_vec_pretty(&stored)?)
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
        let (a, b, c) = (account("a"), account("b"), account("c"));
        pins.keep(SERVER, Some(pin), &a).unwrap();
        pins.keep("https://b.example", Some(KeyPin::from_public_key(b"another")), &b).unwrap();
        assert_eq!(known(&Pins::open(&data).unwrap(), SERVER), Some(pin));
        pins.keep_account("https://c.example", &c).unwrap();
        pins.keep_account(SERVER, &a).unwrap();
        let again = Pins::open(&data).unwrap();
        assert!(again.is_vouched_for("https://c.example") && !again.is_vouched_for(SERVER));
        pins.forget_others(&BTreeSet::from([b.clone(), c])).unwrap();
        assert_eq!(known(&Pins::open(&data).unwrap(), SERVER), None);
        assert!(known(&Pins::open(&data).unwrap(), "https://b.example").is_some());
        // A server may be that of an account of which nothing is known.
        pins.forget_others(&BTreeSet::from([account("d")])).unwrap();
        assert!(known(&Pins::open(&data).unwrap(), "https://b.example").is_some());
        pins.forget_others(&BTreeSet::new()).unwrap();
        assert_eq!(known(&Pins::open(&data).unwrap(), "https://b.example"), None);
    }

    #[test]
    fn a_file_of_an_earlier_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let pin = KeyPin::from_public_key(b"a key");
        let content = format!(r#"{{"{SERVER}": "{pin}", "https://c.example": null}}"#);
        std::fs::write(folder.path().join(NAME), content).unwrap();
        let pins = Pins::open(folder.path()).unwrap();
        assert_eq!(known(&pins, SERVER), Some(pin));
        assert!(pins.is_vouched_for("https://c.example"));
    }

    fn account(name: &str) -> AccountId {
        AccountId::of_folder(name)
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
