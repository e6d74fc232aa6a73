//! Heads, changes and history.

use crate::common::{Database, User};
use parlour_protocol::{
    ConversationId, Digest, Digester, ErrorCode, Heads, History, Page, Pull, PullStream, Pulled,
    PulledStream, Row, StreamId, rows_digest,
};

on_both_databases! {
    changes_come_in_whole_intervals_and_history_is_dense,
    heads_tell_what_moved_and_no_more,
    heads_are_the_same_for_who_was_here_lately_and_who_was_away,
    many_writers_at_once_get_dense_positions,
    a_pull_answers_each_stream_as_if_it_were_asked_for_alone,
    a_pull_that_is_full_leaves_out_the_rest,
    a_digest_is_of_what_one_may_see_and_says_when_it_was_taken,
    a_state_is_all_of_a_stream_but_messages,
}

async fn changes_come_in_whole_intervals_and_history_is_dense(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
    for number in 1..=5 {
        wren.say(room, &number.to_string()).await;
    }
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let stream = format!("stream=conversation:{room}&epoch={epoch}&term=1");
    let page: Page = wren.get(&format!("changes?{stream}&since=3")).await;
    assert_eq!((page.from, page.to, page.head, page.rows.len()), (3, 6, 6, 3));
    let place = format!("conversation={room}&epoch={epoch}&term=1");
    let history: History = wren.get(&format!("history?{place}&before=4&limit=2")).await;
    let seq = |row: &Row| if let Row::Message(row) = row { row.seq.0 } else { 0 };
    assert_eq!(history.rows.iter().map(seq).collect::<Vec<_>>(), [3, 2]);
    assert_eq!(wren.refused(&format!("changes?{stream}&since=99")).await, ErrorCode::CursorAhead);
    let other = stream.replace(&epoch, "other");
    assert_eq!(wren.refused(&format!("changes?{other}&since=3")).await, ErrorCode::Epoch);
    let joined_again = stream.replace("term=1", "term=2");
    assert_eq!(wren.refused(&format!("changes?{joined_again}&since=3")).await, ErrorCode::Term);
}

async fn heads_tell_what_moved_and_no_more(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (busy, _quiet) = (wren.group(&[]).await, wren.group(&[]).await);
    let all: Heads = wren.get("heads").await;
    assert_eq!(all.heads.len(), 4, "two conversations, the account and the directory");
    wren.say(busy, "moved").await;
    let moved: Heads = wren.get(&format!("heads?wm={}", all.wm)).await;
    assert_eq!(
        moved.heads.iter().map(|head| head.stream).collect::<Vec<_>>(),
        [StreamId::Conversation(busy)]
    );
    assert_eq!((moved.newest.len(), moved.newest[0].seq.0), (1, 1));
    let nothing: Heads = wren.get(&format!("heads?wm={}", moved.wm)).await;
    assert!(nothing.heads.is_empty() && nothing.wm == moved.wm);
    let ahead: Heads = wren.get(&format!("heads?wm={}", moved.wm + 1000)).await;
    assert_eq!(ahead.heads.len(), 4, "a watermark that never was: everything may have moved");
}

async fn heads_are_the_same_for_who_was_here_lately_and_who_was_away(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (room, _) = (wren.group(&[]).await, wren.group(&[]).await);
    let before: Heads = wren.get("heads").await;
    wren.say(room, "moved").await;
    let lately: Heads = wren.get(&format!("heads?wm={}", before.wm)).await;
    // As if thousands of commits had followed, none of them in this user's streams.
    database.execute("UPDATE instance SET wm = wm + 100000").await;
    let away: Heads = wren.get(&format!("heads?wm={}", before.wm)).await;
    assert_eq!(lately.heads, away.heads);
}

