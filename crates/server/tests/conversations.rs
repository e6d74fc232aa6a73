//! Permissions in a conversation.

use crate::common::{Database, User};
use parlour_protocol::{
    Action, ConversationId, ConversationRow, ErrorCode, Heads, HistoryVisibility, MemberRole,
    MemberRow, MembershipRow, Removal, Row, Seq, StreamId, UserId,
};
use uuid::Uuid;

on_both_databases! {
    two_who_begin_the_same_conversation_at_once_get_the_same,
    nobody_reads_or_changes_what_is_anothers,
    a_group_is_renamed_described_and_archived_by_those_who_look_after_it,
    nothing_of_an_archived_group_changes_until_it_is_opened_again,
    roles_say_who_removes_whom_and_who_hands_over,
    who_joins_sees_the_past_that_the_group_shows,
    who_comes_back_begins_a_new_term,
    whom_a_manager_removed_is_added_again_by_managers_alone,
    who_leaves_before_they_are_removed_is_kept_out_all_the_same,
    who_is_removed_keeps_what_the_group_lets_them_keep,
    few_members_see_how_far_the_others_have_read,
}

async fn itself(user: &User, room: ConversationId) -> ConversationRow {
    let rows = user.bootstrap(room).await.rows;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Conversation(row) => Some(row),
        _ => None,
    });
    found.unwrap()
}

pub async fn member(user: &User, room: ConversationId, id: UserId) -> MemberRow {
    let rows = user.bootstrap(room).await.rows;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Member(row) if row.user_id == id => Some(row),
        _ => None,
    });
    found.unwrap()
}

pub async fn membership(user: &User, room: ConversationId) -> MembershipRow {
    let rows = user.changes(StreamId::Account(user.id)).await.rows;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Membership(row) if row.conversation_id == room => Some(row),
        _ => None,
    });
    found.unwrap()
}

async fn two_who_begin_the_same_conversation_at_once_get_the_same(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let id = ConversationId::p2p(wren.id, oak.id);
    let mut tries = Vec::new();
    for round in 0..10 {
        let (user, other) = if round % 2 == 0 { (&wren, &oak) } else { (&oak, &wren) };
        tries.push(user.act(id, Action::create_p2p(other.id)));
    }
    futures_util::future::join_all(tries).await;
    assert_eq!(wren.act_refused(id, Action::Leave).await, ErrorCode::Invalid);
    assert_eq!(oak.bootstrap(id).await.rows.len(), 3, "the conversation and its two members");
    let forged = Action::create_p2p(UserId(Uuid::now_v7()));
    assert_eq!(wren.act_refused(ConversationId(Uuid::now_v7()), forged).await, ErrorCode::Invalid);
}

async fn nobody_reads_or_changes_what_is_anothers(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[]).await;
    let message_id = wren.say(room, "private").await;
    let epoch = wren.get::<Heads>("heads").await.epoch;
    for path in [
        format!("bootstrap?conversation={room}"),
        format!("history?conversation={room}&epoch={epoch}&term=1&before=9&limit=9"),
        format!("changes?stream=conversation:{room}&epoch={epoch}&term=1&since=0"),
    ] {
        assert_eq!(oak.refused(&path).await, ErrorCode::NotMember, "{path}");
    }
    let account = format!("changes?stream=account:{}&epoch={epoch}&since=0", wren.id);
    assert_eq!(oak.refused(&account).await, ErrorCode::Gone);
    assert_eq!(oak.refused(&format!("messages/{message_id}/edits")).await, ErrorCode::Gone);
    for action in Action::examples_in_conversation(message_id, oak.id) {
        assert_eq!(oak.act_refused(room, action.clone()).await, ErrorCode::NotMember, "{action:?}");
    }
    let heads: Heads = oak.get("heads").await;
    assert!(!heads.heads.iter().any(|head| head.stream == StreamId::Conversation(room)));
}

