//! The list of users for administrators, and ending a user's sessions.

use crate::common::{Database, User, client_made_id, error_body};
use parlour_protocol::{
    Action, AuditEntry, ConversationId, Count, ErrorCode, PersonInfo, Profile, RoleChange,
    SessionInfo, UserId, UserRole,
};
use reqwest::{Method, StatusCode};
use std::collections::BTreeMap;

on_both_databases! {
    an_administrator_sees_all_users_with_private_details,
    users_are_listed_in_pages_and_each_of_them_once,
    users_are_found_by_the_beginning_of_a_name,
    existing_users_are_found_by_name_after_an_upgrade,
    an_administrator_signs_a_user_out_everywhere,
    ending_ones_own_sessions_keeps_the_current_one,
    two_administrators_cannot_demote_each_other,
}

async fn users_by_name(user: &User) -> BTreeMap<String, PersonInfo> {
    let people: Vec<PersonInfo> = user.get("users").await;
    people.into_iter().map(|person| (person.username.clone(), person)).collect()
}

async fn assert_reports(user: &User, prefix: &str) -> Vec<String> {
    let people: Vec<PersonInfo> = user.get(&format!("users?name={prefix}")).await;
    people.into_iter().map(|person| person.username).collect()
}

async fn administer(administrator: &User, id: UserId, action: &str) {
    let response = administrator.request(Method::POST, &format!("users/{id}/{action}")).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT, "{action}");
}

async fn an_administrator_sees_all_users_with_private_details(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    server.sign_in("oak").await;
    let group = oak.group(&[&wren, &elm]).await;
    oak.group(&[&elm]).await;
    elm.act(group, Action::Leave).await;
    oak.act(ConversationId::p2p(oak.id, wren.id), Action::create_p2p(wren.id)).await;
    let ash = server.register("ash").await;
    administer(&wren, ash.id, "erase").await;
    administer(&wren, elm.id, "deactivate").await;
    let id = client_made_id(7);
    let imported =
        format!("INSERT INTO users (id, username, password_hash) VALUES ('{id}', 'Jay', '!')");
    database.execute(&imported).await;

    let people = users_by_name(&wren).await;
    assert_eq!(people.keys().collect::<Vec<_>>(), ["Jay", "elm", "oak", "wren"]);
    let counts = |name: &str| {
        let person = &people[name];
        (person.sessions.0, person.groups.0, person.owned.0)
    };
    assert_eq!(counts("oak"), (2, 2, 2));
    assert_eq!(counts("wren"), (1, 1, 0));
    assert_eq!(counts("elm"), (0, 1, 0), "one group was left, and the sessions have ended");
    assert_eq!(people["wren"].role, UserRole::Administrator);
    assert!(people["oak"].last_seen.is_some() && people["oak"].has_password);
    assert!(people["elm"].deactivated_at.is_some() && people["oak"].deactivated_at.is_none());
    let jay = PersonInfo {
        id: UserId(id),
        username: "Jay".into(),
        display_name: String::new(),
        role: UserRole::Member,
        last_seen: None,
        deactivated_at: None,
        has_password: false,
        sessions: Count(0),
        groups: Count(0),
        owned: Count(0),
    };
    assert_eq!(people["Jay"], jay);
    assert_eq!(oak.get_error("users").await, ErrorCode::Forbidden);
}

async fn users_are_listed_in_pages_and_each_of_them_once(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let rows: Vec<String> =
        (0..1500).map(|n| format!("('{}', 'person-{n}', '!')", client_made_id(n))).collect();
    let rows = rows.join(", ");
    database
        .execute(&format!("INSERT INTO users (id, username, password_hash) VALUES {rows}"))
        .await;
    let first: Vec<PersonInfo> = wren.get("users").await;
    assert_eq!(first.len(), 1000);
    let last = first.last().unwrap().id;
    let second: Vec<PersonInfo> = wren.get(&format!("users?after={last}")).await;
    let mut ids: Vec<UserId> = first.iter().chain(&second).map(|person| person.id).collect();
    assert_eq!(ids.len(), 1501);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 1501);
}

