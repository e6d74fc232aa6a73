//! The keys of servers for which no certificate authority vouches: `servers.json` in the data folder,
//! comparable to the `known_hosts` of SSH. A key comes from a link that the user pasted, never from the
//! network. With each server, its accounts are stored: the files of a closed account do not reveal
//! its server.

use crate::account_id::AccountId;
use crate::pinned::PinnedKey;
use crate::tls::Tls;
use parlour_protocol::KeyPin;
use parlour_sqlite::durable;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const FILE_NAME: &str = "servers.json";

/// How each known server is trusted, by its address; clones share it.
#[derive(Clone)]
pub struct Pins(Arc<Mutex<KnownServers>>);

struct KnownServers {
    file: PathBuf,
    servers: BTreeMap<String, KnownServer>,
}

struct KnownServer {
    /// Its key, or `None` if the system's authorities vouch for it.
    key: Option<Arc<PinnedKey>>,
    accounts: BTreeSet<AccountId>,
}

/// A server in the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredServer {
    /// The format of an earlier version.
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
    /// Fails if the file cannot be read, or if its contents are invalid: without it, known
    /// servers could not be distinguished from others.
    pub fn open(data: &Path) -> Result<Self> {
        let file = data.join(FILE_NAME);
        let stored: BTreeMap<String, StoredServer> = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        let all = Self(Arc::new(Mutex::new(KnownServers { file, servers: BTreeMap::new() })));
        for (server, entry) in stored {
            let (key, accounts) = match entry {
                StoredServer::Key(key) => (key, BTreeSet::new()),
                StoredServer::Server { key, accounts } => (key, accounts),
            };
            let key = match key.map(|pin| pin.parse()).transpose() {
                Ok(pin) => pin.map(|pin| all.pinned(&server, pin)),
                Err(error) => return Err(std::io::Error::new(ErrorKind::InvalidData, error)),
            };
            all.lock().servers.insert(server, KnownServer { key, accounts });
        }
        Ok(all)
    }

    /// Returns the pinned key of a server; `None` if it has none.
    pub fn pinned_for(&self, server: &str) -> Option<Arc<PinnedKey>> {
        self.lock().servers.get(server)?.key.clone()
    }

    /// Returns whether a server is known to be trusted through the system's authorities: no link can change that.
    pub fn is_trusted_by_authorities(&self, server: &str) -> bool {
        self.lock().servers.get(server).is_some_and(|known| known.key.is_none())
    }

    /// Returns which certificates are trusted for a server: its key's if one is known, otherwise those
    /// that the system trusts.
    pub fn tls(&self, server: &str) -> Tls {
        self.pinned_for(server).map_or_else(Tls::default, Tls::pinned)
    }

    /// Stores an account's server with the server's key, or with `None` if the system's authorities vouch
    /// for it.
    ///
    /// # Errors
    /// Fails if the file cannot be written; the key is forgotten at a restart then.
    pub fn store(&self, server: &str, pin: Option<KeyPin>, account: &AccountId) -> Result<()> {
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

    /// Adds an account to a server, which is trusted through the system's authorities unless it is known already.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn add_account(&self, server: &str, account: &AccountId) -> Result<()> {
        let pin = self.pinned_for(server).map(|key| key.pin());
        self.store(server, pin, account)
    }

    /// Removes the servers that have none of these accounts, which must be all accounts on this computer. Does nothing if
    /// the server of one of the accounts is not known.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn retain_accounts(&self, accounts: &BTreeSet<AccountId>) -> Result<()> {
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

    /// Pins a key. A new key that is signed by it replaces it, also in the file.
    fn pinned(&self, server: &str, pin: KeyPin) -> Arc<PinnedKey> {
        let (servers, server) = (Arc::downgrade(&self.0), server.to_owned());
        PinnedKey::new(pin, move |_| {
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
            (&**server, StoredServer::Server { key, accounts: known.accounts.clone() })
        });
        let stored: BTreeMap<&str, StoredServer> = stored.collect();
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
    fn a_key_is_known_after_a_restart_until_its_last_account_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("parlour");
        let pins = Pins::open(&data).unwrap();
        assert_eq!(known(&pins, SERVER), None);
        let pin = KeyPin::from_public_key(b"a key");
        let (a, b, c) = (account("a"), account("b"), account("c"));
        pins.store(SERVER, Some(pin), &a).unwrap();
        pins.store("https://b.example", Some(KeyPin::from_public_key(b"another")), &b).unwrap();
        assert_eq!(known(&Pins::open(&data).unwrap(), SERVER), Some(pin));
        pins.add_account("https://c.example", &c).unwrap();
        pins.add_account(SERVER, &a).unwrap();
        let reopened = Pins::open(&data).unwrap();
        assert!(
            reopened.is_trusted_by_authorities("https://c.example")
                && !reopened.is_trusted_by_authorities(SERVER)
        );
        pins.retain_accounts(&BTreeSet::from([b.clone(), c])).unwrap();
        assert_eq!(known(&Pins::open(&data).unwrap(), SERVER), None);
        assert!(known(&Pins::open(&data).unwrap(), "https://b.example").is_some());
        // A server may belong to an account whose server is not known.
        pins.retain_accounts(&BTreeSet::from([account("d")])).unwrap();
        assert!(known(&Pins::open(&data).unwrap(), "https://b.example").is_some());
        pins.retain_accounts(&BTreeSet::new()).unwrap();
        assert_eq!(known(&Pins::open(&data).unwrap(), "https://b.example"), None);
    }

    #[test]
    fn a_file_of_an_earlier_version_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let pin = KeyPin::from_public_key(b"a key");
        let content = format!(r#"{{"{SERVER}": "{pin}", "https://c.example": null}}"#);
        std::fs::write(folder.path().join(FILE_NAME), content).unwrap();
        let pins = Pins::open(folder.path()).unwrap();
        assert_eq!(known(&pins, SERVER), Some(pin));
        assert!(pins.is_trusted_by_authorities("https://c.example"));
    }

    fn account(name: &str) -> AccountId {
        AccountId::of_folder(name)
    }

    #[test]
    fn an_invalid_file_is_reported_and_left_unchanged() {
        for content in ["", "{", r#"{"https://a.example": "c0ffee"}"#, "[]"] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join(FILE_NAME);
            std::fs::write(&file, content).unwrap();
            assert!(Pins::open(folder.path()).is_err(), "{content}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
        }
    }
}
