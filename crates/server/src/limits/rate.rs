//! Rate limits for requests. There is a token bucket (governor's GCRA) for each account and each network, so that
//! none of them can block the others.

use super::limiter::{KeyedLimiter, NetworkLimiter, positive};
use super::network::{ClientAddress, Network};
use crate::error::ApiError;
use crate::lock::lock;
use crate::names::username_key;
use governor::Quota;
use parlour_protocol::{SessionId, UserId};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The number of sign-ins and registrations per minute from one network. Each is expensive because of
/// bcrypt.
const SIGN_INS_PER_NETWORK: u32 = 30;
/// The number of sign-ins per minute to one account from one address.
const SIGN_INS_PER_ACCOUNT_AND_ADDRESS: u32 = 10;
/// The number of sign-ins per minute to one account from all addresses.
const SIGN_INS_PER_ACCOUNT: u32 = 30;
/// The number of sign-ins per minute whose password is still checked when the limit of their network or account is
/// exceeded: from one address, and from all unknown addresses of one network.
const OVER_LIMIT_SIGN_INS: u32 = 30;
/// The number of sign-ins per minute by one device that was signed in before.
const SIGN_INS_PER_DEVICE: u32 = 10;
/// The number of such sign-ins per minute to one account, because each returns a token that allows the next one.
const DEVICE_SIGN_INS_PER_ACCOUNT: u32 = 20;
/// The burst of users that one account may add to conversations, and how many more per hour: each causes several rows
/// for the single writer.
const MEMBERS_PER_ACCOUNT: u32 = 2000;
const MEMBERS_PER_HOUR: u32 = 1200;
/// How many times per minute one session may send its account's password.
const PASSWORDS_PER_SESSION: u32 = 10;
/// How many times per minute all sessions of an account together may send its password.
const PASSWORDS_PER_ACCOUNT: u32 = 30;
/// The burst of registrations from one network on an open server; one per minute is added. The number is
/// small because each of them reveals whether a name is taken.
const REGISTRATIONS_PER_NETWORK: u32 = 20;
/// The burst of changes to one account's profile.
const PROFILES_PER_ACCOUNT: u32 = 10;
/// The number of changes per hour to one account's profile. Every client is notified of each, and reads the
/// visible rows again.
const PROFILES_PER_HOUR: u32 = 20;
/// The number of requests per second from one network, which may be a whole office behind one address.
const REQUESTS_PER_NETWORK: u32 = 1000;
/// The burst of requests, in seconds' worth.
const BURST: u32 = 10;
/// How often [`RateLimits::sweep`] should be called.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(10);

/// The rate limits of accounts and networks, for requests and passwords.
pub struct RateLimits(Mutex<Option<Arc<Buckets>>>);

struct Buckets {
    per_account: KeyedLimiter,
    per_network: NetworkLimiter,
    sign_ins_per_network: NetworkLimiter,
    sign_ins_per_account_and_address: KeyedLimiter,
    sign_ins_per_account: KeyedLimiter,
    over_limit_sign_ins_per_address: KeyedLimiter,
    over_limit_sign_ins_per_network: NetworkLimiter,
    sign_ins_per_device: KeyedLimiter,
    device_sign_ins_per_account: KeyedLimiter,
    passwords_per_session: KeyedLimiter,
    passwords_per_account: KeyedLimiter,
    registrations: NetworkLimiter,
    profiles: KeyedLimiter,
    members: KeyedLimiter,
}

/// The result of the rate limits for a sign-in: whether the right password is sufficient.
pub enum SignInLimit {
    /// It is within the limits.
    Within,
    /// The account's limit is exceeded. The right password is sufficient only from a network that the account was
    /// used from recently; other attempts get this error.
    AccountExceeded(ApiError),
    /// The network's limit is exceeded. The right password is sufficient only from an address that the account was
    /// used from recently; other attempts get this error.
    NetworkExceeded(ApiError),
}

impl SignInLimit {
    /// Returns the error for a wrong password, which does not depend on whether the account exists.
    pub fn refusal(self) -> Option<ApiError> {
        match self {
            Self::Within => None,
            Self::AccountExceeded(refusal) | Self::NetworkExceeded(refusal) => Some(refusal),
        }
    }
}

impl Buckets {
    fn new(requests: u32) -> Option<Self> {
        let burst = positive(BURST);
        let per_second =
            |count: NonZeroU32| Quota::per_second(count).allow_burst(count.saturating_mul(burst));
        let per_minute = |count| Quota::per_minute(positive(count));
        let registrations = per_minute(1).allow_burst(positive(REGISTRATIONS_PER_NETWORK));
        let profiles = Quota::per_hour(positive(PROFILES_PER_HOUR))
            .allow_burst(positive(PROFILES_PER_ACCOUNT));
        let members =
            Quota::per_hour(positive(MEMBERS_PER_HOUR)).allow_burst(positive(MEMBERS_PER_ACCOUNT));
        NonZeroU32::new(requests).map(|requests| Self {
            per_account: KeyedLimiter::new(per_second(requests)),
            per_network: NetworkLimiter::new(per_second(positive(REQUESTS_PER_NETWORK))),
            sign_ins_per_network: NetworkLimiter::new(per_minute(SIGN_INS_PER_NETWORK)),
            sign_ins_per_account_and_address: KeyedLimiter::new(per_minute(
                SIGN_INS_PER_ACCOUNT_AND_ADDRESS,
            )),
            sign_ins_per_account: KeyedLimiter::new(per_minute(SIGN_INS_PER_ACCOUNT)),
            over_limit_sign_ins_per_address: KeyedLimiter::new(per_minute(OVER_LIMIT_SIGN_INS)),
            over_limit_sign_ins_per_network: NetworkLimiter::new(per_minute(OVER_LIMIT_SIGN_INS)),
            sign_ins_per_device: KeyedLimiter::new(per_minute(SIGN_INS_PER_DEVICE)),
            device_sign_ins_per_account: KeyedLimiter::new(per_minute(DEVICE_SIGN_INS_PER_ACCOUNT)),
            passwords_per_session: KeyedLimiter::new(per_minute(PASSWORDS_PER_SESSION)),
            passwords_per_account: KeyedLimiter::new(per_minute(PASSWORDS_PER_ACCOUNT)),
            registrations: NetworkLimiter::new(registrations),
            profiles: KeyedLimiter::new(profiles),
            members: KeyedLimiter::new(members),
        })
    }
}

