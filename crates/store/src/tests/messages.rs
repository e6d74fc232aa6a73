//! Tests of messages as they are shown.

use super::{
    GROUP, ME, WREN, account_page, bootstrap, group_store, message, newest, op, open, page,
};
use crate::ServerUpdate;
use parlour_protocol::{
    Action, ConversationId, Count, MessageId, MessageRow, Millis, OpDone, Reaction, Row, SavedRow,
    Seq, StreamId, UserId,
};
use tempfile::TempDir;
use uuid::Uuid;

#[test]
fn a_message_shows_its_quote_mentions_and_reactions() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let reaction = |emoji: &str, users: Vec<UserId>| {
        let (emoji, count) = (emoji.into(), Count(users.len() as i64));
        Reaction { emoji, count, users, own: None }
    };
    let row = MessageRow {
        reply_to: Some(message(1, "").id),
        mentions: vec![WREN],
        reactions: vec![reaction("👍", vec![WREN, ME]), reaction("🎉", vec![WREN])],
        pinned_at: Some(Millis(1)),
        ..message(4, "yes, @Jenny Wren")
    };
    let saved = SavedRow {
        message_id: row.id,
        conversation_id: GROUP,
        saved_at: Some(Millis(5)),
        changed_seq: 2,
    };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&page(3, 4, vec![Row::Message(row.clone())]))])
        .unwrap();
    let saved_page = account_page(1, 2, vec![Row::Saved(saved)]);
    store.mirror.apply(&[ServerUpdate::Page(&saved_page)]).unwrap();
    let item = newest(&store);
    let quote = item.reply_to.as_ref().unwrap();
    assert_eq!((quote.seq, quote.body.as_str()), (Some(Seq(1)), "word1 common"));
    assert_eq!(item.mentions[0].username, "Jenny Wren");
    assert!(!item.mentions_me && item.pinned && item.saved);
    let reactions: Vec<_> =
        item.reactions.iter().map(|r| (r.emoji.as_str(), r.count.0, r.own)).collect();
    assert_eq!(reactions, [("👍", 2, true), ("🎉", 1, false)]);
    assert_eq!(item.reactions[0].names, ["Jenny Wren"]);
    assert_eq!(store.pinned(GROUP, 9).unwrap(), std::slice::from_ref(&item));
    let saved = store.saved(9).unwrap();
    assert_eq!((saved[0].conversation_id, &saved[0].item), (GROUP, &item));

    // A waiting action is shown as if it were done.
    let react = |emoji: &str, on| Action::React { message_id: row.id, emoji: emoji.into(), on };
    store.enqueue(&op(50, react("👍", false)), Millis(1)).unwrap();
    store.enqueue(&op(51, react("🦉", true)), Millis(1)).unwrap();
    let unpin = Action::PinMessage { message_id: row.id, on: false };
    store.enqueue(&op(52, unpin), Millis(1)).unwrap();
    let item = newest(&store);
    let reactions: Vec<_> =
        item.reactions.iter().map(|r| (r.emoji.as_str(), r.count.0, r.own)).collect();
    assert_eq!(reactions, [("👍", 1, false), ("🎉", 1, false), ("🦉", 1, true)]);
    assert!(!item.pinned);
    // A newer reaction replaces the waiting one.
    store.enqueue(&op(53, react("🦉", false)), Millis(1)).unwrap();
    assert_eq!(newest(&store).reactions.len(), 2);
    assert_eq!(store.pending_ops().unwrap().len(), 3);
}

/// Returns one kind of reaction, of `count` people, of whom twenty others are named.
fn many_reactions(count: i64, own: Option<bool>) -> Vec<Reaction> {
    let users = (1000..1020).map(|n| UserId(Uuid::from_u128(n))).collect();
    vec![Reaction { emoji: "👍".into(), count: Count(count), users, own }]
}

