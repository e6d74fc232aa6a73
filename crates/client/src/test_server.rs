//! Servers with a few prepared answers, for tests.

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

/// Starts a server that gives these answers, one per connection, and then stops.
pub(crate) fn answering(answers: Vec<String>) -> (String, JoinHandle<()>) {
    let (listener, server) = listen();
    (server, answer_on(listener, answers))
}

/// Same as [`answering`], on an existing listener.
pub(crate) fn answer_on(listener: TcpListener, answers: Vec<String>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for answer in answers {
            let (mut socket, _) = listener.accept().unwrap();
            assert!(socket.read(&mut [0; 4096]).unwrap() > 0);
            socket.write_all(answer.as_bytes()).unwrap();
        }
    })
}

/// Returns an HTTP response as it is sent over the wire.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}
