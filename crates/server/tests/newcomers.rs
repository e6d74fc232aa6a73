//! The groups that new users join: those of their invitation, and those that administrators choose for
//! everybody.

use crate::common::{Database, PASSWORD, Server, User, credentials, error_body};
use crate::socket::Socket;
use parlour_protocol::{
    Action, ConversationId, Credentials, DefaultGroup, DefaultGroups, ErrorCode, Invitation,
    InvitationPreview, InvitationRequest, InvitationSecret, NewInvitation, RoleChange, Row,
    ServerState, StreamId, UserId, UserRole, Withheld, limits,
};
use reqwest::{Method, StatusCode};
use uuid::Uuid;

on_both_databases! {
    an_invited_user_is_in_the_groups_of_the_invitation_and_members_are_notified,
    only_administrators_see_a_note,
    an_invitation_can_only_contain_groups_of_its_creator,
    a_group_that_can_no_longer_be_joined_is_skipped,
    every_new_user_joins_the_default_groups,
    administrators_choose_default_groups_among_their_own,
    a_default_group_is_joined_while_an_administrator_of_the_server_is_in_it,
    only_members_see_the_title_of_a_group,
    administrators_see_the_state_of_the_server,
}

fn invitation_request(note: &str, groups: &[ConversationId]) -> InvitationRequest {
    let request = InvitationRequest::new(3_600_000, 5, UserRole::Member);
    InvitationRequest { note: note.into(), groups: groups.to_vec(), ..request }
}

