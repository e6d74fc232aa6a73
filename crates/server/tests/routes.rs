//! What each address answers, and to whom.

use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationType, Credentials, ErrorBody, ErrorCode, Heads,
    History, MessageId, Op, OpDone, OpId, Page, Row, SessionInfo, SignedIn, StreamId, UserId,
};
use parlour_server::{Config, Running, serve};
use reqwest::{Client, Method, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::SocketAddr;
use tempfile::TempDir;
use uuid::Uuid;

const PASSWORD: &str = "correct horse";

struct Server {
    url: String,
    http: Client,
    _running: Running,
    data: TempDir,
}

#[derive(Clone)]
struct User {
    id: UserId,
    token: String,
    url: String,
    http: Client,
}

async fn server() -> Server {
    let data = TempDir::new().unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = Config { bcrypt_cost: 4, ..Config::new(data.path(), listen) };
    let running = serve(&config).await.unwrap();
    let url = format!("http://{}/v1", running.address);
    Server { url, http: Client::new(), _running: running, data }
}

fn typed(username: &str, password: &str) -> Credentials {
    Credentials { username: username.into(), password: password.into(), device: "test".into() }
}

async fn refusal(response: Response) -> ErrorBody {
    let status = response.status();
    let body: ErrorBody = response.json().await.unwrap();
    assert_eq!(status.as_u16(), body.code.status(), "{body:?}");
    body
}

impl Server {
    async fn post(&self, path: &str, body: &impl Serialize) -> Response {
        self.http.post(format!("{}/{path}", self.url)).json(body).send().await.unwrap()
    }

    async fn register(&self, name: &str) -> User {
        let signed_in: SignedIn =
            self.post("users", &typed(name, PASSWORD)).await.json().await.unwrap();
        let (id, token) = (signed_in.user_id, signed_in.token);
        User { id, token, url: self.url.clone(), http: self.http.clone() }
    }
}

impl User {
    async fn request(&self, method: Method, path: &str) -> Response {
        let request = self.http.request(method, format!("{}/{path}", self.url));
        request.bearer_auth(&self.token).send().await.unwrap()
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let response = self.request(Method::GET, path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.unwrap()
    }

    async fn refused(&self, path: &str) -> ErrorCode {
        refusal(self.request(Method::GET, path).await).await.code
    }

    async fn send_op(&self, op: &Op) -> Response {
        let request = self.http.post(format!("{}/ops", self.url)).bearer_auth(&self.token);
        request.json(op).send().await.unwrap()
    }

    async fn act(&self, conversation_id: ConversationId, action: Action) -> OpDone {
        let response = self.send_op(&Op { id: OpId::new(), conversation_id, action }).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    async fn act_refused(&self, conversation_id: ConversationId, action: Action) -> ErrorCode {
        let op = Op { id: OpId::new(), conversation_id, action };
        refusal(self.send_op(&op).await).await.code
    }

    async fn group(&self, members: &[&User]) -> ConversationId {
        let id = ConversationId(Uuid::now_v7());
        let members = members.iter().map(|user| user.id).collect();
        let kind = ConversationType::Group;
        self.act(id, Action::Create { kind, title: "workshop".into(), members }).await;
        id
    }

    async fn say(&self, room: ConversationId, body: &str) -> MessageId {
        let done = self.act(room, Action::Send { body: body.into() }).await;
        let Row::Message(message) = &done.rows[0] else { panic!("{done:?}") };
        message.id
    }
}

#[tokio::test]
async fn a_name_is_taken_in_any_letter_case() {
    let server = server().await;
    server.register("Wren").await;
    let body = refusal(server.post("users", &typed("wREN", PASSWORD)).await).await;
    assert_eq!(body.code, ErrorCode::UsernameTaken);
}

#[tokio::test]
async fn a_password_that_bcrypt_would_cut_is_refused_with_a_clear_message() {
    let server = server().await;
    let body = refusal(server.post("users", &typed("wren", &"x".repeat(73))).await).await;
    assert_eq!(body.code, ErrorCode::Invalid);
    assert!(body.message.contains("73 bytes") && body.message.contains("72"), "{}", body.message);
    let body = refusal(server.post("users", &typed("wren", "short")).await).await;
    assert_eq!(body.code, ErrorCode::Invalid);
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_are_told_the_same() {
    let server = server().await;
    server.register("wren").await;
    let unknown = refusal(server.post("sessions", &typed("nobody", PASSWORD)).await).await;
    let wrong = refusal(server.post("sessions", &typed("wren", "wrong horse")).await).await;
    let long = refusal(server.post("sessions", &typed("wren", &"x".repeat(100))).await).await;
    assert_eq!(unknown, wrong);
    assert_eq!(unknown, long);
    assert_eq!(unknown.code, ErrorCode::SignIn);
}

#[tokio::test]
async fn only_digests_and_bcrypt_hashes_are_stored_and_the_cost_is_12_unless_told() {
    let server = server().await;
    let wren = server.register("wren").await;
    let file = server.data.path().join("parlour.db");
    let conn = rusqlite::Connection::open(&file).unwrap();
    let stored: String =
        conn.query_row("SELECT token FROM sessions", [], |row| row.get(0)).unwrap();
    assert!(stored.len() == 64 && !wren.token.contains(&stored));
    let hash: String =
        conn.query_row("SELECT password_hash FROM users", [], |row| row.get(0)).unwrap();
    assert!(bcrypt::verify(PASSWORD, &hash).unwrap());
    assert_eq!(Config::new("", SocketAddr::from(([127, 0, 0, 1], 0))).bcrypt_cost, 12);
}

#[tokio::test]
async fn nothing_is_answered_without_a_session_and_nothing_after_its_end() {
    let server = server().await;
    let wren = server.register("wren").await;
    for path in ["sessions", "heads", "changes?stream=directory&epoch=e&since=0"] {
        let stranger = User { token: "parlour_0".into(), ..wren.clone() };
        assert_eq!(stranger.refused(path).await, ErrorCode::Token, "{path}");
    }
    let sessions: Vec<SessionInfo> = wren.get("sessions").await;
    assert!(sessions.len() == 1 && sessions[0].current);
    let ended = wren.request(Method::DELETE, "sessions/current").await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!(wren.refused("sessions").await, ErrorCode::Token);
}

#[tokio::test]
async fn nobody_reads_or_ends_what_is_anothers() {
    let server = server().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[]).await;
    let message_id = wren.say(room, "private").await;
    let epoch = wren.get::<Heads>("heads").await.epoch;
    for path in [
        format!("bootstrap?conversation={room}"),
        format!("history?conversation={room}&epoch={epoch}&term=1&before=9&limit=9"),
        format!("changes?stream=conversation:{room}&epoch={epoch}&term=1&since=0"),
    ] {
        assert_eq!(oak.refused(&path).await, ErrorCode::NotMember, "{path}");
    }
    let account = format!("changes?stream=account:{}&epoch={epoch}&since=0", wren.id);
    assert_eq!(oak.refused(&account).await, ErrorCode::Gone);
    for action in [
        Action::Send { body: "let me in".into() },
        Action::Edit { message_id, body: "mine now".into() },
        Action::Delete { message_id },
        Action::AddMember { user_id: oak.id },
        Action::Read { seq: parlour_protocol::Seq(1) },
        Action::Leave,
    ] {
        assert_eq!(oak.act_refused(room, action.clone()).await, ErrorCode::NotMember, "{action:?}");
    }
    let session = wren.get::<Vec<SessionInfo>>("sessions").await[0].id;
    let ended = oak.request(Method::DELETE, &format!("sessions/{session}")).await;
    assert_eq!(refusal(ended).await.code, ErrorCode::Gone);
    let heads: Heads = oak.get("heads").await;
    assert!(!heads.heads.iter().any(|head| head.stream == StreamId::Conversation(room)));
}

#[tokio::test]
async fn a_member_changes_only_what_is_their_own() {
    let server = server().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    let message_id = wren.say(room, "mine").await;
    let edit = Action::Edit { message_id, body: "theirs".into() };
    assert_eq!(oak.act_refused(room, edit).await, ErrorCode::Forbidden);
    assert_eq!(oak.act_refused(room, Action::Delete { message_id }).await, ErrorCode::Forbidden);
}

#[tokio::test]
async fn an_op_sent_again_happens_once_and_its_id_serves_nothing_else() {
    let server = server().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    let op = |body: &str| Op {
        id: OpId(Uuid::from_u128(7)),
        conversation_id: room,
        action: Action::Send { body: body.into() },
    };
    let first: OpDone = wren.send_op(&op("once")).await.json().await.unwrap();
    let again: OpDone = wren.send_op(&op("once")).await.json().await.unwrap();
    assert_eq!(first, again);
    assert_eq!(refusal(wren.send_op(&op("other")).await).await.code, ErrorCode::OpConflict);
    assert_eq!(refusal(oak.send_op(&op("once")).await).await.code, ErrorCode::OpConflict);
    let bootstrap: Bootstrap = wren.get(&format!("bootstrap?conversation={room}")).await;
    assert_eq!(bootstrap.last_seq, 1);
    let message_id = MessageId(Uuid::from_u128(7));
    let edit = Op {
        id: OpId(Uuid::from_u128(8)),
        conversation_id: room,
        action: Action::Edit { message_id, body: "twice".into() },
    };
    let first: OpDone = wren.send_op(&edit).await.json().await.unwrap();
    wren.say(room, "later").await;
    let again: OpDone = wren.send_op(&edit).await.json().await.unwrap();
    assert_eq!(first, again);
}

#[tokio::test]
async fn changes_come_in_whole_intervals_and_history_is_dense() {
    let server = server().await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
    for number in 1..=5 {
        wren.say(room, &number.to_string()).await;
    }
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let stream = format!("stream=conversation:{room}&epoch={epoch}&term=1");
    let page: Page = wren.get(&format!("changes?{stream}&since=3")).await;
    assert_eq!((page.from, page.to, page.head, page.rows.len()), (3, 6, 6, 3));
    let place = format!("conversation={room}&epoch={epoch}&term=1");
    let history: History = wren.get(&format!("history?{place}&before=4&limit=2")).await;
    let seq = |row: &Row| if let Row::Message(row) = row { row.seq.0 } else { 0 };
    assert_eq!(history.rows.iter().map(seq).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(wren.refused(&format!("changes?{stream}&since=99")).await, ErrorCode::CursorAhead);
    let other = stream.replace(&epoch, "other");
    assert_eq!(wren.refused(&format!("changes?{other}&since=3")).await, ErrorCode::Epoch);
    let joined_again = stream.replace("term=1", "term=2");
    assert_eq!(wren.refused(&format!("changes?{joined_again}&since=3")).await, ErrorCode::Term);
}

#[tokio::test]
async fn heads_tell_what_moved_and_no_more() {
    let server = server().await;
    let wren = server.register("wren").await;
    let (busy, _quiet) = (wren.group(&[]).await, wren.group(&[]).await);
    let all: Heads = wren.get("heads").await;
    assert_eq!(all.heads.len(), 4, "two conversations, the account and the directory");
    wren.say(busy, "moved").await;
    let moved: Heads = wren.get(&format!("heads?wm={}", all.wm)).await;
    assert_eq!(
        moved.heads.iter().map(|head| head.stream).collect::<Vec<_>>(),
        [StreamId::Conversation(busy)]
    );
    let nothing: Heads = wren.get(&format!("heads?wm={}", moved.wm)).await;
    assert!(nothing.heads.is_empty() && nothing.wm == moved.wm);
}

#[tokio::test]
async fn what_does_not_make_sense_is_refused_with_the_envelope() {
    let server = server().await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
    let long = Action::Send { body: "x".repeat(64 * 1024 + 1) };
    assert_eq!(wren.act_refused(room, long).await, ErrorCode::TooLarge);
    assert_eq!(
        wren.act_refused(room, Action::Send { body: " \n".into() }).await,
        ErrorCode::Invalid
    );
    let kind = ConversationType::P2p;
    let forged =
        Action::Create { kind, title: String::new(), members: vec![UserId(Uuid::now_v7())] };
    assert_eq!(wren.act_refused(ConversationId(Uuid::now_v7()), forged).await, ErrorCode::Invalid);
    assert_eq!(wren.refused("bootstrap?conversation=1").await, ErrorCode::Invalid);
    assert_eq!(wren.refused("nowhere").await, ErrorCode::Gone);
    let post = |body: Vec<u8>| {
        let request = server.http.post(format!("{}/users", server.url));
        request.header("content-type", "application/json").body(body).send()
    };
    for body in [&b"{"[..], b"\xff\xfe", b"[]", b"{\"username\":1}"] {
        assert_eq!(refusal(post(body.into()).await.unwrap()).await.code, ErrorCode::Invalid);
    }
    let huge = refusal(post(vec![b' '; 1024 * 1024]).await.unwrap()).await;
    assert_eq!(huge.code, ErrorCode::TooLarge);
}

#[tokio::test]
async fn two_who_begin_the_same_conversation_get_the_same() {
    let server = server().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let id = ConversationId::p2p(wren.id, oak.id);
    let with = |other: UserId| Action::Create {
        kind: ConversationType::P2p,
        title: String::new(),
        members: vec![other],
    };
    wren.act(id, with(oak.id)).await;
    oak.act(id, with(wren.id)).await;
    assert_eq!(wren.act_refused(id, Action::Leave).await, ErrorCode::Invalid);
    let bootstrap: Bootstrap = oak.get(&format!("bootstrap?conversation={id}")).await;
    assert_eq!(bootstrap.rows.len(), 3, "the conversation and its two members");
}
