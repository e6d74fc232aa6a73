//! Callers who lose a right during their request.

use crate::common::{Database, PASSWORD, Server, User, credentials, error_body, message};
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
    invitations_of_former_administrators_are_invalid,
    an_invitation_is_invalid_if_its_creator_lost_the_right_to_invite,
    an_invitation_for_an_administrator_is_valid_once_for_a_day,
    every_invitation_is_listed_and_can_be_revoked,
    an_administrator_who_cannot_sign_in_does_not_count,
    no_session_of_the_old_password_survives_its_change,
    of_two_concurrent_changes_of_a_password_one_succeeds,
    a_sign_in_during_a_deactivation_has_no_access,
    an_op_whose_session_ended_during_the_request_is_refused,
    of_two_administrators_who_demote_each_other_one_remains,
}

const NEW_PASSWORD: &str = "another horse";

async fn create_invitation(actor: &User, role: UserRole) -> String {
    let request = InvitationRequest::new(3_600_000, 1, role);
    let response = actor.submit(Method::POST, "invitations", &request).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json::<NewInvitation>().await.unwrap().secret
}

async fn register_with(server: &Server, name: &str, secret: &str) -> Result<(), ErrorCode> {
    let invitation = Some(secret.to_owned());
    let response =
        server.post("users", &Credentials { invitation, ..credentials(name, PASSWORD) }).await;
    if response.status().is_success() { Ok(()) } else { Err(error_body(response).await.code) }
}

async fn set_role(actor: &User, target: &User, role: UserRole) -> StatusCode {
    let path = format!("users/{}/role", target.id);
    actor.submit(Method::PUT, &path, &RoleChange { role }).await.status()
}

async fn administer(actor: &User, target: &User, action: &str) -> StatusCode {
    actor.request(Method::POST, &format!("users/{}/{action}", target.id)).await.status()
}

