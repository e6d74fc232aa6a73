//! Attacks on sign-ins: guesses are limited, lock no user out and reveal nothing.

use crate::common::{Database, PASSWORD, Server, credentials, error_body};
use parlour_protocol::{Credentials, ErrorBody, ErrorCode, PasswordChange, SignedIn};
use parlour_server::{Config, Proxies};
use reqwest::StatusCode;

on_both_databases! {
    guesses_of_a_password_are_limited,
    a_name_that_is_too_long_is_refused_first,
    a_user_under_attack_can_sign_in_from_a_known_network_and_change_the_password,
    an_attacker_in_the_same_network_locks_nobody_out,
    an_exhausted_limit_does_not_reveal_usernames,
}

async fn guesses_of_a_password_are_limited(database: Database) {
    let config = Config { requests_per_second: 1000, ..database.config() };
    let server = Server::start(&config).await;
    server.register("wren").await;
    let mut codes = Vec::new();
    for _ in 0..12 {
        let guess = server.post("sessions", &credentials("wren", "wrong horse")).await;
        codes.push(error_body(guess).await.code);
    }
    assert_eq!(codes[0], ErrorCode::WrongCredentials);
    assert_eq!(codes[11], ErrorCode::RateLimited);
}

/// Sends a request with this address as the proxy's report of the client.
async fn post_from(
    server: &Server,
    address: &str,
    path: &str,
    credentials: &Credentials,
) -> Result<SignedIn, ErrorBody> {
    post_with_token(server, address, path, credentials, None).await
}

/// Same as [`post_from`], with the token of a device that was signed in before.
async fn post_with_token(
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
    Err(error_body(response).await)
}

async fn a_name_that_is_too_long_is_refused_first(database: Database) {
    let server = database.serve().await;
    for path in ["sessions", "users"] {
        let long = server.post(path, &credentials(&"x".repeat(51), PASSWORD)).await;
        assert_eq!(error_body(long).await.code, ErrorCode::Invalid);
        let huge = credentials(&"x".repeat(500 * 1024), PASSWORD);
        let request = reqwest::Client::new().post(format!("{}/{path}", server.url)).json(&huge);
        assert_eq!(error_body(request.send().await.unwrap()).await.code, ErrorCode::TooLarge);
    }
}

async fn a_user_under_attack_can_sign_in_from_a_known_network_and_change_the_password(
    database: Database,
) {
    let config = Config { requests_per_second: 1000, proxies: Proxies::ONE, ..database.config() };
    let server = Server::start(&config).await;
    let (home, correct) = ("192.0.2.1", credentials("wren", PASSWORD));
    let wren = post_from(&server, home, "users", &correct).await.unwrap();
    let mut last = ErrorCode::WrongCredentials;
    for n in 0..100 {
        let guess = credentials("wren", "wrong horse");
        last =
            post_from(&server, &format!("10.0.{n}.1"), "sessions", &guess).await.unwrap_err().code;
        if last == ErrorCode::RateLimited {
            break;
        }
    }
    assert_eq!(last, ErrorCode::RateLimited);
    let refused = post_from(&server, "198.51.100.1", "sessions", &correct).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.retry_after_ms.unwrap() > 0);
    post_from(&server, "192.0.2.77", "sessions", &correct).await.unwrap();
    // An exhausted limit of the caller's network does not matter either.
    for n in 0..40 {
        let _ =
            post_from(&server, home, "sessions", &credentials(&format!("bird-{n}"), "wrong horse"))
                .await;
    }
    post_from(&server, home, "sessions", &correct).await.unwrap();
    let change = PasswordChange {
        current: PASSWORD.into(),
        new: "another horse".into(),
        keep_sessions: false,
    };
    let request = server.http.put(format!("{}/password", server.url)).bearer_auth(&wren.token);
    let changed = request.header("x-forwarded-for", home).json(&change).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
}

/// Sends wrong passwords until they are refused without a check.
async fn exhaust_limit(server: &Server, address: &str, name: impl Fn(usize) -> String) {
    for n in 0..200 {
        let guess = credentials(&name(n), "wrong horse");
        let refused = post_from(server, address, "sessions", &guess).await.unwrap_err();
        // The last ones are checked, and then refused in the same way.
        if refused.code == ErrorCode::RateLimited && n > 75 {
            return;
        }
    }
    panic!("the limit of {address} is never reached");
}

async fn an_attacker_in_the_same_network_locks_nobody_out(database: Database) {
    let config = Config { requests_per_second: 1000, proxies: Proxies::ONE, ..database.config() };
    let server = Server::start(&config).await;
    for (name, home, neighbour) in
        [("wren", "192.0.2.10", "192.0.2.201"), ("heron", "2001:db8:5:1::10", "2001:db8:5:ff::66")]
    {
        let correct = credentials(name, PASSWORD);
        let first = post_from(&server, home, "users", &correct).await.unwrap();
        exhaust_limit(&server, neighbour, |_| name.to_owned()).await;
        post_from(&server, home, "sessions", &correct).await.unwrap();
        exhaust_limit(&server, neighbour, |n| format!("ghost-{n}")).await;
        post_from(&server, home, "sessions", &correct).await.unwrap();
        // Users with the same address are distinguished by the token of their device, even after its
        // session has ended.
        exhaust_limit(&server, home, |_| name.to_owned()).await;
        let refused = post_from(&server, home, "sessions", &correct).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        let request = server.http.delete(format!("{}/sessions/current", server.url));
        request.bearer_auth(&first.token).send().await.unwrap();
        let device = Some(first.token.as_str());
        post_with_token(&server, home, "sessions", &correct, device).await.unwrap();
        let wrong = credentials(name, "wrong horse");
        let refused = post_with_token(&server, home, "sessions", &wrong, device).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::WrongCredentials);
    }
}

async fn an_exhausted_limit_does_not_reveal_usernames(database: Database) {
    let config = Config { requests_per_second: 1000, proxies: Proxies::ONE, ..database.config() };
    let server = Server::start(&config).await;
    for name in ["wren", "oak"] {
        post_from(&server, "192.0.2.10", "users", &credentials(name, PASSWORD)).await.unwrap();
    }
    let guess_all = async |address: &str, names: &[&str]| {
        let mut codes = Vec::new();
        for name in names {
            let guess = credentials(name, "wrong horse");
            codes.push(post_from(&server, address, "sessions", &guess).await.unwrap_err().code);
        }
        codes
    };
    let names = ["wren", "ghost", "oak", "elm", "Wren"];
    assert_eq!(guess_all("192.0.2.200", &names).await, [ErrorCode::WrongCredentials; 5]);
    // From time to time the limits allow one more sign-in.
    let all_are_refused = async |address: &str, names: &[&str]| {
        for _ in 0..3 {
            if guess_all(address, names).await.iter().all(|code| *code == ErrorCode::RateLimited) {
                return true;
            }
        }
        false
    };
    // Exhausts the limit of the network and that of checks beyond it, for both addresses in it.
    for _ in 0..40 {
        let _ = guess_all("192.0.2.200", &["nobody", "no-one"]).await;
    }
    for address in ["192.0.2.200", "192.0.2.10"] {
        assert!(all_are_refused(address, &names).await, "{address}");
    }
    // Exhausts the limit of the accounts from other networks.
    for n in 0..40 {
        let _ = guess_all(&format!("10.0.{n}.1"), &["wren", "ghost"]).await;
    }
    assert!(all_are_refused("198.51.100.1", &["wren", "ghost"]).await);
}
