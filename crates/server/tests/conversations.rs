//! Permissions in a conversation.

use crate::common::{Database, User};
use parlour_protocol::{
    Action, ConversationId, ConversationRow, ErrorCode, Heads, HistoryVisibility, MemberRole,
    MemberRow, MembershipRow, Removal, Row, Seq, StreamId, UserId,
};
use uuid::Uuid;

on_both_databases! {
    two_who_start_the_same_conversation_at_once_get_one,
    nobody_reads_or_changes_conversations_of_others,
    only_managers_rename_describe_and_archive_a_group,
    an_archived_group_does_not_change_until_it_is_reopened,
    roles_decide_who_removes_members_and_transfers_ownership,
    new_members_see_the_history_that_the_group_allows,
    joining_again_starts_a_new_term,
    only_managers_can_add_a_removed_member_again,
    a_member_who_left_can_still_be_removed_and_kept_out,
    the_removal_setting_decides_what_a_removed_member_keeps,
    read_positions_are_shown_only_in_small_conversations,
}

async fn conversation_row(user: &User, conversation: ConversationId) -> ConversationRow {
    let rows = user.bootstrap(conversation).await.rows;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Conversation(row) => Some(row),
        _ => None,
    });
    found.unwrap()
}

pub async fn member(user: &User, conversation: ConversationId, id: UserId) -> MemberRow {
    let rows = user.bootstrap(conversation).await.rows;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Member(row) if row.user_id == id => Some(row),
        _ => None,
    });
    found.unwrap()
}

pub async fn membership(user: &User, conversation: ConversationId) -> MembershipRow {
    let rows = user.changes(StreamId::Account(user.id)).await.rows;
    let found = rows.into_iter().find_map(|row| match row {
        Row::Membership(row) if row.conversation_id == conversation => Some(row),
        _ => None,
    });
    found.unwrap()
}

async fn two_who_start_the_same_conversation_at_once_get_one(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let id = ConversationId::p2p(wren.id, oak.id);
    let mut requests = Vec::new();
    for round in 0..10 {
        let (user, other) = if round % 2 == 0 { (&wren, &oak) } else { (&oak, &wren) };
        requests.push(user.act(id, Action::create_p2p(other.id)));
    }
    futures_util::future::join_all(requests).await;
    assert_eq!(wren.act_error(id, Action::Leave).await, ErrorCode::Invalid);
    assert_eq!(oak.bootstrap(id).await.rows.len(), 3, "the conversation and its two members");
    let forged = Action::create_p2p(UserId(Uuid::now_v7()));
    assert_eq!(wren.act_error(ConversationId(Uuid::now_v7()), forged).await, ErrorCode::Invalid);
}

async fn nobody_reads_or_changes_conversations_of_others(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[]).await;
    let message_id = wren.say(group, "private").await;
    let epoch = wren.get::<Heads>("heads").await.epoch;
    for path in [
        format!("bootstrap?conversation={group}"),
        format!("history?conversation={group}&epoch={epoch}&term=1&before=9&limit=9"),
        format!("changes?stream=conversation:{group}&epoch={epoch}&term=1&since=0"),
    ] {
        assert_eq!(oak.get_error(&path).await, ErrorCode::NotMember, "{path}");
    }
    let account = format!("changes?stream=account:{}&epoch={epoch}&since=0", wren.id);
    assert_eq!(oak.get_error(&account).await, ErrorCode::NotFound);
    assert_eq!(oak.get_error(&format!("messages/{message_id}/edits")).await, ErrorCode::NotFound);
    for action in Action::examples_in_conversation(message_id, oak.id) {
        assert_eq!(oak.act_error(group, action.clone()).await, ErrorCode::NotMember, "{action:?}");
    }
    let heads: Heads = oak.get("heads").await;
    assert!(!heads.heads.iter().any(|head| head.stream == StreamId::Conversation(group)));
}

