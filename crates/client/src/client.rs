//! The client: from "nobody is signed in" to a running [`Session`] and back.

use crate::accounts::{self, AccountId, Closed, Found};
use crate::clock::SystemClock;
use crate::credentials::{self, Credentials, Token};
use crate::driver;
use crate::http::Http;
use crate::notice::{Notice, Notices};
use crate::session::Session;
use crate::status::ConnectionState;
use crate::{Error, Result, address};
use parlour_protocol::{Credentials as Typed, SignedIn};
use parlour_store::{Account, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::broadcast;

/// Where the session's token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Keep {
    /// In the system's keychain.
    Keychain,
    /// In memory: the password is needed at the next start.
    ThisRun,
}

/// How to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Starting {
    /// With an account that is there.
    SignIn,
    /// With a new one.
    Register,
}

/// Under which an account remembers when it was shown last.
pub(crate) const SHOWN_AT: &str = "shown_at";

/// A client over one folder, with as many accounts as its user has.
pub struct Client {
    data: PathBuf,
    notices: Notices,
    sessions: RwLock<BTreeMap<AccountId, Arc<Session>>>,
    closed: Vec<Closed>,
}

impl Client {
    /// Opens the folder, made when the first account signs in. The accounts that are there can be read
    /// at once; [`Client::connect`] takes one online.
    ///
    /// Needs a Tokio runtime of several threads.
    ///
    /// # Errors
    /// The folder cannot be read, or there are accounts and none of them can be opened.
    pub fn open(data: &Path) -> Result<Self> {
        let notices = Notices::default();
        let Found { open, mut closed } = accounts::open_all(data)?;
        if open.is_empty() && !closed.is_empty() {
            return Err(closed.remove(0).error);
        }
        let mut sessions = BTreeMap::new();
        for (id, store) in open {
            let session = session(store, &notices.of(id.clone()))?;
            sessions.insert(id, Arc::new(session));
        }
        Ok(Self { data: data.to_owned(), notices, sessions: RwLock::new(sessions), closed })
    }

    /// Tells what changes, from here on, of every account.
    pub fn notices(&self) -> broadcast::Receiver<(AccountId, Notice)> {
        self.notices.listen()
    }

    /// The accounts that are signed in.
    pub fn sessions(&self) -> BTreeMap<AccountId, Arc<Session>> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The accounts whose files could not be opened.
    pub fn closed(&self) -> &[Closed] {
        &self.closed
    }

    /// One account.
    pub fn session_of(&self, id: &AccountId) -> Result<Arc<Session>> {
        self.sessions().remove(id).ok_or(Error::SignedOut)
    }

    /// The account that was shown last.
    pub fn session(&self) -> Result<Arc<Session>> {
        let shown = |session: &Arc<Session>| session.setting(SHOWN_AT).ok().flatten();
        let sessions = self.sessions().into_values();
        sessions.rev().max_by_key(shown).ok_or(Error::SignedOut)
    }

    /// Whether a keychain answers: else the user chooses whether to sign in for this run only.
    pub async fn is_keychain_there(&self) -> bool {
        credentials::is_keychain_there().await
    }

    /// Takes a stored account online with the token in the keychain. Without one the account stays
    /// readable and its password is asked for.
    pub async fn connect(&self, id: &AccountId) -> Result<()> {
        let session = self.session_of(id)?;
        let token = credentials::load(&session.parts.store.account()?).await;
        match &token {
            Ok(Some(_)) => {}
            _ => session.parts.shared.set_connection(ConnectionState::SignedOut),
        }
        session.parts.credentials.set(token?);
        self.run(&session)
    }

