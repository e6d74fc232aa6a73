//! Signed-in devices.

use crate::common::{Database, Server, User, error_body};
use crate::socket::Socket;
use parlour_protocol::{ErrorCode, Frame, Heads, Page, Row, SessionInfo, SessionRow, StreamId};
use parlour_server::{Config, Lifetime, Proxies};
use reqwest::{Method, StatusCode};
use std::time::Duration;

on_both_databases! {
    requests_without_a_valid_session_are_refused,
    a_session_is_listed_with_its_device_address_and_last_use,
    an_ipv4_address_in_the_form_of_an_ipv6_address_is_shown_as_it_is,
    behind_two_proxies_a_session_has_the_address_that_the_first_one_saw,
    all_other_sessions_can_be_ended_at_once,
    nobody_ends_sessions_of_others,
    a_device_is_wiped_at_the_request_of_its_owner_or_an_administrator,
    a_device_whose_session_has_ended_can_still_be_wiped,
    an_unused_session_ends,
    the_least_recently_used_of_too_many_sessions_ends,
    an_expired_session_is_announced_and_later_deleted,
    sessions_that_ended_long_ago_are_deleted_but_not_pending_wipes,
}

async fn requests_without_a_valid_session_are_refused(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    for path in ["sessions", "heads", "changes?stream=directory&epoch=e&since=0"] {
        let stranger = User { token: "parlour_0".into(), ..wren.clone() };
        assert_eq!(stranger.get_error(path).await, ErrorCode::InvalidToken, "{path}");
    }
    let sessions: Vec<SessionInfo> = wren.get("sessions").await;
    assert!(sessions.len() == 1 && sessions[0].current);
    let ended = wren.request(Method::DELETE, "sessions/current").await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!(wren.get_error("sessions").await, ErrorCode::Revoked);
}

