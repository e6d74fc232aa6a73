//! Signed-in devices.

use crate::common::{Database, Server, User, refusal};
use crate::socket::Socket;
use parlour_protocol::{ErrorCode, Frame, SessionInfo};
use parlour_server::{Config, Lifetime};
use reqwest::{Method, StatusCode};
use std::time::Duration;

on_both_databases! {
    nothing_is_answered_without_a_session_and_nothing_after_its_end,
    a_session_is_listed_with_its_device_address_and_last_use,
    all_others_can_be_ended_at_once,
    nobody_ends_what_is_anothers,
    a_device_is_told_to_delete_what_it_holds_if_its_owner_or_an_administrator_says_so,
    a_session_that_is_not_used_ends,
}

async fn nothing_is_answered_without_a_session_and_nothing_after_its_end(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    for path in ["sessions", "heads", "changes?stream=directory&epoch=e&since=0"] {
        let stranger = User { token: "parlour_0".into(), ..wren.clone() };
        assert_eq!(stranger.refused(path).await, ErrorCode::Token, "{path}");
    }
    let sessions: Vec<SessionInfo> = wren.get("sessions").await;
    assert!(sessions.len() == 1 && sessions[0].current);
    let ended = wren.request(Method::DELETE, "sessions/current").await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!(wren.refused("sessions").await, ErrorCode::Revoked);
}

async fn a_session_is_listed_with_its_device_address_and_last_use(database: Database) {
    let config = Config { trust_proxy: true, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    server.sign_in("wren").await;
    let request = wren.http.get(format!("{}/sessions", wren.url)).bearer_auth(&wren.token);
    let request = request.header("x-forwarded-for", "203.0.113.1, 192.0.2.7");
    let sessions: Vec<SessionInfo> = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(sessions.len(), 2);
    let own = sessions.iter().find(|session| session.current).unwrap();
    assert_eq!((own.device.as_str(), own.address.as_str()), ("test", "192.0.2.7"));
    assert!(own.last_used_at.unwrap() >= own.created_at && own.expires_at > own.created_at);
}

async fn all_others_can_be_ended_at_once(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let others = [server.sign_in("wren").await, server.sign_in("wren").await];
    let ended = wren.request(Method::DELETE, "sessions/others").await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    for other in others {
        assert_eq!(other.refused("sessions").await, ErrorCode::Revoked);
    }
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
}

async fn nobody_ends_what_is_anothers(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let session = wren.get::<Vec<SessionInfo>>("sessions").await[0].id;
    let ended = oak.request(Method::DELETE, &format!("sessions/{session}")).await;
    assert_eq!(refusal(ended).await.code, ErrorCode::Gone);
    wren.get::<Vec<SessionInfo>>("sessions").await;
}

async fn a_device_is_told_to_delete_what_it_holds_if_its_owner_or_an_administrator_says_so(
    database: Database,
) {
    let server = database.serve().await;
    let boss = server.register_administrator("boss").await;
    let (here, there) = (server.register("wren").await, server.sign_in("wren").await);
    let earlier = server.sign_in("wren").await;
    earlier.request(Method::DELETE, "sessions/current").await;
    let sessions: Vec<SessionInfo> = there.get("sessions").await;
    let id = sessions.iter().find(|session| session.current).unwrap().id;
    here.request(Method::DELETE, &format!("sessions/{id}?wipe=true")).await;
    assert_eq!(there.refused("sessions").await, ErrorCode::Wipe);
    here.get::<Vec<SessionInfo>>("sessions").await;

    let mut socket = Socket::open(&here).await;
    boss.request(Method::POST, &format!("users/{}/deactivate?wipe=true", here.id)).await;
    let bye = async {
        loop {
            if let Frame::Bye { code, .. } = socket.next().await {
                return code;
            }
        }
    };
    assert_eq!(bye.await, ErrorCode::Wipe);
    assert_eq!(here.refused("sessions").await, ErrorCode::Wipe);
    assert_eq!(earlier.refused("sessions").await, ErrorCode::Wipe, "also what had ended before");
}

async fn a_session_that_is_not_used_ends(database: Database) {
    let brief = Lifetime { idle: Duration::ZERO, longest: Duration::from_secs(3600) };
    let config = Config { lifetime: brief, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    assert_eq!(wren.refused("sessions").await, ErrorCode::Token);
}
