//! Input that means no good.

use crate::common::{Database, PASSWORD, Server, refusal, typed};
use parlour_protocol::{Action, ErrorCode};
use parlour_server::Config;

on_both_databases! {
    what_does_not_make_sense_is_refused_with_the_envelope,
    who_asks_too_often_is_told_when_to_come_back,
    guessing_passwords_ends_soon,
}

async fn what_does_not_make_sense_is_refused_with_the_envelope(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let room = wren.group(&[]).await;
    let long = Action::send("x".repeat(64 * 1024 + 1));
    assert_eq!(wren.act_refused(room, long).await, ErrorCode::TooLarge);
    assert_eq!(wren.act_refused(room, Action::send(" \n")).await, ErrorCode::Invalid);
    assert_eq!(wren.refused("bootstrap?conversation=1").await, ErrorCode::Invalid);
    assert_eq!(wren.refused("messages/%ff/edits").await, ErrorCode::Invalid);
    assert_eq!(wren.refused("nowhere").await, ErrorCode::Gone);
    for path in ["heads?wm=9223372036854775808", "heads?wm=x", "changes?stream=x&epoch=e&since=0"] {
        assert_eq!(wren.refused(path).await, ErrorCode::Invalid, "{path}");
    }
    wren.get::<parlour_protocol::Heads>("heads?wm=-9223372036854775808").await;
    let post = |body: Vec<u8>| {
        let request = server.http.post(format!("{}/users", server.url));
        request.header("content-type", "application/json").body(body).send()
    };
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let nul = serde_json::to_vec(&typed("a\0b", PASSWORD)).unwrap();
    let surrogate = br#"{"username":"\ud800","password":"correct horse"}"#.to_vec();
    for body in [&b"{"[..], b"\xff\xfe", b"[]", b"{\"username\":1}", &deep, &nul, &surrogate] {
        assert_eq!(refusal(post(body.into()).await.unwrap()).await.code, ErrorCode::Invalid);
    }
    // On a connection of its own, which the server ends instead of reading all of it.
    let apart = reqwest::Client::new().post(format!("{}/users", server.url));
    let apart = apart.header("content-type", "application/json").body(vec![b' '; 1024 * 1024]);
    let huge = refusal(apart.send().await.unwrap()).await;
    assert_eq!(huge.code, ErrorCode::TooLarge);
    let header =
        wren.http.get(format!("{}/heads", wren.url)).header("authorization", b"\xff".as_slice());
    assert_eq!(refusal(header.send().await.unwrap()).await.code, ErrorCode::Token);
}

async fn who_asks_too_often_is_told_when_to_come_back(database: Database) {
    let config = Config { requests_per_second: 1, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    let mut refused = None;
    for _ in 0..20 {
        let response = wren.request(reqwest::Method::GET, "heads").await;
        if !response.status().is_success() {
            assert!(response.headers().contains_key("retry-after"));
            refused = Some(refusal(response).await);
            break;
        }
    }
    let refused = refused.expect("an end");
    assert_eq!(refused.code, ErrorCode::Rate);
    assert!(refused.retry_after_ms.unwrap() > 0);
}

async fn guessing_passwords_ends_soon(database: Database) {
    let config = Config { requests_per_second: 1000, ..database.config() };
    let server = Server::start(&config).await;
    server.register("wren").await;
    let mut codes = Vec::new();
    for _ in 0..12 {
        let guess = server.post("sessions", &typed("wren", "wrong horse")).await;
        codes.push(refusal(guess).await.code);
    }
    assert_eq!(codes[0], ErrorCode::SignIn);
    assert_eq!(codes[11], ErrorCode::Rate);
}
