//! The security headers of every response.

use crate::common::{Database, Server};
use data_encoding::BASE64;
use parlour_server::{Config, Proxies};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use sha2::{Digest, Sha256};

on_both_databases! {
    every_response_has_the_security_headers,
    the_policy_of_a_page_allows_only_its_own_style,
    strict_transport_security_is_only_sent_over_tls,
    the_page_of_a_link_has_a_button_that_opens_the_app,
    an_invitation_link_with_an_encoded_hash_redirects_to_the_page,
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap()
}

async fn every_response_has_the_security_headers(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let root = server.url.trim_end_matches("/v1");
    for (method, path, status) in [
        (Method::GET, "/v1/server", StatusCode::OK),
        (Method::GET, "/v1/heads", StatusCode::OK),
        (Method::GET, "/v1/heads?wm=x", StatusCode::UNPROCESSABLE_ENTITY),
        (Method::GET, "/v1/nowhere", StatusCode::NOT_FOUND),
        (Method::GET, "/", StatusCode::NOT_FOUND),
        (Method::PATCH, "/v1/server", StatusCode::METHOD_NOT_ALLOWED),
        (Method::OPTIONS, "/v1/heads", StatusCode::METHOD_NOT_ALLOWED),
        (Method::POST, "/v1/sessions", StatusCode::UNPROCESSABLE_ENTITY),
        (Method::GET, "/v1/invitations", StatusCode::FORBIDDEN),
        (Method::DELETE, "/v1/sessions/others", StatusCode::NO_CONTENT),
        (Method::GET, "/docs", StatusCode::OK),
        (Method::GET, "/openapi.json", StatusCode::OK),
        (Method::GET, "/join", StatusCode::OK),
        (Method::GET, "/message", StatusCode::OK),
        (Method::HEAD, "/message", StatusCode::OK),
    ] {
        let request = server.http.request(method.clone(), format!("{root}{path}"));
        let request = request.bearer_auth(&wren.token).header("origin", "https://evil.example");
        let request = request.header("access-control-request-method", "GET");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
        let headers = response.headers();
        assert_eq!(value(headers, "x-content-type-options"), "nosniff", "{method} {path}");
        assert_eq!(value(headers, "cache-control"), "no-store");
        let has_button = matches!(path, "/join" | "/message");
        let referrer = if has_button { "same-origin" } else { "no-referrer" };
        assert_eq!(value(headers, "referrer-policy"), referrer, "{path}");
        assert_eq!(value(headers, "x-frame-options"), "DENY");
        assert_eq!(value(headers, "cross-origin-resource-policy"), "same-origin");
        assert_eq!(value(headers, "cross-origin-opener-policy"), "same-origin");
        assert!(value(headers, "permissions-policy").contains("microphone=()"));
        let policy = value(headers, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'")
        );
        assert!(!headers.contains_key("strict-transport-security"), "the request was not over TLS");
        let names = headers.keys().map(|name| name.as_str());
        assert!(!names.into_iter().any(|name| name.starts_with("access-control")), "{path}");
    }
}

async fn the_policy_of_a_page_allows_only_its_own_style(database: Database) {
    let server = database.serve().await;
    let root = server.url.trim_end_matches("/v1");
    for path in ["/docs", "/join", "/message"] {
        let response = reqwest::get(format!("{root}{path}")).await.unwrap();
        let policy = value(response.headers(), "content-security-policy").to_owned();
        let page = response.text().await.unwrap();
        let (before, rest) = page.split_once("<style>").unwrap();
        let (style, after) = rest.split_once("</style>").unwrap();
        let hash = BASE64.encode(&Sha256::digest(style));
        assert!(policy.contains(&format!("style-src 'sha256-{hash}'")), "{path} {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
        for text in [before, after] {
            for forbidden in
                ["<script", "<style", " style=", "<link", "<img", " onclick", " onload"]
            {
                assert!(!text.contains(forbidden), "{path} {forbidden}");
            }
        }
    }
}

async fn the_page_of_a_link_has_a_button_that_opens_the_app(database: Database) {
    let server = database.serve().await;
    let root = server.url.trim_end_matches("/v1");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    for name in ["join", "message"] {
        let page = client.get(format!("{root}/{name}")).send().await.unwrap();
        let policy = value(page.headers(), "content-security-policy").to_owned();
        assert!(policy.contains("form-action 'self' parlour:;"), "{policy}");
        let html = page.text().await.unwrap();
        assert_eq!(html.matches("<form><button name=\"open\">").count(), 1, "{html}");
        // The request of a browser when the button is clicked.
        let clicked = |from: &str| {
            client.get(format!("{root}/{name}?open=")).header("referer", format!("{from}/{name}"))
        };
        for (from, to) in [
            (root, root.replacen("http", "parlour", 1)),
            ("https://chat.example.org/team", "parlour://chat.example.org/team".into()),
            ("https://evil.example/<script>", root.replacen("http", "parlour", 1)),
        ] {
            let response = clicked(from).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{from}");
            assert_eq!(value(response.headers(), "location"), format!("{to}/{name}"), "{from}");
        }
        let other = client.get(format!("{root}/{name}?open=https://evil.example")).send();
        assert_eq!(other.await.unwrap().status(), StatusCode::OK);
    }
    let docs = client.get(format!("{root}/docs")).send().await.unwrap();
    assert!(value(docs.headers(), "content-security-policy").contains("form-action 'none'"));
}

async fn strict_transport_security_is_only_sent_over_tls(database: Database) {
    let behind_proxy = Config { proxies: Proxies::ONE, ..database.config() };
    for (config, proto, expected) in [
        (behind_proxy.clone(), "https", true),
        (behind_proxy.clone(), "http", false),
        (behind_proxy.clone(), "https, http", false),
        (behind_proxy, "ftp", false),
        (database.config(), "https", false),
    ] {
        let server = Server::start(&config).await;
        let request = server.http.get(format!("{}/server", server.url));
        let request = request.header("x-forwarded-proto", proto);
        let response = request.send().await.unwrap();
        let has_header = response.headers().contains_key("strict-transport-security");
        assert_eq!(has_header, expected, "{proto:?}");
        server.running.stop().await.unwrap();
    }
}

async fn an_invitation_link_with_an_encoded_hash_redirects_to_the_page(database: Database) {
    let server = database.serve().await;
    let root = server.url.trim_end_matches("/v1");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let open = async |path: &str| client.get(format!("{root}{path}")).send().await.unwrap();
    for path in [
        "/join%23c0ffee",
        "/join/%23c0ffee",
        "/join%23c0ffee,",
        "/join%23c0ffee/",
        "/join%23c0ffee%20now",
    ] {
        let response = open(path).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        let to = response.url().join(value(response.headers(), "location")).unwrap();
        assert_eq!(to.as_str(), format!("{root}/join#c0ffee"), "{path}");
    }
    let response = open("/message%2301a22fba-5d4e-7726-8cbc-f4b09fa3b868,").await;
    let to = response.url().join(value(response.headers(), "location")).unwrap();
    assert_eq!(to.as_str(), format!("{root}/message#01a22fba-5d4e-7726-8cbc-f4b09fa3b868"));
    // The part after the hash is not sent to the server; the browser keeps it.
    let response = open("/join/").await;
    let to = response.url().join(value(response.headers(), "location")).unwrap();
    assert_eq!(to.as_str(), format!("{root}/join"));
    let posted = client.post(format!("{root}/join%23c0ffee")).send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
    for path in ["/join%23", "/join%23//evil.example", "/joint%23a", "/joins"] {
        assert_eq!(open(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}