async fn users_are_found_by_the_beginning_of_a_name(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("Wren").await;
    for name in ["wrench", "oak", "owren"] {
        server.register(name).await;
    }
    let elm = server.register("elm").await;
    set_display_name(&elm, "Zoë van Wrèn").await;
    assert_eq!(assert_reports(&wren, "wr").await, ["Wren", "elm", "wrench"]);
    assert_eq!(assert_reports(&wren, "WRÉN").await, ["Wren", "elm", "wrench"]);
    for part in ["zoe", "ZOE VAN", "van w", "elm"] {
        assert_eq!(assert_reports(&wren, part).await, ["elm"], "{part}");
    }
    assert_eq!(assert_reports(&wren, "oe").await, [""; 0], "no word of a name starts with it");
    assert_eq!(users_by_name(&wren).await["elm"].display_name, "Zoë van Wrèn");
    set_display_name(&elm, "").await;
    assert_eq!(assert_reports(&wren, "zoe").await, [""; 0]);
    set_display_name(&elm, "Zoë").await;
    administer(&wren, elm.id, "erase").await;
    for part in ["zoe", "elm", "erased"] {
        assert_eq!(assert_reports(&wren, part).await, [""; 0], "{part}");
    }
    assert_eq!(assert_reports(&wren, "nobody").await, [""; 0]);
    assert_eq!(assert_reports(&wren, "%00").await, [""; 0], "no name contains it");
}

/// Sets a user's display name.
async fn set_display_name(user: &User, display_name: &str) {
    let profile = Profile { display_name: display_name.into(), ..Profile::default() };
    user.act(ConversationId::NONE, Action::SetProfile { profile: profile.into() }).await;
}

async fn existing_users_are_found_by_name_after_an_upgrade(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    set_display_name(&wren, "Wren Okafor").await;
    server.running.stop().await.unwrap();
    let before = "DELETE FROM name_keys; DELETE FROM server_settings WHERE name = 'name_keys'";
    database.execute(before).await;
    let server = database.serve().await;
    let wren = server.with_session_of(&wren);
    assert_eq!(assert_reports(&wren, "okaf").await, ["wren"]);
}

async fn an_administrator_signs_a_user_out_everywhere(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (first, second) = (server.register("oak").await, server.sign_in("oak").await);
    let path = format!("users/{}/sessions?wipe=true", first.id);
    assert_eq!(wren.request(Method::DELETE, &path).await.status(), StatusCode::NO_CONTENT);
    for ended in [&first, &second] {
        assert_eq!(ended.get_error("sessions").await, ErrorCode::Wipe);
    }
    let audit: Vec<AuditEntry> = wren.get("audit").await;
    assert_eq!(
        (audit[0].action.as_str(), audit[0].details.as_str()),
        ("sessions_ended", "wipe=true")
    );
    assert_eq!(audit[0].subject, Some(first.id.0));
    // The user can still sign in.
    let oak = server.sign_in("oak").await;
    assert_eq!(oak.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
    let nobody = format!("users/{}/sessions", client_made_id(1));
    let refused = error_body(wren.request(Method::DELETE, &nobody).await).await;
    assert_eq!(refused.code, ErrorCode::NotFound);
}

async fn ending_ones_own_sessions_keeps_the_current_one(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let other = server.sign_in("wren").await;
    let path = format!("users/{}/sessions?wipe=true", wren.id);
    assert_eq!(wren.request(Method::DELETE, &path).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(other.get_error("sessions").await, ErrorCode::Wipe);
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
}

async fn two_administrators_cannot_demote_each_other(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let role = |id: UserId| format!("users/{id}/role");
    let promote = RoleChange { role: UserRole::Administrator };
    let response = wren.submit(Method::PUT, &role(oak.id), &promote).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    let demote = RoleChange { role: UserRole::Member };
    let (of_oak, of_wren) = (role(oak.id), role(wren.id));
    let responses = tokio::join!(
        wren.submit(Method::PUT, &of_oak, &demote),
        oak.submit(Method::PUT, &of_wren, &demote),
    );
    let successes = [responses.0.status(), responses.1.status()].map(|status| status.is_success());
    assert_eq!(successes.iter().filter(|is_success| **is_success).count(), 1, "{successes:?}");
    let count = "SELECT CAST(count(*) AS TEXT) FROM users WHERE role = 'administrator'";
    assert_eq!(database.query_string(count).await, "1");
}
