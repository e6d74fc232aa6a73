//! The owners of groups whose owner can no longer sign in, and refusals of ops that involve users who cannot sign
//! in.

use crate::common::{Database, User, error_body};
use parlour_protocol::{
    Action, AuditEntry, ConversationId, ErrorCode, GroupOwner, MemberRole, Op, OpId,
    OwnerlessGroup, Row, UserId,
};
use reqwest::{Method, StatusCode};

on_both_databases! {
    ownership_passes_to_the_longest_serving_administrator_or_member_who_can_sign_in,
    a_reactivated_member_becomes_owner_of_a_group_without_active_members,
    an_owner_without_a_possible_successor_may_leave,
    an_administrator_of_the_server_takes_over_only_ownerless_groups,
    a_group_that_everybody_left_cannot_be_taken_over,
    ops_that_involve_deactivated_or_erased_users_are_refused_with_the_reason,
}

async fn administer(administrator: &User, id: UserId, action: &str) {
    let response = administrator.request(Method::POST, &format!("users/{id}/{action}")).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT, "{action}");
}

/// Returns the members of a group with their roles.
async fn roles(user: &User, conversation: ConversationId) -> Vec<(UserId, MemberRole)> {
    let rows = user.bootstrap(conversation).await.rows;
    let role = |row: Row| match row {
        Row::Member(row) if row.left_at.is_none() => Some((row.user_id, row.role)),
        _ => None,
    };
    rows.into_iter().filter_map(role).collect()
}

async fn owner(user: &User, conversation: ConversationId) -> Option<UserId> {
    let roles = roles(user, conversation).await;
    let mut owners = roles.into_iter().filter(|(_, role)| *role == MemberRole::Owner);
    let owner = owners.next().map(|(user, _)| user);
    assert!(owners.next().is_none(), "at most one owner");
    owner
}

async fn ownership_passes_to_the_longest_serving_administrator_or_member_who_can_sign_in(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm, ash) =
        (server.register("oak").await, server.register("elm").await, server.register("ash").await);
    let group = oak.group(&[&elm]).await;
    // elm is the longest member, ash a newer administrator, and wren the newest member.
    oak.act(group, Action::AddMember { user_id: ash.id }).await;
    oak.act(group, Action::AddMember { user_id: wren.id }).await;
    let role = MemberRole::Administrator;
    oak.act(group, Action::SetRole { user_id: ash.id, role }).await;
    let direct = ConversationId::p2p(oak.id, wren.id);
    wren.act(direct, Action::create_p2p(oak.id)).await;

    administer(&wren, oak.id, "deactivate").await;
    assert_eq!(owner(&wren, group).await, Some(ash.id));
    assert!(roles(&wren, group).await.contains(&(oak.id, MemberRole::Administrator)));
    // The new owner is an ordinary change in the stream, which mirrors receive.
    let changes = wren.changes(parlour_protocol::StreamId::Conversation(group)).await;
    assert_eq!(changes.to, changes.head);
    administer(&wren, ash.id, "erase").await;
    assert_eq!(
        owner(&wren, group).await,
        Some(elm.id),
        "oak is an administrator, but cannot sign in"
    );
    administer(&wren, elm.id, "deactivate").await;
    assert_eq!(owner(&wren, group).await, Some(wren.id));
    assert_eq!(owner(&wren, direct).await, None, "a direct conversation has no owner");
}

async fn a_reactivated_member_becomes_owner_of_a_group_without_active_members(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let group = oak.group(&[&elm]).await;
    administer(&wren, oak.id, "deactivate").await;
    administer(&wren, elm.id, "deactivate").await;
    administer(&wren, oak.id, "reactivate").await;
    let oak = server.sign_in("oak").await;
    assert_eq!(owner(&oak, group).await, Some(oak.id));
    administer(&wren, elm.id, "reactivate").await;
    assert_eq!(owner(&oak, group).await, Some(oak.id), "the group already has an owner");
}

async fn an_owner_without_a_possible_successor_may_leave(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let group = oak.group(&[&elm]).await;
    assert_eq!(oak.act_error(group, Action::Leave).await, ErrorCode::Forbidden);
    administer(&wren, elm.id, "deactivate").await;
    oak.act(group, Action::Leave).await;
    administer(&wren, elm.id, "reactivate").await;
    let elm = server.sign_in("elm").await;
    assert_eq!(owner(&elm, group).await, Some(elm.id));
}

