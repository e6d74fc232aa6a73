//! The size of responses: limited in bytes, not only in rows; and every client makes progress.

use crate::common::{Database, User};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ErrorCode, Heads, History, Page, Pull, PullStream, Pulled,
    PulledStream, Row, StreamId, limits,
};
use parlour_server::DatabaseAddress;
use reqwest::Method;
use serde::de::DeserializeOwned;

on_both_databases! {
    a_conversation_of_the_largest_messages_is_sent_in_responses_of_limited_size,
    drafts_of_the_largest_size_are_sent_in_pages_and_so_is_the_state,
    thousands_of_rows_with_one_change_number_do_not_block_a_client,
    each_ended_session_has_its_own_change_number,
}

/// The largest size of a response apart from its rows, in bytes.
const ENVELOPE: usize = 1024;

/// Returns SQL for 64 KiB of U+0001, which an earlier version accepted. Each takes six bytes in JSON.
fn largest_body_sql(database: &Database) -> &'static str {
    match database.address {
        DatabaseAddress::Sqlite(_) => "replace(hex(zeroblob(65536)), '00', char(1))",
        DatabaseAddress::Postgres(_) => "repeat(chr(1), 65536)",
    }
}

/// Parses a response, which must be no larger than allowed.
async fn bounded<T: DeserializeOwned>(response: reqwest::Response) -> T {
    assert!(response.status().is_success(), "{}", response.status());
    let bytes = response.bytes().await.unwrap();
    assert!(bytes.len() <= limits::PAGE_BYTES + ENVELOPE, "{} bytes", bytes.len());
    serde_json::from_slice(&bytes).unwrap()
}

async fn get<T: DeserializeOwned>(user: &User, path: &str) -> T {
    bounded(user.request(Method::GET, path).await).await
}

/// Returns all changes of a stream, read page by page, and the number of pages.
async fn all_changes(user: &User, stream: StreamId, term: i64) -> (Vec<Row>, usize) {
    let epoch = user.get::<Heads>("heads").await.epoch;
    let (mut rows, mut since, mut pages) = (Vec::new(), 0, 0);
    loop {
        let place = format!("stream={stream}&epoch={epoch}&term={term}&since={since}");
        let page: Page = get(user, &format!("changes?{place}")).await;
        assert!(page.to > since, "no progress at {since} of {}", page.head);
        rows.extend(page.rows);
        (since, pages) = (page.to, pages + 1);
        if page.to >= page.head {
            return (rows, pages);
        }
    }
}

async fn groups_of_large_messages(
    user: &User,
    database: &Database,
    count: usize,
) -> [ConversationId; 2] {
    let groups = [user.group(&[]).await, user.group(&[]).await];
    let sends = (0..2 * count).map(|n| user.say(groups[n % 2], "large"));
    futures_util::future::join_all(sends).await;
    database.execute(&format!("UPDATE messages SET body = {}", largest_body_sql(database))).await;
    groups
}

