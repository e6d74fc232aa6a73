//! Who came in, and what was done to accounts: a record that administrators read.
//!
//! Each entry carries a hash over its content and the hash of the one before, so that nothing in it can
//! be changed, put in between or left out without every later hash being another one. Whoever may write to
//! the database can make the whole chain anew; who wants to notice that notes the newest hash elsewhere
//! from time to time (`parlour-server audit` prints it). It holds no names, but ids; no addresses, but
//! networks; never a password, a token or a text.

use crate::app::App;
use crate::auth::{By, digest};
use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::queries::{audit as queries, users};
use parlour_protocol::{AuditEntry, Millis, UserId};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// How long an entry is kept: a year.
const KEPT_MS: i64 = 366 * 24 * 3600 * 1000;
/// Entries read or forgotten at a time.
const PAGE: i64 = 500;
/// How the chain begins.
const FIRST_HASH: &str = "";

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// An account was made.
    Registered,
    /// A session was opened.
    SignedIn,
    /// A password was wrong, or nobody's.
    SignInFailed,
    /// A session was ended by its own device.
    SignedOut,
    /// A session was ended by another device of its owner's.
    SessionEnded,
    /// All of a person's other sessions were ended.
    OthersEnded,
    /// A person changed their password.
    PasswordChanged,
    /// An administrator gave a person a password.
    PasswordReset,
    /// A person may do something else on the server.
    RoleChanged,
    /// A person has another name.
    Renamed,
    /// A person may not sign in any more.
    Deactivated,
    /// A person may sign in again.
    Reactivated,
    /// A person's name was taken out.
    Erased,
    /// An invitation was made.
    Invited,
    /// An invitation was made void.
    InvitationVoided,
    /// An administrator gave a group that nobody could run an owner.
    GroupTaken,
    /// Logs were imported.
    Imported,
    /// Everything was copied to another database.
    DatabaseCopied,
}

impl Action {
    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::SessionEnded => "session_ended",
            Self::OthersEnded => "others_ended",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::RoleChanged => "role_changed",
            Self::Renamed => "renamed",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::Erased => "erased",
            Self::Invited => "invited",
            Self::InvitationVoided => "invitation_voided",
            Self::GroupTaken => "group_taken",
            Self::Imported => "imported",
            Self::DatabaseCopied => "database_copied",
        }
    }
}

/// Something to be noted.
#[derive(Debug)]
pub struct Event {
    action: Action,
    actor: Option<UserId>,
    subject: Option<Uuid>,
    network: String,
    details: String,
}

impl Event {
    /// What somebody did.
    pub fn by(by: &By, action: Action) -> Self {
        let network = match by {
            By::Command => "command line".to_owned(),
            By::Caller(_, address) => network(*address),
        };
        Self { action, actor: by.user_id(), subject: None, network, details: String::new() }
    }

    /// What somebody did who was nobody to the server before.
    pub fn of(user: Option<UserId>, address: IpAddr, action: Action) -> Self {
        let (network, details) = (network(address), String::new());
        Self { action, actor: user, subject: None, network, details }
    }

    /// To whom or what.
    pub fn to(self, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// What else there is to know: words of the form `name=value`.
    pub fn with(self, details: impl Into<String>) -> Self {
        Self { details: details.into(), ..self }
    }
}

/// Notes an event, in the transaction of what it tells.
pub async fn note(tx: &Tx, event: Event, now: Millis) -> Result<(), DbError> {
    let (number, before) = queries::end(tx).await?.unwrap_or((0, FIRST_HASH.into()));
    let mut entry = AuditEntry {
        number: number + 1,
        at: now,
        actor: event.actor,
        action: event.action.as_str().into(),
        subject: event.subject,
        network: event.network,
        details: event.details,
        hash: String::new(),
    };
    entry.hash = hash(&before, &entry);
    queries::insert(tx, &entry).await?;
    queries::set_end(tx, entry.number, &entry.hash).await
}

/// SHA-256 over the hash before and everything in the entry, as a JSON list.
fn hash(before: &str, entry: &AuditEntry) -> String {
    let AuditEntry { number, at, actor, action, subject, network, details, hash: _ } = entry;
    let all = (before, number, at, actor, action, subject, network, details);
    digest(serde_json::to_vec(&all).expect("plain data"))
}

/// What became of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chain {
    /// Each entry is what it was when it was written, and none is missing between the first and the last.
    Whole {
        /// How many there are.
        entries: u64,
        /// The newest one's hash.
        hash: String,
    },
    /// The first entry that does not continue the one before it, or that is missing at the end.
    Broken {
        /// Its number.
        number: i64,
    },
}

/// What the people are called now whom entries are about.
pub type Names = HashMap<Uuid, String>;

/// An entry as a person reads it.
pub fn line(entry: &AuditEntry, names: &Names) -> String {
    let called = |id: Option<Uuid>| {
        let name = |id: Uuid| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
        id.map_or_else(|| "-".to_owned(), name)
    };
    let AuditEntry { number, action, network, details, .. } = entry;
    let at = jiff::Timestamp::from_millisecond(entry.at.0).unwrap_or_default();
    let (actor, subject) = (called(entry.actor.map(|actor| actor.0)), called(entry.subject));
    format!("{number} {at:.0} {action} {actor} {subject} {network} {details}").trim_end().to_owned()
}

