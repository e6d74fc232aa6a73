//! Requests as bytes: what is no valid HTTP, and what a connection is good for afterwards.

use crate::common::Database;
use crate::connections::{connect, say, start, wait_until_closed};
use parlour_server::ConnectionLimits;

on_both_databases! {
    a_request_says_once_whom_it_is_for,
    where_a_body_is_left_unread_the_connection_is_said_to_end,
}

async fn a_request_says_once_whom_it_is_for(database: Database) {
    let server = start(&database, ConnectionLimits::default()).await;
    for (head, status) in [
        ("HTTP/1.1\r\nhost: x\r\n", "HTTP/1.1 200"),
        ("HTTP/1.1\r\n", "HTTP/1.1 400"),
        ("HTTP/1.1\r\nhost: x\r\nhost: y\r\n", "HTTP/1.1 400"),
        ("HTTP/1.1\r\nhost: x y\r\n", "HTTP/1.1 400"),
        ("HTTP/1.0\r\n", "HTTP/1.0 200"),
    ] {
        let mut stream = connect(&server).await;
        say(&mut stream, &format!("GET /v1/server {head}connection: close\r\n\r\n")).await;
        let answer = wait_until_closed(&mut stream).await;
        assert!(answer.starts_with(status), "{head:?}: {answer}");
        assert!(answer.contains("\r\nx-content-type-options: nosniff\r\n"), "{answer}");
    }
}

async fn where_a_body_is_left_unread_the_connection_is_said_to_end(database: Database) {
    let server = start(&database, ConnectionLimits::default()).await;
    let length = 400_000;
    // What has to be read is waited for, until it takes too long.
    for (path, status) in [("ops", 401), ("sessions", 503), ("nowhere", 404)] {
        let mut stream = connect(&server).await;
        let head = format!(
            "POST /v1/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer nobodys\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{{"
        );
        say(&mut stream, &head).await;
        let answer = wait_until_closed(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("\r\nconnection: close\r\n"), "{path}: {answer}");
    }
    // A body that was read leaves the connection to the next request.
    let mut stream = connect(&server).await;
    let body = r#"{"username":"nobody","password":"wrong horse"}"#;
    let request = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    say(&mut stream, &request).await;
    say(&mut stream, "GET /v1/server HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let answer = wait_until_closed(&mut stream).await;
    assert!(answer.contains("HTTP/1.1 401") && answer.contains("HTTP/1.1 200"), "{answer}");
}
