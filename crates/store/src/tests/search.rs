//! Tests that messages are found by their words as people type them, and no others.

use super::{GROUP, ME, WREN, account_page, group_store, message, page};
use crate::{Search, SearchContext, SearchHit, ServerUpdate, Store};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, Count, MessageFile,
    MessageId, MessageRow, Millis, Op, OpId, Reaction, Row, SavedRow, StreamId,
};
use tempfile::TempDir;
use uuid::Uuid;

/// Noon of 2024-05-17 in the user's time zone.
pub(crate) const NOON: i64 = 1_715_947_200_000;

pub(crate) const DAY: i64 = 24 * 3600 * 1000;

pub(crate) fn context() -> SearchContext {
    SearchContext { zone: jiff::tz::TimeZone::UTC, now: NOON }
}

pub(crate) fn hits(store: &Store, search: &Search) -> Vec<SearchHit> {
    store.search(search, &context(), 50).unwrap().hits
}

/// Returns the positions of the matching messages, newest first.
pub(crate) fn seqs(store: &Store, typed: &str) -> Vec<i64> {
    let hits = hits(store, &Search::everywhere(typed));
    hits.into_iter().map(|hit| hit.seq.map_or(0, |seq| seq.0)).collect()
}

/// Returns a store of a group with these messages from the fourth on, a day apart, the last of them at noon
/// today.
pub(crate) fn with(bodies: &[&str]) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let age = |index: usize| i64::try_from(bodies.len() - 1 - index).unwrap();
    let rows = bodies.iter().enumerate().map(|(index, body)| {
        let row = message(4 + i64::try_from(index).unwrap(), body);
        Row::Message(MessageRow { sent_at: Millis(NOON - age(index) * DAY), ..row })
    });
    let last = 3 + i64::try_from(bodies.len()).unwrap();
    store.mirror.apply(&[ServerUpdate::Page(&page(3, last, rows.collect()))]).unwrap();
    (folder, store)
}

pub(crate) fn change(store: &Store, from: i64, row: MessageRow) {
    let row = MessageRow { changed_seq: from + 1, ..row };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&page(from, from + 1, vec![Row::Message(row)]))])
        .unwrap();
}

#[test]
fn messages_are_found_by_queries_as_people_type_them() {
    let (_folder, store) = with(&[
        "Crème Brûlée in Łódź",
        "set MVM_SPESH_DISABLE=1 and call foo->bar",
        "see https://docs.raku.org/type/Str#method_lines or 10.0.0.17, v2024.05",
        "mail wren@example.org 👍 → €5",
        "昨日東京都で会議があった",
        "오늘 한국어로 이야기했다",
        "ฉันรักภาษาไทย",
        "Foo::Bar parseHTTPBody --profile C++",
        "צה״ל, کتاب ۲۰۲۴, ｶﾞｯﾂ, \u{1112}\u{1161}\u{11ab}옥, п\u{2bc}ять, ꦲꦏ꧀ꦱꦫ",
    ]);
    for (typed, seq) in [
        ("creme", 4),
        ("BRULEE", 4),
        ("lodz", 4),
        ("brû", 4),
        ("MVM_SPESH_DISABLE", 5),
        ("spesh", 5),
        ("mvm_sp", 5),
        ("foo->bar", 5),
        ("foo bar", 5),
        ("docs.raku.org", 6),
        ("raku", 6),
        ("10.0.0.17", 6),
        ("v2024.05", 6),
        ("2024.05", 6),
        ("צה\"ל", 12),
        ("كتاب", 12),
        ("2024,", 12),
        ("ガッツ", 12),
        ("한옥", 12),
        ("п'ять", 12),
        ("ꦱꦫ", 12),
        ("method_l", 6),
        ("wren@example.org", 7),
        ("example.org", 7),
        ("👍", 7),
        ("→", 7),
        ("€5", 7),
        ("東京", 8),
        ("京都", 8),
        ("会議", 8),
        ("議", 8),
        ("한국", 9),
        ("이야기", 9),
        ("국어", 9),
        ("ภาษา", 10),
        ("ไทย", 10),
        ("Foo::Bar", 11),
        ("httpb", 11),
        ("body", 11),
        ("--profile", 11),
        ("c++", 11),
        ("foo::", 11),
    ] {
        let found = seqs(&store, typed);
        assert!(found.contains(&seq), "{typed}: {found:?}");
    }
    for typed in ["foo.bar", "京東", "bar->foo", "10.0.0.1 ", "spes ", "--prof ", "tokyo", "C--"]
    {
        assert_eq!(seqs(&store, typed), [0; 0], "{typed}");
    }
}

