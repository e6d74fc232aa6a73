//! Certificates by ACME, from an authority that runs on this computer.
#![cfg(unix)]

use crate::common::{Database, TIMEOUT, credentials};
use crate::program::{command, objects, output};
use futures_util::{SinkExt, StreamExt};
use parlour_headless::Pebble;
use parlour_protocol::SignedIn;
use parlour_server::tls::{Acme, TlsMode};
use parlour_server::{Config, RunningServer, serve};
use rcgen::{CertificateParams, KeyPair};
use reqwest::Client;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// The name of the certificates, with which the authority connects to this computer.
const NAME: &str = "localhost";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Returns an authority that is not running yet, or `None` if the program for it is not installed.
fn authority() -> Option<Pebble> {
    match Pebble::prepare() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            eprintln!("SKIPPED without an ACME server: pebble is not installed");
            None
        }
        authority => Some(authority.unwrap()),
    }
}

fn config(database: &Database, folder: &Path, authority: &Pebble) -> Config {
    let acme = Acme {
        domains: vec![NAME.into()],
        directory: authority.directory(),
        email: Some("admin@example.org".into()),
        root_file: Some(authority.root()),
        folder: folder.to_owned(),
        first_retry_delay: Duration::from_millis(100),
    };
    Config { tls: TlsMode::Acme(acme), folder: Some(folder.to_owned()), ..database.config() }
}

fn status(folder: &Path) -> Value {
    let certificate_status = objects(&output(command(folder, &["status", "--json"]), "")).remove(0);
    certificate_status["certificate"].clone()
}

/// Waits until the certificate's status satisfies a condition.
fn wait_until(folder: &Path, what: &str, holds: impl Fn(&Value) -> bool) {
    let began = Instant::now();
    loop {
        let status = status(folder);
        if holds(&status) {
            return;
        }
        assert!(began.elapsed() < TIMEOUT, "{what}: {status}");
    }
}

/// Creates a client that trusts only these root certificates, in PEM.
fn trusting(pem: &[u8]) -> Client {
    let roots = reqwest::Certificate::from_pem_bundle(pem).unwrap();
    Client::builder().tls_certs_only(roots).build().unwrap()
}

/// Returns the root certificate of the authority's certificates.
async fn issued_root(authority: &Pebble) -> Vec<u8> {
    let own_root = std::fs::read(authority.root()).unwrap();
    let response = trusting(&own_root).get(authority.issued_root()).send().await.unwrap();
    response.bytes().await.unwrap().to_vec()
}

fn url(server: &RunningServer) -> String {
    format!("https://{NAME}:{}/v1", server.address.port())
}

