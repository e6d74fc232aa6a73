//! Certificates that an authority issued, for a client that trusts this authority.

use harness::{PASSWORD, Person, Server, key_storage};
use parlour_client::{Client, ConnectionState, Error, SignInMode};
use parlour_protocol::{Credentials, ErrorCode, LocalReason, Reason};
use parlour_server::tls::TlsMode;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use std::ops::Range;
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;

/// The environment variable that contains the server's address for the inner tests.
const SERVER_VARIABLE: &str = "PARLOUR_TEST_SERVER";
/// The years in which a certificate is valid.
const VALID: Range<i32> = 2020..2120;

/// An authority, in a folder with its certificate and those that it issues.
struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// Creates an authority of this name: a certificate names its issuer.
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([]).expect("no names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).expect("a certificate");
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("trusted.pem"), certificate.pem()).expect("written");
        Self { folder, issuer: Issuer::new(params, key) }
    }

    /// Returns the file with the authority's certificate.
    fn file(&self) -> PathBuf {
        self.folder.path().join("trusted.pem")
    }

    /// Starts a server with a certificate for `name` that is valid in these years.
    async fn server(&self, name: &str, years: Range<i32>) -> Server {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.not_before = date_time_ymd(years.start, 1, 1);
        params.not_after = date_time_ymd(years.end, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let pem = params.signed_by(&key, &self.issuer).expect("a certificate").pem();
        let files = ["certificate.pem", "key.pem"].map(|file| self.folder.path().join(file));
        std::fs::write(&files[0], pem).expect("written");
        std::fs::write(&files[1], key.serialize_pem()).expect("written");
        let [certificate, key] = files;
        Server::start().await.encrypted(TlsMode::Files { certificate, key }).await
    }

    /// Runs a test of this file in a process of its own that trusts only this authority.
    async fn run(&self, test: &str, server: &Server) {
        let port = server.address().port();
        let output = tokio::process::Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", &format!("certificates::{test}"), "--ignored", "--nocapture"])
            .env(SERVER_VARIABLE, format!("https://localhost:{port}"))
            .env("SSL_CERT_FILE", self.file())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("it runs");
        let (out, err) = (&output.stdout, &output.stderr);
        let printed = format!("{}\n{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err));
        assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_a_trusted_authority_needs_no_link() {
    let authority = Authority::new("known");
    authority.run("register", &authority.server("localhost", VALID).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_certificate_is_refused_and_the_reason_named() {
    let authority = Authority::new("known");
    let expired = authority.server("localhost", 2020..2021).await;
    authority.run("refuse_an_expired_certificate", &expired).await;
    let later = authority.server("localhost", 2119..VALID.end).await;
    authority.run("refuse_a_certificate_that_is_not_valid_yet", &later).await;
    let other = authority.server("chat.example.test", VALID).await;
    authority.run("refuse_a_certificate_for_another_name", &other).await;
    let unknown = Authority::new("unknown").server("localhost", VALID).await;
    authority.run("refuse_a_certificate_of_an_unknown_authority", &unknown).await;
}

fn server_address() -> String {
    std::env::var(SERVER_VARIABLE).expect("the server's address")
}

/// Returns the error of an attempt to register, and its reason.
async fn refusal() -> (Error, LocalReason) {
    let data = TempDir::new().unwrap();
    let client = Client::open(data.path()).unwrap();
    let credentials = Credentials {
        username: "wren".into(),
        password: PASSWORD.into(),
        device: "test".into(),
        invitation: None,
    };
    let address = server_address();
    let signing_in = client.sign_in(&address, &credentials, SignInMode::Register, key_storage());
    let error = signing_in.await.err().expect("it is refused");
    let Some(Reason::Local(reason)) = error.problem().reason else { panic!("{error}") };
    assert_eq!(error.code(), ErrorCode::Certificate, "{error}");
    (error, reason)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in an environment of its own"]
async fn register() {
    let wren = Person::register_at(&server_address(), "wren").await;
    wren.wait_until("online", |session| session.connection() == ConnectionState::Online).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in an environment of its own"]
async fn refuse_an_expired_certificate() {
    let (error, reason) = refusal().await;
    assert!(matches!(reason, LocalReason::CertificateExpired { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in an environment of its own"]
async fn refuse_a_certificate_that_is_not_valid_yet() {
    let (error, reason) = refusal().await;
    assert!(matches!(reason, LocalReason::CertificateNotYetValid { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in an environment of its own"]
async fn refuse_a_certificate_for_another_name() {
    let (error, reason) = refusal().await;
    assert!(matches!(reason, LocalReason::CertificateForAnotherName { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "run by the tests above, in an environment of its own"]
async fn refuse_a_certificate_of_an_unknown_authority() {
    let (error, reason) = refusal().await;
    assert!(matches!(reason, LocalReason::CertificateUnknownIssuer { .. }), "{error}");
}
