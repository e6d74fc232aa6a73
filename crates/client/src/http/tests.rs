//! Tests of requests, and of how their responses are handled.

use super::account::REDIRECTS;
use super::client::Http;
use super::response::host;
use crate::error::Error;
use crate::test_server::{
    http_response, listen, listen_async, serve_responses, serve_responses_on,
};
use crate::token::{Token, TokenCell};
use parlour_protocol::{ErrorClass, ErrorCode, LocalReason};
use std::time::Duration;

/// The header with which the connection is closed after a response.
const CLOSE: &str = "connection: close\r\n";

fn redirect(to: &str) -> String {
    http_response("301 Moved Permanently", &format!("location: {to}\r\n{CLOSE}"), "")
}

fn info() -> String {
    http_response("200 OK", CLOSE, r#"{"product":"parlour","version":"1"}"#)
}

#[tokio::test]
async fn a_redirect_to_another_server_is_reported_and_not_used() {
    let (new, at_new) = serve_responses(vec![info()]);
    let (between, at_between) = serve_responses(vec![redirect(&format!("{new}/v1/server"))]);
    let (old, at_old) = serve_responses(vec![redirect(&between)]);
    let found = Http::new(&old, TokenCell::default()).find_server().await;
    let Err(Error::Moved { from, to }) = found else { panic!("{found:?}") };
    assert_eq!((format!("http://{from}"), to), (old, new));
    for serving in [at_new, at_between, at_old] {
        serving.join().unwrap();
    }
}

#[tokio::test]
async fn a_redirect_to_no_server_is_an_error() {
    let (page, at_page) = serve_responses(vec![http_response("200 OK", CLOSE, "<html>")]);
    let (old, at_old) = serve_responses(vec![redirect(&page)]);
    let found = Http::new(&old, TokenCell::default()).find_server().await;
    assert_eq!(found.unwrap_err().code(), ErrorCode::NotAServer);
    at_page.join().unwrap();
    at_old.join().unwrap();
    let (redirecting, at_redirecting) =
        serve_responses(vec![redirect("http://www.example.org/v1/server")]);
    let found = Http::new(&redirecting, TokenCell::default()).find_server().await.unwrap_err();
    assert_eq!(found.code(), ErrorCode::Moved);
    assert!(found.target().is_none(), "no unencrypted address is offered");
    let target = "http://www.example.org/v1/server".into();
    let expected = LocalReason::InvalidRedirect { host: host(&redirecting).into(), to: target };
    assert_eq!(found.problem(), expected.into());
    at_redirecting.join().unwrap();
    // A redirect loop.
    let (listener, here) = listen();
    let self_redirect = redirect(&format!("{here}/v1/server"));
    let looping = serve_responses_on(listener, vec![self_redirect; REDIRECTS]);
    let found = Http::new(&here, TokenCell::default()).find_server().await;
    assert_eq!(found.unwrap_err().code(), ErrorCode::NotAServer);
    looping.join().unwrap();
}

/// An account is not signed out, and no op is refused, because its server's address redirects.
#[tokio::test]
async fn a_redirect_is_not_followed_with_a_token() {
    let (other_server, to) = listen();
    let (server, serving) = serve_responses(vec![redirect(&format!("{to}/v1/sessions"))]);
    let token = TokenCell::default();
    token.set(Some(Token::new("parlour_token".into())));
    let error = Http::new(&server, token).sessions().await.unwrap_err();
    assert_eq!(error.code.class(), ErrorClass::Retry);
    let expected = LocalReason::ServerRedirects { host: host(&server).into(), to };
    assert_eq!(error.problem(), expected.into());
    serving.join().unwrap();
    other_server.set_nonblocking(true).unwrap();
    assert!(other_server.accept().is_err(), "the redirect was followed");
}

#[tokio::test]
async fn a_pending_request_fails_at_once_when_it_is_cancelled() {
    let (listener, server) = listen_async().await;
    let http = Http::new(&server, TokenCell::default());
    let waiting = {
        let http = http.clone();
        tokio::spawn(async move { http.sessions().await })
    };
    // The request has arrived, but nothing responds.
    let _held = listener.accept().await.unwrap();
    http.cancel_all();
    let response = tokio::time::timeout(Duration::from_secs(5), waiting).await;
    let error = response.expect("at once").unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::Offline);
}
