//! Tests of requests, and of how their responses are handled.

use super::account::REDIRECTS;
use super::answer::host;
use super::client::Http;
use crate::error::Error;
use crate::test_server::{answer, answer_on, answering, listen, listen_async};
use crate::token::{Token, TokenCell};
use parlour_protocol::{ErrorClass, ErrorCode, LocalReason};
use std::time::Duration;

/// The header with which the connection is closed after a response.
const CLOSE: &str = "connection: close\r\n";

fn redirect(to: &str) -> String {
    answer("301 Moved Permanently", &format!("location: {to}\r\n{CLOSE}"), "")
}

fn info() -> String {
    answer("200 OK", CLOSE, r#"{"product":"parlour","version":"1"}"#)
}

#[tokio::test]
async fn a_redirect_to_another_server_is_reported_and_not_used() {
    let (new, at_new) = answering(vec![info()]);
    let (between, at_between) = answering(vec![redirect(&format!("{new}/v1/server"))]);
    let (old, at_old) = answering(vec![redirect(&between)]);
    let found = Http::new(&old, TokenCell::default()).find_server().await;
    let Err(Error::Moved { from, to }) = found else { panic!("{found:?}") };
    assert_eq!((format!("http://{from}"), to), (old, new));
    for answered in [at_new, at_between, at_old] {
        answered.join().unwrap();
    }
}

#[tokio::test]
async fn a_redirect_to_no_server_is_an_error() {
    let (page, at_page) = answering(vec![answer("200 OK", CLOSE, "<html>")]);
    let (old, at_old) = answering(vec![redirect(&page)]);
    let found = Http::new(&old, TokenCell::default()).find_server().await;
    assert_eq!(found.unwrap_err().code(), ErrorCode::NotAServer);
    at_page.join().unwrap();
    at_old.join().unwrap();
    let (open, at_open) = answering(vec![redirect("http://www.example.org/v1/server")]);
    let found = Http::new(&open, TokenCell::default()).find_server().await.unwrap_err();
    assert_eq!(found.code(), ErrorCode::Moved);
    assert!(found.target().is_none(), "an address in the clear is offered");
    let to = "http://www.example.org/v1/server".into();
    let nowhere = LocalReason::LeadsNowhere { host: host(&open).into(), to };
    assert_eq!(found.problem(), nowhere.into());
    at_open.join().unwrap();
    // A redirect loop.
    let (listener, here) = listen();
    let back = redirect(&format!("{here}/v1/server"));
    let turning = answer_on(listener, vec![back; REDIRECTS]);
    let found = Http::new(&here, TokenCell::default()).find_server().await;
    assert_eq!(found.unwrap_err().code(), ErrorCode::NotAServer);
    turning.join().unwrap();
}

/// An account is not signed out, and no op is refused, because its server's address redirects.
#[tokio::test]
async fn a_redirect_ends_no_session_and_gets_no_token() {
    let (elsewhere, to) = listen();
    let (server, answered) = answering(vec![redirect(&format!("{to}/v1/sessions"))]);
    let token = TokenCell::default();
    token.set(Some(Token::new("parlour_token".into())));
    let error = Http::new(&server, token).sessions().await.unwrap_err();
    assert_eq!(error.code.class(), ErrorClass::Retry);
    let leads = LocalReason::ServerLeadsElsewhere { host: host(&server).into(), to };
    assert_eq!(error.problem(), leads.into());
    answered.join().unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    assert!(elsewhere.accept().is_err(), "somebody went there");
}

#[tokio::test]
async fn a_pending_request_fails_at_once_when_it_is_cancelled() {
    let (listener, server) = listen_async().await;
    let http = Http::new(&server, TokenCell::default());
    let waiting = {
        let http = http.clone();
        tokio::spawn(async move { http.sessions().await })
    };
    // The request has arrived, and nothing answers it.
    let _held = listener.accept().await.unwrap();
    http.cancel_all();
    let answered = tokio::time::timeout(Duration::from_secs(5), waiting).await;
    let error = answered.expect("at once").unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::Offline);
}
