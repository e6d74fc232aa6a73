//! Server addresses, as people type them.

use crate::error::Result;
use crate::invitation::{ends_sentence, is_around_address, trim_pasted};
use parlour_protocol::{ErrorBody, LocalReason};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Returns a server's address without a slash at the end. An address without a scheme gets `https://`, or
/// `http://` if it is that of this computer. Characters that are pasted along with an address are ignored:
/// quotation marks, the full stop of a sentence.
///
/// # Errors
/// Fails if the text is not an address, or if it is one with plain `http://` of another computer: a token
/// must not cross a network unencrypted.
pub fn normalise(typed: &str) -> Result<String> {
    let typed = trim_pasted(typed);
    let scheme = typed.contains("://");
    let guess = if is_local(host_of(typed)) { "http" } else { "https" };
    let full = if scheme { typed.to_owned() } else { format!("{guess}://{typed}") };
    let mut url = reqwest::Url::parse(&full).map_err(|_| LocalReason::NotAnAddress)?;
    // A host name may end with a full stop, for the DNS root, and is the same name.
    if let Some(host) = url.host_str().filter(|host| host.ends_with('.')) {
        let host = host.trim_end_matches('.').to_owned();
        url.set_host(Some(&host)).map_err(|_| LocalReason::NotAnAddress)?;
    }
    check_url(&url)?;
    // The address as it was parsed, not as it was typed: the parser ignores some characters.
    Ok(url
        .as_str()
        .trim_end_matches(|c| c == '/' || is_around_address(c) || ends_sentence(c))
        .to_owned())
}

/// Checks that a token may be sent to an address.
fn check_url(url: &reqwest::Url) -> Result<(), LocalReason> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(LocalReason::NotAnAddress)?;
    let extra = url.password().is_some() || url.query().is_some() || url.fragment().is_some();
    if !url.username().is_empty() || extra {
        return Err(LocalReason::NotAnAddress);
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_local(host) => Ok(()),
        "http" => Err(LocalReason::NotEncrypted),
        _ => Err(LocalReason::NotAnAddress),
    }
}

/// Returns the address of the server to which this `Location` in a server's response leads.
///
/// # Errors
/// Same as [`normalise`]; also fails if a server on another computer redirects to this one.
pub fn target(server: &str, location: &str) -> Result<String> {
    let target = reqwest::Url::parse(&format!("{server}/v1/server"));
    let target = target.and_then(|base| base.join(location));
    let mut target = target.map_err(|_| LocalReason::NotAnAddress)?;
    if let Some((path, _)) = target.path().split_once("/v1/") {
        let path = path.to_owned();
        target.set_path(&path);
    }
    target.set_query(None);
    target.set_fragment(None);
    let target = normalise(target.as_str())?;
    if leads_to_this_computer(&target) && !leads_to_this_computer(server) {
        return Err(LocalReason::NotAnAddress.into());
    }
    Ok(target)
}

/// Returns whether a connection to a server ends at this computer, however the address is written: names
/// below `localhost` (RFC 6761, section 6.3), the unspecified address (`0.0.0.0`), and IPv4 addresses
/// mapped to IPv6 (`::ffff:127.0.0.1`) count, too.
fn leads_to_this_computer(server: &str) -> bool {
    let Some(host) =
        reqwest::Url::parse(server).ok().and_then(|url| url.host_str().map(String::from))
    else {
        return false;
    };
    let host = host.trim_end_matches('.').trim_start_matches('[').trim_end_matches(']');
    let leads_to_this_computer = |address: IpAddr| {
        let address = address.to_canonical();
        let is_unset = matches!(address, IpAddr::V4(v4) if v4.octets()[0] == 0);
        address.is_loopback() || address.is_unspecified() || is_unset
    };
    is_local(host)
        || host.to_ascii_lowercase().ends_with(".localhost")
        || host.parse().is_ok_and(leads_to_this_computer)
}

/// Returns whether a server is on this computer.
pub fn is_this_computer(server: &str) -> bool {
    let url = reqwest::Url::parse(server).ok();
    url.is_some_and(|url| url.host_str().is_some_and(is_local))
}

