//! Tests of the tasks of a step, and of their order.

use super::session;
use crate::step::{Request, Syncer, Task};
use parlour_protocol::{
    Bootstrap, ConversationId, Frame, Head, Heads, MessageId, MessageRow, Millis, Page,
    PulledStream, Row, Seq, StreamId, UserId,
};
use parlour_sync::{ConnectionStatus, Fetch, FetchKind, Input};
use uuid::Uuid;

/// Takes a step and carries out its writes. Returns its tasks.
fn step(syncer: &mut Syncer, input: Input) -> Vec<String> {
    syncer.handle(input, 0).unwrap();
    let mut tasks = Vec::new();
    while let Some(task) = syncer.next_task().unwrap() {
        tasks.push(match &task {
            Task::Write(write) => {
                syncer.write(write, 0).unwrap();
                format!("{write:?}")
            }
            Task::Request(Request::Connect) => "connect".into(),
            Task::Request(Request::ReportConnection(connection)) => format!("{connection:?}"),
            Task::Request(Request::Call(call)) => format!("{:?}", call.kind()),
            Task::Request(Request::WakeAt(_)) => continue,
            Task::Request(Request::Reconnect | Request::Ping(_)) => "other".into(),
            Task::Request(Request::Abandon) => "abandon".into(),
        });
    }
    tasks
}

#[test]
fn after_a_new_epoch_begins_the_step_continues_with_a_new_engine() {
    let (session, store) = session();
    let mut syncer = session.syncer(7).unwrap();
    let started = step(&mut syncer, Input::Started);
    assert_eq!(started, [format!("{:?}", ConnectionStatus::Connecting), "connect".into()]);
    let hello = Frame::Hello { epoch: "e".into(), heartbeat_ms: 1000 };
    let tasks = step(&mut syncer, Input::Frame(hello));
    let kinds: Vec<&str> = tasks.iter().filter_map(|task| task.split(['(', ' ']).next()).collect();
    assert_eq!(kinds, ["Online", "Epoch", "Online", "Heads", "Pull", "Drafts"], "{tasks:?}");
    assert_eq!(store.sync_state().unwrap().epoch, "e");
    assert_eq!(syncer.engine().epoch(), "e");
    assert_eq!(session.connection(), ConnectionStatus::Online.into(), "the session is not offline");
}

#[test]
fn pending_requests_are_abandoned_before_a_restart() {
    let (session, _) = session();
    let mut syncer = session.syncer(7).unwrap();
    step(&mut syncer, Input::Started);
    syncer.restart(0).unwrap();
    assert!(matches!(syncer.next_task(), Ok(Some(Task::Request(Request::Abandon)))));
}

#[test]
fn heads_that_are_older_than_the_engines_state_do_not_end_a_catch_up() {
    let (session, _) = session();
    let mut syncer = session.syncer(7).unwrap();
    let (id, oak) = (ConversationId(Uuid::from_u128(7)), UserId(Uuid::from_u128(2)));
    let (epoch, stream) = ("e".to_owned(), StreamId::Conversation(id));
    step(&mut syncer, Input::Started);
    step(&mut syncer, Input::Frame(Frame::Hello { epoch: epoch.clone(), heartbeat_ms: 1000 }));
    let known = Head { stream, term: 1, head: 1 };
    step(&mut syncer, Input::Frame(Frame::Hint { heads: vec![known] }));
    let (rows, last_seq, members_cursor) = (Vec::new(), 0, None);
    let bootstrap = Bootstrap {
        epoch: epoch.clone(),
        stream,
        term: 1,
        head: 1,
        last_seq,
        rows,
        members_cursor,
    };
    let fetch = Fetch { stream, term: 1, kind: FetchKind::Bootstrap };
    step(&mut syncer, Input::Pulled(vec![fetch], Ok(vec![PulledStream::Bootstrap(bootstrap)])));
    // This responds to a request from before the stream was reset. After a reset, all heads are requested.
    let (heads, newest) = (Vec::new(), Vec::new());
    let outdated =
        Heads { epoch: epoch.clone(), wm: 9, heads, newest, proof: String::new(), server: None };
    step(&mut syncer, Input::Heads(5, Ok(outdated)));
    let row = MessageRow::new(MessageId(Uuid::from_u128(8)), oak, "missed", Millis(1));
    let rows = vec![Row::Message(MessageRow { seq: Seq(1), changed_seq: 2, ..row })];
    let page = Page { epoch, stream, term: 1, from: 1, to: 2, head: 2, rows };
    step(&mut syncer, Input::Frame(Frame::Change(page)));
    let (received, ..) = session.take_received();
    let backlog: Vec<bool> = received.iter().map(|item| item.is_backlog).collect();
    assert_eq!(backlog, [true]);
}
