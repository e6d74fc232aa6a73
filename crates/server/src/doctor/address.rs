//! Checks whether a running server can be reached: on the address on which it listens, and at its public address.

use super::exact_verifier::ExactVerifier;
use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use crate::tls::{TlsMode, presented_certificate};
use axum::body::Body;
use axum::http::Uri;
use axum::http::header::{CONNECTION, HOST};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// The longest time for each address.
const TIMEOUT: Duration = Duration::from_secs(10);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Requests `/healthz` at each address of a running server.
pub async fn check(server: &ExaminedServer) -> Vec<Finding> {
    let Some(address) = &server.address else { return Vec::new() };
    let mut findings = Vec::new();
    // A server that listens on every interface is checked on the loopback interface.
    let local_url = address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
    if let Err(reason) = check_reachable(&local_url, &server.tls, true).await {
        let found =
            format!("the server does not respond at {local_url}, where it listens: {reason}");
        let to_do = "check the server's log, and restart it";
        findings.push(Finding::error(Check::Address, found, to_do));
    }
    if let Some(url) = &server.public_url
        && let Err(reason) = check_reachable(url, &server.tls, false).await
    {
        let found =
            format!("the server cannot be reached at {url} from its own computer: {reason}");
        let to_do = "check whether the name resolves to this computer, the proxy forwards requests and the \
                     certificate is for the name; in some networks a computer cannot reach its own public address";
        findings.push(Finding::warning(Check::Address, found, to_do));
    }
    if findings.is_empty() {
        let reached = server.public_url.as_deref().unwrap_or(address);
        findings.push(Finding::ok(Check::Address, format!("the server responds at {reached}")));
    }
    findings
}

/// Checks that the server responds at an address. If clients connect to it directly, or recognise it by its key, it
/// must present its own certificate; otherwise one for its name that the system trusts.
async fn check_reachable(url: &str, tls: &TlsMode, is_direct: bool) -> Result<(), String> {
    let response = timeout(TIMEOUT, check_alive(url, tls, is_direct)).await;
    let response = response.unwrap_or_else(|_| Err("no response in time".into()));
    response.map_err(|error| match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    })
}

async fn check_alive(url: &str, tls: &TlsMode, is_direct: bool) -> Result<(), Failure> {
    let uri: Uri = url.parse()?;
    let host = uri.host().ok_or("an address without a host")?;
    let is_encrypted = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
    let plain_host = host.trim_matches(['[', ']']);
    let stream = TcpStream::connect((plain_host, port)).await?;
    let path = format!("{}/healthz", uri.path().trim_end_matches('/'));
    let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
    if !is_encrypted {
        return send_health_check(stream, &authority, &path).await;
    }
    let config = match tls {
        TlsMode::Own(_) => exact_verifier(tls)?,
        _ if is_direct => exact_verifier(tls)?,
        _ => ClientConfig::with_platform_verifier()?,
    };
    let name = ServerName::try_from(plain_host.to_owned())?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    send_health_check(stream, &authority, &path).await
}

fn exact_verifier(tls: &TlsMode) -> Result<ClientConfig, Failure> {
    let certificate = presented_certificate(tls)?
        .and_then(|shown| shown.cert.first().cloned())
        .ok_or("no certificate")?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Arc::new(ExactVerifier { certificate, provider: provider.clone() });
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

async fn send_health_check(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    host: &str,
    path: &str,
) -> Result<(), Failure> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let connection_task = tokio::spawn(connection);
    let request = hyper::Request::get(path).header(HOST, host).header(CONNECTION, "close");
    let response = sender.send_request(request.body(Body::empty())?).await;
    connection_task.abort();
    match response?.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("something responds with {status}").into()),
    }
}