async fn invite(user: &User, note: &str, groups: &[ConversationId]) -> NewInvitation {
    let response =
        user.submit(Method::POST, "invitations", &invitation_request(note, groups)).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn register_invited(server: &Server, name: &str, created: &NewInvitation) -> User {
    let invitation = Some(created.secret.clone());
    server
        .post_credentials("users", &Credentials { invitation, ..credentials(name, PASSWORD) })
        .await
}

/// Returns the groups that a user is in, according to their account stream.
async fn groups_of(user: &User) -> Vec<ConversationId> {
    let rows = user.changes(StreamId::Account(user.id)).await.rows;
    let groups = rows.into_iter().filter_map(|row| match row {
        Row::Membership(row) => Some(row.conversation_id),
        _ => None,
    });
    groups.collect()
}

async fn an_invited_user_is_in_the_groups_of_the_invitation_and_members_are_notified(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (one, two) = (wren.group(&[]).await, wren.group(&[]).await);
    wren.say(one, "before").await;
    let created = invite(&wren, "", &[one, two, one]).await;
    let group_ids: Vec<_> = created.invitation.groups.iter().map(|group| group.id).collect();
    assert_eq!(group_ids, [one, two], "each once");
    assert_eq!(created.invitation.groups[0].title, "workshop");
    let mut socket = Socket::open(&wren).await;
    let oak = register_invited(&server, "oak", &created).await;
    let rows = socket.next_change(StreamId::Conversation(one)).await;
    let joined = |row: &Row| matches!(row, Row::Member(row) if row.user_id == oak.id);
    assert!(rows.iter().any(joined), "{rows:?}");
    let mut groups = groups_of(&oak).await;
    groups.sort();
    assert_eq!(groups, if one < two { [one, two] } else { [two, one] });
    oak.say(one, "here").await;
    assert!(oak.bootstrap(one).await.rows.iter().any(|row| matches!(row, Row::Message(_))));
}

async fn only_administrators_see_a_note(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let group = wren.group(&[]).await;
    let created = invite(&wren, " Parsers team ", &[group]).await;
    let listed: Vec<Invitation> = wren.get("invitations").await;
    let listed = listed.iter().find(|item| item.id == created.invitation.id).unwrap();
    assert_eq!((listed.note.as_str(), listed), ("Parsers team", &created.invitation));
    let secret = InvitationSecret { secret: created.secret.clone() };
    let preview = server.post("invitations/preview", &secret).await.text().await.unwrap();
    assert!(serde_json::from_str::<InvitationPreview>(&preview).is_ok());
    assert!(!preview.contains("Parsers") && !preview.contains("workshop"), "{preview}");
    for note in ["a\nb".to_owned(), "x".repeat(121), "a\u{202e}b".to_owned()] {
        let response =
            wren.submit(Method::POST, "invitations", &invitation_request(&note, &[])).await;
        assert_eq!(error_body(response).await.code, ErrorCode::Invalid, "{note:?}");
    }
    invite(&wren, &"\u{e9}".repeat(limits::NOTE_CHARS), &[]).await;
}

async fn an_invitation_can_only_contain_groups_of_its_creator(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let others = oak.group(&[]).await;
    let direct = ConversationId::p2p(wren.id, oak.id);
    wren.act(direct, Action::create_p2p(oak.id)).await;
    for group in [others, direct, ConversationId(Uuid::now_v7())] {
        let response =
            wren.submit(Method::POST, "invitations", &invitation_request("", &[group])).await;
        assert_eq!(error_body(response).await.code, ErrorCode::NotFound);
    }
    let many: Vec<_> =
        (0..=limits::NEWCOMER_GROUPS).map(|_| ConversationId(Uuid::now_v7())).collect();
    let response = wren.submit(Method::POST, "invitations", &invitation_request("", &many)).await;
    assert_eq!(error_body(response).await.code, ErrorCode::Invalid);
}

async fn a_group_that_can_no_longer_be_joined_is_skipped(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let (archived, left_by_creator, intact) =
        (wren.group(&[]).await, oak.group(&[&wren]).await, wren.group(&[]).await);
    let created = invite(&wren, "", &[archived, left_by_creator, intact]).await;
    wren.act(archived, Action::Archive { on: true }).await;
    // Once its creator has left the group, an invitation no longer leads there.
    wren.act(left_by_creator, Action::Leave).await;
    let elm = register_invited(&server, "elm", &created).await;
    assert_eq!(groups_of(&elm).await, [intact]);
    let unknown_group = "UPDATE invitations SET group_ids = '0199aaaa-0000-7000-8000-000000000000'";
    database.execute(unknown_group).await;
    let ash = register_invited(&server, "ash", &created).await;
    assert!(groups_of(&ash).await.is_empty());
    let listed: Vec<Invitation> = wren.get("invitations").await;
    assert!(listed.iter().all(|item| item.groups.is_empty()));
}

async fn choose(user: &User, groups: &[ConversationId]) -> StatusCode {
    let chosen = DefaultGroups { groups: groups.to_vec() };
    user.submit(Method::PUT, "groups/default", &chosen).await.status()
}

async fn every_new_user_joins_the_default_groups(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (one, two) = (wren.group(&[]).await, wren.group(&[]).await);
    assert_eq!(choose(&wren, &[one]).await, StatusCode::NO_CONTENT);
    let oak = server.register("oak").await;
    assert_eq!(groups_of(&oak).await, [one]);
    let created = invite(&wren, "", &[one, two]).await;
    let elm = register_invited(&server, "elm", &created).await;
    assert_eq!(groups_of(&elm).await, [one, two]);
    assert_eq!(choose(&wren, &[]).await, StatusCode::NO_CONTENT);
    assert!(groups_of(&server.register("ash").await).await.is_empty());
    assert_eq!(groups_of(&oak).await, [one], "existing members stay");
}

async fn administrators_choose_default_groups_among_their_own(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let (own, others) = (wren.group(&[]).await, oak.group(&[]).await);
    assert_eq!(choose(&oak, &[others]).await, StatusCode::FORBIDDEN);
    assert_eq!(choose(&wren, &[others]).await, StatusCode::NOT_FOUND);
    assert_eq!(choose(&wren, &[own, own]).await, StatusCode::NO_CONTENT);
    let offered = DefaultGroup { id: own, title: "workshop".into(), withheld: None };
    assert_eq!(defaults(&wren).await, [offered]);
    // An administrator may keep a chosen group even if they are no longer in it.
    wren.act(own, Action::AddMember { user_id: oak.id }).await;
    wren.act(own, Action::Transfer { user_id: oak.id }).await;
    wren.act(own, Action::Leave).await;
    assert_eq!(choose(&wren, &[own]).await, StatusCode::NO_CONTENT);
    let audit: Vec<parlour_protocol::AuditEntry> = wren.get("audit").await;
    assert_eq!(audit[0].action, "default_groups");
}

async fn defaults(user: &User) -> Vec<DefaultGroup> {
    user.get("groups/default").await
}

/// Registers a user, and returns whether they are in a group at once.
async fn joins_at_registration(server: &Server, name: &str, conversation: ConversationId) -> bool {
    groups_of(&server.register(name).await).await.contains(&conversation)
}

async fn a_default_group_is_joined_while_an_administrator_of_the_server_is_in_it(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, lark) = (server.register("oak").await, server.register("lark").await);
    let set_role = async |user: &User, id: UserId, role: UserRole| {
        let path = format!("users/{id}/role");
        let done = user.submit(Method::PUT, &path, &RoleChange { role }).await;
        assert_eq!(done.status(), StatusCode::NO_CONTENT);
    };
    set_role(&wren, lark.id, UserRole::Administrator).await;
    let group = wren.group(&[&oak]).await;
    choose(&wren, &[group]).await;
    assert!(joins_at_registration(&server, "elm", group).await);
    // The administrator who chose it left: the group no longer adds new users.
    wren.act(group, Action::Transfer { user_id: oak.id }).await;
    wren.act(group, Action::Leave).await;
    assert_eq!(defaults(&wren).await[0].withheld, Some(Withheld::Unattended));
    assert!(!joins_at_registration(&server, "ash", group).await);
    // Another administrator of the server is in it, until they lose the role or cannot sign in.
    oak.act(group, Action::AddMember { user_id: lark.id }).await;
    assert_eq!(defaults(&wren).await[0].withheld, None);
    assert!(joins_at_registration(&server, "jay", group).await);
    set_role(&wren, lark.id, UserRole::Member).await;
    assert!(!joins_at_registration(&server, "robin", group).await);
    set_role(&wren, lark.id, UserRole::Administrator).await;
    let deactivate = format!("users/{}/deactivate", lark.id);
    wren.request(Method::POST, &deactivate).await;
    assert!(!joins_at_registration(&server, "finch", group).await);
    wren.request(Method::POST, &format!("users/{}/reactivate", lark.id)).await;
    assert!(joins_at_registration(&server, "heron", group).await);
    oak.act(group, Action::Archive { on: true }).await;
    assert_eq!(defaults(&wren).await[0].withheld, Some(Withheld::Archived));
    // It stays chosen until an administrator removes it from the list.
    assert_eq!(choose(&wren, &[]).await, StatusCode::NO_CONTENT);
    assert_eq!(defaults(&wren).await, []);
}

