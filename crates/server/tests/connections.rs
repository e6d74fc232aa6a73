//! Slow connections: unfinished requests, clients that do not read, and shutting down.

use crate::common::{Database, Server, error_body};
use crate::socket::Socket;
use parlour_protocol::{Action, ErrorBody, ErrorCode, Frame, Heads, ServerInfo};
use parlour_server::{Config, ConnectionLimits};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

on_both_databases! {
    a_thousand_unfinished_requests_do_not_block_others,
    a_missing_request_head_times_out,
    a_missing_body_times_out_and_can_be_retried,
    a_slow_body_has_a_total_time_limit,
    an_idle_connection_is_closed_and_a_socket_is_not,
    a_client_that_does_not_read_is_disconnected,
    an_unfinished_request_does_not_delay_the_shutdown,
    a_request_in_progress_is_answered_before_the_shutdown,
    a_connection_above_the_limit_gets_an_overload_error,
    an_unfinished_body_is_dropped_for_the_next_connection,
    an_invalid_body_is_distinguished_from_a_late_one,
    a_device_that_does_not_read_blocks_neither_others_nor_its_own_account,
    clients_that_do_not_read_do_not_block_others,
}

/// Maximum wait; a passing test never waits that long.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Short enough for a test to wait for it.
const SHORT: Duration = Duration::from_millis(200);

pub async fn start(database: &Database, limits: ConnectionLimits) -> Server {
    Server::start(&Config { connections: limits, ..database.config() }).await
}

pub async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.running.address).await.unwrap()
}

pub async fn write(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
}

/// Reads until the server closes the connection; a reset counts as closing.
pub async fn wait_until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = timeout(TIMEOUT, stream.read_to_end(&mut bytes))
        .await
        .expect("the connection is closed in time");
    String::from_utf8_lossy(&bytes).into_owned()
}

fn body(response: &str) -> ErrorBody {
    serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
}

