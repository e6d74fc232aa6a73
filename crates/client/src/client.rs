//! The client: from "nobody is signed in" to running [`Session`]s and back.

use crate::accounts::{self, AccountId, Closed, Slot, Slots};
use crate::clock::SystemClock;
use crate::credentials::{self, Credentials, Token};
use crate::deeds::invalid;
use crate::driver::{self, Revoked};
use crate::http::Http;
use crate::notice::{Notice, Notices};
use crate::session::Session;
use crate::status::ConnectionState;
use crate::vault::{KeptBy, Vault};
use crate::{Error, Result, address, revoked};
use parlour_protocol::{Credentials as Typed, SignedIn};
use parlour_store::{Account, Key, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// What keeps the key of a new account's files, and its session's token.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "by", rename_all = "camelCase")]
pub enum Keep {
    /// The system's keychain.
    Keychain,
    /// A passphrase, asked for at every start.
    Passphrase {
        /// At least 8 characters.
        passphrase: String,
    },
    /// Nothing: with this run the files here cannot be read any more.
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

/// How long the end of the program waits for who still reads.
const CLOSING: Duration = Duration::from_secs(3);

/// Under which an account remembers when it was shown last.
pub(crate) const SHOWN_AT: &str = "shown_at";

/// A client over one folder, with as many accounts as its user has.
pub struct Client {
    pub(crate) data: PathBuf,
    pub(crate) notices: Notices,
    pub(crate) slots: Slots,
    pub(crate) guesses: crate::locks::Guesses,
}

impl Client {
    /// Finds the accounts in the folder, which is made when the first one signs in. None of them is open
    /// yet: see [`Client::open_by_keychain`] and [`Client::unlock`]; [`Client::connect`] takes one
    /// online.
    ///
    /// Needs a Tokio runtime of several threads.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn open(data: &Path) -> Result<Self> {
        let (notices, slots) = (Notices::default(), Slots::find(data)?);
        Ok(Self { data: data.to_owned(), notices, slots, guesses: Default::default() })
    }

    /// Tells what changes, from here on, of every account.
    pub fn notices(&self) -> broadcast::Receiver<(AccountId, Notice)> {
        self.notices.listen()
    }

    /// The accounts that are open.
    pub fn sessions(&self) -> BTreeMap<AccountId, Arc<Session>> {
        self.slots.open()
    }

    /// The accounts that are not, and why.
    pub fn closed(&self) -> BTreeMap<AccountId, Closed> {
        self.slots.closed()
    }

    /// One account.
    pub fn session_of(&self, id: &AccountId) -> Result<Arc<Session>> {
        self.slots.session_of(id)
    }

    /// The account that was shown last.
    pub fn session(&self) -> Result<Arc<Session>> {
        let shown = |session: &Arc<Session>| session.setting(SHOWN_AT).ok().flatten();
        let sessions = self.sessions().into_values();
        sessions.rev().max_by_key(shown).ok_or(Error::SignedOut)
    }

    /// Whether a keychain answers: else the user chooses what keeps the key.
    pub async fn is_keychain_there(&self) -> bool {
        credentials::is_keychain_there().await
    }

    /// Takes an open account online, with its token. Without one the account stays readable and its
    /// password is asked for.
    pub fn connect(&self, id: &AccountId) -> Result<()> {
        let session = self.session_of(id)?;
        if session.parts.credentials.token().is_none() {
            session.parts.shared.set_connection(ConnectionState::SignedOut);
        }
        self.run(&session)
    }

    /// Signs in, or registers first, and goes online: with a new account, whose key is kept as is said
    /// here, or again with one that is open.
    ///
    /// # Errors
    /// Among others [`Error::Locked`] and [`Error::KeyLost`], if the account is on this computer and is
    /// not open.
    pub async fn sign_in(
        &self,
        server: &str,
        typed: &Typed,
        starting: Starting,
        keep: Keep,
    ) -> Result<Arc<Session>> {
        if let Keep::Passphrase { passphrase } = &keep {
            crate::locks::check_passphrase(passphrase)?;
        }
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
        match self.enter(&account, &token, keep).await {
            Ok(session) => {
                self.run(&session)?;
                self.session_of(&session.id)
            }
            Err(error) => {
                // A session whose token nobody keeps must not stay open.
                let _ = http.sign_out().await;
                Err(error)
            }
        }
    }

    /// Begins the account's files, or notes its new session if they are open.
    async fn enter(&self, account: &Account, token: &Token, keep: Keep) -> Result<Arc<Session>> {
        for session in self.sessions().into_values() {
            let known = session.parts.store.account()?;
            if (&known.server, known.user_id) == (&account.server, account.user_id) {
                session.parts.store.set_account(account)?;
                session.parts.credentials.set(Some(token.clone()));
                self.keep_token(&session, token).await?;
                return Ok(session);
            }
        }
        let id = AccountId::new(&account.server, account.user_id);
        match self.closed().get(&id) {
            Some(Closed::Revoked { .. }) => return self.reopen(&id, account, token, keep).await,
            Some(why) => return Err(Error::of(why)),
            None => {}
        }
        let begun = self.begin(&id, account, token, keep).await;
        if begun.is_err() {
            let _ = std::fs::remove_dir_all(accounts::folder(&self.data, &id));
        }
        begun
    }

    async fn begin(
        &self,
        id: &AccountId,
        account: &Account,
        token: &Token,
        keep: Keep,
    ) -> Result<Arc<Session>> {
        let key = self.keep_new_key(id, Some(token), keep).await?;
        self.open_files(id, &key, Some(account), Some(token.clone()))
    }

    /// Keeps a new token where the account keeps its key. Without the keychain it is kept for this run, and
    /// the password is asked for again at the next start.
    pub(crate) async fn keep_token(&self, session: &Session, token: &Token) -> Result<()> {
        let Some(key) = session.parts.store.key() else { return Ok(()) };
        let folder = accounts::folder(&self.data, &session.id);
        let Some(mut vault) = Vault::open(&folder)? else { return Ok(()) };
        match vault.kept_by() {
            KeptBy::Keychain => {
                if let Err(error) = credentials::save(&session.id, &key, Some(token)).await {
                    tracing::warn!(%error, "the session is kept for this run only");
                }
                Ok(())
            }
            KeptBy::Passphrase => vault.set_token(&key, Some(token.expose())),
            KeptBy::Run => Ok(()),
        }
    }

    /// Opens an account's files with their key and puts the account among the open ones, not online yet.
    pub(crate) fn open_files(
        &self,
        id: &AccountId,
        key: &Key,
        account: Option<&Account>,
        token: Option<Token>,
    ) -> Result<Arc<Session>> {
        let folder = accounts::folder(&self.data, id);
        let store = Store::open(&folder, key, account)?.ok_or(Error::SignedOut)?;
        let notices = self.notices.of(id.clone());
        let (session, _) = Session::offline(Arc::new(store), notices, Arc::new(SystemClock))?;
        session.parts.credentials.set(token);
        let session = Arc::new(session);
        self.slots.set(id.clone(), Slot::Open(session.clone()));
        session.parts.notices.tell(Notice::Status);
        Ok(session)
    }

    /// Starts a new driver over the session's files and puts it in the place of the one before.
    fn run(&self, before: &Session) -> Result<()> {
        before.end();
        let driving = driver::start(before.parts.clone())?;
        let (parts, id) = (before.parts.clone(), before.id.clone());
        let session =
            Arc::new(Session { id: id.clone(), parts, driver: Some(driving.abort_handle()) });
        self.slots.set(id, Slot::Open(session.clone()));
        before.parts.notices.tell(Notice::Status);
        self.close_when_revoked(Arc::downgrade(&session), driving);
        Ok(())
    }

    fn close_when_revoked(
        &self,
        session: Weak<Session>,
        driving: JoinHandle<Option<driver::Revoked>>,
    ) {
        let (data, slots) = (self.data.clone(), self.slots.downgrade());
        tokio::spawn(async move {
            let Ok(Some(revoked)) = driving.await else { return };
            let Some((session, slots)) = session.upgrade().zip(Slots::upgrade(&slots)) else {
                return;
            };
            if let Err(error) = revoked::close(&data, &slots, session, revoked).await {
                tracing::error!(%error, "an account whose session was ended is not closed");
            }
        });
    }

    /// Ends what every account does and closes its files, before the program ends: the libraries beneath
    /// take themselves down then, and nothing may be at work in them. Waits for who still reads, a while.
    pub async fn end(&self) {
        for (id, session) in self.sessions() {
            session.end();
            self.slots.remove(&id);
            let store = session.parts.store.clone();
            drop(session);
            if tokio::time::timeout(CLOSING, alone(store)).await.is_err() {
                tracing::warn!(account = %id, "somebody still reads the account's files");
            }
        }
    }

    /// Signs out of an account: ends the session on its server if that answers, takes key and token out
    /// of the keychain and deletes the account's files.
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
        match credentials::delete(id).await {
            // Where there is no keychain there is no token in it; one that was ended is worthless.
            Err(error) if ended.is_err() && self.is_keychain_there().await => return Err(error),
            _ => {}
        }
        self.slots.remove(id);
        let (store, notices) = (session.parts.store.clone(), session.parts.notices.clone());
        drop(session);
        alone(store).await.delete()?;
        notices.tell(Notice::Status);
        Ok(())
    }

    /// Signs out of an account and keeps its files, encrypted: signing in again with the passphrase opens
    /// them, and what waited goes out then. The token is gone from this computer; a server that does not
    /// answer ends the session once it was not used for its time.
    ///
    /// # Errors
    /// No passphrase keeps the key: nobody could open the files any more. Nothing was changed.
    pub async fn sign_out_keeping(&self, id: &AccountId) -> Result<()> {
        if !self.has_passphrase(id)? {
            return Err(invalid(
                "Set a passphrase first: it is what opens the kept messages again.",
            ));
        }
        let session = self.session_of(id)?;
        session.end();
        let _ = session.parts.http.sign_out().await;
        revoked::close(&self.data, &self.slots, session, Revoked { wipe: false }).await
    }
}

/// The files, once the last of those who read them is done.
pub(crate) async fn alone(mut store: Arc<Store>) -> Store {
    loop {
        store = match Arc::try_unwrap(store) {
            Ok(store) => return store,
            Err(shared) => shared,
        };
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Runs what takes its time off the async scheduler.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
