//! The client: from "nobody is signed in" to a running [`Session`] and back.

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

/// A client over one folder.
pub struct Client {
    data: PathBuf,
    notices: Notices,
    session: RwLock<Option<Arc<Session>>>,
}

impl Client {
    /// Opens the folder, made when the first account signs in. An account that is there can be read
    /// at once; [`Client::connect`] takes it online.
    ///
    /// Needs a Tokio runtime of several threads.
    pub fn open(data: &Path) -> Result<Self> {
        let notices = Notices::default();
        let session = match stored_account(data)? {
            Some(store) => Some(Arc::new(session(store, &notices)?)),
            None => None,
        };
        Ok(Self { data: data.to_owned(), notices, session: RwLock::new(session) })
    }

    /// Tells what changes, from here on.
    pub fn notices(&self) -> broadcast::Receiver<Notice> {
        self.notices.listen()
    }

    /// The account that is signed in.
    pub fn session(&self) -> Result<Arc<Session>> {
        let session = self.session.read().unwrap_or_else(PoisonError::into_inner);
        session.clone().ok_or(Error::SignedOut)
    }

    /// Whether a keychain answers: else the user chooses whether to sign in for this run only.
    pub async fn is_keychain_there(&self) -> bool {
        credentials::is_keychain_there().await
    }

    /// Takes the stored account online with the token in the keychain. Without one the account
    /// stays readable and its password is asked for.
    pub async fn connect(&self) -> Result<()> {
        let session = self.session()?;
        let token = credentials::load(&session.parts.store.account()?).await;
        match &token {
            Ok(Some(_)) => {}
            _ => session.parts.shared.set_connection(ConnectionState::SignedOut),
        }
        session.parts.credentials.set(token?);
        self.run(session)
    }

    /// Signs in, or registers first, and goes online. The account that is here stays; another one
    /// must be signed out of first.
    pub async fn sign_in(
        &self,
        server: &str,
        typed: &Typed,
        starting: Starting,
        keep: Keep,
    ) -> Result<Arc<Session>> {
        let (server, invitation) = address::split_invitation(server);
        let server = address::normalise(server)?;
        let here = self.session().ok().map(|session| session.parts.store.account()).transpose()?;
        if let Some(account) = &here {
            let same_name = account.username.to_lowercase() == typed.username.to_lowercase();
            if account.server != server || !same_name || starting == Starting::Register {
                return Err(Error::OtherAccount);
            }
        }
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
        self.run(session)?;
        self.session()
    }

    /// Opens the account's files, or notes its new session if they are open.
    fn enter(&self, account: &Account) -> Result<Arc<Session>> {
        if let Ok(session) = self.session() {
            session.parts.store.set_account(account)?;
            return Ok(session);
        }
        let folder = accounts(&self.data).join(account.user_id.to_string());
        let store = Store::open(&folder, Some(account))?.ok_or(Error::SignedOut)?;
        Ok(Arc::new(session(store, &self.notices)?))
    }

    /// Starts a new driver over the session's files and puts it in the place of the one before.
    fn run(&self, before: Arc<Session>) -> Result<()> {
        before.end();
        let driver = driver::start(before.parts.clone())?;
        let session = Session { parts: before.parts.clone(), driver: Some(driver) };
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(session));
        self.notices.tell(Notice::Status);
        Ok(())
    }

    /// Signs out: ends the session on the server if it answers, takes the token out of the keychain
    /// and deletes the account's files.
    ///
    /// # Errors
    /// [`Error::OutboxNotEmpty`] if actions wait, unless they are to be discarded.
    pub async fn sign_out(&self, discard: bool) -> Result<()> {
        let session = self.session()?;
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
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = None;
        let store = session.parts.store.clone();
        drop(session);
        delete(store).await?;
        self.notices.tell(Notice::Status);
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

fn accounts(data: &Path) -> PathBuf {
    data.join("accounts")
}

/// The account in the folder, if there is one.
fn stored_account(data: &Path) -> Result<Option<Store>> {
    let folder = accounts(data);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(parlour_store::Error::Folder { path: folder, source }.into()),
    };
    for entry in entries.flatten() {
        if let Some(store) = Store::open(&entry.path(), None)? {
            return Ok(Some(store));
        }
    }
    Ok(None)
}
