//! Callers who lose a right after their request began and before it is done.

use crate::common::{Database, PASSWORD, Server, User, message, refusal, typed};
use futures_util::future::join_all;
use parlour_protocol::{
    Action, Credentials, ErrorCode, Invitation, InvitationRequest, NewInvitation, Op, OpId,
    PasswordChange, PasswordReset, Registration, RoleChange, SessionInfo, UserRole,
};
use parlour_server::Config;
use reqwest::{Method, StatusCode};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

on_both_databases! {
    whoever_is_no_administrator_any_more_lets_nobody_in,
    an_invitation_is_worth_what_its_maker_may_do_when_it_is_used,
    an_administrators_invitation_is_good_once_for_a_day,
    every_invitation_can_be_seen_and_made_void,
    an_administrator_who_cannot_sign_in_is_none,
    no_sign_in_with_the_old_password_outlives_its_change,
    of_two_changes_of_one_password_one_is_made,
    a_sign_in_that_a_deactivation_overtakes_opens_nothing,
    an_op_that_is_held_back_until_its_session_has_ended_is_refused,
    of_two_administrators_who_demote_each_other_one_stays,
}

const LATER: &str = "another horse";

async fn invited(by: &User, role: UserRole) -> String {
    let asked = InvitationRequest::new(3_600_000, 1, role);
    let response = by.submit(Method::POST, "invitations", &asked).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json::<NewInvitation>().await.unwrap().secret
}

async fn register_with(server: &Server, name: &str, secret: &str) -> Result<(), ErrorCode> {
    let invitation = Some(secret.to_owned());
    let response = server.post("users", &Credentials { invitation, ..typed(name, PASSWORD) }).await;
    if response.status().is_success() { Ok(()) } else { Err(refusal(response).await.code) }
}

async fn set_role(by: &User, of: &User, role: UserRole) -> StatusCode {
    let path = format!("users/{}/role", of.id);
    by.submit(Method::PUT, &path, &RoleChange { role }).await.status()
}

async fn administer(by: &User, to: &User, action: &str) -> StatusCode {
    by.request(Method::POST, &format!("users/{}/{action}", to.id)).await.status()
}