    /// Signs in, or registers first, and goes online: with a new account, or again with one that is
    /// here.
    pub async fn sign_in(
        &self,
        server: &str,
        typed: &Typed,
        starting: Starting,
        keep: Keep,
    ) -> Result<Arc<Session>> {
        let (server, invitation) = address::split_invitation(server);
        let server = address::normalise(server)?;
        let credentials = Credentials::default();
        let http = Http::new(&server, credentials.clone());
        http.server_info().await?;
        let signed_in = match starting {
            Starting::SignIn => http.sign_in(typed).await?,
            Starting::Register => {
                let invitation = invitation.map(Into::into).or_else(|| typed.invitation.clone());
                http.register(&Typed { invitation, ..typed.clone() }).await?
            }
        };
        let SignedIn { token, session_id, user_id, username } = signed_in;
        let (token, account) =
            (Token::new(token), Account { server, user_id, username, session_id });
        credentials.set(Some(token.clone()));
        if keep == Keep::Keychain
            && let Err(error) = credentials::save(&account, &token).await
        {
            // A session whose token nobody keeps must not stay open.
            let _ = http.sign_out().await;
            return Err(error);
        }
        let session = self.enter(&account)?;
        session.parts.credentials.set(Some(token));
        self.run(&session)?;
        self.session_of(&session.id)
    }

    /// Opens the account's files, or notes its new session if they are open.
    fn enter(&self, account: &Account) -> Result<Arc<Session>> {
        for session in self.sessions().into_values() {
            let known = session.parts.store.account()?;
            if (&known.server, known.user_id) == (&account.server, account.user_id) {
                session.parts.store.set_account(account)?;
                return Ok(session);
            }
        }
        let id = AccountId::new(&account.server, account.user_id);
        let folder = accounts::folder(&self.data, &id);
        let store = Store::open(&folder, Some(account))?.ok_or(Error::SignedOut)?;
        Ok(Arc::new(session(store, &self.notices.of(id))?))
    }

    /// Starts a new driver over the session's files and puts it in the place of the one before.
    fn run(&self, before: &Session) -> Result<()> {
        before.end();
        let driver = driver::start(before.parts.clone())?;
        let (parts, id) = (before.parts.clone(), before.id.clone());
        let session = Session { id: id.clone(), parts, driver: Some(driver) };
        let mut sessions = self.sessions.write().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(id, Arc::new(session));
        drop(sessions);
        before.parts.notices.tell(Notice::Status);
        Ok(())
    }

    /// Signs out of an account: ends the session on its server if that answers, takes the token out of
    /// the keychain and deletes the account's files.
    ///
    /// # Errors
    /// [`Error::OutboxNotEmpty`] if actions wait, unless they are to be discarded.
    pub async fn sign_out(&self, id: &AccountId, discard: bool) -> Result<()> {
        let session = self.session_of(id)?;
        let waiting = session.outbox()?.len();
        if waiting > 0 && !discard {
            return Err(Error::OutboxNotEmpty(waiting));
        }
        session.end();
        let ended = session.parts.http.sign_out().await;
        match credentials::delete(&session.parts.store.account()?).await {
            // Where there is no keychain there is no token in it; one that was ended is worthless.
            Err(error) if ended.is_err() && self.is_keychain_there().await => return Err(error),
            _ => {}
        }
        self.sessions.write().unwrap_or_else(PoisonError::into_inner).remove(id);
        let (store, notices) = (session.parts.store.clone(), session.parts.notices.clone());
        drop(session);
        delete(store).await?;
        notices.tell(Notice::Status);
        Ok(())
    }
}

/// A session that reads and keeps, and is not online yet: what is done meanwhile is in the outbox,
/// from which the driver begins.
fn session(store: Store, notices: &Notices) -> Result<Session> {
    Ok(Session::offline(Arc::new(store), notices.clone(), Arc::new(SystemClock))?.0)
}

/// Deletes the files once the last of those who read them is done.
async fn delete(mut store: Arc<Store>) -> Result<()> {
    loop {
        store = match Arc::try_unwrap(store) {
            Ok(store) => return Ok(store.delete()?),
            Err(shared) => shared,
        };
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