/// Returns whether a host is this computer: by name, or as an address of the loopback range.
fn is_local(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// The addresses of `localhost`, whatever DNS returns. Port 0 stands for any port.
pub const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// Checks that something may be sent to a stored address; called before anything is sent.
///
/// # Errors
/// Fails if it is not an address, or if a token would cross a network unencrypted.
pub fn check(server: &str) -> Result<(), ErrorBody> {
    let url = reqwest::Url::parse(server).ok();
    let url = url.filter(|url| url.as_str().trim_end_matches('/') == server);
    let url = url.ok_or(LocalReason::NotAnAddress)?;
    Ok(check_url(&url)?)
}

/// Returns the host of an address that was typed without a scheme: the part before the port or the path.
fn host_of(typed: &str) -> &str {
    let end = if typed.starts_with('[') {
        typed.find(']').map(|at| at + 1)
    } else {
        typed.find([':', '/'])
    };
    &typed[..end.unwrap_or(typed.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;

    #[test]
    fn typed_addresses_are_normalised() {
        for (typed, expected) in [
            (" chat.example.org/ ", "https://chat.example.org"),
            ("https://chat.example.org:8443", "https://chat.example.org:8443"),
            ("localhost:7700", "http://localhost:7700"),
            ("Localhost:7700", "http://localhost:7700"),
            ("HTTP://LOCALHOST:7700", "http://localhost:7700"),
            ("http://127.0.0.1:7700", "http://127.0.0.1:7700"),
            ("[::1]:7700", "http://[::1]:7700"),
            ("https://chat.example.org\t/", "https://chat.example.org"),
            ("https://Chat.Example.org/team/", "https://chat.example.org/team"),
        ] {
            assert_eq!(normalise(typed).unwrap(), expected, "{typed}");
        }
    }

    #[test]
    fn addresses_without_encryption_are_refused() {
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
    fn a_stored_address_is_checked_again() {
        for stored in [
            "https://chat.example.org",
            "https://chat.example.org.",
            "http://localhost:7700",
            "http://[::1]:7700",
        ] {
            assert!(check(stored).is_ok(), "{stored}");
        }
        for stored in ["http://chat.example.org", "http://10.0.0.1:7700", "ws://localhost", "x"] {
            assert_eq!(check(stored).unwrap_err().code, ErrorCode::Invalid, "{stored}");
        }
    }

    #[test]
    fn characters_pasted_along_with_an_address_are_ignored() {
        for typed in ["chat.example.org.", "'https://chat.example.org/'.", "chat.example.org./"] {
            assert_eq!(normalise(typed).unwrap(), "https://chat.example.org", "{typed}");
        }
    }

    #[test]
    fn a_redirect_may_lead_only_to_a_servers_address() {
        let from = "https://chat.example.org";
        for (location, to) in [
            ("https://www.example.org/v1/server", "https://www.example.org"),
            ("https://www.example.org/", "https://www.example.org"),
            ("/parlour/v1/server?from=here#top", "https://chat.example.org/parlour"),
            ("//new.example.org:8443/v1/server", "https://new.example.org:8443"),
        ] {
            assert_eq!(target(from, location).unwrap(), to, "{location}");
        }
        for location in [
            "http://www.example.org/v1/server",
            "http://localhost:7700/v1/server",
            "https://127.0.0.1/v1/server",
            "https://127.1/v1/server",
            "https://0x7f000001/v1/server",
            "https://0.0.0.0/v1/server",
            "https://0.0.0.7/v1/server",
            "https://[::]/v1/server",
            "https://[::1]/v1/server",
            "https://[::ffff:127.0.0.1]/v1/server",
            "https://[::ffff:0.0.0.0]/v1/server",
            "https://localhost./v1/server",
            "https://chat.localhost/v1/server",
            "https://a:b@www.example.org/",
            "mailto:somebody@example.org",
            "https://",
        ] {
            assert!(target(from, location).is_err(), "{location}");
        }
        let here = target("http://localhost:7700", "http://localhost:7701/v1/server").unwrap();
        assert_eq!(here, "http://localhost:7701");
    }
}
