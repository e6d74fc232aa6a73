//! What end-to-end tests share: a real server, real clients on real files, and waiting for what
//! must become true without ever sleeping.

use parlour_client::{Client, Keep, Position, Session, Starting, TimelineItem};
use parlour_protocol::{ConversationId, Credentials, MessageId, Registration, device_link};
use parlour_server::tls::{Tls, TlsMode};
use parlour_server::{Config, DatabaseAddress, Running, serve};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

#[cfg(target_os = "linux")]
pub mod bare;
pub mod between;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod script;
pub mod window;

/// The longest that anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How often sockets hear a heartbeat, unless a test says otherwise.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Everybody's password in tests.
pub const PASSWORD: &str = "correct horse";

/// What opens everybody's files in tests.
pub const PASSPHRASE: &str = "a passphrase";

/// What keeps everybody's keys in tests: no test has a keychain unless it is about one.
pub fn keep() -> Keep {
    Keep::Passphrase { passphrase: PASSPHRASE.into() }
}

/// A client over a folder, with every account that [`PASSPHRASE`] opens.
pub async fn open(data: &std::path::Path) -> Client {
    let client = Client::open(data).expect("the client opens");
    for id in client.closed().into_keys() {
        // What cannot be opened is for its test to find.
        let _ = client.unlock(&id, PASSPHRASE).await;
    }
    client
}

/// A server in this process, on files of its own.
pub struct Server {
    /// Its folder.
    pub data: TempDir,
    /// Where it keeps everything.
    pub database: DatabaseAddress,
    address: SocketAddr,
    registration: Registration,
    heartbeat: Duration,
    /// Whether connections are encrypted, from the next beginning on.
    pub tls: TlsMode,
    running: Option<Running>,
}

impl Server {
    /// A server on an empty folder and a free port, where anybody may register.
    pub async fn start() -> Self {
        Self::start_with(Registration::Open).await
    }

    /// The same, where some may.
    pub async fn start_with(registration: Registration) -> Self {
        Self::start_on(None, registration).await
    }

    /// The same, where sockets hear a heartbeat as seldom as this.
    pub async fn start_with_heartbeat(heartbeat: Duration) -> Self {
        Self::start_as(None, Registration::Open, heartbeat).await
    }

    /// The same, on another database than a file in its folder.
    pub async fn start_on(database: Option<DatabaseAddress>, registration: Registration) -> Self {
        Self::start_as(database, registration, HEARTBEAT).await
    }

    async fn start_as(
        database: Option<DatabaseAddress>,
        registration: Registration,
        heartbeat: Duration,
    ) -> Self {
        log();
        let data = TempDir::new().expect("a temporary folder");
        let database = database.unwrap_or_else(|| DatabaseAddress::in_folder(data.path()));
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (tls, running) = (TlsMode::Off, None);
        let mut server = Self { data, database, address, registration, heartbeat, tls, running };
        server.begin().await;
        server
    }

    /// The same server, encrypted so from here on.
    pub async fn encrypted(mut self, tls: TlsMode) -> Self {
        self.stop().await;
        self.tls = tls;
        self.begin().await;
        self
    }

    /// How it encrypts.
    pub fn tls(&self) -> &Tls {
        self.running.as_ref().and_then(|running| running.tls.as_ref()).expect("it encrypts")
    }

    /// The link by which somebody signs in or registers who does not know the server yet.
    pub fn link(&self) -> String {
        let tls = self.running.as_ref().and_then(|running| running.tls.as_ref());
        device_link(&self.url(), tls.and_then(Tls::pin))
    }

    /// The link by which its first administrator comes.
    pub fn first_link(&self) -> String {
        let secret = self.running.as_ref().and_then(|running| running.first_invitation.as_ref());
        format!("{}/join#{}", self.url(), secret.expect("there is no administrator yet"))
    }

