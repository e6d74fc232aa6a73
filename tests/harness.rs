//! The common parts of end-to-end tests: a real server, real clients on real files, and waiting for
//! conditions without sleeping.

use parlour_client::{Client, KeyStorageChoice, Position, Session, SignInMode, TimelineItem};
use parlour_protocol::{ConversationId, Credentials, MessageId, Registration, device_link};
use parlour_server::tls::{Tls, TlsMode};
use parlour_server::{Config, DatabaseAddress, RunningServer, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

mod driver;
#[cfg(target_os = "linux")]
pub mod memory;
#[cfg(target_os = "linux")]
pub mod native_window;
pub mod proxies;
pub mod script;
pub mod window;

/// Maximum time that anything may take before a test fails.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Interval of heartbeats on sockets, unless a test sets another one.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// The password of all users in tests.
pub const PASSWORD: &str = "correct horse";

/// The passphrase of all accounts in tests.
pub const PASSPHRASE: &str = "a passphrase";

/// Returns how keys are stored in tests: wrapped with the passphrase, since only tests about keychains have
/// one.
pub fn key_storage() -> KeyStorageChoice {
    KeyStorageChoice::Passphrase { passphrase: PASSPHRASE.into() }
}

/// Opens a client on a folder, with every account that [`PASSPHRASE`] opens.
pub async fn open(data: &std::path::Path) -> Client {
    let client = Client::open(data).expect("the client opens");
    for id in client.closed().into_keys() {
        // A test that expects an account to be open will notice if it is not.
        let _ = client.unlock(&id, PASSPHRASE).await;
    }
    client
}

/// A server in this process, with its own files.
pub struct Server {
    /// The server's folder.
    pub data: TempDir,
    /// The address of its database.
    pub database: DatabaseAddress,
    address: SocketAddr,
    registration: Registration,
    heartbeat: Duration,
    /// Whether connections are encrypted, from the next start on.
    pub tls: TlsMode,
    running: Option<RunningServer>,
}

impl Server {
    /// Starts a server on an empty folder and a free port, with open registration.
    pub async fn start() -> Self {
        Self::start_with(Registration::Open).await
    }

    /// Same as [`Server::start`], with this kind of registration.
    pub async fn start_with(registration: Registration) -> Self {
        Self::start_on(None, registration).await
    }

    /// Same as [`Server::start`], with this interval of heartbeats on sockets.
    pub async fn start_with_heartbeat(heartbeat: Duration) -> Self {
        Self::start_as(None, Registration::Open, heartbeat).await
    }

    /// Same as [`Server::start_with`], on `database` instead of a file in the server's folder.
    pub async fn start_on(database: Option<DatabaseAddress>, registration: Registration) -> Self {
        Self::start_as(database, registration, HEARTBEAT).await
    }

    async fn start_as(
        database: Option<DatabaseAddress>,
        registration: Registration,
        heartbeat: Duration,
    ) -> Self {
        init_log();
        let data = TempDir::new().expect("a temporary folder");
        let database = database.unwrap_or_else(|| DatabaseAddress::in_folder(data.path()));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (tls, running) = (TlsMode::Off, None);
        let mut server = Self { data, database, address, registration, heartbeat, tls, running };
        server.resume().await;
        server
    }

    /// Restarts the server with this encryption.
    pub async fn encrypted(mut self, tls: TlsMode) -> Self {
        self.stop().await;
        self.tls = tls;
        self.resume().await;
        self
    }

    /// Returns the server's encryption.
    pub fn tls(&self) -> &Tls {
        self.running.as_ref().and_then(|running| running.tls.as_ref()).expect("it encrypts")
    }

    /// Returns the link with which a new user signs in or registers.
    pub fn link(&self) -> String {
        let tls = self.running.as_ref().and_then(|running| running.tls.as_ref());
        device_link(&self.url(), tls.and_then(Tls::pin))
    }

    /// Returns the link with which the first administrator registers.
    pub fn first_link(&self) -> String {
        let secret = self.running.as_ref().and_then(|running| running.first_invitation.as_ref());
        format!("{}/join#{}", self.url(), secret.expect("there is no administrator yet"))
    }

    /// Starts the stopped server, at the same address.
    pub async fn resume(&mut self) {
        let config = Config {
            bcrypt_cost: 4,
            heartbeat: self.heartbeat,
            registration: self.registration,
            tls: self.tls.clone(),
            requests_per_second: 0,
            bytes_per_day: 0,
            ..Config::new(self.database.clone(), self.address)
        };
        let running = serve(&config).await.expect("the server starts");
        self.address = running.address;
        self.running = Some(running);
    }

    /// Stops the server.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.expect("the server stops");
        }
    }

    /// Returns its URL, as a user types it.
    pub fn url(&self) -> String {
        let scheme = if self.tls == TlsMode::Off { "http" } else { "https" };
        format!("{scheme}://{}", self.address)
    }

    /// Returns the address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A user with a client and its files.
pub struct Person {
    /// The user's client.
    pub client: Client,
    name: String,
    server: String,
    data: TempDir,
}

impl Person {
    /// Registers a user and goes online.
    pub async fn register(server: &Server, name: &str) -> Self {
        Self::register_at(&server.url(), name).await
    }

