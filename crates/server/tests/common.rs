//! A server on either database, and users of it.

use parlour_protocol::{
    Action, Bootstrap, ConversationId, Credentials, ErrorBody, ErrorCode, FileHash, Heads,
    MessageFile, MessageId, MessageRow, Op, OpDone, OpId, Page, Registration, Row, SignedIn,
    StreamId, UserId, limits,
};
use parlour_server::{Config, DatabaseAddress, RunningServer, serve};
use reqwest::{Client, Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse";
/// The maximum wait for a condition.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Makes each function a test on SQLite and a test on PostgreSQL.
macro_rules! on_both_databases {
    ($($name:ident,)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::common::Database::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(database) = $crate::common::Database::postgres().await {
                    super::$name(database).await;
                }
            })*
        }
    };
}

/// An empty database for a single test.
pub struct Database {
    pub address: DatabaseAddress,
    /// The address for a test's own queries, on PostgreSQL.
    pub url: Option<String>,
    /// The folder of SQLite's file.
    folder: TempDir,
}

impl Database {
    pub fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        Self { address: DatabaseAddress::in_folder(folder.path()), url: None, folder }
    }

    /// Creates a database on the PostgreSQL that `cargo xtask test` starts. Without one, returns `None` and
    /// prints that the test is skipped.
    pub async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("PARLOUR_TEST_POSTGRES") else {
            eprintln!("SKIPPED: PARLOUR_TEST_POSTGRES is not set; run `cargo xtask test`");
            return None;
        };
        let client = connect(&server).await;
        let name = format!("test_{}", Uuid::now_v7().simple());
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        let address = url.parse().unwrap();
        Some(Self { address, url: Some(url), folder: TempDir::new().unwrap() })
    }

    pub fn config(&self) -> Config {
        let folder = Some(self.folder.path().join("files"));
        Config {
            // On PostgreSQL the servers of a test share no data folder.
            files: parlour_server::FileSettings { folder, ..Default::default() },
            registration: Registration::Open,
            bcrypt_cost: 4,
            // Tests send requests more often than users do.
            requests_per_second: 0,
            ..Config::new(self.address.clone(), SocketAddr::from(([127, 0, 0, 1], 0)))
        }
    }

    pub async fn serve(&self) -> Server {
        Server::start(&self.config()).await
    }

    /// Runs SQL without the server's knowledge.
    pub async fn execute(&self, sql: &str) {
        match (&self.address, &self.url) {
            (DatabaseAddress::Sqlite(path), _) => {
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            (_, url) => connect(url.as_ref().unwrap()).await.batch_execute(sql).await.unwrap(),
        }
    }

    /// Returns the string that a query selects.
    pub async fn query_string(&self, sql: &str) -> String {
        match (&self.address, &self.url) {
            (DatabaseAddress::Sqlite(path), _) => {
                let conn = rusqlite::Connection::open(path).unwrap();
                conn.query_row(sql, [], |row| row.get(0)).unwrap()
            }
            (_, url) => {
                let client = connect(url.as_ref().unwrap()).await;
                client.query_one(sql, &[]).await.unwrap().get(0)
            }
        }
    }
}