async fn a_group_is_renamed_described_and_archived_by_those_who_look_after_it(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    for action in [
        Action::Rename { title: "theirs".into() },
        Action::SetTopic { topic: "theirs".into() },
        Action::Archive { on: true },
    ] {
        assert_eq!(oak.act_refused(room, action).await, ErrorCode::Forbidden);
    }
    wren.act(room, Action::Rename { title: " garden ".into() }).await;
    wren.act(room, Action::SetTopic { topic: "what grows".into() }).await;
    let row = itself(&oak, room).await;
    assert_eq!((row.title.as_str(), row.topic.as_str()), ("garden", "what grows"));
    let nameless = Action::Rename { title: " ".into() };
    assert_eq!(wren.act_refused(room, nameless).await, ErrorCode::Invalid);

    wren.act(room, Action::Archive { on: true }).await;
    assert_eq!(oak.act_refused(room, Action::send("still here?")).await, ErrorCode::ReadOnly);
    oak.act(room, Action::Read { seq: Seq(0), hidden: false }).await;
    wren.act(room, Action::Archive { on: false }).await;
    oak.say(room, "back").await;
}

async fn nothing_of_an_archived_group_changes_until_it_is_opened_again(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let elm = server.register("elm").await;
    let room = wren.group(&[&oak]).await;
    let message_id = wren.say(room, "the last word").await;
    wren.act(room, Action::Archive { on: true }).await;
    let before = itself(&wren, room).await;
    let goes = |action: &Action| {
        use Action::{Archive, Draft, Hide, Leave, MarkUnread, Mute, Pin, Read, Save};
        matches!(action, Archive { .. } | Draft { .. } | Hide { .. } | MarkUnread { .. } | Leave)
            || matches!(action, Mute { .. } | Pin { .. } | Read { .. } | Save { .. })
    };
    for user_id in [oak.id, elm.id] {
        for action in
            Action::examples_in_conversation(message_id, user_id).into_iter().filter(|a| !goes(a))
        {
            let refused = wren.act_refused(room, action.clone()).await;
            assert_eq!(refused, ErrorCode::ReadOnly, "{action:?}");
            // A user who is not a member does not learn that the conversation is archived.
            assert_eq!(elm.act_refused(room, action).await, ErrorCode::NotMember);
        }
    }
    let own = Action::examples_in_conversation(message_id, elm.id).into_iter().filter(goes);
    for action in own.filter(|action| *action != Action::Leave) {
        wren.act(room, action).await;
    }
    assert_eq!(itself(&wren, room).await.archived_at, before.archived_at);
    oak.act(room, Action::Leave).await;
    wren.act(room, Action::Archive { on: false }).await;
    wren.act(room, Action::Rename { title: "opened".into() }).await;
}

async fn roles_say_who_removes_whom_and_who_hands_over(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, ash) = (server.register("elm").await, server.register("ash").await);
    let room = wren.group(&[&oak, &elm, &ash]).await;
    let remove = |user: &User| Action::RemoveMember { user_id: user.id };
    assert_eq!(elm.act_refused(room, remove(&ash)).await, ErrorCode::Forbidden);
    let administrator = MemberRole::Administrator;
    let promote = |user: &User| Action::SetRole { user_id: user.id, role: administrator };
    assert_eq!(oak.act_refused(room, promote(&oak)).await, ErrorCode::Forbidden);
    wren.act(room, promote(&oak)).await;
    wren.act(room, promote(&elm)).await;
    assert_eq!(oak.act_refused(room, remove(&elm)).await, ErrorCode::Forbidden);
    assert_eq!(oak.act_refused(room, remove(&wren)).await, ErrorCode::Forbidden);
    oak.act(room, remove(&ash)).await;
    assert_eq!(ash.act_refused(room, Action::send("what?")).await, ErrorCode::NotMember);
    assert!(membership(&ash, room).await.left_at.is_some());

    assert_eq!(wren.act_refused(room, Action::Leave).await, ErrorCode::Forbidden);
    let hand_over = Action::Transfer { user_id: oak.id };
    assert_eq!(elm.act_refused(room, hand_over.clone()).await, ErrorCode::Forbidden);
    wren.act(room, hand_over).await;
    assert_eq!(member(&oak, room, oak.id).await.role, MemberRole::Owner);
    assert_eq!(member(&oak, room, wren.id).await.role, MemberRole::Administrator);
    wren.act(room, Action::Leave).await;
    oak.act(room, remove(&elm)).await;
    oak.act(room, Action::Leave).await;
}

