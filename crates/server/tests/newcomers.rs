//! The groups that new users join: those of their invitation, and those that administrators choose for
//! everybody.

use crate::common::{Database, PASSWORD, Server, User, refusal, typed};
use crate::socket::Socket;
use parlour_protocol::{
    Action, ConversationId, Credentials, DefaultGroup, DefaultGroups, ErrorCode, Invitation,
    InvitationPreview, InvitationRequest, InvitationSecret, NewInvitation, RoleChange, Row,
    ServerState, StreamId, UserId, UserRole, Withheld, limits,
};
use reqwest::{Method, StatusCode};
use uuid::Uuid;

on_both_databases! {
    who_comes_by_an_invitation_is_in_its_groups_at_once_and_members_hear_it,
    a_note_is_seen_by_administrators_alone,
    nobody_invites_into_a_group_that_they_are_not_in,
    a_group_that_cannot_be_joined_any_more_is_passed_over,
    every_newcomer_joins_the_default_groups,
    default_groups_are_chosen_by_administrators_among_their_own,
    a_default_group_is_joined_while_an_administrator_of_the_server_is_in_it,
    a_groups_title_is_told_to_its_members_alone,
    administrators_are_told_how_the_server_is,
}

fn invitation_request(note: &str, groups: &[ConversationId]) -> InvitationRequest {
    let asked = InvitationRequest::new(3_600_000, 5, UserRole::Member);
    InvitationRequest { note: note.into(), groups: groups.to_vec(), ..asked }
}

