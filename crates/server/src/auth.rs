//! Who asks: passwords, tokens, and the extractor that every route but the public ones names.

use crate::app::App;
use crate::connections::Busy;
use crate::db::{Db, Tx};
use crate::error::ApiError;
use crate::queries::{sessions, users};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use parlour_protocol::{ErrorCode, Millis, SessionId, UserId, UserRole, limits};
use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;

/// Passwords hashed or checked at the same time; each takes a core for about a quarter second.
const HASHING: usize = 2;
/// Most that wait for their turn.
const HASHING_WAITING: usize = 64;
/// Of these, the places that are kept from strangers: for who is signed in, or signs in where they did
/// before.
const HASHING_KEPT: usize = 16;
/// A session's use and its owner's `last_seen` are written at most this often.
const SEEN_EVERY: i64 = 60_000;

/// The authenticated user of a request. A handler without it is public.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// Who.
    pub user_id: UserId,
    /// Through which session.
    pub session_id: SessionId,
    /// What they may do on the server, a moment ago: whatever depends on it asks [`By`] again.
    pub role: UserRole,
    /// When the session was looked at.
    seen: Seen,
}

/// When a session was looked at: by the clock, and by how often sessions were forgotten since.
#[derive(Debug, Clone, Copy)]
struct Seen(Instant, u64);

impl Caller {
    /// Refuses whose session ended while the request was on its way: its body may have been held back
    /// until then. Costs nothing where none ended meanwhile.
    pub async fn require_still(&self, app: &App) -> Result<(), ApiError> {
        if app.sessions.are_as(self.seen) {
            return Ok(());
        }
        self.require(&app.db.read().await?, app.now()).await.map(drop)
    }

    /// What they may do on the server, in the snapshot or transaction that depends on it.
    pub async fn require(&self, tx: &Tx, now: Millis) -> Result<UserRole, ApiError> {
        match sessions::standing(tx, self.session_id, now).await? {
            sessions::Standing::Good(role) => Ok(role),
            sessions::Standing::Revoked { wipe } => Err(ApiError::revoked(wipe)),
            sessions::Standing::Over => Err(ApiError::token()),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token =
            header.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(ApiError::token)?;
        let now = app.now();
        let seen = app.sessions.seen();
        let good = app.sessions.find(&app.db, digest(token), now).await?;
        app.limits.account(good.user_id)?;
        let turn = app.under_way.turn(good.user_id).await?;
        if let Some(busy) = parts.extensions.get::<Arc<Busy>>() {
            busy.hold(turn);
        }
        if app.seen.is_due(good.id, now) {
            let address = address(parts, app).to_string();
            note_use(app, &good, address, now).await;
        }
        let (user_id, session_id, role) = (good.user_id, good.id, good.role);
        Ok(Self { user_id, session_id, role, seen })
    }
}

/// By whom something is done to the server or to an account.
#[derive(Debug, Clone, Copy)]
pub enum By {
    /// Somebody at the server's own computer, by its command line.
    Command,
    /// Somebody who is signed in, from this address.
    Caller(Caller, IpAddr),
}

impl By {
    /// Who, if it is a person that the server knows.
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Command => None,
            Self::Caller(caller, _) => Some(caller.user_id),
        }
    }

    /// Refuses who does not look after the server at this moment: the right that a request was let in
    /// with may be gone. To be asked in the transaction that needs it.
    pub async fn require_administrator(&self, tx: &Tx, now: Millis) -> Result<(), ApiError> {
        match self {
            Self::Command => Ok(()),
            Self::Caller(caller, _) => may_look_after(caller.require(tx, now).await?),
        }
    }
}

fn may_look_after(role: UserRole) -> Result<(), ApiError> {
    match role {
        UserRole::Administrator => Ok(()),
        UserRole::Member => {
            Err(ApiError::forbidden("Only an administrator of the server can do this."))
        }
    }
}

/// A caller who looks after the server. The transaction asks again.
#[derive(Debug, Clone, Copy)]
pub struct Administrator(pub By);

impl FromRequestParts<App> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        may_look_after(caller.role)?;
        Ok(Self(By::Caller(caller, address(parts, app))))
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Address(pub IpAddr);

impl FromRequestParts<App> for Address {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        Ok(Self(address(parts, app)))
    }
}

/// The peer's address or, behind proxies that are trusted, the one that asked the first of them.
fn address(parts: &Parts, app: &App) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let named = app.proxies.client(&parts.headers);
    named.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// Sessions that were good a moment ago, so that not every request has to ask the database. One that
