//! Tests of the tasks of a step, and of their order.

use super::session;
use crate::step::{Request, Syncer, Task};
use parlour_protocol::Frame;
use parlour_sync::{Connection, Input};

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
            Task::Request(Request::Connection(connection)) => format!("{connection:?}"),
            Task::Request(Request::Call(call)) => format!("{:?}", call.question()),
            Task::Request(Request::WakeAt(_)) => continue,
            Task::Request(Request::ConnectAnew | Request::Ping(_)) => "other".into(),
            Task::Request(Request::Abandon) => "abandon".into(),
        });
    }
    tasks
}

#[test]
fn a_step_continues_with_the_engine_of_an_epoch_that_starts_in_it() {
    let (session, store) = session();
    let mut syncer = session.syncer(7).unwrap();
    let begun = step(&mut syncer, Input::Started);
    assert_eq!(begun, [format!("{:?}", Connection::Connecting), "connect".into()]);
    let hello = Frame::Hello { epoch: "e".into(), heartbeat_ms: 1000 };
    let greeted = step(&mut syncer, Input::Frame(hello));
    let words: Vec<&str> =
        greeted.iter().filter_map(|task| task.split(['(', ' ']).next()).collect();
    assert_eq!(words, ["Online", "Epoch", "Online", "Heads", "Pull", "Drafts"], "{greeted:?}");
    assert_eq!(store.sync_state().unwrap().epoch, "e");
    assert_eq!(syncer.engine().epoch(), "e");
    assert_eq!(session.connection(), Connection::Online.into(), "who writes is not offline");
}

#[test]
fn pending_requests_are_abandoned_before_a_restart() {
    let (session, _) = session();
    let mut syncer = session.syncer(7).unwrap();
    step(&mut syncer, Input::Started);
    syncer.restart(0).unwrap();
    assert!(matches!(syncer.next_task(), Ok(Some(Task::Request(Request::Abandon)))));
}
