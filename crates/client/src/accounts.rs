//! Which accounts are on this computer. Each has a folder, files, a key, a token and tasks of its own:
//! what happens to one, or to its server, is nothing to the others.

use crate::session::Session;
use crate::status::AccountInfo;
use crate::vault::{KeptBy, Vault};
use crate::{Error, Result, leaving, revoked};
use parlour_protocol::UserId;
use parlour_store::Key;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, Weak};

/// An account on this computer: the name of its folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(transparent)]
pub struct AccountId(String);

impl AccountId {
    /// The one of a person on a server: of the server too, because a server may call a person by any
    /// id, also by one of another server's.
    pub fn new(server: &str, user_id: UserId) -> Self {
        let digest = Sha256::digest(format!("{server}\n{user_id}"));
        Self(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an account cannot be read at present.
#[derive(Debug, Clone)]
pub enum Closed {
    /// Its key is in the keychain, which has not answered, or is locked.
    Keychain {
        /// Whether it is to have its first key: its files are plain ones of an earlier version.
        is_plain: bool,
    },
    /// Its passphrase opens it.
    Passphrase,
    /// Its key is not on this computer any more. A recovery code, if one was made, is the only way to
    /// what had not reached the server.
    KeyLost {
        /// Whether one was made.
        has_recovery: bool,
    },
    /// Somebody ended its session: signing in again opens it.
    Revoked {
        /// Whether its passphrase, or its recovery code, is needed too.
        has_passphrase: bool,
        /// Whose it is, if that is known: after a restart it is not.
        account: Option<AccountInfo>,
        /// What opens its files, where nothing else keeps that.
        key: Option<Key>,
    },
    /// Its files fail.
    Failed(Arc<Error>),
}

/// An account, open or not.
#[derive(Clone)]
pub(crate) enum Slot {
    /// It can be read.
    Open(Arc<Session>),
    /// It cannot.
    Closed(Closed),
}

/// Every account of a folder; a copy is of the same ones.
#[derive(Clone)]
pub(crate) struct Slots(Arc<All>);

type All = RwLock<BTreeMap<AccountId, Slot>>;

impl Slots {
    /// The accounts in a folder, none of them open yet.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn find(data: &Path) -> Result<Self> {
        let folder = data.join("accounts");
        let failed = |source| parlour_store::Error::Folder { path: folder.clone(), source };
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self(Arc::default()));
            }
            Err(source) => return Err(failed(source).into()),
        };
        // An earlier version let the umask say who reads them.
        parlour_store::private::narrow_all(&folder).map_err(failed)?;
        let mut slots = BTreeMap::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            leaving::finish(&entry.path());
            // Others' files may lie about; an account is a folder with an outbox.
            if parlour_store::has_account(&entry.path()) {
                revoked::finish(&entry.path())?;
                let id = AccountId(entry.file_name().to_string_lossy().into_owned());
                slots.insert(id, Slot::Closed(closed(&entry.path())));
            }
        }
        Ok(Self(Arc::new(RwLock::new(slots))))
    }

    /// The same, for who must not keep them alive.
    pub fn downgrade(&self) -> Weak<All> {
        Arc::downgrade(&self.0)
    }

    /// Back from [`Slots::downgrade`], unless they are gone.
    pub fn upgrade(weak: &Weak<All>) -> Option<Self> {
        weak.upgrade().map(Self)
    }

    /// All of them.
    pub fn all(&self) -> BTreeMap<AccountId, Slot> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Those that are open.
    pub fn open(&self) -> BTreeMap<AccountId, Arc<Session>> {
        let open =
            |(id, slot)| if let Slot::Open(session) = slot { Some((id, session)) } else { None };
        self.all().into_iter().filter_map(open).collect()
    }

    /// Those that are not.
    pub fn closed(&self) -> BTreeMap<AccountId, Closed> {
        let closed = |(id, slot)| if let Slot::Closed(why) = slot { Some((id, why)) } else { None };
        self.all().into_iter().filter_map(closed).collect()
    }

    /// One of them, if it is open.
    pub fn session_of(&self, id: &AccountId) -> Result<Arc<Session>> {
        match self.all().remove(id) {
            Some(Slot::Open(session)) => Ok(session),
            Some(Slot::Closed(why)) => Err(Error::of(&why)),
            None => Err(Error::SignedOut),
        }
    }

    /// Puts one in its place.
    pub fn set(&self, id: AccountId, slot: Slot) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(id, slot);
    }

    /// Puts one in the place of the same account, unless that is not open any more; answers whether it did.
    pub fn renew(&self, session: &Arc<Session>) -> bool {
        let mut slots = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match slots.get_mut(session.id()) {
            Some(slot @ Slot::Open(_)) => {
                *slot = Slot::Open(session.clone());
                true
            }
            _ => false,
        }
    }

    /// Takes one out.
    pub fn remove(&self, id: &AccountId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// What an account waits for, as its folder says.
pub(crate) fn closed(folder: &Path) -> Closed {
    if is_plain(folder) {
        return Closed::Keychain { is_plain: true };
    }
    match Vault::open(folder) {
        Ok(Some(vault)) => match vault.kept_by() {
            kept_by @ (KeptBy::Keychain | KeptBy::Passphrase) if vault.revoked().is_some() => {
                let has_passphrase = kept_by == KeptBy::Passphrase;
                Closed::Revoked { has_passphrase, account: None, key: None }
            }
            KeptBy::Keychain => Closed::Keychain { is_plain: false },
            KeptBy::Passphrase => Closed::Passphrase,
            KeptBy::Run => Closed::KeyLost { has_recovery: vault.has_recovery() },
        },
        // `key.json` is gone; the keychain may still have the key.
        Ok(None) => Closed::Keychain { is_plain: false },
        Err(error) => Closed::Failed(Arc::new(error)),
    }
}

/// Whether an account's files are plain ones of an earlier version: the outbox is encrypted first.
pub(crate) fn is_plain(folder: &Path) -> bool {
    parlour_store::is_plain(&folder.join("outbox.db"))
}

/// The folder of an account.
pub(crate) fn folder(data: &Path, id: &AccountId) -> PathBuf {
    data.join("accounts").join(&id.0)
}
