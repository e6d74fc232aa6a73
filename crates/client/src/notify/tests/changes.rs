//! What is shown follows what happens to the messages.

use super::{Desk, ME, NOON, OAK, ROBIN, ROOM, pair};
use parlour_protocol::{
    Action, Count, MembershipRow, MessageRow, Millis, Op, OpId, Reaction, Row, Seq,
};
use uuid::Uuid;

impl Desk {
    /// Mutes a conversation for an hour.
    pub(super) fn mute(&mut self, id: parlour_protocol::ConversationId) {
        self.account(Row::Membership(MembershipRow {
            muted_until: Some(Millis(NOON + 3_600_000)),
            changed_seq: self.account_head + 1,
            ..MembershipRow::new(id, Millis(0))
        }));
    }
}

fn loud() -> Desk {
    let mut desk = Desk::new();
    desk.choose("notify_other", "alert");
    desk
}

#[test]
fn a_burst_is_one_notification_of_its_conversation() {
    let mut desk = loud();
    for n in 0..1000 {
        desk.say(ROOM, OAK, &format!("message {n}"));
    }
    desk.say(pair(), OAK, "between us");
    desk.pass(0);
    assert_eq!(desk.notifier.board().notifications.len(), 2);
    let shown = &desk.notifier.board().notifications[&ROOM];
    assert_eq!((shown.count(), shown.version), (1000, 1000));
    assert_eq!(shown.newest().unwrap().text, "message 999");
    assert!(shown.lines.len() <= 20, "bounded");
}

#[test]
fn edits_update_a_notification_and_deletions_withdraw_it() {
    let mut desk = loud();
    let one = desk.say(ROOM, OAK, "one");
    let two = desk.say(ROOM, OAK, "two");
    assert_eq!(desk.shown(ROOM), ["one", "two"]);
    desk.come(
        ROOM,
        MessageRow { body: "once more".into(), edited_at: Some(Millis(5)), ..one.clone() },
    );
    desk.pass(100);
    assert_eq!(desk.shown(ROOM), ["once more", "two"]);
    for row in [one, two] {
        desk.come(ROOM, MessageRow { body: String::new(), deleted_at: Some(Millis(6)), ..row });
    }
    assert!(desk.pass(100), "it is announced");
    assert_eq!(desk.shown(ROOM), [""; 0]);
}

#[test]
fn what_is_deleted_before_it_is_decided_is_not_shown() {
    let mut desk = loud();
    desk.notifier.elsewhere(0);
    let row = desk.say(ROOM, OAK, "slip");
    desk.come(ROOM, MessageRow { body: String::new(), deleted_at: Some(Millis(6)), ..row });
    desk.pass(1000);
    assert_eq!(desk.shown(ROOM), [""; 0]);
}

#[test]
fn what_is_read_here_or_elsewhere_is_withdrawn() {
    let mut desk = loud();
    let one = desk.say(ROOM, OAK, "one");
    desk.say(ROOM, OAK, "two");
    desk.pass(0);
    desk.read(ROOM, &one);
    desk.pass(100);
    assert_eq!(desk.shown(ROOM), ["two"]);
    let last = desk.last;
    desk.read_elsewhere(ROOM, last);
    desk.pass(100);
    assert_eq!(desk.shown(ROOM), [""; 0]);
}

#[test]
fn looking_at_a_conversation_withdraws_its_notification() {
    let mut desk = loud();
    desk.say(ROOM, OAK, "one");
    assert_eq!(desk.shown(ROOM), ["one"]);
    desk.seen = Some(ROOM);
    desk.notifier.all_changed(desk.now);
    desk.pass(100);
    assert_eq!(desk.shown(ROOM), [""; 0]);
    // The window loses the focus while the conversation is open.
    desk.seen = None;
    desk.say(ROOM, OAK, "two");
    assert_eq!(desk.shown(ROOM), ["two"]);
}

#[test]
fn a_closed_notification_comes_back_with_what_is_new_only() {
    let mut desk = loud();
    desk.say(ROOM, OAK, "one");
    desk.pass(0);
    desk.notifier.dismiss(ROOM, 1);
    assert!(desk.pass(0), "it is announced");
    desk.say(ROOM, ROBIN, "two");
    assert_eq!(desk.shown(ROOM), ["two"]);
    // What comes while it is being closed stays.
    desk.say(ROOM, ROBIN, "three");
    desk.pass(0);
    desk.notifier.dismiss(ROOM, 1);
    assert_eq!(desk.shown(ROOM), ["three"]);
}

