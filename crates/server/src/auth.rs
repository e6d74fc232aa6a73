//! Who asks: passwords, tokens, and the extractor that every route but the public ones names.

use crate::app::App;
use crate::error::ApiError;
use crate::queries::{sessions, users};
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use parlour_protocol::{ErrorCode, Millis, SessionId, UserId, limits};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Passwords hashed or checked at the same time; each takes a core for about a quarter second.
const HASHING: usize = 2;
/// Most that wait for their turn.
const HASHING_WAITING: usize = 64;
/// An account's `last_seen` is written at most this often.
const SEEN_EVERY: i64 = 60_000;

/// The authenticated user of a request. A handler without it is public.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// Who.
    pub user_id: UserId,
    /// Through which session.
    pub session_id: SessionId,
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token =
            header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(ApiError::token)?;
        let now = app.now();
        let tx = app.db.read().await?;
        let caller = sessions::find(&tx, &digest(token), now).await?.ok_or_else(ApiError::token)?;
        drop(tx);
        if app.seen.is_due(caller.user_id, now) {
            app.write(move |tx| Box::pin(users::touch(tx, caller.user_id, now))).await?;
        }
        Ok(caller)
    }
}

/// When each account's `last_seen` was written.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<UserId, Millis>>);

impl LastSeen {
    fn is_due(&self, user: UserId, now: Millis) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = written.get(&user).is_none_or(|at| now.0 - at.0 >= SEEN_EVERY);
        if due {
            written.insert(user, now);
        }
        due
    }
}

/// 256 random bits with a prefix by which a leaked one is recognised.
pub fn new_token() -> String {
    format!("parlour_{}", hex(&rand::random::<[u8; 32]>()))
}

/// What is stored of a token, and of anything else that is only compared: SHA-256, in hex.
pub fn digest(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    })
}

/// Hashes and checks passwords off the async threads, a few at a time.
pub struct Passwords {
    cost: u32,
    permits: Semaphore,
    waiting: Semaphore,
    /// Checked when the user is unknown, so that it costs what a wrong password costs.
    nobodys: String,
}

impl Passwords {
    /// With bcrypt's cost, 4 to 31; each step doubles the time.
    pub fn new(cost: u32) -> Self {
        Self {
            cost,
            permits: Semaphore::new(HASHING),
            waiting: Semaphore::new(HASHING_WAITING),
            nobodys: bcrypt::hash(new_token(), cost).expect("the cost is in bcrypt's range"),
        }
    }

    /// A bcrypt hash of a password that passes [`check_password`].
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        check_password(&password)?;
        let cost = self.cost;
        self.run(move || bcrypt::non_truncating_hash(password, cost)).await?.map_err(|error| {
            tracing::error!(%error, "bcrypt failed");
            ApiError::new(ErrorCode::Internal, "The server failed. Its log says why.")
        })
    }

    /// Whether the password is the hash's. Without a hash it takes as long and says no.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        let usable = hash.filter(|hash| hash.starts_with("$2"));
        let known = usable.is_some() && password.len() <= limits::PASSWORD_BYTES;
        let hash = usable.unwrap_or_else(|| self.nobodys.clone());
        let matches = self.run(move || bcrypt::verify(password, &hash)).await?;
        Ok(known && matches.unwrap_or(false))
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let _place = self.waiting.try_acquire().map_err(|_| ApiError::overloaded())?;
        let _turn = self.permits.acquire().await.map_err(|_| ApiError::overloaded())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::retry())
    }
}

/// Refuses what is too short, or longer than bcrypt reads.
pub fn check_password(password: &str) -> Result<(), ApiError> {
    if password.len() > limits::PASSWORD_BYTES {
        return Err(ApiError::invalid(format!(
            "The password is {} bytes long; at most {} can be used. Choose a shorter one.",
            password.len(),
            limits::PASSWORD_BYTES
        )));
    }
    if password.chars().count() < limits::PASSWORD_CHARS {
        let least = limits::PASSWORD_CHARS;
        return Err(ApiError::invalid(format!("The password needs at least {least} characters.")));
    }
    Ok(())
}

/// Refuses what cannot be shown or typed as a name.
pub fn check_username(username: &str) -> Result<(), ApiError> {
    let length = username.chars().count();
    if !(1..=limits::USERNAME_CHARS).contains(&length) {
        return Err(ApiError::invalid("A username has 1 to 50 characters."));
    }
    if username.chars().any(|c| c.is_control() || c.is_whitespace() || is_invisible(c)) {
        return Err(ApiError::invalid("A username has no spaces and no invisible characters."));
    }
    Ok(())
}

/// Zero-width and direction-changing characters, by which one name could pass for another
/// (Unicode TR 36).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// What makes two usernames the same: letter case does not tell them apart.
pub fn username_key(username: &str) -> String {
    username.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_over_72_bytes_is_refused_with_its_length() {
        let error = check_password(&"ä".repeat(37)).unwrap_err();
        assert_eq!(error.code, ErrorCode::Invalid);
        assert!(error.message.contains("74 bytes"), "{}", error.message);
        check_password(&"ä".repeat(36)).unwrap();
    }

    #[test]
    fn names_that_could_pass_for_others_are_refused() {
        for name in ["", "a b", "a\u{202e}b", "a\u{200b}", &"x".repeat(51)] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        for name in ["a", "wren", "Łukasz", "[Coke]", "李四"] {
            check_username(name).unwrap();
        }
    }

    #[test]
    fn tokens_are_long_recognisable_and_never_the_same() {
        let token = new_token();
        assert!(token.starts_with("parlour_") && token.len() == 8 + 64);
        assert_ne!(token, new_token());
    }
}