async fn many_writers_at_once_get_dense_positions(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let rooms = [wren.group(&[]).await, wren.group(&[]).await];
    let sends = (0..200).map(|number| wren.say(rooms[number % 2], "at once"));
    futures_util::future::join_all(sends).await;
    for room in rooms {
        let page = wren.changes(StreamId::Conversation(room)).await;
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
    let answer = ask(user, &Pull { epoch, streams, bytes: None }).await;
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.unwrap()
}

async fn ask(user: &User, pull: &Pull) -> reqwest::Response {
    let request = user.http.post(format!("{}/pull", user.url)).bearer_auth(&user.token);
    request.json(pull).send().await.unwrap()
}

fn conversation(id: ConversationId, term: i64, since: Option<i64>) -> PullStream {
    PullStream { stream: StreamId::Conversation(id), term, since }
}

async fn a_pull_answers_each_stream_as_if_it_were_asked_for_alone(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (room, theirs) = (wren.group(&[]).await, oak.group(&[]).await);
    wren.say(room, "hello").await;
    let account = StreamId::Account(oak.id);
    let streams = vec![
        conversation(room, 1, Some(0)),
        conversation(room, 1, None),
        conversation(room, 7, Some(0)),
        conversation(theirs, 1, Some(0)),
        conversation(theirs, 1, None),
        PullStream { stream: account, term: 0, since: Some(0) },
        PullStream { stream: StreamId::Directory, term: 0, since: None },
    ];
    let refused = |answer: &PulledStream| {
        if let PulledStream::Error(error) = answer { Some(error.code) } else { None }
    };
    let answers = pull(&wren, streams).await.answers;
    let alone: Page = wren.changes(StreamId::Conversation(room)).await;
    assert_eq!(answers[0], PulledStream::Page(alone));
    assert!(matches!(&answers[1], PulledStream::Bootstrap(begun) if begun.last_seq == 1));
    assert_eq!(refused(&answers[2]), Some(ErrorCode::Term));
    assert_eq!(refused(&answers[3]), Some(ErrorCode::NotMember));
    assert_eq!(refused(&answers[4]), Some(ErrorCode::NotMember));
    assert_eq!(refused(&answers[5]), Some(ErrorCode::Gone));
    assert!(matches!(&answers[6], PulledStream::Page(page) if page.stream == StreamId::Directory));
    let many = vec![conversation(room, 1, Some(0)); 101];
    let asked = Pull { epoch: "x".into(), streams: many, bytes: None };
    let too_many = crate::common::refusal(ask(&wren, &asked).await).await;
    assert_eq!(too_many.code, ErrorCode::Invalid);
}

async fn a_pull_that_is_full_leaves_out_the_rest(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let rooms = [wren.group(&[]).await, wren.group(&[]).await, wren.group(&[]).await];
    let sends = (0..1200).map(|number| wren.say(rooms[number % 2], "many"));
    futures_util::future::join_all(sends).await;
    let all = rooms.map(|room| conversation(room, 1, Some(0))).to_vec();
    let answers = pull(&wren, all).await.answers;
    assert_eq!(answers.len(), 2, "the second stream filled the response");
}

async fn a_digest_is_of_what_one_may_see_and_says_when_it_was_taken(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
    for number in 1..=5 {
        wren.say(room, &number.to_string()).await;
    }
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let ask = |ends: &str| format!("digest?conversation={room}&epoch={epoch}&term=1&{ends}");
    let digest: Digest = wren.get(&ask("low=2&high=4")).await;
    let mut digester = Digester::default();
    for row in wren.changes(StreamId::Conversation(room)).await.rows {
        if let Row::Message(row) = row
            && (2..=4).contains(&row.seq.0)
        {
            digester.add(&row);
        }
    }
    assert_eq!((digest.count, digest.sha256.clone()), digester.finish());
    assert_eq!(digest.head, 6);
    let same: Digest = wren.get(&ask("low=2&high=4")).await;
    assert_eq!(same, digest);
    let other: Digest = wren.get(&ask("low=2&high=5")).await;
    assert_ne!(other.sha256, digest.sha256);
    assert_eq!(wren.refused(&ask("low=1&high=1001")).await, ErrorCode::Invalid);
    assert_eq!(wren.refused(&ask("low=4&high=2")).await, ErrorCode::Invalid);
}

async fn a_state_is_all_of_a_stream_but_messages(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    wren.say(room, "not of the state").await;
    let epoch = wren.get::<Heads>("heads").await.epoch;
    for stream in [StreamId::Directory, StreamId::Account(wren.id), StreamId::Conversation(room)] {
        let term = i64::from(matches!(stream, StreamId::Conversation(_)));
        let place = format!("stream={stream}&epoch={epoch}&term={term}");
        let state: Page = wren.get(&format!("state?{place}")).await;
        let changes = wren.changes(stream).await;
        let mut told: Vec<Row> = changes.rows;
        told.retain(|row| !matches!(row, Row::Message(_)));
        assert!(told.len() >= 2, "{told:?}");
        assert_eq!((state.rows.len(), state.head), (told.len(), changes.head));
        assert!(state.rows.iter().all(|row| told.contains(row)), "{state:?} is not {told:?}");
        let first: Page = wren.get(&format!("state?{place}&since=0")).await;
        assert_eq!(first, state, "the state fits into one piece");
        let last: Page = wren.get(&format!("state?{place}&since={}", state.head)).await;
        assert_eq!((last.rows.len(), last.to), (0, state.head));
        let digest: Digest = wren.get(&format!("state/digest?{place}")).await;
        let expected = rows_digest(&told);
        assert_eq!((digest.count, digest.sha256), expected, "in any order");
        assert_eq!(digest.head, state.head);
    }
    let other = format!("state?stream=account:{}&epoch={epoch}", wren.id);
    assert_eq!(oak.refused(&other).await, ErrorCode::Gone);
    assert_eq!(oak.refused("state?stream=directory&epoch=another").await, ErrorCode::Epoch);
}
