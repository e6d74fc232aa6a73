//! Requests to the server. Only the server's own envelope is taken as its word: a proxy's page, a
//! reset or a silence is "no answer".

use crate::address;
use crate::credentials::Credentials;
use crate::tls::{self, Tls};
use crate::verify::{self, Part};
use parlour_protocol::{
    Bootstrap, Digest, EarlierBody, ErrorBody, ErrorCode, Heads, History, MessageId, Op, OpDone,
    Page, Pull, PullStream, Pulled, PulledStream, Row, ServerInfo, SessionInfo, SignedIn, StreamId,
    limits,
};
use parlour_store::Standing;
use parlour_sync::{Fetch, FetchKind};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(30);
/// Older messages in one page.
const HISTORY_ROWS: i64 = 1000;
/// Pages that are stored together. Where older messages are put before those held, pages of the file stay
/// half full; twice as many at a time save 6% of it.
const HISTORY_PAGES: usize = 2;

/// Pages in which the members of one conversation come at most.
const MEMBER_PAGES: usize = 10_000;

type Answer<T> = std::result::Result<T, ErrorBody>;

/// One server, with the token of one account.
#[derive(Debug, Clone)]
pub struct Http {
    /// Made when it is first needed, which is never without a network.
    client: Arc<OnceLock<reqwest::Client>>,
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
        Self { client: Arc::default(), tls, server: server.into(), credentials }
    }

    /// Whose certificates are trusted.
    pub fn tls(&self) -> &Tls {
        &self.tls
    }

    /// The server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    fn client(&self) -> Answer<&reqwest::Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        address::check(&self.server)?;
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Parlour/", env!("CARGO_PKG_VERSION")));
        builder = if self.server.starts_with("https:") {
            builder.tls_backend_preconfigured((*self.tls.config()?).clone())
        } else {
            // What is not encrypted stays on this computer, whatever a proxy or a name server says.
            builder
                .tls_backend_preconfigured(tls::trusting_nobody())
                .no_proxy()
                .resolve_to_addrs("localhost", &address::HERE)
        };
        let client = builder.build().map_err(|error| self.no_answer(&error))?;
        Ok(self.client.get_or_init(|| client))
    }

    pub async fn server_info(&self) -> Answer<ServerInfo> {
        let info: Answer<ServerInfo> = self.get("server", &()).await;
        match info {
            Ok(info) if info.product == "parlour" => Ok(info),
            Err(error) if error.code == ErrorCode::Offline => Err(error),
            _ => Err(self.not_a_server()),
        }
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
        let bytes = self.bytes(request).await?;
        serde_json::from_slice(&bytes).map_err(|_| self.not_a_server())
    }

    async fn call_empty(&self, request: RequestBuilder) -> Answer<()> {
        self.bytes(request).await.map(drop)
    }

    async fn bytes(&self, request: RequestBuilder) -> Answer<Vec<u8>> {
        let mut response = request.send().await.map_err(|error| self.no_answer(&error))?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.no_answer(&error))? {
            if bytes.len() + part.len() > limits::ANSWER_BYTES {
                tracing::warn!("an answer without end was cut off");
                return Err(self.too_large());
            }
            bytes.extend_from_slice(&part);
        }
        if status.is_success() {
            return Ok(bytes);
        }
        tracing::debug!(%status, "the server refused");
        Err(envelope(status.as_u16(), &bytes).unwrap_or_else(|| self.not_a_server()))
    }

    fn no_answer(&self, error: &reqwest::Error) -> ErrorBody {
        tracing::debug!(%error, "no answer");
        let message = format!("The server at {} did not answer.", self.host());
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
}
