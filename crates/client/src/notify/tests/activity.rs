//! What Activity has, whatever becomes of the messages and of the choices.

use super::{Desk, ME, OAK, ROBIN, ROOM, pair};
use crate::notify::activity::{ActivityCause, ActivityEntry, count_new, page};
use ActivityCause::{All, Keyword, Mention, Reaction as Reacted, Reply};
use parlour_protocol::{
    Count, History, MembershipRow, MessageRow, Millis, Reaction, Row, Seq, StreamId,
};
use parlour_store::{ActivityKind, ServerUpdate};

impl Desk {
    fn activity(&self, kind: Option<ActivityKind>) -> Vec<ActivityEntry> {
        let page = page(&self.store, &self.moment(), kind, None).unwrap();
        assert_eq!(page.next, None);
        page.entries
    }

    fn causes(&self) -> Vec<(ActivityCause, String)> {
        self.activity(None).into_iter().map(|entry| (entry.cause, entry.line)).collect()
    }

    fn count(&self) -> i64 {
        count_new(&self.store, &self.moment()).unwrap().0
    }

    fn mention(&mut self, body: &str) -> MessageRow {
        let row = self.message(OAK, body);
        self.wall.0 += 1000;
        self.come(ROOM, MessageRow { mentions: vec![ME], ..row })
    }

    fn react(&mut self, to: MessageRow, by: &[parlour_protocol::UserId]) -> MessageRow {
        let count = Count(i64::try_from(by.len()).unwrap());
        let reactions =
            vec![Reaction { emoji: "🎉".into(), count, users: by.to_vec(), own: None }];
        self.wall.0 += 1000;
        self.come(ROOM, MessageRow { reactions, ..to })
    }
}

fn said(all: &[(ActivityCause, &str)]) -> Vec<(ActivityCause, String)> {
    all.iter().map(|(cause, line)| (*cause, (*line).to_owned())).collect()
}

