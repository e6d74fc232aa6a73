//! Servers with prepared responses, for tests.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

/// Returns a listener on the loopback address, and the URL of its server.
pub(crate) fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    (listener, server)
}

/// Same as [`listen`], for async code.
pub(crate) async fn listen_async() -> (tokio::net::TcpListener, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    (listener, server)
}

/// Starts a server that sends these responses, one per connection, and then stops.
pub(crate) fn serve_responses(responses: Vec<String>) -> (String, JoinHandle<()>) {
    let (listener, server) = listen();
    (server, serve_responses_on(listener, responses))
}

/// Same as [`serve_responses`], on an existing listener.
pub(crate) fn serve_responses_on(listener: TcpListener, responses: Vec<String>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for response in responses {
            let (mut socket, _) = listener.accept().unwrap();
            assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
            socket.write_all(response.as_bytes()).unwrap();
        }
    })
}

/// Returns an HTTP response as it is sent over the wire.
pub(crate) fn http_response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}
