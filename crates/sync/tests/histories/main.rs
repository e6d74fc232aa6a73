//! The engine's promises, as sequences of inputs that can happen.

mod comparing;
mod connecting;
mod fetching;
mod outbox;
mod resetting;

use parlour_protocol::{
    Bootstrap, ConversationId, ErrorBody, ErrorCode, Frame, Head, Heads, History, MembershipRow,
    MessageId, MessageRow, Millis, Newest, OpId, Page, PulledStream, Row, Seq, StreamId, UserId,
};
use parlour_sync::{
    ConnectionStatus, Effect, Engine, Fetch, FetchKind, Input, Lane, LaneKind, Limits, QueuedOp,
    Section, Start, StartStream,
};
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const GROUP: ConversationId = ConversationId(Uuid::from_u128(2));
const OTHER: ConversationId = ConversationId(Uuid::from_u128(3));
const FULL: Limits = Limits { is_full: true, messages: i64::MAX };
const STREAM: StreamId = StreamId::Conversation(GROUP);

fn op(number: u128) -> OpId {
    OpId(Uuid::from_u128(number))
}

fn queued(number: u128, conversation: ConversationId) -> QueuedOp {
    let lane = Lane { conversation, kind: LaneKind::Blocking };
    QueuedOp { id: op(number), lane, creates_conversation: false, uploads: false, refused: false }
}

fn error(code: ErrorCode) -> ErrorBody {
    ErrorBody::new(code, "no")
}

fn at(cursor: i64, floor: i64) -> StartStream {
    StartStream {
        stream: STREAM,
        term: 1,
        cursor: Some(cursor),
        head: cursor,
        floor,
        newest: 0,
        active_at: 0,
    }
}

fn offline(streams: Vec<StartStream>, ops: Vec<QueuedOp>) -> Engine {
    Engine::new(Start {
        user_id: ME,
        epoch: "e".into(),
        watermark: 7,
        streams,
        ops,
        limits: Limits::default(),
        seed: 42,
    })
}

fn hello() -> Input {
    Input::Frame(Frame::Hello { epoch: "e".into(), heartbeat_ms: 20_000 })
}

fn heads(heads: Vec<Head>) -> Input {
    Input::Heads(
        7,
        Ok(Heads {
            epoch: "e".into(),
            wm: 8,
            heads,
            newest: vec![],
            proof: String::new(),
            server: None,
        }),
    )
}

/// Returns an engine that is connected, with nothing new on the server.
fn online(streams: Vec<StartStream>, ops: Vec<QueuedOp>) -> Engine {
    let mut engine = offline(streams, ops);
    engine.handle(Input::Started, 0);
    engine.handle(hello(), 0);
    engine.handle(heads(vec![]), 0);
    engine
}

fn page(from: i64, to: i64, head: i64) -> Page {
    Page { epoch: "e".into(), stream: STREAM, term: 1, from, to, head, rows: vec![] }
}

fn fetch(kind: FetchKind) -> Fetch {
    Fetch { stream: STREAM, term: 1, kind }
}

/// Returns the fetches that were requested.
fn fetches_in(effects: &[Effect]) -> Vec<Fetch> {
    let requested = |effect: &Effect| match effect {
        Effect::Pull(fetches) => fetches.clone(),
        Effect::FetchHistory(fetch) => vec![*fetch],
        _ => vec![],
    };
    effects.iter().flat_map(requested).collect()
}

fn pulled(requested: Fetch, response: PulledStream) -> Input {
    Input::Pulled(vec![requested], Ok(vec![response]))
}

fn message(seq: i64) -> Row {
    let id = MessageId(Uuid::from_u128(1000 + seq as u128));
    let row = MessageRow::new(id, ME, "x", Millis(seq));
    Row::Message(MessageRow { seq: Seq(seq), changed_seq: seq, ..row })
}

fn without_wake(effects: Vec<Effect>) -> Vec<Effect> {
    effects.into_iter().filter(|effect| !matches!(effect, Effect::WakeAt(_))).collect()
}

fn woken_at(effects: &[Effect]) -> Option<i64> {
    effects.iter().find_map(|effect| if let Effect::WakeAt(at) = effect { Some(*at) } else { None })
}
