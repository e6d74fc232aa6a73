//! Invitations: who can register with them, and when they end.

use crate::common::{Database, PASSWORD, Server, User, credentials, error_body};
use parlour_protocol::{
    Credentials, ErrorCode, Invitation, InvitationRequest, NewInvitation, PasswordChange,
    Registration, ServerInfo, SessionInfo, UserRole,
};
use parlour_server::Config;
use reqwest::{Method, StatusCode};

on_both_databases! {
    the_link_of_an_empty_server_registers_one_administrator,
    the_link_of_an_empty_server_stays_valid_when_a_server_starts_on_the_same_database,
    an_invitation_is_valid_for_its_uses_until_it_is_revoked_or_expires,
    invitations_end_with_a_new_password_and_with_the_end_of_another_session,
    nobody_can_register_on_a_closed_server,
}

async fn invite(administrator: &User, uses: i64) -> NewInvitation {
    let request = InvitationRequest::new(60_000, uses, UserRole::Member);
    let response = administrator.submit(Method::POST, "invitations", &request).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.unwrap()
}

async fn register_with(server: &Server, name: &str, secret: &str) -> Result<(), ErrorCode> {
    let invitation = Some(secret.to_owned());
    let response =
        server.post("users", &Credentials { invitation, ..credentials(name, PASSWORD) }).await;
    if response.status().is_success() { Ok(()) } else { Err(error_body(response).await.code) }
}

async fn the_link_of_an_empty_server_registers_one_administrator(database: Database) {
    let server = database.serve().await;
    let secret = server.running.first_invitation.clone().unwrap();
    let wren = server.register_administrator("wren").await;
    let me =
        crate::accounts::directory(&wren).await.into_iter().find(|row| row.id == wren.id).unwrap();
    assert_eq!(me.role, UserRole::Administrator);
    assert_eq!(register_with(&server, "oak", &secret).await, Err(ErrorCode::Forbidden));
    server.running.stop().await.unwrap();
    assert!(database.serve().await.running.first_invitation.is_none());
}

async fn the_link_of_an_empty_server_stays_valid_when_a_server_starts_on_the_same_database(
    database: Database,
) {
    let server = database.serve().await;
    let first = server.running.first_invitation.clone().unwrap();
    server.running.stop().await.unwrap();
    let server = database.serve().await;
    let second = server.running.first_invitation.clone().unwrap();
    register_with(&server, "wren", &first).await.unwrap();
    // Once there is an administrator, none of them is valid.
    assert_eq!(register_with(&server, "oak", &second).await, Err(ErrorCode::Forbidden));
}

async fn an_invitation_is_valid_for_its_uses_until_it_is_revoked_or_expires(database: Database) {
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
    let refused = error_body(server.post("users", &credentials("oak", PASSWORD)).await).await;
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

    let expired = invite(&wren, 2).await;
    database.execute("UPDATE invitations SET expires_at = 0").await;
    assert_eq!(register_with(&server, "ash", &expired.secret).await, Err(ErrorCode::Forbidden));
    let listed: Vec<Invitation> = wren.get("invitations").await;
    assert!(listed.iter().any(|known| known.id == expired.invitation.id));
    assert!(!listed.iter().any(|known| known.id == revoked.invitation.id));
    let stored = database.query_string("SELECT max(token) FROM invitations").await;
    assert!(stored.len() == 64 && !stored.contains(&expired.secret));
}

async fn invitations_end_with_a_new_password_and_with_the_end_of_another_session(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let end = async |path: &str| {
        let ended = wren.request(Method::DELETE, path).await;
        assert_eq!(ended.status(), StatusCode::NO_CONTENT, "{path}");
    };
    let invite_with = async |session: &User| {
        let request = InvitationRequest::new(60_000, 1, UserRole::Administrator);
        let response = session.submit(Method::POST, "invitations", &request).await;
        assert_eq!(response.status(), StatusCode::OK);
        response.json::<NewInvitation>().await.unwrap().secret
    };
    // Somebody else uses a session of hers to invite themselves as an administrator, before she notices.
    let stolen = server.sign_in("wren").await;
    let secret = invite_with(&stolen).await;
    let sessions: Vec<SessionInfo> = wren.get("sessions").await;
    let id = sessions.iter().find(|session| !session.current).unwrap().id;
    end(&format!("sessions/{id}")).await;
    assert_eq!(register_with(&server, "mallory", &secret).await, Err(ErrorCode::Forbidden));
    let secret = invite_with(&server.sign_in("wren").await).await;
    end("sessions/others").await;
    assert_eq!(register_with(&server, "mallory", &secret).await, Err(ErrorCode::Forbidden));
    // They may sign out before she notices.
    let stolen = server.sign_in("wren").await;
    let secret = invite_with(&stolen).await;
    let sessions: Vec<SessionInfo> = stolen.get("sessions").await;
    let id = sessions.iter().find(|session| session.current).unwrap().id;
    stolen.request(Method::DELETE, "sessions/current").await;
    end(&format!("sessions/{id}")).await;
    assert_eq!(register_with(&server, "mallory", &secret).await, Err(ErrorCode::Forbidden));
    // The stolen session may have ended by itself before.
    let secret = invite_with(&wren).await;
    end("sessions/others").await;
    assert_eq!(register_with(&server, "mallory", &secret).await, Err(ErrorCode::Forbidden));
    for (current, new, keep_sessions) in
        [(PASSWORD, "another horse", false), ("another horse", PASSWORD, true)]
    {
        let secret = invite_with(&wren).await;
        let change = PasswordChange { current: current.into(), new: new.into(), keep_sessions };
        let changed = wren.submit(Method::PUT, "password", &change).await;
        assert_eq!(changed.status(), StatusCode::NO_CONTENT);
        assert_eq!(register_with(&server, "mallory", &secret).await, Err(ErrorCode::Forbidden));
    }
    // They stay valid when she signs out normally.
    let other = server.sign_in("wren").await;
    let secret = invite_with(&other).await;
    other.request(Method::DELETE, "sessions/current").await;
    register_with(&server, "oak", &secret).await.unwrap();
}

async fn nobody_can_register_on_a_closed_server(database: Database) {
    let config = Config { registration: Registration::Closed, ..database.config() };
    let server = Server::start(&config).await;
    let refused = error_body(server.post("users", &credentials("oak", PASSWORD)).await).await;
    assert_eq!(refused.code, ErrorCode::Forbidden);
    server.register_administrator("wren").await;
}
