//! The client: from "nobody is signed in" to running [`Session`]s and back.

use crate::accounts::{self, AccountId, Closed, Slot, Slots};
use crate::clock::SystemClock;
use crate::credentials::{self, Credentials, Token};
use crate::driver;
use crate::http::Http;
use crate::notice::{Notice, Notices};
use crate::session::Session;
use crate::status::ConnectionState;
use crate::turns::Turns;
use crate::vault::{KeptBy, Vault};
use crate::{Error, Result, address, items, leaving, revoked};
use parlour_protocol::{Credentials as Typed, SignedIn};
use parlour_store::{Account, Folder, Key, Store};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
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

/// Under which an account remembers when it was shown last.
pub(crate) const SHOWN_AT: &str = "shown_at";

/// A client over one folder, with as many accounts as its user has.
pub struct Client {
    pub(crate) data: PathBuf,
    pub(crate) notices: Notices,
    pub(crate) slots: Slots,
    pub(crate) guesses: crate::locks::Guesses,
    pub(crate) turns: Turns,
    pub(crate) asking: crate::locks::Asking,
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
        let (data, guesses, turns) = (data.to_owned(), Default::default(), Turns::default());
        Ok(Self { data, notices, slots, guesses, turns, asking: Default::default() })
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

    /// Tries everything at once, of every account: the machine woke up, the network changed, or the user asked.
    /// What stands and does not answer within three seconds is given up.
    pub fn hurry(&self) {
        self.sessions().values().for_each(|session| session.hurry());
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
        http.find_server().await.map_err(|error| match (error, invitation) {
            (Error::Moved { from, to }, Some(secret)) => {
                Error::Moved { from, to: format!("{to}/join#{secret}") }
            }
            (error, _) => error,
        })?;
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
        // Of two who sign in at once the second finds the account that the first one began.
        let turn = self.turns.of(&AccountId::new(&account.server, account.user_id)).await;
        match self.enter(&account, &token, keep).await {
            Ok((session, replaced)) => {
                self.run(&session)?;
                drop(turn);
                if let Some(replaced) = replaced {
                    // Nobody is to wait for it.
                    tokio::spawn(async move {
                        credentials.set(Some(replaced));
                        let _ = http.sign_out().await;
                    });
                }
                self.session_of(&session.id)
            }
            Err(error) => {
                // A session whose token nobody keeps must not stay open.
                let _ = http.sign_out().await;
                Err(error)
            }
        }
    }

    /// Begins the account's files, or notes its new session if they are open; answers the token beside it that
    /// the new one took the place of.
    async fn enter(
        &self,
        account: &Account,
        token: &Token,
        keep: Keep,
    ) -> Result<(Arc<Session>, Option<Token>)> {
        for session in self.sessions().into_values() {
            let known = session.parts.store.account()?;
            if (&known.server, known.user_id) == (&account.server, account.user_id) {
                session.parts.store.set_account(account)?;
                let replaced = session.parts.credentials.token();
                session.parts.credentials.set(Some(token.clone()));
                self.keep_token(&session, token).await?;
                return Ok((session, replaced));
            }
        }
        let id = AccountId::new(&account.server, account.user_id);
        let session = match self.closed().get(&id) {
            Some(Closed::Revoked { .. }) => self.reopen(&id, account, token, keep).await?,
            Some(why) => return Err(Error::of(why)),
            None => self.begin(&id, account, token, keep).await?,
        };
        Ok((session, None))
    }