impl RateLimits {
    /// Creates the limits, with `requests` per second for one account; 0 for no limits at all.
    pub fn new(requests: u32) -> Self {
        Self(Mutex::new(buckets(requests)))
    }

    /// Replaces the buckets by full ones, with `requests` per second for one account; 0 for no limits at
    /// all.
    pub fn set(&self, requests: u32) {
        *lock(&self.0) = buckets(requests);
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
        self.check(|buckets| buckets.per_account.check(user))
    }

    /// Counts a request from a network.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn network(&self, network: Network) -> Result<(), ApiError> {
        self.check(|buckets| buckets.per_network.check(network))
    }

    /// Counts a sign-in. The result does not depend on whether the account exists, so it reveals nothing about that.
    /// `is_known` is whether any user was recently signed in from the address: other addresses in the same network
    /// then do not use up its limit.
    ///
    /// # Errors
    /// Fails if there are so many that the password is not checked.
    pub fn sign_in(
        &self,
        address: IpAddr,
        username: &str,
        is_known: bool,
    ) -> Result<SignInLimit, ApiError> {
        let Some(buckets) = self.buckets() else { return Ok(SignInLimit::Within) };
        let (network, client) = (Network::from(address), ClientAddress::from(address));
        let key = name_key(username);
        buckets.sign_ins_per_account_and_address.check((client, &key))?;
        let over_limit = match buckets.sign_ins_per_network.check(network) {
            Err(refusal) => SignInLimit::NetworkExceeded(refusal),
            Ok(()) => match buckets.sign_ins_per_account.check(&key) {
                Err(refusal) => SignInLimit::AccountExceeded(refusal),
                Ok(()) => return Ok(SignInLimit::Within),
            },
        };
        buckets.over_limit_sign_ins_per_address.check(client)?;
        if !is_known {
            buckets.over_limit_sign_ins_per_network.check(network)?;
        }
        Ok(over_limit)
    }

    /// Counts a sign-in by a device that was signed in to the account before, and sent the token of that session.
    /// Other devices do not count for its limit.
    ///
    /// # Errors
    /// Fails if there are too many, by the device or by all devices of the account.
    pub fn sign_in_by_device(&self, user: UserId, earlier: SessionId) -> Result<(), ApiError> {
        self.check(|buckets| {
            buckets.sign_ins_per_device.check(earlier)?;
            buckets.device_sign_ins_per_account.check(user)
        })
    }

    /// Counts a registration, with an invitation or without.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn registration(&self, network: Network) -> Result<(), ApiError> {
        self.check(|buckets| buckets.sign_ins_per_network.check(network))
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
    pub fn password_confirmation(&self, user: UserId, session: SessionId) -> Result<(), ApiError> {
        self.check(|buckets| {
            buckets.passwords_per_session.check(session)?;
            buckets.passwords_per_account.check(user)
        })
    }

    /// Counts a change to an account's profile.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub fn profile(&self, user: UserId) -> Result<(), ApiError> {
        self.check(|buckets| buckets.profiles.check(user))
    }

    /// Counts people that an account adds to conversations.
    ///
    /// # Errors
    /// Fails if there are too many, with the time until it may add that many.
    pub fn members(&self, user: UserId, count: usize) -> Result<(), ApiError> {
        let Some(count) = u32::try_from(count).ok().and_then(NonZeroU32::new) else {
            return Ok(());
        };
        self.check(|buckets| buckets.members.check_n(user, count))
    }

    /// Drops the buckets that are full again. Call it every [`SWEEP_INTERVAL`].
    pub fn sweep(&self) {
        let Some(buckets) = self.buckets() else { return };
        let networks = [
            &buckets.per_network,
            &buckets.sign_ins_per_network,
            &buckets.over_limit_sign_ins_per_network,
            &buckets.registrations,
        ];
        let network_limiters =
            networks.into_iter().flat_map(|limiter| [&limiter.narrow, &limiter.wide]);
        let others = [
            &buckets.per_account,
            &buckets.sign_ins_per_account_and_address,
            &buckets.sign_ins_per_account,
            &buckets.over_limit_sign_ins_per_address,
            &buckets.sign_ins_per_device,
            &buckets.device_sign_ins_per_account,
            &buckets.passwords_per_session,
            &buckets.passwords_per_account,
            &buckets.profiles,
            &buckets.members,
        ];
        network_limiters.chain(others).for_each(KeyedLimiter::sweep);
    }
}

/// Returns full buckets; `None`, with a warning, if there are no limits.
fn buckets(requests: u32) -> Option<Arc<Buckets>> {
    let buckets = Buckets::new(requests).map(Arc::new);
    if buckets.is_none() {
        tracing::warn!(
            "requests_per_second = 0 switches off all rate limits, also those on guessing passwords"
        );
    }
    buckets
}

/// Returns a key that is the same for all spellings of a username, including names that nobody may
/// register.
fn name_key(username: &str) -> String {
    username_key(username).unwrap_or_else(|| username.to_owned())
}

#[cfg(test)]
mod tests;