async fn only_members_see_the_title_of_a_group(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let lark = server.register("lark").await;
    let role = RoleChange { role: UserRole::Administrator };
    wren.submit(Method::PUT, &format!("users/{}/role", lark.id), &role).await;
    let (theirs, both) = (wren.group(&[]).await, wren.group(&[&lark]).await);
    choose(&wren, &[theirs, both]).await;
    invite(&wren, "", &[theirs, both]).await;
    let titles = async |viewer: &User| {
        let defaults: Vec<String> =
            defaults(viewer).await.into_iter().map(|group| group.title).collect();
        let listed: Vec<Invitation> = viewer.get("invitations").await;
        let groups = &listed[0].groups;
        assert_eq!(
            groups.iter().map(|group| &group.title).collect::<Vec<_>>(),
            defaults.iter().collect::<Vec<_>>()
        );
        defaults
    };
    assert_eq!(titles(&wren).await, ["workshop", "workshop"]);
    assert_eq!(titles(&lark).await, ["", "workshop"]);
}

async fn administrators_see_the_state_of_the_server(database: Database) {
    let config = parlour_server::Config { name: Some("The Wren".into()), ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    server.register("oak").await;
    let state: ServerState = wren.get("administration/server").await;
    assert_eq!((state.name.as_deref(), state.people.0), (Some("The Wren"), 2));
    assert_eq!((state.sessions.0, state.sockets.0, state.registration.as_str()), (2, 0, "open"));
    let kind = if database.url.is_some() { "postgres" } else { "sqlite" };
    assert!(state.database == kind && state.database_bytes.0 > 0, "{state:?}");
    assert!(state.certificate.is_none() && !state.backups.planned, "{state:?}");
    let _socket = Socket::open(&wren).await;
    let state: ServerState = wren.get("administration/server").await;
    assert_eq!(state.sockets.0, 1);
}