async fn only_managers_rename_describe_and_archive_a_group(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    for action in [
        Action::Rename { title: "theirs".into() },
        Action::SetTopic { topic: "theirs".into() },
        Action::Archive { on: true },
    ] {
        assert_eq!(oak.act_error(group, action).await, ErrorCode::Forbidden);
    }
    wren.act(group, Action::Rename { title: " garden ".into() }).await;
    wren.act(group, Action::SetTopic { topic: "what grows".into() }).await;
    let row = conversation_row(&oak, group).await;
    assert_eq!((row.title.as_str(), row.topic.as_str()), ("garden", "what grows"));
    let nameless = Action::Rename { title: " ".into() };
    assert_eq!(wren.act_error(group, nameless).await, ErrorCode::Invalid);

    wren.act(group, Action::Archive { on: true }).await;
    assert_eq!(oak.act_error(group, Action::send("still here?")).await, ErrorCode::ReadOnly);
    oak.act(group, Action::Read { seq: Seq(0), without_receipt: false }).await;
    wren.act(group, Action::Archive { on: false }).await;
    oak.say(group, "back").await;
}

async fn an_archived_group_does_not_change_until_it_is_reopened(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let elm = server.register("elm").await;
    let group = wren.group(&[&oak]).await;
    let message_id = wren.say(group, "the last word").await;
    wren.act(group, Action::Archive { on: true }).await;
    let before = conversation_row(&wren, group).await;
    let is_allowed = |action: &Action| {
        use Action::{Archive, Draft, Hide, Leave, MarkUnread, Mute, Pin, Read, Save};
        matches!(action, Archive { .. } | Draft { .. } | Hide { .. } | MarkUnread { .. } | Leave)
            || matches!(action, Mute { .. } | Pin { .. } | Read { .. } | Save { .. })
    };
    for user_id in [oak.id, elm.id] {
        for action in Action::examples_in_conversation(message_id, user_id)
            .into_iter()
            .filter(|a| !is_allowed(a))
        {
            let refused = wren.act_error(group, action.clone()).await;
            assert_eq!(refused, ErrorCode::ReadOnly, "{action:?}");
            // A user who is not a member does not learn that the conversation is archived.
            assert_eq!(elm.act_error(group, action).await, ErrorCode::NotMember);
        }
    }
    let allowed =
        Action::examples_in_conversation(message_id, elm.id).into_iter().filter(is_allowed);
    for action in allowed.filter(|action| *action != Action::Leave) {
        wren.act(group, action).await;
    }
    assert_eq!(conversation_row(&wren, group).await.archived_at, before.archived_at);
    oak.act(group, Action::Leave).await;
    wren.act(group, Action::Archive { on: false }).await;
    wren.act(group, Action::Rename { title: "opened".into() }).await;
}

async fn roles_decide_who_removes_members_and_transfers_ownership(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, ash) = (server.register("elm").await, server.register("ash").await);
    let group = wren.group(&[&oak, &elm, &ash]).await;
    let remove = |user: &User| Action::RemoveMember { user_id: user.id };
    assert_eq!(elm.act_error(group, remove(&ash)).await, ErrorCode::Forbidden);
    let administrator = MemberRole::Administrator;
    let promote = |user: &User| Action::SetRole { user_id: user.id, role: administrator };
    assert_eq!(oak.act_error(group, promote(&oak)).await, ErrorCode::Forbidden);
    wren.act(group, promote(&oak)).await;
    wren.act(group, promote(&elm)).await;
    assert_eq!(oak.act_error(group, remove(&elm)).await, ErrorCode::Forbidden);
    assert_eq!(oak.act_error(group, remove(&wren)).await, ErrorCode::Forbidden);
    oak.act(group, remove(&ash)).await;
    assert_eq!(ash.act_error(group, Action::send("what?")).await, ErrorCode::NotMember);
    assert!(membership(&ash, group).await.left_at.is_some());

    assert_eq!(wren.act_error(group, Action::Leave).await, ErrorCode::Forbidden);
    let transfer = Action::Transfer { user_id: oak.id };
    assert_eq!(elm.act_error(group, transfer.clone()).await, ErrorCode::Forbidden);
    wren.act(group, transfer).await;
    assert_eq!(member(&oak, group, oak.id).await.role, MemberRole::Owner);
    assert_eq!(member(&oak, group, wren.id).await.role, MemberRole::Administrator);
    wren.act(group, Action::Leave).await;
    oak.act(group, remove(&elm)).await;
    oak.act(group, Action::Leave).await;
}

