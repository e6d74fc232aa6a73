//! Tests that the index is queried in steps, checked, and rebuilt if it is wrong.

use super::search::{DAY, NOON, context, hits, seqs, with};
use super::{WREN, open};
use crate::{Scope, Search, SearchOrder, ServerUpdate};
use parlour_protocol::fold::Folded;
use parlour_protocol::{
    Bootstrap, ConversationId, ConversationRow, ConversationType, Count, MessageId, MessageRow,
    Millis, Row, Seq, StreamId,
};
use proptest::prelude::*;
use rusqlite::Transaction;
use tempfile::TempDir;
use uuid::Uuid;

/// Returns a conversation with one message every `gap` ms before noon.
fn conversation(number: u128, messages: i64, gap: i64, body: impl Fn(i64) -> String) -> Bootstrap {
    let id = ConversationId(Uuid::from_u128(number));
    let created = ConversationRow::new(
        id,
        ConversationType::Group,
        format!("room {number}"),
        WREN,
        Millis(0),
    );
    let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..created })];
    rows.extend((1..=messages).map(|seq| {
        let message_id = MessageId(Uuid::from_u128(number << 32 | u128::try_from(seq).unwrap()));
        let row =
            MessageRow::new(message_id, WREN, body(seq), Millis(NOON - (messages - seq) * gap));
        Row::Message(MessageRow { seq: Seq(seq), changed_seq: seq, ..row })
    }));
    let (epoch, stream) = ("e".into(), StreamId::Conversation(id));
    let (head, last_seq) = (messages, messages);
    Bootstrap { epoch, stream, term: 1, head, last_seq, rows, members_cursor: None }
}

#[test]
fn the_messages_of_one_transaction_are_written_to_the_index_together() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let crows = conversation(10, 50, DAY, |_| "a crow".to_owned());
    store.mirror.apply(&[ServerUpdate::Bootstrap(&crows)]).unwrap();
    let sql = "SELECT count(DISTINCT segid) FROM messages_fts_idx";
    let segments =
        store.mirror.read(|conn| Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?));
    assert_eq!(segments.unwrap(), 1);
}

#[test]
fn pages_continue_newest_first_over_all_conversations_without_gaps_or_duplicates() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let body = |seq: i64| if seq % 3 == 0 { "an owl".to_owned() } else { "a crow".to_owned() };
    // The messages of a month to ten years.
    for (number, gap) in [(10, DAY / 3), (11, DAY), (12, 20 * DAY)] {
        store
            .mirror
            .apply(&[ServerUpdate::Bootstrap(&conversation(number, 180, gap, body))])
            .unwrap();
    }
    let mut search = Search::everywhere("owl");
    let mut all = Vec::new();
    loop {
        let page = store.search(&search, &context(), 7).unwrap();
        all.extend(page.hits.into_iter().map(|hit| (hit.sent_at, hit.id)));
        let Some(next) = page.next else { break };
        search.before = Some(next);
    }
    assert_eq!(all.len(), 180);
    assert!(all.is_sorted_by(|a, b| a.0 >= b.0), "newest first");
    all.sort_by_key(|(_, id)| *id);
    all.dedup();
    assert_eq!(all.len(), 180, "each once");
    assert_eq!(store.count_hits(&search, &context()).unwrap(), Some(Count(180)));
    let scope = Scope::Conversation(ConversationId(Uuid::from_u128(12)));
    assert_eq!(store.count_hits(&Search::new("owl", scope), &context()).unwrap(), Some(Count(60)));
    let one = Search::new("ow", scope);
    assert_eq!(hits(&store, &one).len(), 50);
    let phrase = Search::everywhere("\"an owl\"");
    assert_eq!(store.count_hits(&phrase, &context()).unwrap(), None, "not without examining each");
}