/// Reads all of it, oldest first, and checks the chain.
///
/// # Errors
/// The database's.
pub async fn read(app: &App, mut each: impl FnMut(&AuditEntry, &Names)) -> Result<Chain, ApiError> {
    app.failures.write(app).await?;
    let tx = app.db.read().await?;
    let (mut number, mut before) = queries::start(&tx).await?.unwrap_or((0, FIRST_HASH.into()));
    let (mut entries, mut broken, mut names) = (0, None, Names::new());
    loop {
        let page = queries::after(&tx, number, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for entry in &page {
            let continues = entry.number == number + 1 && entry.hash == hash(&before, entry);
            if !continues && broken.is_none() {
                broken = Some(entry.number);
            }
            (number, before) = (entry.number, entry.hash.clone());
            entries += 1;
            for id in [entry.actor.map(|actor| actor.0), entry.subject].into_iter().flatten() {
                if !names.contains_key(&id)
                    && let Some(user) = users::find(&tx, UserId(id)).await?
                {
                    names.insert(id, user.row.username);
                }
            }
            each(entry, &names);
        }
    }
    // What was taken from the end leaves nothing behind that does not continue.
    let (last, hash) = queries::end(&tx).await?.unwrap_or((0, FIRST_HASH.into()));
    if broken.is_none() && (last, &hash) != (number, &before) {
        broken = Some(number + 1);
    }
    Ok(match broken {
        Some(number) => Chain::Broken { number },
        None => Chain::Whole { entries, hash: before },
    })
}

/// Forgets some of what is older than a year, from the beginning; what follows still continues it. Answers
/// whether there may be more.
///
/// # Errors
/// The database's.
pub async fn forget_old(tx: &Tx, now: Millis) -> Result<bool, DbError> {
    let page = queries::after(tx, 0, PAGE).await?;
    let old = page.iter().take_while(|entry| entry.at.0 < now.0 - KEPT_MS);
    let Some(last) = old.last() else { return Ok(false) };
    queries::forget(tx, last.number, &last.hash).await?;
    Ok(page.last().is_some_and(|entry| entry.number == last.number))
}

/// Different places that failures are counted of; beyond them they are counted together.
const PLACES: usize = 1000;
/// Entries that failures may make at a time: nobody fills the disk by failing.
const WRITTEN: usize = 20;

/// Sign-ins that failed and are not written yet.
#[derive(Default)]
pub struct Failures(Mutex<Counted>);

/// At which account, if there is one, and from which network.
type Place = (Option<UserId>, String);

#[derive(Default)]
struct Counted {
    of: HashMap<Place, u64>,
    elsewhere: u64,
}

impl Failures {
    /// Counts one: at which account, if there is one, and from where. What was typed is not kept.
    pub fn count(&self, user: Option<UserId>, address: IpAddr) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (user, network(address));
        if counted.of.len() >= PLACES && !counted.of.contains_key(&place) {
            counted.elsewhere += 1;
        } else {
            *counted.of.entry(place).or_default() += 1;
        }
    }

    /// Takes what was counted: the places with most of them, and how many there were elsewhere.
    fn take(&self) -> (Vec<(Place, u64)>, u64) {
        let counted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut of: Vec<_> = counted.of.into_iter().collect();
        of.sort_by(|(one, few), (other, many)| many.cmp(few).then_with(|| one.1.cmp(&other.1)));
        let rest = of.split_off(of.len().min(WRITTEN));
        (of, counted.elsewhere + rest.into_iter().map(|(_, many)| many).sum::<u64>())
    }

    /// Writes what was counted.
    ///
    /// # Errors
    /// The database's; then it is lost.
    pub async fn write(&self, app: &App) -> Result<(), ApiError> {
        let (of, elsewhere) = self.take();
        if of.is_empty() {
            return Ok(());
        }
        let now = app.now();
        app.write(move |tx| {
            Box::pin(async move {
                for ((user, network), times) in of {
                    let details = format!("times={times}");
                    let (action, subject) = (Action::SignInFailed, user.map(|user| user.0));
                    let event = Event { action, actor: None, subject, network, details };
                    note(tx, event, now).await?;
                }
                if elsewhere > 0 {
                    let (action, details) = (Action::SignInFailed, format!("times={elsewhere}"));
                    let network = "elsewhere".to_owned();
                    let event = Event { action, actor: None, subject: None, network, details };
                    note(tx, event, now).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// The network of an address, which tells a place and no household's device: IPv4 /24, IPv6 /64.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_from_everywhere_make_few_entries_and_none_is_lost() {
        let failures = Failures::default();
        for n in 0..5000_u32 {
            failures.count(None, IpAddr::from((n << 8).to_be_bytes()));
        }
        for _ in 0..7 {
            failures.count(Some(UserId(Uuid::nil())), IpAddr::from([0, 0, 0, 9]));
        }
        let (of, elsewhere) = failures.take();
        assert_eq!(of.len(), WRITTEN);
        assert_eq!(of.iter().map(|(_, times)| times).sum::<u64>() + elsewhere, 5007);
        assert!(failures.take().0.is_empty());
    }

    #[test]
    fn an_address_is_kept_as_its_network() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(of("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    }
}
