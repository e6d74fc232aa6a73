//! Input that means no good.

use crate::common::{Database, PASSWORD, Server, refusal, typed};
use parlour_protocol::{
    Action, Credentials, ErrorBody, ErrorCode, PasswordChange, Registration, SignedIn,
};
use parlour_server::Config;
use reqwest::{Method, StatusCode};

on_both_databases! {
    what_does_not_make_sense_is_refused_with_the_envelope,
    who_asks_too_often_is_told_when_to_come_back,
    guessing_passwords_ends_soon,
    a_name_that_is_nobodys_for_its_length_is_refused_before_anything_else,
    who_is_guessed_at_signs_in_at_home_and_changes_their_password,
    without_a_good_invitation_nobody_learns_a_name_or_sets_anything_to_work,
    an_open_server_tells_few_names,
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
    let deep = [b"[".repeat(4000), b"]".repeat(4000)].concat();
    let nul = serde_json::to_vec(&typed("a\0b", PASSWORD)).unwrap();
    let surrogate = br#"{"username":"\ud800","password":"correct horse"}"#.to_vec();
    for body in [&b"{"[..], b"\xff\xfe", b"[]", b"{\"username\":1}", &deep, &nul, &surrogate] {
        assert_eq!(refusal(post(body.into()).await.unwrap()).await.code, ErrorCode::Invalid);
    }
    let deeper = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let ops = wren.http.post(format!("{}/ops", wren.url)).bearer_auth(&wren.token);
    let ops = ops.header("content-type", "application/json").body(deeper);
    assert_eq!(refusal(ops.send().await.unwrap()).await.code, ErrorCode::Invalid);
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

/// Says it from an address, as a proxy tells it.
async fn from(
    server: &Server,
    address: &str,
    path: &str,
    credentials: &Credentials,
) -> Result<SignedIn, ErrorBody> {
    let request = server.http.post(format!("{}/{path}", server.url)).json(credentials);
    let response = request.header("x-forwarded-for", address).send().await.unwrap();
    if response.status() == StatusCode::OK {
        return Ok(response.json().await.unwrap());
    }
    Err(refusal(response).await)
}

async fn a_name_that_is_nobodys_for_its_length_is_refused_before_anything_else(database: Database) {
    let server = database.serve().await;
    for path in ["sessions", "users"] {
        let long = server.post(path, &typed(&"x".repeat(51), PASSWORD)).await;
        assert_eq!(refusal(long).await.code, ErrorCode::Invalid);
        let huge = typed(&"x".repeat(500 * 1024), PASSWORD);
        let apart = reqwest::Client::new().post(format!("{}/{path}", server.url)).json(&huge);
        assert_eq!(refusal(apart.send().await.unwrap()).await.code, ErrorCode::TooLarge);
    }
}

async fn who_is_guessed_at_signs_in_at_home_and_changes_their_password(database: Database) {
    let config = Config { requests_per_second: 1000, trust_proxy: true, ..database.config() };
    let server = Server::start(&config).await;
    let (home, right) = ("192.0.2.1", typed("wren", PASSWORD));
    let wren = from(&server, home, "users", &right).await.unwrap();
    let mut last = ErrorCode::SignIn;
    for n in 0..100 {
        let guess = typed("wren", "wrong horse");
        last = from(&server, &format!("10.0.{n}.1"), "sessions", &guess).await.unwrap_err().code;
        if last == ErrorCode::Rate {
            break;
        }
    }
    assert_eq!(last, ErrorCode::Rate);
    let elsewhere = from(&server, "198.51.100.1", "sessions", &right).await.unwrap_err();
    assert_eq!(elsewhere.code, ErrorCode::Rate);
    assert!(elsewhere.retry_after_ms.unwrap() > 0);
    from(&server, "192.0.2.77", "sessions", &right).await.unwrap();
    // Nor does it matter what the caller's network has used up.
    for n in 0..40 {
        let _ = from(&server, home, "sessions", &typed(&format!("bird-{n}"), "wrong horse")).await;
    }
    from(&server, home, "sessions", &right).await.unwrap();
    let change = PasswordChange { current: PASSWORD.into(), new: "another horse".into() };
    let request = server.http.put(format!("{}/password", server.url)).bearer_auth(&wren.token);
    let changed = request.header("x-forwarded-for", home).json(&change).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
}

async fn without_a_good_invitation_nobody_learns_a_name_or_sets_anything_to_work(
    database: Database,
) {
    server_tells_nothing(&database, Registration::Invitation).await;
    server_tells_nothing(&database, Registration::Closed).await;
}

async fn server_tells_nothing(database: &Database, registration: Registration) {
    let config = Config { registration, ..database.config() };
    let server = Server::start(&config).await;
    if server.running.first_invitation.is_some() {
        server.register_administrator("wren").await;
    }
    for invitation in [None, Some("not one".to_owned()), Some(String::new())] {
        let mut told = Vec::new();
        // A password that would be refused is not looked at, and none is hashed.
        for (name, password) in [("wren", PASSWORD), ("oak", PASSWORD), ("wren", "x"), ("x y", "x")]
        {
            let asked = Credentials { invitation: invitation.clone(), ..typed(name, password) };
            told.push(refusal(server.post("users", &asked).await).await);
        }
        assert_eq!(told[0].code, ErrorCode::Forbidden);
        assert!(told.iter().all(|answer| *answer == told[0]), "{told:?}");
    }
    server.running.stop().await.unwrap();
}

async fn an_open_server_tells_few_names(database: Database) {
    let config = Config { requests_per_second: 1000, ..database.config() };
    let server = Server::start(&config).await;
    server.register("wren").await;
    let mut told = 0;
    let last = loop {
        let code = refusal(server.post("users", &typed("wren", PASSWORD)).await).await.code;
        if code != ErrorCode::UsernameTaken {
            break code;
        }
        told += 1;
        assert!(told < 100);
    };
    assert_eq!(last, ErrorCode::Rate);
    // Who is here is not kept from what they came for.
    let wren = server.sign_in("wren").await;
    assert_eq!(wren.request(Method::GET, "heads").await.status(), StatusCode::OK);
}
