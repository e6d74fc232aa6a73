//! Signed-in devices.

use crate::common::{Database, Server, User, refusal};
use crate::socket::Socket;
use parlour_protocol::{ErrorCode, Frame, Heads, Page, Row, SessionInfo, SessionRow, StreamId};
use parlour_server::{Config, Lifetime, Proxies};
use reqwest::{Method, StatusCode};
use std::time::Duration;

on_both_databases! {
    nothing_is_answered_without_a_session_and_nothing_after_its_end,
    a_session_is_listed_with_its_device_address_and_last_use,
    behind_two_proxies_a_session_is_where_the_first_of_them_was_asked_from,
    all_others_can_be_ended_at_once,
    nobody_ends_what_is_anothers,
    a_device_is_told_to_delete_what_it_holds_if_its_owner_or_an_administrator_says_so,
    a_device_whose_session_has_ended_can_still_be_told_to_delete_what_it_holds,
    a_session_that_is_not_used_ends,
    of_too_many_sessions_the_one_used_least_lately_ends,
    a_session_whose_time_is_over_is_told_and_later_forgotten,
    what_ended_long_ago_is_forgotten_but_not_what_a_device_has_to_hear,
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

async fn behind_two_proxies_a_session_is_where_the_first_of_them_was_asked_from(
    database: Database,
) {
    let config = Config { proxies: Proxies { count: 2, ..Proxies::ONE }, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    let request = wren.http.get(format!("{}/sessions", wren.url)).bearer_auth(&wren.token);
    let request = request.header("x-forwarded-for", "203.0.113.1, 192.0.2.7, 10.0.0.1");
    let sessions: Vec<SessionInfo> = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(sessions[0].address, "192.0.2.7");
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
    assert_eq!(
        earlier.refused("sessions").await,
        ErrorCode::Wipe,
        "this also holds for sessions that ended before"
    );
}

async fn a_device_whose_session_has_ended_can_still_be_told_to_delete_what_it_holds(
    database: Database,
) {
    let server = database.serve().await;
    let (wren, lost) = (server.register("wren").await, server.sign_in("wren").await);
    let sessions: Vec<SessionInfo> = lost.get("sessions").await;
    let id = sessions.iter().find(|session| session.current).unwrap().id;
    let end = async |path: String| wren.request(Method::DELETE, &path).await;
    assert_eq!(end(format!("sessions/{id}")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(lost.refused("sessions").await, ErrorCode::Revoked);
    assert_eq!(refusal(end(format!("sessions/{id}")).await).await.code, ErrorCode::Gone);
    assert_eq!(end(format!("sessions/{id}?wipe=true")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(lost.refused("sessions").await, ErrorCode::Wipe);
    // One that has expired meanwhile, too.
    let lost = server.sign_in("wren").await;
    let sessions: Vec<SessionInfo> = lost.get("sessions").await;
    let id = sessions.iter().find(|session| session.current).unwrap().id;
    let expire = match database.url {
        None => "UPDATE sessions SET expires_at = '2000-01-01T00:00:00.000Z'",
        Some(_) => "UPDATE sessions SET expires_at = '2000-01-01T00:00:00Z'",
    };
    database.execute(&format!("{expire} WHERE id = '{id}'")).await;
    assert_eq!(end(format!("sessions/{id}?wipe=true")).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(lost.refused("sessions").await, ErrorCode::Wipe);
    let nobodys = uuid::Uuid::now_v7();
    let refused = refusal(end(format!("sessions/{nobodys}?wipe=true")).await).await;
    assert_eq!(refused.code, ErrorCode::Gone);
}

async fn a_session_that_is_not_used_ends(database: Database) {
    let brief = Lifetime { idle: Duration::ZERO, absolute: Duration::from_secs(3600) };
    let config = Config { lifetime: brief, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    assert_eq!(wren.refused("sessions").await, ErrorCode::Token);
}

async fn of_too_many_sessions_the_one_used_least_lately_ends(database: Database) {
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
    assert_eq!(database.text(of_first).await, "1");
    database
        .execute(
            "UPDATE sessions SET last_used_at = '2999-01-01T00:00:00.000Z' WHERE changed_seq = 1",
        )
        .await;
    let one_more = server.sign_in("wren").await;
    assert_eq!(count().await, 50);
    assert_eq!(others[0].refused("sessions").await, ErrorCode::Revoked);
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
    let mut told: Vec<i64> = page.rows.iter().map(Row::changed_seq).collect();
    let all = told.len();
    told.dedup();
    assert_eq!(told.len(), all);
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

async fn a_session_whose_time_is_over_is_told_and_later_forgotten(database: Database) {
    let server = database.serve().await;
    let (wren, away) = (server.register("wren").await, server.sign_in("wren").await);
    server.running.stop().await.unwrap();
    let over = "UPDATE sessions SET expires_at = '2026-01-01T00:00:00.000Z' WHERE changed_seq = 2";
    database.execute(over).await;
    let server = database.serve().await;
    let (wren, away) = (server.again(&wren), server.again(&away));
    let mut tries = 0;
    let told = loop {
        let told = session_changes(&wren, 2).await;
        if !told.is_empty() {
            break told;
        }
        tries += 1;
        assert!(tries < 1000, "the end of the session is not announced");
    };
    assert!(told.len() == 1 && told[0].revoked_at.is_some() && told[0].changed_seq == 3);
    // The device asks for the password, and is not told to delete anything.
    assert_eq!(away.refused("sessions").await, ErrorCode::Token);
    assert_eq!(state(&wren).await.len(), 1, "the state for comparison leaves it out");
    server.running.stop().await.unwrap();

    let long_ago = "UPDATE sessions SET lapsed_at = '2020-01-01T00:00:00.000Z'
        WHERE lapsed_at IS NOT NULL";
    database.execute(long_ago).await;
    let server = database.serve().await;
    let (wren, away) = (server.again(&wren), server.again(&away));
    let count = "SELECT CAST(count(*) AS TEXT) FROM sessions";
    let mut tries = 0;
    while database.text(count).await != "1" {
        tries += 1;
        assert!(tries < 1000, "the session is not forgotten");
        wren.get::<Heads>("heads").await;
    }
    assert_eq!(away.refused("sessions").await, ErrorCode::Token);
    // A mirror that has received the change continues; one that has not starts from the beginning.
    assert!(self::session_changes(&wren, 3).await.is_empty());
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let stream = StreamId::Account(wren.id);
    let before = format!("changes?stream={stream}&epoch={epoch}&term=0&since=2");
    assert_eq!(wren.refused(&before).await, ErrorCode::CursorOld);
    assert_eq!(self::session_changes(&wren, 0).await.len(), 1);
}

async fn what_ended_long_ago_is_forgotten_but_not_what_a_device_has_to_hear(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (ended, stolen) = (server.sign_in("wren").await, server.sign_in("wren").await);
    for (user, query) in [(&ended, ""), (&stolen, "?wipe=true")] {
        let sessions: Vec<SessionInfo> = user.get("sessions").await;
        let id = sessions.iter().find(|session| session.current).unwrap().id;
        wren.request(Method::DELETE, &format!("sessions/{id}{query}")).await;
    }
    assert_eq!(ended.refused("sessions").await, ErrorCode::Revoked);
    server.running.stop().await.unwrap();
    let long_ago = "UPDATE sessions SET revoked_at = '2020-01-01T00:00:00.000Z'
        WHERE revoked_at IS NOT NULL";
    database.execute(long_ago).await;
    let server = database.serve().await;
    let (wren, ended, stolen) = (server.again(&wren), server.again(&ended), server.again(&stolen));
    let mut tries = 0;
    while ended.refused("sessions").await != ErrorCode::Token {
        tries += 1;
        assert!(tries < 1000, "the session is not forgotten");
    }
    assert_eq!(stolen.refused("sessions").await, ErrorCode::Wipe);
    assert_eq!(wren.get::<Vec<SessionInfo>>("sessions").await.len(), 1);
}