/// is ended here is forgotten at once; one that is ended on another server, within [`KNOWN_FOR`]. What
/// administrators do, and what is done to passwords and sessions, asks the database in its transaction.
#[derive(Default)]
pub struct KnownSessions(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_digest: HashMap<String, (Instant, sessions::Good)>,
    /// Counts what was forgotten: an answer of the database from before is not kept.
    forgotten: u64,
}

/// How long a session is taken to be good without asking.
const KNOWN_FOR: Duration = Duration::from_secs(1);
/// Sessions kept before all are forgotten.
const KNOWN: usize = 50_000;

impl KnownSessions {
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This moment.
    fn seen(&self) -> Seen {
        Seen(Instant::now(), self.lock().forgotten)
    }

    /// Whether what was good at a moment is still taken to be.
    fn are_as(&self, Seen(at, forgotten): Seen) -> bool {
        at.elapsed() < KNOWN_FOR && self.lock().forgotten == forgotten
    }

    /// The session whose token has this digest.
    ///
    /// # Errors
    /// It is not good, or no more.
    async fn find(&self, db: &Db, digest: String, now: Millis) -> Result<sessions::Good, ApiError> {
        let forgotten = {
            let known = self.lock();
            match known.by_digest.get(&digest) {
                Some((at, good)) if at.elapsed() < KNOWN_FOR && good.expires_at > now => {
                    return Ok(good.clone());
                }
                _ => known.forgotten,
            }
        };
        let tx = db.read().await?;
        let Some(found) = sessions::find(&tx, &digest, now).await? else {
            let ended = sessions::ended(&tx, &digest).await?;
            return Err(ended.map_or_else(ApiError::token, ApiError::revoked));
        };
        drop(tx);
        let mut known = self.lock();
        if known.forgotten == forgotten {
            if known.by_digest.len() >= KNOWN {
                known.by_digest.clear();
            }
            known.by_digest.insert(digest, (Instant::now(), found.clone()));
        }
        Ok(found)
    }

    /// Forgets what is too old to be taken as good.
    pub fn sweep(&self) {
        let mut known = self.lock();
        known.by_digest.retain(|_, (at, _)| at.elapsed() < KNOWN_FOR);
        known.by_digest.shrink_to_fit();
    }

    /// Forgets all sessions, because one of them ended or may do something else.
    pub fn forget(&self) {
        let mut known = self.lock();
        known.by_digest.clear();
        known.forgotten += 1;
    }
}

/// Notes that a session is used, which lets it last longer. A failure is the log's matter: what
/// was asked for does not depend on it.
async fn note_use(app: &App, good: &sessions::Good, address: String, now: Millis) {
    let (id, user_id) = (good.id, good.user_id);
    let expires_at = app.lifetime.expiry(good.created_at, now);
    let noted = app.write(move |tx| {
        Box::pin(async move {
            users::touch(tx, user_id, now).await?;
            Ok(sessions::touch(tx, id, &address, now, expires_at).await?)
        })
    });
    if let Err(error) = noted.await {
        tracing::warn!(session = %id, code = %error.code, "session {id}: its use was not noted");
    }
}

/// How long a session lasts.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime {
    /// Without being used.
    pub idle: Duration,
    /// However much it is used.
    pub longest: Duration,
}

impl Lifetime {
    /// When a session ends that began and was last used then.
    pub fn expiry(self, created_at: Millis, used_at: Millis) -> Millis {
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        let idle = used_at.0.saturating_add(ms(self.idle));
        Millis(idle.min(created_at.0.saturating_add(ms(self.longest))))
    }
}

/// When each session's use was noted.
#[derive(Default)]
pub struct LastSeen(Mutex<HashMap<SessionId, Millis>>);

/// Sessions remembered before all are forgotten, which costs each of them one write.
const SEEN: usize = 100_000;

impl LastSeen {
    fn is_due(&self, session: SessionId, now: Millis) -> bool {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = noted.get(&session).is_none_or(|at| now.0 - at.0 >= SEEN_EVERY || now < *at);
        if due {
            if noted.len() >= SEEN {
                noted.clear();
            }
            noted.insert(session, now);
        }
        due
    }

    /// Forgets the sessions that are due in any case.
    pub fn sweep(&self, now: Millis) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.retain(|_, at| (0..SEEN_EVERY).contains(&(now.0 - at.0)));
        noted.shrink_to_fit();
    }
}

/// 256 random bits with a prefix by which a leaked one is recognised.
pub fn new_token() -> String {
    format!("parlour_{}", hex(&rand::random::<[u8; 32]>()))
}

/// An invitation's secret: 128 random bits, short enough to be read out.
pub fn new_secret() -> String {
    hex(&rand::random::<[u8; 16]>())
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
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Checked when the user is unknown, so that it costs what a wrong password costs.
    nobodys: String,
}