async fn who_joins_sees_the_past_that_the_group_shows(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, ash) = (server.register("elm").await, server.register("ash").await);
    let room = wren.group(&[&oak]).await;
    let before = wren.say(room, "before").await;
    wren.act(room, Action::AddMember { user_id: elm.id }).await;
    assert_eq!(elm.see(room, before).await.body, "before");

    wren.act(room, Action::SetHistory { history: HistoryVisibility::Joining }).await;
    wren.act(room, Action::AddMember { user_id: ash.id }).await;
    let after = wren.say(room, "after").await;
    assert_eq!(ash.see(room, after).await.body, "after");
    wren.act(room, Action::edit(before, "before, edited")).await;
    let epoch = ash.get::<Heads>("heads").await.epoch;
    let history: parlour_protocol::History = ash
        .get(&format!("history?conversation={room}&epoch={epoch}&term=1&before=9&limit=9"))
        .await;
    assert_eq!(history.rows.len(), 1, "the message after they joined");
    let changes = ash.changes(StreamId::Conversation(room)).await;
    let told = serde_json::to_string(&(changes, ash.bootstrap(room).await)).unwrap();
    assert!(!told.contains("before"), "{told}");
    assert_eq!(ash.refused(&format!("messages/{before}/edits")).await, ErrorCode::Gone);
    for action in [
        Action::React { message_id: before, emoji: "👍".into(), on: true },
        Action::Save { message_id: before, on: true },
    ] {
        assert_eq!(ash.act_refused(room, action).await, ErrorCode::Gone);
    }
}

async fn who_comes_back_begins_a_new_term(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    oak.act(room, Action::Leave).await;
    wren.say(room, "while oak was away").await;
    wren.act(room, Action::AddMember { user_id: oak.id }).await;
    let place = membership(&oak, room).await;
    assert_eq!((place.term, place.last_read_seq, place.left_at), (2, Seq(1), None));
    let epoch = oak.get::<Heads>("heads").await.epoch;
    let old = format!("changes?stream=conversation:{room}&epoch={epoch}&term=1&since=0");
    assert_eq!(oak.refused(&old).await, ErrorCode::Term);
}

async fn whom_a_manager_removed_is_added_again_by_managers_alone(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, ash) = (server.register("elm").await, server.register("ash").await);
    let room = wren.group(&[&oak, &elm, &ash]).await;
    let administrator = MemberRole::Administrator;
    wren.act(room, Action::SetRole { user_id: ash.id, role: administrator }).await;
    let add = Action::AddMember { user_id: elm.id };
    let remove = Action::RemoveMember { user_id: elm.id };
    for manager in [&wren, &ash] {
        manager.act(room, remove.clone()).await;
        assert_eq!(oak.act_refused(room, add.clone()).await, ErrorCode::Forbidden);
        assert_eq!(elm.act_refused(room, add.clone()).await, ErrorCode::NotMember);
        assert!(membership(&elm, room).await.left_at.is_some());
        manager.act(room, add.clone()).await;
        assert!(membership(&elm, room).await.left_at.is_none());
    }
    // Any member can add a user again who left by themselves.
    elm.act(room, Action::Leave).await;
    oak.act(room, add).await;
}