#[test]
fn all_terms_must_match_and_a_minus_excludes() {
    let (_folder, store) = with(&["red green blue", "red green", "green red", "red"]);
    assert_eq!(seqs(&store, "red green "), [6, 5, 4]);
    assert_eq!(seqs(&store, "\"red green\""), [5, 4]);
    assert_eq!(seqs(&store, "red -green "), [7]);
    assert_eq!(seqs(&store, "red -\"red green\""), [7, 6]);
    assert_eq!(seqs(&store, "-red -common"), [0; 0]);
    assert_eq!(seqs(&store, "-red"), [3, 2, 1], "only excluded terms search all messages");
}

#[test]
fn operators_filter_by_sender_conversation_time_and_content() {
    let (_folder, store) = with(&[
        "plain",
        "a link https://a.org",
        "a picture https://a.org/cat.png",
        "some `code`",
        "today",
    ]);
    assert_eq!(seqs(&store, "has:link"), [6, 5]);
    assert_eq!(seqs(&store, "has:image"), [6]);
    assert_eq!(seqs(&store, "has:link -has:file"), [5]);
    assert_eq!(seqs(&store, "has:code"), [7]);
    assert_eq!(seqs(&store, "on:today"), [8]);
    assert_eq!(seqs(&store, "after:2024-05-15"), [8, 7]);
    assert_eq!(seqs(&store, "before:2024-05-15 after:2024-05-12"), [5, 4]);
    assert_eq!(seqs(&store, "after:2024-05-12 -on:yesterday a"), [6, 5]);
    assert_eq!(seqs(&store, "from:\"Jenny Wren\" today"), [8]);
    assert_eq!(seqs(&store, "from:@jenny -has:link after:2023"), [8, 7, 4]);
    assert_eq!(seqs(&store, "from:\u{ff20}jenny -has:link after:2023"), [8, 7, 4]);
    assert_eq!(seqs(&store, "from:me"), [0; 0]);
    assert_eq!(seqs(&store, "from:nobody plain"), [0; 0]);
    assert_eq!(seqs(&store, "in:workshop plain"), [4]);
    assert_eq!(seqs(&store, "in:#work plain"), [4]);
    assert_eq!(seqs(&store, "in:elsewhere plain"), [0; 0]);
    assert_eq!(seqs(&store, "-in:workshop plain"), [0; 0]);
    assert_eq!(seqs(&store, "with:jenny plain"), [4]);
    assert_eq!(seqs(&store, "is:unread plain"), [4]);
    assert_eq!(seqs(&store, "is:mine"), [0; 0]);
}

/// Returns the operator as the window inserts it (ui/src/lib/operators.ts).
fn requeued(title: &str) -> String {
    format!("in:\"{}\"", title.replace('"', "\"\""))
}

#[test]
fn a_group_is_found_by_any_title() {
    let (_folder, store) = with(&["plain"]);
    let titles = [
        "raku",
        "#raku",
        "##",
        "#",
        "raku dev",
        "5\" nails",
        "\"",
        "\"\"",
        "\"so\"",
        "-raku",
        "in:raku",
        "from:me",
        "a \\\" b",
        "@oak",
        "Wren: \"plans\"",
        "me",
        "日本 語",
        "🎉",
        "-\"x\" y",
    ];
    let group_id = |index: usize| ConversationId(Uuid::from_u128(700 + index as u128));
    for (index, title) in titles.iter().enumerate() {
        let (conversation, kind) = (group_id(index), ConversationType::Group);
        let stream = StreamId::Conversation(conversation);
        let created = ConversationRow::new(conversation, kind, *title, WREN, Millis(0));
        let id = MessageId(Uuid::from_u128(7000 + index as u128));
        let found_message = MessageRow { id, ..message(1, "elsewhere") };
        let rows = vec![
            Row::Conversation(ConversationRow { changed_seq: 1, ..created }),
            Row::Message(found_message),
        ];
        let (epoch, members_cursor) = ("e".into(), None);
        let bootstrap =
            Bootstrap { epoch, stream, term: 1, head: 1, last_seq: 1, rows, members_cursor };
        store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap)]).unwrap();
    }
    let found = |typed: &str| {
        let hits = hits(&store, &Search::everywhere(typed));
        hits.into_iter().map(|hit| hit.conversation_id).collect::<Vec<_>>()
    };
    for (index, title) in titles.iter().enumerate() {
        assert_eq!(found(&format!("{} elsewhere", requeued(title))), [group_id(index)], "{title}");
    }
    // As people type it.
    assert_eq!(found("in:#raku elsewhere"), [group_id(1)]);
    assert_eq!(found("in:RAKU elsewhere"), [group_id(0)]);
    assert_eq!(found("in:\"raku d\" elsewhere"), [group_id(4)]);
    assert_eq!(found("in:#🎉 elsewhere"), [group_id(17)]);
    // A person whose name starts with the title does not hide a group.
    assert_eq!(seqs(&store, "in:work plain"), [4]);
}

