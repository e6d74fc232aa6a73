//! Networks: whom an address is counted with.

use std::net::{IpAddr, Ipv6Addr};

/// A network: what one household or company usually holds. IPv4 /24, IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                IpAddr::from([a, b, c, 0])
            }
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

impl Network {
    /// What the network may be a part of: one who holds an IPv6 /48 has 65,536 networks of /64.
    pub fn wide(self) -> Self {
        match self.0 {
            IpAddr::V4(_) => self,
            IpAddr::V6(v6) => {
                let [a, b, c, ..] = v6.segments();
                Self(IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)))
            }
        }
    }
}
