//! Data that only its owner sees, the same on all their devices.

use crate::common::{Database, Server, TIMEOUT};
use crate::conversations::{member, membership};
use parlour_protocol::{
    Action, ConversationId, DraftRow, ErrorCode, Millis, ProfileChange, Row, Seq, StreamId,
};
use parlour_server::{Config, DatabaseAddress};
use reqwest::{Method, StatusCode};
use std::path::Path;
use std::time::Instant;

on_both_databases! {
    mutes_and_pins_apply_to_all_devices_of_a_user,
    a_read_position_is_shared_only_if_the_user_wants_it,
    drafts_saved_messages_and_settings_are_synced_only_to_their_owner,
}

async fn mutes_and_pins_apply_to_all_devices_of_a_user(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    wren.say(group, "hello").await;
    oak.act(group, Action::Mute { until: Some(Millis(4_000_000_000_000)) }).await;
    oak.act(group, Action::Pin { on: true }).await;
    oak.act(group, Action::Hide { on: true }).await;
    oak.act(group, Action::MarkUnread { on: true, from: None }).await;
    let own_row = membership(&oak, group).await;
    assert_eq!(own_row.muted_until, Some(Millis(4_000_000_000_000)));
    assert!(own_row.pinned_at.is_some() && own_row.hidden_at.is_some() && own_row.marked_unread);
    oak.act(group, Action::Read { seq: Seq(1), without_receipt: false }).await;
    oak.act(group, Action::Pin { on: false }).await;
    let own_row = membership(&oak, group).await;
    assert!(!own_row.marked_unread && own_row.pinned_at.is_none() && own_row.hidden_at.is_some());
    for _ in 0..3 {
        wren.say(group, "and more").await;
    }
    oak.act(group, Action::Read { seq: Seq(4), without_receipt: false }).await;
    oak.act(group, Action::MarkUnread { on: true, from: Some(Seq(3)) }).await;
    let own_row = membership(&oak, group).await;
    assert!(own_row.marked_unread && own_row.last_read_seq == Seq(2));
    // Only the user's own position moves back: others keep the one they received. It never marks anything
    // as read.
    assert_eq!(member(&wren, group, oak.id).await.last_read_seq, Some(Seq(4)));
    oak.act(group, Action::MarkUnread { on: true, from: Some(Seq(4)) }).await;
    assert_eq!(membership(&oak, group).await.last_read_seq, Seq(2));
    let others = membership(&wren, group).await;
    assert!(others.muted_until.is_none() && others.hidden_at.is_none());
}

async fn a_read_position_is_shared_only_if_the_user_wants_it(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    for _ in 0..3 {
        wren.say(group, "read me").await;
    }
    let read = |seq, without_receipt| Action::Read { seq: Seq(seq), without_receipt };
    oak.act(group, read(1, false)).await;
    oak.act(group, read(2, true)).await;
    let seen_by_wren = async || {
        let page = wren.changes(StreamId::Conversation(group)).await;
        let of_oak = |row: &Row| match row {
            Row::Member(row) if row.user_id == oak.id => row.last_read_seq,
            _ => None,
        };
        page.rows.iter().find_map(of_oak)
    };
    let own_row = async || {
        let page = oak.changes(StreamId::Account(oak.id)).await;
        let membership = |row: &Row| match row {
            Row::Membership(row) => Some(row.last_read_seq),
            _ => None,
        };
        page.rows.iter().find_map(membership)
    };
    assert_eq!((seen_by_wren().await, own_row().await), (Some(Seq(1)), Some(Seq(2))));
    // Repeated without the flag, it also shares the position.
    oak.act(group, read(2, false)).await;
    assert_eq!((seen_by_wren().await, own_row().await), (Some(Seq(2)), Some(Seq(2))));
}