async fn new_members_see_the_history_that_the_group_allows(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, ash) = (server.register("elm").await, server.register("ash").await);
    let group = wren.group(&[&oak]).await;
    let before = wren.say(group, "before").await;
    wren.act(group, Action::AddMember { user_id: elm.id }).await;
    assert_eq!(elm.read_message(group, before).await.body, "before");

    wren.act(group, Action::SetHistory { history: HistoryVisibility::Joining }).await;
    wren.act(group, Action::AddMember { user_id: ash.id }).await;
    let after = wren.say(group, "after").await;
    assert_eq!(ash.read_message(group, after).await.body, "after");
    wren.act(group, Action::edit(before, "before, edited")).await;
    let epoch = ash.get::<Heads>("heads").await.epoch;
    let history: parlour_protocol::History = ash
        .get(&format!("history?conversation={group}&epoch={epoch}&term=1&before=9&limit=9"))
        .await;
    assert_eq!(history.rows.len(), 1, "the message after they joined");
    let changes = ash.changes(StreamId::Conversation(group)).await;
    let responses = serde_json::to_string(&(changes, ash.bootstrap(group).await)).unwrap();
    assert!(!responses.contains("before"), "{responses}");
    assert_eq!(ash.get_error(&format!("messages/{before}/edits")).await, ErrorCode::NotFound);
    for action in [
        Action::React { message_id: before, emoji: "👍".into(), on: true },
        Action::Save { message_id: before, on: true },
    ] {
        assert_eq!(ash.act_error(group, action).await, ErrorCode::NotFound);
    }
}

async fn joining_again_starts_a_new_term(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    oak.act(group, Action::Leave).await;
    wren.say(group, "while oak was away").await;
    wren.act(group, Action::AddMember { user_id: oak.id }).await;
    let row = membership(&oak, group).await;
    assert_eq!((row.term, row.last_read_seq, row.left_at), (2, Seq(1), None));
    let epoch = oak.get::<Heads>("heads").await.epoch;
    let old = format!("changes?stream=conversation:{group}&epoch={epoch}&term=1&since=0");
    assert_eq!(oak.get_error(&old).await, ErrorCode::Term);
}

async fn only_managers_can_add_a_removed_member_again(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, ash) = (server.register("elm").await, server.register("ash").await);
    let group = wren.group(&[&oak, &elm, &ash]).await;
    let administrator = MemberRole::Administrator;
    wren.act(group, Action::SetRole { user_id: ash.id, role: administrator }).await;
    let add = Action::AddMember { user_id: elm.id };
    let remove = Action::RemoveMember { user_id: elm.id };
    for manager in [&wren, &ash] {
        manager.act(group, remove.clone()).await;
        assert_eq!(oak.act_error(group, add.clone()).await, ErrorCode::Forbidden);
        assert_eq!(elm.act_error(group, add.clone()).await, ErrorCode::NotMember);
        assert!(membership(&elm, group).await.left_at.is_some());
        manager.act(group, add.clone()).await;
        assert!(membership(&elm, group).await.left_at.is_none());
    }
    // Any member can add a user again who left by themselves.
    elm.act(group, Action::Leave).await;
    oak.act(group, add).await;
}