async fn a_conversation_of_the_largest_messages_is_sent_in_responses_of_limited_size(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let groups = groups_of_large_messages(&wren, &database, 40).await;
    let stream = StreamId::Conversation(groups[0]);
    let (rows, pages) = all_changes(&wren, stream, 1).await;
    assert_eq!(rows.len(), 42, "the messages, the group and its member");
    assert!(pages > 1);

    let epoch = wren.get::<Heads>("heads").await.epoch;
    let bootstrap: Bootstrap = get(&wren, &format!("bootstrap?conversation={}", groups[0])).await;
    let seq = |row: &Row| if let Row::Message(row) = row { Some(row.seq.0) } else { None };
    let mut before = bootstrap.rows.iter().filter_map(seq).min().expect("at minimum one message");
    while before > 1 {
        let place = format!("conversation={}&epoch={epoch}&term=1&before={before}", groups[0]);
        let history: History = get(&wren, &format!("history?{place}&limit=1000")).await;
        let seqs: Vec<i64> = history.rows.iter().filter_map(seq).collect();
        let expected: Vec<i64> = (0..).map(|n| before - 1 - n).take(seqs.len()).collect();
        assert_eq!(seqs, expected, "dense, from {before} down");
        before = *seqs.last().expect("at minimum one message");
    }

    let request = |since, bytes| {
        let stream = |id| PullStream { stream: StreamId::Conversation(id), term: 1, since };
        Pull { epoch: epoch.clone(), streams: groups.map(stream).to_vec(), bytes }
    };
    for since in [Some(0), None] {
        let response = wren.submit(Method::POST, "pull", &request(since, None)).await;
        let response: Pulled = bounded(response).await;
        assert!(!response.answers.is_empty());
        // A client that can read less requests less.
        let minimum = limits::MIN_PAGE_BYTES;
        let response = wren.submit(Method::POST, "pull", &request(since, Some(minimum))).await;
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.len() <= limits::ROW_BYTES + ENVELOPE, "{}", bytes.len());
        let response: Pulled = serde_json::from_slice(&bytes).unwrap();
        match &response.answers[0] {
            PulledStream::Page(page) => assert!(page.to > 0),
            PulledStream::Bootstrap(bootstrap) => {
                assert!(bootstrap.rows.iter().any(|row| seq(row).is_some()))
            }
            PulledStream::Error(error) => panic!("{error:?}"),
        }
    }
    let range = format!("conversation={}&epoch={epoch}&term=1&low=1&high=40", groups[0]);
    let digest: parlour_protocol::Digest = wren.get(&format!("digest?{range}")).await;
    let mut digester = parlour_protocol::Digester::default();
    let mut messages: Vec<_> = rows
        .into_iter()
        .filter_map(|row| match row {
            Row::Message(row) => Some(row),
            _ => None,
        })
        .collect();
    messages.sort_by_key(|row| row.seq);
    messages.iter().for_each(|row| digester.add(row));
    assert_eq!((digest.count, digest.sha256), digester.finish());
}

async fn drafts_of_the_largest_size_are_sent_in_pages_and_so_is_the_state(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    for _ in 0..14 {
        let group = wren.group(&[]).await;
        wren.act(group, Action::Draft { body: "d".into(), reply_to: None, based_on: None }).await;
    }
    database.execute(&format!("UPDATE drafts SET body = {}", largest_body_sql(&database))).await;
    let stream = StreamId::Account(wren.id);
    let (rows, pages) = all_changes(&wren, stream, 0).await;
    let drafts = |rows: &[Row]| rows.iter().filter(|row| matches!(row, Row::Draft(_))).count();
    assert_eq!(drafts(&rows), 14);
    assert!(pages > 1);
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let place = format!("stream={stream}&epoch={epoch}");
    assert_eq!(wren.get_error(&format!("state?{place}")).await, ErrorCode::TooLarge);
    let (mut state, mut since) = (Vec::new(), 0);
    loop {
        let page: Page = get(&wren, &format!("state?{place}&since={since}")).await;
        assert!(page.to > since);
        state.extend(page.rows);
        since = page.to;
        if page.to >= page.head {
            break;
        }
    }
    assert_eq!(state, rows);
    let digest: parlour_protocol::Digest = wren.get(&format!("state/digest?{place}")).await;
    assert_eq!((digest.count, digest.sha256), parlour_protocol::rows_digest(&rows));
}

/// The number of sessions that an earlier server ended in one change.
const ENDED: usize = 3000;

async fn thousands_of_rows_with_one_change_number_do_not_block_a_client(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    database
        .execute(&format!(
            "INSERT INTO sessions (user_id, token, expires_at, changed_seq)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ENDED})
             SELECT (SELECT id FROM users), 'token' || i, '2030-01-01T00:00:00.000Z', 2 FROM n;
             UPDATE streams SET head = 2 WHERE kind = 'account'"
        ))
        .await;
    wren.group(&[]).await;
    let (rows, _) = all_changes(&wren, StreamId::Account(wren.id), 0).await;
    assert_eq!(rows.len(), ENDED + 2, "with the session of this test, and its membership");
}

async fn each_ended_session_has_its_own_change_number(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    for _ in 0..5 {
        server.sign_in("wren").await;
    }
    wren.request(Method::DELETE, "sessions/others").await;
    let page = wren.changes(StreamId::Account(wren.id)).await;
    let changes = page.rows.iter().filter_map(|row| match row {
        Row::Session(row) if row.revoked_at.is_some() => Some(row.changed_seq),
        _ => None,
    });
    assert_eq!(changes.collect::<Vec<_>>(), [7, 8, 9, 10, 11]);
}
