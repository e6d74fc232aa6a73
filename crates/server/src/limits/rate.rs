//! Rate limits: how often requests may be sent. There is a token bucket (governor's GCRA) for each account
//! and each network, so that none of them can take the server away from the others.
//!
//! The buckets' keys are hashes, so a long name takes no more memory than a short one. A bucket is dropped
//! once it is full again.

use super::network::Network;
use crate::error::ApiError;
use crate::lock::lock;
use crate::names::username_key;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use parlour_protocol::{SessionId, UserId};
use std::hash::{BuildHasher, Hash, RandomState};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The number of sign-ins and registrations per minute from one network. Each is expensive because of
/// bcrypt.
const SIGN_INS_OF_NETWORK: u32 = 30;
/// The number of sign-ins per minute to one account from one network.
const SIGN_INS_OF_PAIR: u32 = 10;
/// The number of sign-ins per minute to one account from all networks that it was not used from recently.
const SIGN_INS_OF_ACCOUNT: u32 = 30;
/// How many times per minute one session may send its account's password.
const PASSWORDS_OF_SESSION: u32 = 10;
/// How many times per minute all sessions of an account together may send its password.
const PASSWORDS_OF_ACCOUNT: u32 = 30;
/// The burst of registrations from one network on an open server; one per minute is added. The number is
/// small because each of them reveals whether a name is taken.
const REGISTRATIONS_OF_NETWORK: u32 = 20;
/// The burst of changes to one account's profile.
const PROFILES_OF_ACCOUNT: u32 = 10;
/// The number of changes per hour to one account's profile. Every client is notified of each, and reads the
/// visible rows again.
const PROFILES_AN_HOUR: u32 = 20;
/// The number of requests per second from one network, which may be a whole office behind one address.
const REQUESTS_OF_NETWORK: u32 = 1000;
/// The burst of requests, in seconds' worth.
const BURST: u32 = 10;
/// By which factor the limits of an IPv6 /48 exceed those of a /64.
const WIDE: u32 = 4;
/// How often [`RateLimits::sweep`] should be called.
pub const SWEEP: Duration = Duration::from_secs(10);

/// The rate limits of accounts and networks, for requests and passwords.
pub struct RateLimits(Mutex<Option<Arc<Buckets>>>);

struct Buckets {
    of_account: KeyedLimiter,
    of_network: NetworkLimiter,
    sign_ins_of_network: NetworkLimiter,
    sign_ins_of_pair: KeyedLimiter,
    sign_ins_of_account: KeyedLimiter,
    passwords: KeyedLimiter,
    passwords_of_account: KeyedLimiter,
    registrations: NetworkLimiter,
    profiles: KeyedLimiter,
}

impl Buckets {
    fn new(requests: u32) -> Option<Self> {
        let burst = positive(BURST);
        let per_second =
            |many: NonZeroU32| Quota::per_second(many).allow_burst(many.saturating_mul(burst));
        let per_minute = |many| Quota::per_minute(positive(many));
        let registrations = per_minute(1).allow_burst(positive(REGISTRATIONS_OF_NETWORK));
        let profiles =
            Quota::per_hour(positive(PROFILES_AN_HOUR)).allow_burst(positive(PROFILES_OF_ACCOUNT));
        NonZeroU32::new(requests).map(|requests| Self {
            of_account: KeyedLimiter::new(per_second(requests)),
            of_network: NetworkLimiter::new(per_second(positive(REQUESTS_OF_NETWORK))),
            sign_ins_of_network: NetworkLimiter::new(per_minute(SIGN_INS_OF_NETWORK)),
            sign_ins_of_pair: KeyedLimiter::new(per_minute(SIGN_INS_OF_PAIR)),
            sign_ins_of_account: KeyedLimiter::new(per_minute(SIGN_INS_OF_ACCOUNT)),
            passwords: KeyedLimiter::new(per_minute(PASSWORDS_OF_SESSION)),
            passwords_of_account: KeyedLimiter::new(per_minute(PASSWORDS_OF_ACCOUNT)),
            registrations: NetworkLimiter::new(registrations),
            profiles: KeyedLimiter::new(profiles),
        })
    }
}

impl RateLimits {
    /// Creates the limits, with `requests` per second for one account; 0 for no limits at all.
    pub fn new(requests: u32) -> Self {
        Self(Mutex::new(Buckets::new(requests).map(Arc::new)))
    }

    /// Replaces the buckets by full ones, with `requests` per second for one account; 0 for no limits at
    /// all.
    pub fn set(&self, requests: u32) {
        *lock(&self.0) = Buckets::new(requests).map(Arc::new);
    }

    fn buckets(&self) -> Option<Arc<Buckets>> {
        lock(&self.0).clone()
    }

