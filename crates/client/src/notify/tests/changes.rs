//! Tests that notifications follow changes of messages and of the window.

use super::{Device, GROUP, ME, NOON, OAK, ROBIN, direct};
use parlour_protocol::{
    Action, Count, MembershipRow, MessageRow, Millis, Op, OpId, Reaction, Row, Seq,
};
use uuid::Uuid;

impl Device {
    /// Mutes a conversation for an hour.
    pub(super) fn mute(&mut self, id: parlour_protocol::ConversationId) {
        self.apply_account_row(Row::Membership(MembershipRow {
            muted_until: Some(Millis(NOON + 3_600_000)),
            changed_seq: self.account_head + 1,
            ..MembershipRow::new(id, Millis(0))
        }));
    }
}

fn device_with_alerts() -> Device {
    let mut device = Device::new();
    device.set("notify_other", "alert");
    device
}

#[test]
fn a_burst_of_messages_is_one_notification_per_conversation() {
    let mut device = device_with_alerts();
    for n in 0..1000 {
        device.receive_message(GROUP, OAK, &format!("message {n}"));
    }
    device.receive_message(direct(), OAK, "between us");
    device.advance(0);
    assert_eq!(device.notifier.notifications().by_conversation.len(), 2);
    let shown = &device.notifier.notifications().by_conversation[&GROUP];
    assert_eq!((shown.count(), shown.version), (1000, 1000));
    assert_eq!(shown.newest().unwrap().text, "message 999");
    assert!(shown.lines.len() <= 20, "bounded");
}

#[test]
fn edits_update_a_notification_and_deletions_remove_it() {
    let mut device = device_with_alerts();
    let one = device.receive_message(GROUP, OAK, "one");
    let two = device.receive_message(GROUP, OAK, "two");
    assert_eq!(device.shown(GROUP), ["one", "two"]);
    device.receive(
        GROUP,
        MessageRow { body: "once more".into(), edited_at: Some(Millis(5)), ..one.clone() },
    );
    device.advance(100);
    assert_eq!(device.shown(GROUP), ["once more", "two"]);
    for row in [one, two] {
        device
            .receive(GROUP, MessageRow { body: String::new(), deleted_at: Some(Millis(6)), ..row });
    }
    assert!(device.advance(100), "it is announced");
    assert_eq!(device.shown(GROUP), [""; 0]);
}

#[test]
fn a_message_that_is_deleted_before_the_decision_is_not_shown() {
    let mut device = device_with_alerts();
    device.notifier.other_session_active(0);
    let row = device.receive_message(GROUP, OAK, "slip");
    device.receive(GROUP, MessageRow { body: String::new(), deleted_at: Some(Millis(6)), ..row });
    device.advance(1000);
    assert_eq!(device.shown(GROUP), [""; 0]);
}

#[test]
fn messages_read_on_any_device_are_removed_from_notifications() {
    let mut device = device_with_alerts();
    let one = device.receive_message(GROUP, OAK, "one");
    device.receive_message(GROUP, OAK, "two");
    device.advance(0);
    device.read(GROUP, &one);
    device.advance(100);
    assert_eq!(device.shown(GROUP), ["two"]);
    let last = device.last_seq;
    device.read_elsewhere(GROUP, last);
    device.advance(100);
    assert_eq!(device.shown(GROUP), [""; 0]);
}

#[test]
fn opening_a_conversation_removes_its_notification() {
    let mut device = device_with_alerts();
    device.receive_message(GROUP, OAK, "one");
    assert_eq!(device.shown(GROUP), ["one"]);
    device.visible = Some(GROUP);
    device.notifier.all_changed(device.now);
    device.advance(100);
    assert_eq!(device.shown(GROUP), [""; 0]);
    // The window loses the focus while the conversation is open.
    device.visible = None;
    device.receive_message(GROUP, OAK, "two");
    assert_eq!(device.shown(GROUP), ["two"]);
}

#[test]
fn a_closed_notification_returns_with_newer_messages_only() {
    let mut device = device_with_alerts();
    device.receive_message(GROUP, OAK, "one");
    device.advance(0);
    device.notifier.dismiss(GROUP, 1);
    assert!(device.advance(0), "it is announced");
    device.receive_message(GROUP, ROBIN, "two");
    assert_eq!(device.shown(GROUP), ["two"]);
    // Messages that arrive while it is being closed stay.
    device.receive_message(GROUP, ROBIN, "three");
    device.advance(0);
    device.notifier.dismiss(GROUP, 1);
    assert_eq!(device.shown(GROUP), ["three"]);
}