#[test]
fn an_own_reaction_among_many_stays_known_after_rows_sent_to_all_members() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let apply_reactions = |changed_seq: i64, reactions: Vec<Reaction>| {
        let row = MessageRow { changed_seq, reactions, ..message(3, "cake") };
        let rows = vec![Row::Message(row)];
        store
            .mirror
            .apply(&[ServerUpdate::Page(&page(changed_seq - 1, changed_seq, rows))])
            .unwrap();
        let reaction = newest(&store).reactions.remove(0);
        (reaction.count.0, reaction.own)
    };
    // This user is named at first, and later no longer.
    let named = vec![Reaction { users: vec![WREN, ME], ..many_reactions(2, None).remove(0) }];
    assert_eq!(apply_reactions(4, named), (2, true));
    assert_eq!(apply_reactions(5, many_reactions(21, None)), (21, true));
    assert_eq!(apply_reactions(6, many_reactions(22, None)), (22, true));
    assert_eq!(apply_reactions(7, many_reactions(21, Some(false))), (21, false));
    assert_eq!(apply_reactions(8, many_reactions(22, None)), (22, false));
    assert_eq!(apply_reactions(9, many_reactions(23, Some(true))), (23, true));
    // A waiting reaction is shown on top, and can be removed.
    let react = Action::React { message_id: message(3, "").id, emoji: "👍".into(), on: false };
    store.enqueue(&op(50, react), Millis(1)).unwrap();
    let shown = newest(&store).reactions.remove(0);
    assert_eq!((shown.count.0, shown.own), (22, false));
}

#[test]
fn an_own_reaction_is_stored_as_the_server_sends_it_even_if_the_user_is_named() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let stored_own = || {
        let sql = "SELECT reactions FROM messages WHERE reactions IS NOT NULL";
        let json: String =
            store.mirror.read(|conn| Ok(conn.query_row(sql, [], |row| row.get(0))?)).unwrap();
        serde_json::from_str::<Vec<Reaction>>(&json).unwrap()[0].own
    };
    for (seq, changed_seq) in [(4, 4), (4, 5)] {
        let mut reactions = many_reactions(20 + changed_seq, None);
        reactions[0].users[2] = ME;
        let row = MessageRow { changed_seq, reactions, ..message(seq, "cake") };
        let rows = vec![Row::Message(row)];
        store
            .mirror
            .apply(&[ServerUpdate::Page(&page(changed_seq - 1, changed_seq, rows))])
            .unwrap();
        assert_eq!(stored_own(), Some(true), "as the server digests it");
    }
}

#[test]
fn a_late_page_of_the_same_state_adds_which_reactions_are_the_users_own() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let with_reactions = |seq: i64, own| MessageRow {
        changed_seq: 4,
        reactions: many_reactions(21, own),
        ..message(seq, "cake")
    };
    let rows = |own| vec![Row::Message(with_reactions(4, own))];
    store.mirror.apply(&[ServerUpdate::Page(&page(3, 4, rows(None)))]).unwrap();
    assert!(!newest(&store).reactions[0].own, "not known");
    let response =
        |own| OpDone { epoch: "e".into(), ..OpDone::new(StreamId::Conversation(GROUP), rows(own)) };
    store.mirror.apply_done(&response(Some(true))).unwrap();
    assert!(newest(&store).reactions[0].own);
    store.mirror.apply_done(&response(None)).unwrap();
    assert!(newest(&store).reactions[0].own, "a missing value leaves it unchanged");
}

#[test]
fn a_day_is_found_in_the_history_even_if_messages_are_missing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mut beginning = bootstrap(1, 40);
    beginning.rows.retain(|row| !matches!(row, Row::Message(row) if (10..20).contains(&row.seq.0)));
    store.mirror.apply(&[ServerUpdate::Bootstrap(&beginning)]).unwrap();
    let since = |ms| store.first_since(GROUP, Millis(ms)).unwrap().map(|seq| seq.0);
    assert_eq!((since(0), since(5000), since(5001)), (Some(1), Some(5), Some(6)));
    assert_eq!((since(9500), since(40_000), since(40_001)), (Some(20), Some(40), None));
    assert_eq!(store.first_since(ConversationId(Uuid::nil()), Millis(0)).unwrap(), None);
    let position = store.find_message(message(5, "").id).unwrap().unwrap();
    assert_eq!((position.conversation_id, position.seq), (GROUP, Seq(5)));
}

#[test]
fn a_quote_of_an_absent_message_is_marked_as_missing() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let absent = MessageId(Uuid::from_u128(4_000_000));
    let row = MessageRow { reply_to: Some(absent), ..message(4, "yes") };
    store.mirror.apply(&[ServerUpdate::Page(&page(3, 4, vec![Row::Message(row)]))]).unwrap();
    let quote = newest(&store).reply_to.unwrap();
    assert_eq!((quote.id, quote.seq, quote.body.as_str()), (absent, None, ""));
}