    fn check(&self, body: impl FnOnce(&Buckets) -> Result<(), ApiError>) -> Result<(), ApiError> {
        self.buckets().as_deref().map_or(Ok(()), body)
    }

    /// Counts a request of an account.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn account(&self, user: UserId) -> Result<(), ApiError> {
        self.check(|buckets| buckets.of_account.check(user))
    }

    /// Counts a request from a network.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn network(&self, network: Network) -> Result<(), ApiError> {
        self.check(|buckets| buckets.of_network.check(network))
    }

    /// Counts a sign-in from a network that the account was not used from recently, whether or not the
    /// account exists.
    ///
    /// # Errors
    /// Fails if there are too many from the network, or to the account.
    pub fn sign_in(&self, network: Network, username: &str) -> Result<(), ApiError> {
        self.check(|buckets| {
            let key = name_key(username);
            buckets.sign_ins_of_network.check(network)?;
            buckets.sign_ins_of_pair.check((network.wide(), &key))?;
            buckets.sign_ins_of_account.check(&key)
        })
    }

    /// Counts a sign-in from a network that the account was used from recently. Strangers on other networks
    /// cannot use up this limit.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn sign_in_again(&self, network: Network, username: &str) -> Result<(), ApiError> {
        let key = (network.wide(), name_key(username));
        self.check(|buckets| buckets.sign_ins_of_pair.check(key))
    }

    /// Counts a registration, with an invitation or without.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn registration(&self, network: Network) -> Result<(), ApiError> {
        self.check(|buckets| buckets.sign_ins_of_network.check(network))
    }

    /// Counts a registration without an invitation, in addition to [`RateLimits::registration`].
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn open_registration(&self, network: Network) -> Result<(), ApiError> {
        self.check(|buckets| buckets.registrations.check(network))
    }

    /// Counts an attempt of a signed-in user to confirm something with their password.
    ///
    /// # Errors
    /// Fails if there are too many, by the session or by all sessions of the account.
    pub fn own_password(&self, user: UserId, session: SessionId) -> Result<(), ApiError> {
        self.check(|buckets| {
            buckets.passwords.check(session)?;
            buckets.passwords_of_account.check(user)
        })
    }

    /// Counts a change to an account's profile.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn profile(&self, user: UserId) -> Result<(), ApiError> {
        self.check(|buckets| buckets.profiles.check(user))
    }

    /// Drops the buckets that are full again. Call it every [`SWEEP`].
    pub fn sweep(&self) {
        let Some(buckets) = self.buckets() else { return };
        let networks = [&buckets.of_network, &buckets.sign_ins_of_network, &buckets.registrations];
        let of_networks = networks.into_iter().flat_map(|of| [&of.narrow, &of.wide]);
        let others = [
            &buckets.of_account,
            &buckets.sign_ins_of_pair,
            &buckets.sign_ins_of_account,
            &buckets.passwords,
            &buckets.passwords_of_account,
            &buckets.profiles,
        ];
        of_networks.chain(others).for_each(KeyedLimiter::sweep);
    }
}

/// Returns a key that is the same for all spellings of a username, including names that nobody may
/// register.
fn name_key(username: &str) -> String {
    username_key(username).unwrap_or_else(|| username.to_owned())
}

fn positive(many: u32) -> NonZeroU32 {
    NonZeroU32::new(many).expect("a limit is not 0")
}

/// A bucket for each key.
struct KeyedLimiter {
    buckets: DefaultKeyedRateLimiter<u64>,
    /// Has a random seed, so that nobody outside can find keys that collide.
    hasher: RandomState,
}

impl KeyedLimiter {
    fn new(quota: Quota) -> Self {
        Self { buckets: RateLimiter::keyed(quota), hasher: RandomState::new() }
    }

    fn check(&self, key: impl Hash) -> Result<(), ApiError> {
        self.buckets.check_key(&self.hasher.hash_one(key)).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            ApiError::rate_limited(wait)
        })
    }

    fn sweep(&self) {
        self.buckets.retain_recent();
        self.buckets.shrink_to_fit();
    }
}

/// A bucket for each network, and one for each wider network.
struct NetworkLimiter {
    narrow: KeyedLimiter,
    wide: KeyedLimiter,
}

impl NetworkLimiter {
    fn new(quota: Quota) -> Self {
        let wide = positive(WIDE);
        let burst = quota.burst_size().saturating_mul(wide);
        let faster = Quota::with_period(quota.replenish_interval() / WIDE).unwrap_or(quota);
        Self {
            narrow: KeyedLimiter::new(quota),
            wide: KeyedLimiter::new(faster.allow_burst(burst)),
        }
    }