/// Opens a test's own connection.
pub async fn connect(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

pub struct Server {
    pub url: String,
    pub http: Client,
    pub running: RunningServer,
}

#[derive(Clone)]
pub struct User {
    pub id: UserId,
    pub token: String,
    pub url: String,
    pub http: Client,
}

/// Returns an id as clients create them, always the same for a number.
pub fn client_made_id(number: u128) -> Uuid {
    Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub fn credentials(username: &str, password: &str) -> Credentials {
    Credentials {
        username: username.into(),
        password: password.into(),
        device: "test".into(),
        invitation: None,
    }
}

/// Returns the body of an error response, whose status must match its code.
pub async fn error_body(response: Response) -> ErrorBody {
    let status = response.status();
    let body: ErrorBody = response.json().await.unwrap();
    assert_eq!(status.as_u16(), body.code.status(), "{body:?}");
    body
}

impl Server {
    pub async fn start(config: &Config) -> Self {
        let running = serve(config).await.unwrap();
        let url = format!("http://{}/v1", running.address);
        Self { url, http: Client::new(), running }
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Response {
        self.http.post(format!("{}/{path}", self.url)).json(body).send().await.unwrap()
    }

    pub async fn post_credentials(&self, path: &str, credentials: &Credentials) -> User {
        let response = self.post(path, credentials).await;
        assert_eq!(response.status(), StatusCode::OK, "{path} {}", credentials.username);
        let signed_in: SignedIn = response.json().await.unwrap();
        let (id, token) = (signed_in.user_id, signed_in.token);
        User { id, token, url: self.url.clone(), http: self.http.clone() }
    }

    pub async fn register(&self, name: &str) -> User {
        self.post_credentials("users", &credentials(name, PASSWORD)).await
    }

    pub async fn sign_in(&self, name: &str) -> User {
        self.post_credentials("sessions", &credentials(name, PASSWORD)).await
    }

    /// Returns a user who signed in before this server was started, with this server's address.
    pub fn with_session_of(&self, user: &User) -> User {
        User { url: self.url.clone(), http: self.http.clone(), ..user.clone() }
    }

    /// Registers an administrator with the first invitation of the empty server.
    pub async fn register_administrator(&self, name: &str) -> User {
        let invitation = self.running.first_invitation.clone();
        assert!(invitation.is_some(), "there is already an administrator");
        self.post_credentials("users", &Credentials { invitation, ..credentials(name, PASSWORD) })
            .await
    }
}

impl User {
    pub async fn request(&self, method: Method, path: &str) -> Response {
        let request = self.http.request(method, format!("{}/{path}", self.url));
        request.bearer_auth(&self.token).send().await.unwrap()
    }

    pub async fn submit(&self, method: Method, path: &str, body: &impl Serialize) -> Response {
        let request = self.http.request(method, format!("{}/{path}", self.url));
        request.bearer_auth(&self.token).json(body).send().await.unwrap()
    }

    pub async fn put_picture(&self, bytes: Vec<u8>) -> Response {
        let request = self.http.put(format!("{}/picture", self.url)).body(bytes);
        request.bearer_auth(&self.token).send().await.unwrap()
    }

    pub async fn begin_upload(&self, hash: FileHash, size: usize) -> Response {
        let new = json!({"bytes": size, "mediaType": "application/octet-stream"});
        self.submit(Method::PUT, &format!("uploads/{hash}"), &new).await
    }

    pub async fn add_part(&self, hash: FileHash, offset: usize, part: Vec<u8>) -> Response {
        let request = self.http.post(format!("{}/uploads/{hash}?offset={offset}", self.url));
        request.bearer_auth(&self.token).body(part).send().await.unwrap()
    }

    /// Uploads a file and returns its description.
    pub async fn upload(&self, bytes: &[u8]) -> MessageFile {
        self.upload_in_parts(bytes, limits::PART_BYTES).await
    }

    /// Uploads a file in parts of this size.
    pub async fn upload_in_parts(&self, bytes: &[u8], part_bytes: usize) -> MessageFile {
        let file = MessageFile::example("file", bytes);
        let response = self.begin_upload(file.hash, bytes.len()).await;
        assert_eq!(response.status(), StatusCode::OK);
        for (n, part) in bytes.chunks(part_bytes).enumerate() {
            let added = self.add_part(file.hash, n * part_bytes, part.to_vec()).await;
            assert_eq!(added.status(), StatusCode::OK);
        }
        file
    }

    pub async fn download(&self, message: MessageId, n: usize) -> Response {
        self.request(Method::GET, &format!("messages/{message}/files/{n}")).await
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let response = self.request(Method::GET, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    /// Requests a path, which must be refused; returns the error's code.
    pub async fn get_error(&self, path: &str) -> ErrorCode {
        error_body(self.request(Method::GET, path).await).await.code
    }

    pub async fn send_op(&self, op: &Op) -> Response {
        self.submit(Method::POST, "ops", op).await
    }

    pub async fn act(&self, conversation_id: ConversationId, action: Action) -> OpDone {
        let op = Op { id: OpId::new(), conversation_id, action };
        let response = self.send_op(&op).await;
        assert_eq!(response.status(), StatusCode::OK, "{:?}", op.action);
        response.json().await.unwrap()
    }

    pub async fn act_error(&self, conversation_id: ConversationId, action: Action) -> ErrorCode {
        let op = Op { id: OpId::new(), conversation_id, action };
        error_body(self.send_op(&op).await).await.code
    }

    pub async fn group(&self, members: &[&User]) -> ConversationId {
        let id = ConversationId(Uuid::now_v7());
        let members = members.iter().map(|user| user.id).collect();
        self.act(id, Action::create_group("workshop", members)).await;
        id
    }

    pub async fn say(&self, conversation: ConversationId, body: &str) -> MessageId {
        message(&self.act(conversation, Action::send(body)).await).id
    }

    pub async fn bootstrap(&self, conversation: ConversationId) -> Bootstrap {
        self.get(&format!("bootstrap?conversation={conversation}")).await
    }

    /// Returns the message as this user sees it now.
    pub async fn read_message(&self, conversation: ConversationId, id: MessageId) -> MessageRow {
        let rows = self.bootstrap(conversation).await.rows;
        let found = rows.into_iter().find_map(|row| match row {
            Row::Message(row) if row.id == id => Some(row),
            _ => None,
        });
        found.expect("the message exists")
    }

    /// Returns all changes of a stream, in one page.
    pub async fn changes(&self, stream: StreamId) -> Page {
        let heads: Heads = self.get("heads").await;
        let head = heads.heads.iter().find(|head| head.stream == stream).unwrap();
        let (epoch, term) = (&heads.epoch, head.term);
        self.get(&format!("changes?stream={stream}&epoch={epoch}&term={term}&since=0")).await
    }
}

/// Returns the message in a response.
pub fn message(done: &OpDone) -> MessageRow {
    let found = done.rows.iter().find_map(|row| match row {
        Row::Message(row) => Some(row.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("no message in {done:?}"))
}

/// Replaces values that differ at each execution of a test (ids, tokens, times, the epoch) by placeholders.
#[derive(Default)]
pub struct Placeholders(BTreeMap<String, String>);

impl Placeholders {
    pub fn add(&mut self, value: impl ToString, name: &str) {
        self.0.insert(value.to_string(), name.into());
    }

    pub fn apply(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let named = self
                    .0
                    .iter()
                    .fold(text.clone(), |text, (value, name)| text.replace(value, name));
                Value::String(named)
            }
            Value::Array(all) => all.iter().map(|value| self.apply(value)).collect(),
            Value::Object(all) => {
                let field = |(name, value): (&String, &Value)| {
                    let is_time = name.ends_with("At") && value.is_number();
                    let value =
                        if is_time { json!(1_767_225_600_000_i64) } else { self.apply(value) };
                    (name.clone(), value)
                };
                all.iter().map(field).collect()
            }
            other => other.clone(),
        }
    }
}
