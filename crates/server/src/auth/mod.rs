//! Signing in, and staying signed in: passwords and sessions.

mod last_seen;
mod lifetime;
mod password_rules;
mod passwords;
mod session_cache;

pub use last_seen::LastSeen;
pub use lifetime::Lifetime;
pub use password_rules::check_password;
pub use passwords::Passwords;
pub use session_cache::SessionCache;

use crate::audit::Failures;
use crate::lock::lock;
use parlour_protocol::Registration;
use std::sync::Mutex;

/// What sign-ins share.
pub struct SignIn {
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Sessions that were good a moment ago.
    pub sessions: SessionCache,
    /// When sessions' uses were noted.
    pub last_seen: LastSeen,
    /// Sign-ins that failed.
    pub failures: Failures,
    /// What may change while the server runs.
    pub policy: Mutex<Policy>,
}

/// Who gets in, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// How long sessions last.
    pub lifetime: Lifetime,
    /// Who may register.
    pub registration: Registration,
}

impl SignIn {
    /// How long sessions last.
    pub fn lifetime(&self) -> Lifetime {
        lock(&self.policy).lifetime
    }

    /// Who may register.
    pub fn registration(&self) -> Registration {
        lock(&self.policy).registration
    }
}
