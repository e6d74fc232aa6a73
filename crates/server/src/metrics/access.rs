//! Who may read the metrics.

use crate::no_follow::chown_to_folder_owner;
use crate::regular_file;
use crate::start_error::StartError;
use crate::this_computer::is_this_computer;
use crate::tokens::{bearer_token, digest};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::http::uri::Authority;
use data_encoding::HEXLOWER;
use parlour_sqlite::private;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use subtle::ConstantTimeEq;

/// The shortest and the longest allowed token, in bytes.
const TOKEN_BYTES: std::ops::RangeInclusive<usize> = 16..=1024;
/// What the names of the headers contain in which proxies describe the original request, such as `X-Forwarded-For`,
/// `True-Client-IP` and `X-Amzn-Trace-Id`. No scraper sends any of these itself.
const FORWARDING: [&str; 10] =
    ["forward", "via", "client", "remote", "original", "-ip", "cdn", "cf-", "envoy", "amzn"];

/// The configuration of who may read the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricsMode {
    /// Nobody.
    Off,
    /// Clients on this computer, but not through a proxy.
    Local,
    /// Clients with the token in this file.
    TokenIn(PathBuf),
    /// Clients with the token in this file, which the server creates at its first start.
    OwnToken(PathBuf),
}

/// The rule for who may read the metrics. Only the digest of the token is in memory.
pub enum Access {
    /// Nobody.
    Off,
    /// Clients on this computer, but not through a proxy.
    Local,
    /// Clients with the token that has this digest.
    Token(String),
}

/// The decision about a request to read the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessDecision {
    /// The client may read them.
    Yes,
    /// The client sent no token, or a wrong one.
    NoToken,
    /// The client may not know that there are metrics.
    No,
}

impl Access {
    /// Reads the token, or creates it.
    ///
    /// # Errors
    /// Fails if the file cannot be read or created, or contains no token.
    pub fn open(mode: &MetricsMode) -> Result<Self, StartError> {
        let token = |path: &Path, read: Result<String, Error>| match read {
            Ok(token) => Ok(Self::Token(digest(token))),
            Err(source) => Err(StartError::MetricsToken { path: path.to_owned(), source }),
        };
        match mode {
            MetricsMode::Off => Ok(Self::Off),
            MetricsMode::Local => Ok(Self::Local),
            MetricsMode::TokenIn(path) => token(path, read(path)),
            MetricsMode::OwnToken(path) => {
                token(path, create_if_missing(path).and_then(|()| read(path)))
            }
        }
    }

    /// Decides whether a peer that sent a request with these headers may read the metrics.
    pub fn decide(&self, peer: IpAddr, headers: &HeaderMap) -> AccessDecision {
        match self {
            Self::Off => AccessDecision::No,
            Self::Local if is_local(peer, headers) => AccessDecision::Yes,
            Self::Local => AccessDecision::No,
            Self::Token(digest) if has_token(headers, digest) => AccessDecision::Yes,
            Self::Token(_) => AccessDecision::NoToken,
        }
    }
}

/// Returns whether a request comes from this computer, and not through a proxy. The host in it must be this
/// computer too: a page in a browser can reach this computer under the page's own host name.
fn is_local(peer: IpAddr, headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.and_then(|host| host.parse::<Authority>().ok());
    let is_forwarded =
        headers.keys().any(|name| FORWARDING.iter().any(|part| name.as_str().contains(part)));
    peer.to_canonical().is_loopback()
        && !is_forwarded
        && host.is_some_and(|host| is_this_computer(host.host()))
}

fn has_token(headers: &HeaderMap, expected: &str) -> bool {
    bearer_token(headers)
        .is_some_and(|token| digest(token).as_bytes().ct_eq(expected.as_bytes()).into())
}

/// Returns why this file contains no valid token; `None` if it does.
pub fn token_error(path: &Path) -> Option<Error> {
    read(path).err()
}

fn read(path: &Path) -> Result<String, Error> {
    let mut text = String::new();
    regular_file::open(path)?.take(4096).read_to_string(&mut text)?;
    let token = text.trim();
    let is_plain = token.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && TOKEN_BYTES.contains(&token.len()) {
        return Ok(token.to_owned());
    }
    let reason = format!(
        "the file must contain one token of {} to {} printable ASCII characters",
        TOKEN_BYTES.start(),
        TOKEN_BYTES.end()
    );
    Err(Error::new(ErrorKind::InvalidData, reason))
}