async fn an_administrator_of_the_server_takes_over_only_ownerless_groups(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let (ownerless, owned) = (oak.group(&[]).await, elm.group(&[]).await);
    oak.say(ownerless, "who looks after this?").await;
    let direct = ConversationId::p2p(oak.id, elm.id);
    elm.act(direct, Action::create_p2p(oak.id)).await;
    assert_eq!(wren.get::<Vec<OwnerlessGroup>>("groups/ownerless").await, []);
    administer(&wren, oak.id, "deactivate").await;

    let found: Vec<OwnerlessGroup> = wren.get("groups/ownerless").await;
    assert_eq!((found.len(), found[0].id, found[0].member_count), (1, ownerless, 1));
    assert_eq!(found[0].title, "workshop");
    let set_owner = async |conversation: ConversationId, new_owner: UserId| {
        let request = GroupOwner { user_id: new_owner };
        wren.submit(Method::PUT, &format!("groups/{conversation}/owner"), &request).await
    };
    for (conversation, new_owner, code) in [
        (owned, wren.id, ErrorCode::Invalid),
        (direct, wren.id, ErrorCode::NotFound),
        (ownerless, oak.id, ErrorCode::NotFound),
        (ConversationId::NONE, wren.id, ErrorCode::NotFound),
    ] {
        assert_eq!(
            error_body(set_owner(conversation, new_owner).await).await.code,
            code,
            "{conversation}"
        );
    }
    assert_eq!(set_owner(ownerless, wren.id).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(owner(&wren, ownerless).await, Some(wren.id));
    assert_eq!(wren.bootstrap(ownerless).await.last_seq, 1);
    assert_eq!(wren.get::<Vec<OwnerlessGroup>>("groups/ownerless").await, []);
    assert_eq!(error_body(set_owner(ownerless, elm.id).await).await.code, ErrorCode::Invalid);
    let entries: Vec<AuditEntry> = wren.get("audit").await;
    assert_eq!(
        (entries[0].action.as_str(), entries[0].subject),
        ("group_taken", Some(ownerless.0))
    );
    assert_eq!(
        (entries[0].actor, &entries[0].details),
        (Some(wren.id), &format!("owner={}", wren.id))
    );
}

async fn a_group_that_everybody_left_cannot_be_taken_over(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let group = oak.group(&[]).await;
    oak.say(group, "the last word").await;
    oak.act(group, Action::Leave).await;
    assert_eq!(wren.get::<Vec<OwnerlessGroup>>("groups/ownerless").await, []);
    let request = GroupOwner { user_id: wren.id };
    let refused = wren.submit(Method::PUT, &format!("groups/{group}/owner"), &request).await;
    let refused = error_body(refused).await;
    assert_eq!(refused.code, ErrorCode::Invalid);
    assert!(refused.message.starts_with("All members have left this group"), "{}", refused.message);
    assert_eq!(
        wren.get_error(&format!("bootstrap?conversation={group}")).await,
        ErrorCode::NotMember
    );
}

async fn ops_that_involve_deactivated_or_erased_users_are_refused_with_the_reason(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let conversation = wren.group(&[&oak, &elm]).await;
    let before = ConversationId::p2p(wren.id, oak.id);
    wren.act(before, Action::create_p2p(oak.id)).await;
    administer(&wren, oak.id, "deactivate").await;
    administer(&wren, elm.id, "erase").await;
    let other = wren.group(&[]).await;
    for (user, expected) in [(&oak, "oak"), (&elm, "erased")] {
        let user_id = user.id;
        let role = MemberRole::Administrator;
        let group = ConversationId(uuid::Uuid::now_v7());
        let mut refused_ops = vec![
            (group, Action::create_group("garden", vec![user_id])),
            (other, Action::AddMember { user_id }),
        ];
        if user.id == oak.id {
            refused_ops.push((conversation, Action::Transfer { user_id }));
            refused_ops.push((conversation, Action::SetRole { user_id, role }));
        } else {
            refused_ops.push((ConversationId::p2p(wren.id, user_id), Action::create_p2p(user_id)));
        }
        for (conversation_id, action) in refused_ops {
            let op = Op { id: OpId::new(), conversation_id, action };
            let refused = error_body(wren.send_op(&op).await).await;
            assert_eq!(refused.code, ErrorCode::NotFound, "{:?}", op.action);
            assert!(refused.message.contains(expected), "{}: {:?}", refused.message, op.action);
        }
    }
    // A conversation that existed before stays, and can be opened.
    wren.act(before, Action::create_p2p(oak.id)).await;
    wren.say(before, "are you there?").await;
}
