//! Server addresses, as people type them.

use crate::{Error, Result};
use parlour_protocol::{ErrorBody, ErrorCode};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A server's address without a slash at the end: `https://` unless it says otherwise.
///
/// # Errors
/// Plain `http://` is only for this computer: a token must not cross a network in the clear.
pub fn normalise(typed: &str) -> Result<String> {
    let typed = typed.trim();
    let scheme = typed.contains("://");
    let guess = if is_local(host_of(typed)) { "http" } else { "https" };
    let full = if scheme { typed.to_owned() } else { format!("{guess}://{typed}") };
    let url = reqwest::Url::parse(&full).map_err(|_| Error::Address(NOT_AN_ADDRESS))?;
    let host =
        url.host_str().filter(|host| !host.is_empty()).ok_or(Error::Address(NOT_AN_ADDRESS))?;
    let extra = url.password().is_some() || url.query().is_some() || url.fragment().is_some();
    if !url.username().is_empty() || extra {
        return Err(Error::Address(NOT_AN_ADDRESS));
    }
    // As it was read, not as it was typed: the two differ by what a reader passes over.
    let full = url.as_str().trim_end_matches('/').to_owned();
    match url.scheme() {
        "https" => Ok(full),
        "http" if is_local(host) => Ok(full),
        "http" => Err(Error::Address(
            "This address is not encrypted. Use https:// for a server on another computer.",
        )),
        _ => Err(Error::Address(NOT_AN_ADDRESS)),
    }
}

/// An invitation's link as the server's address and the invitation's secret; anything else as it is.
pub fn split_invitation(typed: &str) -> (&str, Option<&str>) {
    match typed.trim().split_once("/join#") {
        Some((server, secret)) if !secret.is_empty() => (server, Some(secret)),
        _ => (typed, None),
    }
}

/// Whether a host is this computer: by name, or an address of the loopback range.
fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

const NOT_AN_ADDRESS: &str =
    "This is not a server's address. It looks like chat.example.org or https://chat.example.org.";

/// Where `localhost` is, whatever a name server says; at any port.
pub const HERE: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// Whether an address that was kept is one that [`normalise`] gives out: asked before anything is sent there.
///
/// # Errors
/// A token would cross a network in the clear, or it is no address.
pub fn check(server: &str) -> Result<(), ErrorBody> {
    let message = match normalise(server) {
        Ok(address) if address == server => return Ok(()),
        Ok(_) => NOT_AN_ADDRESS.into(),
        Err(error) => error.sentence(),
    };
    Err(ErrorBody { code: ErrorCode::Invalid, message, retry_after_ms: None })
}

/// The host and the port of a server's address, as one connects to them.
pub fn host_and_port(server: &str) -> Option<(String, u16)> {
    let url = reqwest::Url::parse(server).ok()?;
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    Some((host.to_owned(), url.port_or_known_default()?))
}

/// The host in what was typed without a scheme: up to the port or the path.
fn host_of(typed: &str) -> &str {
    let end = if typed.starts_with('[') {
        typed.find(']').map(|at| at + 1)
    } else {
        typed.find([':', '/'])
    };
    &typed[..end.unwrap_or(typed.len())]
}

/// The socket's address: `ws` for `http`, `wss` for `https`.
pub fn socket(server: &str) -> String {
    format!("{}/v1/socket", server.replacen("http", "ws", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_mean_them() {
        for (typed, meant) in [
            (" chat.example.org/ ", "https://chat.example.org"),
            ("https://chat.example.org:8443", "https://chat.example.org:8443"),
            ("localhost:7700", "http://localhost:7700"),
            ("http://127.0.0.1:7700", "http://127.0.0.1:7700"),
            ("[::1]:7700", "http://[::1]:7700"),
            ("https://chat.example.org\t/", "https://chat.example.org"),
            ("https://Chat.Example.org/team/", "https://chat.example.org/team"),
        ] {
            assert_eq!(normalise(typed).unwrap(), meant, "{typed}");
        }
    }

    #[test]
    fn a_token_never_crosses_a_network_in_the_clear() {
        for typed in [
            "http://chat.example.org",
            "ftp://x",
            "",
            "https://",
            "https://a:b@c",
            "http://127.evil.org",
            "https://chat.example.org/#x",
        ] {
            assert!(normalise(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn an_address_that_was_kept_is_asked_about_again() {
        for kept in ["https://chat.example.org", "http://localhost:7700", "http://[::1]:7700"] {
            assert!(check(kept).is_ok(), "{kept}");
        }
        for kept in ["http://chat.example.org", "http://10.0.0.1:7700", "ws://localhost", "x"] {
            assert_eq!(check(kept).unwrap_err().code, ErrorCode::Invalid, "{kept}");
        }
    }

    #[test]
    fn one_connects_to_the_host_and_the_port() {
        for (server, host, port) in [
            ("https://chat.example.org/team", "chat.example.org", 443),
            ("http://localhost", "localhost", 80),
            ("http://[::1]:7700", "::1", 7700),
        ] {
            assert_eq!(host_and_port(server), Some((host.into(), port)), "{server}");
        }
    }

    #[test]
    fn an_invitation_tells_the_server_and_its_secret() {
        let link = " http://127.0.0.1:7700/join#c0ffee\n";
        assert_eq!(split_invitation(link), ("http://127.0.0.1:7700", Some("c0ffee")));
        for other in ["chat.example.org", "chat.example.org/join#"] {
            assert_eq!(split_invitation(other), (other, None));
        }
    }

    #[test]
    fn the_socket_is_as_safe_as_the_rest() {
        assert_eq!(socket("https://a.b"), "wss://a.b/v1/socket");
        assert_eq!(socket("http://127.0.0.1:1"), "ws://127.0.0.1:1/v1/socket");
    }
}
