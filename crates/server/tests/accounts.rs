//! Registering and signing in, and what administrators do for other users.

use crate::common::{Database, PASSWORD, User, credentials, error_body};
use parlour_protocol::{
    Action, AuditEntry, ConversationId, Credentials, ErrorCode, MemberRole, PasswordChange,
    PasswordReset, Refusal, RoleChange, Row, SessionInfo, StreamId, UserId, UserRole, UserRow,
};
use parlour_server::Config;
use reqwest::{Method, StatusCode};
use std::collections::{BTreeMap, BTreeSet};

on_both_databases! {
    a_username_is_taken_in_any_form,
    a_password_that_bcrypt_would_truncate_is_refused_with_the_reason,
    an_unknown_user_and_a_wrong_password_give_the_same_error,
    only_digests_and_bcrypt_hashes_are_stored,
    a_new_password_ends_the_other_sessions_unless_requested_otherwise,
    an_administrator_resets_passwords_and_deactivates_and_reactivates,
    an_erased_user_loses_their_name_and_others_keep_their_conversations,
    the_private_data_of_an_erased_user_is_deleted,
    nobody_can_take_the_name_of_an_erased_user,
    users_with_reserved_names_are_renamed,
    a_final_sigma_is_no_other_letter_in_a_name,
    of_two_users_who_differ_in_a_final_sigma_the_newer_one_is_renamed,
    a_password_is_the_same_however_it_is_typed,
    a_password_from_before_normalization_still_works,
    the_last_administrator_cannot_be_removed,
}

pub async fn directory(user: &User) -> Vec<UserRow> {
    let page = user.changes(StreamId::Directory).await;
    let people = page.rows.into_iter().filter_map(|row| match row {
        Row::User(row) => Some(row),
        _ => None,
    });
    people.collect()
}

async fn administer(administrator: &User, id: UserId, action: &str) -> StatusCode {
    administrator.request(Method::POST, &format!("users/{id}/{action}")).await.status()
}

async fn a_username_is_taken_in_any_form(database: Database) {
    let server = database.serve().await;
    server.register("Wren").await;
    for form in ["wREN", "ｗｒｅｎ"] {
        let body = error_body(server.post("users", &credentials(form, PASSWORD)).await).await;
        assert_eq!(body.code, ErrorCode::UsernameTaken, "{form}");
    }
    server.post_credentials("sessions", &credentials("WREN", PASSWORD)).await;
}

async fn a_password_that_bcrypt_would_truncate_is_refused_with_the_reason(database: Database) {
    let server = database.serve().await;
    let body = error_body(server.post("users", &credentials("wren", &"x".repeat(73))).await).await;
    assert_eq!(body.code, ErrorCode::Invalid);
    assert!(body.message.contains("73 bytes") && body.message.contains("72"), "{}", body.message);
    // As many bytes as bcrypt reads, of which it takes the last one for the terminator.
    let long = "long horse! ".repeat(6);
    assert_eq!(long.len(), 72);
    server.post_credentials("users", &credentials("oak", &long)).await;
    server.post_credentials("sessions", &credentials("oak", &long)).await;
    let truncated = &long[..71];
    assert_eq!(
        error_body(server.post("sessions", &credentials("oak", truncated)).await).await.code,
        ErrorCode::WrongCredentials
    );
    for weak in ["short", "password1", "        ", "１２３４５６７８", "xxxxxxxxxxxx"] {
        let body = error_body(server.post("users", &credentials("wren", weak)).await).await;
        assert_eq!(body.code, ErrorCode::Invalid, "{weak}");
    }
}

async fn an_unknown_user_and_a_wrong_password_give_the_same_error(database: Database) {
    let server = database.serve().await;
    server.register("wren").await;
    let unknown = error_body(server.post("sessions", &credentials("nobody", PASSWORD)).await).await;
    let wrong =
        error_body(server.post("sessions", &credentials("wren", "wrong horse")).await).await;
    let long =
        error_body(server.post("sessions", &credentials("wren", &"x".repeat(100))).await).await;
    assert_eq!(unknown, wrong);
    assert_eq!(unknown, long);
    assert_eq!(unknown.code, ErrorCode::WrongCredentials);
}