    /// Same as [`Person::register`], at the URL of a server or of a proxy in front of it.
    pub async fn register_at(server: &str, name: &str) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let client = Client::open(data.path()).expect("the client opens");
        let person = Self { client, name: name.into(), server: server.into(), data };
        person.sign_in(SignInMode::Register).await;
        person
    }

    /// Signs in on another device of the same user.
    pub async fn another_device(&self) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let client = Client::open(data.path()).expect("the client opens");
        let person = Self { client, name: self.name.clone(), server: self.server.clone(), data };
        person.sign_in(SignInMode::SignIn).await;
        person
    }

    /// Signs in again.
    ///
    /// # Errors
    /// Fails as [`Client::sign_in`] does.
    pub async fn try_sign_in(&self) -> parlour_client::Result<()> {
        self.try_sign_in_at(&self.server).await
    }

    /// Same as [`Person::try_sign_in`], with another address or link.
    ///
    /// # Errors
    /// Fails as [`Client::sign_in`] does.
    pub async fn try_sign_in_at(&self, typed: &str) -> parlour_client::Result<()> {
        let credentials = self.credentials();
        let signing_in =
            self.client.sign_in(typed, &credentials, SignInMode::SignIn, key_storage());
        signing_in.await.map(drop)
    }

    fn credentials(&self) -> Credentials {
        Credentials {
            username: self.name.clone(),
            password: PASSWORD.into(),
            device: "test".into(),
            invitation: None,
        }
    }

    async fn sign_in(&self, mode: SignInMode) {
        let credentials = self.credentials();
        let signed_in = self.client.sign_in(&self.server, &credentials, mode, key_storage());
        signed_in.await.expect("signing in");
    }

    /// Revokes the session of the user's other device, with or without deleting its mirror.
    pub async fn end_other_session(&self, wipe: bool) {
        let sessions = self.session().sessions().await.expect("the sessions");
        let other = sessions.iter().find(|session| !session.current).expect("another").id;
        self.session().revoke_session(other, wipe).await.expect("ended");
    }

    /// Waits until no account is open any more.
    pub async fn wait_until_closed(&self) {
        let mut notices = self.client.notices();
        let waiting = async {
            while !self.client.sessions().is_empty() {
                notices.recv().await.expect("the client runs");
            }
        };
        tokio::time::timeout(TIMEOUT, waiting).await.expect("closed");
    }

    /// Returns the folder with the account's files.
    pub fn account_folder(&self) -> std::path::PathBuf {
        let id = self.session().id().to_string();
        self.data.path().join("accounts").join(id)
    }

    /// Ends the client as a crash would, and starts it again on the same files, offline.
    pub async fn restart(self) -> Self {
        self.restart_after(|| {}).await
    }

    /// Same as [`Person::restart`]; `between` may change the files before the new start.
    pub async fn restart_after(self, between: impl FnOnce()) -> Self {
        let Self { client, name, server, data } = self;
        let folder = data.path().join("accounts");
        drop(client);
        wait_for_files(&folder);
        between();
        let client = open(data.path()).await;
        Self { client, name, server, data }
    }

    /// Goes online again.
    pub async fn reconnect(&self) {
        self.sign_in(SignInMode::SignIn).await;
    }

    /// Returns the session through which the user reads and acts.
    pub fn session(&self) -> Arc<Session> {
        self.client.session().expect("signed in")
    }

    /// Sends a message; returns its id.
    pub fn say(&self, conversation: ConversationId, body: &str) -> MessageId {
        let id = MessageId(uuid::Uuid::now_v7());
        self.session().send_message(conversation, id, body).expect("it is stored");
        id
    }

    /// Returns the newest messages of a conversation.
    pub fn newest(&self, conversation: ConversationId) -> Vec<TimelineItem> {
        self.session().timeline(conversation, Position::Newest, 200).expect("a timeline").items
    }

    /// Returns the texts of the newest messages.
    pub fn bodies(&self, conversation: ConversationId) -> Vec<String> {
        self.newest(conversation).into_iter().map(|item| item.body).collect()
    }

    /// Waits until `is_true` returns true, checking again whenever something changes.
    ///
    /// # Panics
    /// Panics after [`TIMEOUT`], saying what was waited for.
    pub async fn wait_until(&self, what: &str, is_true: impl Fn(&Session) -> bool) {
        let mut notices = self.client.notices();
        let waiting = async {
            while !is_true(&self.session()) {
                let closed = tokio::sync::broadcast::error::RecvError::Closed;
                assert_ne!(notices.recv().await.err(), Some(closed), "the client ended");
            }
        };
        let waited = tokio::time::timeout(TIMEOUT, waiting).await;
        assert!(waited.is_ok(), "{} waited for: {what}", self.name);
    }

    /// Waits until the newest messages have these texts, all of them confirmed.
    pub async fn wait_until_bodies(&self, conversation: ConversationId, bodies: &[&str]) {
        self.wait_until(&format!("{bodies:?}"), |session| {
            let page = session.timeline(conversation, Position::Newest, 200).expect("a timeline");
            let confirmed = page.items.iter().all(|item| item.seq.is_some());
            confirmed && page.items.iter().map(|item| &item.body).eq(bodies)
        })
        .await;
    }

    /// Waits until the user with this name is in the directory; returns their id.
    pub async fn find_person(&self, name: &str) -> parlour_protocol::UserId {
        self.wait_until(&format!("{name} in the directory"), |session| {
            session.people(name).expect("people").iter().any(|person| person.username == name)
        })
        .await;
        let people = self.session().people(name).expect("people");
        people.into_iter().find(|person| person.username == name).expect("just seen").id
    }
}

/// Waits until the ended client's tasks have released its files.
pub fn wait_for_files(accounts: &std::path::Path) {
    for entry in std::fs::read_dir(accounts).expect("accounts").flatten() {
        let lock = std::fs::File::open(entry.path().join("lock")).expect("a lock file");
        lock.lock().expect("the lock is released");
        // Closing it is not enough while another test starts a program, which has a copy of it.
        lock.unlock().expect("unlocked");
    }
}

/// Prints the programs' logs as `PARLOUR_LOG` requests.
fn init_log() {
    let filter = tracing_subscriber::EnvFilter::from_env("PARLOUR_LOG");
    // It is already set in all tests but the first.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}
