//! Tests of which messages count as the backlog of a catch-up.

use super::{GROUP, ME, OAK};
use crate::notify::CatchUp;
use parlour_protocol::{
    ErrorBody, ErrorCode, Frame, Head, Heads, MessageId, MessageRow, Millis, Newest, Page,
    PulledStream, Row, Seq, StreamId,
};
use parlour_store::{NewItem, NewReaction};
use parlour_sync::{Effect, Engine, Fetch, Input, Limits, Start, StartStream};
use uuid::Uuid;

const STREAM: StreamId = StreamId::Conversation(GROUP);

/// A device that has the first change of a conversation, of which the server has five with three messages.
struct Device {
    engine: Engine,
    catch_up: CatchUp,
    now: i64,
    requested: Vec<Fetch>,
}

impl Device {
    fn new() -> Self {
        let stream = StartStream {
            stream: STREAM,
            term: 1,
            cursor: Some(1),
            head: 1,
            floor: 1,
            newest: 1,
            active_at: 0,
        };
        let (user_id, epoch, limits) = (ME, "e".into(), Limits::default());
        let (streams, ops) = (vec![stream], Vec::new());
        let start = Start { user_id, epoch, watermark: 1, streams, ops, limits, seed: 1 };
        let (engine, catch_up) = (Engine::new(start), CatchUp::new(false));
        let mut device = Self { engine, catch_up, now: 0, requested: Vec::new() };
        device.handle(Input::Started);
        device.handle(Input::Frame(Frame::Hello { epoch: "e".into(), heartbeat_ms: 20_000 }));
        let newest = Newest { conversation_id: GROUP, seq: Seq(3), sent_at: Millis(1) };
        let heads = Heads {
            epoch: "e".into(),
            wm: 5,
            heads: vec![Head { stream: STREAM, term: 1, head: 5 }],
            newest: vec![newest],
            proof: String::new(),
            server: None,
        };
        device.handle(Input::Heads(1, Ok(heads)));
        device.catch_up.record_heads(&device.engine);
        device
    }

    fn handle(&mut self, input: Input) {
        for effect in self.engine.handle(input, self.now) {
            if let Effect::Pull(fetches) = effect {
                self.requested = fetches;
            }
        }
    }

    /// Lets the conversation's fetches fail until it counts as failing.
    fn fail_fetches(&mut self) {
        for _ in 0..3 {
            let failed = Err(ErrorBody::new(ErrorCode::Internal, "not now"));
            self.handle(Input::Pulled(self.requested.clone(), failed));
            self.now += 10_000;
            self.handle(Input::Woke);
        }
    }

    /// Receives the rest of the conversation.
    fn receive(&mut self) {
        let row = MessageRow { changed_seq: 5, ..MessageRow::new(id(3), OAK, "hi", Millis(1)) };
        let rows = vec![Row::Message(MessageRow { seq: Seq(3), ..row })];
        let epoch = "e".into();
        let page = Page { epoch, stream: STREAM, term: 1, from: 1, to: 5, head: 5, rows };
        self.handle(Input::Pulled(self.requested.clone(), Ok(vec![PulledStream::Page(page)])));
    }
}

fn id(seq: i64) -> MessageId {
    MessageId(Uuid::from_u128(1000 + seq.unsigned_abs() as u128))
}

fn message(seq: i64, changed_seq: i64) -> NewItem {
    NewItem { conversation: GROUP, message: id(seq), seq: Seq(seq), changed_seq, reaction: None }
}

#[test]
fn a_reaction_does_not_make_a_message_of_the_backlog_new() {
    let device = Device::new();
    assert!(device.catch_up.is_backlog(&message(3, 5)));
    assert!(device.catch_up.is_backlog(&message(3, 6)), "a reaction to it came since");
    assert!(!device.catch_up.is_backlog(&message(4, 6)), "it was sent since");
    let reaction = Some(NewReaction { by: OAK, emoji: "🎉".into() });
    assert!(device.catch_up.is_backlog(&NewItem { reaction: reaction.clone(), ..message(2, 5) }));
    assert!(!device.catch_up.is_backlog(&NewItem { reaction, ..message(2, 6) }), "it may be new");
}

#[test]
fn a_catch_up_ends_when_everything_was_received() {
    let mut device = Device::new();
    assert_eq!(device.catch_up.end(&device.engine), None);
    device.receive();
    assert_eq!(device.catch_up.end(&device.engine), Some(true));
    assert!(!device.catch_up.is_backlog(&message(3, 5)));
    assert_eq!(device.catch_up.end(&device.engine), None, "it ended before");
}

#[test]
fn messages_that_are_received_late_still_belong_to_the_backlog() {
    let mut device = Device::new();
    device.fail_fetches();
    assert_eq!(device.catch_up.end(&device.engine), Some(true), "the others do not wait for it");
    assert_eq!(device.catch_up.end(&device.engine), None);
    assert!(device.catch_up.is_backlog(&message(3, 5)));
    assert!(!device.catch_up.is_backlog(&message(4, 6)), "it was sent since");
    device.receive();
    assert_eq!(device.catch_up.end(&device.engine), Some(true), "it is summed up by itself");
    assert!(!device.catch_up.is_backlog(&message(3, 5)));
}

#[test]
fn the_first_fetch_is_not_summed_up() {
    let mut device = Device::new();
    device.catch_up = CatchUp::new(true);
    device.catch_up.record_heads(&device.engine);
    device.receive();
    assert_eq!(device.catch_up.end(&device.engine), Some(false));
    device.catch_up.start(false);
    device.catch_up.record_heads(&device.engine);
    assert_eq!(device.catch_up.end(&device.engine), Some(true), "the next one is");
}
