//! Registering and signing in, and what administrators do for other users.

use crate::common::{Database, PASSWORD, Server, User, refusal, typed};
use parlour_protocol::{
    Action, AuditEntry, ConversationId, Credentials, ErrorCode, Invitation, InvitationRequest,
    MemberRole, NewInvitation, PasswordChange, PasswordReset, Refusal, Registration, RoleChange,
    Row, ServerInfo, SessionInfo, StreamId, UserId, UserRole, UserRow,
};
use parlour_server::Config;
use reqwest::{Method, StatusCode};
use std::collections::{BTreeMap, BTreeSet};

on_both_databases! {
    a_name_is_taken_in_any_form,
    a_password_that_bcrypt_would_cut_is_refused_with_a_clear_message,
    an_unknown_user_and_a_wrong_password_are_told_the_same,
    only_digests_and_bcrypt_hashes_are_stored,
    an_empty_server_makes_one_administrator_by_its_link,
    an_invitation_lets_in_as_many_as_it_says_until_it_is_revoked_or_over,
    a_closed_server_lets_nobody_register,
    a_new_password_ends_the_other_sessions_unless_they_are_to_stay,
    an_administrator_resets_deactivates_and_reactivates,
    who_is_erased_loses_their_name_and_others_keep_their_conversations,
    who_is_erased_leaves_nothing_of_their_own_behind,
    nobody_takes_the_name_of_one_who_was_erased,
    whoever_is_called_as_everybody_is_gets_another_name,
    a_password_is_the_same_however_a_keyboard_makes_it,
    a_password_made_before_is_good_as_it_was_typed,
    the_last_administrator_stays,
}