async fn who_leaves_before_they_are_removed_is_kept_out_all_the_same(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, ash) = (server.register("elm").await, server.register("ash").await);
    let room = wren.group(&[&oak, &elm]).await;
    let remove = |user: &User| Action::RemoveMember { user_id: user.id };
    let add = |user: &User| Action::AddMember { user_id: user.id };
    elm.act(room, Action::Leave).await;
    assert_eq!(oak.act_refused(room, remove(&elm)).await, ErrorCode::Forbidden);
    assert_eq!(wren.act_refused(room, remove(&ash)).await, ErrorCode::Gone, "never in it");
    for _ in 0..2 {
        wren.act(room, remove(&elm)).await;
        assert_eq!(oak.act_refused(room, add(&elm)).await, ErrorCode::Forbidden);
    }
    assert!(!membership(&elm, room).await.purged);
    wren.act(room, add(&elm)).await;
    assert!(membership(&elm, room).await.left_at.is_none());
    // What they keep of it is as if they had been removed.
    wren.act(room, Action::SetRemoval { removal: Removal::Purge }).await;
    elm.act(room, Action::Leave).await;
    assert!(!membership(&elm, room).await.purged);
    wren.act(room, remove(&elm)).await;
    let place = membership(&elm, room).await;
    assert!(place.purged && place.left_at.is_some());
    assert_eq!(
        database.text("SELECT CAST(max(member_count) AS TEXT) FROM conversations").await,
        "2"
    );
}

async fn who_is_removed_keeps_what_the_group_lets_them_keep(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    let message_id = wren.say(room, "between us").await;
    let remove = Action::RemoveMember { user_id: oak.id };
    let add = Action::AddMember { user_id: oak.id };
    let purge = Action::SetRemoval { removal: Removal::Purge };
    assert_eq!(oak.act_refused(room, purge.clone()).await, ErrorCode::Forbidden);
    let keep = async || {
        oak.act(room, Action::Save { message_id, on: true }).await;
        let draft = Action::Draft { body: "half".into(), reply_to: None, based_on: None };
        oak.act(room, draft).await;
    };
    keep().await;
    wren.act(room, remove.clone()).await;
    assert!(!membership(&oak, room).await.purged);
    wren.act(room, add.clone()).await;
    keep().await;
    wren.act(room, purge).await;
    assert_eq!(itself(&oak, room).await.removal, Removal::Purge);
    wren.act(room, remove).await;
    let place = membership(&oak, room).await;
    assert!(place.purged && place.left_at.is_some());
    let own = oak.changes(StreamId::Account(oak.id)).await.rows;
    let is_kept = |row: &Row| match row {
        Row::Draft(row) => !row.body.is_empty(),
        Row::Saved(row) => row.saved_at.is_some(),
        _ => false,
    };
    assert!(!own.iter().any(is_kept), "{own:?}");
    // A user who leaves by themselves need not delete anything, and a user who is added again sees everything
    // again.
    wren.act(room, add).await;
    assert!(!membership(&oak, room).await.purged);
    assert_eq!(oak.see(room, message_id).await.body, "between us");
    oak.act(room, Action::Leave).await;
    assert!(!membership(&oak, room).await.purged);
}

async fn few_members_see_how_far_the_others_have_read(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    wren.say(room, "seen?").await;
    assert_eq!(member(&wren, room, oak.id).await.last_read_seq, Some(Seq(0)));
    oak.act(room, Action::Read { seq: Seq(99), hidden: false }).await;
    assert_eq!(member(&wren, room, oak.id).await.last_read_seq, Some(Seq(1)));
    oak.act(room, Action::Read { seq: Seq(0), hidden: false }).await;
    assert_eq!(membership(&oak, room).await.last_read_seq, Seq(1), "never back");
    database.execute("UPDATE conversations SET member_count = 101").await;
    assert_eq!(member(&wren, room, oak.id).await.last_read_seq, None);
}