fn create_if_missing(path: &Path) -> Result<(), Error> {
    let mut file = match private::options().create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        made => made?,
    };
    let token = HEXLOWER.encode(&rand::random::<[u8; 32]>());
    writeln!(file, "{token}")?;
    file.sync_all()?;
    chown_to_folder_owner(path)?;
    tracing::info!(?path, "created the token for reading the metrics");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        all.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    const PROXIES: [&str; 24] = [
        "forwarded",
        "x-forwarded",
        "x-forwarded-for",
        "x-original-forwarded-for",
        "x-vercel-forwarded-for",
        "via",
        "x-real-ip",
        "x-client-ip",
        "client-ip",
        "x-cluster-client-ip",
        "true-client-ip",
        "fastly-client-ip",
        "fly-client-ip",
        "x-azure-clientip",
        "wl-proxy-client-ip",
        "x-proxyuser-ip",
        "x-remote-addr",
        "do-connecting-ip",
        "cf-connecting-ip",
        "cf-connecting-ipv6",
        "cf-ray",
        "cdn-loop",
        "x-envoy-external-address",
        "x-amzn-trace-id",
    ];

    #[test]
    fn a_scrapers_own_headers_do_not_look_like_those_of_a_proxy() {
        let own = [
            ("host", "localhost:7700"),
            ("user-agent", "Prometheus/3.5.0"),
            ("accept", "text/plain"),
            ("accept-encoding", "gzip"),
            ("x-prometheus-scrape-timeout-seconds", "10"),
            ("connection", "close"),
            ("authorization", "Bearer x"),
            ("traceparent", "00-1-2-01"),
        ];
        let local = "127.0.0.1".parse().unwrap();
        assert_eq!(Access::Local.decide(local, &headers(&own)), AccessDecision::Yes);
    }

    #[test]
    fn local_access_is_from_this_computer_and_not_through_a_proxy() {
        let local: IpAddr = "127.0.0.1".parse().unwrap();
        let decide = |peer: &str, all: &[(&'static str, &str)]| {
            Access::Local.decide(peer.parse().unwrap(), &headers(all))
        };
        for host in ["localhost:7700", "127.0.0.1:7700", "[::1]:7700", "LOCALHOST"] {
            assert_eq!(decide("127.0.0.1", &[("host", host)]), AccessDecision::Yes, "{host}");
            assert_eq!(
                decide("::ffff:127.0.0.1", &[("host", host)]),
                AccessDecision::Yes,
                "{host}"
            );
            assert_eq!(decide("10.0.0.5", &[("host", host)]), AccessDecision::No, "{host}");
            for name in PROXIES {
                let forwarded = [("host", host), (name, "x")];
                assert_eq!(decide("::1", &forwarded), AccessDecision::No, "{name}");
            }
        }
        assert_eq!(decide("127.0.0.1", &[("host", "evil.example:7700")]), AccessDecision::No);
        assert_eq!(decide("127.0.0.1", &[]), AccessDecision::No);
        assert_eq!(
            Access::Off.decide(local, &headers(&[("host", "localhost")])),
            AccessDecision::No
        );
    }

    #[test]
    fn a_token_is_created_once_is_private_and_other_tokens_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.token");
        let mode = MetricsMode::OwnToken(path.clone());
        let first = Access::open(&mode).unwrap();
        let token = std::fs::read_to_string(&path).unwrap();
        let again = Access::open(&mode).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let peer = "192.0.2.1".parse().unwrap();
        let bearer = format!("bearer {}", token.trim());
        for access in [first, again] {
            assert_eq!(
                access.decide(peer, &headers(&[("authorization", &bearer)])),
                AccessDecision::Yes
            );
            for wrong in ["Bearer x", &bearer[..bearer.len() - 1], token.trim()] {
                let wrong = headers(&[("authorization", wrong)]);
                assert_eq!(access.decide(peer, &wrong), AccessDecision::NoToken);
            }
            assert_eq!(access.decide(peer, &headers(&[])), AccessDecision::NoToken);
        }
        for bad in ["", "short", "two words that are long enough"] {
            std::fs::write(&path, bad).unwrap();
            assert!(Access::open(&mode).is_err(), "{bad}");
            assert!(Access::open(&MetricsMode::TokenIn(path.clone())).is_err(), "{bad}");
        }
        assert!(Access::open(&MetricsMode::TokenIn(dir.path().join("none"))).is_err());
    }
}