    /// Begins an account's files, in a folder that nobody else has; if that fails, nothing of it stays.
    async fn begin(
        &self,
        id: &AccountId,
        account: &Account,
        token: &Token,
        keep: Keep,
    ) -> Result<Arc<Session>> {
        let path = accounts::folder(&self.data, id);
        leaving::finish(&path);
        let folder = Folder::claim(&path)?;
        if folder.has_account() {
            // Another program's, since this one looked.
            return Err(parlour_store::Error::InUse(folder.path().to_owned()).into());
        }
        // What an earlier try left.
        folder.empty(&[])?;
        let is_in_keychain = keep == Keep::Keychain;
        let begun = match self.keep_new_key(id, Some(token), keep).await {
            Ok(key) => Store::open_in(folder, &key, Some(account)).map_err(Error::from),
            Err(error) => {
                let _ = folder.delete();
                return Err(error);
            }
        };
        let begun = begun.and_then(|store| {
            self.put_open(id, store.ok_or(Error::SignedOut)?, Some(token.clone()))
        });
        if begun.is_err() {
            let _ = Folder::of(&path).map(Folder::delete);
            if is_in_keychain {
                let _ = items::delete(&self.data, id).await;
            }
        }
        begun
    }

    /// Keeps a new token where the account keeps its key. Without the keychain it is kept for this run, and
    /// the password is asked for again at the next start.
    pub(crate) async fn keep_token(&self, session: &Session, token: &Token) -> Result<()> {
        let Some(key) = session.parts.store.key() else { return Ok(()) };
        let folder = accounts::folder(&self.data, &session.id);
        let Some(mut vault) = Vault::open(&folder)? else { return Ok(()) };
        match vault.kept_by() {
            KeptBy::Keychain => {
                let saved = items::save(&self.data, &session.id, &key, Some(token)).await;
                if let Err(error) = saved {
                    tracing::warn!(%error, "the session is kept for this run only");
                }
                Ok(())
            }
            KeptBy::Passphrase => vault.set_token(&key, Some(token.expose())),
            KeptBy::Run => Ok(()),
        }
    }

    /// Opens an account's files with their key and puts the account among the open ones, not online yet.
    ///
    /// # Errors
    /// Among others [`Error::Revoked`], where the files say that somebody ended the session and nobody has
    /// signed in again, whatever `key.json` says.
    pub(crate) fn open_files(
        &self,
        id: &AccountId,
        key: &Key,
        account: Option<&Account>,
        token: Option<Token>,
    ) -> Result<Arc<Session>> {
        let folder = accounts::folder(&self.data, id);
        let store = Store::open(&folder, key, account)?.ok_or(Error::SignedOut)?;
        if store.is_revoked()? {
            drop(store);
            revoked::note_again(&self.data, id)?;
            self.close(id, accounts::closed(&folder));
            return Err(Error::Revoked);
        }
        self.put_open(id, store, token)
    }

    /// Puts an account among the open ones, not online yet.
    fn put_open(&self, id: &AccountId, store: Store, token: Option<Token>) -> Result<Arc<Session>> {
        let notices = self.notices.of(id.clone());
        let (session, _) = Session::offline(Arc::new(store), notices, Arc::new(SystemClock))?;
        session.parts.credentials.set(token);
        let session = Arc::new(session);
        self.slots.set(id.clone(), Slot::Open(session.clone()));
        session.parts.notices.tell(Notice::Status);
        Ok(session)
    }

    /// Starts a new driver over the session's files and puts it in the place of the one before.
    pub(crate) fn run(&self, before: &Session) -> Result<()> {
        before.end();
        let driving = driver::start(before.parts.clone())?;
        let (parts, id) = (before.parts.clone(), before.id.clone());
        let session = Arc::new(Session { id, parts, driver: Some(driving.abort_handle()) });
        if !self.slots.renew(&session) {
            return Err(Error::SignedOut);
        }
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
        let turns = self.turns.clone();
        tokio::spawn(async move {
            let Ok(Some(revoked)) = driving.await else { return };
            let Some(id) = session.upgrade().map(|session| session.id.clone()) else { return };
            let _turn = turns.of(&id).await;
            // Its user may have left it meanwhile.
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
            if let Err(error) = blocking(move || store.close()).await {
                tracing::warn!(account = %id, %error, "the account's files stay open");
            }
        }
    }
}

/// Runs what takes its time off the async scheduler.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