#[test]
fn a_wrong_index_is_detected_and_rebuilt() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let body = |seq: i64| format!("word{seq}");
    let group = conversation(10, 300, DAY, body);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&group)]).unwrap();
    let id = ConversationId(Uuid::from_u128(10));
    let range = store.mirror.message_range(id, None).unwrap().unwrap();
    assert!(store.mirror.is_indexed(&range).unwrap());
    // Damage that no check of the file would find.
    store
        .mirror
        .write(|tx| {
            let delete_terms = "INSERT INTO messages_fts (messages_fts, rowid, terms)
                SELECT 'delete', key, search_terms(body, sender, sent_at, NULL, NULL, NULL)
                FROM messages WHERE unpacked(body) = 'word7'";
            assert_eq!(tx.execute(delete_terms, [])?, 1);
            Ok(())
        })
        .unwrap();
    assert_eq!(seqs(&store, "word7 "), [0; 0]);
    assert!(!store.mirror.is_indexed(&range).unwrap());
    assert!(store.mirror.rebuild_index(|| false).is_err(), "it was cancelled");
    assert_eq!(seqs(&store, "word8 "), [8], "the old one stays");
    store.mirror.rebuild_index(|| true).unwrap();
    assert!(store.mirror.is_indexed(&range).unwrap());
    assert_eq!((seqs(&store, "word7 "), seqs(&store, "word8 ")), (vec![7], vec![8]));
}

#[test]
fn many_new_messages_are_merged_into_the_index_in_steps_and_found_meanwhile() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let body = |seq: i64| format!("common word{seq}");
    assert!(!store.mirror.merge_index().unwrap(), "there is nothing to merge");
    for number in 10..31 {
        let group = conversation(number, 1000, 60_000, body);
        store.mirror.apply(&[ServerUpdate::Bootstrap(&group)]).unwrap();
    }
    let mut steps = 0;
    while store.mirror.merge_index().unwrap() {
        steps += 1;
        assert_eq!(seqs(&store, "word77 ").len(), 21);
    }
    assert!((1..1000).contains(&steps), "{steps} steps");
    assert!(!store.mirror.merge_index().unwrap(), "it is done");
    let log = std::fs::metadata(folder.path().join("mirror.db-wal")).unwrap();
    assert_eq!(log.len(), 0, "everything is in the file");
    let sql = "SELECT count(*) FROM dbstat
        WHERE name = 'messages_fts_data' AND pagetype = 'overflow'";
    let split = |conn: &Transaction<'_>| Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?);
    assert_eq!(store.mirror.read(split).unwrap(), 0, "each part of the index fits its page");
}

#[test]
fn the_best_hit_comes_first_if_requested() {
    let (_folder, store) = with(&[
        "inline cache",
        "inline means something else, as does any cache of this kind",
        "caches and inlines, inline",
    ]);
    let best = Search { order: SearchOrder::Best, ..Search::everywhere("inline cache ") };
    let seqs: Vec<_> = hits(&store, &best).into_iter().map(|hit| hit.seq).collect();
    assert_eq!(seqs, [Some(Seq(4)), Some(Seq(5))]);
}

#[test]
fn a_rare_phrase_of_common_words_is_searched_in_steps() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let body = |seq: i64| if seq == 5 { "to be".to_owned() } else { "be to".to_owned() };
    store.mirror.apply(&[ServerUpdate::Bootstrap(&conversation(10, 1500, 1000, body))]).unwrap();
    let mut search = Search::everywhere("\"to be\"");
    let first = store.search(&search, &context(), 50).unwrap();
    assert!(first.hits.is_empty(), "the page is returned before everything is examined");
    search.before = first.next;
    let second = store.search(&search, &context(), 50).unwrap();
    assert_eq!((second.hits.len(), second.next), (1, None));
}

proptest! {
    #[test]
    fn folding_a_folded_text_changes_nothing(text in "\\PC{0,40}") {
        let once = Folded::new(&text).text;
        prop_assert_eq!(&Folded::new(&once).text, &once);
    }

    /// Any word of any text finds it when typed in full, and so does every prefix of it.
    #[test]
    fn every_word_of_every_message_is_found(body in "\\PC{1,40}", from in 0usize..40) {
        prop_assume!(!body.trim().is_empty());
        let (_folder, store) = with(&[&body]);
        let words: Vec<&str> = body.split_whitespace().collect();
        let word = words[from % words.len()];
        // Words that look like operators or consist of punctuation are covered by other tests.
        prop_assume!(!word.contains([':', '"', '*']) && !word.starts_with('-'));
        prop_assume!(word.chars().any(char::is_alphanumeric));
        // A separate vowel sign, which Unicode calls a letter, is ignored like one on a letter.
        prop_assume!(!Folded::new(word).tokens.is_empty());
        prop_assert!(seqs(&store, &format!("{word} ")).contains(&4), "{word:?} of {body:?}");
    }
}