    fn check(&self, network: Network) -> Result<(), ApiError> {
        self.narrow.check(network)?;
        if network.wide() == network { Ok(()) } else { self.wide.check(network.wide()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{ErrorBody, ErrorCode};
    use std::net::IpAddr;
    use uuid::Uuid;

    fn network(address: &str) -> Network {
        address.parse::<IpAddr>().unwrap().into()
    }

    /// Returns the number of tries before the first one that is refused.
    fn passing(mut tries: impl FnMut(u32) -> Result<(), ApiError>) -> u32 {
        (0..10_000).find(|n| tries(*n).is_err()).expect("an end")
    }

    /// Asserts a number of tries, with some tolerance because the buckets refill meanwhile.
    fn assert_about(passed: u32, allowed: u32) {
        assert!((allowed..allowed + 5).contains(&passed), "{passed} of {allowed}");
    }

    #[test]
    fn neighbours_share_a_network_and_strangers_do_not() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.250"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("2001:db8::1").wide(), network("2001:db8:0:1::1").wide());
        assert_ne!(network("2001:db8::1").wide(), network("2001:db8:1::1").wide());
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.9"));
    }

    #[test]
    fn one_account_does_not_keep_everybody_reading_its_profile() {
        let limits = RateLimits::new(1000);
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        assert_about(passing(|_| limits.profile(wren)), PROFILES_OF_ACCOUNT);
        let refused = ErrorBody::from(limits.profile(wren).unwrap_err());
        assert_eq!(refused.code, ErrorCode::Rate);
        assert!(refused.retry_after_ms.is_some_and(|ms| ms > 60_000), "one in three minutes");
        limits.profile(oak).unwrap();
    }

    #[test]
    fn one_account_may_ask_so_often_and_is_told_when_to_come_back() {
        let limits = RateLimits::new(1);
        let (wren, oak) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let refused = (0..=BURST).find_map(|_| limits.account(wren).err()).unwrap();
        assert_eq!(refused.code, ErrorCode::Rate);
        limits.account(oak).unwrap();
    }

    #[test]
    fn guessing_at_one_account_from_many_networks_ends_soon() {
        let limits = RateLimits::new(1);
        let from = |n: u32| network(&format!("10.0.{n}.1"));
        assert_about(passing(|n| limits.sign_in(from(n), "Wren")), SIGN_INS_OF_ACCOUNT);
        limits.sign_in(network("10.0.0.1"), "oak").unwrap();
    }

    #[test]
    fn whom_strangers_guess_at_signs_in_where_they_were_before_and_changes_their_password() {
        let limits = RateLimits::new(1);
        let home = network("192.0.2.1");
        passing(|n| limits.sign_in(network(&format!("10.0.{n}.1")), "wren"));
        limits.sign_in(home, "wren").unwrap_err();
        // One sign-in before was counted in this bucket too.
        assert_about(passing(|_| limits.sign_in_again(home, "wren")), SIGN_INS_OF_PAIR - 1);
        let (mine, theirs) = (SessionId(Uuid::from_u128(1)), SessionId(Uuid::from_u128(2)));
        let wren = UserId(Uuid::from_u128(1));
        assert_about(passing(|_| limits.own_password(wren, theirs)), PASSWORDS_OF_SESSION);
        limits.own_password(wren, mine).unwrap();
        let all = passing(|n| limits.own_password(wren, SessionId(Uuid::from_u128(9 + n as u128))));
        assert!(all < PASSWORDS_OF_ACCOUNT, "{all}");
    }

    #[test]
    fn who_has_many_networks_of_ipv6_is_still_one() {
        let limits = RateLimits::new(1);
        let from = |n: u32| network(&format!("2001:db8:0:{n:x}::1"));
        let names = passing(|n| limits.sign_in(from(n), &format!("name-{n}")));
        assert_about(names, SIGN_INS_OF_NETWORK * WIDE);
        let one = passing(|n| limits.sign_in(network(&format!("2001:db8:1:{n:x}::1")), "wren"));
        assert_about(one, SIGN_INS_OF_PAIR);
    }

    #[test]
    fn names_told_on_an_open_server_are_few() {
        let limits = RateLimits::new(1);
        let one = network("192.0.2.1");
        assert_about(passing(|_| limits.open_registration(one)), REGISTRATIONS_OF_NETWORK);
    }

    #[test]
    fn what_is_kept_does_not_grow_with_what_was_said_and_is_forgotten_in_time() {
        let limits = RateLimits::new(1000);
        let name = "x".repeat(500 * 1024);
        limits.sign_in(network("192.0.2.1"), &name).unwrap();
        for n in 0..1000_u128 {
            limits.account(UserId(Uuid::from_u128(n))).unwrap();
        }
        let buckets = limits.buckets().unwrap();
        assert_eq!(buckets.of_account.buckets.len(), 1000);
        // A millisecond later each of them is full again.
        while !buckets.of_account.buckets.is_empty() {
            limits.sweep();
        }
        assert_eq!(buckets.sign_ins_of_pair.buckets.len(), 1, "not full before seconds are over");
    }
}