async fn whoever_is_no_administrator_any_more_lets_nobody_in(database: Database) {
    let config = Config { registration: Registration::Invitation, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    for (number, action) in ["demote", "deactivate", "erase"].into_iter().enumerate() {
        let name = format!("oak{number}");
        let secret = invited(&wren, UserRole::Administrator).await;
        register_with(&server, &name, &secret).await.unwrap();
        let oak = server.sign_in(&name).await;
        let back = invited(&oak, UserRole::Administrator).await;
        let other = invited(&oak, UserRole::Member).await;
        let done = match action {
            "demote" => set_role(&wren, &oak, UserRole::Member).await,
            action => administer(&wren, &oak, action).await,
        };
        assert_eq!(done, StatusCode::NO_CONTENT, "{action}");
        for secret in [&back, &other] {
            let refused = register_with(&server, "back", secret).await;
            assert_eq!(refused, Err(ErrorCode::Forbidden), "{action}");
        }
        // Invitations stay revoked when their creator becomes an administrator again.
        if action == "erase" {
            continue;
        }
        administer(&wren, &oak, "reactivate").await;
        set_role(&wren, &oak, UserRole::Administrator).await;
        assert_eq!(register_with(&server, "back", &back).await, Err(ErrorCode::Forbidden));
        let left: Vec<Invitation> = wren.get("invitations").await;
        assert!(left.iter().all(|invitation| invitation.created_by != Some(oak.id)), "{action}");
    }
}

async fn an_invitation_is_worth_what_its_maker_may_do_when_it_is_used(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    for change in ["role = 'member'", "deactivated_at = '2026-01-01T00:00:00.000Z'"] {
        let secret = invited(&wren, UserRole::Administrator).await;
        // This holds however the administrator lost the role, even if an earlier version left the invitation
        // as it was.
        database.execute(&format!("UPDATE users SET {change} WHERE id = '{}'", wren.id)).await;
        let refused = register_with(&server, "back", &secret).await;
        assert_eq!(refused, Err(ErrorCode::Forbidden), "{change}");
        database.execute("UPDATE users SET role = 'administrator', deactivated_at = NULL").await;
    }
}

async fn an_administrators_invitation_is_good_once_for_a_day(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let day = 24 * 3_600_000;
    let ask = async |lifetime_ms, uses, role| {
        let asked = InvitationRequest::new(lifetime_ms, uses, role);
        wren.submit(Method::POST, "invitations", &asked).await
    };
    for (lifetime_ms, uses) in [(day, 2), (day + 1, 1)] {
        let body = refusal(ask(lifetime_ms, uses, UserRole::Administrator).await).await;
        assert_eq!(body.code, ErrorCode::Invalid);
        assert!(body.message.contains("24 hours"), "{}", body.message);
        assert_eq!(ask(lifetime_ms, uses, UserRole::Member).await.status(), StatusCode::OK);
    }
    assert_eq!(ask(day, 1, UserRole::Administrator).await.status(), StatusCode::OK);
}

async fn every_invitation_can_be_seen_and_made_void(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oldest = invited(&wren, UserRole::Member).await;
    let listed: Vec<Invitation> = wren.get("invitations").await;
    let oldest_id = listed[0].id;
    let rows: Vec<String> = (0..1500)
        .map(|number| {
            let revoked = if number < 1200 { "1" } else { "NULL" };
            let id = Uuid::now_v7();
            format!("('{id}', 't{number}', '{}', 0, 1, 1, 'member', {revoked})", wren.id)
        })
        .collect();
    let insert = format!(
        "INSERT INTO invitations
            (id, token, created_by, created_at, expires_at, uses_left, role, revoked_at)
         VALUES {}",
        rows.join(", ")
    );
    database.execute(&insert).await;
    let first: Vec<Invitation> = wren.get("invitations").await;
    // Revoked invitations take no place on a page.
    assert_eq!(first.len(), 301);
    assert!(first.iter().any(|invitation| invitation.id == oldest_id));
    database.execute("UPDATE invitations SET revoked_at = NULL").await;
    let mut seen = BTreeSet::new();
    let mut path = "invitations".to_owned();
    loop {
        let page: Vec<Invitation> = wren.get(&path).await;
        let Some(last) = page.last() else { break };
        path = format!("invitations?before={}", last.id);
        seen.extend(page.iter().map(|invitation| invitation.id.to_string()));
    }
    assert!(seen.len() >= 1501 && seen.contains(&oldest_id.to_string()), "{}", seen.len());
    let path = format!("invitations/{oldest_id}");
    assert_eq!(wren.request(Method::DELETE, &path).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(register_with(&server, "oak", &oldest).await, Err(ErrorCode::Forbidden));
}

async fn an_administrator_who_cannot_sign_in_is_none(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    set_role(&wren, &oak, UserRole::Administrator).await;
    assert_eq!(administer(&wren, &oak, "deactivate").await, StatusCode::NO_CONTENT);
    assert_eq!(administer(&wren, &wren, "deactivate").await, StatusCode::FORBIDDEN);
    assert_eq!(set_role(&wren, &wren, UserRole::Member).await, StatusCode::FORBIDDEN);
    // An administrator who is deactivated does not count as the last one, and can be demoted.
    assert_eq!(set_role(&wren, &oak, UserRole::Member).await, StatusCode::NO_CONTENT);
}

async fn no_sign_in_with_the_old_password_outlives_its_change(database: Database) {
    let server = database.serve().await;
    let boss = server.register_administrator("boss").await;
    let wren = server.register("wren").await;
    let (old, new) = (typed("wren", PASSWORD), typed("wren", LATER));
    let sign_in = || server.post("sessions", &old);
    let change = async || {
        let change =
            PasswordChange { current: PASSWORD.into(), new: LATER.into(), keep_sessions: false };
        let done = wren.submit(Method::PUT, "password", &change).await;
        assert_eq!(done.status(), StatusCode::NO_CONTENT);
    };
    let (begun, ()) = tokio::join!(join_all((0..32).map(|_| sign_in())), change());
    for response in begun {
        if response.status().is_success() {
            let token: parlour_protocol::SignedIn = response.json().await.unwrap();
            let old = User { token: token.token, ..wren.clone() };
            assert_eq!(old.refused("sessions").await, ErrorCode::Revoked);
        } else {
            assert_eq!(refusal(response).await.code, ErrorCode::SignIn);
        }
    }
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);

    // The same holds for a reset.
    let sign_in = || server.post("sessions", &new);
    let reset = async || {
        let reset = PasswordReset { password: PASSWORD.into() };
        boss.submit(Method::PUT, &format!("users/{}/password", wren.id), &reset).await
    };
    let (begun, _) = tokio::join!(join_all((0..32).map(|_| sign_in())), reset());
    drop(begun);
    let wren = server.sign_in("wren").await;
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
}

async fn of_two_changes_of_one_password_one_is_made(database: Database) {
    let server = database.serve().await;
    let (here, there) = (server.register("wren").await, server.sign_in("wren").await);
    let change = async |user: &User, new: &str| {
        let change =
            PasswordChange { current: PASSWORD.into(), new: new.into(), keep_sessions: false };
        user.submit(Method::PUT, "password", &change).await.status().is_success()
    };
    let both = tokio::join!(change(&here, "horse of here"), change(&there, "horse of there"));
    assert!(both.0 != both.1, "{both:?}");
    let good = if both.0 { "horse of here" } else { "horse of there" };
    server.enter("sessions", &typed("wren", good)).await;
}

async fn a_sign_in_that_a_deactivation_overtakes_opens_nothing(database: Database) {
    let server = database.serve().await;
    let boss = server.register_administrator("boss").await;
    for (name, action) in [("wren", "deactivate"), ("oak", "erase")] {
        let user = server.register(name).await;
        let credentials = typed(name, PASSWORD);
        let begun = (0..16).map(|_| server.post("sessions", &credentials));
        let (begun, _) = tokio::join!(join_all(begun), administer(&boss, &user, action));
        for response in begun {
            if let Ok(signed_in) = response.json::<parlour_protocol::SignedIn>().await {
                let entered = User { token: signed_in.token, ..user.clone() };
                assert_eq!(entered.refused("sessions").await, ErrorCode::Revoked, "{action}");
            }
        }
        let open = format!(
            "SELECT CAST(count(*) AS TEXT) FROM sessions
             WHERE user_id = '{}' AND revoked_at IS NULL",
            user.id
        );
        assert_eq!(database.text(&open).await, "0", "{action}");
    }
}

async fn an_op_that_is_held_back_until_its_session_has_ended_is_refused(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
    let lost = server.sign_in("wren").await;
    // The session's first use must be later than its creation: wait for the next millisecond.
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(2) {
        tokio::task::yield_now().await;
    }
    let op = Op { id: OpId::new(), conversation_id: room, action: Action::send("too late") };
    let body = serde_json::to_vec(&op).unwrap();
    let mut held = tokio::net::TcpStream::connect(server.running.address).await.unwrap();
    let head = format!(
        "POST /v1/ops HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        lost.token,
        body.len()
    );
    held.write_all(head.as_bytes()).await.unwrap();
    held.write_all(&body[..10]).await.unwrap();
    // The first use is noted once the request's head was accepted.
    let id = loop {
        let sessions: Vec<SessionInfo> = wren.get("sessions").await;
        let other = sessions.iter().find(|session| !session.current).unwrap();
        if other.last_used_at.unwrap() > other.created_at {
            break other.id;
        }
    };
    let ended = wren.request(Method::DELETE, &format!("sessions/{id}")).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    held.write_all(&body[10..]).await.unwrap();
    let mut answer = String::new();
    held.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(wren.bootstrap(room).await.last_seq, 0);
    let done: parlour_protocol::OpDone = wren.send_op(&op).await.json().await.unwrap();
    assert_eq!(message(&done).seq.0, 1);
}

async fn of_two_administrators_who_demote_each_other_one_stays(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    set_role(&wren, &oak, UserRole::Administrator).await;
    let both = tokio::join!(
        set_role(&wren, &oak, UserRole::Member),
        set_role(&oak, &wren, UserRole::Member)
    );
    assert!(both.0.is_success() != both.1.is_success(), "{both:?}");
}
