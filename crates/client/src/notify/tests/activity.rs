//! Tests of the entries of Activity, after changes of messages and settings.

use super::{Device, GROUP, ME, OAK, ROBIN, direct};
use crate::notify::activity::{ActivityCause, ActivityEntry, count_new, page};
use ActivityCause::{All, Keyword, Mention, Reaction as Reacted, Reply};
use parlour_protocol::{
    Count, History, MembershipRow, MessageRow, Millis, Reaction, Row, Seq, StreamId,
};
use parlour_store::{ActivityKind, ServerUpdate};

impl Device {
    fn activity(&self, kind: Option<ActivityKind>) -> Vec<ActivityEntry> {
        let page = page(&self.store, &self.device_state(), kind, None).unwrap();
        assert_eq!(page.next, None);
        page.entries
    }

    fn causes(&self) -> Vec<(ActivityCause, String)> {
        self.activity(None).into_iter().map(|entry| (entry.cause, entry.line)).collect()
    }

    fn count(&self) -> i64 {
        count_new(&self.store, &self.device_state()).unwrap().0
    }

    fn mention(&mut self, body: &str) -> MessageRow {
        let row = self.message(OAK, body);
        self.wall.0 += 1000;
        self.receive(GROUP, MessageRow { mentions: vec![ME], ..row })
    }

    fn react(&mut self, to: MessageRow, by: &[parlour_protocol::UserId]) -> MessageRow {
        let count = Count(i64::try_from(by.len()).unwrap());
        let reactions =
            vec![Reaction { emoji: "🎉".into(), count, users: by.to_vec(), own: None }];
        self.wall.0 += 1000;
        self.receive(GROUP, MessageRow { reactions, ..to })
    }
}

fn owned(all: &[(ActivityCause, &str)]) -> Vec<(ActivityCause, String)> {
    all.iter().map(|(cause, line)| (*cause, (*line).to_owned())).collect()
}

