//! Signing in, and staying signed in: passwords and sessions.

mod known_addresses;
mod last_seen;
mod lifetime;
mod password_rules;
mod passwords;
mod session_cache;

pub use known_addresses::{KNOWN_FOR_MS, KnownAddresses};
pub use last_seen::LastSeen;
pub use lifetime::Lifetime;
pub use password_rules::check_password;
pub use passwords::Passwords;
pub use session_cache::SessionCache;

use crate::audit::Failures;
use crate::limits::Requester;
use crate::lock::lock;
use parlour_protocol::{Millis, Registration};
use std::net::IpAddr;
use std::sync::Mutex;

/// The state that sign-ins share.
pub struct SignIn {
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// The sessions that were valid a moment ago.
    pub sessions: SessionCache,
    /// When each session's use was last written.
    pub last_seen: LastSeen,
    /// The addresses that users were recently signed in from.
    pub known_addresses: KnownAddresses,
    /// The failed sign-ins that are not written to the audit log yet.
    pub failures: Failures,
    /// The settings that can change while the server runs.
    pub policy: Mutex<Policy>,
}

/// The settings for sessions and registration.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// The lifetime of sessions.
    pub lifetime: Lifetime,
    /// Who may register.
    pub registration: Registration,
}

impl SignIn {
    /// Returns the requester for password checks from this address, of somebody who is not signed in.
    pub fn requester(&self, address: IpAddr, now: Millis) -> Requester {
        let is_known = self.known_addresses.is_known(address, now);
        if is_known { Requester::known(address) } else { Requester::unknown(address) }
    }

    /// Returns the lifetime of sessions.
    pub fn lifetime(&self) -> Lifetime {
        lock(&self.policy).lifetime
    }

    /// Returns who may register.
    pub fn registration(&self) -> Registration {
        lock(&self.policy).registration
    }
}