async fn a_session_is_listed_with_its_device_address_and_last_use(database: Database) {
    let config = Config { proxies: Proxies::ONE, ..database.config() };
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

async fn an_ipv4_address_in_the_form_of_an_ipv6_address_is_shown_as_it_is(database: Database) {
    let config = Config { proxies: Proxies::ONE, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    let request = wren.http.get(format!("{}/sessions", wren.url)).bearer_auth(&wren.token);
    let request = request.header("x-forwarded-for", "::ffff:192.0.2.7");
    let sessions: Vec<SessionInfo> = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(sessions[0].address, "192.0.2.7");
}

async fn behind_two_proxies_a_session_has_the_address_that_the_first_one_saw(database: Database) {
    let config = Config { proxies: Proxies { count: 2, ..Proxies::ONE }, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    let request = wren.http.get(format!("{}/sessions", wren.url)).bearer_auth(&wren.token);
    let request = request.header("x-forwarded-for", "203.0.113.1, 192.0.2.7, 10.0.0.1");
    let sessions: Vec<SessionInfo> = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(sessions[0].address, "192.0.2.7");
}

async fn all_other_sessions_can_be_ended_at_once(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let others = [server.sign_in("wren").await, server.sign_in("wren").await];
    let ended = wren.request(Method::DELETE, "sessions/others").await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    for other in others {
        assert_eq!(other.get_error("sessions").await, ErrorCode::Revoked);
    }
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
}

async fn nobody_ends_sessions_of_others(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let session = wren.get::<Vec<SessionInfo>>("sessions").await[0].id;
    let ended = oak.request(Method::DELETE, &format!("sessions/{session}")).await;
    assert_eq!(error_body(ended).await.code, ErrorCode::NotFound);
    wren.get::<Vec<SessionInfo>>("sessions").await;
}

async fn a_device_is_wiped_at_the_request_of_its_owner_or_an_administrator(database: Database) {
    let server = database.serve().await;
    let boss = server.register_administrator("boss").await;
    let (first_device, second_device) =
        (server.register("wren").await, server.sign_in("wren").await);
    let ended_device = server.sign_in("wren").await;
    ended_device.request(Method::DELETE, "sessions/current").await;
    let sessions: Vec<SessionInfo> = second_device.get("sessions").await;
    let id = sessions.iter().find(|session| session.current).unwrap().id;
    first_device.request(Method::DELETE, &format!("sessions/{id}?wipe=true")).await;
    assert_eq!(second_device.get_error("sessions").await, ErrorCode::Wipe);
    first_device.get::<Vec<SessionInfo>>("sessions").await;

    let mut socket = Socket::open(&first_device).await;
    boss.request(Method::POST, &format!("users/{}/deactivate?wipe=true", first_device.id)).await;
    let bye = async {
        loop {
            if let Frame::Bye { code, .. } = socket.next().await {
                return code;
            }
        }
    };
    assert_eq!(bye.await, ErrorCode::Wipe);
    assert_eq!(first_device.get_error("sessions").await, ErrorCode::Wipe);
    assert_eq!(
        ended_device.get_error("sessions").await,
        ErrorCode::Wipe,
        "this also applies to sessions that had ended before"
    );
}

async fn a_device_whose_session_has_ended_can_still_be_wiped(database: Database) {
    let server = database.serve().await;
    let (wren, lost) = (server.register("wren").await, server.sign_in("wren").await);
    let sessions: Vec<SessionInfo> = lost.get("sessions").await;
    let id = sessions.iter().find(|session| session.current).unwrap().id;
    let end = async |path: String| wren.request(Method::DELETE, &path).await;
    assert_eq!(end(format!("sessions/{id}")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(lost.get_error("sessions").await, ErrorCode::Revoked);
    assert_eq!(end(format!("sessions/{id}")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(lost.get_error("sessions").await, ErrorCode::Revoked);
    assert_eq!(end(format!("sessions/{id}?wipe=true")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(lost.get_error("sessions").await, ErrorCode::Wipe);
    // The same for an expired session.
    let lost = server.sign_in("wren").await;
    let sessions: Vec<SessionInfo> = lost.get("sessions").await;
    let id = sessions.iter().find(|session| session.current).unwrap().id;
    let expire = match database.url {
        None => "UPDATE sessions SET expires_at = '2000-01-01T00:00:00.000Z'",
        Some(_) => "UPDATE sessions SET expires_at = '2000-01-01T00:00:00Z'",
    };
    database.execute(&format!("{expire} WHERE id = '{id}'")).await;
    assert_eq!(end(format!("sessions/{id}?wipe=true")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(lost.get_error("sessions").await, ErrorCode::Wipe);
    let nobodys = uuid::Uuid::now_v7();
    let refused = error_body(end(format!("sessions/{nobodys}?wipe=true")).await).await;
    assert_eq!(refused.code, ErrorCode::NotFound);
}

async fn an_unused_session_ends(database: Database) {
    let short_lifetime = Lifetime { idle: Duration::ZERO, absolute: Duration::from_secs(3600) };
    let config = Config { lifetime: short_lifetime, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    assert_eq!(wren.get_error("sessions").await, ErrorCode::InvalidToken);
}

async fn the_least_recently_used_of_too_many_sessions_ends(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let mut others = Vec::new();
    for _ in 0..49 {
        others.push(server.sign_in("wren").await);
    }
    let count = async || wren.get::<Vec<SessionInfo>>("sessions").await.len();
    assert_eq!(count().await, 50);
    // The oldest session was just used, so the second oldest has to end.
    let of_first = "SELECT CAST(min(changed_seq) AS TEXT) FROM sessions WHERE revoked_at IS NULL";
    assert_eq!(database.query_string(of_first).await, "1");
    database
        .execute(
            "UPDATE sessions SET last_used_at = '2999-01-01T00:00:00.000Z' WHERE changed_seq = 1",
        )
        .await;
    let one_more = server.sign_in("wren").await;
    assert_eq!(count().await, 50);
    assert_eq!(others[0].get_error("sessions").await, ErrorCode::Revoked);
    one_more.get::<Vec<SessionInfo>>("sessions").await;
    // Many more sessions, left by an earlier version: all of them end at once, each with a change of its own
    // in the stream.
    let user = wren.id;
    let rows: Vec<String> = (0..300)
        .map(|number| {
            let (id, seq) = (uuid::Uuid::now_v7(), 1000 + number);
            format!("('{id}', '{user}', 't{number}', '2999-01-01T00:00:00.000Z', {seq})")
        })
        .collect();
    let insert = "INSERT INTO sessions (id, user_id, token, expires_at, changed_seq) VALUES";
    database.execute(&format!("{insert} {}", rows.join(", "))).await;
    database.execute("UPDATE streams SET head = 1300 WHERE kind = 'account'").await;
    server.sign_in("wren").await;
    assert_eq!(count().await, 50);
    let page = wren.changes(StreamId::Account(wren.id)).await;
    let mut seqs: Vec<i64> = page.rows.iter().map(Row::changed_seq).collect();
    let count = seqs.len();
    seqs.dedup();
    assert_eq!(seqs.len(), count);
}

/// Returns the sessions in the account's stream that changed after `since`.
async fn session_changes(wren: &User, since: i64) -> Vec<SessionRow> {
    let heads: Heads = wren.get("heads").await;
    let (stream, epoch) = (StreamId::Account(wren.id), heads.epoch);
    let path = format!("changes?stream={stream}&epoch={epoch}&term=0&since={since}");
    let page: Page = wren.get(&path).await;
    let sessions = page.rows.into_iter().filter_map(|row| match row {
        Row::Session(row) => Some(row),
        _ => None,
    });
    sessions.collect()
}

async fn state(wren: &User) -> Vec<Row> {
    let heads: Heads = wren.get("heads").await;
    let stream = StreamId::Account(wren.id);
    let path = format!("state?stream={stream}&epoch={}&term=0", heads.epoch);
    wren.get::<Page>(&path).await.rows
}

async fn an_expired_session_is_announced_and_later_deleted(database: Database) {
    let server = database.serve().await;
    let (wren, away) = (server.register("wren").await, server.sign_in("wren").await);
    server.running.stop().await.unwrap();
    let expire =
        "UPDATE sessions SET expires_at = '2026-01-01T00:00:00.000Z' WHERE changed_seq = 2";
    database.execute(expire).await;
    let server = database.serve().await;
    let (wren, away) = (server.with_session_of(&wren), server.with_session_of(&away));
    let mut attempts = 0;
    let changes = loop {
        let changes = session_changes(&wren, 2).await;
        if !changes.is_empty() {
            break changes;
        }
        attempts += 1;
        assert!(attempts < 1000, "the end of the session is not announced");
    };
    assert!(changes.len() == 1 && changes[0].revoked_at.is_some() && changes[0].changed_seq == 3);
    // The device asks for the password, and is not told to delete anything.
    assert_eq!(away.get_error("sessions").await, ErrorCode::InvalidToken);
    assert_eq!(state(&wren).await.len(), 1, "the state for comparison leaves it out");
    server.running.stop().await.unwrap();

    let long_ago = "UPDATE sessions SET lapsed_at = '2020-01-01T00:00:00.000Z'
        WHERE lapsed_at IS NOT NULL";
    database.execute(long_ago).await;
    let server = database.serve().await;
    let (wren, away) = (server.with_session_of(&wren), server.with_session_of(&away));
    let count = "SELECT CAST(count(*) AS TEXT) FROM sessions";
    let mut attempts = 0;
    while database.query_string(count).await != "1" {
        attempts += 1;
        assert!(attempts < 1000, "the session is not deleted");
        wren.get::<Heads>("heads").await;
    }
    assert_eq!(away.get_error("sessions").await, ErrorCode::InvalidToken);
    // A mirror that has received the change continues; one that has not starts from the beginning.
    assert!(self::session_changes(&wren, 3).await.is_empty());
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let stream = StreamId::Account(wren.id);
    let before = format!("changes?stream={stream}&epoch={epoch}&term=0&since=2");
    assert_eq!(wren.get_error(&before).await, ErrorCode::CursorOld);
    assert_eq!(self::session_changes(&wren, 0).await.len(), 1);
}

async fn sessions_that_ended_long_ago_are_deleted_but_not_pending_wipes(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (ended, stolen) = (server.sign_in("wren").await, server.sign_in("wren").await);
    for (user, query) in [(&ended, ""), (&stolen, "?wipe=true")] {
        let sessions: Vec<SessionInfo> = user.get("sessions").await;
        let id = sessions.iter().find(|session| session.current).unwrap().id;
        wren.request(Method::DELETE, &format!("sessions/{id}{query}")).await;
    }
    assert_eq!(ended.get_error("sessions").await, ErrorCode::Revoked);
    server.running.stop().await.unwrap();
    let long_ago = "UPDATE sessions SET revoked_at = '2020-01-01T00:00:00.000Z'
        WHERE revoked_at IS NOT NULL";
    database.execute(long_ago).await;
    let server = database.serve().await;
    let (wren, ended, stolen) = (
        server.with_session_of(&wren),
        server.with_session_of(&ended),
        server.with_session_of(&stolen),
    );
    let mut attempts = 0;
    while ended.get_error("sessions").await != ErrorCode::InvalidToken {
        attempts += 1;
        assert!(attempts < 1000, "the session is not deleted");
    }
    assert_eq!(stolen.get_error("sessions").await, ErrorCode::Wipe);
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
}