async fn invite(administrator: &User, uses: i64) -> NewInvitation {
    let asked = InvitationRequest::new(60_000, uses, UserRole::Member);
    let response = administrator.submit(Method::POST, "invitations", &asked).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn register_with(server: &Server, name: &str, secret: &str) -> Result<(), ErrorCode> {
    let invitation = Some(secret.to_owned());
    let response = server.post("users", &Credentials { invitation, ..typed(name, PASSWORD) }).await;
    if response.status().is_success() { Ok(()) } else { Err(refusal(response).await.code) }
}

async fn directory(user: &User) -> Vec<UserRow> {
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

async fn a_name_is_taken_in_any_form(database: Database) {
    let server = database.serve().await;
    server.register("Wren").await;
    for form in ["wREN", "ｗｒｅｎ"] {
        let body = refusal(server.post("users", &typed(form, PASSWORD)).await).await;
        assert_eq!(body.code, ErrorCode::UsernameTaken, "{form}");
    }
    server.enter("sessions", &typed("WREN", PASSWORD)).await;
}

async fn a_password_that_bcrypt_would_cut_is_refused_with_a_clear_message(database: Database) {
    let server = database.serve().await;
    let body = refusal(server.post("users", &typed("wren", &"x".repeat(73))).await).await;
    assert_eq!(body.code, ErrorCode::Invalid);
    assert!(body.message.contains("73 bytes") && body.message.contains("72"), "{}", body.message);
    // As many bytes as bcrypt reads, of which it takes the last one for the terminator.
    let long = "long horse! ".repeat(6);
    assert_eq!(long.len(), 72);
    server.enter("users", &typed("oak", &long)).await;
    server.enter("sessions", &typed("oak", &long)).await;
    let cut = &long[..71];
    assert_eq!(
        refusal(server.post("sessions", &typed("oak", cut)).await).await.code,
        ErrorCode::SignIn
    );
    for weak in ["short", "password1", "        ", "１２３４５６７８", "xxxxxxxxxxxx"] {
        let body = refusal(server.post("users", &typed("wren", weak)).await).await;
        assert_eq!(body.code, ErrorCode::Invalid, "{weak}");
    }
}

async fn an_unknown_user_and_a_wrong_password_are_told_the_same(database: Database) {
    let server = database.serve().await;
    server.register("wren").await;
    let unknown = refusal(server.post("sessions", &typed("nobody", PASSWORD)).await).await;
    let wrong = refusal(server.post("sessions", &typed("wren", "wrong horse")).await).await;
    let long = refusal(server.post("sessions", &typed("wren", &"x".repeat(100))).await).await;
    assert_eq!(unknown, wrong);
    assert_eq!(unknown, long);
    assert_eq!(unknown.code, ErrorCode::SignIn);
}

async fn only_digests_and_bcrypt_hashes_are_stored(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let stored = database.text("SELECT token FROM sessions").await;
    assert!(stored.len() == 64 && !wren.token.contains(&stored));
    let hash = database.text("SELECT password_hash FROM users").await;
    assert!(bcrypt::verify(PASSWORD, &hash).unwrap());
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    assert_eq!(Config::new(database.address.clone(), listen).bcrypt_cost, 12);
}

async fn an_empty_server_makes_one_administrator_by_its_link(database: Database) {
    let server = database.serve().await;
    let secret = server.running.first_invitation.clone().unwrap();
    let wren = server.register_administrator("wren").await;
    let me = directory(&wren).await.into_iter().find(|row| row.id == wren.id).unwrap();
    assert_eq!(me.role, UserRole::Administrator);
    assert_eq!(register_with(&server, "oak", &secret).await, Err(ErrorCode::Forbidden));
    server.running.stop().await.unwrap();
    assert!(database.serve().await.running.first_invitation.is_none());
}

async fn an_invitation_lets_in_as_many_as_it_says_until_it_is_revoked_or_over(database: Database) {
    let config = Config { registration: Registration::Invitation, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    let info: ServerInfo = server
        .http
        .get(format!("{}/server", server.url))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(info.registration, Registration::Invitation);
    let refused = refusal(server.post("users", &typed("oak", PASSWORD)).await).await;
    assert_eq!(refused.code, ErrorCode::Forbidden);

    let invitation = invite(&wren, 2).await;
    register_with(&server, "oak", &invitation.secret).await.unwrap();
    // A refused registration with a taken username does not use up the invitation.
    let taken = register_with(&server, "oak", &invitation.secret).await;
    assert_eq!(taken, Err(ErrorCode::UsernameTaken));
    register_with(&server, "elm", &invitation.secret).await.unwrap();
    assert_eq!(register_with(&server, "ash", &invitation.secret).await, Err(ErrorCode::Forbidden));

    let revoked = invite(&wren, 2).await;
    let path = format!("invitations/{}", revoked.invitation.id);
    assert_eq!(wren.request(Method::DELETE, &path).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(register_with(&server, "ash", &revoked.secret).await, Err(ErrorCode::Forbidden));

    let over = invite(&wren, 2).await;
    database.execute("UPDATE invitations SET expires_at = 0").await;
    assert_eq!(register_with(&server, "ash", &over.secret).await, Err(ErrorCode::Forbidden));
    let listed: Vec<Invitation> = wren.get("invitations").await;
    assert!(listed.iter().any(|known| known.id == over.invitation.id));
    assert!(!listed.iter().any(|known| known.id == revoked.invitation.id));
    let stored = database.text("SELECT max(token) FROM invitations").await;
    assert!(stored.len() == 64 && !stored.contains(&over.secret));
}

async fn a_closed_server_lets_nobody_register(database: Database) {
    let config = Config { registration: Registration::Closed, ..database.config() };
    let server = Server::start(&config).await;
    let refused = refusal(server.post("users", &typed("oak", PASSWORD)).await).await;
    assert_eq!(refused.code, ErrorCode::Forbidden);
    server.register_administrator("wren").await;
}

async fn a_new_password_ends_the_other_sessions_unless_they_are_to_stay(database: Database) {
    let server = database.serve().await;
    let (here, there) = (server.register("wren").await, server.sign_in("wren").await);
    let change = |current: &str| change(current, "another horse");
    let wrong = here.submit(Method::PUT, "password", &change("wrong horse")).await;
    let reason = refusal(wrong).await.reason;
    assert_eq!(reason, Some(Refusal::CurrentPassword.into()));
    let changed = here.submit(Method::PUT, "password", &change(PASSWORD)).await;
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    assert_eq!(there.refused("sessions").await, ErrorCode::Revoked);
    assert_eq!(here.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
    let old = refusal(server.post("sessions", &typed("wren", PASSWORD)).await).await;
    assert_eq!(old.code, ErrorCode::SignIn);
    let there = server.enter("sessions", &typed("wren", "another horse")).await;
    let again = PasswordChange { keep_sessions: true, ..self::change("another horse", PASSWORD) };
    let changed = here.submit(Method::PUT, "password", &again).await;
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    assert_eq!(there.get::<Vec<SessionInfo>>("sessions").await.len(), 2);
}

fn change(current: &str, new: &str) -> PasswordChange {
    PasswordChange { current: current.into(), new: new.into(), keep_sessions: false }
}

async fn an_administrator_resets_deactivates_and_reactivates(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let reset = PasswordReset { password: "another horse".into() };
    let path = format!("users/{}/password", oak.id);
    let done = wren.submit(Method::PUT, &path, &reset).await;
    assert_eq!(done.status(), StatusCode::NO_CONTENT);
    assert_eq!(oak.refused("sessions").await, ErrorCode::Revoked);
    let oak = server.enter("sessions", &typed("oak", "another horse")).await;

    assert_eq!(administer(&wren, oak.id, "deactivate").await, StatusCode::NO_CONTENT);
    assert_eq!(oak.refused("sessions").await, ErrorCode::Revoked);
    let refused = refusal(server.post("sessions", &typed("oak", "another horse")).await).await;
    assert_eq!(refused.code, ErrorCode::Forbidden);
    let p2p = ConversationId::p2p(wren.id, oak.id);
    assert_eq!(wren.act_refused(p2p, Action::create_p2p(oak.id)).await, ErrorCode::Gone);

    assert_eq!(administer(&wren, oak.id, "reactivate").await, StatusCode::NO_CONTENT);
    server.enter("sessions", &typed("oak", "another horse")).await;
}

async fn who_is_erased_loses_their_name_and_others_keep_their_conversations(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let room = oak.group(&[&wren, &elm]).await;
    let said = oak.say(room, "remember me").await;
    let p2p = ConversationId::p2p(wren.id, oak.id);
    oak.act(p2p, Action::create_p2p(wren.id)).await;
    oak.act(p2p, Action::Draft { body: "a secret".into(), reply_to: None, based_on: None }).await;

    assert_eq!(administer(&wren, oak.id, "erase").await, StatusCode::NO_CONTENT);
    let row = directory(&wren).await.into_iter().find(|row| row.id == oak.id).unwrap();
    assert!(row.username.starts_with("erased-") && row.erased_at.is_some(), "{row:?}");
    assert_eq!(wren.see(room, said).await.body, "remember me");
    wren.say(p2p, "gone?").await;
    // The group gets a new owner: the member who has been in it longest.
    let members = wren.bootstrap(room).await.rows;
    let owners: Vec<UserId> = members
        .iter()
        .filter_map(|row| match row {
            Row::Member(row) if row.role == MemberRole::Owner => Some(row.user_id),
            _ => None,
        })
        .collect();
    assert!(owners.len() == 1 && owners[0] != oak.id, "{owners:?}");
    let refused = refusal(server.post("sessions", &typed("oak", PASSWORD)).await).await;
    assert_eq!(refused.code, ErrorCode::SignIn);
    assert_eq!(administer(&wren, oak.id, "reactivate").await, StatusCode::NOT_FOUND);
    assert_eq!(database.text("SELECT max(body) FROM drafts").await, "");
    server.register("oak").await;
}

async fn who_is_erased_leaves_nothing_of_their_own_behind(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let credentials = Credentials { device: "Öak's phone".into(), ..typed("oak", PASSWORD) };
    let oak = server.enter("users", &credentials).await;
    let room = oak.group(&[&wren]).await;
    let said = oak.say(room, "ours").await;
    oak.act(room, Action::Draft { body: "a secret".into(), reply_to: None, based_on: None }).await;
    oak.act(room, Action::Save { message_id: said, on: true }).await;
    oak.act(room, Action::Mute { until: Some(parlour_protocol::Millis(i64::MAX >> 12)) }).await;
    let setting = Action::Setting { name: "theme".into(), value: "a secret".into() };
    oak.act(ConversationId(uuid::Uuid::nil()), setting).await;
    oak.get::<Vec<SessionInfo>>("sessions").await;
    assert_eq!(administer(&wren, oak.id, "erase?wipe=true").await, StatusCode::NO_CONTENT);
    for (what, count) in [
        ("sessions WHERE (device <> '' OR address <> '' OR last_used_at IS NOT NULL) AND", "0"),
        ("saved WHERE", "0"),
        ("settings WHERE", "0"),
        ("ops WHERE", "0"),
        ("drafts WHERE body <> '' AND", "0"),
        ("conversation_members WHERE muted_until IS NOT NULL AND", "0"),
        // Only the request to wipe their device stays.
        ("sessions WHERE wipe = 1 AND", "1"),
    ] {
        let sql = format!("SELECT CAST(count(*) AS TEXT) FROM {what} user_id = '{}'", oak.id);
        assert_eq!(database.text(&sql).await, count, "{what}");
    }
    let seen = format!(
        "SELECT CAST(count(*) AS TEXT) FROM users WHERE last_seen IS NOT NULL AND id = '{}'",
        oak.id
    );
    assert_eq!(database.text(&seen).await, "0");
    assert_eq!(oak.refused("sessions").await, ErrorCode::Wipe);
    assert_eq!(wren.see(room, said).await.body, "ours");
}

async fn nobody_takes_the_name_of_one_who_was_erased(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let hex = oak.id.0.simple().to_string();
    let name = format!("erased-{}", &hex[hex.len() - 12..]);
    for form in [name.clone(), name.to_uppercase(), name.replacen("erased-", "ｅｒａｓｅｄ－", 1)]
    {
        let refused = refusal(server.post("users", &typed(&form, PASSWORD)).await).await;
        assert_eq!(refused.code, ErrorCode::Invalid, "{form}");
        assert!(refused.message.contains("erased-"), "{}", refused.message);
    }
    // An earlier version allowed another user to take this name.
    let squat = format!(
        "UPDATE users SET username = '{name}', username_key = '{name}' WHERE id = '{}'",
        elm.id
    );
    database.execute(&squat).await;
    assert_eq!(administer(&wren, oak.id, "erase").await, StatusCode::NO_CONTENT);
    let row = directory(&wren).await.into_iter().find(|row| row.id == oak.id).unwrap();
    assert!(row.erased_at.is_some() && row.username != name, "{row:?}");
}

async fn a_password_is_the_same_however_a_keyboard_makes_it(database: Database) {
    let server = database.serve().await;
    server.enter("users", &typed("wren", "caf\u{65}\u{301}\u{a0}noir")).await;
    server.enter("sessions", &typed("wren", "caf\u{e9} noir")).await;
    let wren = server.enter("sessions", &typed("wren", "cafe\u{301}\u{3000}noir")).await;
    for near in ["cafe noir", "caf\u{e9} noir ", "Caf\u{e9} noir"] {
        let refused = refusal(server.post("sessions", &typed("wren", near)).await).await;
        assert_eq!(refused.code, ErrorCode::SignIn, "{near}");
    }
    let repeated = change("caf\u{e9} noir", "repeated");
    let done = wren.submit(Method::PUT, "password", &repeated).await;
    assert_eq!(done.status(), StatusCode::NO_CONTENT);
    // bcrypt would take these for the same password.
    for cut in ["repeated\0repeated", "repeated\0"] {
        let refused = refusal(server.post("sessions", &typed("wren", cut)).await).await;
        assert_eq!(refused.code, ErrorCode::SignIn);
        let refused = wren.submit(Method::PUT, "password", &change("repeated", cut)).await;
        let refused = refusal(refused).await;
        assert_eq!(refused.code, ErrorCode::Invalid);
        let refused = refusal(server.post("users", &typed("oak", cut)).await).await;
        assert_eq!(refused.code, ErrorCode::Invalid);
    }
}

async fn a_password_made_before_is_good_as_it_was_typed(database: Database) {
    let server = database.serve().await;
    server.register("wren").await;
    for typed_before in ["decompose\u{301}d", "with\ta tab"] {
        let hash = bcrypt::hash(typed_before, 4).unwrap();
        database.execute(&format!("UPDATE users SET password_hash = '{hash}'")).await;
        server.enter("sessions", &typed("wren", typed_before)).await;
    }
}

async fn the_last_administrator_stays(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    for action in ["deactivate", "erase"] {
        assert_eq!(administer(&wren, wren.id, action).await, StatusCode::FORBIDDEN, "{action}");
    }
    let promote = RoleChange { role: UserRole::Administrator };
    let path = format!("users/{}/role", oak.id);
    assert_eq!(oak.submit(Method::PUT, &path, &promote).await.status(), StatusCode::FORBIDDEN);
    let done = wren.submit(Method::PUT, &path, &promote).await;
    assert_eq!(done.status(), StatusCode::NO_CONTENT);
    assert_eq!(administer(&oak, wren.id, "deactivate").await, StatusCode::NO_CONTENT);
}

async fn whoever_is_called_as_everybody_is_gets_another_name(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let (one, two) = (server.register("nobody").await, server.register("all-1").await);
    let three = server.register("undead").await;
    let (four, five) = (server.register("lookalike").await, server.register("sign").await);
    server.running.stop().await.unwrap();
    // As an earlier version allowed them.
    let (id, all) = (one.id.0, "'All', username_key = 'all', username_looks = NULL");
    database.execute(&format!("UPDATE users SET username = {all} WHERE id = '{id}'")).await;

    let (living, erased) = (three.id.0, "'Erased-Bob', username_key = 'erased-bob'");
    database.execute(&format!("UPDATE users SET username = {erased} WHERE id = '{living}'")).await;
    for (user, name) in [
        (&four, "'aII', username_key = 'aii', username_looks = NULL"),
        (&five, "'@Oak', username_key = '@oak', username_looks = NULL"),
    ] {
        let id = user.id;
        database.execute(&format!("UPDATE users SET username = {name} WHERE id = '{id}'")).await;
    }

    for _ in 0..2 {
        let server = database.serve().await;
        let wren = server.again(&wren);
        let names: BTreeMap<UserId, String> =
            directory(&wren).await.into_iter().map(|row| (row.id, row.username)).collect();
        assert_eq!((names[&one.id].as_str(), names[&two.id].as_str()), ("all-2", "all-1"));
        assert_eq!(names[&three.id], "erasedbob-1");
        assert_eq!((names[&four.id].as_str(), names[&five.id].as_str()), ("aii-1", "oak-1"));
        for old in ["all", "erased-bob", "aII", "@oak", "channeI"] {
            let refused = refusal(server.post("sessions", &typed(old, PASSWORD)).await).await;
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