#[test]
fn it_has_what_concerns_the_user_the_newest_first() {
    let mut desk = Desk::new();
    desk.choose("notify_keywords", r#"["spesh"]"#);
    let own = desk.say(ROOM, ME, "mine");
    desk.mention("one");
    let all = desk.message(OAK, "everybody");
    desk.come(ROOM, MessageRow { mentions_all: true, ..all });
    desk.wall.0 += 1000;
    let reply = desk.message(ROBIN, "you were right");
    desk.come(ROOM, MessageRow { reply_to: Some(own.id), ..reply });
    desk.wall.0 += 1000;
    desk.say(ROOM, ROBIN, "what spesh does");
    desk.say(ROOM, ROBIN, "nothing of the kind");
    desk.say(pair(), OAK, "between us");
    desk.react(own, &[OAK, ROBIN, ME]);
    let has = desk.causes();
    assert_eq!(
        has,
        said(&[
            (Reacted, "mine"),
            (Keyword, "what spesh does"),
            (Reply, "you were right"),
            (All, "everybody"),
            (Mention, "one"),
        ])
    );
    assert_eq!(desk.count(), 5);
    for (kind, many) in [
        (ActivityKind::Mention, 2),
        (ActivityKind::Reply, 1),
        (ActivityKind::Reaction, 1),
        (ActivityKind::Keyword, 1),
    ] {
        assert_eq!(desk.activity(Some(kind)).len(), many, "{kind:?}");
    }
    let reacted = &desk.activity(None)[0];
    assert_eq!((&*reacted.names, reacted.others), (&["oak".into(), "robin".into()][..], Count(0)));
    assert_eq!(desk.activity(None)[1].keyword.as_deref(), Some("spesh"));
}

#[test]
fn it_follows_edits_deletions_and_reading() {
    let mut desk = Desk::new();
    let (one, two) = (desk.mention("one"), desk.mention("two"));
    let three = desk.mention("three");
    assert_eq!(desk.count(), 3);
    desk.read(ROOM, &two);
    assert_eq!(desk.count(), 1);
    let is_new: Vec<_> = desk.activity(None).iter().map(|entry| entry.is_new).collect();
    assert_eq!(is_new, [true, false, false]);
    desk.come(ROOM, MessageRow { mentions: Vec::new(), body: "nobody".into(), ..one });
    desk.come(ROOM, MessageRow { body: String::new(), deleted_at: Some(Millis(6)), ..three });
    assert_eq!(desk.causes(), said(&[(Mention, "two")]));
    assert_eq!(desk.count(), 0);
}

#[test]
fn a_level_that_is_chosen_later_counts_for_what_came_before() {
    let mut desk = Desk::new();
    desk.mention("one");
    desk.choose("notify_mention", "off");
    assert!(desk.causes().is_empty());
    desk.choose("notify_mention", "silent");
    assert_eq!(desk.causes().len(), 1);
    desk.choose(&format!("notify_in.{ROOM}"), "nothing");
    assert_eq!((desk.causes().len(), desk.count()), (0, 0));
    desk.choose(&format!("notify_in.{ROOM}"), "custom off off off off off off off");
    assert_eq!(desk.causes().len(), 0);
    desk.choose(&format!("notify_in.{ROOM}"), "mentions");
    desk.mute(ROOM);
    desk.choose("notify_quiet", "1111111 0 0 UTC");
    assert_eq!(desk.causes().len(), 1, "what is silent is here");
}

#[test]
fn a_keyword_that_is_chosen_later_is_found_in_what_came_before() {
    let mut desk = Desk::new();
    desk.say(ROOM, OAK, "the inline  cache, at last");
    desk.say(ROOM, OAK, "inline caches");
    desk.say(ROOM, ME, "inline cache of mine");
    assert!(desk.causes().is_empty());
    desk.choose("notify_keywords", r#"["inline cache"]"#);
    assert_eq!(desk.causes().len(), 1);
    desk.choose("notify_keywords", r#"["caches"]"#);
    assert_eq!(desk.causes(), said(&[(Keyword, "inline caches")]));
    desk.choose("notify_keywords", "");
    assert!(desk.causes().is_empty());
}

#[test]
fn history_is_in_its_place_and_a_reply_finds_what_it_replies_to() {
    let mut desk = Desk::new();
    desk.last = 10;
    desk.mention("now");
    // A reply that comes before the message of this user to which it replies.
    let own = MessageRow { seq: Seq(1), ..desk.message(ME, "mine") };
    let own = MessageRow { sent_at: Millis(1000), changed_seq: 1, ..own };
    let reply = MessageRow { seq: Seq(2), reply_to: Some(own.id), ..desk.message(OAK, "earlier") };
    let reply = MessageRow { sent_at: Millis(2000), changed_seq: 1, ..reply };
    for (before, row) in [(11, reply), (2, own)] {
        desk.store
            .mirror
            .damage(&format!("UPDATE conversations SET floor_seq = {before}"))
            .unwrap();
        let (epoch, stream) = ("e".into(), StreamId::Conversation(ROOM));
        let history = History { epoch, stream, term: 1, before, rows: vec![Row::Message(row)] };
        let has = desk.causes();
        assert_eq!(has, said(&[(Mention, "now")]), "nothing else yet");
        desk.store.apply(&[ServerUpdate::History(&history)], desk.wall).unwrap();
    }
    assert_eq!(desk.causes(), said(&[(Mention, "now"), (Reply, "earlier")]));
}

#[test]
fn a_reaction_is_new_until_it_was_seen_and_goes_with_what_is_taken_back() {
    let mut desk = Desk::new();
    let own = desk.say(ROOM, ME, "mine");
    let reacted = desk.react(own, &[OAK]);
    assert_eq!(desk.count(), 1);
    let seen = desk.store.reacted_seq(ROOM).unwrap();
    desk.choose(&format!("reactions_seen.{ROOM}"), &seen.to_string());
    assert_eq!((desk.causes().len(), desk.count()), (1, 0));
    // A pin is a change of the message, and no reaction.
    let pinned = desk.come(ROOM, MessageRow { pinned_at: Some(desk.wall), ..reacted });
    assert_eq!(desk.count(), 0);
    let again = desk.react(pinned, &[OAK, ROBIN]);
    assert_eq!(desk.count(), 1);
    desk.react(again, &[]);
    assert!(desk.causes().is_empty());
}

#[test]
fn a_conversation_that_was_left_is_not_in_it() {
    let mut desk = Desk::new();
    desk.mention("one");
    desk.account(Row::Membership(MembershipRow {
        left_at: Some(Millis(5)),
        changed_seq: desk.account_head + 1,
        ..MembershipRow::new(ROOM, Millis(0))
    }));
    assert_eq!((desk.causes().len(), desk.count()), (0, 0));
}

#[test]
fn a_page_is_bounded_and_the_next_continues_it() {
    let mut desk = Desk::new();
    for n in 0..100 {
        desk.mention(&format!("{n}"));
    }
    let (mut lines, mut before) = (Vec::new(), None);
    loop {
        let page = page(&desk.store, &desk.moment(), None, before).unwrap();
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