/// Opens an encrypted connection that trusts only this root certificate.
async fn connect(server: &RunningServer, root: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from(NAME).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

type Socket = WebSocketStream<TlsStream<TcpStream>>;

/// Opens a user's socket.
async fn socket(server: &RunningServer, root: &[u8]) -> Socket {
    let http = trusting(root);
    let body = credentials("wren", crate::common::PASSWORD);
    let response = http.post(format!("{}/users", url(server))).json(&body).send().await.unwrap();
    assert!(
        response.headers().contains_key("strict-transport-security"),
        "its certificate is trusted"
    );
    let signed_in: SignedIn = response.json().await.unwrap();
    let mut request = format!("wss://{NAME}/v1/socket").into_client_request().unwrap();
    let token = format!("Bearer {}", signed_in.token);
    request.headers_mut().insert("authorization", token.parse().unwrap());
    let stream = connect(server, root).await.unwrap();
    tokio_tungstenite::client_async(request, stream).await.unwrap().0
}

/// Checks that the socket still works, by a ping.
async fn assert_works(socket: &mut Socket) {
    socket.send(Message::Ping(vec![7; 8].into())).await.unwrap();
    let answered = async { while !matches!(socket.next().await, Some(Ok(Message::Pong(_)))) {} };
    tokio::time::timeout(TIMEOUT, answered).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_certificate_is_issued_over_the_servers_own_port_and_stored() {
    let Some(mut authority) = authority() else { return };
    let database = Database::sqlite();
    let folder = database.address.folder().unwrap().to_owned();
    let config = config(&database, &folder, &authority);
    let server = serve(&config).await.unwrap();
    wait_until(&folder, "a failure is reported", |status| status["failure"].is_string());
    let certificate_status = status(&folder);
    assert!(
        certificate_status["present"] == false && certificate_status["kind"] == "acme",
        "{certificate_status}"
    );
    let own_root = std::fs::read(authority.root()).unwrap();
    assert!(connect(&server, &own_root).await.is_err(), "without a certificate connections fail");

    authority.start(server.address.port()).unwrap();
    wait_until(&folder, "there is a certificate", |status| status["present"] == true);
    assert!(status(&folder)["failure"].is_null() && status(&folder)["expiresAt"].is_number());
    let root = issued_root(&authority).await;
    let response = trusting(&root).get(format!("{}/server", url(&server))).send().await.unwrap();
    assert!(response.status().is_success());
    for name in ["acme.pem", "acme-account.json"] {
        let mode = std::fs::metadata(folder.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let certificate = std::fs::read(folder.join("acme.pem")).unwrap();
    server.stop().await.unwrap();

    authority.stop();
    let server = serve(&config).await.unwrap();
    connect(&server, &root).await.expect("the certificate on the disk is used at once");
    assert_eq!(
        std::fs::read(folder.join("acme.pem")).unwrap(),
        certificate,
        "no new certificate was requested"
    );
    assert!(status(&folder)["failure"].is_null());
    server.stop().await.unwrap();
}

/// Stores a certificate of this authority that is valid for another ten days, and returns it.
fn store_old(folder: &Path, authority: &Pebble) -> Vec<u8> {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
    params.not_before = (SystemTime::now() - 80 * DAY).into();
    params.not_after = (SystemTime::now() + 10 * DAY).into();
    let certificate = params.self_signed(&key).unwrap().pem();
    let text = format!(
        "Issued by way of {}\n\n{}{certificate}",
        authority.directory(),
        key.serialize_pem()
    );
    std::fs::write(folder.join("acme.pem"), text).unwrap();
    certificate.into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_authority_the_old_certificate_is_used_and_a_renewal_drops_no_socket() {
    let Some(mut authority) = authority() else { return };
    let database = Database::sqlite();
    let folder = database.address.folder().unwrap().to_owned();
    let old = store_old(&folder, &authority);
    let server = serve(&config(&database, &folder, &authority)).await.unwrap();
    wait_until(&folder, "a failure is reported", |status| status["failure"].is_string());
    let certificate_status = status(&folder);
    assert!(
        certificate_status["present"] == true && certificate_status["retryAt"].is_number(),
        "{certificate_status}"
    );
    let mut socket = socket(&server, &old).await;

    authority.start(server.address.port()).unwrap();
    wait_until(&folder, "the failure is over", |status| status["failure"].is_null());
    let root = issued_root(&authority).await;
    connect(&server, &root).await.expect("the new certificate");
    assert!(connect(&server, &old).await.is_err(), "the old one is not shown any more");
    assert_works(&mut socket).await;

    authority.stop();
    connect(&server, &root).await.expect("the new certificate, which is not due");
    assert_works(&mut socket).await;
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_account_and_a_failed_validation_at_the_authority_are_recovered_from() {
    let Some(mut authority) = authority() else { return };
    let database = Database::sqlite();
    let folder = database.address.folder().unwrap().to_owned();
    let config = config(&database, &folder, &authority);
    let server = serve(&config).await.unwrap();
    // The authority connects to a port on which nothing listens.
    authority.start(1).unwrap();
    let is_refused = |status: &Value| {
        status["failure"].as_str().is_some_and(|failure| failure.contains("localhost: "))
    };
    wait_until(&folder, "the authority's error is reported", is_refused);
    assert!(folder.join("acme-account.json").exists());
    authority.stop();
    authority.start(server.address.port()).unwrap();
    wait_until(&folder, "there is a certificate", |status| status["present"] == true);
    server.stop().await.unwrap();
}
