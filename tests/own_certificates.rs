//! The connection between a client and a server that encrypts its connections itself.

use harness::{PASSWORD, Person, Server, TIMEOUT, key_storage};
use parlour_client::{Client, ConnectionState, Error, SignInMode};
use parlour_protocol::{Credentials, ErrorCode, KeyPin, device_link};
use parlour_server::tls::{self, TlsMode};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::path::PathBuf;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Time between two checks of a condition.
const CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// Number of new keys that a client accepts one after the other when it was offline for long.
const ACCEPTED_KEYS: usize = 7;

/// Returns the path of the server's own certificate.
fn certificate_path(server: &Server) -> PathBuf {
    server.data.path().join("tls.pem")
}

async fn start_own() -> Server {
    let server = Server::start().await;
    let file = certificate_path(&server);
    server.encrypted(TlsMode::Own(file)).await
}

async fn wait_until_connected(person: &Person, state: ConnectionState) {
    person.wait_until(&format!("{state:?}"), |session| session.connection() == state).await;
}

/// Returns the error for a new user who pastes this address or link.
async fn refused(typed: &str) -> Error {
    let data = TempDir::new().unwrap();
    let client = Client::open(data.path()).unwrap();
    let credentials = Credentials {
        username: "rook".into(),
        password: PASSWORD.into(),
        device: "test".into(),
        invitation: None,
    };
    let signing_in = client.sign_in(typed, &credentials, SignInMode::Register, key_storage());
    signing_in.await.err().expect("it is refused")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_suffices_to_trust_a_server_with_its_own_certificate() {
    let server = start_own().await;
    let wren = Person::register_at(&server.link(), "wren").await;
    let oak = Person::register_at(&server.link(), "oak").await;
    for person in [&wren, &oak] {
        wait_until_connected(person, ConnectionState::Online).await;
    }
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    wren.say(group, "out");
    oak.wait_until_bodies(group, &["out"]).await;
    // Neither a restart nor typing the bare address of a server that is already known needs a link.
    let oak = oak.restart().await;
    oak.reconnect().await;
    oak.say(group, "and in");
    wren.wait_until_bodies(group, &["out", "and in"]).await;

    let unknown = refused(&server.url()).await;
    assert_eq!(unknown.code(), ErrorCode::Certificate, "{unknown}");
    assert!(unknown.to_string().contains("link of an invitation"), "{unknown}");
    let other =
        refused(&device_link(&server.url(), Some(KeyPin::from_public_key(b"another key")))).await;
    assert_eq!(other.code(), ErrorCode::KeyChanged, "{other}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_signed_by_the_previous_one_is_accepted_also_by_a_client_that_was_offline() {
    let mut server = start_own().await;
    let wren = Person::register_at(&server.link(), "wren").await;
    let oak = Person::register_at(&server.link(), "oak").await;
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    let oak = oak.restart().await;
    let first = server.link();
    for round in 0..ACCEPTED_KEYS {
        server.stop().await;
        tls::new_key(&certificate_path(&server)).unwrap();
        server.resume().await;
        let text = format!("after key {round}");
        wren.say(group, &text);
        wren.wait_until(&text, |session| session.status().unwrap().waiting.0 == 0).await;
    }
    wait_until_connected(&wren, ConnectionState::Online).await;
    assert_ne!(server.link(), first);
    // Oak was away during all of the changes, and knows the first key. A link created then works,
    // too.
    oak.reconnect().await;
    let text: Vec<String> = (0..ACCEPTED_KEYS).map(|round| format!("after key {round}")).collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    oak.wait_until_bodies(group, &text).await;
    Person::register_at(&first, "rook").await;

    // The accepted key is stored; a client that missed more changes needs another link.
    let wren = wren.restart().await;
    wren.reconnect().await;
    wait_until_connected(&wren, ConnectionState::Online).await;
    server.stop().await;
    tls::new_key(&certificate_path(&server)).unwrap();
    server.resume().await;
    let refused_link = refused(&first).await;
    assert_eq!(refused_link.code(), ErrorCode::KeyChanged, "{refused_link}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_known_one_did_not_sign_is_refused_and_nothing_is_sent() {
    let mut server = start_own().await;
    let wren = Person::register_at(&server.link(), "wren").await;
    wait_until_connected(&wren, ConnectionState::Online).await;
    let certificate = std::fs::read(certificate_path(&server)).unwrap();
    server.stop().await;
    std::fs::remove_file(certificate_path(&server)).unwrap();
    server.resume().await;
    wren.wait_until("refused", |session| {
        let reason = session.status().unwrap().reason;
        reason.is_some_and(|reason| reason.code == ErrorCode::KeyChanged)
    })
    .await;
    assert_eq!(wren.session().connection(), ConnectionState::Offline);
    // A link with the new key does not change the known key either: anybody may have sent it.
    let again = wren.try_sign_in_at(&server.link()).await.expect_err("it is refused");
    assert_eq!(again.code(), ErrorCode::KeyChanged, "{again}");
    // While the server shows the known key, the link is refused because it names another one.
    let other = server.link();
    server.stop().await;
    std::fs::write(certificate_path(&server), certificate).unwrap();
    server.resume().await;
    wait_until_connected(&wren, ConnectionState::Online).await;
    let again = wren.try_sign_in_at(&other).await.expect_err("it is refused");
    assert_eq!(again.code(), ErrorCode::KeyChanged, "{again}");
    assert!(again.to_string().contains("key in this link differs"), "{again}");
    // A user who signs out of the last account there may use another link.
    server.stop().await;
    std::fs::remove_file(certificate_path(&server)).unwrap();
    server.resume().await;
    let id = wren.session().id().clone();
    wren.client.sign_out(&id, true).await.unwrap();
    wren.try_sign_in_at(&server.link()).await.expect("the account is new here");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_server_answers_plain_http_with_an_error_and_closes_silent_connections() {
    let server = start_own().await;
    let mut plain = TcpStream::connect(server.address()).await.unwrap();
    plain.write_all(b"GET /v1/server HTTP/1.1\r\nhost: here\r\n\r\n").await.unwrap();
    let mut text = String::new();
    plain.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 400 ") && text.contains("https"), "{text}");
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    let mut half = TcpStream::connect(server.address()).await.unwrap();
    half.write_all(&[22, 3, 1, 1]).await.unwrap();
    for stream in [&mut silent, &mut half] {
        let ended = tokio::time::timeout(TIMEOUT, stream.read_to_end(&mut Vec::new())).await;
        ended.expect("it is closed").ok();
    }
    assert!(Duration::from_secs(10) < TIMEOUT, "the time of a head");
}

/// Writes a certificate for a name and its key, as another program does. Returns the certificate.
fn write(folder: &TempDir, name: &str) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([name.to_owned()]).expect("a certificate");
    std::fs::write(folder.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.path().join("certificate.pem"), cert.pem()).unwrap();
    cert.pem()
}

#[tokio::test(flavor = "multi_thread")]
async fn certificate_files_are_reloaded_when_they_change_and_an_incomplete_change_is_ignored() {
    let folder = TempDir::new().unwrap();
    write(&folder, "first.example");
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let mode = TlsMode::Files { certificate: certificate.clone(), key };
    let server = Server::start().await.encrypted(mode).await;
    let trusting = |pem: &str| {
        let root = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        let builder = reqwest::Client::builder().tls_certs_only([root]).pool_max_idle_per_host(0);
        let builder = builder.resolve("first.example", server.address());
        builder.resolve("second.example", server.address()).build().unwrap()
    };
    let port = server.address().port();
    let ask = async |client: &reqwest::Client, name: &str| {
        client.get(format!("https://{name}:{port}/v1/server")).send().await.map(drop)
    };
    let first = trusting(&std::fs::read_to_string(&certificate).unwrap());
    ask(&first, "first.example").await.unwrap();
    let before = std::fs::read(&certificate).unwrap();
    let second = write(&folder, "second.example");
    // The previous certificate with the new key: a program that writes two files writes one of them
    // first.
    std::fs::write(&certificate, &before).unwrap();
    assert!(server.tls().reload().is_err());
    ask(&first, "first.example").await.unwrap();
    std::fs::write(&certificate, &second).unwrap();
    let second = trusting(&second);
    let until_second = async {
        while ask(&second, "second.example").await.is_err() {
            tokio::time::sleep(CHECK_INTERVAL).await;
        }
    };
    tokio::time::timeout(TIMEOUT, until_second).await.expect("the new certificate is shown");
}
