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
use parlour_protocol::Registration;

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
    /// How long sessions last.
    pub lifetime: Lifetime,
    /// Who may register.
    pub registration: Registration,
}
