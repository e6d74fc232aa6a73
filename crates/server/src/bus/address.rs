//! The address of the bus, if it is not PostgreSQL itself.

use async_nats::ServerAddr;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// The address of a NATS server that carries the hint batches instead of PostgreSQL: `nats://HOST:PORT` on
/// this machine, or `tls://USER:PASSWORD@HOST:PORT` on another one.
#[derive(Clone, PartialEq, Eq)]
pub struct BusAddress(pub(super) String);

impl FromStr for BusAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_nats = text.starts_with("nats://") || text.starts_with("tls://");
        let address = ServerAddr::from_str(text).ok().filter(|_| is_nats);
        let address = address.ok_or("Use nats://HOST:PORT or tls://USER:PASSWORD@HOST:PORT.")?;
        let host = address.host().trim_matches(['[', ']']);
        let is_local = host == "localhost"
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if is_local || (text.starts_with("tls://") && address.username().is_some()) {
            return Ok(Self(text.into()));
        }
        Err(
            "Use tls://USER:PASSWORD@HOST:PORT for a NATS on another machine: anybody who can read its messages \
             could find out who talks with whom.",
        )
    }
}

impl fmt::Debug for BusAddress {
    /// Leaves out the address with its password, so that no log can contain it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nats")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_elsewhere_needs_tls_and_credentials() {
        let parse = |text: &str| text.parse::<BusAddress>();
        for good in [
            "nats://127.0.0.1:4222",
            "nats://localhost",
            "nats://[::1]:4222",
            "nats://user:secret@localhost:4222",
            "tls://user:secret@nats.example.org:4222",
            "tls://token@nats.example.org",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "redis://localhost",
            "nats://10.0.0.7:4222",
            "nats://user:secret@nats.example.org:4222",
            "tls://nats.example.org:4222",
            "nats://localhost.example.org",
            "nats://127.0.0.1@example.org",
        ] {
            let refusal = parse(bad).unwrap_err();
            assert!(refusal.ends_with('.'), "{bad}: {refusal}");
        }
        let address = parse("tls://user:secret@nats.example.org").unwrap();
        assert!(!format!("{address:?}").contains("secret"));
    }
}
