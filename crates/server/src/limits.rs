//! How often one may ask. A token bucket each (governor's GCRA) per account and per network, so
//! that nobody's machine, and nobody's street, takes the server from the others.

use crate::error::ApiError;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use parlour_protocol::UserId;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

/// Sign-ins and registrations a minute from one network: bcrypt makes each of them dear.
const SIGN_INS_OF_NETWORK: u32 = 30;
/// Sign-ins a minute to one account, from wherever.
const SIGN_INS_OF_ACCOUNT: u32 = 10;
/// Requests a second from one network, which may be a whole office behind one address.
const REQUESTS_OF_NETWORK: u32 = 1000;
/// Seconds' worth of requests that may come at once.
const BURST: u32 = 10;
/// Buckets kept before those that are full again are thrown away.
const BUCKETS: usize = 50_000;

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

/// The server's limits.
pub struct Limits(Option<Buckets>);

struct Buckets {
    of_account: DefaultKeyedRateLimiter<UserId>,
    of_network: DefaultKeyedRateLimiter<Network>,
    sign_ins_of_network: DefaultKeyedRateLimiter<Network>,
    sign_ins_of_account: DefaultKeyedRateLimiter<String>,
}

impl Limits {
    /// `requests` a second of one account; 0 for no limits at all.
    pub fn new(requests: u32) -> Self {
        let burst = positive(BURST);
        let per_second =
            |many: NonZeroU32| Quota::per_second(many).allow_burst(many.saturating_mul(burst));
        let per_minute = |many| Quota::per_minute(positive(many));
        Self(NonZeroU32::new(requests).map(|requests| Buckets {
            of_account: RateLimiter::keyed(per_second(requests)),
            of_network: RateLimiter::keyed(per_second(positive(REQUESTS_OF_NETWORK))),
            sign_ins_of_network: RateLimiter::keyed(per_minute(SIGN_INS_OF_NETWORK)),
            sign_ins_of_account: RateLimiter::keyed(per_minute(SIGN_INS_OF_ACCOUNT)),
        }))
    }

    /// Counts a request of an account.
    ///
    /// # Errors
    /// Too many of them.
    pub fn account(&self, user: UserId) -> Result<(), ApiError> {
        self.0.as_ref().map_or(Ok(()), |buckets| check(&buckets.of_account, &user))
    }

    /// Counts a request from a network.
    ///
    /// # Errors
    /// Too many of them.
    pub fn network(&self, network: Network) -> Result<(), ApiError> {
        self.0.as_ref().map_or(Ok(()), |buckets| check(&buckets.of_network, &network))
    }

    /// Counts a sign-in, to whichever account.
    ///
    /// # Errors
    /// Too many of them.
    pub fn sign_in(&self, network: Network, username: &str) -> Result<(), ApiError> {
        let Some(buckets) = &self.0 else { return Ok(()) };
        check(&buckets.sign_ins_of_network, &network)?;
        let key = crate::auth::username_key(username).unwrap_or_default();
        check(&buckets.sign_ins_of_account, &key)
    }

    /// Counts a registration.
    ///
    /// # Errors
    /// Too many of them.
    pub fn registration(&self, network: Network) -> Result<(), ApiError> {
        self.0.as_ref().map_or(Ok(()), |buckets| check(&buckets.sign_ins_of_network, &network))
    }
}

fn positive(many: u32) -> NonZeroU32 {
    NonZeroU32::new(many).expect("a limit is not 0")
}

fn check<K: Hash + Eq + Clone>(
    limiter: &DefaultKeyedRateLimiter<K>,
    key: &K,
) -> Result<(), ApiError> {
    if limiter.len() > BUCKETS {
        limiter.retain_recent();
    }
    limiter.check_key(key).map_err(|until| {
        let wait = until.wait_time_from(DefaultClock::default().now());
        ApiError::rate(wait)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;
    use uuid::Uuid;

    fn network(address: &str) -> Network {
        address.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn neighbours_share_a_network_and_strangers_do_not() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.250"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.9"));
    }

    #[test]
    fn one_account_may_ask_so_often_and_is_told_when_to_come_back() {
        let limits = Limits::new(1);
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let refused = (0..=BURST).find_map(|_| limits.account(wren).err()).unwrap();
        assert_eq!(refused.code, ErrorCode::Rate);
        limits.account(oak).unwrap();
    }

    #[test]
    fn guessing_at_one_account_from_many_networks_ends_soon() {
        let limits = Limits::new(1);
        let tries = (0..=SIGN_INS_OF_ACCOUNT)
            .map(|n| limits.sign_in(network(&format!("10.0.{n}.1")), "Wren").is_ok());
        let tries: Vec<bool> = tries.collect();
        assert!(!tries[SIGN_INS_OF_ACCOUNT as usize] && tries[0]);
        limits.sign_in(network("10.0.0.1"), "oak").unwrap();
    }
}