impl Passwords {
    /// With bcrypt's cost, 4 to 31; each step doubles the time.
    pub fn new(cost: u32) -> Self {
        Self {
            cost,
            permits: Arc::new(Semaphore::new(HASHING)),
            waiting: Arc::new(Semaphore::new(HASHING_WAITING)),
            nobodys: bcrypt::hash(new_token(), cost).expect("the cost is in bcrypt's range"),
        }
    }

    /// A bcrypt hash of a password that passes [`check_password`], in the form that it gives.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        let password = check_password(&password)?;
        let cost = self.cost;
        self.run(HASHING_KEPT, move || bcrypt::hash(password, cost)).await?.map_err(|error| {
            tracing::error!(%error, "bcrypt failed");
            ApiError::new(ErrorCode::Internal, "The server failed. Its log says why.")
        })
    }

    /// Whether the password is the hash's, in its normal form or, for hashes of an earlier version or
    /// another program, as it was typed. How long that takes depends on what was typed and on nothing
    /// else: without a hash it takes as long and says no.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        self.compare(0, password, hash).await
    }

    /// The same for strangers, however many of them come.
    pub async fn verify_stranger(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        self.compare(HASHING_KEPT, password, hash).await
    }

    async fn compare(
        &self,
        kept: usize,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let usable = hash.filter(|hash| hash.starts_with("$2"));
        let is_known = usable.is_some();
        let hash = usable.unwrap_or_else(|| self.nobodys.clone());
        let matches = self.run(kept, move || {
            let forms = forms(&password);
            // Each is tried, whichever it is.
            let found = forms.iter().filter(|form| bcrypt::verify(form, &hash).unwrap_or(false));
            let matches = found.count() > 0;
            if forms.is_empty() {
                let _ = bcrypt::verify("", &hash);
            }
            matches
        });
        Ok(matches.await? && is_known)
    }

    /// Runs it when it is its turn, unless no more places are free than are kept for others. Its turn lasts as
    /// long as the work does, also where nobody waits for it any more.
    async fn run<T: Send + 'static>(
        &self,
        kept: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        if self.waiting.available_permits() <= kept {
            return Err(ApiError::overloaded());
        }
        let overloaded = |_| ApiError::overloaded();
        let place = self.waiting.clone().try_acquire_owned().map_err(overloaded)?;
        let turn = self.permits.clone().acquire_owned().await;
        let turn = turn.map_err(|_| ApiError::overloaded())?;
        let worked = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        });
        worked.await.map_err(|_| ApiError::retry())
    }
}

/// Longest password that is looked at, in bytes: what takes more before it is normalised takes more than
/// bcrypt reads after it.
const TYPED_BYTES: usize = 1024;

/// What makes two passwords the same, however a keyboard makes them: the profile OpaqueString of RFC 8265
/// (any space is U+0020, letters with marks are composed). Nothing if it is none there: with a control
/// character, NUL among them, or what Unicode does not know.
fn normal_form(password: &str) -> Option<String> {
    if password.len() > TYPED_BYTES {
        return None;
    }
    OpaqueString::enforce(password).ok().map(Into::into)
}

/// What a hash may have been made from: the normal form, and what was typed if that is another one. Not
/// what bcrypt would cut: it reads 72 bytes, and stops at NUL.
fn forms(password: &str) -> Vec<String> {
    let is_read = |form: &String| form.len() <= limits::PASSWORD_BYTES && !form.contains('\0');
    let normal = normal_form(password);
    let typed = Some(password.to_owned()).filter(|typed| normal.as_ref() != Some(typed));
    normal.into_iter().chain(typed).filter(is_read).collect()
}

/// The password in its normal form. Refuses what is none, what is too short, and what is longer than bcrypt
/// reads.
pub fn check_password(password: &str) -> Result<String, ApiError> {
    let too_long = |bytes: usize| {
        let most = limits::PASSWORD_BYTES;
        ApiError::invalid(format!(
            "The password is {bytes} bytes long; at most {most} can be used. Choose a shorter one.",
        ))
    };
    if password.len() > TYPED_BYTES {
        return Err(too_long(password.len()));
    }
    let password = normal_form(password).ok_or_else(|| {
        ApiError::invalid(
            "The password has a character that cannot be typed everywhere, or none at all. \
             Choose letters, digits, signs and spaces.",
        )
    })?;
    if password.len() > limits::PASSWORD_BYTES {
        return Err(too_long(password.len()));
    }
    if password.chars().count() < limits::PASSWORD_CHARS {
        let least = limits::PASSWORD_CHARS;
        return Err(ApiError::invalid(format!("The password needs at least {least} characters.")));
    }
    let plain: String = password.nfkc().flat_map(char::to_lowercase).collect();
    let first = plain.chars().next();
    if COMMON.contains(plain.as_str()) || plain.chars().all(|c| Some(c) == first) {
        return Err(ApiError::invalid(
            "This is one of the passwords that are tried first. Choose another one.",
        ));
    }
    Ok(password)
}

