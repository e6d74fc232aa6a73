//! Requests to the server, and what the socket begins as: all through the same proxy, if the system or the
//! environment names one. Only the server's own envelope is taken as its word: a proxy's page, a reset or a
//! silence is "no answer".

use crate::credentials::{Credentials, Token};
use crate::tls::{self, Tls};
use crate::verify::{self, Part};
use crate::{Error, address};
use parlour_protocol::{
    Bootstrap, Digest, EarlierBody, ErrorBody, ErrorClass, ErrorCode, Heads, History, MessageId,
    Op, OpDone, Page, Pull, PullStream, Pulled, PulledStream, Row, ServerInfo, SessionInfo,
    SignedIn, StreamId, limits,
};
use parlour_store::Standing;
use parlour_sync::{Fetch, FetchKind};
use reqwest::header::{CONNECTION, LOCATION, UPGRADE};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::http::header::{SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION};

const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(30);
/// Older messages in one page.
const HISTORY_ROWS: i64 = 1000;
/// Pages that are stored together. Where older messages are put before those held, pages of the file stay
/// half full; twice as many at a time save 6% of it.
const HISTORY_PAGES: usize = 2;

/// Redirects that are followed to find a server.
const REDIRECTS: usize = 5;
/// Characters that are shown of why nobody answered.
const CAUSE_CHARS: usize = 200;

/// Pages in which the members of one conversation come at most.
const MEMBER_PAGES: usize = 10_000;

type Answer<T> = std::result::Result<T, ErrorBody>;

/// One server, with the token of one account.
#[derive(Debug, Clone)]
pub struct Http {
    /// Made when it is first needed, which is never without a network; with the proxy that is named then.
    client: Arc<Mutex<Option<reqwest::Client>>>,
    /// Told when whatever waits for an answer is to wait no more.
    given_up: Arc<watch::Sender<()>>,
    tls: Tls,
    server: String,
    credentials: Credentials,
}

impl Http {
    pub fn new(server: &str, credentials: Credentials) -> Self {
        Self::trusting(Tls::default(), server, credentials)
    }

    /// The same, with a trust in certificates of its own.
    pub fn trusting(tls: Tls, server: &str, credentials: Credentials) -> Self {
        let given_up = Arc::new(watch::Sender::new(()));
        Self { client: Arc::default(), given_up, tls, server: server.into(), credentials }
    }

    /// Lets go of the connections that stand: the next request makes new ones, through the proxy that is
    /// named then.
    pub fn forget_connections(&self) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The same, and answers whatever waits: the way that it went is dead.
    pub fn give_up(&self) {
        self.forget_connections();
        self.given_up.send_replace(());
    }