async fn invite(by: &User, note: &str, groups: &[ConversationId]) -> NewInvitation {
    let response = by.submit(Method::POST, "invitations", &invitation_request(note, groups)).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn register_invited(server: &Server, name: &str, made: &NewInvitation) -> User {
    let invitation = Some(made.secret.clone());
    server.enter("users", &Credentials { invitation, ..typed(name, PASSWORD) }).await
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

async fn who_comes_by_an_invitation_is_in_its_groups_at_once_and_members_hear_it(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (one, two) = (wren.group(&[]).await, wren.group(&[]).await);
    wren.say(one, "before").await;
    let made = invite(&wren, "", &[one, two, one]).await;
    let named: Vec<_> = made.invitation.groups.iter().map(|group| group.id).collect();
    assert_eq!(named, [one, two], "each once");
    assert_eq!(made.invitation.groups[0].title, "workshop");
    let mut socket = Socket::open(&wren).await;
    let oak = register_invited(&server, "oak", &made).await;
    let told = socket.next_of(StreamId::Conversation(one)).await;
    let joined = |row: &Row| matches!(row, Row::Member(row) if row.user_id == oak.id);
    assert!(told.iter().any(joined), "{told:?}");
    let mut groups = groups_of(&oak).await;
    groups.sort();
    assert_eq!(groups, if one < two { [one, two] } else { [two, one] });
    oak.say(one, "here").await;
    assert!(oak.bootstrap(one).await.rows.iter().any(|row| matches!(row, Row::Message(_))));
}

async fn a_note_is_seen_by_administrators_alone(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let room = wren.group(&[]).await;
    let made = invite(&wren, " Parsers team ", &[room]).await;
    let listed: Vec<Invitation> = wren.get("invitations").await;
    let listed = listed.iter().find(|one| one.id == made.invitation.id).unwrap();
    assert_eq!((listed.note.as_str(), listed), ("Parsers team", &made.invitation));
    let secret = InvitationSecret { secret: made.secret.clone() };
    let preview = server.post("invitations/preview", &secret).await.text().await.unwrap();
    assert!(serde_json::from_str::<InvitationPreview>(&preview).is_ok());
    assert!(!preview.contains("Parsers") && !preview.contains("workshop"), "{preview}");
    for note in ["a\nb".to_owned(), "x".repeat(121), "a\u{202e}b".to_owned()] {
        let response =
            wren.submit(Method::POST, "invitations", &invitation_request(&note, &[])).await;
        assert_eq!(refusal(response).await.code, ErrorCode::Invalid, "{note:?}");
    }
    invite(&wren, &"\u{e9}".repeat(limits::NOTE_CHARS), &[]).await;
}

async fn nobody_invites_into_a_group_that_they_are_not_in(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let others = oak.group(&[]).await;
    let pair = ConversationId::p2p(wren.id, oak.id);
    wren.act(pair, Action::create_p2p(oak.id)).await;
    for group in [others, pair, ConversationId(Uuid::now_v7())] {
        let response =
            wren.submit(Method::POST, "invitations", &invitation_request("", &[group])).await;
        assert_eq!(refusal(response).await.code, ErrorCode::Gone);
    }
    let many: Vec<_> =
        (0..=limits::NEWCOMER_GROUPS).map(|_| ConversationId(Uuid::now_v7())).collect();
    let response = wren.submit(Method::POST, "invitations", &invitation_request("", &many)).await;
    assert_eq!(refusal(response).await.code, ErrorCode::Invalid);
}

async fn a_group_that_cannot_be_joined_any_more_is_passed_over(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let (archived, left, stays) =
        (wren.group(&[]).await, oak.group(&[&wren]).await, wren.group(&[]).await);
    let made = invite(&wren, "", &[archived, left, stays]).await;
    wren.act(archived, Action::Archive { on: true }).await;
    // Once its creator has left the group, an invitation no longer leads there.
    wren.act(left, Action::Leave).await;
    let elm = register_invited(&server, "elm", &made).await;
    assert_eq!(groups_of(&elm).await, [stays]);
    let gone = "UPDATE invitations SET group_ids = '0199aaaa-0000-7000-8000-000000000000'";
    database.execute(gone).await;
    let ash = register_invited(&server, "ash", &made).await;
    assert!(groups_of(&ash).await.is_empty());
    let listed: Vec<Invitation> = wren.get("invitations").await;
    assert!(listed.iter().all(|one| one.groups.is_empty()));
}

async fn choose(by: &User, groups: &[ConversationId]) -> StatusCode {
    let chosen = DefaultGroups { groups: groups.to_vec() };
    by.submit(Method::PUT, "groups/default", &chosen).await.status()
}

async fn every_newcomer_joins_the_default_groups(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (one, two) = (wren.group(&[]).await, wren.group(&[]).await);
    assert_eq!(choose(&wren, &[one]).await, StatusCode::NO_CONTENT);
    let oak = server.register("oak").await;
    assert_eq!(groups_of(&oak).await, [one]);
    let made = invite(&wren, "", &[one, two]).await;
    let elm = register_invited(&server, "elm", &made).await;
    assert_eq!(groups_of(&elm).await, [one, two]);
    assert_eq!(choose(&wren, &[]).await, StatusCode::NO_CONTENT);
    assert!(groups_of(&server.register("ash").await).await.is_empty());
    assert_eq!(groups_of(&oak).await, [one], "who is there stays");
}

async fn default_groups_are_chosen_by_administrators_among_their_own(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let (own, others) = (wren.group(&[]).await, oak.group(&[]).await);
    assert_eq!(choose(&oak, &[others]).await, StatusCode::FORBIDDEN);
    assert_eq!(choose(&wren, &[others]).await, StatusCode::NOT_FOUND);
    assert_eq!(choose(&wren, &[own, own]).await, StatusCode::NO_CONTENT);
    let offered = DefaultGroup { id: own, title: "workshop".into(), withheld: None };
    assert_eq!(defaults(&wren).await, [offered]);
    // A group that is chosen already may be kept by an administrator who is no longer in it.
    wren.act(own, Action::AddMember { user_id: oak.id }).await;
    wren.act(own, Action::Transfer { user_id: oak.id }).await;
    wren.act(own, Action::Leave).await;
    assert_eq!(choose(&wren, &[own]).await, StatusCode::NO_CONTENT);
    let told: Vec<parlour_protocol::AuditEntry> = wren.get("audit").await;
    assert_eq!(told[0].action, "default_groups");
}

async fn defaults(by: &User) -> Vec<DefaultGroup> {
    by.get("groups/default").await
}

/// Registers somebody, and returns whether they are in a group at once.
async fn joins(server: &Server, name: &str, room: ConversationId) -> bool {
    groups_of(&server.register(name).await).await.contains(&room)
}

async fn a_default_group_is_joined_while_an_administrator_of_the_server_is_in_it(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, lark) = (server.register("oak").await, server.register("lark").await);
    let set_role = async |by: &User, id: UserId, role: UserRole| {
        let path = format!("users/{id}/role");
        let done = by.submit(Method::PUT, &path, &RoleChange { role }).await;
        assert_eq!(done.status(), StatusCode::NO_CONTENT);
    };
    set_role(&wren, lark.id, UserRole::Administrator).await;
    let room = wren.group(&[&oak]).await;
    choose(&wren, &[room]).await;
    assert!(joins(&server, "elm", room).await);
    // Whoever chose it left: the group is its members' again, and none of them invites strangers.
    wren.act(room, Action::Transfer { user_id: oak.id }).await;
    wren.act(room, Action::Leave).await;
    assert_eq!(defaults(&wren).await[0].withheld, Some(Withheld::Unattended));
    assert!(!joins(&server, "ash", room).await);
    // Another administrator of the server is in it, until they are none, or cannot sign in.
    oak.act(room, Action::AddMember { user_id: lark.id }).await;
    assert_eq!(defaults(&wren).await[0].withheld, None);
    assert!(joins(&server, "jay", room).await);
    set_role(&wren, lark.id, UserRole::Member).await;
    assert!(!joins(&server, "robin", room).await);
    set_role(&wren, lark.id, UserRole::Administrator).await;
    let deactivate = format!("users/{}/deactivate", lark.id);
    wren.request(Method::POST, &deactivate).await;
    assert!(!joins(&server, "finch", room).await);
    wren.request(Method::POST, &format!("users/{}/reactivate", lark.id)).await;
    assert!(joins(&server, "heron", room).await);
    oak.act(room, Action::Archive { on: true }).await;
    assert_eq!(defaults(&wren).await[0].withheld, Some(Withheld::Archived));
    // It stays chosen until an administrator takes it out.
    assert_eq!(choose(&wren, &[]).await, StatusCode::NO_CONTENT);
    assert_eq!(defaults(&wren).await, []);
}

async fn a_groups_title_is_told_to_its_members_alone(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let lark = server.register("lark").await;
    let role = RoleChange { role: UserRole::Administrator };
    wren.submit(Method::PUT, &format!("users/{}/role", lark.id), &role).await;
    let (theirs, both) = (wren.group(&[]).await, wren.group(&[&lark]).await);
    choose(&wren, &[theirs, both]).await;
    invite(&wren, "", &[theirs, both]).await;
    let titles = async |seen_by: &User| {
        let defaults: Vec<String> =
            defaults(seen_by).await.into_iter().map(|group| group.title).collect();
        let listed: Vec<Invitation> = seen_by.get("invitations").await;
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

async fn administrators_are_told_how_the_server_is(database: Database) {
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