#[test]
fn a_page_that_comes_twice_notifies_once_and_own_messages_never() {
    let mut desk = loud();
    let row = desk.say(ROOM, OAK, "one");
    desk.say(ROOM, ME, "mine");
    // The same row once more, because somebody pinned it.
    desk.come(ROOM, MessageRow { pinned_at: Some(Millis(7)), ..row });
    desk.pass(100);
    assert_eq!(desk.shown(ROOM), ["one"]);
    assert_eq!(desk.notifier.board().notifications[&ROOM].count(), 1);
}

#[test]
fn an_edit_of_a_message_below_the_history_here_is_no_news() {
    let mut desk = loud();
    desk.last = 10;
    desk.say(ROOM, OAK, "eleven");
    desk.pass(0);
    desk.notifier.dismiss(ROOM, 1);
    desk.store.mirror.damage("UPDATE conversations SET floor_seq = 11").unwrap();
    desk.last = 1;
    let row = desk.message(OAK, "edited long after");
    desk.come(ROOM, row);
    assert_eq!(desk.shown(ROOM), [""; 0]);
}

#[test]
fn a_reaction_that_is_taken_back_is_withdrawn() {
    let mut desk = Desk::new();
    desk.choose("notify_reaction", "alert");
    let own = desk.say(ROOM, ME, "mine");
    desk.pass(61_000);
    let reaction = |users| Reaction { emoji: "👍".into(), count: Count(1), users, own: None };
    let row = desk.come(ROOM, MessageRow { reactions: vec![reaction(vec![OAK])], ..own });
    assert_eq!(desk.shown(ROOM), ["mine"]);
    desk.come(ROOM, MessageRow { reactions: vec![reaction(vec![ME])], ..row });
    desk.pass(100);
    assert_eq!(desk.shown(ROOM), [""; 0]);
}

#[test]
fn what_waits_to_be_marked_as_unread_alerts() {
    let mut desk = loud();
    desk.read_elsewhere(ROOM, 5);
    desk.say(ROOM, OAK, "read elsewhere");
    assert_eq!(desk.shown(ROOM), [""; 0]);
    let action = Action::MarkUnread { on: true, from: Some(Seq(2)) };
    let op = Op { id: OpId(Uuid::now_v7()), conversation_id: ROOM, action };
    desk.store.enqueue(&op, desk.wall).unwrap();
    desk.say(ROOM, OAK, "unread here");
    assert_eq!(desk.shown(ROOM), ["unread here"]);
}

#[test]
fn an_import_does_not_notify() {
    let mut desk = loud();
    let row = desk.message(OAK, "of last year");
    desk.come(ROOM, MessageRow { sent_at: Millis(NOON - 365 * 24 * 3_600_000), ..row });
    assert_eq!(desk.shown(ROOM), [""; 0]);
}

#[test]
fn an_absence_is_summed_up_once() {
    let mut desk = loud();
    for n in 0..3 {
        let row = desk.message(OAK, &format!("missed {n}"));
        desk.come_in(ROOM, row, true);
    }
    let row = desk.message(OAK, "missed between us");
    desk.come_in(pair(), row, true);
    desk.say(pair(), OAK, "now");
    assert_eq!((desk.shown(ROOM), desk.shown(pair())), (vec![], vec!["now".to_owned()]));
    let moment = desk.moment();
    desk.notifier.caught_up(&desk.store, &moment, true).unwrap();
    assert!(desk.pass(0));
    let summary = desk.notifier.board().summary.unwrap();
    assert_eq!((summary.messages, summary.conversations), (Count(4), Count(2)));
    desk.notifier.caught_up(&desk.store, &moment, true).unwrap();
    assert!(!desk.pass(0), "once");
}

#[test]
fn what_was_read_elsewhere_in_an_absence_is_not_summed_up() {
    let mut desk = loud();
    let row = desk.message(OAK, "missed");
    let row = desk.come_in(ROOM, row, true);
    desk.read_elsewhere(ROOM, row.seq.0);
    let moment = desk.moment();
    desk.notifier.caught_up(&desk.store, &moment, true).unwrap();
    assert_eq!(desk.notifier.board().summary, None);
    // Nothing is summed up where everything was fetched for the first time.
    let row = desk.message(OAK, "of the first start");
    desk.come_in(ROOM, row, true);
    desk.notifier.caught_up(&desk.store, &moment, false).unwrap();
    assert_eq!(desk.notifier.board().summary, None);
}