    fn client(&self) -> Answer<reqwest::Client> {
        let mut made = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*made {
            return Ok(client.clone());
        }
        address::check(&self.server)?;
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            // The socket begins as a request that is upgraded.
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Parlour/", env!("CARGO_PKG_VERSION")));
        builder = if self.server.starts_with("https:") {
            builder.tls_backend_preconfigured((*self.tls.config()?).clone())
        } else {
            // What is not encrypted stays on this computer, whatever a proxy or a name server says.
            builder
                .tls_backend_preconfigured(tls::trusting_nobody())
                .resolve_to_addrs("localhost", &address::HERE)
        };
        if address::is_here(&self.server) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| self.no_answer(&error))?;
        *made = Some(client.clone());
        Ok(client)
    }

    /// Asks for the socket, as requests are made: it takes the same proxy and trusts the same certificates.
    pub async fn ask_for_socket(&self, token: &Token, key: &str) -> Answer<Response> {
        let request = self.client()?.get(format!("{}/v1/socket", self.server));
        let request = request
            .bearer_auth(token.expose())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, key);
        request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                return self.no_answer(&error);
            }
            // There is somebody, who lets no socket pass, or is gone just now: a request tells which.
            tracing::debug!(?error, "no answer to who asks for a socket");
            no_upgrade()
        })
    }

    /// Why an answer is no socket.
    pub async fn no_socket(&self, response: Response) -> ErrorBody {
        let answered = match self.read(response).await {
            Ok(answered) => answered,
            Err(error) => return error,
        };
        if let Some(moved) = self.moved(&answered) {
            return moved;
        }
        let refusal = envelope(answered.status.as_u16(), &answered.bytes);
        let is_said = |error: &ErrorBody| match error.code.class() {
            ErrorClass::SignIn | ErrorClass::Upgrade => true,
            ErrorClass::Retry => {
                matches!(error.code, ErrorCode::Rate | ErrorCode::Retry | ErrorCode::Overloaded)
            }
            ErrorClass::Resync | ErrorClass::Refused => false,
        };
        tracing::debug!(status = %answered.status, "no socket");
        // Whatever else it is: what asks for a socket did not come to a server that gives one.
        refusal.filter(is_said).unwrap_or_else(no_upgrade)
    }

    /// Whether a server answers here, before anything is said to it.
    ///
    /// # Errors
    /// [`Error::Moved`] where the address leads to a server at another one; and where none answers.
    pub async fn find_server(&self) -> crate::Result<()> {
        let mut at = self.clone();
        for _ in 0..REDIRECTS {
            let answered = at.exchange(at.request(Method::GET, "server")?).await?;
            if let Some(location) = &answered.location {
                let Ok(to) = address::target(&at.server, location) else {
                    return Err(at.leads_nowhere(location).into());
                };
                at = Self::trusting(self.tls.clone(), &to, Credentials::default());
                continue;
            }
            let info = at.parse::<ServerInfo>(answered);
            let is_server = info.is_ok_and(|info| info.product == "parlour");
            return match (is_server, at.server == self.server) {
                (true, true) => Ok(()),
                (true, false) => Err(Error::Moved { from: self.host().into(), to: at.server }),
                (false, true) => Err(self.not_a_server().into()),
                (false, false) => {
                    let (from, to) = (self.host(), at.host());
                    let message = format!(
                        "{from} leads to {to}, and what answers there is not a Parlour server."
                    );
                    Err(ErrorBody { message, ..self.not_a_server() }.into())
                }
            };
        }
        Err(self.not_a_server().into())
    }

    pub async fn register(&self, new: &parlour_protocol::Credentials) -> Answer<SignedIn> {
        self.call(self.request(Method::POST, "users")?.json(new)).await
    }

    pub async fn sign_in(&self, credentials: &parlour_protocol::Credentials) -> Answer<SignedIn> {
        self.call(self.request(Method::POST, "sessions")?.json(credentials)).await
    }

    pub async fn sign_out(&self) -> Answer<()> {
        self.call_empty(self.request(Method::DELETE, "sessions/current")?).await
    }

    pub async fn sessions(&self) -> Answer<Vec<SessionInfo>> {
        self.get("sessions", &()).await
    }

    pub async fn revoke(&self, id: parlour_protocol::SessionId, wipe: bool) -> Answer<()> {
        let request = self.request(Method::DELETE, &format!("sessions/{id}"))?;
        self.call_empty(request.query(&[("wipe", wipe)])).await
    }

    pub async fn send(&self, op: &Op, epoch: &str) -> Answer<OpDone> {
        self.call(self.request(Method::POST, "ops")?.query(&[("epoch", epoch)]).json(op)).await
    }

    /// The streams that moved since a watermark; the server hears what it vouched for last.
    pub async fn heads(&self, wm: i64, proof: &str) -> Answer<Heads> {
        let wm = wm.to_string();
        let query: &[(&str, &str)] = match proof {
            "" => &[("wm", &wm)],
            proof => &[("wm", &wm), ("proof", proof)],
        };
        self.get("heads", &query).await
    }

    /// What streams lack, in an answer of so many bytes at most; each beginning with all its members.
    pub async fn pull(&self, asked: &[Fetch], epoch: String, bytes: usize) -> Answer<Pulled> {
        let stream = |fetch: &Fetch| PullStream {
            stream: fetch.stream,
            term: fetch.term,
            since: if let FetchKind::Changes { since } = fetch.kind { Some(since) } else { None },
        };
        let streams = asked.iter().map(stream).collect();
        let body = Pull { epoch, streams, bytes: Some(bytes) };
        let mut pulled: Pulled = self.call(self.request(Method::POST, "pull")?.json(&body)).await?;
        for answer in &mut pulled.answers {
            if let PulledStream::Bootstrap(begun) = answer
                && let Err(error) = self.other_members(begun).await
            {
                *answer = PulledStream::Error(error);
            }
        }
        Ok(pulled)
    }

    /// The members that a beginning left out.
    async fn other_members(&self, begun: &mut Bootstrap) -> Answer<()> {
        let Some(since) = begun.members_to.take() else { return Ok(()) };
        let standing = Standing { stream: begun.stream, term: begun.term, cursor: begun.head };
        let rows = self.state(&standing, &begun.epoch, since).await?.rows;
        begun.rows.extend(rows.into_iter().filter(|row| matches!(row, Row::Member(_))));
        Ok(())
    }

    /// What a stream has beside messages since a change, as one page of as many as it takes.
    async fn state(&self, standing: &Standing, epoch: &str, since: i64) -> Answer<Page> {
        let mut all: Option<Page> = None;
        for _ in 0..MEMBER_PAGES {
            let since = all.as_ref().map_or(since, |page| page.to);
            let request = self.request(Method::GET, "state")?.query(&of_state(standing, epoch));
            let page: Page = self.call(request.query(&[("since", since)])).await?;
            let is_last = page.to >= page.head;
            if page.from != since || (page.to <= since && !is_last) {
                break;
            }
            let rows = all.take().map(|page| page.rows).unwrap_or_default();
            let rows = rows.into_iter().chain(page.rows).collect();
            let page = Page { rows, ..page };
            if is_last {
                return Ok(page);
            }
            all = Some(page);
        }
        let message = "The server's answers do not get on.".into();
        Err(ErrorBody { code: ErrorCode::Retry, message, retry_after_ms: None })
    }

    /// Older messages, two pages of so many bytes at most; one if the second cannot be had.
    pub async fn history(&self, fetch: &Fetch, epoch: &str, bytes: usize) -> Answer<History> {
        let mut history = self.history_page(fetch, epoch, bytes).await?;
        for _ in 1..HISTORY_PAGES {
            let seqs = history.rows.iter().filter_map(|row| match row {
                Row::Message(row) => Some(row.seq.0),
                _ => None,
            });
            let Some(before) = seqs.min().filter(|seq| *seq > 1) else { break };
            let fetch = Fetch { kind: FetchKind::History { before }, ..*fetch };
            match self.history_page(&fetch, epoch, bytes).await {
                Ok(older) if goes_on(&history, &older, before) => history.rows.extend(older.rows),
                // What has come is kept; the engine asks for the rest, and hears then why not.
                _ => break,
            }
        }
        Ok(history)
    }

    async fn history_page(&self, fetch: &Fetch, epoch: &str, bytes: usize) -> Answer<History> {
        let (StreamId::Conversation(id), FetchKind::History { before }) =
            (fetch.stream, fetch.kind)
        else {
            return Err(misused());
        };
        let query = [
            ("conversation", id.to_string()),
            ("epoch", epoch.into()),
            ("term", fetch.term.to_string()),
            ("before", before.to_string()),
            ("limit", HISTORY_ROWS.to_string()),
            ("bytes", bytes.to_string()),
        ];
        self.get("history", &query).await
    }

    /// The digest of what a part of the mirror must be.
    pub async fn digest(&self, part: &Part, epoch: &str) -> Answer<Digest> {
        match part {
            Part::State(standing) => self.get("state/digest", &of_state(standing, epoch)).await,
            Part::Messages(stretch) => {
                let query = [
                    ("conversation", stretch.conversation.to_string()),
                    ("epoch", epoch.into()),
                    ("term", stretch.term.to_string()),
                    ("low", stretch.low.to_string()),
                    ("high", stretch.high.to_string()),
                ];
                self.get("digest", &query).await
            }
        }
    }

    /// What a part of the mirror must be: of a stream that has not moved on meanwhile.
    pub async fn part(&self, part: &Part, epoch: &str) -> Answer<Vec<Row>> {
        match part {
            Part::State(standing) => {
                let page = self.state(standing, epoch, 0).await?;
                if page.head != standing.cursor {
                    return Err(verify::moved());
                }
                Ok(page.rows)
            }
            Part::Messages(stretch) => {
                let kind = FetchKind::History { before: stretch.high + 1 };
                let stream = StreamId::Conversation(stretch.conversation);
                let fetch = Fetch { stream, term: stretch.term, kind };
                Ok(self.history(&fetch, epoch, limits::PAGE_BYTES).await?.rows)
            }
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Answer<T> {
        self.call(self.request(Method::GET, path)?.query(query)).await
    }

    /// What a message said before.
    pub async fn edits(&self, id: MessageId) -> Answer<Vec<EarlierBody>> {
        self.call(self.request(Method::GET, &format!("messages/{id}/edits"))?).await
    }

    fn request(&self, method: Method, path: &str) -> Answer<RequestBuilder> {
        let request = self.client()?.request(method, format!("{}/v1/{path}", self.server));
        Ok(match self.credentials.token() {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        })
    }

    async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Answer<T> {
        let answered = self.exchange(request).await?;
        self.parse(answered)
    }

    async fn call_empty(&self, request: RequestBuilder) -> Answer<()> {
        let answered = self.exchange(request).await?;
        self.success(answered).map(drop)
    }

    fn parse<T: DeserializeOwned>(&self, answered: Answered) -> Answer<T> {
        let bytes = self.success(answered)?;
        serde_json::from_slice(&bytes).map_err(|_| self.not_a_server())
    }

    fn success(&self, answered: Answered) -> Answer<Vec<u8>> {
        if answered.status.is_success() {
            return Ok(answered.bytes);
        }
        tracing::debug!(status = %answered.status, "the server refused");
        let refusal = || envelope(answered.status.as_u16(), &answered.bytes);
        Err(self.moved(&answered).or_else(refusal).unwrap_or_else(|| self.not_a_server()))
    }

    /// Sends a request and waits for its answer, unless everything is given up meanwhile.
    async fn exchange(&self, request: RequestBuilder) -> Answer<Answered> {
        let mut given_up = self.given_up.subscribe();
        let answered = async {
            let response = request.send().await.map_err(|error| self.no_answer(&error))?;
            self.read(response).await
        };
        tokio::select! {
            answered = answered => answered,
            _ = given_up.changed() => Err(self.offline("the connection was lost")),
        }
    }

    async fn read(&self, mut response: Response) -> Answer<Answered> {
        let status = response.status();
        let location = response.headers().get(LOCATION).filter(|_| status.is_redirection());
        let location = location.map(|location| String::from_utf8_lossy(location.as_bytes()).into());
        let mut bytes = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.no_answer(&error))? {
            if bytes.len() + part.len() > limits::ANSWER_BYTES {
                tracing::warn!("an answer without end was cut off");
                return Err(self.too_large());
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Answered { status, location, bytes })
    }

    /// What is made of a redirect of a request with a token, which goes nowhere but to the address that its
    /// user gave.
    fn moved(&self, answered: &Answered) -> Option<ErrorBody> {
        let location = answered.location.as_ref()?;
        let Ok(to) = address::target(&self.server, location) else {
            return Some(self.leads_nowhere(location));
        };
        let message = format!(
            "{} leads to {to}. Nothing was sent there, and what is here stays. If the server has moved, \
            ask whoever looks after it to let the old address go on answering.",
            self.host(),
        );
        Some(ErrorBody { code: ErrorCode::Moved, message, retry_after_ms: None })
    }

    fn leads_nowhere(&self, location: &str) -> ErrorBody {
        // What is behind it may be somebody's secret.
        let location = location.split(['?', '#']).next().unwrap_or_default();
        let location: String = location.chars().filter(|c| !c.is_control()).take(100).collect();
        let message = format!(
            "{} leads to {location}, which is no address that Parlour connects to. Nothing was sent there.",
            self.host(),
        );
        ErrorBody { code: ErrorCode::Moved, message, retry_after_ms: None }
    }

    pub fn no_answer(&self, error: &reqwest::Error) -> ErrorBody {
        tracing::debug!(?error, "no answer");
        self.offline(&cause(error))
    }

    fn offline(&self, cause: &str) -> ErrorBody {
        let message = format!("The server at {} did not answer: {cause}.", self.host());
        ErrorBody { code: ErrorCode::Offline, message, retry_after_ms: None }
    }

    fn too_large(&self) -> ErrorBody {
        let message = format!("An answer of {} was too large to be read.", self.host());
        ErrorBody { code: ErrorCode::AnswerTooLarge, message, retry_after_ms: None }
    }

    fn not_a_server(&self) -> ErrorBody {
        let message = format!("What answers at {} is not a Parlour server.", self.host());
        ErrorBody { code: ErrorCode::NotAServer, message, retry_after_ms: None }
    }

    fn host(&self) -> &str {
        self.server.split_once("://").map_or(self.server.as_str(), |(_, host)| host)
    }
}

/// An answer, whoever gave it.
struct Answered {
    status: StatusCode,
    /// Where it leads, if it is a redirect.
    location: Option<String>,
    bytes: Vec<u8>,
}

/// What is said where requests are answered and sockets are not.
pub fn no_upgrade() -> ErrorBody {
    let message = "Messages come every few seconds instead of at once: something between here and the \
        server lets no WebSocket pass. A proxy in front of the server has to pass on the headers Upgrade and \
        Connection of /v1/socket, over HTTP/1.1, and to leave the connection open."
        .into();
    ErrorBody { code: ErrorCode::NoUpgrade, message, retry_after_ms: None }
}

/// What is at the bottom of a failure, as whoever met it says it.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".into();
    }
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause.and_then(|cause| cause.source()) {
        cause = Some(deeper);
    }
    let cause = cause.map_or_else(|| "the connection failed".into(), ToString::to_string);
    cause.chars().filter(|c| !c.is_control()).take(CAUSE_CHARS).collect()
}