#[test]
fn pinned_saved_and_reacted_messages_are_found_while_they_are_marked() {
    let (_folder, store) = with(&["one", "two", "three"]);
    let reactions =
        vec![Reaction { emoji: "👍".into(), count: Count(1), users: vec![WREN], own: None }];
    change(&store, 6, MessageRow { reactions, sent_at: Millis(NOON), ..message(4, "one") });
    change(
        &store,
        7,
        MessageRow { pinned_at: Some(Millis(1)), sent_at: Millis(NOON), ..message(5, "two") },
    );
    let saved = |saved_at, changed_seq| {
        let (message_id, conversation_id) = (message(6, "").id, GROUP);
        Row::Saved(SavedRow { message_id, conversation_id, saved_at, changed_seq })
    };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&account_page(1, 2, vec![saved(Some(Millis(5)), 2)]))])
        .unwrap();
    assert_eq!(seqs(&store, "has:reaction"), [4]);
    assert_eq!(seqs(&store, "is:pinned"), [5]);
    assert_eq!(seqs(&store, "is:saved"), [6]);
    assert_eq!(seqs(&store, "is:saved three -has:reaction"), [6]);
    assert_eq!(seqs(&store, "is:saved one"), [0; 0]);
    assert_eq!(seqs(&store, "-is:saved after:2020"), [5, 4]);
    change(&store, 8, MessageRow { sent_at: Millis(NOON), ..message(4, "one") });
    change(&store, 9, MessageRow { sent_at: Millis(NOON), ..message(5, "two") });
    store.mirror.apply(&[ServerUpdate::Page(&account_page(2, 3, vec![saved(None, 3)]))]).unwrap();
    for typed in ["has:reaction", "is:pinned", "is:saved"] {
        assert_eq!(seqs(&store, typed), [0; 0], "{typed}");
    }
}

#[test]
fn edited_and_deleted_texts_are_no_longer_found() {
    let (_folder, store) = with(&["a tpyo", "a secret"]);
    change(&store, 5, MessageRow { sent_at: Millis(NOON), ..message(4, "a typo") });
    assert_eq!((seqs(&store, "tpyo"), seqs(&store, "typo")), (vec![], vec![4]));
    let deleted =
        MessageRow { deleted_at: Some(Millis(9)), sent_at: Millis(NOON), ..message(5, "") };
    change(&store, 6, deleted);
    assert_eq!(seqs(&store, "secret"), [0; 0]);
    assert_eq!(seqs(&store, "after:2023"), [4], "a deleted message is not there to any operator");
}

#[test]
fn waiting_messages_are_found_first_and_once() {
    let (_folder, store) = with(&["a walrus"]);
    let op = Op {
        id: OpId(Uuid::from_u128(77)),
        conversation_id: GROUP,
        action: Action::send("another walrus"),
    };
    store.enqueue_message(&op, Millis(NOON), None).unwrap();
    assert_eq!(seqs(&store, "walrus"), [0, 4]);
    assert_eq!(seqs(&store, "walrus from:me"), [0]);
    assert_eq!(seqs(&store, "walrus from:jenny"), [4]);
    assert_eq!(seqs(&store, "walrus is:saved"), [0; 0]);
    let sent = MessageRow { sender_id: ME, id: MessageId(op.id.0), ..message(5, "another walrus") };
    change(&store, 4, MessageRow { sent_at: Millis(NOON), ..sent });
    assert_eq!(seqs(&store, "walrus"), [5, 4], "in both files");
}

