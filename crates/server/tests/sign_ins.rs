//! Sign-ins under attack: guessing ends soon, locks nobody out, and tells nothing.

use crate::common::{Database, PASSWORD, Server, refusal, typed};
use parlour_protocol::{Credentials, ErrorBody, ErrorCode, PasswordChange, SignedIn};
use parlour_server::{Config, Proxies};
use reqwest::StatusCode;

on_both_databases! {
    guessing_passwords_ends_soon,
    a_name_that_is_nobodys_for_its_length_is_refused_before_anything_else,
    who_is_guessed_at_signs_in_at_home_and_changes_their_password,
    a_neighbour_locks_nobody_out,
    whoever_has_used_up_a_limit_learns_no_names_by_that,
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

/// Sends a request from an address, as a proxy reports it.
async fn from(
    server: &Server,
    address: &str,
    path: &str,
    credentials: &Credentials,
) -> Result<SignedIn, ErrorBody> {
    by(server, address, path, credentials, None).await
}

/// Does the same with a token, as a device that was signed in before sends it.
async fn by(
    server: &Server,
    address: &str,
    path: &str,
    credentials: &Credentials,
    token: Option<&str>,
) -> Result<SignedIn, ErrorBody> {
    let mut request = server.http.post(format!("{}/{path}", server.url)).json(credentials);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
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
    let config = Config { requests_per_second: 1000, proxies: Proxies::ONE, ..database.config() };
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
    // It does not matter either what the network of the caller has used up.
    for n in 0..40 {
        let _ = from(&server, home, "sessions", &typed(&format!("bird-{n}"), "wrong horse")).await;
    }
    from(&server, home, "sessions", &right).await.unwrap();
    let change = PasswordChange {
        current: PASSWORD.into(),
        new: "another horse".into(),
        keep_sessions: false,
    };
    let request = server.http.put(format!("{}/password", server.url)).bearer_auth(&wren.token);
    let changed = request.header("x-forwarded-for", home).json(&change).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
}

/// Sends wrong passwords until they are not looked at any more.
async fn use_up(server: &Server, address: &str, name: impl Fn(usize) -> String) {
    for n in 0..200 {
        let guess = typed(&name(n), "wrong horse");
        let refused = from(server, address, "sessions", &guess).await.unwrap_err();
        // The last ones are looked at, and then refused in the same way.
        if refused.code == ErrorCode::Rate && n > 75 {
            return;
        }
    }
    panic!("{address} is never refused");
}

async fn a_neighbour_locks_nobody_out(database: Database) {
    let config = Config { requests_per_second: 1000, proxies: Proxies::ONE, ..database.config() };
    let server = Server::start(&config).await;
    for (name, home, neighbour) in
        [("wren", "192.0.2.10", "192.0.2.201"), ("heron", "2001:db8:5:1::10", "2001:db8:5:ff::66")]
    {
        let right = typed(name, PASSWORD);
        let first = from(&server, home, "users", &right).await.unwrap();
        use_up(&server, neighbour, |_| name.to_owned()).await;
        from(&server, home, "sessions", &right).await.unwrap();
        use_up(&server, neighbour, |n| format!("ghost-{n}")).await;
        from(&server, home, "sessions", &right).await.unwrap();
        // Behind the same address, the device is what tells people apart: also once its session has ended.
        use_up(&server, home, |_| name.to_owned()).await;
        let refused = from(&server, home, "sessions", &right).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Rate);
        let request = server.http.delete(format!("{}/sessions/current", server.url));
        request.bearer_auth(&first.token).send().await.unwrap();
        let device = Some(first.token.as_str());
        by(&server, home, "sessions", &right, device).await.unwrap();
        let wrong = typed(name, "wrong horse");
        let refused = by(&server, home, "sessions", &wrong, device).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::SignIn);
    }
}

async fn whoever_has_used_up_a_limit_learns_no_names_by_that(database: Database) {
    let config = Config { requests_per_second: 1000, proxies: Proxies::ONE, ..database.config() };
    let server = Server::start(&config).await;
    for name in ["wren", "oak"] {
        from(&server, "192.0.2.10", "users", &typed(name, PASSWORD)).await.unwrap();
    }
    let told = async |address: &str, names: &[&str]| {
        let mut codes = Vec::new();
        for name in names {
            let guess = typed(name, "wrong horse");
            codes.push(from(&server, address, "sessions", &guess).await.unwrap_err().code);
        }
        codes
    };
    let names = ["wren", "ghost", "oak", "elm", "Wren"];
    assert_eq!(told("192.0.2.200", &names).await, [ErrorCode::SignIn; 5]);
    // Now and then one more sign-in is within the limits.
    let all_are_refused = async |address: &str, names: &[&str]| {
        for _ in 0..3 {
            if told(address, names).await.iter().all(|code| *code == ErrorCode::Rate) {
                return true;
            }
        }
        false
    };
    // The limit of the network, then that of what is looked at beyond it; at home as well as beside it.
    for _ in 0..40 {
        let _ = told("192.0.2.200", &["nobody", "no-one"]).await;
    }
    for address in ["192.0.2.200", "192.0.2.10"] {
        assert!(all_are_refused(address, &names).await, "{address}");
    }
    // The limit of accounts, used up from elsewhere.
    for n in 0..40 {
        let _ = told(&format!("10.0.{n}.1"), &["wren", "ghost"]).await;
    }
    assert!(all_are_refused("198.51.100.1", &["wren", "ghost"]).await);
}
