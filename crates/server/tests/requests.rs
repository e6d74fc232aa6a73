//! Raw requests: invalid HTTP, and whether the connection stays usable.

use crate::common::Database;
use crate::connections::{connect, start, wait_until_closed, write};
use parlour_server::ConnectionLimits;

on_both_databases! {
    a_request_must_have_one_valid_host,
    the_response_closes_the_connection_if_the_body_was_not_read,
}

async fn a_request_must_have_one_valid_host(database: Database) {
    let server = start(&database, ConnectionLimits::default()).await;
    for (head, status) in [
        ("HTTP/1.1\r\nhost: x\r\n", "HTTP/1.1 200"),
        ("HTTP/1.1\r\n", "HTTP/1.1 400"),
        ("HTTP/1.1\r\nhost: x\r\nhost: y\r\n", "HTTP/1.1 400"),
        ("HTTP/1.1\r\nhost: x y\r\n", "HTTP/1.1 400"),
        ("HTTP/1.0\r\n", "HTTP/1.0 200"),
    ] {
        let mut stream = connect(&server).await;
        write(&mut stream, &format!("GET /v1/server {head}connection: close\r\n\r\n")).await;
        let response = wait_until_closed(&mut stream).await;
        assert!(response.starts_with(status), "{head:?}: {response}");
        assert!(response.contains("\r\nx-content-type-options: nosniff\r\n"), "{response}");
    }
}

async fn the_response_closes_the_connection_if_the_body_was_not_read(database: Database) {
    let server = start(&database, ConnectionLimits::default()).await;
    let length = 400_000;
    // If the body is needed, the server waits for it until a timeout.
    for (path, status) in [("ops", 401), ("sessions", 503), ("nowhere", 404)] {
        let mut stream = connect(&server).await;
        let head = format!(
            "POST /v1/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer nobodys\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{{"
        );
        write(&mut stream, &head).await;
        let response = wait_until_closed(&mut stream).await;
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
        assert!(response.contains("\r\nconnection: close\r\n"), "{path}: {response}");
    }
    // After a body that was read, the connection is reused.
    let mut stream = connect(&server).await;
    let body = r#"{"username":"nobody","password":"wrong horse"}"#;
    let request = format!(
        "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    write(&mut stream, &request).await;
    write(&mut stream, "GET /v1/server HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let response = wait_until_closed(&mut stream).await;
    assert!(response.contains("HTTP/1.1 401") && response.contains("HTTP/1.1 200"), "{response}");
}
