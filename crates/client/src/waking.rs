//! Notices that the machine slept or is on another network, where nobody says so: connections that stood
//! before may be dead without a word.

use parlour_protocol::Millis;
use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

/// How often it is looked.
pub const EVERY: Duration = Duration::from_secs(5);
/// Time beyond that, by the clock on the wall: the machine slept, or its clock was set.
const SLEPT_MS: i64 = 10_000;

/// From which addresses this computer talks to the rest of the world, by IPv4 and by IPv6.
pub type Place = [Option<IpAddr>; 2];

/// What was seen at the last look.
#[derive(Debug)]
pub struct Waking {
    at: Millis,
    place: Place,
}

impl Waking {
    /// Begins to look.
    pub fn new(now: Millis, place: Place) -> Self {
        Self { at: now, place }
    }

    /// Whether what stood may be dead since the last look, [`EVERY`] ago.
    pub fn look(&mut self, now: Millis, place: Place) -> bool {
        let every = i64::try_from(EVERY.as_millis()).unwrap_or(i64::MAX);
        let slept = now.0.saturating_sub(self.at.0) > every + SLEPT_MS;
        let moved = self.place != place;
        *self = Self::new(now, place);
        slept || moved
    }
}

/// Where this computer is. The system looks up the way to an address that nobody has (RFC 5737, RFC 3849);
/// no packet is sent.
pub fn place() -> Place {
    let from = |here: &str, there: &str| {
        let socket = UdpSocket::bind(here).ok()?;
        socket.connect(there).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    };
    [from("0.0.0.0:0", "192.0.2.1:9"), from("[::]:0", "[2001:db8::1]:9")]
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: Place = [Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 5))), None];

    #[test]
    fn time_that_is_missing_is_a_sleep() {
        let mut waking = Waking::new(Millis(0), HOME);
        assert!(!waking.look(Millis(5_000), HOME));
        // A busy machine is late, and a clock may be set back.
        assert!(!waking.look(Millis(14_000), HOME));
        assert!(!waking.look(Millis(2_000), HOME));
        assert!(waking.look(Millis(3_600_000), HOME));
        assert!(!waking.look(Millis(3_605_000), HOME));
    }

    #[test]
    fn another_address_is_another_network() {
        let mut waking = Waking::new(Millis(0), HOME);
        let (train, none) = ([Some(IpAddr::V4([10, 0, 0, 7].into())), None], [None, None]);
        for (place, is_another) in [(train, true), (train, false), (none, true), (HOME, true)] {
            assert_eq!(waking.look(Millis(0), place), is_another, "{place:?}");
        }
    }

    #[test]
    fn looking_for_the_place_says_the_same_while_nothing_changes() {
        assert_eq!(place(), place());
    }
}