async fn drafts_saved_messages_and_settings_are_synced_only_to_their_owner(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let message_id = oak.say(group, "keep this").await;
    wren.act(
        group,
        Action::Draft { body: "half a thought".into(), reply_to: Some(message_id), based_on: None },
    )
    .await;
    wren.act(group, Action::Save { message_id, on: true }).await;
    let no_conversation = ConversationId::NONE;
    let setting = |value: &str| Action::Setting { name: "theme".into(), value: value.into() };
    wren.act(no_conversation, setting("dark")).await;
    wren.act(no_conversation, setting("light")).await;
    let named = Action::Setting { name: "Not a name".into(), value: String::new() };
    assert_eq!(wren.act_error(no_conversation, named).await, ErrorCode::Invalid);

    let device = server.sign_in("wren").await;
    let rows = device.changes(StreamId::Account(wren.id)).await.rows;
    assert!(
        rows.iter().any(
            |row| matches!(row, Row::Draft(DraftRow { body, .. }) if body == "half a thought")
        )
    );
    assert!(rows.iter().any(
        |row| matches!(row, Row::Saved(row) if row.message_id == message_id && row.saved_at.is_some())
    ));
    let settings: Vec<_> = rows.iter().filter(|row| matches!(row, Row::Setting(_))).collect();
    assert!(matches!(settings[..], [Row::Setting(row)] if row.value == "light"), "{settings:?}");
    let others = oak.changes(StreamId::Account(oak.id)).await.rows;
    assert!(
        !others.iter().any(|row| matches!(row, Row::Draft(_) | Row::Saved(_) | Row::Setting(_)))
    );
    // Two devices write independently: nothing of either draft is lost.
    let draft_of = |rows: &[Row]| {
        let draft = |row: &Row| if let Row::Draft(row) = row { Some(row.clone()) } else { None };
        rows.iter().rev().find_map(draft).expect("a draft")
    };
    let based_on = draft_of(&rows).changed_seq;
    let write = |body: &str, based_on| Action::Draft {
        body: body.into(),
        reply_to: Some(message_id),
        based_on: Some(based_on),
    };
    wren.act(group, write("half a thought, and more", based_on)).await;
    wren.act(group, write("another", based_on)).await;
    let rows = device.changes(StreamId::Account(wren.id)).await.rows;
    assert_eq!(draft_of(&rows).body, "half a thought, and more\n\nanother");
    wren.act(group, write("", based_on)).await;
    wren.act(group, write("another", based_on)).await;
    let rows = device.changes(StreamId::Account(wren.id)).await.rows;
    assert_eq!(
        draft_of(&rows).body,
        "half a thought, and more\n\nanother",
        "a repeated text is not appended"
    );
    wren.act(group, Action::Save { message_id, on: false }).await;
    wren.act(group, Action::Draft { body: String::new(), reply_to: None, based_on: None }).await;
    let rows = device.changes(StreamId::Account(wren.id)).await.rows;
    assert!(rows.iter().any(|row| matches!(row, Row::Saved(row) if row.saved_at.is_none())));
    assert!(rows.iter().any(|row| matches!(row, Row::Draft(row) if row.body.is_empty())));
}

/// Returns whether any file of a database contains a text.
fn is_in_a_file(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).any(|path| {
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(text.len()).any(|part| part == text.as_bytes())
    })
}

/// On SQLite only: PostgreSQL's own files are its operator's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deleted_texts_are_soon_in_no_file_although_nothing_more_is_written() {
    const SAID: &str = "unmistakably said";
    const PROFILE: &str = "unmistakably about me";
    let database = Database::sqlite();
    let DatabaseAddress::Sqlite(file) = &database.address else { unreachable!() };
    let folder = file.parent().unwrap();
    let server = database.serve().await;
    let (wren, oak) = (server.register_administrator("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let message_id = wren.say(group, SAID).await;
    let about = ProfileChange { about: Some(PROFILE.into()), ..ProfileChange::default() };
    oak.act(ConversationId::NONE, Action::SetProfile { profile: about }).await;
    assert!(is_in_a_file(folder, SAID) && is_in_a_file(folder, PROFILE));
    wren.act(group, Action::Delete { message_id }).await;
    let erased = wren.request(Method::POST, &format!("users/{}/erase", oak.id)).await;
    assert_eq!(erased.status(), StatusCode::NO_CONTENT);
    // The files as they are if the server is killed now. The next one begins with an attempt to empty the log.
    let copy = tempfile::tempdir().unwrap();
    for name in ["parlour.db", "parlour.db-wal"] {
        std::fs::copy(folder.join(name), copy.path().join(name)).unwrap();
    }
    // A database may be a link. On Unix, its log is next to the target.
    #[cfg(unix)]
    let link = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(copy.path().join("parlour.db"), link.path().join("parlour.db"))
        .unwrap();
    #[cfg(not(unix))]
    let link = &copy;
    let after = Config { database: DatabaseAddress::in_folder(link.path()), ..database.config() };
    let restarted = Server::start(&after).await;
    let began = Instant::now();
    for (folder, which) in [(copy.path(), "restarted"), (folder, "idle")] {
        while is_in_a_file(folder, SAID) || is_in_a_file(folder, PROFILE) {
            assert!(began.elapsed() < TIMEOUT, "{which}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    restarted.running.stop().await.unwrap();
    server.running.stop().await.unwrap();
}