async fn a_member_who_left_can_still_be_removed_and_kept_out(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, ash) = (server.register("elm").await, server.register("ash").await);
    let group = wren.group(&[&oak, &elm]).await;
    let remove = |user: &User| Action::RemoveMember { user_id: user.id };
    let add = |user: &User| Action::AddMember { user_id: user.id };
    elm.act(group, Action::Leave).await;
    assert_eq!(oak.act_error(group, remove(&elm)).await, ErrorCode::Forbidden);
    assert_eq!(wren.act_error(group, remove(&ash)).await, ErrorCode::NotFound, "never in it");
    for _ in 0..2 {
        wren.act(group, remove(&elm)).await;
        assert_eq!(oak.act_error(group, add(&elm)).await, ErrorCode::Forbidden);
    }
    assert!(!membership(&elm, group).await.purged);
    wren.act(group, add(&elm)).await;
    assert!(membership(&elm, group).await.left_at.is_none());
    // Then they keep the same as a removed member.
    wren.act(group, Action::SetRemoval { removal: Removal::Purge }).await;
    elm.act(group, Action::Leave).await;
    assert!(!membership(&elm, group).await.purged);
    wren.act(group, remove(&elm)).await;
    let row = membership(&elm, group).await;
    assert!(row.purged && row.left_at.is_some());
    assert_eq!(
        database.query_string("SELECT CAST(max(member_count) AS TEXT) FROM conversations").await,
        "2"
    );
}

async fn the_removal_setting_decides_what_a_removed_member_keeps(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let message_id = wren.say(group, "between us").await;
    let remove = Action::RemoveMember { user_id: oak.id };
    let add = Action::AddMember { user_id: oak.id };
    let purge = Action::SetRemoval { removal: Removal::Purge };
    assert_eq!(oak.act_error(group, purge.clone()).await, ErrorCode::Forbidden);
    let create_private_state = async || {
        oak.act(group, Action::Save { message_id, on: true }).await;
        let draft = Action::Draft { body: "half".into(), reply_to: None, based_on: None };
        oak.act(group, draft).await;
    };
    create_private_state().await;
    wren.act(group, remove.clone()).await;
    assert!(!membership(&oak, group).await.purged);
    wren.act(group, add.clone()).await;
    create_private_state().await;
    wren.act(group, purge).await;
    assert_eq!(conversation_row(&oak, group).await.removal, Removal::Purge);
    wren.act(group, remove).await;
    let row = membership(&oak, group).await;
    assert!(row.purged && row.left_at.is_some());
    let allowed = oak.changes(StreamId::Account(oak.id)).await.rows;
    let is_present = |row: &Row| match row {
        Row::Draft(row) => !row.body.is_empty(),
        Row::Saved(row) => row.saved_at.is_some(),
        _ => false,
    };
    assert!(!allowed.iter().any(is_present), "{allowed:?}");
    // A user who leaves by themselves need not delete anything, and a user who is added again sees everything
    // again.
    wren.act(group, add).await;
    assert!(!membership(&oak, group).await.purged);
    assert_eq!(oak.read_message(group, message_id).await.body, "between us");
    oak.act(group, Action::Leave).await;
    assert!(!membership(&oak, group).await.purged);
}

async fn read_positions_are_shown_only_in_small_conversations(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    wren.say(group, "seen?").await;
    assert_eq!(member(&wren, group, oak.id).await.last_read_seq, Some(Seq(0)));
    oak.act(group, Action::Read { seq: Seq(99), without_receipt: false }).await;
    assert_eq!(member(&wren, group, oak.id).await.last_read_seq, Some(Seq(1)));
    oak.act(group, Action::Read { seq: Seq(0), without_receipt: false }).await;
    assert_eq!(membership(&oak, group).await.last_read_seq, Seq(1), "it never moves back");
    database.execute("UPDATE conversations SET member_count = 101").await;
    assert_eq!(member(&wren, group, oak.id).await.last_read_seq, None);
}