    /// Starts it again, at the same address.
    pub async fn begin(&mut self) {
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

    /// Stops it.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.expect("the server stops");
        }
    }

    /// Its address, as a person types it.
    pub fn url(&self) -> String {
        let scheme = if self.tls == TlsMode::Off { "http" } else { "https" };
        format!("{scheme}://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// A person with a client on files of their own.
pub struct Person {
    /// Their client.
    pub client: Client,
    name: String,
    server: String,
    data: TempDir,
}

impl Person {
    /// Registers and goes online.
    pub async fn register(server: &Server, name: &str) -> Self {
        Self::register_at(&server.url(), name).await
    }

    /// The same, at an address that leads there.
    pub async fn register_at(server: &str, name: &str) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let client = Client::open(data.path()).expect("the client opens");
        let person = Self { client, name: name.into(), server: server.into(), data };
        person.sign_in(Starting::Register).await;
        person
    }

    /// Another device of the same person.
    pub async fn another_device(&self) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let client = Client::open(data.path()).expect("the client opens");
        let person = Self { client, name: self.name.clone(), server: self.server.clone(), data };
        person.sign_in(Starting::SignIn).await;
        person
    }

    /// Signs in again.
    ///
    /// # Errors
    /// As [`Client::sign_in`].
    pub async fn try_sign_in(&self) -> parlour_client::Result<()> {
        self.try_sign_in_at(&self.server).await
    }

    /// The same, with another address or link.
    ///
    /// # Errors
    /// As [`Client::sign_in`].
    pub async fn try_sign_in_at(&self, typed: &str) -> parlour_client::Result<()> {
        let credentials = self.credentials();
        let signing_in = self.client.sign_in(typed, &credentials, Starting::SignIn, keep());
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

    async fn sign_in(&self, starting: Starting) {
        let credentials = self.credentials();
        let signed_in = self.client.sign_in(&self.server, &credentials, starting, keep());
        signed_in.await.expect("signing in");
    }

    /// Ends the session of another device of theirs, which deletes its mirror or does not.
    pub async fn end_other_session(&self, wipe: bool) {
        let sessions = self.session().sessions().await.expect("the sessions");
        let other = sessions.iter().find(|session| !session.current).expect("another").id;
        self.session().revoke_session(other, wipe).await.expect("ended");
    }

    /// Waits until no account is open any more.
    pub async fn until_closed(&self) {
        let mut notices = self.client.notices();
        let waiting = async {
            while !self.client.sessions().is_empty() {
                notices.recv().await.expect("the client is there");
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.expect("closed");
    }

    /// Where the account's files are.
    pub fn account_folder(&self) -> std::path::PathBuf {
        let id = self.session().id().to_string();
        self.data.path().join("accounts").join(id)
    }

    /// Ends the client as a crash would, and starts it again on the same files, offline.
    pub async fn restart(self) -> Self {
        self.restart_after(|| {}).await
    }

    /// The same, with something done to the files in between.
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
        self.sign_in(Starting::SignIn).await;
    }

    /// What they read and do.
    pub fn session(&self) -> Arc<Session> {
        self.client.session().expect("signed in")
    }

    /// Says something, and answers its id.
    pub fn say(&self, conversation: ConversationId, body: &str) -> MessageId {
        let id = MessageId(uuid::Uuid::now_v7());
        self.session().send_message(conversation, id, body).expect("it is kept");
        id
    }

    /// The newest messages of a conversation.
    pub fn newest(&self, conversation: ConversationId) -> Vec<TimelineItem> {
        self.session().timeline(conversation, Position::Newest, 200).expect("a timeline").items
    }

    /// What the newest messages say.
    pub fn bodies(&self, conversation: ConversationId) -> Vec<String> {
        self.newest(conversation).into_iter().map(|item| item.body).collect()
    }

    /// Waits until it is true, looking again whenever something changes.
    ///
    /// # Panics
    /// After [`PATIENCE`], saying what was waited for.
    pub async fn until(&self, what: &str, is_true: impl Fn(&Session) -> bool) {
        let mut notices = self.client.notices();
        let waiting = async {
            while !is_true(&self.session()) {
                let closed = tokio::sync::broadcast::error::RecvError::Closed;
                assert_ne!(notices.recv().await.err(), Some(closed), "the client ended");
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(waited.is_ok(), "{} waited for: {what}", self.name);
    }

    /// Waits until the newest messages say this, all of them confirmed.
    pub async fn until_bodies(&self, conversation: ConversationId, bodies: &[&str]) {
        self.until(&format!("{bodies:?}"), |session| {
            let page = session.timeline(conversation, Position::Newest, 200).expect("a timeline");
            let confirmed = page.items.iter().all(|item| item.seq.is_some());
            confirmed && page.items.iter().map(|item| &item.body).eq(bodies)
        })
        .await;
    }

    /// Waits until someone's name is known here, and answers who they are.
    pub async fn meet(&self, name: &str) -> parlour_protocol::UserId {
        self.until(&format!("{name} in the directory"), |session| {
            session.people(name).expect("people").iter().any(|person| person.username == name)
        })
        .await;
        let people = self.session().people(name).expect("people");
        people.into_iter().find(|person| person.username == name).expect("just seen").id
    }
}

/// Waits until the last of the ended client's tasks has let go of its files.
pub fn wait_for_files(accounts: &std::path::Path) {
    for entry in std::fs::read_dir(accounts).expect("accounts").flatten() {
        let lock = std::fs::File::open(entry.path().join("lock")).expect("a lock file");
        lock.lock().expect("the lock, sooner or later");
    }
}

/// Shows what the programs log, as `PARLOUR_LOG` asks.
fn log() {
    let filter = tracing_subscriber::EnvFilter::from_env("PARLOUR_LOG");
    // All tests but the first find it set.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}
