//! Proxies and failures between a client and its server.

use harness::proxies::{ForwardProxy, ReverseProxy, Upgrade};
use harness::{PASSWORD, Person, Server, key_storage};
use parlour_client::{Client, ConnectionState, SignInMode};
use parlour_protocol::{Credentials, ErrorCode, LocalReason, Reason};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::net::SocketAddr;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

/// A name that no name server knows: a connection to it can only have gone through the proxy.
const NAME: &str = "chat.example.test";
/// A client that does not probe waits for twice this time before it gives up a silent connection.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// The environment variable with the server's address for the inner tests.
const SERVER_VARIABLE: &str = "PARLOUR_TEST_SERVER";

async fn wait_until_connected(person: &Person, state: ConnectionState) {
    person.wait_until(&format!("{state:?}"), |session| session.connection() == state).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_died_silently_is_given_up_within_seconds() {
    let server = Server::start_with_heartbeat(HEARTBEAT).await;
    let proxy = ReverseProxy::new(server.address()).await;
    let wren = Person::register_at(&proxy.url(), "wren").await;
    let oak = Person::register(&server, "oak").await;
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    wren.say(group, "said before");
    wren.wait_until_bodies(group, &["said before"]).await;
    oak.wait_until_bodies(group, &["said before"]).await;
    wait_until_connected(&wren, ConnectionState::Online).await;

    proxy.freeze_connections();
    oak.say(group, "not received");
    // Its request waits on a dead connection.
    wren.say(group, "not sent");
    oak.wait_until_bodies(group, &["said before", "not received"]).await;
    assert_eq!(wren.session().connection(), ConnectionState::Online, "it is not noticed yet");
    let started = Instant::now();
    wren.client.check_connection();
    wait_until_connected(&wren, ConnectionState::Connecting).await;
    wait_until_connected(&wren, ConnectionState::Online).await;
    wren.wait_until_bodies(group, &["said before", "not received", "not sent"]).await;
    assert!(started.elapsed() < HEARTBEAT, "{:?}", started.elapsed());

    // A connection that is alive stays open.
    let started = Instant::now();
    wren.client.check_connection();
    wait_until_connected(&wren, ConnectionState::Online).await;
    assert!(started.elapsed() < HEARTBEAT, "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_without_websockets_changes_are_polled_and_the_status_has_the_reason() {
    let server = Server::start().await;
    let proxy = ReverseProxy::new(server.address()).await;
    proxy.set_upgrade(Upgrade::Strip);
    let wren = Person::register_at(&proxy.url(), "wren").await;
    let oak = Person::register(&server, "oak").await;
    wait_until_connected(&wren, ConnectionState::Polling).await;
    let reason = wren.session().status().unwrap().reason;
    assert_eq!(reason, Some(ErrorCode::NoWebsocket.into()));
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    wren.say(group, "out");
    oak.wait_until_bodies(group, &["out"]).await;
    oak.say(group, "and in");
    wren.wait_until_bodies(group, &["out", "and in"]).await;
    assert_eq!(wren.session().connection(), ConnectionState::Polling);

    // The proxy is fixed.
    proxy.set_upgrade(Upgrade::Pass);
    wait_until_connected(&wren, ConnectionState::Online).await;
    assert_eq!(wren.session().status().unwrap().reason, None);
    oak.say(group, "at once");
    wren.wait_until_bodies(group, &["out", "and in", "at once"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_websocket_requests_are_dropped_or_ignored_changes_are_polled() {
    for upgrade in [Upgrade::Drop, Upgrade::Ignore] {
        let server = Server::start().await;
        let proxy = ReverseProxy::new(server.address()).await;
        proxy.set_upgrade(upgrade);
        let wren = Person::register_at(&proxy.url(), "wren").await;
        let oak = Person::register(&server, "oak").await;
        wait_until_connected(&wren, ConnectionState::Polling).await;
        let group =
            wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
        wren.say(group, "out");
        oak.wait_until_bodies(group, &["out"]).await;
        oak.say(group, "and in");
        wren.wait_until_bodies(group, &["out", "and in"]).await;
        assert_eq!(wren.session().connection(), ConnectionState::Polling, "{upgrade:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_polling_an_unreachable_server_is_noticed() {
    let mut server = Server::start().await;
    let proxy = ReverseProxy::new(server.address()).await;
    proxy.set_upgrade(Upgrade::Strip);
    let wren = Person::register_at(&proxy.url(), "wren").await;
    wait_until_connected(&wren, ConnectionState::Polling).await;
    server.stop().await;
    wait_until_connected(&wren, ConnectionState::Offline).await;
    server.resume().await;
    wait_until_connected(&wren, ConnectionState::Polling).await;
}

/// A server behind TLS, under the name [`NAME`].
struct Encrypted {
    _server: Server,
    address: SocketAddr,
    /// The folder with the certificate to be trusted.
    folder: TempDir,
}

impl Encrypted {
    async fn start() -> Self {
        let server = Server::start().await;
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed([NAME.to_owned()]).expect("a certificate");
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("trusted.pem"), cert.pem()).expect("written");
        let key = signing_key.serialize_der().try_into().expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a certificate");
        let (acceptor, behind) = (TlsAcceptor::from(Arc::new(config)), server.address());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut client = acceptor.accept(client).await.ok()?;
                    let mut server = TcpStream::connect(behind).await.ok()?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok()
                });
            }
        });
        Self { _server: server, address, folder }
    }

    /// Runs a test of this file in a process of its own, whose environment names a proxy and the
    /// hosts that do not use it.
    async fn run(&self, test: &str, server: &str, proxy: &str, excluded: &str) -> Output {
        let program = std::env::current_exe().expect("this program");
        tokio::process::Command::new(program)
            .args(["--exact", &format!("network::{test}"), "--ignored", "--nocapture"])
            .env(SERVER_VARIABLE, server)
            .env("SSL_CERT_FILE", self.folder.path().join("trusted.pem"))
            .env("HTTPS_PROXY", proxy)
            .env("HTTP_PROXY", proxy)
            .env("NO_PROXY", excluded)
            .env_remove("ALL_PROXY")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("it runs")
    }
}

fn assert_passed(output: &Output) {
    let (out, err) = (&output.stdout, &output.stderr);
    let printed = format!("{}\n{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err));
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_the_socket_use_the_same_proxy_with_its_credentials() {
    let server = Encrypted::start().await;
    let address = format!("https://{NAME}");
    for (credentials, user) in [(None, ""), (Some("Basic d3JlbjpzZWNyZXQ="), "wren:secret@")] {
        let proxy = ForwardProxy::new(server.address, credentials).await;
        let url = format!("http://{user}{}", proxy.address);
        assert_passed(&server.run("talk_to_each_other", &address, &url, "").await);
        let tunnels = proxy.tunnels();
        // Two users, each with a socket and at least one connection for requests.
        assert!(tunnels.len() >= 4, "{tunnels:?}");
        assert!(tunnels.iter().all(|to| to == &format!("{NAME}:443")), "{tunnels:?}");
        assert_eq!(proxy.refused(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_requires_other_credentials_is_named_as_the_reason() {
    let server = Encrypted::start().await;
    let proxy = ForwardProxy::new(server.address, Some("Basic d3JlbjpzZWNyZXQ=")).await;
    let url = format!("http://wren:wrong@{}", proxy.address);
    assert_passed(
        &server.run("see_what_the_proxy_requires", &format!("https://{NAME}"), &url, "").await,
    );
    assert!(proxy.refused() > 0 && proxy.tunnels().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn excluded_hosts_and_this_computer_are_reached_without_the_proxy() {
    let server = Encrypted::start().await;
    let proxy = ForwardProxy::new(server.address, None).await;
    let url = format!("http://{}", proxy.address);
    let direct_url = server._server.url();
    assert_passed(&server.run("talk_to_each_other", &direct_url, &url, "").await);
    // Only the proxy knows the name, and it is not used.
    let output = server.run("get_no_answer", &format!("https://{NAME}"), &url, NAME).await;
    assert_passed(&output);
    assert_eq!((proxy.tunnels().len(), proxy.refused()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in an environment of its own"]
async fn talk_to_each_other() {
    let address = std::env::var(SERVER_VARIABLE).expect("the server's address");
    // The same server is used with every proxy.
    let suffix = std::process::id();
    let (one, other) = (format!("wren{suffix}"), format!("oak{suffix}"));
    let wren = Person::register_at(&address, &one).await;
    let oak = Person::register_at(&address, &other).await;
    for person in [&wren, &oak] {
        wait_until_connected(person, ConnectionState::Online).await;
    }
    let group =
        wren.session().create_group("workshop", vec![wren.find_person(&other).await]).unwrap();
    wren.say(group, "out");
    oak.wait_until_bodies(group, &["out"]).await;
    oak.say(group, "and in");
    wren.wait_until_bodies(group, &["out", "and in"]).await;
    assert_eq!(wren.session().connection(), ConnectionState::Online);
}

/// Returns the error of an attempt to sign in.
async fn refusal() -> parlour_client::Error {
    let address = std::env::var(SERVER_VARIABLE).expect("the server's address");
    let data = TempDir::new().unwrap();
    let client = Client::open(data.path()).unwrap();
    let typed = Credentials {
        username: "wren".into(),
        password: PASSWORD.into(),
        device: "test".into(),
        invitation: None,
    };
    client
        .sign_in(&address, &typed, SignInMode::Register, key_storage())
        .await
        .err()
        .expect("no response")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in an environment of its own"]
async fn see_what_the_proxy_requires() {
    let refused = refusal().await;
    assert_eq!(refused.code(), ErrorCode::Offline);
    let reason = refused.problem().reason;
    let Some(Reason::Local(LocalReason::NoAnswer { cause, .. })) = reason else {
        panic!("{reason:?}")
    };
    assert!(cause.contains("proxy authorization required"), "{cause}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in an environment of its own"]
async fn get_no_answer() {
    assert_eq!(refusal().await.code(), ErrorCode::Offline);
}