const HALF_HEAD: &str = "GET /v1/server HTTP/1.1\r\nhost: x\r\n";
const HALF_BODY: &str = "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
    content-length: 100\r\n\r\n{\"username\":";

async fn a_thousand_unfinished_requests_do_not_block_others(database: Database) {
    #[cfg(unix)]
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    for limits in [
        ConnectionLimits { per_network: 300, ..ConnectionLimits::default() },
        ConnectionLimits { per_network: 0, connections: 300, ..ConnectionLimits::default() },
    ] {
        let server = start(&database, limits).await;
        let mut streams = Vec::new();
        for n in 0..1100 {
            let mut stream = connect(&server).await;
            // The first connections may already have been closed.
            let _ = stream.write_all(if n % 2 == 0 { HALF_HEAD } else { "" }.as_bytes()).await;
            streams.push(stream);
        }
        let response = timeout(TIMEOUT, reqwest::get(format!("{}/server", server.url))).await;
        response.expect("a response in time").unwrap().json::<ServerInfo>().await.unwrap();
        assert_eq!(wait_until_closed(&mut streams[0]).await, "", "its connection was dropped");
        server.running.stop().await.unwrap();
    }
}

async fn a_missing_request_head_times_out(database: Database) {
    let server = start(&database, ConnectionLimits { header: SHORT, ..Default::default() }).await;
    for sent in ["", HALF_HEAD, "\r\n"] {
        let mut stream = connect(&server).await;
        write(&mut stream, sent).await;
        wait_until_closed(&mut stream).await;
    }
    // This also holds after a complete request, and if the head arrives one character at a time.
    let mut stream = connect(&server).await;
    write(&mut stream, "GET /v1/server HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    write(&mut stream, "G").await;
    assert!(wait_until_closed(&mut stream).await.contains("\"parlour\""));
    let mut stream = connect(&server).await;
    let trickle = async {
        for letter in HALF_HEAD.bytes().cycle() {
            if stream.write_all(&[letter]).await.is_err() {
                return;
            }
            tokio::time::sleep(SHORT / 20).await;
        }
    };
    timeout(TIMEOUT, trickle).await.expect("the connection is closed in time");
}

async fn a_missing_body_times_out_and_can_be_retried(database: Database) {
    let server =
        start(&database, ConnectionLimits { body_chunk: SHORT, ..Default::default() }).await;
    let mut stream = connect(&server).await;
    write(&mut stream, HALF_BODY).await;
    let refused = body(&wait_until_closed(&mut stream).await);
    assert_eq!(refused.code, ErrorCode::Retry, "{refused:?}");
    assert!(refused.retry_after_ms.is_some());
}

async fn a_slow_body_has_a_total_time_limit(database: Database) {
    let server = start(&database, ConnectionLimits { request: SHORT, ..Default::default() }).await;
    let stream = connect(&server).await;
    let (mut response, mut request) = stream.into_split();
    request.write_all(HALF_BODY.as_bytes()).await.unwrap();
    let trickling = tokio::spawn(async move {
        while request.write_all(b" ").await.is_ok() {
            tokio::time::sleep(SHORT / 20).await;
        }
    });
    let mut bytes = Vec::new();
    let _ = timeout(TIMEOUT, response.read_to_end(&mut bytes))
        .await
        .expect("the connection is closed in time");
    assert_eq!(body(&String::from_utf8_lossy(&bytes)).code, ErrorCode::Retry);
    timeout(TIMEOUT, trickling).await.expect("the connection is closed in time").unwrap();
}

async fn an_idle_connection_is_closed_and_a_socket_is_not(database: Database) {
    let limits = ConnectionLimits { header: SHORT, idle: SHORT, ..Default::default() };
    let config = Config { connections: limits, heartbeat: 3 * SHORT, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    let mut socket = Socket::open(&wren).await;
    let mut stream = connect(&server).await;
    write(&mut stream, "GET /v1/server HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(wait_until_closed(&mut stream).await.contains("\"parlour\""));
    for _ in 0..2 {
        assert!(matches!(socket.next().await, Frame::Heartbeat { .. }));
    }
}

async fn a_client_that_does_not_read_is_disconnected(database: Database) {
    let server = start(&database, ConnectionLimits { stalled: SHORT, ..Default::default() }).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.running.address).await.unwrap();
    // More responses than fit into the buffers on both sides, and none of them is read.
    let sending = async {
        while stream.write_all(b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() {}
    };
    timeout(TIMEOUT, sending).await.expect("the server closes the connection in time");
}

async fn an_unfinished_request_does_not_delay_the_shutdown(database: Database) {
    let server =
        start(&database, ConnectionLimits { shutdown_grace: SHORT, ..Default::default() }).await;
    let wren = server.register("wren").await;
    let _socket = Socket::open(&wren).await;
    let (mut head, mut half) = (connect(&server).await, connect(&server).await);
    let _silent = connect(&server).await;
    write(&mut head, HALF_HEAD).await;
    write(&mut half, HALF_BODY).await;
    // This request is handled after the others arrived.
    wren.get::<Heads>("heads").await;
    let started_count = Instant::now();
    server.running.stop().await.unwrap();
    assert!(started_count.elapsed() < Duration::from_secs(5), "{:?}", started_count.elapsed());
    for stream in [&mut head, &mut half] {
        assert_eq!(wait_until_closed(stream).await, "");
    }
}

async fn a_request_in_progress_is_answered_before_the_shutdown(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let mut stream = connect(&server).await;
    let op = parlour_protocol::Op {
        id: parlour_protocol::OpId::new(),
        conversation_id: group,
        action: Action::send("sent during the shutdown"),
    };
    let json = serde_json::to_string(&op).unwrap();
    let (first, rest) = json.split_at(20);
    let head = format!(
        "POST /v1/ops HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        wren.token,
        json.len()
    );
    write(&mut stream, &head).await;
    // The server sends this when it starts to read the body: the request is in flight.
    let mut continue_line = [0; 25];
    stream.read_exact(&mut continue_line).await.unwrap();
    assert_eq!(&continue_line, b"HTTP/1.1 100 Continue\r\n\r\n");
    write(&mut stream, first).await;
    let address = server.running.address;
    let ending = tokio::spawn(server.running.stop());
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    write(&mut stream, rest).await;
    let response = wait_until_closed(&mut stream).await;
    assert!(
        response.starts_with("HTTP/1.1 200") && response.contains("sent during the shutdown"),
        "{response}"
    );
    ending.await.unwrap().unwrap();
}

async fn a_connection_above_the_limit_gets_an_overload_error(database: Database) {
    let before = database.serve().await;
    let wren = before.register("wren").await;
    let group = wren.group(&[]).await;
    for _ in 0..30 {
        wren.say(group, &"x".repeat(64 * 1024)).await;
    }
    let (token, heads) = (wren.token.clone(), wren.get::<Heads>("heads").await);
    before.running.stop().await.unwrap();
    let limits = ConnectionLimits { per_network: 1, stalled: 3 * SHORT, ..Default::default() };
    let server = start(&database, limits).await;
    let request = format!(
        "GET /v1/history?conversation={group}&epoch={}&term=1&before=31&limit=1000 HTTP/1.1\r\n\
         host: x\r\nauthorization: Bearer {token}\r\n\r\n",
        heads.epoch
    );
    let mut reader = ask_and_wait(&server, &request).await;
    let mut status = [0; 12];
    reader.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 200");
    assert_eq!(
        body(&wait_until_closed(&mut connect(&server).await).await).code,
        ErrorCode::Overloaded
    );
    drop(reader);
    let recovered = async { while refused(&server).await != Some(ErrorCode::WrongCredentials) {} };
    timeout(TIMEOUT, recovered).await.expect("a connection is available again");
}

/// Returns the error code of a sign-in that cannot succeed, or `None` if there is no complete response.
async fn refused(server: &Server) -> Option<ErrorCode> {
    let credentials = crate::common::credentials("nobody", "wrong horse");
    let response =
        reqwest::Client::new().post(format!("{}/sessions", server.url)).json(&credentials);
    Some(response.send().await.ok()?.json::<ErrorBody>().await.ok()?.code)
}

async fn an_unfinished_body_is_dropped_for_the_next_connection(database: Database) {
    let limits = ConnectionLimits { per_network: 1, ..Default::default() };
    let server = start(&database, limits).await;
    let mut unfinished = connect(&server).await;
    write(
        &mut unfinished,
        &HALF_BODY.replace("content-length", "expect: 100-continue\r\ncontent-length"),
    )
    .await;
    let mut continue_line = [0; 25];
    unfinished.read_exact(&mut continue_line).await.unwrap();
    let wrong = server.post("sessions", &crate::common::credentials("nobody", "wrong horse")).await;
    assert_eq!(error_body(wrong).await.code, ErrorCode::WrongCredentials);
    assert_eq!(wait_until_closed(&mut unfinished).await, "", "its connection was dropped");
}

async fn an_invalid_body_is_distinguished_from_a_late_one(database: Database) {
    let server = start(&database, ConnectionLimits::default()).await;
    let mut stream = connect(&server).await;
    let head = "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
        transfer-encoding: chunked\r\n\r\nno size\r\n";
    write(&mut stream, head).await;
    assert_eq!(body(&wait_until_closed(&mut stream).await).code, ErrorCode::Invalid);
}

/// Sends a request, and reads nothing: only the system's buffers take some of the response.
async fn ask_and_wait(server: &Server, request: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(server.running.address).await.unwrap();
    write(&mut stream, request).await;
    stream
}

async fn a_device_that_does_not_read_blocks_neither_others_nor_its_own_account(database: Database) {
    // As many permits as an account has.
    const PERMITS: usize = 16;
    let server = start(&database, ConnectionLimits::default()).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    for _ in 0..20 {
        wren.say(group, &"x".repeat(60 * 1024)).await;
    }
    let heads: Heads = wren.get("heads").await;
    let request = format!(
        "GET /v1/history?conversation={group}&epoch={}&term=1&before=21&limit=1000 HTTP/1.1\r\n\
         host: x\r\nauthorization: Bearer {}\r\n\r\n",
        heads.epoch, wren.token
    );
    let mut readers = Vec::new();
    for _ in 0..2 * PERMITS {
        readers.push(ask_and_wait(&server, &request).await);
    }
    let mut started_count = 0;
    for reader in &mut readers {
        let mut status = [0; 12];
        match timeout(TIMEOUT, reader.read_exact(&mut status)).await.expect("a status or the end") {
            Ok(_) if &status == b"HTTP/1.1 200" => started_count += 1,
            Ok(_) => assert_eq!(&status, b"HTTP/1.1 429"),
            // It was dropped for another one.
            Err(_) => {}
        }
    }
    assert!(started_count > 0);
    oak.get::<Heads>("heads").await;
    // They would time out only after 30 s.
    let recovered =
        async { while !wren.request(reqwest::Method::GET, "heads").await.status().is_success() {} };
    timeout(Duration::from_secs(15), recovered).await.expect("a permit in time");
}

async fn clients_that_do_not_read_do_not_block_others(database: Database) {
    const ACCOUNTS: usize = 12;
    let limits = ConnectionLimits { response_memory: 8 * 1024 * 1024, ..Default::default() };
    let server = start(&database, limits).await;
    let wren = server.register("wren").await;
    let mut others = Vec::new();
    for n in 0..ACCOUNTS {
        others.push(server.register(&format!("other-{n}")).await);
    }
    let group = wren.group(&others.iter().collect::<Vec<_>>()).await;
    for _ in 0..14 {
        wren.say(group, &"x".repeat(60 * 1024)).await;
    }
    let heads: Heads = wren.get("heads").await;
    let path =
        format!("history?conversation={group}&epoch={}&term=1&before=15&limit=1000", heads.epoch);
    let mut readers = Vec::new();
    for other in &others {
        for _ in 0..3 {
            let request = format!(
                "GET /v1/{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n",
                other.token
            );
            readers.push(ask_and_wait(&server, &request).await);
        }
    }
    for reader in &mut readers {
        let mut status = [0; 12];
        // It may have been dropped already.
        let _ = timeout(TIMEOUT, reader.read_exact(&mut status)).await.expect("a status");
    }
    // They would time out only after 30 s.
    let started = Instant::now();
    for _ in 0..5 {
        wren.get::<Heads>("heads").await;
        while !wren.request(reqwest::Method::GET, &path).await.status().is_success() {}
    }
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let mut closed = 0;
    for reader in &mut readers {
        // The contents of the system's buffers arrive in any case; then the connection ends before the last
        // byte.
        let mut rest = Vec::new();
        let read_result = timeout(SHORT, reader.read_to_end(&mut rest)).await;
        closed += usize::from(read_result.is_ok_and(|read| read.is_err() || rest.len() < 800_000));
    }
    assert!(closed > 0, "some connection was closed");
}