/// Passwords of 8 characters and more that are used most: what of Royce Williams's list of 20,000
/// (2018, from published breaches) is long enough, in lower case.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../data/common-passwords.txt").lines().collect());

/// Refuses what is too long to be anybody's name, before anything is done with it.
pub fn check_length(username: &str) -> Result<(), ApiError> {
    let length = username.chars().take(limits::USERNAME_CHARS + 1).count();
    if (1..=limits::USERNAME_CHARS).contains(&length) {
        return Ok(());
    }
    Err(ApiError::invalid("A username has 1 to 50 characters."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_over_72_bytes_is_refused_with_its_length() {
        let error = check_password(&"ä".repeat(37)).unwrap_err();
        assert_eq!(error.code, ErrorCode::Invalid);
        assert!(error.message.contains("74 bytes"), "{}", error.message);
        check_password(&"äö".repeat(18)).unwrap();
    }

    #[tokio::test]
    async fn strangers_leave_places_to_who_was_here_before() {
        let passwords = Passwords::new(4);
        let all = u32::try_from(HASHING_WAITING - HASHING_KEPT).unwrap();
        let strangers = passwords.waiting.acquire_many(all).await.unwrap();
        let refused = passwords.verify_stranger("correct horse".into(), None).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        assert!(!passwords.verify("correct horse".into(), None).await.unwrap());
        drop(strangers);
        assert!(!passwords.verify_stranger("correct horse".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn who_hangs_up_does_not_give_back_the_turn_of_work_that_goes_on() {
        let passwords = Passwords::new(4);
        let (go_on, held) = std::sync::mpsc::channel::<()>();
        let working = passwords.run(0, move || held.recv());
        let hung_up = tokio::time::timeout(Duration::ZERO, working).await;
        assert!(hung_up.is_err());
        assert_eq!(passwords.permits.available_permits(), HASHING - 1);
        go_on.send(()).unwrap();
        let all = passwords.permits.acquire_many(u32::try_from(HASHING).unwrap()).await;
        assert!(all.is_ok());
    }

    #[test]
    fn a_password_is_counted_and_kept_in_its_normal_form() {
        assert_eq!(check_password("caf\u{65}\u{301} noir").unwrap(), "caf\u{e9} noir");
        assert_eq!(check_password("ideographic\u{3000}space").unwrap(), "ideographic space");
        // 36 letters of three bytes each as they are typed, of two as they are kept.
        check_password(&"e\u{301}o\u{301}".repeat(18)).unwrap();
        assert!(check_password(&"e\u{301}".repeat(37)).is_err());
        for refused in ["correct\0horse", "\0correct horse", "correct\nhorse", "correct\u{7f}horse"]
        {
            assert_eq!(
                check_password(refused).unwrap_err().code,
                ErrorCode::Invalid,
                "{refused:?}"
            );
        }
        let endless = check_password(&"x".repeat(400_000)).unwrap_err();
        assert!(endless.message.contains("400000 bytes"), "{}", endless.message);
    }

    #[test]
    fn a_typed_password_is_tried_in_at_most_two_forms_and_never_cut() {
        assert_eq!(forms("correct horse"), ["correct horse"]);
        assert_eq!(forms("e\u{301}clair"), ["\u{e9}clair", "e\u{301}clair"]);
        assert_eq!(forms("tab\there"), ["tab\there"]);
        assert!(forms("P\0P").is_empty() && forms(&"x".repeat(73)).is_empty());
    }

    #[test]
    fn what_everybody_uses_is_refused_as_a_password() {
        assert!(COMMON.len() >= 3000);
        for password in ["password1", "PassWord1", "qwertyuiop"] {
            assert!(check_password(password).is_err(), "{password}");
        }
        check_password("correct horse").unwrap();
    }

    #[test]
    fn a_session_lasts_while_it_is_used_but_not_for_ever() {
        let day = Duration::from_secs(24 * 3600);
        let lifetime = Lifetime { idle: 30 * day, longest: 180 * day };
        let at = |days: i64| Millis(days * 24 * 3600 * 1000);
        assert_eq!(lifetime.expiry(at(0), at(0)), at(30));
        assert_eq!(lifetime.expiry(at(0), at(100)), at(130));
        assert_eq!(lifetime.expiry(at(0), at(170)), at(180));
    }

    #[test]
    fn tokens_are_long_recognisable_and_never_the_same() {
        let token = new_token();
        assert!(token.starts_with("parlour_") && token.len() == 8 + 64);
        assert_ne!(token, new_token());
    }
}
