//! Detects that the machine slept or is on another network, where the system does not announce it:
//! connections that were open before may be dead without notice.

use parlour_protocol::Millis;
use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

/// The interval between checks.
pub const INTERVAL: Duration = Duration::from_secs(5);
/// Additional wall-clock time after which the machine is assumed to have slept, or its clock to
/// have been set.
const SLEPT_MS: i64 = 10_000;

/// The addresses from which this computer reaches other networks, for IPv4 and for IPv6.
pub type LocalAddresses = [Option<IpAddr>; 2];

/// Compares the time and the addresses with the last check.
#[derive(Debug)]
pub struct WakeDetector {
    at: Millis,
    addresses: LocalAddresses,
}

impl WakeDetector {
    /// Creates a detector, before its first check.
    pub fn new(now: Millis, addresses: LocalAddresses) -> Self {
        Self { at: now, addresses }
    }

    /// Returns whether connections made before the last check, [`INTERVAL`] ago, may be dead.
    pub fn check(&mut self, now: Millis, addresses: LocalAddresses) -> bool {
        let interval = i64::try_from(INTERVAL.as_millis()).unwrap_or(i64::MAX);
        let slept = now.0.saturating_sub(self.at.0) > interval + SLEPT_MS;
        let moved = self.addresses != addresses;
        *self = Self::new(now, addresses);
        slept || moved
    }
}

/// Returns the current addresses of this computer. The system looks up the route to an address that
/// nobody has (RFC 5737, RFC 3849); no packet is sent.
pub fn local_addresses() -> LocalAddresses {
    let route = |local: &str, remote: &str| {
        let socket = UdpSocket::bind(local).ok()?;
        socket.connect(remote).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    };
    [route("0.0.0.0:0", "192.0.2.1:9"), route("[::]:0", "[2001:db8::1]:9")]
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: LocalAddresses = [Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 5))), None];

    #[test]
    fn missing_time_means_that_the_computer_slept() {
        let mut waking = WakeDetector::new(Millis(0), HOME);
        assert!(!waking.check(Millis(5_000), HOME));
        // A busy machine is late, and a clock may be set back.
        assert!(!waking.check(Millis(14_000), HOME));
        assert!(!waking.check(Millis(2_000), HOME));
        assert!(waking.check(Millis(3_600_000), HOME));
        assert!(!waking.check(Millis(3_605_000), HOME));
    }

    #[test]
    fn a_changed_address_means_another_network() {
        let mut waking = WakeDetector::new(Millis(0), HOME);
        let (train, none) = ([Some(IpAddr::V4([10, 0, 0, 7].into())), None], [None, None]);
        for (addresses, is_another) in [(train, true), (train, false), (none, true), (HOME, true)] {
            assert_eq!(waking.check(Millis(0), addresses), is_another, "{addresses:?}");
        }
    }

    #[test]
    fn the_addresses_stay_the_same_while_nothing_changes() {
        assert_eq!(local_addresses(), local_addresses());
    }
}