/// The server's refusal, if that is what this is: its envelope, with the status of its code.
pub fn envelope(status: u16, bytes: &[u8]) -> Option<ErrorBody> {
    let body: ErrorBody = serde_json::from_slice(bytes).ok()?;
    (body.code == ErrorCode::Unknown || body.code.status() == status).then_some(body)
}

fn of_state(standing: &Standing, epoch: &str) -> [(&'static str, String); 3] {
    [
        ("stream", standing.stream.to_string()),
        ("epoch", epoch.into()),
        ("term", standing.term.to_string()),
    ]
}

/// Whether a page is the one asked for, of the same stretch of history.
fn goes_on(history: &History, older: &History, before: i64) -> bool {
    let of = |page: &History| (page.epoch.clone(), page.stream, page.term);
    of(older) == of(history) && older.before == before
}

fn misused() -> ErrorBody {
    let message = "The engine asked for what this stream does not have.".into();
    ErrorBody { code: ErrorCode::Internal, message, retry_after_ms: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{ConversationId, MessageRow, Millis, Seq, UserId};
    use std::io::{Read, Write};
    use std::net::TcpListener;

    const EPOCH: &str = "first";

    fn id() -> uuid::Uuid {
        uuid::Uuid::from_u128(7)
    }

    /// A page of messages from `before` downwards.
    fn page(before: i64, seqs: impl Iterator<Item = i64>) -> History {
        let row = |seq| {
            let mut row = MessageRow::new(MessageId(id()), UserId(id()), "said", Millis(0));
            row.seq = Seq(seq);
            Row::Message(row)
        };
        let stream = StreamId::Conversation(ConversationId(id()));
        History { epoch: EPOCH.into(), stream, term: 1, before, rows: seqs.map(row).collect() }
    }

    /// Asks for the messages before the tenth of a server that answers so, each time with the next page;
    /// without one it has had enough. Answers the seqs that came.
    async fn seqs_of(pages: Vec<History>) -> Vec<i64> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let answering = std::thread::spawn(move || {
            for page in pages {
                let (mut socket, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                assert!(socket.read(&mut request).unwrap() > 0);
                let body = serde_json::to_string(&page).unwrap();
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
                write!(socket, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
            }
        });
        let fetch = Fetch {
            stream: StreamId::Conversation(ConversationId(id())),
            term: 1,
            kind: FetchKind::History { before: 10 },
        };
        let http = Http::new(&server, Credentials::default());
        let history = http.history(&fetch, EPOCH, limits::PAGE_BYTES).await;
        answering.join().unwrap();
        let seq_of = |row: &Row| match row {
            Row::Message(row) => row.seq.0,
            _ => panic!("{row:?}"),
        };
        history.unwrap().rows.iter().map(seq_of).collect()
    }

    #[tokio::test]
    async fn a_second_page_of_history_is_added_if_it_is_the_one_asked_for() {
        let first = || page(10, (6..10).rev());
        let alone = [9, 8, 7, 6];
        assert_eq!(seqs_of(vec![first(), page(6, (4..6).rev())]).await, [9, 8, 7, 6, 5, 4]);
        assert_eq!(seqs_of(vec![first(), page(6, 0..0)]).await, alone);
        // None comes, or another than was asked for.
        assert_eq!(seqs_of(vec![first()]).await, alone);
        assert_eq!(seqs_of(vec![first(), page(7, (4..6).rev())]).await, alone);
        let of_another_epoch = History { epoch: "second".into(), ..page(6, (4..6).rev()) };
        assert_eq!(seqs_of(vec![first(), of_another_epoch]).await, alone);
        let of_another_join = History { term: 2, ..page(6, (4..6).rev()) };
        assert_eq!(seqs_of(vec![first(), of_another_join]).await, alone);
        // The first message has none before it.
        assert_eq!(seqs_of(vec![page(10, (1..10).rev())]).await, (1..10).rev().collect::<Vec<_>>());
    }

    #[test]
    fn only_the_servers_own_envelope_is_its_word() {
        let refusal = br#"{"code":"too_large","message":"no"}"#;
        assert_eq!(envelope(413, refusal).map(|body| body.code), Some(ErrorCode::TooLarge));
        // A proxy's page, and a proxy that echoes.
        assert_eq!(envelope(403, b"<html>blocked</html>"), None);
        assert_eq!(envelope(502, refusal), None);
    }

    /// A server that gives these answers, one a connection; and how many it gave.
    fn answering(answers: Vec<String>) -> (String, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let answering = std::thread::spawn(move || {
            for answer in answers {
                let (mut socket, _) = listener.accept().unwrap();
                let mut request = [0; 4096];
                assert!(socket.read(&mut request).unwrap() > 0);
                socket.write_all(answer.as_bytes()).unwrap();
            }
        });
        (server, answering)
    }

    fn answer(status: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\n{headers}connection: close");
        format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}")
    }

    fn redirect(to: &str) -> String {
        answer("301 Moved Permanently", &format!("location: {to}\r\n"), "")
    }

    fn info() -> String {
        answer("200 OK", "", r#"{"product":"parlour","version":"1"}"#)
    }

    #[tokio::test]
    async fn where_a_servers_address_leads_is_found_and_not_gone_to() {
        let (new, at_new) = answering(vec![info()]);
        let (between, at_between) = answering(vec![redirect(&format!("{new}/v1/server"))]);
        let (old, at_old) = answering(vec![redirect(&between)]);
        let found = Http::new(&old, Credentials::default()).find_server().await;
        let Err(Error::Moved { from, to }) = found else { panic!("{found:?}") };
        assert_eq!((format!("http://{from}"), to), (old, new));
        for answered in [at_new, at_between, at_old] {
            answered.join().unwrap();
        }
    }

    #[tokio::test]
    async fn what_leads_to_no_server_is_none() {
        let (page, at_page) = answering(vec![answer("200 OK", "", "<html>")]);
        let (old, at_old) = answering(vec![redirect(&page)]);
        let found = Http::new(&old, Credentials::default()).find_server().await;
        assert_eq!(found.unwrap_err().code(), ErrorCode::NotAServer);
        at_page.join().unwrap();
        at_old.join().unwrap();
        let (open, at_open) = answering(vec![redirect("http://www.example.org/v1/server")]);
        let found = Http::new(&open, Credentials::default()).find_server().await.unwrap_err();
        assert_eq!(found.code(), ErrorCode::Moved);
        assert!(found.target().is_none(), "an address in the clear is offered");
        assert!(found.sentence().contains("http://www.example.org"), "{}", found.sentence());
        at_open.join().unwrap();
        // Round and round.
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        let back = redirect(&format!("{here}/v1/server"));
        let turning = std::thread::spawn(move || {
            for _ in 0..REDIRECTS {
                let (mut socket, _) = listener.accept().unwrap();
                assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
                socket.write_all(back.as_bytes()).unwrap();
            }
        });
        let found = Http::new(&here, Credentials::default()).find_server().await;
        assert_eq!(found.unwrap_err().code(), ErrorCode::NotAServer);
        turning.join().unwrap();
    }

    /// An account is not signed out, and no op refused, because its server's address leads elsewhere.
    #[tokio::test]
    async fn a_redirect_ends_no_session_and_gets_no_token() {
        let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = format!("http://{}", elsewhere.local_addr().unwrap());
        let (server, answered) = answering(vec![redirect(&format!("{to}/v1/sessions"))]);
        let credentials = Credentials::default();
        credentials.set(Some(Token::new("parlour_token".into())));
        let error = Http::new(&server, credentials).sessions().await.unwrap_err();
        assert_eq!(error.code.class(), ErrorClass::Retry);
        assert!(error.message.contains(&to), "{}", error.message);
        answered.join().unwrap();
        elsewhere.set_nonblocking(true).unwrap();
        assert!(elsewhere.accept().is_err(), "somebody went there");
    }

    #[tokio::test]
    async fn what_waits_over_a_dead_line_is_answered_when_it_is_given_up() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let http = Http::new(&server, Credentials::default());
        let waiting = {
            let http = http.clone();
            tokio::spawn(async move { http.sessions().await })
        };
        // It has come, and nobody answers.
        let _held = listener.accept().await.unwrap();
        http.give_up();
        let answered = tokio::time::timeout(Duration::from_secs(5), waiting).await;
        let error = answered.expect("at once").unwrap().unwrap_err();
        assert_eq!(error.code, ErrorCode::Offline);
    }
}
