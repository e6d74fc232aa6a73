//! Heads, changes and history.

use crate::common::Database;
use parlour_protocol::{ErrorCode, Heads, History, Page, Row, StreamId};

on_both_databases! {
    changes_come_in_whole_intervals_and_history_is_dense,
    heads_tell_what_moved_and_no_more,
    heads_are_the_same_for_who_was_here_lately_and_who_was_away,
    many_writers_at_once_get_dense_positions,
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
    // As if thousands of commits had come since, none of them of this person's streams.
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