#[test]
fn messages_that_concern_the_user_are_listed_newest_first() {
    let mut device = Device::new();
    device.set("notify_keywords", r#"["spesh"]"#);
    let own = device.receive_message(GROUP, ME, "mine");
    device.mention("one");
    let all = device.message(OAK, "everybody");
    device.receive(GROUP, MessageRow { mentions_all: true, ..all });
    device.wall.0 += 1000;
    let reply = device.message(ROBIN, "you were right");
    device.receive(GROUP, MessageRow { reply_to: Some(own.id), ..reply });
    device.wall.0 += 1000;
    device.receive_message(GROUP, ROBIN, "what spesh does");
    device.receive_message(GROUP, ROBIN, "nothing of the kind");
    device.receive_message(direct(), OAK, "between us");
    device.react(own, &[OAK, ROBIN, ME]);
    let entries = device.causes();
    assert_eq!(
        entries,
        owned(&[
            (Reacted, "mine"),
            (Keyword, "what spesh does"),
            (Reply, "you were right"),
            (All, "everybody"),
            (Mention, "one"),
        ])
    );
    assert_eq!(device.count(), 5);
    for (kind, count) in [
        (ActivityKind::Mention, 2),
        (ActivityKind::Reply, 1),
        (ActivityKind::Reaction, 1),
        (ActivityKind::Keyword, 1),
    ] {
        assert_eq!(device.activity(Some(kind)).len(), count, "{kind:?}");
    }
    let reacted = &device.activity(None)[0];
    assert_eq!((&*reacted.names, reacted.others), (&["oak".into(), "robin".into()][..], Count(0)));
    assert_eq!(device.activity(None)[1].keyword.as_deref(), Some("spesh"));
}

#[test]
fn edits_deletions_and_read_positions_change_the_entries() {
    let mut device = Device::new();
    let (one, two) = (device.mention("one"), device.mention("two"));
    let three = device.mention("three");
    assert_eq!(device.count(), 3);
    device.read(GROUP, &two);
    assert_eq!(device.count(), 1);
    let is_new: Vec<_> = device.activity(None).iter().map(|entry| entry.is_new).collect();
    assert_eq!(is_new, [true, false, false]);
    device.receive(GROUP, MessageRow { mentions: Vec::new(), body: "nobody".into(), ..one });
    device.receive(GROUP, MessageRow { body: String::new(), deleted_at: Some(Millis(6)), ..three });
    assert_eq!(device.causes(), owned(&[(Mention, "two")]));
    assert_eq!(device.count(), 0);
}

#[test]
fn a_changed_level_applies_to_earlier_messages() {
    let mut device = Device::new();
    device.mention("one");
    device.set("notify_mention", "off");
    assert!(device.causes().is_empty());
    device.set("notify_mention", "silent");
    assert_eq!(device.causes().len(), 1);
    device.set(&format!("notify_in.{GROUP}"), "nothing");
    assert_eq!((device.causes().len(), device.count()), (0, 0));
    device.set(&format!("notify_in.{GROUP}"), "custom off off off off off off off");
    assert_eq!(device.causes().len(), 0);
    device.set(&format!("notify_in.{GROUP}"), "mentions");
    device.mute(GROUP);
    device.set("notify_quiet", "1111111 0 0 UTC");
    assert_eq!(device.causes().len(), 1, "a silent message is in Activity");
}

#[test]
fn a_new_keyword_is_found_in_earlier_messages() {
    let mut device = Device::new();
    device.receive_message(GROUP, OAK, "the inline  cache, at last");
    device.receive_message(GROUP, OAK, "inline caches");
    device.receive_message(GROUP, ME, "inline cache of mine");
    assert!(device.causes().is_empty());
    device.set("notify_keywords", r#"["inline cache"]"#);
    assert_eq!(device.causes().len(), 1);
    device.set("notify_keywords", r#"["caches"]"#);
    assert_eq!(device.causes(), owned(&[(Keyword, "inline caches")]));
    device.set("notify_keywords", "");
    assert!(device.causes().is_empty());
}

#[test]
fn older_messages_are_sorted_in_and_replies_to_them_are_recognised() {
    let mut device = Device::new();
    device.last_seq = 10;
    device.mention("now");
    // A reply that comes before the message of this user to which it replies.
    let own = MessageRow { seq: Seq(1), ..device.message(ME, "mine") };
    let own = MessageRow { sent_at: Millis(1000), changed_seq: 1, ..own };
    let reply =
        MessageRow { seq: Seq(2), reply_to: Some(own.id), ..device.message(OAK, "earlier") };
    let reply = MessageRow { sent_at: Millis(2000), changed_seq: 1, ..reply };
    for (before, row) in [(11, reply), (2, own)] {
        device
            .store
            .mirror
            .damage(&format!("UPDATE conversations SET floor_seq = {before}"))
            .unwrap();
        let (epoch, stream) = ("e".into(), StreamId::Conversation(GROUP));
        let history = History { epoch, stream, term: 1, before, rows: vec![Row::Message(row)] };
        let entries = device.causes();
        assert_eq!(entries, owned(&[(Mention, "now")]), "nothing else yet");
        device.store.apply(&[ServerUpdate::History(&history)], device.wall).unwrap();
    }
    assert_eq!(device.causes(), owned(&[(Mention, "now"), (Reply, "earlier")]));
}

#[test]
fn a_reaction_is_new_until_it_was_seen_and_a_removed_one_disappears() {
    let mut device = Device::new();
    let own = device.receive_message(GROUP, ME, "mine");
    let reacted = device.react(own, &[OAK]);
    assert_eq!(device.count(), 1);
    let seen = device.store.reacted_seq(GROUP).unwrap();
    device.set(&format!("reactions_seen.{GROUP}"), &seen.to_string());
    assert_eq!((device.causes().len(), device.count()), (1, 0));
    // A pin is a change of the message, and no reaction.
    let pinned = device.receive(GROUP, MessageRow { pinned_at: Some(device.wall), ..reacted });
    assert_eq!(device.count(), 0);
    let again = device.react(pinned, &[OAK, ROBIN]);
    assert_eq!(device.count(), 1);
    device.react(again, &[]);
    assert!(device.causes().is_empty());
}

#[test]
fn a_conversation_that_was_left_has_no_entries() {
    let mut device = Device::new();
    device.mention("one");
    device.apply_account_row(Row::Membership(MembershipRow {
        left_at: Some(Millis(5)),
        changed_seq: device.account_head + 1,
        ..MembershipRow::new(GROUP, Millis(0))
    }));
    assert_eq!((device.causes().len(), device.count()), (0, 0));
}

#[test]
fn pages_are_bounded_and_continue_each_other() {
    let mut device = Device::new();
    for n in 0..100 {
        device.mention(&format!("{n}"));
    }
    let (mut lines, mut before) = (Vec::new(), None);
    loop {
        let page = page(&device.store, &device.device_state(), None, before).unwrap();
        assert!(page.entries.len() <= 40);
        lines.extend(page.entries.into_iter().map(|entry| entry.line));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    let all: Vec<_> = (0..100).rev().map(|n| n.to_string()).collect();
    assert_eq!(lines, all);
}
