//! Heads, changes and history.

use crate::common::{Database, User};
use parlour_protocol::{
    ConversationId, Digest, Digester, ErrorCode, Heads, History, Page, Pull, PullStream, Pulled,
    PulledStream, Row, StreamId, rows_digest,
};

on_both_databases! {
    changes_are_complete_intervals_and_history_is_dense,
    heads_contain_only_changed_streams,
    heads_do_not_depend_on_the_time_since_the_last_request,
    concurrent_writers_get_dense_sequence_numbers,
    a_pull_returns_the_same_as_a_request_for_each_stream,
    a_full_pull_omits_the_remaining_streams,
    a_digest_covers_the_visible_messages_and_contains_its_head,
    a_state_contains_all_rows_of_a_stream_except_messages,
}

async fn changes_are_complete_intervals_and_history_is_dense(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    for number in 1..=5 {
        wren.say(group, &number.to_string()).await;
    }
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let stream = format!("stream=conversation:{group}&epoch={epoch}&term=1");
    let page: Page = wren.get(&format!("changes?{stream}&since=3")).await;
    assert_eq!((page.from, page.to, page.head, page.rows.len()), (3, 6, 6, 3));
    let place = format!("conversation={group}&epoch={epoch}&term=1");
    let history: History = wren.get(&format!("history?{place}&before=4&limit=2")).await;
    let seq = |row: &Row| if let Row::Message(row) = row { row.seq.0 } else { 0 };
    assert_eq!(history.rows.iter().map(seq).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(wren.get_error(&format!("changes?{stream}&since=99")).await, ErrorCode::CursorAhead);
    let other = stream.replace(&epoch, "other");
    assert_eq!(wren.get_error(&format!("changes?{other}&since=3")).await, ErrorCode::Epoch);
    let joined_again = stream.replace("term=1", "term=2");
    assert_eq!(wren.get_error(&format!("changes?{joined_again}&since=3")).await, ErrorCode::Term);
}

async fn heads_contain_only_changed_streams(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (busy, _quiet) = (wren.group(&[]).await, wren.group(&[]).await);
    let all: Heads = wren.get("heads").await;
    assert_eq!(all.heads.len(), 4, "two conversations, the account and the directory");
    wren.say(busy, "changed").await;
    let changed: Heads = wren.get(&format!("heads?wm={}", all.wm)).await;
    assert_eq!(
        changed.heads.iter().map(|head| head.stream).collect::<Vec<_>>(),
        [StreamId::Conversation(busy)]
    );
    assert_eq!((changed.newest.len(), changed.newest[0].seq.0), (1, 1));
    let unchanged: Heads = wren.get(&format!("heads?wm={}", changed.wm)).await;
    assert!(unchanged.heads.is_empty() && unchanged.wm == changed.wm);
    let ahead: Heads = wren.get(&format!("heads?wm={}", changed.wm + 1000)).await;
    assert_eq!(ahead.heads.len(), 4, "an unknown watermark: everything may have changed");
}

async fn heads_do_not_depend_on_the_time_since_the_last_request(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (group, _) = (wren.group(&[]).await, wren.group(&[]).await);
    let before: Heads = wren.get("heads").await;
    wren.say(group, "changed").await;
    let recent: Heads = wren.get(&format!("heads?wm={}", before.wm)).await;
    // Simulates thousands of commits, none of them in this user's streams.
    database.execute("UPDATE instance SET wm = wm + 100000").await;
    let old_watermark: Heads = wren.get(&format!("heads?wm={}", before.wm)).await;
    assert_eq!(recent.heads, old_watermark.heads);
}

async fn concurrent_writers_get_dense_sequence_numbers(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let groups = [wren.group(&[]).await, wren.group(&[]).await];
    let sends = (0..200).map(|number| wren.say(groups[number % 2], "at once"));
    futures_util::future::join_all(sends).await;
    for group in groups {
        let page = wren.changes(StreamId::Conversation(group)).await;
        let mut seqs: Vec<i64> = page
            .rows
            .iter()
            .filter_map(|row| if let Row::Message(row) = row { Some(row.seq.0) } else { None })
            .collect();
        seqs.sort_unstable();
        assert_eq!(seqs, (1..=100).collect::<Vec<_>>());
    }
}

async fn pull(user: &User, streams: Vec<PullStream>) -> Pulled {
    let epoch = user.get::<Heads>("heads").await.epoch;
    let response = post_pull(user, &Pull { epoch, streams, bytes: None }).await;
    assert!(response.status().is_success(), "{}", response.status());
    response.json().await.unwrap()
}

async fn post_pull(user: &User, pull: &Pull) -> reqwest::Response {
    let request = user.http.post(format!("{}/pull", user.url)).bearer_auth(&user.token);
    request.json(pull).send().await.unwrap()
}

fn conversation(id: ConversationId, term: i64, since: Option<i64>) -> PullStream {
    PullStream { stream: StreamId::Conversation(id), term, since }
}

async fn a_pull_returns_the_same_as_a_request_for_each_stream(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (group, oak_group) = (wren.group(&[]).await, oak.group(&[]).await);
    wren.say(group, "hello").await;
    let account = StreamId::Account(oak.id);
    let streams = vec![
        conversation(group, 1, Some(0)),
        conversation(group, 1, None),
        conversation(group, 7, Some(0)),
        conversation(oak_group, 1, Some(0)),
        conversation(oak_group, 1, None),
        PullStream { stream: account, term: 0, since: Some(0) },
        PullStream { stream: StreamId::Directory, term: 0, since: None },
    ];
    let refused = |response: &PulledStream| {
        if let PulledStream::Error(error) = response { Some(error.code) } else { None }
    };
    let answers = pull(&wren, streams).await.answers;
    let alone: Page = wren.changes(StreamId::Conversation(group)).await;
    assert_eq!(answers[0], PulledStream::Page(alone));
    assert!(matches!(&answers[1], PulledStream::Bootstrap(bootstrap) if bootstrap.last_seq == 1));
    assert_eq!(refused(&answers[2]), Some(ErrorCode::Term));
    assert_eq!(refused(&answers[3]), Some(ErrorCode::NotMember));
    assert_eq!(refused(&answers[4]), Some(ErrorCode::NotMember));
    assert_eq!(refused(&answers[5]), Some(ErrorCode::NotFound));
    assert!(matches!(&answers[6], PulledStream::Page(page) if page.stream == StreamId::Directory));
    let many = vec![conversation(group, 1, Some(0)); 101];
    let request = Pull { epoch: "x".into(), streams: many, bytes: None };
    let too_many = crate::common::error_body(post_pull(&wren, &request).await).await;
    assert_eq!(too_many.code, ErrorCode::Invalid);
}

async fn a_full_pull_omits_the_remaining_streams(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let groups = [wren.group(&[]).await, wren.group(&[]).await, wren.group(&[]).await];
    let sends = (0..1200).map(|number| wren.say(groups[number % 2], "many"));
    futures_util::future::join_all(sends).await;
    let all = groups.map(|group| conversation(group, 1, Some(0))).to_vec();
    let answers = pull(&wren, all).await.answers;
    assert_eq!(answers.len(), 2, "the second stream filled the response");
}

async fn a_digest_covers_the_visible_messages_and_contains_its_head(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    for number in 1..=5 {
        wren.say(group, &number.to_string()).await;
    }
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let path = |ends: &str| format!("digest?conversation={group}&epoch={epoch}&term=1&{ends}");
    let digest: Digest = wren.get(&path("low=2&high=4")).await;
    let mut digester = Digester::default();
    for row in wren.changes(StreamId::Conversation(group)).await.rows {
        if let Row::Message(row) = row
            && (2..=4).contains(&row.seq.0)
        {
            digester.add(&row);
        }
    }
    assert_eq!((digest.count, digest.sha256.clone()), digester.finish());
    assert_eq!(digest.head, 6);
    let same: Digest = wren.get(&path("low=2&high=4")).await;
    assert_eq!(same, digest);
    let other: Digest = wren.get(&path("low=2&high=5")).await;
    assert_ne!(other.sha256, digest.sha256);
    assert_eq!(wren.get_error(&path("low=1&high=1001")).await, ErrorCode::Invalid);
    assert_eq!(wren.get_error(&path("low=4&high=2")).await, ErrorCode::Invalid);
}

async fn a_state_contains_all_rows_of_a_stream_except_messages(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    wren.say(group, "not in the state").await;
    let epoch = wren.get::<Heads>("heads").await.epoch;
    for stream in [StreamId::Directory, StreamId::Account(wren.id), StreamId::Conversation(group)] {
        let term = i64::from(matches!(stream, StreamId::Conversation(_)));
        let place = format!("stream={stream}&epoch={epoch}&term={term}");
        let state: Page = wren.get(&format!("state?{place}")).await;
        let changes = wren.changes(stream).await;
        let mut rows: Vec<Row> = changes.rows;
        rows.retain(|row| !matches!(row, Row::Message(_)));
        assert!(rows.len() >= 2, "{rows:?}");
        assert_eq!((state.rows.len(), state.head), (rows.len(), changes.head));
        assert!(state.rows.iter().all(|row| rows.contains(row)), "{state:?} is not {rows:?}");
        let first: Page = wren.get(&format!("state?{place}&since=0")).await;
        assert_eq!(first, state, "the state fits into one piece");
        let last: Page = wren.get(&format!("state?{place}&since={}", state.head)).await;
        assert_eq!((last.rows.len(), last.to), (0, state.head));
        let digest: Digest = wren.get(&format!("state/digest?{place}")).await;
        let expected = rows_digest(&rows);
        assert_eq!((digest.count, digest.sha256), expected, "in any order");
        assert_eq!(digest.head, state.head);
    }
    let other = format!("state?stream=account:{}&epoch={epoch}", wren.id);
    assert_eq!(oak.get_error(&other).await, ErrorCode::NotFound);
    assert_eq!(oak.get_error("state?stream=directory&epoch=another").await, ErrorCode::Epoch);
}
