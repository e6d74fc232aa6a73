//! Rate limits: how often requests may be sent. There is a token bucket (governor's GCRA) for each account
//! and each network, so that none of them can take the server away from the others.

use super::limiter::{KeyedLimiter, NetworkLimiter, positive};
use super::network::{Network, Place};
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
const SIGN_INS_OF_NETWORK: u32 = 30;
/// The number of sign-ins per minute to one account from one place.
const SIGN_INS_OF_PAIR: u32 = 10;
/// The number of sign-ins per minute to one account from everywhere.
const SIGN_INS_OF_ACCOUNT: u32 = 30;
/// The number of sign-ins per minute from one place, and from the places of one network that nobody was lately
/// signed in from, that are still looked at when the limit of their network or of the account is used up.
const LATE_SIGN_INS: u32 = 30;
/// The number of sign-ins per minute by one device that was signed in before.
const SIGN_INS_OF_DEVICE: u32 = 10;
/// The number of such sign-ins per minute to one account: each returns a token that shows the same for the next.
const SIGN_INS_BY_DEVICES: u32 = 20;
/// The number of people that one account may add to conversations at once, in new groups or existing ones, and
/// how many more in an hour: each is several rows that the one writer stores.
const MEMBERS_OF_ACCOUNT: u32 = 2000;
const MEMBERS_AN_HOUR: u32 = 1200;
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
    late_sign_ins_of_place: KeyedLimiter,
    late_sign_ins_of_network: NetworkLimiter,
    sign_ins_of_device: KeyedLimiter,
    sign_ins_by_devices: KeyedLimiter,
    passwords: KeyedLimiter,
    passwords_of_account: KeyedLimiter,
    registrations: NetworkLimiter,
    profiles: KeyedLimiter,
    members: KeyedLimiter,
}

/// What the limits say of a sign-in: whether the right password is enough.
pub enum SignInLimit {
    /// It is within the limits.
    Within,
    /// The account's limit is used up. The right password is enough only from a network that the account was
    /// used from recently; anything else is refused so.
    AccountUsedUp(ApiError),
    /// The network's limit is used up. The right password is enough only from a place that the account was used
    /// from recently; anything else is refused so.
    NetworkUsedUp(ApiError),
}

impl SignInLimit {
    /// Returns what a wrong password is refused with: no different for an account that exists.
    pub fn refusal(self) -> Option<ApiError> {
        match self {
            Self::Within => None,
            Self::AccountUsedUp(refusal) | Self::NetworkUsedUp(refusal) => Some(refusal),
        }
    }
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
        let members =
            Quota::per_hour(positive(MEMBERS_AN_HOUR)).allow_burst(positive(MEMBERS_OF_ACCOUNT));
        NonZeroU32::new(requests).map(|requests| Self {
            of_account: KeyedLimiter::new(per_second(requests)),
            of_network: NetworkLimiter::new(per_second(positive(REQUESTS_OF_NETWORK))),
            sign_ins_of_network: NetworkLimiter::new(per_minute(SIGN_INS_OF_NETWORK)),
            sign_ins_of_pair: KeyedLimiter::new(per_minute(SIGN_INS_OF_PAIR)),
            sign_ins_of_account: KeyedLimiter::new(per_minute(SIGN_INS_OF_ACCOUNT)),
            late_sign_ins_of_place: KeyedLimiter::new(per_minute(LATE_SIGN_INS)),
            late_sign_ins_of_network: NetworkLimiter::new(per_minute(LATE_SIGN_INS)),
            sign_ins_of_device: KeyedLimiter::new(per_minute(SIGN_INS_OF_DEVICE)),
            sign_ins_by_devices: KeyedLimiter::new(per_minute(SIGN_INS_BY_DEVICES)),
            passwords: KeyedLimiter::new(per_minute(PASSWORDS_OF_SESSION)),
            passwords_of_account: KeyedLimiter::new(per_minute(PASSWORDS_OF_ACCOUNT)),
            registrations: NetworkLimiter::new(registrations),
            profiles: KeyedLimiter::new(profiles),
            members: KeyedLimiter::new(members),
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

    /// Counts a sign-in. What it returns does not depend on whether the account exists: not even whoever has
    /// used up a limit learns that from it. `is_known` says whether somebody, no matter who, was lately signed in
    /// from that address: strangers in the same network then do not use up what is looked at of it.
    ///
    /// # Errors
    /// Fails if there are so many that the password is not looked at.
    pub fn sign_in(
        &self,
        address: IpAddr,
        username: &str,
        is_known: bool,
    ) -> Result<SignInLimit, ApiError> {
        let Some(buckets) = self.buckets() else { return Ok(SignInLimit::Within) };
        let (network, place) = (Network::from(address), Place::from(address));
        let key = name_key(username);
        buckets.sign_ins_of_pair.check((place, &key))?;
        let late = match buckets.sign_ins_of_network.check(network) {
            Err(refusal) => SignInLimit::NetworkUsedUp(refusal),
            Ok(()) => match buckets.sign_ins_of_account.check(&key) {
                Err(refusal) => SignInLimit::AccountUsedUp(refusal),
                Ok(()) => return Ok(SignInLimit::Within),
            },
        };
        buckets.late_sign_ins_of_place.check(place)?;
        if !is_known {
            buckets.late_sign_ins_of_network.check(network)?;
        }
        Ok(late)
    }

    /// Counts a sign-in by a device that the account was signed in on before, which showed that by the token of
    /// that session. Nobody else uses up this limit.
    ///
    /// # Errors
    /// Fails if there are too many, by the device or by all devices of the account.
    pub fn sign_in_by_device(&self, user: UserId, earlier: SessionId) -> Result<(), ApiError> {
        self.check(|buckets| {
            buckets.sign_ins_of_device.check(earlier)?;
            buckets.sign_ins_by_devices.check(user)
        })
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

    /// Counts people that an account adds to conversations.
    ///
    /// # Errors
    /// Fails if there are too many, with the time until it may add so many.
    pub fn members(&self, user: UserId, many: usize) -> Result<(), ApiError> {
        let Some(many) = u32::try_from(many).ok().and_then(NonZeroU32::new) else { return Ok(()) };
        self.check(|buckets| buckets.members.check_many(user, many))
    }

    /// Drops the buckets that are full again. Call it every [`SWEEP`].
    pub fn sweep(&self) {
        let Some(buckets) = self.buckets() else { return };
        let networks = [
            &buckets.of_network,
            &buckets.sign_ins_of_network,
            &buckets.late_sign_ins_of_network,
            &buckets.registrations,
        ];
        let of_networks = networks.into_iter().flat_map(|of| [&of.narrow, &of.wide]);
        let others = [
            &buckets.of_account,
            &buckets.sign_ins_of_pair,
            &buckets.sign_ins_of_account,
            &buckets.late_sign_ins_of_place,
            &buckets.sign_ins_of_device,
            &buckets.sign_ins_by_devices,
            &buckets.passwords,
            &buckets.passwords_of_account,
            &buckets.profiles,
            &buckets.members,
        ];
        of_networks.chain(others).for_each(KeyedLimiter::sweep);
    }
}

/// Returns a key that is the same for all spellings of a username, including names that nobody may
/// register.
fn name_key(username: &str) -> String {
    username_key(username).unwrap_or_else(|| username.to_owned())
}

#[cfg(test)]
mod tests;