async fn only_digests_and_bcrypt_hashes_are_stored(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let stored = database.query_string("SELECT token FROM sessions").await;
    assert!(stored.len() == 64 && !wren.token.contains(&stored));
    let hash = database.query_string("SELECT password_hash FROM users").await;
    assert!(bcrypt::verify(PASSWORD, &hash).unwrap());
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    assert_eq!(Config::new(database.address.clone(), listen).bcrypt_cost, 12);
}

async fn a_new_password_ends_the_other_sessions_unless_requested_otherwise(database: Database) {
    let server = database.serve().await;
    let (laptop, phone) = (server.register("wren").await, server.sign_in("wren").await);
    let change = |current: &str| change(current, "another horse");
    let wrong = laptop.submit(Method::PUT, "password", &change("wrong horse")).await;
    let reason = error_body(wrong).await.reason;
    assert_eq!(reason, Some(Refusal::CurrentPassword.into()));
    let changed = laptop.submit(Method::PUT, "password", &change(PASSWORD)).await;
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    assert_eq!(phone.get_error("sessions").await, ErrorCode::Revoked);
    assert_eq!(laptop.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
    let old = error_body(server.post("sessions", &credentials("wren", PASSWORD)).await).await;
    assert_eq!(old.code, ErrorCode::WrongCredentials);
    let phone = server.post_credentials("sessions", &credentials("wren", "another horse")).await;
    let again = PasswordChange { keep_sessions: true, ..self::change("another horse", PASSWORD) };
    let changed = laptop.submit(Method::PUT, "password", &again).await;
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    assert_eq!(phone.get::<Vec<SessionInfo>>("sessions").await.len(), 2);
}

fn change(current: &str, new: &str) -> PasswordChange {
    PasswordChange { current: current.into(), new: new.into(), keep_sessions: false }
}

async fn an_administrator_resets_passwords_and_deactivates_and_reactivates(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let reset = PasswordReset { password: "another horse".into() };
    let path = format!("users/{}/password", oak.id);
    let response = wren.submit(Method::PUT, &path, &reset).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(oak.get_error("sessions").await, ErrorCode::Revoked);
    let oak = server.post_credentials("sessions", &credentials("oak", "another horse")).await;

    assert_eq!(administer(&wren, oak.id, "deactivate").await, StatusCode::NO_CONTENT);
    assert_eq!(oak.get_error("sessions").await, ErrorCode::Revoked);
    let refused =
        error_body(server.post("sessions", &credentials("oak", "another horse")).await).await;
    assert_eq!(refused.code, ErrorCode::Forbidden);
    let p2p = ConversationId::p2p(wren.id, oak.id);
    assert_eq!(wren.act_error(p2p, Action::create_p2p(oak.id)).await, ErrorCode::NotFound);

    assert_eq!(administer(&wren, oak.id, "reactivate").await, StatusCode::NO_CONTENT);
    server.post_credentials("sessions", &credentials("oak", "another horse")).await;
}

async fn an_erased_user_loses_their_name_and_others_keep_their_conversations(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let group = oak.group(&[&wren, &elm]).await;
    let message = oak.say(group, "remember me").await;
    let p2p = ConversationId::p2p(wren.id, oak.id);
    oak.act(p2p, Action::create_p2p(wren.id)).await;
    oak.act(p2p, Action::Draft { body: "a secret".into(), reply_to: None, based_on: None }).await;

    assert_eq!(administer(&wren, oak.id, "erase").await, StatusCode::NO_CONTENT);
    let row = directory(&wren).await.into_iter().find(|row| row.id == oak.id).unwrap();
    assert!(row.username.starts_with("erased-") && row.erased_at.is_some(), "{row:?}");
    assert_eq!(wren.read_message(group, message).await.body, "remember me");
    wren.say(p2p, "gone?").await;
    // The group gets a new owner: the member who has been in it longest.
    let members = wren.bootstrap(group).await.rows;
    let owners: Vec<UserId> = members
        .iter()
        .filter_map(|row| match row {
            Row::Member(row) if row.role == MemberRole::Owner => Some(row.user_id),
            _ => None,
        })
        .collect();
    assert!(owners.len() == 1 && owners[0] != oak.id, "{owners:?}");
    let refused = error_body(server.post("sessions", &credentials("oak", PASSWORD)).await).await;
    assert_eq!(refused.code, ErrorCode::WrongCredentials);
    assert_eq!(administer(&wren, oak.id, "reactivate").await, StatusCode::NOT_FOUND);
    assert_eq!(database.query_string("SELECT max(body) FROM drafts").await, "");
    server.register("oak").await;
}

async fn the_private_data_of_an_erased_user_is_deleted(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let credentials = Credentials { device: "Öak's phone".into(), ..credentials("oak", PASSWORD) };
    let oak = server.post_credentials("users", &credentials).await;
    let group = oak.group(&[&wren]).await;
    let message = oak.say(group, "ours").await;
    oak.act(group, Action::Draft { body: "a secret".into(), reply_to: None, based_on: None }).await;
    oak.act(group, Action::Save { message_id: message, on: true }).await;
    oak.act(group, Action::Mute { until: Some(parlour_protocol::Millis(i64::MAX >> 12)) }).await;
    let setting = Action::Setting { name: "theme".into(), value: "a secret".into() };
    oak.act(ConversationId(uuid::Uuid::nil()), setting).await;
    oak.get::<Vec<SessionInfo>>("sessions").await;
    assert_eq!(administer(&wren, oak.id, "erase?wipe=true").await, StatusCode::NO_CONTENT);
    for (condition, count) in [
        ("sessions WHERE (device <> '' OR address <> '' OR last_used_at IS NOT NULL) AND", "0"),
        ("saved WHERE", "0"),
        ("settings WHERE", "0"),
        ("ops WHERE", "0"),
        ("drafts WHERE body <> '' AND", "0"),
        ("conversation_members WHERE muted_until IS NOT NULL AND", "0"),
        // Only the request to wipe their device stays.
        ("sessions WHERE wipe = 1 AND", "1"),
    ] {
        let sql = format!("SELECT CAST(count(*) AS TEXT) FROM {condition} user_id = '{}'", oak.id);
        assert_eq!(database.query_string(&sql).await, count, "{condition}");
    }
    let last_seen_sql = format!(
        "SELECT CAST(count(*) AS TEXT) FROM users WHERE last_seen IS NOT NULL AND id = '{}'",
        oak.id
    );
    assert_eq!(database.query_string(&last_seen_sql).await, "0");
    assert_eq!(oak.get_error("sessions").await, ErrorCode::Wipe);
    assert_eq!(wren.read_message(group, message).await.body, "ours");
}

async fn nobody_can_take_the_name_of_an_erased_user(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let hex = oak.id.0.simple().to_string();
    let name = format!("erased-{}", &hex[hex.len() - 12..]);
    for form in [name.clone(), name.to_uppercase(), name.replacen("erased-", "ｅｒａｓｅｄ－", 1)]
    {
        let refused = error_body(server.post("users", &credentials(&form, PASSWORD)).await).await;
        assert_eq!(refused.code, ErrorCode::Invalid, "{form}");
        assert!(refused.message.contains("erased-"), "{}", refused.message);
    }
    // An earlier version allowed another user to take this name.
    let rename = format!(
        "UPDATE users SET username = '{name}', username_key = '{name}' WHERE id = '{}'",
        elm.id
    );
    database.execute(&rename).await;
    assert_eq!(administer(&wren, oak.id, "erase").await, StatusCode::NO_CONTENT);
    let row = directory(&wren).await.into_iter().find(|row| row.id == oak.id).unwrap();
    assert!(row.erased_at.is_some() && row.username != name, "{row:?}");
}

async fn a_password_is_the_same_however_it_is_typed(database: Database) {
    let server = database.serve().await;
    server.post_credentials("users", &credentials("wren", "caf\u{65}\u{301}\u{a0}noir")).await;
    server.post_credentials("sessions", &credentials("wren", "caf\u{e9} noir")).await;
    let wren =
        server.post_credentials("sessions", &credentials("wren", "cafe\u{301}\u{3000}noir")).await;
    for similar in ["cafe noir", "caf\u{e9} noir ", "Caf\u{e9} noir"] {
        let refused =
            error_body(server.post("sessions", &credentials("wren", similar)).await).await;
        assert_eq!(refused.code, ErrorCode::WrongCredentials, "{similar}");
    }
    let repeated = change("caf\u{e9} noir", "repeated");
    let response = wren.submit(Method::PUT, "password", &repeated).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    // bcrypt would treat these as the same password.
    for truncated in ["repeated\0repeated", "repeated\0"] {
        let refused =
            error_body(server.post("sessions", &credentials("wren", truncated)).await).await;
        assert_eq!(refused.code, ErrorCode::WrongCredentials);
        let refused = wren.submit(Method::PUT, "password", &change("repeated", truncated)).await;
        let refused = error_body(refused).await;
        assert_eq!(refused.code, ErrorCode::Invalid);
        let refused = error_body(server.post("users", &credentials("oak", truncated)).await).await;
        assert_eq!(refused.code, ErrorCode::Invalid);
    }
}

async fn a_password_from_before_normalization_still_works(database: Database) {
    let server = database.serve().await;
    server.register("wren").await;
    for typed_before in ["decompose\u{301}d", "with\ta tab"] {
        let hash = bcrypt::hash(typed_before, 4).unwrap();
        database.execute(&format!("UPDATE users SET password_hash = '{hash}'")).await;
        server.post_credentials("sessions", &credentials("wren", typed_before)).await;
    }
}

async fn the_last_administrator_cannot_be_removed(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    for action in ["deactivate", "erase"] {
        assert_eq!(administer(&wren, wren.id, action).await, StatusCode::FORBIDDEN, "{action}");
    }
    let promote = RoleChange { role: UserRole::Administrator };
    let path = format!("users/{}/role", oak.id);
    assert_eq!(oak.submit(Method::PUT, &path, &promote).await.status(), StatusCode::FORBIDDEN);
    let response = wren.submit(Method::PUT, &path, &promote).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(administer(&oak, wren.id, "deactivate").await, StatusCode::NO_CONTENT);
}

async fn a_final_sigma_is_no_other_letter_in_a_name(database: Database) {
    let server = database.serve().await;
    let nikos = server.register("Νίκος").await;
    for form in ["Νίκος", "ΝΊΚΟΣ", "νίκοσ", "ΝΙ\u{301}ΚΟΣ"] {
        assert_eq!(server.sign_in(form).await.id, nikos.id, "{form}");
        let refused = error_body(server.post("users", &credentials(form, PASSWORD)).await).await;
        assert_eq!(refused.code, ErrorCode::UsernameTaken, "{form}");
    }
}

async fn of_two_users_who_differ_in_a_final_sigma_the_newer_one_is_renamed(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let mut pairs = Vec::new();
    for _ in 0..2 {
        let number = pairs.len();
        let one = server.register(&format!("one{number}")).await.id;
        let other = server.register(&format!("other{number}")).await.id;
        pairs.push((one.min(other), one.max(other)));
    }
    server.running.stop().await.unwrap();
    // What an earlier version and the migration leave. In the second pair, the newer user has the final sigma.
    let [(first, second), (third, fourth)] = pairs[..] else { unreachable!("two pairs") };
    let long = "ώ".repeat(49);
    let users = [
        (first, "'Νίκος'".to_owned(), "NULL".to_owned()),
        (second, "'ΝΊΚΟΣ'".to_owned(), "'νίκοσ'".to_owned()),
        (third, format!("'{long}σ'"), format!("'{long}σ'")),
        (fourth, format!("'{long}ς'"), "NULL".to_owned()),
    ];
    for (id, name, key) in users {
        let columns = format!("username = {name}, username_key = {key}, username_looks = NULL");
        database.execute(&format!("UPDATE users SET {columns} WHERE id = '{id}'")).await;
    }
    for _ in 0..2 {
        let server = database.serve().await;
        let wren = server.with_session_of(&wren);
        let names: BTreeMap<UserId, String> =
            directory(&wren).await.into_iter().map(|row| (row.id, row.username)).collect();
        assert_eq!((&*names[&first], &*names[&second]), ("Νίκος", "ΝΊΚΟΣ-1"));
        let shortened = format!("{}-1", "ώ".repeat(48));
        assert_eq!((&names[&third], &names[&fourth]), (&format!("{long}σ"), &shortened));
        assert_eq!(server.sign_in("ΝΊΚΟΣ").await.id, first);
        assert_eq!(server.sign_in("νίκος-1").await.id, second);
        let entries: Vec<AuditEntry> = wren.get("audit").await;
        let renamed = entries.iter().filter(|entry| entry.action == "renamed");
        let renamed: BTreeSet<_> = renamed.map(|entry| entry.subject).collect();
        assert_eq!(renamed, [second, fourth].map(|id| Some(id.0)).into());
        server.running.stop().await.unwrap();
    }
}

async fn users_with_reserved_names_are_renamed(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (one, two) = (server.register("nobody").await, server.register("all-1").await);
    let three = server.register("undead").await;
    let (four, five) = (server.register("lookalike").await, server.register("sign").await);
    server.running.stop().await.unwrap();
    // Names that an earlier version allowed.
    let (id, all) = (one.id.0, "'All', username_key = 'all', username_looks = NULL");
    database.execute(&format!("UPDATE users SET username = {all} WHERE id = '{id}'")).await;

    let (id, erased) = (three.id.0, "'Erased-Bob', username_key = 'erased-bob'");
    database.execute(&format!("UPDATE users SET username = {erased} WHERE id = '{id}'")).await;
    for (user, name) in [
        (&four, "'aII', username_key = 'aii', username_looks = NULL"),
        (&five, "'@Oak', username_key = '@oak', username_looks = NULL"),
    ] {
        let id = user.id;
        database.execute(&format!("UPDATE users SET username = {name} WHERE id = '{id}'")).await;
    }

    for _ in 0..2 {
        let server = database.serve().await;
        let wren = server.with_session_of(&wren);
        let names: BTreeMap<UserId, String> =
            directory(&wren).await.into_iter().map(|row| (row.id, row.username)).collect();
        assert_eq!((names[&one.id].as_str(), names[&two.id].as_str()), ("all-2", "all-1"));
        assert_eq!(names[&three.id], "erasedbob-1");
        assert_eq!((names[&four.id].as_str(), names[&five.id].as_str()), ("aii-1", "oak-1"));
        for old in ["all", "erased-bob", "aII", "@oak", "channeI"] {
            let refused =
                error_body(server.post("sessions", &credentials(old, PASSWORD)).await).await;
            assert!(refused.message.contains("ask an administrator"), "{}", refused.message);
        }
        assert_eq!(server.sign_in("all-2").await.id, one.id);
        let entries: Vec<AuditEntry> = wren.get("audit").await;
        let renamed = entries.iter().filter(|entry| entry.action == "renamed");
        let renamed: BTreeSet<_> = renamed.map(|entry| entry.subject).collect();
        assert_eq!(renamed, [&one, &three, &four, &five].map(|user| Some(user.id.0)).into());
        server.running.stop().await.unwrap();
    }
}