#[test]
fn a_repeated_page_notifies_once_and_own_messages_never() {
    let mut device = device_with_alerts();
    let row = device.receive_message(GROUP, OAK, "one");
    device.receive_message(GROUP, ME, "mine");
    // The same row once more, because somebody pinned it.
    device.receive(GROUP, MessageRow { pinned_at: Some(Millis(7)), ..row });
    device.advance(100);
    assert_eq!(device.shown(GROUP), ["one"]);
    assert_eq!(device.notifier.notifications().by_conversation[&GROUP].count(), 1);
}

#[test]
fn an_edit_of_a_message_that_is_older_than_the_local_history_does_not_notify() {
    let mut device = device_with_alerts();
    device.last_seq = 10;
    device.receive_message(GROUP, OAK, "eleven");
    device.advance(0);
    device.notifier.dismiss(GROUP, 1);
    device.store.mirror.damage("UPDATE conversations SET floor_seq = 11").unwrap();
    device.last_seq = 1;
    let row = device.message(OAK, "edited long after");
    device.receive(GROUP, row);
    assert_eq!(device.shown(GROUP), [""; 0]);
}

#[test]
fn a_removed_reaction_is_removed_from_the_notification() {
    let mut device = Device::new();
    device.set("notify_reaction", "alert");
    let own = device.receive_message(GROUP, ME, "mine");
    device.advance(61_000);
    let reaction = |users| Reaction { emoji: "👍".into(), count: Count(1), users, own: None };
    let row = device.receive(GROUP, MessageRow { reactions: vec![reaction(vec![OAK])], ..own });
    assert_eq!(device.shown(GROUP), ["mine"]);
    device.receive(GROUP, MessageRow { reactions: vec![reaction(vec![ME])], ..row });
    device.advance(100);
    assert_eq!(device.shown(GROUP), [""; 0]);
}

#[test]
fn a_message_after_a_pending_mark_as_unread_alerts() {
    let mut device = device_with_alerts();
    device.read_elsewhere(GROUP, 5);
    device.receive_message(GROUP, OAK, "read elsewhere");
    assert_eq!(device.shown(GROUP), [""; 0]);
    let action = Action::MarkUnread { on: true, from: Some(Seq(2)) };
    let op = Op { id: OpId(Uuid::now_v7()), conversation_id: GROUP, action };
    device.store.enqueue(&op, device.wall).unwrap();
    device.receive_message(GROUP, OAK, "unread here");
    assert_eq!(device.shown(GROUP), ["unread here"]);
}

#[test]
fn an_import_does_not_notify() {
    let mut device = device_with_alerts();
    let row = device.message(OAK, "of last year");
    device.receive(GROUP, MessageRow { sent_at: Millis(NOON - 365 * 24 * 3_600_000), ..row });
    assert_eq!(device.shown(GROUP), [""; 0]);
}

#[test]
fn the_backlog_is_summed_up_once() {
    let mut device = device_with_alerts();
    for n in 0..3 {
        let row = device.message(OAK, &format!("missed {n}"));
        device.receive_as(GROUP, row, true);
    }
    let row = device.message(OAK, "missed between us");
    device.receive_as(direct(), row, true);
    device.receive_message(direct(), OAK, "now");
    assert_eq!((device.shown(GROUP), device.shown(direct())), (vec![], vec!["now".to_owned()]));
    let device_state = device.device_state();
    device.notifier.caught_up(&device.store, &device_state, true).unwrap();
    assert!(device.advance(0));
    let summary = device.notifier.notifications().summary.unwrap();
    assert_eq!((summary.messages, summary.conversations), (Count(4), Count(2)));
    device.notifier.caught_up(&device.store, &device_state, true).unwrap();
    assert!(!device.advance(0), "once");
}

#[test]
fn messages_of_the_backlog_that_were_read_on_another_device_are_not_summed_up() {
    let mut device = device_with_alerts();
    let row = device.message(OAK, "missed");
    let row = device.receive_as(GROUP, row, true);
    device.read_elsewhere(GROUP, row.seq.0);
    let device_state = device.device_state();
    device.notifier.caught_up(&device.store, &device_state, true).unwrap();
    assert_eq!(device.notifier.notifications().summary, None);
    // Nothing is summed up where everything was fetched for the first time.
    let row = device.message(OAK, "of the first start");
    device.receive_as(GROUP, row, true);
    device.notifier.caught_up(&device.store, &device_state, false).unwrap();
    assert_eq!(device.notifier.notifications().summary, None);
}