async fn invitations_of_former_administrators_are_invalid(database: Database) {
    let config = Config { registration: Registration::Invitation, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    for (number, action) in ["demote", "deactivate", "erase"].into_iter().enumerate() {
        let name = format!("oak{number}");
        let secret = create_invitation(&wren, UserRole::Administrator).await;
        register_with(&server, &name, &secret).await.unwrap();
        let oak = server.sign_in(&name).await;
        let role_secret = create_invitation(&oak, UserRole::Administrator).await;
        let other = create_invitation(&oak, UserRole::Member).await;
        let status = match action {
            "demote" => set_role(&wren, &oak, UserRole::Member).await,
            action => administer(&wren, &oak, action).await,
        };
        assert_eq!(status, StatusCode::NO_CONTENT, "{action}");
        for secret in [&role_secret, &other] {
            let refused = register_with(&server, "back", secret).await;
            assert_eq!(refused, Err(ErrorCode::Forbidden), "{action}");
        }
        // Invitations stay revoked when their creator becomes an administrator again.
        if action == "erase" {
            continue;
        }
        administer(&wren, &oak, "reactivate").await;
        set_role(&wren, &oak, UserRole::Administrator).await;
        assert_eq!(register_with(&server, "back", &role_secret).await, Err(ErrorCode::Forbidden));
        let remaining: Vec<Invitation> = wren.get("invitations").await;
        assert!(
            remaining.iter().all(|invitation| invitation.created_by != Some(oak.id)),
            "{action}"
        );
    }
}

async fn an_invitation_is_invalid_if_its_creator_lost_the_right_to_invite(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    for change in ["role = 'member'", "deactivated_at = '2026-01-01T00:00:00.000Z'"] {
        let secret = create_invitation(&wren, UserRole::Administrator).await;
        // This holds however the administrator lost the role, even if an earlier version left the invitation
        // as it was.
        database.execute(&format!("UPDATE users SET {change} WHERE id = '{}'", wren.id)).await;
        let refused = register_with(&server, "back", &secret).await;
        assert_eq!(refused, Err(ErrorCode::Forbidden), "{change}");
        database.execute("UPDATE users SET role = 'administrator', deactivated_at = NULL").await;
    }
}

async fn an_invitation_for_an_administrator_is_valid_once_for_a_day(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let day = 24 * 3_600_000;
    let request_invitation = async |lifetime_ms, uses, role| {
        let request = InvitationRequest::new(lifetime_ms, uses, role);
        wren.submit(Method::POST, "invitations", &request).await
    };
    for (lifetime_ms, uses) in [(day, 2), (day + 1, 1)] {
        let body =
            error_body(request_invitation(lifetime_ms, uses, UserRole::Administrator).await).await;
        assert_eq!(body.code, ErrorCode::Invalid);
        assert!(body.message.contains("24 hours"), "{}", body.message);
        assert_eq!(
            request_invitation(lifetime_ms, uses, UserRole::Member).await.status(),
            StatusCode::OK
        );
    }
    assert_eq!(request_invitation(day, 1, UserRole::Administrator).await.status(), StatusCode::OK);
}

async fn every_invitation_is_listed_and_can_be_revoked(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oldest = create_invitation(&wren, UserRole::Member).await;
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
    // Revoked invitations are not on a page.
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

async fn an_administrator_who_cannot_sign_in_does_not_count(database: Database) {
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

async fn no_session_of_the_old_password_survives_its_change(database: Database) {
    let server = database.serve().await;
    let boss = server.register_administrator("boss").await;
    let wren = server.register("wren").await;
    let (old, new) = (credentials("wren", PASSWORD), credentials("wren", NEW_PASSWORD));
    let sign_in = || server.post("sessions", &old);
    let change = async || {
        let change = PasswordChange {
            current: PASSWORD.into(),
            new: NEW_PASSWORD.into(),
            keep_sessions: false,
        };
        let status = wren.submit(Method::PUT, "password", &change).await;
        assert_eq!(status.status(), StatusCode::NO_CONTENT);
    };
    let (responses, ()) = tokio::join!(join_all((0..32).map(|_| sign_in())), change());
    for response in responses {
        if response.status().is_success() {
            let token: parlour_protocol::SignedIn = response.json().await.unwrap();
            let old = User { token: token.token, ..wren.clone() };
            assert_eq!(old.get_error("sessions").await, ErrorCode::Revoked);
        } else {
            assert_eq!(error_body(response).await.code, ErrorCode::WrongCredentials);
        }
    }
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);

    // The same holds for a reset.
    let sign_in = || server.post("sessions", &new);
    let reset = async || {
        let reset = PasswordReset { password: PASSWORD.into() };
        boss.submit(Method::PUT, &format!("users/{}/password", wren.id), &reset).await
    };
    let (responses, _) = tokio::join!(join_all((0..32).map(|_| sign_in())), reset());
    drop(responses);
    let wren = server.sign_in("wren").await;
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
}

async fn of_two_concurrent_changes_of_a_password_one_succeeds(database: Database) {
    let server = database.serve().await;
    let (first, second) = (server.register("wren").await, server.sign_in("wren").await);
    let change = async |user: &User, new: &str| {
        let change =
            PasswordChange { current: PASSWORD.into(), new: new.into(), keep_sessions: false };
        user.submit(Method::PUT, "password", &change).await.status().is_success()
    };
    let both = tokio::join!(change(&first, "horse of here"), change(&second, "horse of there"));
    assert!(both.0 != both.1, "{both:?}");
    let accepted = if both.0 { "horse of here" } else { "horse of there" };
    server.post_credentials("sessions", &credentials("wren", accepted)).await;
}

async fn a_sign_in_during_a_deactivation_has_no_access(database: Database) {
    let server = database.serve().await;
    let boss = server.register_administrator("boss").await;
    for (name, action) in [("wren", "deactivate"), ("oak", "erase")] {
        let user = server.register(name).await;
        let credentials = credentials(name, PASSWORD);
        let responses = (0..16).map(|_| server.post("sessions", &credentials));
        let (responses, _) = tokio::join!(join_all(responses), administer(&boss, &user, action));
        for response in responses {
            if let Ok(signed_in) = response.json::<parlour_protocol::SignedIn>().await {
                let session_user = User { token: signed_in.token, ..user.clone() };
                assert_eq!(
                    session_user.get_error("sessions").await,
                    ErrorCode::Revoked,
                    "{action}"
                );
            }
        }
        let open = format!(
            "SELECT CAST(count(*) AS TEXT) FROM sessions
             WHERE user_id = '{}' AND revoked_at IS NULL",
            user.id
        );
        assert_eq!(database.query_string(&open).await, "0", "{action}");
    }
}

async fn an_op_whose_session_ended_during_the_request_is_refused(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let lost = server.sign_in("wren").await;
    // The session's first use must be later than its creation: wait for the next millisecond.
    let started = Instant::now();
    while started.elapsed() < Duration::from_millis(2) {
        tokio::task::yield_now().await;
    }
    let op = Op { id: OpId::new(), conversation_id: group, action: Action::send("too late") };
    let body = serde_json::to_vec(&op).unwrap();
    let mut stream = tokio::net::TcpStream::connect(server.running.address).await.unwrap();
    let head = format!(
        "POST /v1/ops HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        lost.token,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body[..10]).await.unwrap();
    // The first use is recorded once the request's head was accepted.
    let id = loop {
        let sessions: Vec<SessionInfo> = wren.get("sessions").await;
        let other = sessions.iter().find(|session| !session.current).unwrap();
        if other.last_used_at.unwrap() > other.created_at {
            break other.id;
        }
    };
    let ended = wren.request(Method::DELETE, &format!("sessions/{id}")).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    stream.write_all(&body[10..]).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 401"), "{response}");
    assert_eq!(wren.bootstrap(group).await.last_seq, 0);
    let status: parlour_protocol::OpDone = wren.send_op(&op).await.json().await.unwrap();
    assert_eq!(message(&status).seq.0, 1);
}

async fn of_two_administrators_who_demote_each_other_one_remains(database: Database) {
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