/// Adds messages with files to a group, from the fourth position on.
fn with_files(messages: &[(&str, &[(&str, &str)])]) -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let rows = (4..).zip(messages).map(|(seq, (body, files))| {
        let files = files.iter().map(|(name, media_type)| MessageFile {
            media_type: (*media_type).into(),
            ..MessageFile::example(name, name.as_bytes())
        });
        Row::Message(MessageRow { files: files.collect(), ..message(seq, body) })
    });
    let last = 3 + i64::try_from(messages.len()).unwrap();
    store.mirror.apply(&[ServerUpdate::Page(&page(3, last, rows.collect()))]).unwrap();
    (folder, store)
}

#[test]
fn files_are_found_by_their_names_and_types() {
    let (_folder, store) = with_files(&[
        ("look at the plan", &[("Bau Plan.PDF", "application/pdf")]),
        ("", &[("IMG_2041.jpeg", "image/jpeg"), ("notes.txt", "text/plain")]),
        ("the plan in words, see https://a.example/plan.pdf", &[]),
        ("nothing", &[]),
    ]);
    let mut found = seqs(&store, "plan ");
    found.sort_unstable();
    assert_eq!(found, [4, 6]);
    assert_eq!(seqs(&store, "file:plan"), [4]);
    assert_eq!(seqs(&store, "file:\"bau plan\""), [4]);
    assert_eq!(seqs(&store, "file:look"), [0; 0], "the text is not a name");
    assert_eq!(seqs(&store, "plan -file:plan"), [6]);
    assert_eq!(seqs(&store, "file:img_20"), [5]);
    assert_eq!(seqs(&store, "notes.txt "), [5]);
    assert_eq!(seqs(&store, "type:pdf"), [4]);
    assert_eq!((seqs(&store, "type:image"), seqs(&store, "has:image")), (vec![5], vec![5]));
    assert_eq!(seqs(&store, "has:file").len(), 3);
    assert_eq!(
        store.count_hits(&Search::everywhere("type:jpeg"), &context()).unwrap(),
        Some(Count(1))
    );
    let hit = &hits(&store, &Search::everywhere("file:2041"))[0];
    assert!(hit.snippet.iter().any(|part| part.mark && part.text == "2041"), "{:?}", hit.snippet);
    let range = store.mirror.message_range(GROUP, None).unwrap().unwrap();
    assert!(store.mirror.is_indexed(&range).unwrap());
    // A deleted message is no longer found by its files.
    let deleted = MessageRow { deleted_at: Some(Millis(NOON)), ..message(5, "") };
    change(&store, 7, deleted);
    assert_eq!(seqs(&store, "file:img_20"), [0; 0]);
    assert_eq!(seqs(&store, "type:image"), [0; 0]);
    store.mirror.rebuild_index(|| true).unwrap();
    assert_eq!(seqs(&store, "file:plan"), [4]);
}

#[test]
fn a_phrase_is_in_the_text_or_in_the_name_of_a_file_but_not_across_them() {
    let (_folder, store) = with_files(&[
        ("the old plan", &[("garden.txt", "text/plain"), ("shed roof.txt", "text/plain")]),
        ("the plan\ngarden", &[]),
    ]);
    assert_eq!(seqs(&store, "\"plan garden\""), [5]);
    assert_eq!(seqs(&store, "\"txt shed\""), [0; 0]);
    assert_eq!(seqs(&store, "\"shed roof\""), [4]);
    assert_eq!(seqs(&store, "\"old plan\""), [4]);
    assert_eq!(seqs(&store, "garden -\"plan garden\""), [4]);
    let file = MessageFile::example("garden.txt", b"x");
    let action = Action::send_files("a plan", vec![file]);
    let op = Op { id: OpId(Uuid::from_u128(501)), conversation_id: GROUP, action };
    store.enqueue_message(&op, Millis(NOON), None).unwrap();
    assert_eq!(seqs(&store, "\"plan garden\""), [5], "nor in a waiting message");
}

#[test]
fn a_waiting_message_is_found_by_its_files() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let file = MessageFile::example("report.ods", b"x");
    let action = Action::send_files("", vec![file]);
    let op = Op { id: OpId(Uuid::from_u128(500)), conversation_id: GROUP, action };
    store.enqueue_message(&op, Millis(NOON), None).unwrap();
    assert_eq!(seqs(&store, "file:report type:ods"), [0]);
    assert_eq!(seqs(&store, "file:other"), [0; 0]);
}
